//! What can be said: the flags of `ipfs add`, and of Kubo's configuration what they need.

use std::path::PathBuf;

use anyhow::{Context, Result};
use block_cid::Hash;
use block_cid::base::Base;
use block_cid::hash::MAX_DIGEST;
use cid::Version;
use clap::Args;
use demo::Usage;
use persistent::program::size;
use persistent::program::store::note;
use unixfs_car::folder::{Estimate, Sharding};
use unixfs_car::hamt::Fanout;
use unixfs_car::import::{Filter, Keep, Options, Rules, Say};
use unixfs_car::unixfs::Mtime;
use unixfs_car::{Chunker, Layout, Profile};

use super::number;
use crate::cli::args::may_be_false;

/// What `ipfs add` has besides.
const LEFT_OUT: &str = "\
Left out of `ipfs add`: --to-files and --pin-name, since there are no pins and no MFS here; --nocopy and \
--fscache, since a store has its blocks itself; --fast-provide-root, -dag and -wait, since there is no \
network.";

/// The permissions that Kubo keeps of `--mode`.
const PERMISSIONS: u64 = 0o777;

/// `add`.
#[derive(Debug, Args)]
#[command(mut_args = may_be_false, after_help = LEFT_OUT)]
pub struct Add {
    /// Files, folders and symbolic links; - is stdin, and so is nothing
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Add folders with all that is in them
    #[arg(short, long, help_heading = "What is added")]
    pub recursive: bool,
    /// Add hidden files and folders, too, which begin with a dot
    #[arg(short = 'H', long, help_heading = "What is added")]
    pub hidden: bool,
    /// Leave out what this rule names, as *.o (may be said again)
    #[arg(long, value_name = "RULE", help_heading = "What is added")]
    pub ignore: Vec<String>,
    /// Leave out what the rules in this file name, one a line
    #[arg(long, value_name = "FILE", help_heading = "What is added")]
    pub ignore_rules_path: Option<PathBuf>,
    /// Add folders in which there is nothing
    #[arg(short = 'E', long, help_heading = "What is added", value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true")]
    pub empty_dirs: bool,
    /// Add what symbolic links lead to in their place
    #[arg(long, help_heading = "What is added")]
    pub dereference_symlinks: bool,
    /// Add what the named paths lead to, if they are symbolic links, and links in folders as they are
    #[arg(long, help_heading = "What is added")]
    pub dereference_args: bool,
    /// The name of stdin
    #[arg(long, value_name = "NAME", help_heading = "What is added")]
    pub stdin_name: Option<String>,
    /// Put all of it into one folder, with the names that are given
    #[arg(short, long, help_heading = "What is added")]
    pub wrap_with_directory: bool,

    /// Print the CIDs alone
    #[arg(short, long, help_heading = "What is printed")]
    pub quiet: bool,
    /// Print the last CID alone, which is that of the whole
    #[arg(short = 'Q', long, help_heading = "What is printed")]
    pub quieter: bool,
    /// Print nothing
    #[arg(long, help_heading = "What is printed")]
    pub silent: bool,
    /// Show how far it is, on a terminal
    #[arg(short, long, help_heading = "What is printed", value_name = "BOOL")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub progress: Option<bool>,
    /// The base of CIDs; CIDv0 is printed as CIDv1 in any but base58btc
    #[arg(long, value_name = "BASE", value_parser = block_cid::base::parse, help_heading = "What is printed")]
    pub cid_base: Option<Base>,
    /// Print CIDv0 as CIDv1
    #[arg(long, help_heading = "What is printed")]
    pub upgrade_cidv0_in_output: bool,

    /// Print the CIDs and store nothing
    #[arg(short = 'n', long, help_heading = "What is stored")]
    pub only_hash: bool,
    /// Accepted and of no effect: pins are of another program
    #[arg(long, value_name = "BOOL", help_heading = "What is stored")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub pin: Option<bool>,

