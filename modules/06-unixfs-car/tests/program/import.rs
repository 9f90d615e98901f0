//! `import`.

use std::io::Write;

use block_cid::{Block, MAX_BLOCK};
use persistent::Kind;
use testkit::place::ended;
use unixfs_car::car::Version;

use crate::run::{car, dag, name, place};

#[test]
fn import_stores_the_blocks_of_all_and_prints_the_roots_once() {
    let dag = dag();
    let root = *dag[0].cid();
    for kind in Kind::built().filter(|kind| kind.is_on_disk()) {
        let place = place();
        place.file(
            "a.car",
            &car(Version::V1, &[root, *dag[1].cid()], &dag[..3]),
        );
        place.file("b.car", &car(Version::INDEXED, &[root], &dag[2..]));
        let backend = ["-b", kind.name()];
        let run = |args: &[&str]| place.run(&[&backend, args].concat());
        let said = run(&["import", "--stats", "a.car", "b.car"]).good();
        let bytes: usize = dag.iter().map(Block::len).sum::<usize>() + dag[2].len();
        let wanted = format!(
            "{root}\n{}\nImported 6 blocks ({bytes} bytes)\n",
            name(&dag[1])
        );
        assert_eq!(said.out, wanted, "{kind}");
        let exported = run(&["export", &root.to_string()]).good();
        assert!(exported.bytes == car(Version::V1, &[root], &dag), "{kind}");
        let json = run(&["import", "--json", "a.car"]).good().json();
        assert_eq!(
            (&json[0]["root"], &json[0]["there"]),
            (&root.to_string().into(), &true.into())
        );
        assert_eq!((json.len(), &json[2]["blocks"]), (3, &3.into()));
    }
}

#[test]
fn import_reads_stdin_and_tells_roots_that_are_not_there() {
    let place = place();
    let dag = dag();
    let absent = Block::raw("absent");
    let bytes = car(Version::INDEXED, &[*absent.cid()], &dag);
    let said = place.feed(&bytes, &["import", "-"]).good();
    assert_eq!(said.out, format!("{}\n", absent.cid()));
    let note = format!("root {} was in no file", absent.cid());
    assert!(said.err.contains(&note), "{}", said.err);
    assert!(said.err.contains("data/pack"), "{}", said.err);
}

#[test]
fn what_comes_before_a_damage_stays_and_the_exit_code_is_1() {
    let place = place();
    let dag = dag();
    let whole = car(Version::V1, &[*dag[0].cid()], &dag);
    place.file("cut.car", &whole[..whole.len() - 1]);
    let last = name(&dag[3]);
    let said = place
        .run(&["import", "cut.car"])
        .bad(1, &["cut.car", &last, "the CAR ends"]);
    assert_eq!(said.out, "");
    assert_eq!(
        place.run(&["export", &last]).good().bytes,
        car(Version::V1, &[*dag[3].cid()], &dag[3..4])
    );
    let mut forged = whole.clone();
    let at = forged.windows(3).position(|bytes| bytes == b"one").unwrap();
    forged[at] = b'O';
    place.file("forged.car", &forged);
    place
        .run(&["import", "forged.car"])
        .bad(1, &["forged.car", &name(&dag[1]), &name(&dag[2])]);
}

/// A name that is mistyped makes no store.
#[test]
fn wrong_input_makes_no_store() {
    let place = place();
    place.file("good.car", &car(Version::V1, &[], &dag()));
    place
        .run(&["import", "good.car", "absent.car"])
        .bad(1, &["absent.car"]);
    place.run(&["import"]).bad(2, &["FILE"]);
    place
        .run(&["-b", "walrus", "import", "good.car"])
        .bad(2, &["walrus"]);
    place
        .run(&["--read-only", "import", "good.car"])
        .bad(2, &["--read-only"]);
    assert!(!place.path().join("data").exists());
}

#[test]
fn big_blocks_are_taken_when_they_are_asked_for() {
    let place = place();
    let big = Block::raw(vec![3; MAX_BLOCK as usize + 1]);
    let huge = Block::raw(vec![4; 5 << 20]);
    let blocks = [big.clone(), huge];
    place.file("big.car", &car(Version::V1, &[*big.cid()], &blocks));
    place
        .run(&["import", "big.car"])
        .bad(1, &["2097153", "--allow-big-block"]);
    place
        .run(&["import", "--allow-big-block", "big.car"])
        .good();
    place.file("one.car", &car(Version::V1, &[*big.cid()], &blocks[..1]));
    let exported = place
        .run(&["export", &name(&big), "-o", "again.car"])
        .good();
    assert_eq!(exported.out, "");
    assert!(place.read("again.car") == place.read("one.car"));
}

/// What a pipe brings is taken as it comes, and a signal ends the wait for more.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_ends_the_wait_for_a_pipe() {
    use std::process::{Command, Stdio};
    let place = place();
    let mut command = place.command(&["-b", "pack", "import", "-"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let blocks: Vec<Block> = (0..3000u32)
        .map(|n| Block::raw(n.to_le_bytes().to_vec()))
        .collect();
    let bytes = car(Version::V1, &[], &blocks);
    let mut input = child.stdin.take().unwrap();
    input.write_all(&bytes[..bytes.len() - 1]).unwrap();
    // Once the store has a log, blocks were put, and the end is waited for.
    let log = place.path().join("data/pack/blocks/000001.car");
    while !std::fs::metadata(&log).is_ok_and(|meta| meta.len() > 50_000) {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before");
    }
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let ended = ended(child.wait_with_output().unwrap())
        .bad(130, &["stopped by Ctrl-C; the store is closed"]);
    assert_eq!(ended.out, "");
    drop(input);
    let first = name(&blocks[0]);
    let next = place.run(&["-b", "pack", "export", &first]).good();
    assert_eq!(next.err, "", "the store was closed");
}
