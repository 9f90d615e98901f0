//! `choose`.

use crate::run::Place;

/// Each answer to `choose` is a command that works as it stands.
#[test]
fn what_choose_advises_works() {
    let place = Place::new();
    place.file("hello.txt", b"Hello IPFS!");
    let mut kinds = std::collections::BTreeSet::new();
    for lose in ["nothing", "last-writes", "everything", "only-the-damaged"] {
        for flags in [
            "",
            "--testing",
            "--writes",
            "--reads",
            "--records",
            "--records --writes",
            "--disk-limited",
        ] {
            let mut args = vec!["choose", "--json", "--may-lose", lose];
            args.extend(flags.split_whitespace());
            let choice = place.run(&args).good().json().remove(0);
            let command = choice["command"].as_str().unwrap();
            let (backend, rest) = command
                .split_once(" cargo run --bin 01-persistent -- ")
                .unwrap();
            let kind = backend.strip_prefix("BACKEND=").unwrap();
            assert_eq!(kind, choice["kind"]);
            let compressed = command.contains(" --compression lz4 ");
            assert_eq!(compressed, choice["compress"] == true, "{command}");
            assert_eq!(compressed, flags == "--disk-limited" && kind == "fjall");
            let durability = choice["durability"].as_str().unwrap();
            let wanted = match lose {
                _ if kind == "memory" => "none",
                "last-writes" => "batch",
                "everything" => "none",
                _ => "each",
            };
            assert_eq!(durability, wanted, "{lose}");
            let said = format!(" --durability {durability} ");
            assert_eq!(command.contains(&said), kind != "memory", "{command}");
            kinds.insert(kind.to_owned());
            let rest: Vec<&str> = rest
                .split(' ')
                .map(|word| match word {
                    "FILE" => "hello.txt",
                    other => other,
                })
                .collect();
            place.run_with(&[("BACKEND", kind)], &rest).good();
            args.retain(|arg| *arg != "--json");
            let text = place.run(&args).good().out;
            assert!(text.contains(command), "{text}");
            assert!(text.contains(choice["reason"].as_str().unwrap()), "{text}");
        }
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["file", "fjall", "memory", "pack", "redb"]
    );
}
