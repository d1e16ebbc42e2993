//! `tests/corpus/refused.txt`: flows that do not compile yet.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

use super::flow::root;

/// Tests of several folders strike flows at the same time.
static FILE: Mutex<()> = Mutex::new(());

fn file() -> PathBuf {
    root().join("refused.txt")
}

/// The listed flows, `folder/name`.
pub fn listed() -> Vec<String> {
    let text = std::fs::read_to_string(file()).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// A listed flow compiles and is equal: it has to leave the list, and with `ASYA_UPDATE` it does.
pub fn strike(path: &str, report: &mut String) {
    if std::env::var_os("ASYA_UPDATE").is_none() {
        let _ = writeln!(report, "{path} compiles: ASYA_UPDATE=1 takes it off refused.txt");
        return;
    }
    let _guard = FILE.lock().unwrap();
    let text = std::fs::read_to_string(file()).unwrap();
    let kept: String = text.lines().filter(|line| line.trim() != path).map(|line| format!("{line}\n")).collect();
    std::fs::write(file(), kept).unwrap();
}
