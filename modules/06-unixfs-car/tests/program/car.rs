//! `car …`.

use block_cid::Block;
use unixfs_car::car::index::Format;
use unixfs_car::car::{Header, Version};

use crate::run::{car, dag, name, place};

#[test]
fn ls_lists_blocks_places_and_roots() {
    let place = place();
    let dag = dag();
    let names: Vec<String> = dag.iter().map(name).collect();
    for version in [Version::V1, Version::INDEXED] {
        let bytes = car(version, &[*dag[0].cid()], &dag);
        place.file("a.car", &bytes);
        let listed = place.run(&["car", "ls", "a.car"]).good();
        assert_eq!(
            (listed.out.lines().collect::<Vec<_>>(), listed.err.as_str()),
            (names.iter().map(String::as_str).collect(), "")
        );
        // A stream is as good as a file.
        for flags in [
            &[][..],
            &["--long"],
            &["--json"],
            &["--roots"],
            &["--roots", "--json"],
        ] {
            let args = |file| [&["car", "ls", file], flags].concat();
            let from_file = place.run(&args("a.car")).good();
            assert_eq!(
                place.feed(&bytes, &args("-")).good().out,
                from_file.out,
                "{flags:?}"
            );
        }
        assert_eq!(
            place.run(&["car", "ls", "--roots", "a.car"]).good().out,
            format!("{}\n", names[0])
        );
        let long = place.run(&["car", "ls", "-l", "a.car"]).good();
        let lines = place.run(&["car", "ls", "--json", "a.car"]).good().json();
        for ((block, line), json) in dag.iter().zip(long.out.lines()).zip(lines) {
            let at = json["block"].as_u64().unwrap() as usize;
            assert_eq!(&bytes[at..at + block.len()], &block.data()[..]);
            assert_eq!(line, format!("{}  {at}  {}", block.cid(), block.len()));
            assert!(json["offset"].as_u64().unwrap() < at as u64);
            assert_eq!(
                (&json["cid"], &json["length"]),
                (&name(block).into(), &block.len().into())
            );
        }
    }
}

#[test]
fn verify_says_what_is_there_and_names_what_is_wrong() {
    let place = place();
    let dag = dag();
    let bytes = car(Version::INDEXED, &[*dag[0].cid()], &dag);
    place.file("a.car", &bytes);
    let said = place.run(&["car", "verify", "a.car"]).good();
    let size: usize = dag.iter().map(Block::len).sum();
    let wanted = format!(
        "CARv2, 1 root, 5 blocks, {size} B, car-multihash-index-sorted with 5 entries: all good\n"
    );
    assert_eq!(said.out, wanted);
    let json = place
        .run(&["car", "verify", "--json", "a.car"])
        .good()
        .json();
    assert_eq!(
        (&json[0]["good"], &json[0]["entries"]),
        (&true.into(), &5.into())
    );

    place.file("no-root.car", &car(Version::V1, &[], &dag));
    let said = place.run(&["car", "verify", "no-root.car"]).good().out;
    assert!(
        said.contains("warning: it names no roots") && said.contains("good, with 1 warning"),
        "{said}"
    );

    let mut bad = bytes.clone();
    let at = bad.windows(3).position(|bytes| bytes == b"two").unwrap();
    bad[at] = b'T';
    place.file("bad.car", &bad);
    let said = place.run(&["car", "verify", "bad.car"]).bad(1, &[]);
    let begins = format!("{}  at byte ", dag[3].cid());
    assert!(said.out.starts_with(&begins), "{said:?}");
    assert!(
        said.out.contains("4 blocks") && said.out.contains("1 fault; get the file anew"),
        "{said:?}"
    );
    let json = place
        .run(&["car", "verify", "--json", "bad.car"])
        .bad(1, &[])
        .json();
    assert_eq!(
        (&json[0]["finding"], &json[0]["cid"]),
        (&"block".into(), &name(&dag[3]).into())
    );
    assert_eq!(
        (&json[1]["faults"], &json[1]["good"]),
        (&1.into(), &false.into())
    );
}

