//! The program of module 00.

fn main() {
    println!("{}", block_cid::Block::raw("Hello IPFS!").cid());
}
