//! The tour: module 00 in one screen.

use std::io::Write;

use block_cid::{Base, Block, Blocks, Blockstore as _, Cid, Hash, codec, text, to_v0};
use datastore::{Datastore as _, Key, MemStore};
use demo::{Column, Style, Table, heading};

pub fn run(out: &mut dyn Write) -> anyhow::Result<()> {
    let style = Style::stdout();
    let block = Block::raw("Hello IPFS!");
    let cid = *block.cid();

    writeln!(
        out,
        "{}",
        heading("A block is bytes, and a CID is their name", style)
    )?;
    writeln!(
        out,
        "the block    {:?}, {} bytes",
        "Hello IPFS!",
        block.len()
    )?;
    writeln!(out, "its CID      {cid}")?;
    super::explain::one(&cid.to_string(), &cid, out)?;

    writeln!(
        out,
        "\n{}",
        heading("The same bytes, named otherwise", style)
    )?;
    let mut table = Table::new([Column::left("what changes"), Column::left("CID")]).styled(style);
    table.row(["the base", &text::display(&cid, Some(Base::Base36Lower))?]);
    let dag_pb = Cid::new_v1(codec::DAG_PB, *cid.hash());
    table.row(["the codec", &dag_pb.to_string()]);
    table.row(["the version", &to_v0(&dag_pb)?.to_string()]);
    let blake3 = Block::new(codec::RAW, Hash::BLAKE3, block.data().clone())?;
    table.row(["the hash", &blake3.cid().to_string()]);
    write!(out, "{table}")?;
    writeln!(
        out,
        "The first three hold the same hash, so a store keeps one block for them."
    )?;

    writeln!(out, "\n{}", heading("A store that believes nobody", style))?;
    let store = Blocks::new(MemStore::new());
    store.put(&block)?;
    writeln!(out, "put as       {cid}")?;
    let v0 = to_v0(&dag_pb)?;
    if let Some(found) = store.get(&v0)? {
        let text = String::from_utf8_lossy(found.data());
        writeln!(out, "got as       {}  {text:?}", found.cid())?;
    }
    if let Err(error) = store.put(&Block::claimed(cid, "Hello World")) {
        writeln!(out, "other bytes  {}", told(&error))?;
    }
    // One bit goes wrong on the disk, as bits do.
    store
        .store()
        .put(&Key::block(&cid.hash().to_bytes())?, b"Hello IPFS#")?;
    if let Err(error) = store.get(&cid) {
        writeln!(out, "one bit off  {}", told(&error))?;
    }

    writeln!(out, "\n{}", heading("Next", style))?;
    writeln!(out, "cargo run --bin 00-block-cid -- explain {cid}")?;
    writeln!(
        out,
        "echo 'hello world' | cargo run --bin 00-block-cid -- cid -"
    )?;
    writeln!(
        out,
        "cargo run --bin 01-persistent          the same store, on six engines"
    )?;
    Ok(())
}

/// An error, with what to do about it on lines of its own.
fn told(error: &block_cid::Error) -> String {
    error.to_string().replace("; ", ";\n             ")
}