    /// All that follows at once: kubo, unixfs-v0-2015 or unixfs-v1-2025 (`ipfs config profile apply`)
    #[arg(
        long,
        value_name = "NAME",
        default_value = "kubo",
        help_heading = "What decides over CIDs"
    )]
    pub profile: String,
    /// 0 or 1 [default: 0, and 1 for other hashes than sha2-256]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=1), help_heading = "What decides over CIDs")]
    pub cid_version: Option<u64>,
    /// The hash [default: sha2-256]
    #[arg(long, value_name = "HASH", help_heading = "What decides over CIDs")]
    pub hash: Option<Hash>,
    /// Leave the bytes of files as they are, without UnixFS around them [default: with CIDv1]
    #[arg(long, value_name = "BOOL", help_heading = "What decides over CIDs")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub raw_leaves: Option<bool>,
    /// Where files are cut: size-BYTES, rabin, rabin-AVG, rabin-MIN-AVG-MAX or buzhash [default:
    /// size-262144]
    #[arg(
        short = 's',
        long,
        value_name = "CHUNKER",
        help_heading = "What decides over CIDs"
    )]
    pub chunker: Option<String>,
    /// Make trickle trees, which are quick to append to, and not balanced ones
    #[arg(short, long, help_heading = "What decides over CIDs")]
    pub trickle: bool,
    /// The most links of a file's node [default: 174]
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        help_heading = "What decides over CIDs"
    )]
    pub max_file_links: Option<i64>,
    /// The most entries of a folder that is one node [default: any number]
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        help_heading = "What decides over CIDs"
    )]
    pub max_directory_links: Option<i64>,
    /// How many places a node of a larger folder has: a power of two from 8 to 1024 [default: 256]
    #[arg(long, value_name = "N", help_heading = "What decides over CIDs")]
    pub max_hamt_fanout: Option<usize>,
    /// The most bytes of a folder that is one node; 0 for any number [default: 256KiB]
    /// (Import.UnixFSHAMTDirectorySizeThreshold)
    #[arg(long, value_name = "SIZE", value_parser = size::parse, help_heading = "What decides over CIDs")]
    pub hamt_threshold: Option<u64>,
    /// How these bytes are counted: links, block or disabled [default: links]
    /// (Import.UnixFSHAMTDirectorySizeEstimation)
    #[arg(long, value_name = "HOW", help_heading = "What decides over CIDs")]
    pub hamt_estimate: Option<Estimate>,
    /// Put small blocks into their CIDs
    #[arg(long, help_heading = "What decides over CIDs")]
    pub inline: bool,
    /// The most bytes of such a block, at most 128
    #[arg(
        long,
        value_name = "BYTES",
        default_value = "32",
        allow_negative_numbers = true,
        help_heading = "What decides over CIDs"
    )]
    pub inline_limit: i64,

    /// Keep the permissions of files and folders
    #[arg(long, help_heading = "Permissions and times")]
    pub preserve_mode: bool,
    /// Keep the times of files, folders and symbolic links
    #[arg(long, help_heading = "Permissions and times")]
    pub preserve_mtime: bool,
    /// Give all these permissions, as 0644
    #[arg(long, value_name = "MODE", value_parser = number::mode, help_heading = "Permissions and times")]
    pub mode: Option<u64>,
    /// Give all this time, in seconds since 1970
    #[arg(long, value_name = "SECONDS", value_parser = number::signed, allow_negative_numbers = true, help_heading = "Permissions and times")]
    pub mtime: Option<i64>,
    /// And so many nanoseconds
    #[arg(long, value_name = "NANOS", value_parser = clap::value_parser!(u32).range(0..1_000_000_000), help_heading = "Permissions and times")]
    pub mtime_nsecs: Option<u32>,
}

