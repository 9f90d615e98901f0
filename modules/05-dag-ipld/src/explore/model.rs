//! What the page shows.

use std::collections::HashMap;

use block_cid::{Blockstore, Hash, Multihash};

use super::text::{MAX_TEXT, cost, cut};
use crate::fields::{Field, fields};
use crate::stat::Stat;
use crate::visit::{Found, Next, Visit};
use crate::walk::{Order, Walk};
use crate::{Cid, Codec, Dag, Error, Result, links};

/// How much a page holds. The nearest to the roots come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Blocks that are looked into, of each DAG.
    pub blocks: u64,
    /// Links in all.
    pub links: usize,
    /// Bytes of each block.
    pub bytes: usize,
    /// Fields of each block.
    pub fields: usize,
    /// Bytes in all of blocks with links that are held whole, with all their fields.
    pub whole: usize,
    /// Bytes of page in all that go into links, and into names and what they mean, which may be as long
    /// as a block.
    pub text: usize,
}

/// The longest block that is held whole, in bytes: a browser draws each of them.
const MAX_WHOLE: usize = 16 << 10;

impl Default for Bounds {
    /// Some 25 MB of page at most, and 10 as a rule, which a browser opens within a second or two.
    fn default() -> Bounds {
        Bounds {
            blocks: 5_000,
            links: 100_000,
            bytes: 256,
            fields: 64,
            whole: 256 << 10,
            text: 12 << 20,
        }
    }
}

/// One or two DAGs.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The DAGs: none at first.
    pub dags: Vec<Info>,
    /// Other DAGs of the same content, of which the page shows one at a time, in place of the first.
    pub variants: Vec<Variant>,
    /// The blocks of all, each once. Links name them by their index.
    pub blocks: Vec<Shown>,
    /// Where each block is. The same bytes under another codec are another entry: they link to other
    /// blocks. CIDv0 and CIDv1 are one.
    index: HashMap<(Multihash, u64), usize>,
    links: usize,
    whole: usize,
    text: usize,
}

/// One DAG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// What it is called: a file, a CID.
    pub label: String,
    /// The indices of its roots.
    pub roots: Vec<usize>,
    /// How much there is, or `None` if there is more than the page holds.
    pub stat: Option<Stat>,
}

/// The DAG that other choices make of the same content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// What was chosen: of what, and which, as `("layout", "trickle")`. Every variant has the same
    /// choices to make, in the same order.
    pub choices: Vec<(String, String)>,
    /// The DAG.
    pub dag: Info,
}

/// One block.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its CID, as the first link to it has it.
    pub cid: Cid,
    /// The DAGs that it is in: bit 0 the first, bit 1 the second.
    pub dags: u8,
    /// What there is of it.
    pub state: State,
    /// Its length in bytes, if it is there.
    pub size: Option<u64>,
    /// Its first bytes.
    pub bytes: bytes::Bytes,
    /// What these say.
    pub fields: Vec<Field>,
    /// Its links: their paths, of which long ones are cut, and the indices of the blocks.
    pub links: Vec<(String, usize)>,
    /// How many links it has besides, which the page has no room for.
    pub more: usize,
}

/// What there is of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// All of it.
    Whole,
    /// Bytes that cannot be read, or are damaged, and why.
    Faulty(String),
    /// Nothing.
    Missing,
    /// It was not looked for: the page holds no more.
    Beyond,
}

impl Model {
    /// Adds what is below `roots`, of which the nearest blocks fit in `bounds`.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or those of the store.
    pub fn add<B: Blockstore>(
        &mut self,
        label: &str,
        dag: &Dag<B>,
        roots: &[Cid],
        bounds: &Bounds,
        walk: &Walk<'_>,
    ) -> Result<()> {
        let bit = 1 << self.dags.len().min(7);
        let info = self.look(label, dag, roots, bounds, walk, bit)?;
        self.dags.push(info);
        Ok(())
    }

