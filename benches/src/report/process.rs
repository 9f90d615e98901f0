//! What the system says of this process.

use std::fs;

use anyhow::{Context, Result};

/// Bytes of memory that it has (`VmRSS` in proc(5)).
pub fn resident() -> Result<u64> {
    Ok(field("/proc/self/status", "VmRSS:")? << 10)
}

/// The most that it had since [`forget_peak`] (`VmHWM`).
pub fn peak() -> Result<u64> {
    Ok(field("/proc/self/status", "VmHWM:")? << 10)
}

/// Has [`peak`] begin anew, at what there is now.
pub fn forget_peak() -> Result<()> {
    fs::write("/proc/self/clear_refs", "5").context("cannot reset the peak of memory")
}

/// Bytes that it had the file system write (`write_bytes` in proc(5)): a page counts when it becomes
/// dirty, and nothing counts on a file system in memory.
pub fn written() -> Result<u64> {
    field("/proc/self/io", "write_bytes:")
}

/// Gives back what was freed as far as that can be told of without `unsafe`: large pieces go back by
/// themselves once one of them was freed.
///
/// From the first large piece on that is given back, glibc keeps such pieces for the next one.
/// Before, it gives each back to the system, and a get of 256 KiB takes twice as long: which engine
/// has had such a piece is not what is compared.
pub fn settle() {
    drop(std::hint::black_box(vec![1u8; 2 << 20]));
}

fn field(path: &str, name: &str) -> Result<u64> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    let number = number.with_context(|| format!("{path} has no {name}"))?;
    number
        .parse()
        .with_context(|| format!("{name} of {path} is no number"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn memory_that_is_used_is_seen_and_its_peak_forgotten() {
        forget_peak().unwrap();
        let before = resident().unwrap();
        let piece = std::hint::black_box(vec![1u8; 64 << 20]);
        assert!(resident().unwrap() >= before + (60 << 20));
        drop(piece);
        assert!(peak().unwrap() >= before + (60 << 20));
        forget_peak().unwrap();
        assert!(peak().unwrap() < before + (60 << 20));
    }
}
