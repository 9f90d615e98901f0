//! One durable put on each engine, as the system sees it: recorded by strace.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use block_cid::{Block, Blockstore};
use demo::{Data, units};
use persistent::engines::file::{name, shard};
use persistent::{Config, Kind, Persistent};
use picture::calls::{self, Call, Does, Lane};
use picture::{Letters, MARGIN, Picture, Tone};
use testkit::child::say;
use testkit::strace;

/// The first argument of the process that puts.
pub const CHILD: &str = "put";

/// The engines of the default build.
const KINDS: [Kind; 5] = [
    Kind::Memory,
    Kind::File,
    Kind::Pack,
    Kind::Redb,
    Kind::Fjall,
];

/// The length of each block.
const LEN: usize = 4096;

/// How a name becomes a folder, in the words of Kubo.
const SHARDING: &str = "/repo/flatfs/shard/v1/next-to-last/2";

/// Blocks that are there before.
const BEFORE: u64 = 8;

/// The process that is recorded: a store that has some blocks, one more of which is between the marks.
pub fn put(kind: Kind, dir: &Path) -> Result<()> {
    let config = match kind.is_on_disk() {
        true => Config::new(kind).with_path(dir),
        false => Config::new(kind),
    };
    let store = Persistent::open(&config)?;
    let blocks = store.blocks();
    let data = Data::new(1);
    let made = |n| Block::raw(data.block(n, LEN));
    for n in 0..BEFORE {
        blocks.put(&made(n))?;
    }
    // One whose folder is there, as nearly all are in a store that is in use.
    let folder = |block: &Block| -> Option<String> {
        let name = name::encode(&block.cid().hash().to_bytes())?;
        Some(shard::Sharding::parse(SHARDING)?.folder(&name).into_owned())
    };
    let there = folder(&made(0));
    let mut more = (BEFORE..).map(made);
    let block = more
        .find(|block| folder(block) == there)
        .context("no block fits")?;
    say("begin");
    blocks.put(&block)?;
    say("end");
    Ok(())
}

pub fn draw() -> Result<String> {
    let mut lanes = Vec::new();
    for kind in KINDS {
        lanes.push(lane(kind)?);
    }
    let told: Vec<String> = lanes.iter().map(told).collect();
    let says = format!(
        "One block of {} bytes is put into five engines, each of which acknowledges it once it is on disk. \
         The calls of the system between the begin and the end of the put: {}.",
        units::count(LEN as u64),
        told.join("; ")
    );
    let title = format!("One put of {} bytes", units::count(LEN as u64));
    let mut page = Picture::new(&title, &says);
    let y = calls::legend(&mut page, 58.0, &calls::COLOURS);
    let y = calls::lanes(&mut page, y + 2.0, &lanes);
    let note = "On disk, each store also notes the put in its record of acknowledgements: 48 bytes, which \
                nobody waits for.";
    page.words(MARGIN, y + 8.0, Letters::Small, Tone::Soft, note);
    Ok(page.finish()?)
}

fn told(lane: &Lane) -> String {
    let calls: Vec<String> = lane
        .calls
        .iter()
        .map(|call| format!("{} ({})", call.name, call.on))
        .collect();
    format!("{}, {}: {}", lane.name, lane.total, calls.join(", then "))
}

