//! `ls`: the entries of folders, as `ipfs ls` shows them.

mod columns;
mod stat;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use block_cid::base::Base;
use clap::{ArgAction, Args};
use persistent::program::args::Store;
use persistent::program::stop;
use persistent::program::store::{self, Use};
use unixfs_car::dir::{List, Listed};
use unixfs_car::unixfs::Type;

use super::args::may_be_false;
use super::base::shown;
use super::cat::path;
use super::name;

/// `ls`.
#[derive(Debug, Args)]
#[command(mut_args = may_be_false)]
pub struct Ls {
    /// What to list: CID, CID/name/…, /ipfs/CID/name/… or ipfs://CID/name/…
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<OsString>,
    /// Print what the columns are
    #[arg(short = 'v', long)]
    headers: bool,
    /// Look at the entries to see what they are
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    resolve_type: bool,
    /// Look at the entries to see how large they are, and print that
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    size: bool,
    /// Print each entry as it is found, in the order of the folder, and not all of them sorted by name
    #[arg(short, long)]
    stream: bool,
    /// Print permissions and times, in UTC, where they were kept
    #[arg(short, long)]
    long: bool,
    /// The base of CIDs; CIDv0 is printed as CIDv1 in any but base58btc
    #[arg(long, value_name = "BASE", value_parser = block_cid::base::parse)]
    cid_base: Option<Base>,
}

/// The narrowest column where those to come are not known.
const STREAMED: usize = 10;

/// Lists the entries.
pub fn run(args: &Store, ls: &Ls, out: &mut dyn Write) -> Result<ExitCode> {
    store::with(args, Use::Read, |_, blocks| {
        let mut sections: Vec<(String, Vec<Listed>)> = Vec::new();
        let mut last = None;
        for given in &ls.paths {
            let cid = path(given)?.resolve(blocks)?;
            let list = List::open(blocks, &cid, ls.size || ls.resolve_type)?;
            let title = given.to_string_lossy().into_owned();
            if !ls.stream {
                let mut entries = Vec::new();
                for entry in list {
                    stop::check()?;
                    entries.push(entry?);
                }
                entries.sort_by(|a, b| a.entry.name.cmp(&b.entry.name));
                sections.push((title, entries));
                continue;
            }
            for entry in list {
                stop::check()?;
                ls.section(&title, &[entry?], &mut last, STREAMED, out)?;
            }
        }
        for (title, entries) in &sections {
            ls.section(title, entries, &mut last, 1, out)?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

impl Ls {
    /// Entries of one folder, below its title if there are several folders.
    fn section(
        &self,
        title: &str,
        entries: &[Listed],
        last: &mut Option<String>,
        narrowest: usize,
        out: &mut dyn Write,
    ) -> Result<()> {
        let mut rows = Vec::with_capacity(entries.len() + 1);
        if last.as_deref() != Some(title) {
            if self.paths.len() > 1 {
                if last.is_some() {
                    writeln!(out)?;
                }
                writeln!(out, "{}:", name::printable(title.as_bytes()))?;
            }
            if self.headers {
                rows.push(self.row("Mode", "Hash", "Size", "ModTime", "Name".into()));
            }
            *last = Some(title.to_owned());
        }
        let now = stat::now();
        for listed in entries {
            let is_folder = matches!(
                listed.kind,
                Some(Type::Directory | Type::HAMTShard | Type::Metadata)
            );
            let (size, slash) = match is_folder {
                true => ("-".to_owned(), "/"),
                false => (listed.size.to_string(), ""),
            };
            let name = name::printable(&listed.entry.name) + slash;
            let mode = stat::mode(listed);
            let time = stat::time(&listed.meta, now);
            let cid = shown(&listed.entry.cid, self.cid_base, false)?;
            rows.push(self.row(&mode, &cid, &size, &time, name));
        }
        columns::write(&rows, narrowest, out)
    }

    /// The cells that are asked for.
    fn row(&self, mode: &str, cid: &str, size: &str, time: &str, name: String) -> Vec<String> {
        let mut cells = Vec::with_capacity(5);
        if self.long {
            cells.push(mode.to_owned());
        }
        cells.push(cid.to_owned());
        if self.size {
            cells.push(size.to_owned());
        }
        if self.long {
            cells.push(time.to_owned());
        }
        cells.push(name);
        cells
    }
}
