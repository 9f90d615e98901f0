//! Where backups are kept: items by CID.

use std::cell::RefCell;
use std::collections::BTreeMap;

use cid::Cid;

use crate::naming::{self, RAW};

/// A part of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The bytes of a file.
    File(Vec<u8>),
    /// The entries of a folder: names, and what they lead to. They may come from anybody.
    Folder(Vec<(String, Cid)>),
    /// Where a symbolic link leads, as it was written.
    Link(String),
}

/// Items by CID.
#[derive(Default)]
pub struct Vault {
    items: RefCell<BTreeMap<Cid, Item>>,
}

impl Vault {
    /// Keeps an item.
    pub fn put(&self, item: Item) -> Cid {
        let cid = naming::v1(RAW, format!("{item:?}").as_bytes());
        self.items.borrow_mut().insert(cid, item);
        cid
    }

    /// The item of this CID, if it is here.
    pub fn get(&self, cid: &Cid) -> Option<Item> {
        self.items.borrow().get(cid).cloned()
    }

    /// Loses an item.
    pub fn lose(&self, cid: &Cid) {
        self.items.borrow_mut().remove(cid);
    }
}
