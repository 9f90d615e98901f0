//! Whether a CAR is good: every block hashed, and the index compared with what there is.
//!
//! ```text
//! sections, one after the other     each hashed; its multihash and place go into an index of our own
//!                                   (sorted within a given room, see `index`)
//! our index  and  the one in the    both are in order, so one pass finds what one has and the other
//! file, side by side                has not
//! ```

mod compare;

use std::collections::BTreeSet;
use std::fmt;

use block_cid::{Block, Cid, Hash, prove_all};
use persistent::ops::Watch;

use super::index::{Builder, Format, Scratch};
use super::{Error, File, Index, Result};

/// Something about a CAR that is not as it should be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Finding {
    /// The bytes of a block are not what its CID names, or nobody can tell.
    Block {
        /// Where its section begins, in bytes from the start of the file.
        offset: u64,
        /// The CID.
        cid: Box<Cid>,
        /// Why.
        why: block_cid::Error,
    },
    /// What follows is no section: nothing is known of the rest, nor of the index.
    Broken(Error),
    /// What should be an index is none.
    Index(Error),
    /// The index is in a format that is not read here. That is allowed.
    Unread(Error),
    /// The entries of the index are not in order, so that blocks are not found.
    Unsorted,
    /// The index does not have a block.
    Unindexed {
        /// The CID, as raw where the index is all that names it.
        cid: Box<Cid>,
        /// Where its section begins, in bytes from the start of the file.
        offset: u64,
    },
    /// The index says that a block is where it is not.
    Misleading {
        /// The digest of the block.
        digest: Vec<u8>,
        /// Where it should begin, in bytes from the start of the file.
        offset: u64,
    },
    /// A root is not in the file. That is allowed.
    MissingRoot(Box<Cid>),
    /// There are no roots. That is allowed.
    NoRoots,
    /// So many bytes follow the index, or the data if there is none, and mean nothing.
    Trailing(u64),
}

impl Finding {
    /// Whether only the index is wrong, and the blocks are not.
    pub fn is_of_index(&self) -> bool {
        use Finding::{Index, Misleading, Unindexed, Unread, Unsorted};
        matches!(
            self,
            Index(_) | Unread(_) | Unsorted | Unindexed { .. } | Misleading { .. }
        )
    }

    /// Whether a CAR with this can be good all the same.
    pub fn is_warning(&self) -> bool {
        matches!(
            self,
            Finding::Unread(_) | Finding::MissingRoot(_) | Finding::NoRoots | Finding::Trailing(_)
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Block { offset, cid, why } => write!(f, "{cid}  at byte {offset}: {why}"),
            Finding::Broken(error) => write!(f, "{error}; nothing is known of what follows"),
            Finding::Index(error) | Finding::Unread(error) => error.fmt(f),
            Finding::Unsorted => f.write_str(
                "the entries of the index are not in order, and blocks are not found: `car index` \
                 makes it anew",
            ),
            Finding::Unindexed { cid, offset } => write!(
                f,
                "{cid}  at byte {offset} is not in the index: `car index` makes it anew"
            ),
            Finding::Misleading { digest, offset } => {
                f.write_str("the index says that the block with digest ")?;
                digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                write!(f, " begins at byte {offset}, and it does not")
            }
            Finding::MissingRoot(cid) => write!(f, "root {cid} is not in the file"),
            Finding::NoRoots => f.write_str("it names no roots"),
            Finding::Trailing(bytes) => write!(f, "{bytes} bytes at the end mean nothing"),
        }
    }
}

/// What is in a CAR.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Blocks whose bytes are those that their CIDs name.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The format of the index and how many entries it has, if there is one that can be read.
    pub index: Option<(Format, u64)>,
    /// Findings that are no warnings.
    pub faults: u64,
    /// Those of them that another index would mend.
    pub index_faults: u64,
    /// Those that are.
    pub warnings: u64,
}

