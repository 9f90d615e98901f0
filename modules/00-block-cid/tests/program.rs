//! The program as a user meets it: what it prints, how it ends.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

const HELLO: &str = "bafkreidbasoljijtgo2pzbonlg2wh3zq3omhfnv2ggubfmncsd24y3245u";
const HELLO_V0: &str = "QmUsNLPuhg4pA5NZZFf1x8cxrU2gQzBRYdDvmq2VQcBthJ";

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_00-block-cid"));
    command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(args: &[&str], input: &[u8]) -> Output {
    let mut child = program(args).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // The program may stop reading before the end, as it does for input that is too long.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// What it prints when all is well.
fn prints(args: &[&str], input: &[u8]) -> String {
    let output = run(args, input);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success() && error.is_empty(),
        "{args:?}: {error}"
    );
    String::from_utf8(output.stdout).unwrap()
}

/// How it fails: the exit code, and what it says on stderr. Nothing is on stdout.
fn fails(args: &[&str], input: &[u8]) -> (i32, String) {
    let output = run(args, input);
    assert!(output.stdout.is_empty(), "{args:?} printed something");
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// What of it the pages show, `cargo x docs` compares.
#[test]
fn the_tour_is_one_screen() {
    let tour = prints(&[], b"");
    assert!(tour.lines().count() <= 40, "{} lines", tour.lines().count());
}

#[test]
fn files_are_named_as_kubo_names_them() {
    assert_eq!(
        prints(&["cid", "-"], b"Hello IPFS!"),
        format!("{HELLO}  -\n")
    );
    assert_eq!(
        prints(&["cid", "-Q", "-"], b"Hello IPFS!"),
        format!("{HELLO}\n")
    );
    let v0 = [
        "cid",
        "-Q",
        "--cid-codec",
        "dag-pb",
        "--cid-version",
        "0",
        "-",
    ];
    assert_eq!(prints(&v0, b"Hello IPFS!"), format!("{HELLO_V0}\n"));
    // The empty directory and the empty file of `ipfs add`, from their dag-pb bytes.
    let v0 = |bytes: &[u8]| prints(&v0, bytes);
    assert_eq!(
        v0(b"\x0a\x02\x08\x01"),
        "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn\n"
    );
    assert_eq!(
        v0(b"\x0a\x04\x08\x02\x18\x00"),
        "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH\n"
    );
    let (code, error) = fails(&["cid", "--cid-version", "0", "-"], b"x");
    assert!(code == 1 && error.contains("its codec is raw"), "{error}");
}

#[test]
fn a_file_over_the_limit_is_for_module_06() {
    prints(&["cid", "-"], &vec![0; 2 << 20]);
    let (code, error) = fails(&["cid", "-"], &vec![0; (2 << 20) + 1]);
    assert!(
        code == 1 && error.contains("06-unixfs-car add -n") && error.contains("--allow-big-block"),
        "{error}"
    );
    prints(&["cid", "--allow-big-block", "-"], &vec![0; (2 << 20) + 1]);
}

#[test]
fn several_cids_come_as_arguments_or_lines() {
    let args = ["convert", "-v", "1", HELLO_V0, HELLO];
    let both = prints(&args, b"");
    assert_eq!(both.lines().count(), 2);
    let lines = format!("{HELLO_V0}\n\n /ipfs/{HELLO}\n");
    assert_eq!(prints(&["convert", "-v", "1"], lines.as_bytes()), both);
    assert_eq!(
        prints(&["convert", "--v", "1", "-"], lines.as_bytes()),
        both
    );
}

#[test]
fn conversions_go_there_and_back() {
    let dag_pb = prints(&["convert", "-v", "1", HELLO_V0], b"");
    assert_eq!(
        prints(&["convert", "-v", "0", dag_pb.trim()], b""),
        format!("{HELLO_V0}\n")
    );
    assert_eq!(
        prints(&["convert", "--mc", "raw", HELLO_V0], b""),
        format!("{HELLO}\n")
    );
    let z = prints(&["convert", "-b", "z", "--mc", "0x55", HELLO_V0], b"");
    assert_eq!(
        prints(&["convert", "-b", "base32", z.trim()], b""),
        format!("{HELLO}\n")
    );
    assert_eq!(prints(&["convert", "-b", "base32", HELLO_V0], b""), dag_pb);
    let (code, error) = fails(&["convert", "-v", "0", HELLO], b"");
    assert!(code == 1 && error.contains("has no CIDv0"), "{error}");
}

#[test]
fn explain_accounts_for_every_byte() {
    for (cid, words) in [
        (
            HELLO,
            vec!["CIDv1", "raw", "sha2-256", "32 bytes", "base32"],
        ),
        (HELLO_V0, vec!["CIDv0", "sha2-256", "32 bytes"]),
        (
            "f01b6e7edb4011220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            vec!["codec 0x"],
        ),
        ("f0155b3e7edb40103ffffff", vec!["hash 0x", "no name here"]),
        (
            "bafkqac3imvwgy3zao5xxe3de",
            vec!["identity", "the block itself: \"hello world\""],
        ),
        (
            "f0155d5011000112233445566778899aabbccddeeff",
            vec!["md5 cannot name a block"],
        ),
    ] {
        let text = prints(&["explain", cid], b"");
        for word in words {
            assert!(text.contains(word), "{word} is not in:\n{text}");
        }
        // The second column, put together, is the CID in hexadecimal.
        let table = text
            .lines()
            .skip_while(|line| !line.starts_with("offset"))
            .skip(1);
        let hex: String = table
            .filter_map(|line| line.split_whitespace().nth(1))
            .collect();
        let parsed = block_cid::text::parse(cid).unwrap();
        assert_eq!(
            hex,
            data_encoding::HEXLOWER.encode(&parsed.to_bytes()),
            "{text}"
        );
    }
}

#[test]
fn wrong_usage_is_2_and_what_went_wrong_is_1() {
    for args in [
        &["cid"][..],
        &["nonsense"],
        &["cid", "--mhtype", "sha9", "-"],
        &["convert", "-v", "2", HELLO],
    ] {
        let (code, error) = fails(args, b"");
        assert!(code == 2 && error.contains("error: "), "{args:?}: {error}");
    }
    let (code, error) = fails(&["cid", "no/such/file"], b"");
    assert_eq!(code, 1);
    assert!(
        error.contains("cannot open no/such/file\n  because: "),
        "{error}"
    );
    for command in ["explain", "convert"] {
        // As an argument it is wrong usage, and what stands before it is not done either.
        let (code, error) = fails(&[command, HELLO, "bafkrei1"], b"");
        assert!(code == 2 && error.contains("character 8 is '1'"), "{error}");
        // As a line it is input like any other.
        let (code, error) = fails(&[command], b"bafkrei1\n");
        assert!(code == 1 && error.contains("character 8 is '1'"), "{error}");
    }
    let (code, error) = fails(&["convert", "-v", "0", HELLO], b"");
    assert!(code == 1, "a CID that has no CIDv0 is a CID: {error}");
}

#[test]
fn input_without_end_is_given_up() {
    for command in ["explain", "convert"] {
        let (code, error) = fails(&[command], &[b'b'; 1 << 20]);
        assert_eq!(code, 1);
        assert!(error.contains("more than 8192 bytes"), "{error}");
        assert!(error.len() < 300, "{error}");
    }
}

/// A file with a hole, which takes no space on the disk.
#[test]
fn no_block_has_more_than_1_gib() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("big-block");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("hole");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len((1 << 30) + 1).unwrap();
    let name = path.to_str().unwrap();
    let (code, error) = fails(&["cid", "--allow-big-block", name], b"");
    std::fs::remove_file(&path).unwrap();
    assert!(code == 1 && error.contains("more than 1.0 GiB"), "{error}");
}

