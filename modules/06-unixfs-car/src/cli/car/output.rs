//! A CAR that is written.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Result, bail};
use block_cid::Cid;
use clap::{Args, ValueEnum};
use demo::Usage;
use persistent::program::output::Output;
use unixfs_car::car::index::Format;
use unixfs_car::car::{Version, Writer};

use super::input::{scratch, told};

/// Where a CAR goes, and in which form.
#[derive(Debug, Args)]
pub struct To {
    /// Write to this file, which is there whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The version of the CAR; 2 has an index, and needs a file
    #[arg(long, value_name = "1|2")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=2))]
    car_version: Option<u8>,
    /// The index of a CARv2
    #[arg(long, value_name = "CODEC")]
    index_codec: Option<Codec>,
}

/// [`Format`] by name, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Codec {
    /// By hash and digest
    CarMultihashIndexSorted,
    /// By digest alone
    CarIndexSorted,
    /// No index
    None,
}

impl Codec {
    /// The format, if there is to be an index.
    pub fn format(self) -> Option<Format> {
        match self {
            Codec::CarMultihashIndexSorted => Some(Format::MultihashSorted),
            Codec::CarIndexSorted => Some(Format::Sorted),
            Codec::None => None,
        }
    }
}

impl To {
    /// What is to be written, where the flags do not say it as a CAR of the version `usual`.
    pub fn version(&self, usual: u8) -> Result<Version> {
        let codec = self.index_codec;
        match self.car_version.unwrap_or(usual) {
            1 if codec.is_some_and(|codec| codec != Codec::None) => bail!(Usage::new(
                "a CARv1 has no index: leave out --index-codec, or say --car-version 2"
            )),
            1 => Ok(Version::V1),
            _ => Ok(match self.format() {
                Some(format) => Version::Indexed(format),
                None => Version::V2,
            }),
        }
    }

    /// The format of the index, if there is to be one.
    pub fn format(&self) -> Option<Format> {
        let codec = self.index_codec.unwrap_or(Codec::CarMultihashIndexSorted);
        codec.format()
    }

    /// Has `write` write to the file of the flags, or to stdout, which is `out`. If that fails, no file
    /// is left.
    pub fn with<T>(
        &self,
        out: &mut dyn Write,
        write: impl FnOnce(&mut Output<'_>) -> Result<T>,
    ) -> Result<T> {
        if self.output.is_none() && io::stdout().is_terminal() {
            bail!(Usage::new(
                "a CAR is no text: name a file (-o FILE), or another program (| PROGRAM)"
            ));
        }
        let mut output = Output::new(self.output.as_deref(), out)?;
        let value = write(&mut output)?;
        output.finish()?;
        Ok(value)
    }

    /// Has `write` fill a CAR with these roots; with `full` its index has identity CIDs, too.
    pub fn car<T>(
        &self,
        version: Version,
        roots: &[Cid],
        full: bool,
        out: &mut dyn Write,
        write: impl FnOnce(&mut Writer<&mut Output<'_>>) -> Result<T>,
    ) -> Result<T> {
        self.with(out, |output| {
            if version != Version::V1 && !output.is_file() {
                bail!(Usage::new(
                    "a CARv2 begins with its length, which is known at the end: name a file (-o FILE), \
                     or write a CARv1 (--car-version 1)"
                ));
            }
            let writer = Writer::new(output, roots, version, &scratch());
            let mut writer = writer.map_err(told)?.with_full_index(full);
            let value = write(&mut writer)?;
            writer.finish().map_err(told)?;
            Ok(value)
        })
    }
}