    /// Adds what is below `root`, which other choices have made of the same content as the first DAG.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn vary<B: Blockstore>(
        &mut self,
        choices: &[(&str, &str)],
        dag: &Dag<B>,
        root: &Cid,
        bounds: &Bounds,
        walk: &Walk<'_>,
    ) -> Result<()> {
        let owned = |(of, which): &(&str, &str)| ((*of).to_owned(), (*which).to_owned());
        let label = self
            .dags
            .first()
            .map_or_else(String::new, |first| first.label.clone());
        let dag = self.look(&label, dag, &[*root], bounds, walk, 1)?;
        let choices = choices.iter().map(owned).collect();
        self.variants.push(Variant { choices, dag });
        Ok(())
    }

    /// Looks at one DAG more, whose blocks have this bit.
    fn look<B: Blockstore>(
        &mut self,
        label: &str,
        dag: &Dag<B>,
        roots: &[Cid],
        bounds: &Bounds,
        walk: &Walk<'_>,
        bit: u8,
    ) -> Result<Info> {
        let roots_at = roots.iter().map(|root| self.at(root, bit)).collect();
        let mut left = bounds.blocks;
        let near = walk.clone().with_order(Order::Level);
        dag.walk(roots, &near, |visit| {
            let Some(fewer) = left.checked_sub(1) else {
                return Ok(Next::Stop);
            };
            left = fewer;
            self.visit(visit, bit, bounds);
            Ok::<_, Error>(Next::Enter)
        })?;
        let bounded = walk.clone().with_max_blocks(bounds.blocks);
        let stat = match dag.stat(roots, &bounded) {
            Ok(stat) => Some(stat),
            Err(Error::Limit { .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(Info {
            label: label.to_owned(),
            roots: roots_at,
            stat,
        })
    }

    /// The index of this block in one DAG more.
    fn at(&mut self, cid: &Cid, bit: u8) -> usize {
        let next = self.blocks.len();
        let at = *self.index.entry((*cid.hash(), cid.codec())).or_insert(next);
        if at == next {
            self.blocks.push(Shown {
                cid: *cid,
                dags: 0,
                state: State::Beyond,
                size: None,
                bytes: bytes::Bytes::new(),
                fields: Vec::new(),
                links: Vec::new(),
                more: 0,
            });
        }
        if let Some(shown) = self.blocks.get_mut(at) {
            shown.dags |= bit;
        }
        at
    }

    fn visit(&mut self, visit: Visit, bit: u8, bounds: &Bounds) {
        let at = self.at(&visit.cid, bit);
        let (block, state) = match visit.found {
            Found::Node { block, .. } => (Some(block), State::Whole),
            Found::Opaque { block, error } => (Some(block), State::Faulty(error.to_string())),
            Found::Damaged(error) => (None, State::Faulty(error.to_string())),
            Found::Refused(why) => (None, State::Faulty(why)),
            Found::Missing => (None, State::Missing),
        };
        // What was looked into for the first DAG need not be for the second.
        if self
            .blocks
            .get(at)
            .is_some_and(|shown| shown.size.is_some())
        {
            return;
        }
        let codec = Codec::of(&visit.cid).unwrap_or(Codec::Raw);
        let all = match (&block, &state) {
            (Some(block), State::Whole) => links(codec, block.data()).unwrap_or_default(),
            _ => Vec::new(),
        };
        let len = block.as_ref().map_or(0, |block| block.data().len());
        let fits = len <= MAX_WHOLE && self.whole + len <= bounds.whole;
        let mut seen = *bounds;
        if fits && !all.is_empty() {
            self.whole += len;
            (seen.bytes, seen.fields) = (len, len);
        }
        let mut to = Vec::new();
        for link in &all {
            let path = link.path.short(MAX_TEXT);
            if self.links >= bounds.links || !self.has_room(ENTRY + cost(&path), bounds) {
                break;
            }
            self.links += 1;
            to.push((path, self.at(&link.cid, bit)));
        }
        let more = all.len() - to.len();
        let mut told = match &block {
            Some(block) => fields(codec, block.data(), seen.fields),
            None => Vec::new(),
        };
        let end = seen.bytes.min(len);
        told.retain_mut(|field| {
            field.name = cut(&field.name);
            field.meaning = cut(&field.meaning);
            let cost = FIELD + cost(&field.name) + cost(&field.meaning);
            field.range.start < end && self.has_room(cost, bounds)
        });
        if let Some(shown) = self.blocks.get_mut(at) {
            shown.state = state;
            shown.links = to;
            shown.more = more;
            shown.fields = told;
            if let Some(block) = &block {
                shown.size = Some(len as u64);
                shown.bytes = block.data().slice(..end);
            }
        }
    }

    /// Takes so many bytes of the page, if it has them left.
    fn has_room(&mut self, bytes: usize, bounds: &Bounds) -> bool {
        let has = self.text + bytes <= bounds.text;
        self.text += if has { bytes } else { 0 };
        has
    }
}

/// What a link takes beside its path, and a field beside its texts, in bytes of page: a link may lead to a
/// block that nothing else is said of.
const ENTRY: usize = 700;
const FIELD: usize = 40;

impl Shown {
    /// Whether the block lies in its CID.
    pub fn is_inline(&self) -> bool {
        self.cid.hash().code() == Hash::IDENTITY.code()
    }
}
