//! A B-tree that copies what it changes, with pages so small that they can be drawn.

/// So many keys, or pages below it, a page has room for.
pub const ROOM: usize = 3;

/// A key: what it begins with.
pub type Key = [u8; 2];

/// A page. It never changes once it is written.
#[derive(Clone, Debug)]
pub enum Page {
    /// Keys, sorted.
    Leaf(Vec<Key>),
    /// The pages below it, each with its first key.
    Inner(Vec<(Key, usize)>),
}

/// The tree: all pages that were ever written, of which those below the root count.
#[derive(Debug)]
pub struct BTree {
    pages: Vec<Page>,
    root: usize,
}

impl BTree {
    /// An empty tree, which is one empty leaf.
    pub fn new() -> BTree {
        BTree {
            pages: vec![Page::Leaf(Vec::new())],
            root: 0,
        }
    }

    /// Puts a key; the pages that are written for it, from leaf to root.
    pub fn put(&mut self, key: Key) -> Vec<usize> {
        let before = self.pages.len();
        let made = self.put_below(self.root, key);
        self.root = match made[..] {
            [(_, root)] => root,
            _ => self.write(Page::Inner(made)),
        };
        (before..self.pages.len()).collect()
    }

    /// The pages that come to stand in the place of `page`: one, or two if it was full.
    fn put_below(&mut self, page: usize, key: Key) -> Vec<(Key, usize)> {
        match self.pages.get(page).cloned() {
            Some(Page::Inner(mut below)) => {
                let at = below
                    .iter()
                    .rposition(|(first, _)| *first <= key)
                    .unwrap_or(0);
                let child = below.get(at).map_or(page, |(_, child)| *child);
                let new = self.put_below(child, key);
                below.splice(at..=at, new);
                let parts = split(below);
                let made = parts.into_iter().map(|part| self.write(Page::Inner(part)));
                made.collect::<Vec<_>>()
                    .into_iter()
                    .map(|id| self.named(id))
                    .collect()
            }
            Some(Page::Leaf(mut keys)) => {
                let at = keys.partition_point(|known| *known < key);
                keys.insert(at, key);
                let parts = split(keys);
                let made = parts.into_iter().map(|part| self.write(Page::Leaf(part)));
                made.collect::<Vec<_>>()
                    .into_iter()
                    .map(|id| self.named(id))
                    .collect()
            }
            None => Vec::new(),
        }
    }

    fn write(&mut self, page: Page) -> usize {
        self.pages.push(page);
        self.pages.len() - 1
    }

    /// A page with its first key.
    fn named(&self, id: usize) -> (Key, usize) {
        let first = match self.pages.get(id) {
            Some(Page::Leaf(keys)) => keys.first().copied(),
            Some(Page::Inner(below)) => below.first().map(|(first, _)| *first),
            None => None,
        };
        (first.unwrap_or_default(), id)
    }

    /// The pages of each level from the root down, each with how much is in it and where its parent is.
    pub fn levels(&self) -> Vec<Vec<Placed>> {
        let root = Placed {
            id: self.root,
            filled: self.filled(self.root),
            parent: 0,
        };
        let mut levels = vec![vec![root]];
        while let Some(level) = levels.last() {
            let mut below = Vec::new();
            for (parent, placed) in level.iter().enumerate() {
                if let Some(Page::Inner(children)) = self.pages.get(placed.id) {
                    below.extend(children.iter().map(|(_, id)| Placed {
                        id: *id,
                        filled: self.filled(*id),
                        parent,
                    }));
                }
            }
            if below.is_empty() {
                break;
            }
            levels.push(below);
        }
        levels
    }

    fn filled(&self, id: usize) -> usize {
        match self.pages.get(id) {
            Some(Page::Leaf(keys)) => keys.len(),
            Some(Page::Inner(below)) => below.len(),
            None => 0,
        }
    }

    /// All keys, in the order of the leaves.
    pub fn keys(&self) -> Vec<Key> {
        let leaves = self.levels().pop().unwrap_or_default();
        let keys = leaves
            .iter()
            .filter_map(|leaf| match self.pages.get(leaf.id) {
                Some(Page::Leaf(keys)) => Some(keys.clone()),
                _ => None,
            });
        keys.flatten().collect()
    }
}

/// A page in its place.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// Its number, which says when it was written.
    pub id: usize,
    /// How many keys or pages it has.
    pub filled: usize,
    /// The place of its parent in the level above.
    pub parent: usize,
}

/// As one page, or as two of half the size if it has no room in one.
fn split<T>(mut all: Vec<T>) -> Vec<Vec<T>> {
    if all.len() <= ROOM {
        return vec![all];
    }
    let second = all.split_off(all.len() / 2);
    vec![all, second]
}
