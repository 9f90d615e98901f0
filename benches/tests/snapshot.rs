//! The report in `docs/report` is one that this program reads, and makes the same pages of.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_committed_report_is_what_its_figures_give() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/report");
    let made = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_benches"));
    command.args(["report", "--from"]);
    command.arg(committed.join("report.json"));
    command.arg("--out").arg(made.path());
    let ended = command.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    for name in ["index.html", "report.md", "report.json"] {
        let [new, old] =
            [made.path(), &committed].map(|dir| fs::read_to_string(dir.join(name)).unwrap());
        // Their text is long; where they part is not.
        let differ = new.lines().zip(old.lines()).find(|(new, old)| new != old);
        assert!(
            new == old,
            "docs/report/{name} is not what `report --from docs/report/report.json --out docs/report` \
             writes: {differ:?}"
        );
    }
}
