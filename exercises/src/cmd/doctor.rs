//! `doctor`: is all there that the exercises need?

use std::fs;
use std::process::{Command, Stdio};

use super::Context;
use crate::error::Result;
use crate::{catalogue, files, place};

/// One line for each thing; 1 if one that is needed is missing. `fetch` gets what is needed offline.
pub fn run(cx: &mut Context<'_>, fetch: bool) -> Result<u8> {
    let root = place::root();
    let mut all = true;
    let mut line = |cx: &mut Context<'_>, good: bool, text: String| -> Result<()> {
        let sign = if good {
            cx.style.good("✔")
        } else {
            cx.style.bad("✘")
        };
        all &= good;
        writeln!(cx.out, "{sign} {text}")?;
        Ok(())
    };

    let wanted = files::read(&root.join("rust-toolchain.toml"))?;
    let wanted = wanted.split('"').nth(1).unwrap_or_default().to_owned();
    let rustc = said("rustc", &["--version"]);
    let text = rustc.clone().unwrap_or("rustc is not found".into());
    line(
        cx,
        rustc.is_some(),
        format!("Rust: {text}; the project asks for {wanted}"),
    )?;

    // The lab has to be there for its versions to be known.
    for module in catalogue::MODULES {
        if let Some(first) = module.exercises.first() {
            cx.lab.prepare(module, first)?;
        }
    }
    if fetch {
        let status = place::cargo(&cx.lab.dir).arg("fetch").status();
        let fetched = status.is_ok_and(|status| status.success());
        line(
            cx,
            fetched,
            "fetched: what the exercises are built of".into(),
        )?;
    }
    let offline = place::cargo(&cx.lab.dir)
        .args(["metadata", "--offline", "--format-version", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let text = if offline {
        "offline: everything is on this machine"
    } else {
        "offline: something has to be fetched first; doctor --fetch does it"
    };
    line(cx, offline, text.into())?;

    let probe = cx.lab.dir.join("probe.txt");
    let writes = files::replace(&probe, "can we write?").is_ok();
    // It is there only if it could be written.
    let _ = fs::remove_file(&probe);
    line(
        cx,
        writes,
        format!("lab: {} can be written", place::shown(&cx.lab.dir)),
    )?;

    let wsl = fs::read_to_string("/proc/version").is_ok_and(|text| text.contains("icrosoft"));
    if wsl && root.starts_with("/mnt") {
        let text = "WSL: the project lies on the disk of Windows, where building takes several times as long";
        line(cx, false, text.into())?;
    }
    let ipfs = said("ipfs", &["--version"]);
    let text = match ipfs {
        Some(version) => format!("{version}, which check --kubo asks"),
        None => "not installed, and not needed".into(),
    };
    writeln!(cx.out, "· Kubo: {text}")?;
    Ok(u8::from(!all))
}

/// What a program says of itself.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}
