//! What a backup says about itself, in dag-cbor.
//!
//! ```text
//! root   {"keys": 1, "time": "2026-01-01T12:00:00Z", "bytes": 266251, "cairn": "backup",
//!         "pages": [CID, …], "blocks": 3, "engine": "redb", "damaged": 0, "version": 1}
//! page   {"keys": [[key, value, more], …]}     keys that are no blocks
//! page   {"blocks": [CID, …]}                  the blocks between the page before and this one
//! ```
//!
//! So the root's CID names every byte of the backup: it links to the pages, and they link to the
//! blocks. Who has pinned the root, in any IPFS node, has pinned the whole backup.
//!
//! A page has at most [`PAGE`] bytes, so that any node takes it as a block. A value that is longer
//! is cut, and all its parts but the last say that there is `more`.
//!
//! dag-cbor has one spelling for each value: the shortest numbers and lengths, keys of a map by
//! length and then by bytes. Whatever does not come out as it went in is refused.

use block_cid::{Block, Cid, Hash, codec};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// The version of this form.
pub(crate) const VERSION: u64 = 1;

/// About how many bytes a page has at most.
pub(crate) const PAGE: usize = 1 << 20;

/// How many pages a root lists at most: as many as fit a block of 2 MiB, for a thousand million
/// blocks.
pub(crate) const MAX_PAGES: usize = 40_000;

/// What says that it is the root of a backup.
const CAIRN: &str = "backup";

/// The root: what is in the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Root {
    cairn: String,
    version: u64,
    /// The engine of the store that was saved.
    pub engine: String,
    /// When the backup began, as RFC 3339.
    pub time: String,
    /// Blocks of the store.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Keys that are no blocks.
    pub keys: u64,
    /// Blocks and keys that could not be read or were missing, and are not in the backup.
    pub damaged: u64,
    /// Listings that the engine broke off: what comes behind may not be in the backup. Left out
    /// where there is none.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unlisted: u64,
    /// The pages, in the order of the file.
    pub pages: Vec<Cid>,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// The part of a root that every version has.
#[derive(Deserialize)]
struct Head {
    cairn: String,
    version: u64,
}

impl Root {
    /// The root of an empty backup.
    pub fn new(engine: &str, time: String) -> Root {
        Root {
            cairn: CAIRN.into(),
            version: VERSION,
            engine: engine.into(),
            time,
            blocks: 0,
            bytes: 0,
            keys: 0,
            damaged: 0,
            unlisted: 0,
            pages: Vec::new(),
        }
    }

    /// The root that these bytes are; otherwise why they are none.
    pub fn decode(bytes: &[u8]) -> Result<Root, String> {
        // The version is looked at first, alone: a newer root may differ in all else.
        let head: Head = serde_ipld_dagcbor::from_slice(bytes)
            .map_err(|_| "its root is no backup's".to_owned())?;
        if head.cairn != CAIRN {
            return Err(format!("its root says {:?}, not {CAIRN:?}", head.cairn));
        }
        if head.version != VERSION {
            return Err(format!(
                "it is a backup of version {}, and this program knows version {VERSION}: use a \
                 newer release",
                head.version
            ));
        }
        decode(bytes)
    }
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Page {
    /// Keys that are no blocks.
    Keys(Vec<Entry>),
    /// The blocks since the page before.
    Blocks(Vec<Cid>),
}

/// A key, its value or a part of it, and whether the next entry has more of the same value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry(pub ByteBuf, pub ByteBuf, pub bool);

impl Page {
    /// The page that these bytes are; otherwise why they are none.
    pub fn decode(bytes: &[u8]) -> Result<Page, String> {
        decode(bytes)
    }
}

/// A block of `value` in dag-cbor.
pub(crate) fn block(value: &impl Serialize) -> Result<Block, String> {
    let bytes = serde_ipld_dagcbor::to_vec(value).map_err(|e| e.to_string())?;
    Block::new(codec::DAG_CBOR, Hash::SHA2_256, bytes).map_err(|e| e.to_string())
}

fn decode<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, String> {
    let value: T = serde_ipld_dagcbor::from_slice(bytes).map_err(|e| e.to_string())?;
    match serde_ipld_dagcbor::to_vec(&value) {
        Ok(again) if again == bytes => Ok(value),
        _ => Err("it is not spelled as dag-cbor is".into()),
    }
}

/// CIDs that make a page.
#[derive(Debug, Default)]
pub(crate) struct Links {
    cids: Vec<Cid>,
    bytes: usize,
}

impl Links {
    /// Whether another would make the page too long.
    pub fn is_full(&self) -> bool {
        self.bytes >= PAGE
    }

    /// Adds one.
    pub fn push(&mut self, cid: Cid) {
        // In dag-cbor: tag 42 (2 bytes), a length (up to 3), and the byte 0.
        self.bytes += cid.encoded_len() + 6;
        self.cids.push(cid);
    }

