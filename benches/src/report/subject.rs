//! What is measured: an engine as we wrap it, a bare engine, a peer, or the machine itself.

use std::fmt;
use std::str::FromStr;

use persistent::Kind;
use serde::{Deserialize, Serialize};

use crate::raw::Peer;

/// One of them; as text, its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Subject {
    /// An engine behind our whole wrapper.
    Ours(Kind),
    /// The same engine, bare.
    Raw(Kind),
    /// What others use.
    Peer(Peer),
    /// No store: what the processor and the disk can do.
    Machine,
    /// No store: our import, whose blocks go nowhere.
    Importer,
    /// Kubo's program, with what it is set to from the start.
    Ipfs,
    /// The same, set to what makes it quick.
    IpfsQuick,
    /// The JavaScript importer, into memory.
    Helia,
}

impl Subject {
    /// The stores that this build can measure: ours first, then bare engines, then peers.
    pub fn stores() -> Vec<Subject> {
        let on_disk = || Kind::built().filter(|kind| kind.is_on_disk());
        let ours = Kind::built().map(Subject::Ours);
        let raw = on_disk().map(Subject::Raw);
        let peers = Peer::ALL.map(Subject::Peer);
        ours.chain(raw).chain(peers).collect()
    }

    /// Those that are measured in every run, and so are no stores to choose.
    pub const OTHERS: [Subject; 5] = [
        Subject::Machine,
        Subject::Importer,
        Subject::Ipfs,
        Subject::IpfsQuick,
        Subject::Helia,
    ];

    /// Whether what it keeps is there for the next process.
    pub fn is_on_disk(self) -> bool {
        self != Subject::Ours(Kind::Memory) && !Subject::OTHERS.contains(&self)
    }

    /// The engine, if it is one of ours.
    pub fn ours(self) -> Option<Kind> {
        match self {
            Subject::Ours(kind) => Some(kind),
            _ => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Ours(kind) => f.write_str(kind.name()),
            Subject::Raw(kind) => write!(f, "raw-{}", kind.name()),
            Subject::Peer(peer) => f.write_str(peer.name()),
            Subject::Machine => f.write_str("machine"),
            Subject::Importer => f.write_str("importer"),
            Subject::Ipfs => f.write_str("ipfs"),
            Subject::IpfsQuick => f.write_str("ipfs-quick"),
            Subject::Helia => f.write_str("helia"),
        }
    }
}

/// From the name, of what this build has.
impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Subject, String> {
        let mut known = Subject::stores();
        known.extend(Subject::OTHERS);
        if let Some(subject) = known.iter().find(|subject| subject.to_string() == text) {
            return Ok(*subject);
        }
        let remedy = if text.ends_with("rocksdb") {
            "; it needs --features rocksdb".to_owned()
        } else {
            known.retain(|subject| !Subject::OTHERS.contains(subject));
            let names: Vec<String> = known.iter().map(Subject::to_string).collect();
            format!("; there are {}", names.join(", "))
        };
        Err(format!("nothing here is called `{text}`{remedy}"))
    }
}

impl TryFrom<String> for Subject {
    type Error = String;

    fn try_from(text: String) -> Result<Subject, String> {
        text.parse()
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> String {
        subject.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subject_is_found_by_its_name() {
        for subject in Subject::stores() {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
        let mut names: Vec<String> = Subject::stores().iter().map(Subject::to_string).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), Subject::stores().len());
    }

    #[test]
    fn an_unknown_name_is_told_what_there_is() {
        let error = "leveldb".parse::<Subject>().unwrap_err();
        assert!(
            error.contains("`leveldb`") && error.contains("raw-redb"),
            "{error}"
        );
        assert!(!error.contains("machine"), "{error}");
    }

    #[cfg(not(feature = "rocksdb"))]
    #[test]
    fn what_this_build_lacks_says_so() {
        let error = "raw-rocksdb".parse::<Subject>().unwrap_err();
        assert!(error.contains("--features rocksdb"), "{error}");
    }
}
