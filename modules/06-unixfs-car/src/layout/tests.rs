#![allow(clippy::unwrap_used)]

use std::iter::Peekable;
use std::vec::IntoIter;

use block_cid::{Block, Hash, codec};
use proptest::prelude::*;

use super::*;
use crate::Cid;
use crate::unixfs::Mtime;

/// The blocks of all nodes.
#[derive(Default)]
struct Nodes(Vec<Vec<u8>>);

impl Sink for Nodes {
    fn node(&mut self, block: Vec<u8>) -> Result<Cid> {
        self.0.push(block.clone());
        let block = Block::new(codec::DAG_PB, Hash::SHA2_256, block)?;
        Ok(*block.cid())
    }
}

fn leaves(count: u64) -> Vec<Root> {
    let leaf = |n: u64| Root {
        cid: *Block::raw(n.to_be_bytes().to_vec()).cid(),
        bytes: n,
        dag: n + 8,
    };
    (0..count).map(leaf).collect()
}

/// The ways of boxo, which pulls leaves where this crate has them pushed.
struct Pull {
    leaves: Peekable<IntoIter<Root>>,
    links: usize,
    nodes: Nodes,
}

impl Pull {
    fn is_done(&mut self) -> bool {
        self.leaves.peek().is_none()
    }

    fn close(&mut self, mut node: Node) -> Root {
        node.close(Meta::default(), &mut self.nodes).unwrap()
    }

    /// `balanced.layoutData`.
    fn balanced(&mut self) -> Root {
        let mut root = self.leaves.next().unwrap();
        let mut depth = 1;
        while !self.is_done() {
            let mut node = Node::default();
            node.push(root);
            root = self.fill(node, depth);
            depth += 1;
        }
        root
    }

    /// `balanced.fillNodeRec`.
    fn fill(&mut self, mut node: Node, depth: usize) -> Root {
        while node.len() < self.links && !self.is_done() {
            let child = match depth {
                1 => self.leaves.next().unwrap(),
                _ => self.fill(Node::default(), depth - 1),
            };
            node.push(child);
        }
        self.close(node)
    }

    /// `trickle.fillTrickleRec`.
    fn trickle(&mut self, max_depth: Option<usize>) -> Root {
        let mut node = Node::default();
        while node.len() < self.links && !self.is_done() {
            node.push(self.leaves.next().unwrap());
        }
        for depth in 1.. {
            if self.is_done() || max_depth.is_some_and(|max| depth >= max) {
                break;
            }
            for _ in 0..4 {
                if !self.is_done() {
                    let child = self.trickle(Some(depth));
                    node.push(child);
                }
            }
        }
        self.close(node)
    }
}

proptest! {
    /// Whatever the number of leaves and links, the tree is that of boxo, and so is every node of it.
    #[test]
    fn trees_grow_as_in_boxo(count in 0_u64..400, links in 2_usize..9, trickle: bool) {
        let layout = if trickle { Layout::Trickle } else { Layout::Balanced };
        let mut pull = Pull {
            leaves: leaves(count).into_iter().peekable(),
            links,
            nodes: Nodes::default(),
        };
        let wanted = match layout {
            Layout::Trickle => pull.trickle(None),
            Layout::Balanced if count == 0 => pull.close(Node::default()),
            Layout::Balanced => pull.balanced(),
        };
        let mut tree = Tree::new(layout, links).unwrap();
        let mut nodes = Nodes::default();
        // A tree that was finished begins anew.
        for _ in 0..2 {
            nodes.0.clear();
            for leaf in leaves(count) {
                tree.push(leaf, &mut nodes).unwrap();
            }
            let root = tree.finish(Meta::default(), &mut nodes).unwrap();
            prop_assert_eq!(root, wanted);
        }
        pull.nodes.0.sort();
        nodes.0.sort();
        prop_assert_eq!(nodes.0, pull.nodes.0);
    }
}

#[test]
fn what_is_said_about_a_file_stands_at_the_root_and_nowhere_else() {
    let meta = Meta {
        mode: Some(0o600),
        mtime: Some(Mtime::new(1, 0)),
    };
    for layout in [Layout::Balanced, Layout::Trickle] {
        let mut tree = Tree::new(layout, 2).unwrap();
        let mut nodes = Nodes::default();
        for leaf in leaves(9) {
            tree.push(leaf, &mut nodes).unwrap();
        }
        tree.finish(meta, &mut nodes).unwrap();
        let metas = nodes.0.into_iter().map(|block| {
            let node = dag_ipld::pb::Node::decode(&block.into()).unwrap();
            crate::unixfs::Data::decode(&node.data.unwrap())
                .unwrap()
                .meta
        });
        let mut metas: Vec<Meta> = metas.collect();
        assert_eq!(metas.pop(), Some(meta), "{layout}");
        assert!(metas.iter().all(Meta::is_empty), "{layout}");
    }
}

#[test]
fn a_tree_that_could_not_grow_is_refused() {
    for (layout, links) in [
        (Layout::Balanced, 0),
        (Layout::Balanced, 1),
        (Layout::Trickle, 0),
    ] {
        let error = Tree::new(layout, links).unwrap_err().to_string();
        assert!(error.contains("--max-file-links"), "{error}");
    }
    Tree::new(Layout::Trickle, 1).unwrap();
    for layout in [Layout::Balanced, Layout::Trickle] {
        assert_eq!(layout.to_string().parse::<Layout>().unwrap(), layout);
    }
    "flat".parse::<Layout>().unwrap_err();
}
