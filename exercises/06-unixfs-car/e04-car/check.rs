use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use cid::Cid;

use crate::answer::{Bad, Block, LONGEST, open, write};

/// ipfs/gateway-conformance, subdir-with-two-single-block-files.car: a folder, a folder in it, two files.
const FOLDER: &str = "
3a a265726f6f747381d82a5825000170 1220934b3db761a8632bdc6200c6f6da2398e5afea6de4266c49dcc8b54ac22e93cd
6776657273696f6e01 5b 017012 20934b3db761a8632bdc6200c6f6da2398e5afea6de4266c49dcc8b54ac22e93cd
12310a2401701220c631f39f0d7426d9e687439cda18e0d73ed714afbff70ba670d0f8cd91cfbd7712067375626469721899010a020801
9201 01701220c631f39f0d7426d9e687439cda18e0d73ed714afbff70ba670d0f8cd91cfbd77
12330a2401551220aa033cd9700e72cdbb1071e533196d5587bcfe3c824473ec6aab8b4cb07b4cbb120961736369692e747874181f
12330a2401551220a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447120968656c6c6f2e747874180c0a020801
43 01551220aa033cd9700e72cdbb1071e533196d5587bcfe3c824473ec6aab8b4cb07b4cbb
68656c6c6f206170706c69636174696f6e2f766e642e69706c642e6361720a
30 01551220a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447 68656c6c6f20776f726c640a";

/// ipld/go-unixfsnode, QmT78zSu….car: one block, with a CIDv0.
const V0: &str = "
38 a265726f6f747381d82a58230012 2046d44814b9c5af141c3aaab7c05dc5e844ead5f91f12858b021eba45768b4c0e
6776657273696f6e01 36 122046d44814b9c5af141c3aaab7c05dc5e844ead5f91f12858b021eba45768b4c0e
0a120802120c68656c6c6f20776f726c640a180c";

/// Root and blocks of a CAR, and the error that ended it.
fn all(car: impl Read) -> (Option<Cid>, Vec<Block>, Option<Bad>) {
    let (root, blocks) = match open(car) {
        Ok(opened) => opened,
        Err(bad) => return (None, Vec::new(), Some(bad)),
    };
    let (mut good, mut bad) = (Vec::new(), None);
    for next in blocks.take(1000) {
        match next {
            Ok(block) => good.push(block),
            Err(error) => bad = Some(error),
        }
    }
    (Some(root), good, bad)
}

fn reads(what: &str, car: &[u8], root: &str, lengths: &[usize], why: &str) -> Vec<Block> {
    let (yours, blocks, bad) = all(car);
    let yours = yours.map(|root| root.to_string());
    say::same(
        &format!("the error in {what}"),
        &bad.map(|bad| format!("{bad:?}")),
        &None,
        why,
    );
    say::same(
        &format!("the root of {what}"),
        &yours,
        &say::some(root),
        why,
    );
    let yours: Vec<usize> = blocks.iter().map(|(_, block)| block.len()).collect();
    say::same(
        &format!("how long the blocks of {what} are"),
        &yours,
        &lengths.to_vec(),
        why,
    );
    blocks
}

/// So many good blocks, and then this error.
fn ends(what: &str, car: &[u8], good: usize, wanted: &str, why: &str) {
    let (_, blocks, bad) = all(car);
    let told = |number: usize, bad: &str| format!("{number} good blocks, and then {bad}");
    let bad = bad.map_or("no error".to_owned(), |bad| {
        let text = format!("{bad:?}");
        text.split('(').next().unwrap_or_default().to_owned()
    });
    say::same(what, &told(blocks.len(), &bad), &told(good, wanted), why);
}

/// what is written is read, and is what was written
#[test]
fn a1_there_and_back() {
    let block = |text: &str| {
        (
            naming::v1(naming::RAW, text.as_bytes()),
            text.as_bytes().to_vec(),
        )
    };
    let blocks = vec![block("one"), block(""), block(&"long ".repeat(40))];
    let car = write(&blocks[0].0, &blocks);
    let why = "a CAR is made to carry blocks from here to there.";
    let root = blocks[0].0.to_string();
    let yours = reads("your CAR of three blocks", &car, &root, &[3, 0, 200], why);
    say::that(yours == blocks, "the blocks are others than were written");
    reads(
        "your CAR without blocks",
        &write(&blocks[0].0, &[]),
        &root,
        &[],
        why,
    );
}

/// a CAR of the tests of gateways: read, and written again to the byte
#[test]
fn c1_folder() {
    let car = unhex::of(FOLDER);
    let root = "bafybeietjm63oynimmv5yyqay33nui4y4wx6u3peezwetxgiwvfmelutzu";
    let why = "`ipfs dag import` and every gateway read these bytes.";
    let blocks = reads("a folder of two files", &car, root, &[55, 110, 31, 12], why);
    let yours = write(&Cid::try_from(root).unwrap(), &blocks);
    say::bytes("the same, written again", &yours, &car, why);
}

/// a CAR with a CIDv0, which has no version before its hash
#[test]
fn c2_v0() {
    let car = unhex::of(V0);
    let root = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";
    let why = "most of what is there was added with CIDv0.";
    let blocks = reads("a file with a CIDv0", &car, root, &[20], why);
    let yours = write(&Cid::try_from(root).unwrap(), &blocks);
    say::bytes("the same, written again", &yours, &car, why);
}