fn lane(kind: Kind) -> Result<Lane> {
    let calls = recorded(kind)?;
    let mut lane = Lane {
        name: kind.name().to_owned(),
        about: kind.shape().to_owned(),
        total: String::new(),
        calls: Vec::new(),
    };
    let (mut bytes, mut flushes) = (0, 0);
    // Several writes to one file in a row.
    let mut last: Option<(String, u64, u64)> = None;
    let mut temps = Temps::default();
    for call in &calls {
        let on = temps.label(call);
        let (name, on, does) = match &call.name[..] {
            "write" | "pwrite64" | "writev" | "pwritev" | "pwritev2" => {
                let more = call.result as u64;
                bytes += more;
                let (times, all) = match &last {
                    Some((file, times, all)) if *file == on => {
                        lane.calls.pop();
                        (times + 1, all + more)
                    }
                    _ => (1, more),
                };
                last = Some((on.clone(), times, all));
                let name = format!("write {}", units::count(all));
                let on = match times {
                    1 => on,
                    n => format!("{on}, {n} times"),
                };
                (name, on, Does::Writes)
            }
            "fdatasync" | "fsync" | "syncfs" => {
                flushes += 1;
                (call.name.clone(), on, Does::Waits)
            }
            "openat" => ("open".to_owned(), on, Does::Names),
            "rename" | "renameat" | "renameat2" => (
                "rename".to_owned(),
                format!("to {}", folder(call)),
                Does::Names,
            ),
            other => (other.to_owned(), on, Does::Names),
        };
        if does != Does::Writes {
            last = None;
        }
        lane.calls.push(Call { name, on, does });
    }
    if lane.calls.is_empty() {
        lane.calls.push(Call {
            name: "no call".into(),
            on: "the system sees nothing".into(),
            does: Does::Nothing,
        });
    }
    let waits = match flushes {
        0 => "no flush".to_owned(),
        1 => "1 flush".to_owned(),
        n => format!("{n} flushes"),
    };
    lane.total = match bytes {
        0 => "nothing written".to_owned(),
        _ => format!("{} bytes, {waits}", units::count(bytes)),
    };
    Ok(lane)
}

/// What the process did between its marks, as far as it changes files of the store.
fn recorded(kind: Kind) -> Result<Vec<strace::Call>> {
    let place = tempfile::tempdir()?;
    let (log, store) = (place.path().join("log"), place.path().join("store"));
    let words = strace::record(&format!("openat,{}", strace::CHANGES), &log);
    let (program, words) = words.split_first().context("strace has a name")?;
    let output = Command::new(program)
        .args(words)
        .arg(std::env::current_exe()?)
        .args([CHILD, kind.name()])
        .arg(&store)
        .output()?;
    let noise = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{kind}: {}: {noise}",
        output.status
    );
    let calls = strace::parse(&std::fs::read_to_string(&log)?);
    let mark = |what: &str| {
        let at = calls.iter().position(|call| call.text.contains(what));
        at.with_context(|| format!("{kind}: there is no {what:?} in the record"))
    };
    let (begin, end) = (mark("> begin")?, mark("> end")?);
    let between = calls.get(begin + 1..end).unwrap_or_default();
    let thread = calls.get(begin).map(|call| call.thread);
    let dir = store.to_string_lossy().into_owned();
    let of_the_put = |call: &&strace::Call| {
        let opens = call.name == "openat" && !call.text.contains("O_CREAT");
        Some(call.thread) == thread && call.text.contains(&dir) && !opens
    };
    let acks = |call: &&strace::Call| call.path.ends_with("/acks");
    let (acks, calls): (Vec<_>, Vec<_>) = between.iter().filter(of_the_put).partition(acks);
    // The picture says so of all of them.
    let noted: Vec<i64> = acks.iter().map(|call| call.result).collect();
    let wanted: &[i64] = if kind.is_on_disk() { &[48] } else { &[] };
    ensure!(
        noted == wanted,
        "{kind}: its record of acknowledgements got {noted:?} bytes"
    );
    Ok(calls.into_iter().cloned().collect())
}

/// What files are called in the picture: a temporary file has another name each time.
#[derive(Default)]
struct Temps(Vec<String>);

impl Temps {
    fn label(&mut self, call: &strace::Call) -> String {
        let path = match &call.name[..] {
            "openat" => call.text.split('"').nth(1).unwrap_or_default(),
            _ => &call.path,
        };
        let (before, name) = path.rsplit_once('/').unwrap_or(("", path));
        if !before.ends_with("/.temp") {
            let is_shard = name.len() == 2;
            return if is_shard {
                format!("{name}/")
            } else {
                name.to_owned()
            };
        }
        if !self.0.contains(&path.to_owned()) {
            self.0.push(path.to_owned());
        }
        match self.0.first().is_some_and(|first| first == path) {
            true => "temp".to_owned(),
            false => "spare".to_owned(),
        }
    }
}

/// The folder that a file is renamed into.
fn folder(call: &strace::Call) -> String {
    let to = call.text.rsplit('"').nth(1).unwrap_or_default();
    let mut parts = to.rsplit('/').skip(1);
    format!("{}/", parts.next().unwrap_or_default())
}
