//! The command line.
//!
//! A flag that means what one of `ipfs add`, `ipfs block put` or `ipfs cid format` means has the
//! same name.

pub mod cid;
pub mod convert;
pub mod explain;
pub mod tour;

use std::io::{BufRead, Read as _};

use anyhow::Context as _;
use block_cid::{Base, Cid, Hash, base, codec, text};
use clap::{Parser, Subcommand};
use demo::Usage;

/// The longest line in bytes: room for any CID and for a URL around it.
const MAX_LINE: u64 = 8 << 10;

/// Blocks, and the CIDs that name them. Without a command: a tour.
#[derive(Parser)]
#[command(name = "00-block-cid", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Print the CID of each file, taken as one block
    Cid(cid::Args),
    /// Show what each byte of a CID says
    Explain(explain::Args),
    /// Write CIDs in another version, base or codec
    Convert(convert::Args),
}

/// A codec by name or number, for clap.
fn codec(text: &str) -> Result<u64, block_cid::Error> {
    codec::parse(text)
}

/// A hash by name, for clap.
fn hash(text: &str) -> Result<Hash, block_cid::Error> {
    text.parse()
}

/// A base by name or prefix, for clap.
fn base(text: &str) -> Result<Base, block_cid::Error> {
    base::parse(text)
}

/// Does something with each CID that is named: those given, or, for `-` and for none, each line
/// of standard input.
///
/// # Errors
/// What is given as an argument and is no CID is [`Usage`], and then nothing is done with the
/// others either; a line that is none is an [`Error`](block_cid::Error).
fn each(
    cids: &[String],
    mut act: impl FnMut(&str, Cid) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if !cids.is_empty() && cids != ["-"] {
        let parsed = cids.iter().map(|given| match text::parse(given) {
            Ok(cid) => Ok((given, cid)),
            Err(error) => Err(Usage::new(error.to_string())),
        });
        let parsed: Vec<_> = parsed.collect::<Result<_, _>>()?;
        return parsed
            .into_iter()
            .try_for_each(|(given, cid)| act(given, cid));
    }
    let mut input = std::io::stdin().lock();
    while let Some(line) = line(&mut input)? {
        if !line.trim().is_empty() {
            act(line.trim(), text::parse(line.trim())?)?;
        }
    }
    Ok(())
}

/// The next line, or `None` at the end.
fn line(input: &mut impl BufRead) -> anyhow::Result<Option<String>> {
    let mut line = Vec::new();
    let read = input.take(MAX_LINE + 1).read_until(b'\n', &mut line);
    if read.context("cannot read standard input")? == 0 {
        return Ok(None);
    }
    if line.len() as u64 > MAX_LINE {
        let start = String::from_utf8_lossy(&line);
        return Err(block_cid::Error::Text {
            text: start.chars().take(40).chain(['…']).collect(),
            reason: format!(
                "the line has more than {MAX_LINE} bytes, and a CID at most {} characters",
                base::MAX_TEXT
            ),
        }
        .into());
    }
    let line = String::from_utf8(line).context("cannot read standard input")?;
    Ok(Some(line))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_up_to_its_limit_and_no_further() {
        let fits = [&[b'b'; MAX_LINE as usize - 1][..], b"\nnext"].concat();
        let mut input = &fits[..];
        assert_eq!(line(&mut input).unwrap().unwrap().len() as u64, MAX_LINE);
        assert_eq!(line(&mut input).unwrap().unwrap(), "next");
        assert_eq!(line(&mut input).unwrap(), None);
        let long = vec![b'b'; 4 * MAX_LINE as usize];
        let mut input = &long[..];
        let error = line(&mut input).unwrap_err();
        assert!(error.is::<block_cid::Error>(), "{error}");
        assert_eq!(input.len() as u64, 3 * MAX_LINE - 1, "what is left unread");
    }
}
