//! Why a goal is missed where it is: what profiles have shown (S1, S2, A1; `docs/performance.md` has their
//! figures), and for the others what the code says.

/// The reasons that are known, for a goal of this name.
pub fn why(id: &str) -> Option<&'static str> {
    let known = [
        (
            "S1",
            "a store takes its ballast as it grows, which costs up to a quarter of the first 64 MiB of large blocks and nothing \
             later; the record of what was acknowledged costs up to a tenth of a put of 256 B; and a stream has to hash its first batch \
             before there is anything to write",
        ),
        (
            "S2",
            "redb: of a block that is cut to fit its page the last bytes lie in a second tree, where they are looked up, too",
        ),
        (
            "S3",
            "the first of the writers finds nobody to share with, and few puts of large blocks fit the time of a round",
        ),
        (
            "S7",
            "fjall and RocksDB write a block to their journal, which is the promise, and again to the file where it stays; what RocksDB \
             writes beyond twice is not explained yet",
        ),
        (
            "A1",
            "two thirds of what an add whose blocks go nowhere takes of the processor are the hash, and the rest is copying the file out of the \
             system's cache and into nodes, so that two cores cannot hash all of the time; an add also has to read and hash a batch before \
             there is anything to write, and a new store takes its ballast as it grows",
        ),
        (
            "A2",
            "what fjall keeps beyond what it keeps bare, and redb and pack in an export, is not explained yet; file, which keeps nothing, takes 44 MiB",
        ),
        (
            "A3",
            "RocksDB takes more than twice as long to give a block of 256 KiB as it takes to hash it",
        ),
        (
            "A4",
            "a new store takes its ballast as it grows, and a group of blocks has to be read and proven before there is anything to put",
        ),
        (
            "A6",
            "ipfs does not hash what it reads for a cat, and ours does; an add into memory is no quicker than reading and hashing",
        ),
        (
            "S12",
            "a get of pack looks a block up and has the system copy it, where an engine with the block in its own memory does neither",
        ),
    ];
    known
        .into_iter()
        .find(|(name, _)| *name == id)
        .map(|(_, why)| why)
}
