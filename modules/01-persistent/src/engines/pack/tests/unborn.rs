//! A last segment that was hardly begun.

use std::path::Path;

use datastore::{Disk, Error};

use super::engine::{SMALL, all, disk, map, open, options, put};
use crate::engine::{Engine, Flush};
use crate::engines::pack::Pack;
use crate::engines::pack::segment::HEADER;

#[test]
fn what_a_crash_left_of_one_goes_and_another_s_file_does_not() {
    let foreign = block_cid::car::Writer::new(Vec::new(), &[]).unwrap();
    let foreign = foreign.finish().unwrap();
    let zeros = [0; 90];
    let torn = [&HEADER[..9], &[0; 40]].concat();
    for (bytes, goes) in [
        (&b""[..], true),
        (&HEADER[..5], true),
        (&zeros, true),
        (&torn, true),
        (&foreign, false),
        (b"a letter", false),
    ] {
        let disk = disk();
        let store = open(&disk);
        put(&store, 0..3, Flush::Yes);
        store.close().unwrap();
        drop(store);
        let path = Path::new("store/blocks/000002.car");
        disk.write_whole(path, bytes).unwrap();
        let opened = Pack::open_with(&options(&disk), SMALL);
        assert_eq!(disk.look(path).unwrap().is_none(), goes, "{bytes:?}");
        match opened {
            // What is shorter than a header has no section.
            Ok(store) => assert!((goes || bytes.len() < HEADER.len()) && all(&store) == map(0..3)),
            Err(Error::Corrupt { path: named, .. }) => assert!(!goes && named == path),
            Err(error) => panic!("{error}"),
        }
    }
}