#[test]
fn index_adds_takes_away_and_detaches() {
    let place = place();
    let dag = dag();
    let root = [*dag[0].cid()];
    let form = |version| car(version, &root, &dag);
    place.file("v1.car", &form(Version::V1));
    place
        .run(&["car", "index", "v1.car", "-o", "v2.car"])
        .good();
    assert!(place.read("v2.car") == form(Version::INDEXED));
    for (codec, version) in [
        ("car-index-sorted", Version::Indexed(Format::Sorted)),
        ("car-multihash-index-sorted", Version::INDEXED),
        ("none", Version::V2),
    ] {
        place
            .run(&[
                "car",
                "index",
                "v2.car",
                "--index-codec",
                codec,
                "-o",
                "other.car",
            ])
            .good();
        assert!(place.read("other.car") == form(version), "{codec}");
    }
    // A CARv1 goes to stdout, too, and a file takes its own place.
    let v1 = place
        .run(&["car", "index", "--car-version", "1", "v2.car"])
        .good();
    assert!(v1.bytes == form(Version::V1));
    place
        .run(&["car", "index", "v1.car", "-o", "v1.car"])
        .good();
    assert!(place.read("v1.car") == form(Version::INDEXED));
    let v2 = form(Version::INDEXED);
    let header = Header::decode(v2[11..51].try_into().unwrap()).unwrap();
    let detached = place.run(&["car", "index", "--detach", "v2.car"]).good();
    assert!(detached.bytes == v2[header.index_offset as usize..]);
    place.run(&["car", "index", "v2.car"]).bad(2, &["-o FILE"]);
    place
        .run(&[
            "car",
            "index",
            "--car-version",
            "1",
            "--index-codec",
            "car-index-sorted",
            "v2.car",
        ])
        .bad(2, &["--index-codec"]);
    place
        .run(&["car", "index", "--car-version", "3", "v2.car"])
        .bad(2, &["3"]);
    place
        .run(&[
            "car",
            "index",
            "--detach",
            "--index-codec",
            "none",
            "v2.car",
        ])
        .bad(2, &["--detach"]);
}

#[test]
fn filter_takes_some_blocks_and_merge_all() {
    let place = place();
    let dag = dag();
    let root = *dag[0].cid();
    place.file("a.car", &car(Version::V1, &[root], &dag));
    let (two, three) = (name(&dag[3]), name(&dag[4]));
    let some = place.run(&["car", "filter", "a.car", &two, &three]).good();
    assert!(some.bytes == car(Version::V1, &[], &dag[3..]));
    assert!(some.err.contains("no root is left"), "{}", some.err);
    place.file("list", format!("\n{two}\n  {three}  \n\n").as_bytes());
    for (file, input) in [("list", ""), ("-", &format!("{three}\n{two}")[..])] {
        let rest = place
            .feed(
                input.as_bytes(),
                &["car", "filter", "a.car", "--inverse", "--cid-file", file],
            )
            .good();
        assert!(rest.bytes == car(Version::V1, &[root], &dag[..3]), "{file}");
    }
    let absent = name(&Block::raw("absent"));
    let said = place
        .run(&["car", "filter", "a.car", &absent, &two, "-o", "one.car"])
        .good();
    assert!(said.err.contains("were named: 1\n"), "{}", said.err);
    place
        .run(&["car", "filter", "a.car"])
        .bad(2, &["name the blocks"]);
    place
        .run(&["car", "filter", "a.car", "nonsense"])
        .bad(2, &["nonsense"]);
    place.file("bad-list", b"nonsense\n");
    place
        .run(&["car", "filter", "a.car", "--cid-file", "bad-list"])
        .bad(1, &["bad-list", "line 1"]);

    place.file(
        "b.car",
        &car(Version::INDEXED, &[*dag[3].cid(), root], &dag[3..]),
    );
    let roots = [root, *dag[3].cid()];
    place
        .run(&[
            "car",
            "merge",
            "a.car",
            "b.car",
            "-o",
            "all.car",
            "--car-version",
            "2",
        ])
        .good();
    assert!(place.read("all.car") == car(Version::INDEXED, &roots, &dag));
    let merged = place.run(&["car", "merge", "b.car"]).good();
    assert!(merged.bytes == car(Version::V1, &[roots[1], root], &dag[3..]));
}

/// A hash that nobody has, in a CAR: the command line is not to blame.
#[test]
fn a_hash_that_a_car_names_is_no_wrong_usage() {
    let place = place();
    let dag = dag();
    let bytes = car(Version::V1, &[], &dag);
    let prefix = &dag[3].cid().to_bytes()[..4];
    let at = bytes.windows(4).rposition(|some| some == prefix).unwrap();
    let mut other = bytes.clone();
    other[at + 2] = 0x52;
    place.file("a.car", &other);
    for command in [
        &["import", "a.car"][..],
        &["car", "merge", "a.car", "-o", "b.car"],
        &["car", "index", "a.car", "-o", "b.car"],
        &[
            "car",
            "filter",
            "--inverse",
            "a.car",
            "bafkqaaa",
            "-o",
            "b.car",
        ],
    ] {
        place.run(command).bad(1, &["a.car", "0x52"]);
    }
}

