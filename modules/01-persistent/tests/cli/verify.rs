//! `verify`: what is missing is named, kept, fetched or given up; exit codes and JSON.

use std::fs;

use persistent::Kind;

use crate::run::{Place, files_with};

/// Three files of a file store: their CIDs, in the order of their names on disk.
fn filled(place: &Place) -> Vec<String> {
    for n in 0..3 {
        place.file(format!("{n}.bin"), &demo::Data::new(5).block(n, 300));
    }
    let args = ["-b", "file", "put", "-Q", "0.bin", "1.bin", "2.bin"];
    let put = place.run(&args).good();
    put.out.lines().map(str::to_owned).collect()
}

#[test]
fn a_block_that_vanished_is_missed_until_it_is_put_fetched_or_forgotten() {
    let place = Place::new();
    let cids = filled(&place);
    // A copy of the store, as a backup would be.
    let (data, copy) = (place.path().join("data"), place.path().join("copy"));
    let words = ["-r".as_ref(), data.as_os_str(), copy.as_os_str()];
    testkit::mount::run("cp", &words).unwrap();
    let files = files_with(&place.path().join("data/file/blocks"), "data");
    for file in &files {
        fs::remove_file(file).unwrap();
    }
    let verify = |args: &[&str]| place.run(&[&["-b", "file", "verify"], args].concat());
    let missing = verify(&["--json"]).bad(1, &[]);
    let lines = missing.json();
    assert_eq!(lines.len(), 4, "{missing:?}");
    for line in &lines[..3] {
        assert_eq!(line["what"], "missing", "{line}");
        assert!(cids.iter().any(|cid| line["cid"] == cid.as_str()), "{line}");
        assert!(
            files.iter().any(|file| line["path"]
                .as_str()
                .unwrap()
                .ends_with(&file.file_name().unwrap().to_string_lossy()[..])),
            "{line}"
        );
    }
    assert_eq!(
        (&lines[3]["missing"], &lines[3]["good"]),
        (&3.into(), &false.into())
    );

    place.run(&["-b", "file", "put", "-Q", "0.bin"]).good();
    assert_eq!(verify(&["--json"]).bad(1, &[]).json().len(), 3);
    // One of the two is fetched; the copy has lost the other.
    let lost = files_with(&place.path().join("copy/file/blocks"), "data");
    let name = data_encoding::BASE32_NOPAD
        .encode(&block_cid::text::parse(&cids[1]).unwrap().hash().to_bytes());
    let file = lost
        .iter()
        .find(|file| file.to_string_lossy().contains(&name))
        .unwrap();
    fs::write(file, "not that block").unwrap();
    let fetched = verify(&["--repair-from", "file:copy/file"]).bad(1, &[]);
    assert!(
        fetched.out.contains("fetched, and there again"),
        "{fetched:?}"
    );
    assert!(
        fetched.out.contains("2 missing, 1 fetched again; put"),
        "{fetched:?}"
    );
    let forgotten = verify(&["--forget"]).good();
    assert!(
        forgotten.out.contains("1 missing, 1 forgotten\n"),
        "{forgotten:?}"
    );
    assert_eq!(verify(&[]).good().out, "2 blocks, 600 B: all good\n");
}

#[test]
fn damaged_bytes_go_to_quarantine_and_the_next_put_heals() {
    let place = Place::new();
    let cids = filled(&place);
    let files = files_with(&place.path().join("data/file/blocks"), "data");
    let name = data_encoding::BASE32_NOPAD
        .encode(&block_cid::text::parse(&cids[2]).unwrap().hash().to_bytes());
    let file = files
        .iter()
        .find(|file| file.to_string_lossy().contains(&name))
        .unwrap();
    fs::write(file, "flipped").unwrap();
    let verify = place
        .run(&["-b", "file", "verify", "--quarantine", "--json"])
        .bad(1, &[]);
    let kept = verify.json()[0]["quarantine"].as_str().unwrap().to_owned();
    assert_eq!(fs::read(place.path().join(kept)).unwrap(), b"flipped");
    assert!(!file.exists());
    place.run(&["-b", "file", "get", &cids[2]]).bad(1, &[]);
    place.run(&["-b", "file", "put", "2.bin"]).good();
    place.run(&["-b", "file", "verify"]).good();
}

#[test]
fn an_unclean_end_and_a_loss_are_told_by_the_next_command() {
    let place = Place::new();
    let cids = filled(&place);
    let files = files_with(&place.path().join("data/file/blocks"), "data");
    fs::remove_file(&files[0]).unwrap();
    fs::write(
        place.path().join("data/file/lock"),
        "pid 1\nprogram killed\n",
    )
    .unwrap();
    let told = place.run(&["-b", "file", "ls"]).good();
    assert!(
        told.err
            .contains("1 block that data/file acknowledged is not there"),
        "{told:?}"
    );
    assert!(cids.iter().any(|cid| told.err.contains(cid)), "{told:?}");
}

#[test]
fn a_source_that_is_none_is_an_error_and_makes_nothing() {
    let place = Place::new();
    filled(&place);
    for kind in [Kind::File, Kind::Fjall] {
        let from = format!("{kind}:nowhere");
        place
            .run(&["-b", "file", "verify", "--repair-from", &from])
            .bad(1, &["there is no store in nowhere"]);
        assert!(!place.path().join("nowhere").exists());
    }
    place
        .run(&["-b", "file", "verify", "--repair-from", "file"])
        .bad(2, &["KIND:PATH"]);
    place
        .run(&["-b", "file", "--read-only", "verify", "--forget"])
        .bad(2, &["--read-only"]);
}
