//! Random trees and random flags, from a seed.

use std::fs::{self, FileTimes, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use testkit::Rng;

/// One of these.
pub fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.below(of.len() as u64) as usize]
}

/// Once in `n` times.
fn often(rng: &mut Rng, n: u64) -> bool {
    rng.once_in(n)
}

/// On both sides of where something changes: a hash inlined, a chunk full, a byte of a length more.
const SIZES: &[usize] = &[
    0, 1, 10, 31, 32, 33, 100, 127, 128, 129, 1000, 4096, 70_000, 262_143, 262_144, 262_145,
    600_000, 1_048_577,
];

/// Bytes of a file; small ones as a rule.
pub fn bytes(rng: &mut Rng) -> Vec<u8> {
    let sizes = if often(rng, 8) { SIZES } else { &SIZES[..12] };
    let len = one(rng, sizes);
    match rng.below(5) {
        0 => vec![0; len],
        _ => rng.bytes(len),
    }
}

fn name(rng: &mut Rng) -> String {
    let n = rng.below(100);
    let stem = one(
        rng,
        &[
            "a",
            "file",
            "Z",
            "_",
            "ä",
            "石塚 ",
            "#",
            "!",
            "[x]",
            ".hid",
            "f.o",
            "long-long-long-",
            "back\\slash",
            "tab\t\u{1b}[1m",
            "\u{202e}\"quoted\"",
        ],
    );
    let end = one(rng, &["", ".txt", ".o", ".c"]);
    format!("{stem}{n}{end}")
}

/// Makes a folder at `path`, with what falls to it below.
pub fn tree(rng: &mut Rng, path: &Path, depth: u32) {
    fs::create_dir(path).unwrap();
    let count = one(
        rng,
        if depth == 0 {
            &[1, 4, 9, 30]
        } else {
            &[0, 1, 3, 12]
        },
    );
    for _ in 0..count {
        let path = path.join(name(rng));
        if fs::symlink_metadata(&path).is_ok() {
            continue;
        }
        match rng.below(8) {
            0 if depth < 4 => tree(rng, &path, depth + 1),
            1 => symlink(one(rng, &["a", "..", "/etc/hosts", "x/y"]), &path).unwrap(),
            _ => {
                fs::write(&path, bytes(rng)).unwrap();
                set(&path, one(rng, &[0o644, 0o755, 0o600, 0o4755, 0o400]), rng);
            }
        }
    }
    set(path, one(rng, &[0o755, 0o700, 0o1777]), rng);
}

fn set(path: &Path, mode: u32, rng: &mut Rng) {
    let seconds = one(rng, &[0, 5, 1_600_000_000]);
    let time = match rng.below(4) {
        0 => UNIX_EPOCH - Duration::new(seconds, 7),
        1 => UNIX_EPOCH + Duration::from_secs(seconds),
        _ => UNIX_EPOCH + Duration::new(seconds, 123_456_789),
    };
    let file = fs::File::open(path).unwrap();
    file.set_times(FileTimes::new().set_modified(time)).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Flags that both programs take, of which some contradict each other.
pub fn flags(rng: &mut Rng) -> Vec<String> {
    #[rustfmt::skip]
    let choices: &[(u64, &[&str])] = &[
        (3, &["--cid-version=0", "--cid-version=1"]),
        (5, &["--hash=sha2-256", "--hash=sha2-512", "--hash=blake2b-256", "--hash=blake3", "--hash=SHA3-256", "--hash=dbl-sha2-256", "--hash=blake2b-160", "--hash=shake-256", "--hash=keccak-256", "--hash=sha1"]),
        (4, &["--raw-leaves", "--raw-leaves=false", "--raw-leaves=true"]),
        (3, &["--chunker=size-1000", "--chunker=size-77", "--chunker=rabin", "--chunker=rabin-100-1000-2000", "--chunker=rabin-2000", "--chunker=buzhash", "--chunker=size-1048576"]),
        (5, &["--trickle", "--trickle=true", "--trickle=false"]),
        (4, &["--inline"]),
        (5, &["--inline-limit=0", "--inline-limit=1", "--inline-limit=64", "--inline-limit=128", "--inline-limit=-1"]),
        (3, &["-w", "--wrap-with-directory=true"]),
        (3, &["-H", "--hidden=false"]),
        (6, &["--max-file-links=2", "--max-file-links=5", "--max-file-links=20"]),
        (6, &["--max-directory-links=1", "--max-directory-links=5", "--max-directory-links=0"]),
        (6, &["--max-hamt-fanout=8", "--max-hamt-fanout=16", "--max-hamt-fanout=1024"]),
        (6, &["--preserve-mode"]),
        (6, &["--preserve-mtime"]),
        (9, &["--mode=0644", "--mode=420", "--mode=04755", "--mode=0"]),
        (9, &["--mtime=5", "--mtime=-7", "--mtime=0"]),
        (9, &["--mtime-nsecs=0", "--mtime-nsecs=999999999"]),
        (9, &["-E=false"]),
        (9, &["--ignore=*.o", "--ignore=a*", "--ignore=**/*.txt", "--ignore=/f*", "--ignore=[ab]*"]),
        (9, &["--ignore=!*5*"]),
        (15, &["-q", "--cid-base=base36", "--upgrade-cidv0-in-output", "--dereference-args"]),
    ];
    let mut flags = Vec::new();
    for (n, values) in choices {
        if rng.once_in(*n) {
            flags.push(one(rng, values).to_owned());
        }
    }
    flags
}