    /// The CIDs, in order.
    pub fn cids(&self) -> &[Cid] {
        &self.cids
    }

    /// Takes them all out.
    pub fn take(&mut self) -> Vec<Cid> {
        self.bytes = 0;
        std::mem::take(&mut self.cids)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use block_cid::MAX_BLOCK;

    fn root() -> Root {
        let mut root = Root::new("redb", "2026-01-01T12:00:00Z".into());
        root.pages.push(*Block::raw("page").cid());
        root
    }

    #[test]
    fn a_root_is_spelled_as_dag_cbor_is() {
        let bytes = block(&root()).unwrap().data().to_vec();
        // By hand, from RFC 8949 and the dag-cbor specification.
        let cid = Block::raw("page").cid().to_bytes();
        let mut by_hand = vec![0xa9];
        let text = |text: &str| [&[0x60 | text.len() as u8], text.as_bytes()].concat();
        for (key, value) in [
            ("keys", vec![0]),
            ("time", text("2026-01-01T12:00:00Z")),
            ("bytes", vec![0]),
            ("cairn", text("backup")),
            ("pages", [&[0x81, 0xd8, 42, 0x58, 37, 0], &cid[..]].concat()),
            ("blocks", vec![0]),
            ("engine", text("redb")),
            ("damaged", vec![0]),
            ("version", vec![1]),
        ] {
            by_hand.extend(text(key));
            by_hand.extend(value);
        }
        assert_eq!(bytes, by_hand);
        assert_eq!(Root::decode(&bytes).unwrap(), root());
        let broken_off = Root {
            unlisted: 2,
            ..root()
        };
        let bytes = block(&broken_off).unwrap().data().to_vec();
        assert_eq!(Root::decode(&bytes).unwrap(), broken_off);
    }

    #[test]
    fn pages_come_back() {
        let entry = Entry(ByteBuf::from("/a"), ByteBuf::from([0, 255]), true);
        for page in [
            Page::Keys(vec![entry]),
            Page::Keys(vec![]),
            Page::Blocks(root().pages),
        ] {
            let bytes = block(&page).unwrap();
            assert_eq!(Page::decode(bytes.data()).unwrap(), page);
        }
    }

    #[test]
    fn whatever_else_is_refused() {
        let good = block(&root()).unwrap().data().to_vec();
        for cut in 0..good.len() {
            Root::decode(&good[..cut]).unwrap_err();
        }
        Root::decode(&[&good[..], &[0]].concat()).unwrap_err();
        // A longer spelling of the same number: the last byte is the version.
        let (last, rest) = good.split_last().unwrap();
        Root::decode(&[rest, &[0x18, *last]].concat()).unwrap_err();
        // Two keys of the map in the wrong order.
        let mut swapped = good.clone();
        swapped[1..7].rotate_right(0);
        let (keys, time) = (swapped[1..7].to_vec(), swapped[7..33].to_vec());
        swapped.splice(1..33, [time, keys].concat());
        assert_eq!(swapped.len(), good.len());
        Root::decode(&swapped).unwrap_err();
        // Counts that are lies, and nests that have no end.
        for bomb in [
            vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            [b"\xa1\x66blocks".as_slice(), &[0x9a, 0x40, 0, 0, 0]].concat(),
            [b"\xa1\x64keys".as_slice(), &[0x9a, 0x7f, 0xff, 0xff, 0xff]].concat(),
            vec![0x81; 1_000_000],
            vec![0xa1; 1_000_000],
            [b"\xa1\x64keys".as_slice(), &vec![0x81; 1_000_000]].concat(),
            [b"\xa1\x65cairn".as_slice(), &vec![0x81; 1_000_000]].concat(),
            vec![0xd8; 100],
        ] {
            Root::decode(&bomb).unwrap_err();
            Page::decode(&bomb).unwrap_err();
        }
    }

    #[test]
    fn a_newer_version_is_named() {
        let mut newer = root();
        newer.version = 7;
        let bytes = block(&newer).unwrap();
        let why = Root::decode(bytes.data()).unwrap_err();
        assert!(why.contains("version 7"), "{why}");
    }

    #[test]
    fn the_longest_page_and_root_are_blocks_that_any_node_takes() {
        let mut links = Links::default();
        while !links.is_full() {
            links.push(*Block::raw("page").cid());
        }
        let page = block(&Page::Blocks(links.take())).unwrap();
        assert!(
            (PAGE / 10 * 9..=PAGE).contains(&page.len()),
            "{}",
            page.len()
        );
        let mut root = root();
        root.pages = vec![*Block::raw("page").cid(); MAX_PAGES];
        let root = block(&root).unwrap();
        assert!(root.len() as u64 <= MAX_BLOCK, "{}", root.len());
    }
}
