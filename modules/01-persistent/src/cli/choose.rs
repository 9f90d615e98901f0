//! `choose`: an engine for a need.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use persistent::{Durability, Kind, Loss, Needs, choose};
use serde_json::json;

use super::args::{Choose, MayLose, NAME};

/// Prints the engine, the reason, and the command that uses it.
pub fn run(args: &Choose, out: &mut dyn Write) -> Result<ExitCode> {
    let choice = choose(Needs {
        testing_only: args.testing,
        mostly_writes: args.writes,
        mostly_records: args.records,
        disk_is_limited: args.disk_limited,
        may_lose: match args.may_lose {
            MayLose::Nothing => Loss::Nothing,
            MayLose::LastWrites => Loss::LastWrites,
            MayLose::Everything => Loss::Everything,
            MayLose::OnlyTheDamaged => Loss::OnlyTheDamaged,
        },
    });
    let kind = choice.kind;
    let (durability, when) = match choice.durability {
        Durability::Each => ("each", "a write counts when it is on disk"),
        Durability::Batch => ("batch", "what was written is on disk after a sync"),
        Durability::None => ("none", "nothing is flushed on purpose"),
    };
    let mut command = format!("BACKEND={kind} cargo run --bin {NAME} --");
    if kind != Kind::Memory {
        command.push_str(&format!(" --durability {durability}"));
    }
    if choice.compress {
        command.push_str(" --compression lz4");
    }
    command.push_str(" put FILE");
    if args.json {
        let line = json!({
            "kind": kind.name(),
            "durability": durability,
            "compress": choice.compress,
            "reason": choice.reason,
            "command": command,
        });
        writeln!(out, "{line}")?;
    } else {
        writeln!(out, "{kind} ({})", kind.shape())?;
        writeln!(out, "  because {}", choice.reason)?;
        writeln!(out, "  durability {durability}: {when}")?;
        writeln!(out, "  {command}")?;
    }
    Ok(ExitCode::SUCCESS)
}