/// cut off anywhere: the good blocks first, and then the error
#[test]
fn d1_cut_off() {
    let car = unhex::of(FOLDER);
    let why = "a transfer that broke off must not look like a small folder. What came before is proven, and good.";
    // The header, and four sections: where each ends.
    let ends_at = [59, 151, 299, 367, 416];
    for len in 0..car.len() {
        let what = format!("the first {len} of 416 bytes");
        let good = ends_at
            .iter()
            .filter(|end| **end <= len)
            .count()
            .saturating_sub(1);
        let wanted = if ends_at.contains(&len) {
            "no error"
        } else {
            "CutOff"
        };
        ends(&what, &car[..len], good, wanted, why);
    }
}

/// a byte of a block is another: the blocks before it, the error, and nothing after it
#[test]
fn d2_digest() {
    let mut car = unhex::of(FOLDER);
    car[320 + 20] ^= 1;
    let why =
        "each block is proven by its CID, or it is none. Behind a lie there is nothing to believe.";
    ends(
        "a folder whose third block has a wrong bit",
        &car,
        2,
        "Digest",
        why,
    );
    // A reader that goes on after an error shows the fourth.
    let (_, blocks) = open(&car[..]).unwrap_or_else(|bad| say::wrong(format!("open: {bad:?}")));
    let after = blocks.skip_while(|next| next.is_ok()).count();
    say::same("items from the error on", &after, &1, why);
}

/// lengths of gigabytes, in a few bytes
#[test]
fn d3_giant() {
    let car = write(&naming::v1(naming::RAW, b"a"), &[]);
    let with = |length: &str| [&car[..], &unhex::of(length), b"abc"].concat();
    let why = "a length is a claim of a stranger: who makes room for it first is out of memory.";
    let giant = with("ffffffffffffff7f");
    ends("a section of 2^56 bytes", &giant, 0, "Long", why);
    ends(
        "a length of eleven bytes",
        &with("ffffffffffffffffffff01"),
        0,
        "Long",
        why,
    );
    let one_more = proto::varint(LONGEST + 1);
    let one_more = [&car[..], &one_more, &vec![0; LONGEST as usize + 1]].concat();
    ends(
        "a section of a byte more than 4 MiB",
        &one_more,
        0,
        "Long",
        why,
    );
    ends(
        "a header of 2^56 bytes",
        &unhex::of("ffffffffffffff7f"),
        0,
        "Long",
        why,
    );
}

/// sections without a CID, and headers that are none
#[test]
fn d4_no_cid() {
    let car = write(&naming::v1(naming::RAW, b"a"), &[]);
    let with = |rest: &str| [&car[..], &unhex::of(rest)].concat();
    let why = "whatever comes from outside ends in an error, and in no panic.";
    ends("a section without bytes", &with("00"), 0, "NoCid", why);
    ends("a section of a byte", &with("01 ff"), 0, "NoCid", why);
    ends(
        "a header that is a text",
        &unhex::of("0568656c6c6f"),
        0,
        "Header",
        why,
    );
    ends(
        "a header of version 2",
        &unhex::of("0aa16776657273696f6e02"),
        0,
        "Header",
        why,
    );
}

/// a block is there before the next one is read
#[test]
fn d5_stream() {
    let text = |number: u32| number.to_string().repeat(1000).into_bytes();
    let block = |number| (naming::v1(naming::RAW, &text(number)), text(number));
    let blocks: Vec<Block> = (0..100).map(block).collect();
    let car = write(&blocks[0].0, &blocks);
    let read = Rc::new(Cell::new(0));
    let counted = Counted {
        car: &car,
        read: Rc::clone(&read),
    };
    let why = "a CAR may have terabytes: it is read as a stream, a section at a time.";
    let (_, mut yours) = open(counted).unwrap_or_else(|bad| say::wrong(format!("open: {bad:?}")));
    let first = yours.next().is_some_and(|next| next.is_ok());
    say::that(
        first && read.get() < 10_000,
        format!(
            "after the first block of 1,036 bytes\nyours   {} of {} bytes read\nwanted  those of the header and of one section\n\
             Why it matters: {why}",
            read.get(),
            car.len()
        ),
    );
}

/// Counts what is read of it, and gives a few bytes at a time.
struct Counted<'a> {
    car: &'a [u8],
    read: Rc<Cell<usize>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let some = to.len().min(100);
        let len = self.car.read(&mut to[..some])?;
        self.read.set(self.read.get() + len);
        Ok(len)
    }
}

/// Kubo imports your CAR, exports it as it was, and you read that
#[test]
#[ignore = "asks an ipfs: check --kubo"]
fn k1_both_ways() {
    let root = "bafybeietjm63oynimmv5yyqay33nui4y4wx6u3peezwetxgiwvfmelutzu";
    let car = unhex::of(FOLDER);
    let why = "a file that two programs exchange has one format.";
    let blocks = reads("a folder of two files", &car, root, &[55, 110, 31, 12], why);
    let yours = write(&Cid::try_from(root).unwrap(), &blocks);
    let said = kubo::says(&["dag", "import"], &yours);
    say::that(
        said.contains(root),
        format!("`ipfs dag import` does not name your root, but says: {said}"),
    );
    let export = kubo::answer(&["dag", "export", root], b"");
    let export = say::ok("ipfs dag export", export);
    reads("what Kubo exports", &export, root, &[55, 110, 31, 12], why);
    say::bytes("your CAR, as Kubo exports it", &yours, &export, why);
}