/// Reads all of `car`, and has `tell` told what is not as it should be.
///
/// # Errors
/// [`Error::Stopped`]; those of `tell`; [`Io`](block_cid::Error::Io) of the file, and of that of the
/// `scratch`.
pub fn verify(
    car: &File,
    scratch: &Scratch,
    watch: &dyn Watch,
    tell: &mut dyn FnMut(Finding) -> Result<()>,
) -> Result<Report> {
    let mut run = Run {
        car,
        watch,
        tell,
        report: Report::default(),
    };
    let index = match car.index() {
        Ok(index) => index,
        Err(error @ Error::Index { .. }) => {
            run.find(Finding::Index(error))?;
            None
        }
        Err(error @ Error::IndexFormat { .. }) => {
            run.find(Finding::Unread(error))?;
            None
        }
        Err(error) => return Err(error),
    };
    let format = index.as_ref().map(Index::format).unwrap_or_default();
    let sections = run.sections(Builder::new(format, scratch))?;
    if let (Some(index), Some(sections)) = (&index, sections) {
        run.compare(index, sections.sorted()?)?;
    }
    if let Some(index) = &index {
        run.report.index = Some((format, index.len()));
    }
    match trailing(car, index.as_ref()) {
        0 => {}
        bytes => run.find(Finding::Trailing(bytes))?,
    }
    Ok(run.report)
}

/// How many bytes follow the last part of the file. A CARv1 goes to the end, and so does an index that
/// cannot be read, as far as anybody can tell.
fn trailing(car: &File, index: Option<&Index>) -> u64 {
    match (car.header(), index) {
        (_, Some(index)) => index.trailing(),
        (Some(header), None) if header.index_offset == 0 => {
            car.len().saturating_sub(header.data_end())
        }
        _ => 0,
    }
}

struct Run<'a> {
    car: &'a File,
    watch: &'a dyn Watch,
    tell: &'a mut dyn FnMut(Finding) -> Result<()>,
    report: Report,
}

impl Run<'_> {
    fn find(&mut self, finding: Finding) -> Result<()> {
        match finding.is_warning() {
            true => self.report.warnings += 1,
            false => {
                self.report.faults += 1;
                self.report.index_faults += u64::from(finding.is_of_index());
            }
        }
        (self.tell)(finding)
    }

    /// Hashes every block. Where all of them lie; `None` if something is no section.
    fn sections(&mut self, mut sections: Builder) -> Result<Option<Builder>> {
        let mut reader = self.car.reader()?;
        let inline = |root: &&Cid| root.hash().code() != Hash::IDENTITY.code();
        // Roots are few: a header has room for some 25,000.
        let roots = self.car.roots().iter().filter(inline);
        let mut missing: BTreeSet<Cid> = roots.copied().collect();
        let end = loop {
            if self.watch.stops() {
                return Err(Error::Stopped);
            }
            let (offsets, blocks) = match reader.claimed() {
                Ok((_, blocks)) if blocks.is_empty() => break Ok(()),
                Ok(group) => group,
                Err(Error::Blocks(error @ block_cid::Error::Io { .. })) => return Err(error.into()),
                Err(error) => break Err(error),
            };
            for (offset, block) in offsets.iter().zip(&blocks) {
                missing.remove(block.cid());
                sections.add(block.cid().hash(), offset - self.car.start())?;
            }
            self.prove(&offsets, blocks)?;
        };
        if let Err(error) = end {
            self.find(Finding::Broken(error))?;
            return Ok(None);
        }
        if self.car.roots().is_empty() {
            self.find(Finding::NoRoots)?;
        }
        for root in missing {
            self.find(Finding::MissingRoot(Box::new(root)))?;
        }
        Ok(Some(sections))
    }

    /// Proves each block of a group, and names those that are wrong.
    fn prove(&mut self, offsets: &[u64], mut blocks: Vec<Block>) -> Result<()> {
        let mut rest = &mut blocks[..];
        let mut offsets = offsets.iter();
        loop {
            let why = prove_all(rest).err();
            let good = rest.iter().take_while(|block| block.is_proven()).count();
            let bytes = rest.iter().take(good).map(|block| block.len() as u64).sum();
            self.report.blocks += good as u64;
            self.report.bytes += bytes;
            self.watch.did(good as u64, bytes);
            let Some(why) = why else {
                return Ok(());
            };
            let (offset, (wrong, behind)) =
                match (offsets.nth(good), rest.split_at_mut_checked(good)) {
                    (Some(offset), Some((_, [wrong, behind @ ..]))) => (*offset, (wrong, behind)),
                    _ => return Ok(()),
                };
            self.watch.did(1, wrong.len() as u64);
            let cid = Box::new(*wrong.cid());
            self.find(Finding::Block { offset, cid, why })?;
            rest = behind;
        }
    }
}