#[test]
fn get_block_gives_the_bytes_of_one() {
    let place = place();
    let dag = dag();
    let bytes = car(Version::INDEXED, &[], &dag);
    place.file("a.car", &bytes);
    assert_eq!(
        place
            .run(&["car", "get-block", "a.car", &name(&dag[3])])
            .good()
            .bytes,
        b"two"
    );
    place
        .run(&["car", "get-block", "a.car", &name(&dag[4]), "-o", "three"])
        .good();
    assert_eq!(place.read("three"), b"three");
    let absent = name(&Block::raw("absent"));
    place
        .run(&["car", "get-block", "a.car", &absent])
        .bad(1, &[&absent, "`car ls`"]);
    // An index that is none is told, and not needed.
    let header = Header::decode(bytes[11..51].try_into().unwrap()).unwrap();
    let broken = [
        &bytes[..header.index_offset as usize],
        &[0x81, 0x08, 0xff, 0xff],
    ]
    .concat();
    place.file("broken.car", &broken);
    let got = place
        .run(&["car", "get-block", "broken.car", &name(&dag[3])])
        .good();
    assert_eq!(got.bytes, b"two");
    assert!(
        got.err.contains("note: ") && got.err.contains("the index is damaged"),
        "{}",
        got.err
    );
    // So is one that has no entries.
    let lacks = [
        &bytes[..header.index_offset as usize],
        &[0x81, 0x08, 0, 0, 0, 0],
    ];
    place.file("lacks.car", &lacks.concat());
    let got = place
        .run(&["car", "get-block", "lacks.car", &name(&dag[3])])
        .good();
    assert_eq!(got.bytes, b"two");
    assert!(got.err.contains("the index is wrong"), "{}", got.err);
    let said = place.run(&["car", "verify", "lacks.car"]).bad(1, &[]).out;
    let verdict = "5 faults; the blocks are good, and `car index` makes the index anew\n";
    assert!(said.ends_with(verdict), "{said}");
}

/// What is wrong is said with the name of the file, and nothing is left of what was to be written.
#[test]
fn wrong_input_is_an_error_that_leaves_nothing() {
    let place = place();
    let dag = dag();
    let whole = car(Version::V1, &[*dag[0].cid()], &dag);
    place.file("cut.car", &whole[..whole.len() - 1]);
    place.file("text.car", b"Hello, this is no CAR at all.");
    place.file("empty.car", b"");
    place.file("esc\x1b[2J.car", b"no");
    std::fs::create_dir(place.path().join("dir")).unwrap();
    let before = std::fs::read_dir(place.path()).unwrap().count();
    for (file, code, said) in [
        ("cut.car", 1, "the CAR ends"),
        ("text.car", 1, "the CAR is damaged at byte 0"),
        ("empty.car", 1, "it is empty"),
        ("absent.car", 1, "No such file"),
        ("dir", 2, "a folder"),
        ("-", 2, "stdin"),
        ("esc\x1b[2J.car", 1, "esc\\u{1b}[2J.car"),
    ] {
        for command in [
            &["index", file, "-o", "out.car"][..],
            &["index", "--detach", file, "-o", "out.carindex"],
            &["filter", file, "bafkqaaa", "-o", "out.car"],
            &["merge", file, "-o", "out.car"],
            &[
                "get-block",
                file,
                "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u",
                "-o",
                "out",
            ],
        ] {
            let ended = place.run(&[&["car"], command].concat()).bad(code, &[said]);
            assert!(ended.out.is_empty(), "{ended:?}");
            let shown = demo::plain(file);
            assert!(file == "-" || ended.err.contains(&shown), "{ended:?}");
        }
        if file != "cut.car" {
            place.run(&["car", "verify", file]).bad(code, &[said]);
        }
    }
    place.run(&["car", "verify", "cut.car"]).bad(1, &[]);
    place
        .run(&["car", "ls", "cut.car"])
        .bad(1, &["cut.car", "the CAR ends"]);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), before);
    place.run(&["car", "merge"]).bad(2, &["FILE"]);
    place
        .run(&["car", "merge", "cut.car", "-o", "dir"])
        .bad(1, &["dir"]);
    place.run(&["car"]).bad(2, &[]);
    place.run(&["car", "nonsense"]).bad(2, &["nonsense"]);
}
