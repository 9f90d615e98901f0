//! Another CAR of what is in one, or in several. Every block that is written was proven.

use std::collections::HashSet;
use std::io::{Seek, Write};

use block_cid::{Cid, Multihash};
use dag_ipld::CidSet;
use persistent::ops::Watch;

use super::{Error, File, Result, Writer};

/// How much was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Blocks.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many of the multihashes that a [`filter`] was given are there.
    pub found: u64,
}

/// Writes every section of `car`, in its order.
///
/// # Errors
/// Those of [`Reader::group`](super::Reader::group) and [`Writer::put`]; [`Error::Stopped`].
pub fn copy<W: Write + Seek>(
    car: &File,
    writer: &mut Writer<W>,
    watch: &dyn Watch,
) -> Result<Copied> {
    select(car, writer, &mut |_| true, watch)
}

/// Writes the sections of `car` whose multihashes are among `wanted`, or with `inverse` the others.
///
/// # Errors
/// As [`copy`].
pub fn filter<W: Write + Seek>(
    car: &File,
    wanted: &HashSet<Multihash>,
    inverse: bool,
    writer: &mut Writer<W>,
    watch: &dyn Watch,
) -> Result<Copied> {
    let mut found: HashSet<Multihash> = HashSet::new();
    let mut keep = |cid: &Cid| {
        let named = wanted.get(cid.hash());
        found.extend(named);
        named.is_some() != inverse
    };
    let copied = select(car, writer, &mut keep, watch)?;
    Ok(Copied {
        found: found.len() as u64,
        ..copied
    })
}

/// Several CARs that become one, each CID once. Some 30 bytes are kept of each.
#[derive(Debug, Default)]
pub struct Merge {
    seen: CidSet,
}

impl Merge {
    /// Writes those sections of `car`, in its order, whose CIDs were not added before.
    ///
    /// # Errors
    /// As [`copy`].
    pub fn add<W: Write + Seek>(
        &mut self,
        car: &File,
        writer: &mut Writer<W>,
        watch: &dyn Watch,
    ) -> Result<Copied> {
        select(car, writer, &mut |cid| self.seen.insert(cid), watch)
    }
}

/// The roots of all `cars`, in their order, each once.
pub fn roots(cars: &[File]) -> Vec<Cid> {
    let mut seen = CidSet::default();
    let roots = cars.iter().flat_map(File::roots).copied();
    roots.filter(|root| seen.insert(root)).collect()
}

fn select<W: Write + Seek>(
    car: &File,
    writer: &mut Writer<W>,
    keep: &mut dyn FnMut(&Cid) -> bool,
    watch: &dyn Watch,
) -> Result<Copied> {
    let mut reader = car.reader()?;
    let mut copied = Copied::default();
    loop {
        if watch.stops() {
            return Err(Error::Stopped);
        }
        let group = reader.group()?;
        if group.is_empty() {
            return Ok(copied);
        }
        for section in group {
            let len = section.block.len() as u64;
            watch.did(1, len);
            if keep(section.block.cid()) {
                writer.put(&section.block)?;
                copied.blocks += 1;
                copied.bytes += len;
            }
        }
    }
}
