//! `convert`: other ways to write a CID.

use std::io::Write;

use block_cid::{Base, Cid, text, to_v0, to_v1};

/// `convert CID…`
#[derive(clap::Args)]
pub struct Args {
    /// CIDs, or paths and URLs with /ipfs/ in them; none, or `-`, reads them from standard input
    #[arg(value_name = "CID")]
    cids: Vec<String>,
    /// The version to write: 0 or 1. Without it, CIDv0 becomes CIDv1 only if the base or the
    /// codec asks for that
    #[arg(short, long = "v", visible_alias = "cid-version", value_name = "VERSION", value_parser = clap::value_parser!(u8).range(0..=1))]
    version: Option<u8>,
    /// The base to write a CIDv1 in, by name or prefix: base32, z, …
    #[arg(short, long = "base", visible_alias = "cid-base", value_name = "BASE", value_parser = super::base)]
    base: Option<Base>,
    /// The codec to name instead: the same bytes, said to mean something else
    #[arg(long = "mc", visible_alias = "codec", value_name = "CODEC", value_parser = super::codec)]
    codec: Option<u64>,
}

pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    super::each(&args.cids, |_, cid| {
        let cid = match args.codec {
            Some(codec) if codec != cid.codec() => Cid::new_v1(codec, *cid.hash()),
            _ => cid,
        };
        let cid = match args.version {
            Some(0) => to_v0(&cid)?,
            Some(_) => to_v1(&cid),
            None if args.base.is_some_and(|base| base != Base::Base58Btc) => to_v1(&cid),
            None => cid,
        };
        writeln!(out, "{}", text::display(&cid, args.base)?)?;
        Ok(())
    })
}
