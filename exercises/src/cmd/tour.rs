//! `tour`: the learner's own store from 01, shown as module 01 shows its engines.

use super::Context;
use crate::error::{Error, Result};
use crate::exercise::Mark;
use crate::show::RUN;
use crate::{catalogue, files, place};

const MANIFEST: &str = "# Made by the runner.\n\n[package]\nname = \"lab-tour\"\nedition = \"2024\"\npublish = false\n\n\
    [dependencies]\nblock-cid.workspace = true\nbytes.workspace = true\ndatastore.workspace = true\n\
    demo.workspace = true\n";

const MAIN: &str = include_str!("../../01-persistent/tour/main.rs");

/// Each store that can be shown, the better one first: its exercise, and how it is opened.
const STORES: [(&str, &str); 2] = [
    ("01-3", include_str!("../../01-persistent/tour/open_e03.rs")),
    ("01-2", include_str!("../../01-persistent/tour/open_e02.rs")),
];

/// Builds and runs it; a store that does not work yet is not shown.
pub fn run(cx: &mut Context<'_>) -> Result<u8> {
    for (id, open) in STORES {
        let (module, exercise) = catalogue::find(id)?;
        if !cx.progress.get(exercise).marks.contains(&Mark::Works) {
            continue;
        }
        cx.lab.prepare(module, exercise)?;
        let dir = cx.lab.dir.join("tour");
        files::write(&dir.join("Cargo.toml"), MANIFEST)?;
        files::write(&dir.join("src").join("open.rs"), open)?;
        let main = MAIN.replace("MINE", exercise.file);
        files::write(&dir.join("src").join("main.rs"), &main)?;
        // Once more, now that there is another member.
        cx.lab.prepare(module, exercise)?;
        cx.out.flush()?;
        let status = place::cargo(&place::root())
            .args(["run", "--quiet", "--manifest-path"])
            .arg(dir.join("Cargo.toml"))
            .status()
            .map_err(|error| Error::failed(format!("cannot start cargo: {error}")))?;
        return Ok(u8::from(!status.success()));
    }
    Err(Error::failed(format!(
        "there is no store of yours that works yet: solve 01-2 or 01-3 first, with `{RUN} next 01-2`"
    )))
}
