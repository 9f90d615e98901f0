//! A browser without a window.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// What the browser is called; `CAIRN_BROWSER` names another.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The browser, or why there is none.
pub fn find() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("CAIRN_BROWSER") {
        return Ok(path.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).flat_map(|dir| NAMES.map(|name| dir.join(name)));
    places
        .find(|file| file.is_file())
        .ok_or_else(|| "there is no chromium; apt install chromium, or CAIRN_BROWSER=…".into())
}

/// What becomes of the page once its scripts have run.
pub fn dom(browser: &PathBuf, page: &str, hash: &str) -> String {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("page.html");
    std::fs::write(&file, page).unwrap();
    let mut child = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--virtual-time-budget=3000",
            "--dump-dom",
        ])
        .arg(format!(
            "--user-data-dir={}",
            place.path().join("user").display()
        ))
        .arg(format!("file://{}{hash}", file.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let (send, dom) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.read_to_string(&mut text);
        let _ = send.send(read.map(|_| text));
    });
    let text = dom.recv_timeout(Duration::from_secs(120));
    child.kill().unwrap();
    child.wait().unwrap();
    text.expect("the browser is done within two minutes")
        .unwrap()
}
