//! How two texts differ, line by line.

/// The lines of both: with `-` those of `old` alone, with `+` those of `new` alone.
pub fn diff(old: &str, new: &str) -> Vec<(char, String)> {
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    // common[i][j]: the most lines that old[i..] and new[j..] have in common. Exercises are short.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    let at = |common: &Vec<Vec<usize>>, i: usize, j: usize| {
        common
            .get(i)
            .and_then(|row| row.get(j))
            .copied()
            .unwrap_or(0)
    };
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let most = if old.get(i) == new.get(j) {
                at(&common, i + 1, j + 1) + 1
            } else {
                at(&common, i + 1, j).max(at(&common, i, j + 1))
            };
            if let Some(cell) = common.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = most;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    loop {
        match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) if a == b => {
                lines.push((' ', (*a).to_owned()));
                i += 1;
                j += 1;
            }
            (Some(a), _) if j == new.len() || at(&common, i + 1, j) >= at(&common, i, j + 1) => {
                lines.push(('-', (*a).to_owned()));
                i += 1;
            }
            (_, Some(b)) => {
                lines.push(('+', (*b).to_owned()));
                j += 1;
            }
            _ => return lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_both_is_kept() {
        let told: Vec<String> = diff("a\nb\nc\n", "a\nx\nc\nd\n")
            .into_iter()
            .map(|(sign, line)| format!("{sign}{line}"))
            .collect();
        assert_eq!(told, [" a", "-b", "+x", " c", "+d"]);
        assert_eq!(diff("", ""), []);
    }
}