#[cfg(unix)]
#[test]
fn names_cannot_speak_to_the_terminal_and_need_not_be_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("names");
    std::fs::create_dir_all(&folder).unwrap();
    let run = |args: &[&[u8]]| {
        let mut command = program(&[]);
        command.args(args.iter().map(|arg| OsStr::from_bytes(arg)));
        let output = command.current_dir(&folder).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    for (name, shown) in [
        (&b"n\n\x1b[31m"[..], r"n\n\u{1b}[31m"),
        (b"n\xff", "n\u{fffd}"),
    ] {
        std::fs::write(folder.join(OsStr::from_bytes(name)), "Hello IPFS!").unwrap();
        let good = (Some(0), format!("{HELLO}  {shown}\n"), String::new());
        assert_eq!(run(&[b"cid", name]), good);
        let (code, out, error) = run(&[b"cid", &[b"no/", name].concat()]);
        assert_eq!((code, out.as_str()), (Some(1), ""));
        let first = format!("error: cannot open no/{shown}\n  because: ");
        assert!(error.starts_with(&first), "{error:?}");
    }
    let path = format!("a\n\x1b[31m/ipfs/{HELLO}");
    let (code, out, _) = run(&[b"explain", path.as_bytes()]);
    assert_eq!(code, Some(0));
    let heading = format!("a\\n\\u{{1b}}[31m/ipfs/{HELLO}\n");
    assert!(out.starts_with(&heading), "{out:?}");
}

/// `00-block-cid convert | head -1`
#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let mut child = program(&["convert"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines = format!("{HELLO}\n").repeat(100_000);
    let writer = std::thread::spawn(move || drop(stdin.write_all(lines.as_bytes())));
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 60]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn it_says_its_version() {
    assert_eq!(
        prints(&["--version"], b""),
        format!("00-block-cid {}\n", env!("CARGO_PKG_VERSION"))
    );
}
