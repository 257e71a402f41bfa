//! What a check of the store has found, and what a backup came to.

use super::style::Screen;
use super::text::{counted, escaped, grouped, quoted};
use crate::store::Finding;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    command: &'static str,
    sound: bool,
    findings: Vec<FindingReport<'a>>,
}

#[derive(Serialize)]
struct FindingReport<'a> {
    what: &'a str,
    count: u64,
    first: Option<&'a str>,
    repairable: bool,
}

/// The findings for a program, as JSON.
pub fn findings_report(findings: &[Finding]) -> String {
    let report = Report {
        schema: 1,
        command: "check",
        sound: findings.is_empty(),
        findings: findings
            .iter()
            .map(|finding| FindingReport {
                what: &finding.what,
                count: finding.count,
                first: finding.first.as_deref(),
                repairable: finding.repairable,
            })
            .collect(),
    };
    // Structs of texts and numbers always are JSON.
    serde_json::to_string(&report).unwrap_or_default()
}

/// What a backup came to, as JSON.
pub fn backup_report(store: &Path, file: &Path) -> String {
    let (store, file) = (store.display().to_string(), file.display().to_string());
    serde_json::json!({"schema": 1, "command": "backup", "store": store, "file": file}).to_string()
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
        let place = finding.first.as_deref().map_or(String::new(), |first| quoted(first, 40));
        let _ = match finding.count {
            1 if place.is_empty() => writeln!(text, "  {what}"),
            count => writeln!(text, "  {what}: {}, first {place}", grouped(count)),
        };
    }
    text
}
