//! What the command line asks for.

use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use demo::Usage;

/// What the command line asks for.
#[derive(Debug)]
pub struct Asked {
    /// The one target, if not all.
    pub target: Option<String>,
    pub until: Until,
    /// How many targets run at once.
    pub jobs: usize,
}

/// When a target ends.
#[derive(Debug, PartialEq)]
pub enum Until {
    /// After so many seconds.
    Seconds(u64),
    /// After so many inputs.
    Runs(u64),
    /// After this one input.
    Input(PathBuf),
}

impl Until {
    /// What says so to libFuzzer, to which 0 would be no end.
    pub fn args(&self) -> Vec<String> {
        match self {
            Until::Seconds(seconds) => vec![format!("-max_total_time={seconds}")],
            Until::Runs(runs) => vec![format!("-runs={runs}")],
            Until::Input(_) => Vec::new(),
        }
    }
}

impl Asked {
    pub fn parse(args: &[&str]) -> Result<Asked> {
        let mut asked = Asked {
            target: None,
            until: Until::Seconds(10),
            jobs: thread::available_parallelism().map_or(1, usize::from),
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || {
                let value = args.next().copied();
                value.with_context(|| Usage::new(format!("{arg} needs a value")))
            };
            let number = |text: &str| {
                let number = text.parse().ok().filter(|number| *number > 0_u64);
                number.with_context(|| Usage::new(format!("{arg} {text} is no number above 0")))
            };
            match *arg {
                "--seconds" => asked.until = Until::Seconds(number(value()?)?),
                "--runs" => asked.until = Until::Runs(number(value()?)?),
                "--input" => asked.until = Until::Input(value()?.into()),
                "--jobs" => asked.jobs = number(value()?)? as usize,
                flag if flag.starts_with('-') => bail!(Usage::new(format!("fuzz knows no {flag}"))),
                name => {
                    let twice = Usage::new("fuzz takes one target, or all without a name");
                    ensure!(asked.target.replace(name.to_owned()).is_none(), twice);
                }
            }
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_asked_is_read() {
        let asked = Asked::parse(&["cid", "--runs", "7", "--jobs", "3"]).unwrap();
        assert_eq!(asked.target.as_deref(), Some("cid"));
        assert_eq!((asked.until, asked.jobs), (Until::Runs(7), 3));
        assert_eq!(
            Asked::parse(&[]).unwrap().until.args(),
            ["-max_total_time=10"]
        );
        for wrong in [
            &["--runs"][..],
            &["--seconds", "0"],
            &["--fast"],
            &["cid", "text"],
        ] {
            assert!(Asked::parse(wrong).unwrap_err().is::<Usage>(), "{wrong:?}");
        }
    }
}
