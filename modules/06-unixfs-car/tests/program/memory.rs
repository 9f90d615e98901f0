//! How much memory the program takes for what is larger than that, threads and all: goal A2.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::Read;
use std::process::{Child, Stdio};

use block_cid::{Block, car};
use testkit::run;

use crate::run::{node, place};

const MIB: u64 = 1 << 20;

/// What a process has had in memory at most, in bytes; `None` of one that has ended.
fn peak_of(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib = line.trim().strip_suffix(" kB").unwrap();
    Some(kib.parse::<u64>().unwrap() << 10)
}

fn peak(child: &Child) -> u64 {
    peak_of(child).unwrap()
}

/// A leaf of 256 KiB.
fn leaf(n: u64) -> Block {
    let mut bytes = vec![0; 256 << 10];
    bytes[..8].copy_from_slice(&n.to_le_bytes());
    Block::raw(bytes)
}

/// `CAIRN_CAR_MIB` MiB as one DAG, through a pipe into a store of files, and out of it again.
#[test]
fn an_import_and_an_export_take_64_mib_whatever_there_is() {
    let place = place();
    let leaves = run::count("CAIRN_CAR_MIB", 192, 4096) as u64 * 4;
    // Nodes of 174 links, as in a file of Kubo's.
    let named: Vec<Block> = (0..leaves)
        .map(|n| Block::claimed(*leaf(n).cid(), Vec::new()))
        .collect();
    let inner: Vec<Block> = named
        .chunks(174)
        .map(|chunk| node(&chunk.iter().collect::<Vec<_>>()))
        .collect();
    let root = node(&inner.iter().collect::<Vec<_>>());
    let start = |args: &[&str]| {
        let store = ["-b", "file", "--min-free", "0", "--durability", "none"];
        let mut command = place.command(&[&store, args].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(Stdio::null()).spawn().unwrap()
    };

    let mut child = start(&["import", "-"]);
    let mut writer = car::Writer::new(child.stdin.take().unwrap(), &[*root.cid()]).unwrap();
    writer.put(&root).unwrap();
    for (n, inner) in inner.iter().enumerate() {
        writer.put(inner).unwrap();
        let first = n as u64 * 174;
        for n in first..leaves.min(first + 174) {
            writer.put(&leaf(n)).unwrap();
        }
    }
    let len = writer.offset();
    // All was taken but what the pipe holds, and the end is waited for.
    let import = peak(&child);
    drop(writer);
    assert!(child.wait().unwrap().success());

    let mut child = start(&["export", &root.cid().to_string()]);
    let mut out = child.stdout.take().unwrap();
    let mut read = 0;
    let mut most = 0;
    let mut buffer = vec![0; 64 << 10];
    loop {
        // While more is to come than a pipe holds it is there to be asked.
        if len - read > MIB {
            most = peak(&child);
        }
        match out.read(&mut buffer).unwrap() {
            0 => break,
            n => read += n as u64,
        }
    }
    assert!(child.wait().unwrap().success());
    assert_eq!(read, len);
    run::report(&format!(
        "a CAR of {} MiB: an import took {} MiB, an export {} MiB",
        len / MIB,
        import / MIB,
        most / MIB
    ));
    assert!(len > 3 * 64 * MIB, "{len} bytes prove little");
    assert!(import < 64 * MIB && most < 64 * MIB);
}

/// A file with a hole of `CAIRN_SPARSE_MIB` MiB: all that is there of its content is one leaf. What a child
/// has had at most never sinks, so the last that was seen of it is near the last there was.
#[test]
fn an_add_and_a_cat_take_64_mib_whatever_there_is() {
    let place = place();
    let mib = run::count("CAIRN_SPARSE_MIB", 256, 10 << 10) as u64;
    let sparse = File::create(place.path().join("sparse")).unwrap();
    sparse.set_len(mib * MIB).unwrap();
    let most = |args: &[&str]| {
        let mut command = place.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let (mut said, mut buffer, mut len) = (Vec::new(), vec![0; 64 << 10], 0);
            while let n @ 1.. = out.read(&mut buffer).unwrap() {
                len += n as u64;
                said.extend(buffer[..n].iter().take(100));
            }
            (String::from_utf8_lossy(&said).trim().to_owned(), len)
        });
        let mut most = 0;
        while child.try_wait().unwrap().is_none() {
            most = most.max(peak_of(&child).unwrap_or(0));
        }
        assert!(child.wait().unwrap().success(), "{args:?}");
        run::report(&format!("{args:?} of {mib} MiB: {} MiB", most / MIB));
        assert!(most > MIB && most < 64 * MIB, "{args:?} took {most} bytes");
        reader.join().unwrap()
    };
    let store = ["-b", "file", "--min-free", "0", "--durability", "none"];
    let (cid, _) = most(&[&store[..], &["add", "-Q", "sparse"]].concat());
    for flags in [&["-n"][..], &["-n", "--chunker=buzhash"]] {
        most(&[&["add", "-Q"], flags, &["sparse"]].concat());
    }
    let (_, len) = most(&[&store[..], &["cat", &cid]].concat());
    assert_eq!(len, mib * MIB);
}
