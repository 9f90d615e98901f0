//! What is printed: the lines of Kubo 0.43 for the same files.

use crate::{place, sample};

/// `ipfs add -r d` with a threshold of 200 bytes, by which `d/many` is a trie, and so are `d` and
/// `d/sub` not.
const LINES: &str = "\
added Qmbvkmk9LFsGneteXk3G7YLqtLVME566ho6ibaQZZVHaC9 d/a
added QmdytmR4wULMd3SLo6ePF4s3WcRHWcpnJZ7bHhoj3QB13v d/many/dir1/f
added QmSFxnK675wQ9Kc1uqWKyJUaNxvSc2BP5DbXCD3x93oq61 d/many/dir2/f
added QmdQEnYhrhgFKPCq5eKc7xb1k7rKyb3fGMitUPKvFAscVK d/many/dir3/f
added QmR56UJmAaZLXLdTT1ALrE9vVqV8soUEekm9BMd4FnuYqV d/many/dir4/f
added QmZa1tLVa8iEoDWbvwxV7rCxGnVGUff2jhF7a2DyCk5SbY d/many/dir5/f
added QmQXqZdEwXnWgKpfJmUVaACuVar9R7vpBxtZgddQMTa2UN d/many/dir6/f
added QmR9pC5uCF3UExca8RSrCVL8eKv7nHMpATzbEQkAHpXmVM d/sub/b
added QmetGxZTgo8tYAKQH1KLsY13MxqeVHbxYVmvzBzJAKU6Z7 d/sub/deep/c
added QmasJT5tCnfkFgkEQHGZoKD1eq6B2rkAPUfxThUMxVUQpu d/sub/l
added QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn d/empty
added QmTpzPAMF3MsTnaeFr832v233kRHnp7owMprkRu6PB9tpP d/many/dir1
added QmYtsgJ5Lj98Wso5iteaLpXAaUGfjr1GZAspZBQWUoQNoc d/many/dir5
added Qmf7LcENhsmB3to1g8wiNWdC2z6gfnjdFHLqRrG19CV9XU d/many/dir3
added QmSUZmMNAgMePLZACbryJY2ecDG3nryWoVP9CkjLenKsy8 d/many/dir6
added QmfBeSgkqcRURVFxN5fCTXxiCXDvMqAXw322JMVvPU5txj d/many/dir4
added QmcXZrwSk2PFgcYU9CCfPFE5VcKohXBGFF2hvgbNS97zuR d/many/dir2
added QmafnJe7gkLif8NcXoYe6B2PaRDPQKoKCGc2Xu6TLQAjzK d/many
added QmUVkYWRFSad86zV6pbEJxFvgDTKDP93kv3Uu2mBKuPsZF d/sub/deep
added QmaFciz6mKBc3zqP3jTFpiuUXBg9vRgFbjpgz2xiGpfLKF d/sub
added QmPwm2858bpfxRQ9gwg54p1TyTVeCS2tCQUHMxioLUe2QA d
";

#[test]
fn files_come_first_and_then_folders_those_of_a_trie_by_their_hashes() {
    let place = sample();
    let threshold = "--hamt-threshold=200";
    let out = place.run(&["add", "-n", "-r", threshold, "d"]).good().out;
    assert_eq!(out, LINES);
    let quiet = place.run(&["add", "-nqr", threshold, "d"]).good().out;
    let cids = LINES.lines().map(|line| line.split(' ').nth(1).unwrap());
    assert_eq!(quiet.lines().collect::<Vec<_>>(), cids.collect::<Vec<_>>());
    let quieter = place.run(&["add", "-nQr", threshold, "d"]).good().out;
    assert_eq!(quieter, "QmPwm2858bpfxRQ9gwg54p1TyTVeCS2tCQUHMxioLUe2QA\n");
    for flag in ["--quieter=true", "-Q=true", "-QE"] {
        let out = place.run(&["add", "-nr", flag, threshold, "d"]).good().out;
        assert_eq!(out, quieter, "{flag}");
    }
    let out = place.run(&["add", "-nr", "-q=false", threshold, "d"]);
    assert_eq!(out.good().out, LINES);
    let silent = place.run(&["add", "-nr", "--silent", "d"]).good();
    assert_eq!((silent.out.as_str(), silent.err.as_str()), ("", ""));
}

/// The folder around it all has no name, and Kubo prints that.
#[test]
fn what_is_wrapped_keeps_its_name() {
    let place = sample();
    let out = place.run(&["add", "-n", "-w", "d/a"]).good().out;
    assert_eq!(
        out,
        "added Qmbvkmk9LFsGneteXk3G7YLqtLVME566ho6ibaQZZVHaC9 a\n\
         added QmP8P6d8yUwEPLXRG9ejjSmGvE7ktvjybgU8MEtaSKxAnS \n"
    );
}

#[test]
fn stdin_is_called_by_its_cid_unless_it_has_a_name() {
    let place = place();
    let hi = "QmZLRFWaz9Kypt2ACNMDzA5uzACDRiCqwdkNSP1UZsu56D";
    for (args, lines) in [
        (&["add", "-n"][..], format!("added {hi} {hi}\n")),
        (&["add", "-n", "-"], format!("added {hi} {hi}\n")),
        (
            &["add", "-n", "--stdin-name", "foo"],
            format!("added {hi} foo\n"),
        ),
        (
            &["add", "-n", "-w"],
            format!("added {hi} {hi}\nadded QmXHpyCooZTfGUctrK29UcVuDhW24LmaEnswqnQNc6Jh6T \n"),
        ),
        (
            &["add", "-nw", "--stdin-name=foo"],
            format!("added {hi} foo\nadded Qmcib3fWRVyQxCZC7aDEiEJ3fEgaFkxrR9o2Rg9ocn8gKZ \n"),
        ),
    ] {
        assert_eq!(place.feed(b"hi\n", args).good().out, lines, "{args:?}");
    }
}

#[test]
fn cids_are_printed_in_the_base_that_is_asked_for() {
    let place = place();
    place.file("hi", b"hi\n");
    let v0 = "QmZLRFWaz9Kypt2ACNMDzA5uzACDRiCqwdkNSP1UZsu56D";
    let v1 = "bafybeifdmflkybo26fnmpxrcoakgaeax4yrt2kftctbcz3zz6uz3c5p3xy";
    for (flags, cid) in [
        (&["--cid-base=base58btc"][..], v0),
        (&["--upgrade-cidv0-in-output"], v1),
        (&["--cid-base=base32"], v1),
        (&["--cid-version=1", "--raw-leaves=false"], v1),
    ] {
        let out = place
            .run(&[&["add", "-nQ"], flags, &["hi"]].concat())
            .good()
            .out;
        assert_eq!(out, format!("{cid}\n"), "{flags:?}");
    }
}

#[test]
fn names_do_not_speak_to_the_terminal() {
    let place = place();
    place.file("red\u{1b}[31m\n", b"x");
    let out = place.run(&["add", "-n", "red\u{1b}[31m\n"]).good().out;
    assert!(out.ends_with(" red\\x1b[31m\\n\n"), "{out:?}");
    // As Kubo prints it.
    place.file("back\\slash", b"x");
    let out = place.run(&["add", "-n", "back\\slash"]).good().out;
    assert!(out.ends_with(" back\\\\slash\n"), "{out:?}");
}