impl Add {
    /// The flags as options of an importer.
    pub fn options(&self) -> Result<Options> {
        if self.mtime_nsecs.unwrap_or(0) > 0 && self.mtime.unwrap_or(0) == 0 {
            return Err(Usage::new("--mtime-nsecs is a part of a time: say --mtime, too").into());
        }
        Ok(Options {
            profile: self.profile().map_err(super::told)?,
            keep: self.keep(),
            filter: Filter {
                hidden: self.hidden,
                ignore: self.rules()?,
            },
            follow: self.dereference_symlinks,
            empty_dirs: self.empty_dirs,
        })
    }

    fn profile(&self) -> unixfs_car::Result<Profile> {
        let mut profile: Profile = self.profile.parse()?;
        if let Some(version) = self.cid_version {
            profile.version = Version::try_from(version).ok();
        }
        profile.hash = self.hash.unwrap_or(profile.hash);
        profile.raw_leaves = self.raw_leaves.or(profile.raw_leaves);
        if let Some(chunker) = &self.chunker {
            profile.chunker = chunker.parse::<Chunker>()?;
        }
        if self.trickle {
            profile.layout = Layout::Trickle;
        }
        // 0 is as good as nothing, as in Kubo, and so is what is below it.
        let more_than_none = |n| usize::try_from(n).ok().filter(|n| *n > 0);
        let links = self.max_file_links.and_then(more_than_none);
        profile.links = links.unwrap_or(profile.links);
        // Without --inline no limit is looked at, and no block is below 0.
        profile.inline = match (self.inline, usize::try_from(self.inline_limit)) {
            (false, _) => None,
            (true, Err(_)) if self.inline_limit < 0 => None,
            (true, Ok(limit)) if limit <= MAX_DIGEST => Some(limit),
            (true, _) => {
                return Err(unixfs_car::Error::Option {
                    option: "--inline-limit",
                    reason: format!("a CID takes blocks of up to {MAX_DIGEST} bytes"),
                });
            }
        };
        let old = profile.sharding;
        profile.sharding = Sharding {
            threshold: self.hamt_threshold.unwrap_or(old.threshold),
            estimate: self.hamt_estimate.unwrap_or(old.estimate),
            max_links: match self.max_directory_links {
                Some(links) => more_than_none(links).unwrap_or(0),
                None => old.max_links,
            },
            fanout: match self.max_hamt_fanout {
                Some(places) => Fanout::new(places)?,
                None => old.fanout,
            },
        };
        Ok(profile)
    }

    /// 0 is as good as nothing, as in Kubo.
    fn keep(&self) -> Keep {
        let mode = self.mode.filter(|mode| *mode != 0);
        let mtime = self.mtime.filter(|seconds| *seconds != 0);
        Keep {
            mode: match mode {
                Some(mode) => Say::This((mode & PERMISSIONS) as u32),
                None if self.preserve_mode => Say::ItsOwn,
                None => Say::Nothing,
            },
            mtime: match mtime {
                Some(seconds) => Say::This(Mtime::new(seconds, self.mtime_nsecs.unwrap_or(0))),
                None if self.preserve_mtime => Say::ItsOwn,
                None => Say::Nothing,
            },
        }
    }

    fn rules(&self) -> Result<Rules> {
        let mut lines = String::new();
        if let Some(path) = &self.ignore_rules_path {
            let named = || format!("cannot read the rules in {}", path.display());
            lines = std::fs::read_to_string(path).with_context(named)?;
        }
        let given = self.ignore.iter().map(String::as_str);
        let rules = Rules::new(lines.split('\n').chain(given));
        for line in rules.passed_over() {
            note(&format!(
                "the rule {line:?} cannot be read, and names nothing"
            ));
        }
        Ok(rules)
    }

    /// Whether there is a bar, if there is a terminal.
    pub fn shows_progress(&self) -> bool {
        let is_quiet = self.quiet || self.quieter || self.silent;
        self.progress.unwrap_or(!is_quiet)
    }
}
