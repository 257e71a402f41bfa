//! What a check of the store has found.

use super::commands::report;
use crate::input::escaped;
use crate::report::Screen;
use crate::report::{counted, grouped, quoted};
use crate::store::sqlite::maintenance::Finding;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// The findings for a program, as JSON.
pub fn findings_report(findings: &[Finding]) -> String {
    let sound = findings.is_empty();
    let (status, exit_code) = if sound { ("sound", 0) } else { ("unsound", 1) };
    report("check", status, exit_code, json!({ "sound": sound, "findings": findings }))
}

/// The findings for a person, line ends included.
pub fn findings_summary(store: &Path, findings: &[Finding], screen: Screen) -> String {
    let palette = screen.palette();
    let store = escaped(&store.display().to_string());
    if findings.is_empty() {
        return format!("{}\n", palette.done(&format!("{store} is sound.")));
    }
    let mut text = format!("{store}: {}\n", counted(findings.len() as u64, "finding"));
    for finding in findings {
        let what = escaped(&finding.what);
        let count = grouped(finding.count);
        let _ = match &finding.first {
            None if finding.count == 1 => writeln!(text, "  {what}"),
            None => writeln!(text, "  {what}: {count}"),
            Some(first) => writeln!(text, "  {what}: {count}, first {}", quoted(first, 40)),
        };
    }
    text
}
