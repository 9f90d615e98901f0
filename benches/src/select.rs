//! Which benchmarks are run.

/// What the words behind `cargo bench -p benches --` ask for: a benchmark is run if its name has one
/// of them in it, or if there are none; with `--list` all names are printed instead.
#[derive(Debug)]
pub struct Selection {
    list: bool,
    words: Vec<String>,
}

impl Selection {
    /// From the command line.
    pub fn from_args() -> Selection {
        Selection::of(std::env::args().skip(1))
    }

    fn of(args: impl Iterator<Item = String>) -> Selection {
        let (flags, words): (Vec<String>, Vec<String>) = args.partition(|arg| arg.starts_with('-'));
        Selection {
            list: flags.iter().any(|flag| flag == "--list"),
            words,
        }
    }

    /// Whether to run what is called `name`, such as `get/redb/256`, or has a name that begins so.
    pub fn wants(&self, name: &str) -> bool {
        if self.list {
            println!("{name}: benchmark");
            return false;
        }
        let fits = |word: &String| name.contains(word.as_str()) || word.starts_with(name);
        self.words.is_empty() || self.words.iter().any(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(args: &[&str]) -> Selection {
        Selection::of(args.iter().map(|&arg| arg.to_owned()))
    }

    #[test]
    fn a_word_selects_what_has_it_and_what_it_is_below() {
        let selection = of(&["--bench", "get/redb"]);
        assert!(selection.wants("get/redb/256"));
        assert!(selection.wants("get"));
        assert!(!selection.wants("get/fjall/256"));
        assert!(!selection.wants("put/redb/256"));
    }

    #[test]
    fn no_word_selects_all_and_a_list_runs_none() {
        assert!(of(&["--bench"]).wants("get/redb/256"));
        assert!(!of(&["--bench", "--list"]).wants("get/redb/256"));
    }
}
