//! What in a folder is left out.

use super::Rules;

/// What in a folder is left out. What is asked for by itself is taken, whatever it is called.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Take what is hidden, too: names that begin with a dot.
    pub hidden: bool,
    /// Leave out what these rules name.
    pub ignore: Rules,
}

impl Filter {
    /// Whether an entry of this name is left out.
    pub fn excludes(&self, name: &[u8]) -> bool {
        let is_hidden = name.starts_with(b".");
        (is_hidden && !self.hidden) || self.ignore.match_name(name)
    }
}
