//! One source for an exercise: the solution, with regions marked for the learner.
//!
//! ```text
//! pub fn cid(block: &[u8]) -> String {
//!     //~ todo: hash the block, then write the fields
//!     let digest = Sha256::digest(block);
//!     …
//!     //~ end
//! }
//! ```
//!
//! In the stub a region is `todo!("hash the block, then write the fields")`, which compiles whatever
//! the type, and fails with a text of its own. `//~ blank: text` leaves the comment `// text` instead,
//! for fields and items; the lines `//~ | code` of a region stand in the stub as they are.

const TODO: &str = "//~ todo:";
const BLANK: &str = "//~ blank:";
const LINE: &str = "//~ |";
const END: &str = "//~ end";

/// What the learner gets.
pub fn stub(answer: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in answer.lines() {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let indent = line.get(..indent).unwrap_or_default();
        if let Some(what) = text.strip_prefix(TODO) {
            out += &format!("{indent}todo!(\"{}\")\n", what.trim());
            inside = true;
        } else if let Some(what) = text.strip_prefix(BLANK) {
            out += &format!("{indent}// {}\n", what.trim());
            inside = true;
        } else if let Some(code) = text.strip_prefix(LINE) {
            out += format!("{indent}{}", code.strip_prefix(' ').unwrap_or(code)).trim_end();
            out.push('\n');
        } else if text == END {
            inside = false;
        } else if !inside {
            out += line;
            out.push('\n');
        }
    }
    out
}

/// The answer without its marks.
pub fn solution(answer: &str) -> String {
    let marked = |line: &&str| !line.trim_start().starts_with("//~");
    let mut text: String = answer.lines().filter(marked).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

/// What is wrong with the marks, if anything is.
pub fn fault(answer: &str) -> Option<String> {
    let mut open = None;
    let mut regions = 0;
    for (number, line) in (1..).zip(answer.lines()) {
        let text = line.trim_start();
        let opens = text.starts_with(TODO) || text.starts_with(BLANK);
        match open {
            None if opens => open = Some(number),
            None if text.starts_with("//~") => return Some(format!("line {number}: no region")),
            Some(at) if opens => return Some(format!("line {number}: the one of {at} is open")),
            Some(_) if text == END => {
                open = None;
                regions += 1;
            }
            _ => {}
        }
        if text.starts_with(TODO) && text.contains(['"', '{', '}', '\\']) {
            return Some(format!("line {number}: the text has to fit a todo!"));
        }
    }
    match open {
        Some(at) => Some(format!("the region of line {at} does not end")),
        None if regions == 0 => Some("there is no region to be written".into()),
        None => None,
    }
}

/// The line of the first thing to write, from 1.
pub fn first_todo(text: &str) -> usize {
    let at = text.lines().position(|line| line.contains("todo!("));
    at.map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "struct S {\n    //~ blank: what you keep\n    map: u8,\n    //~ end\n}\n\nfn f() -> u8 {\n    //~ todo: add one\n    let x = 1;\n    x + 1\n    //~ end\n}\n";

    #[test]
    fn the_stub_has_what_to_write_in_place_of_the_answer() {
        assert_eq!(
            stub(ANSWER),
            "struct S {\n    // what you keep\n}\n\nfn f() -> u8 {\n    todo!(\"add one\")\n}\n"
        );
        assert_eq!(first_todo(&stub(ANSWER)), 6);
    }

    #[test]
    fn a_region_may_leave_other_code() {
        let answer = "//~ blank: a tuple\n//~ | pub struct S;\npub struct S(u8);\n//~ end\n";
        assert_eq!(stub(answer), "// a tuple\npub struct S;\n");
        assert_eq!(solution(answer), "pub struct S(u8);\n");
    }

    #[test]
    fn the_solution_has_no_marks() {
        assert_eq!(
            solution(ANSWER),
            "struct S {\n    map: u8,\n}\n\nfn f() -> u8 {\n    let x = 1;\n    x + 1\n}\n"
        );
    }

    #[test]
    fn marks_that_do_not_fit_are_named() {
        assert_eq!(fault(ANSWER), None);
        for wrong in [
            "",
            "//~ todo: a\n",
            "//~ end\n",
            "//~ todo: a\n//~ todo: b\n//~ end\n",
            "//~ todo: a {}\n//~ end\n",
        ] {
            assert!(fault(wrong).is_some(), "{wrong:?}");
        }
    }
}
