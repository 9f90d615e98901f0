//! What a command printed against what is shown.

use std::fmt::Write;

/// Stands for anything.
const ANY: &str = "…";

/// What cargo says about its own work, to the right in twelve columns.
const STATUS: &[&str] = &[
    "Adding",
    "Blocking",
    "Building",
    "Checking",
    "Compiling",
    "Doc-tests",
    "Documenting",
    "Downgrading",
    "Downloaded",
    "Downloading",
    "Executable",
    "Finished",
    "Fresh",
    "Generated",
    "Locking",
    "Removing",
    "Running",
    "Updating",
];

/// `None` if `printed` is what `shown` says; otherwise both, side by side in lines.
pub fn compare(file: &str, shown: &[(usize, String)], printed: &str) -> Option<String> {
    let shown: Vec<(usize, &str)> = shown
        .iter()
        .map(|(at, line)| (*at, line.trim_end()))
        .filter(|(_, line)| !is_status(line))
        .collect();
    let mut lines: Vec<&str> = printed
        .lines()
        .map(str::trim_end)
        .filter(|line| !is_status(line))
        .collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let patterns: Vec<&str> = shown.iter().map(|(_, line)| *line).collect();
    let reached = furthest(&patterns, &lines);
    if reached == (patterns.len(), lines.len()) {
        return None;
    }
    let (good, at) = reached;
    let mut told = String::new();
    let _ = match shown.get(good) {
        Some((line, pattern)) => writeln!(told, "  {file}:{line} shows\n    {pattern}"),
        None => writeln!(told, "  the page shows no more"),
    };
    let _ = match lines.get(at) {
        Some(line) => writeln!(told, "  and printed was\n    {line}"),
        None => writeln!(told, "  and no more was printed"),
    };
    let _ = writeln!(told, "  all that was printed (> where they part):");
    for (number, line) in lines.iter().enumerate() {
        let _ = writeln!(told, "  {} {line}", if number == at { ">" } else { "|" });
    }
    Some(told)
}

/// How many patterns and lines agree from the start: all of both if they match.
///
/// Each pattern takes one line, [`ANY`] alone any number; so after each pattern there is a set
/// of places where the lines may have got to, as for a text with wildcards.
fn furthest(patterns: &[&str], lines: &[&str]) -> (usize, usize) {
    let mut places = vec![0];
    let mut reached = (0, 0);
    for (at, pattern) in patterns.iter().enumerate() {
        let next: Vec<usize> = if pattern.trim() == ANY {
            places
                .first()
                .map_or(Vec::new(), |first| (*first..=lines.len()).collect())
        } else {
            places
                .iter()
                .filter(|&&place| lines.get(place).is_some_and(|line| matches(pattern, line)))
                .map(|place| place + 1)
                .collect()
        };
        let Some(first) = next.first() else {
            return (at, reached.1);
        };
        reached = (at + 1, *first);
        places = next;
    }
    match places.last() {
        Some(last) if *last == lines.len() => (patterns.len(), lines.len()),
        _ => reached,
    }
}

/// Whether a line is the pattern, with [`ANY`] in it for any text.
fn matches(pattern: &str, line: &str) -> bool {
    let Some((first, pattern)) = pattern.split_once(ANY) else {
        return pattern == line;
    };
    let (middle, last) = pattern.rsplit_once(ANY).unwrap_or(("", pattern));
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    for part in middle.split(ANY) {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn is_status(line: &str) -> bool {
    let word = line.trim_start();
    let lead = line.len() - word.len();
    let Some(verb) = word.split(' ').next() else {
        return false;
    };
    STATUS.contains(&verb) && lead + verb.len() == 12
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(shown: &str, printed: &str) -> bool {
        let shown: Vec<_> = (1..).zip(shown.lines().map(str::to_owned)).collect();
        compare("README.md", &shown, printed).is_none()
    }

    #[test]
    fn equal_text_is_the_same() {
        assert!(same("", ""));
        assert!(same("a\n\nb", "a\n\nb\n"));
        assert!(same("a", "a   \n\n"), "blanks at the end show nowhere");
    }

    #[test]
    fn a_changed_line_is_not() {
        assert!(!same("a\nb", "a\nc\n"));
        assert!(!same("a\nb", "a\n"));
        assert!(!same("a", "a\nb\n"));
        assert!(!same("a", "\na\n"));
        assert!(!same("  a", "a\n"), "what is indented is indented");
        assert!(!same("", "a\n"));
    }

    #[test]
    fn dots_in_a_line_stand_for_any_text() {
        assert!(same("took … ms", "took 3.5 ms\n"));
        assert!(same("…a…b…", "xaxbx\n"));
        assert!(same("a…", "a\n"), "for none too");
        assert!(!same("took … ms", "took 3.5 s\n"));
        assert!(!same("…a…b…", "xbxax\n"));
        assert!(!same("ab…b", "ab\n"), "one letter cannot serve twice");
        assert!(!same("took …", "took 3\nms\n"), "not for a line break");
    }

    #[test]
    fn dots_alone_stand_for_lines() {
        for printed in ["a\nz\n", "a\nb\nz\n", "a\nz\nz\n"] {
            assert!(same("a\n…\nz", printed), "{printed}");
        }
        assert!(same("…", ""));
        assert!(same("…\nb\n…", "a\nb\nc\n"));
        assert!(!same("a\n…\nz", "a\nb\n"));
        assert!(!same("…\nb\n…", "a\nc\n"));
        assert!(!same("…\nb", "b\na\n"));
    }

    #[test]
    fn many_dots_take_no_time() {
        let shown = "…\na\n".repeat(200) + "b";
        assert!(!same(&shown, &"a\n".repeat(2000)));
    }

    #[test]
    fn what_cargo_says_of_its_work_is_left_out() {
        let cargo =
            "   Compiling demo v0.1.0\n    Finished `dev` profile in 2 s\n     Running `x`\n";
        assert!(same("a", &format!("{cargo}a\n")));
        assert!(same("    Finished … in 9 s\na", &format!("{cargo}a\n")));
        assert!(
            !same("", "Running on empty\n"),
            "a program may use the words"
        );
        assert!(!same("", "warning: unused\n"));
    }

    #[test]
    fn the_report_names_the_line() {
        let shown = [(7, "a".to_owned()), (8, "b".to_owned())];
        let told = compare("README.md", &shown, "a\nc\n").unwrap_or_default();
        assert!(told.contains("README.md:8 shows\n    b"), "{told}");
        assert!(told.contains("> c"), "{told}");
    }
}
