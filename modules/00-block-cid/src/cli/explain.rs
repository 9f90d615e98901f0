//! `explain`: what each byte of a CID says.

use std::io::Write;

use block_cid::binary::{self, Field, Span};
use block_cid::{Cid, Hash, base, codec};
use data_encoding::HEXLOWER;
use demo::{Column, Style, Table, heading};

/// `explain CID…`
#[derive(clap::Args)]
pub struct Args {
    /// CIDs, or paths and URLs with /ipfs/ in them; none, or `-`, reads them from standard input
    #[arg(value_name = "CID")]
    cids: Vec<String>,
}

pub fn run(args: &Args, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut first = true;
    super::each(&args.cids, |text, cid| {
        if !std::mem::take(&mut first) {
            writeln!(out)?;
        }
        writeln!(out, "{}", heading(text, Style::stdout()))?;
        one(text, &cid, out)
    })
}

/// The fields of one CID, which was written as `text`.
pub fn one(text: &str, cid: &Cid, out: &mut dyn Write) -> anyhow::Result<()> {
    let bytes = cid.to_bytes();
    writeln!(out, "{}, {} bytes", written(text), bytes.len())?;
    let columns = ["offset", "hex", "field", "meaning"];
    let mut table = Table::new(columns.map(Column::left)).styled(Style::stdout());
    for span in binary::fields(&bytes)? {
        let offset = span.range.start.to_string();
        let hex = bytes.get(span.range.clone()).unwrap_or_default();
        let (field, meaning) = meaning(cid, &span);
        table.row([&offset, &HEXLOWER.encode(hex), field, &meaning]);
    }
    write!(out, "{table}")?;
    Ok(())
}

/// How the text is written: its version and base.
fn written(text: &str) -> String {
    let cid = text.split_once("/ipfs/").map_or(text, |(_, after)| after);
    let first = cid.chars().next().unwrap_or_default();
    match base::all().find(|(base, _)| base.code() == first) {
        _ if cid.starts_with("Qm") => {
            "CIDv0: base58btc without a prefix, no version, and no codec (it is dag-pb)".into()
        }
        Some((_, name)) => format!("CIDv1: {first} is {name}"),
        None => "CIDv1".into(),
    }
}

fn meaning(cid: &Cid, span: &Span) -> (&'static str, String) {
    let number = span.number.unwrap_or_default();
    match span.field {
        Field::Version => ("version", format!("CIDv{number}")),
        Field::Codec => (
            "codec",
            match codec::name(number) {
                Some(name) => name.to_owned(),
                None => format!("codec 0x{number:x}, which has no name here"),
            },
        ),
        Field::Hash => (
            "hash",
            match (Hash::from_code(number), Hash::of(cid.hash())) {
                (Err(_), _) => format!("hash 0x{number:x}, which has no name here"),
                (Ok(hash), Ok(_)) => hash.to_string(),
                (Ok(_), Err(refused)) => refused.to_string(),
            },
        ),
        Field::Length => ("length", format!("{number} bytes")),
        Field::Digest => ("digest", digest(cid)),
    }
}

fn digest(cid: &Cid) -> String {
    if cid.hash().code() != Hash::IDENTITY.code() {
        return "what the bytes of the block hash to".into();
    }
    let text = String::from_utf8_lossy(cid.hash().digest());
    format!("the block itself: {text:?}")
}
