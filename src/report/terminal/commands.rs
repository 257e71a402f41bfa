//! What was done with the store otherwise than by an import: taken back, forgotten, pruned, copied.

use crate::report::json::SCHEMA;
use crate::report::{counted, grouped};
use crate::store::sqlite::history::{Pruned, Undone};
use crate::store::sqlite::maintenance::Forgotten;
use serde_json::{Value, json};
use std::path::Path;

/// The report of a deed: what every report says of itself, and what is said of this one.
pub(crate) fn report(command: &str, status: &str, exit_code: u8, said: Value) -> String {
    let mut report = json!({
        "schema": SCHEMA,
        "engage": env!("CARGO_PKG_VERSION"),
        "command": command,
        "status": status,
        "exit_code": exit_code,
    });
    if let (Some(report), Value::Object(said)) = (report.as_object_mut(), said) {
        report.extend(said);
    }
    report.to_string()
}

/// An undo for programs: customers are counted by what became of them.
pub fn undo_report(undone: &Undone, dry_run: bool) -> String {
    let status = if dry_run { "dry_run" } else { "undone" };
    let said = json!({
        "undone": undone.import,
        "customers": {
            "inserted": undone.brought_back,
            "updated": undone.restored + undone.unarchived,
            "deleted": undone.removed,
        },
        "attributes": undone.attributes,
    });
    report("undo", status, 0, said)
}

/// An undo for a person, in one line without its end.
pub fn undo_summary(undone: &Undone) -> String {
    let parts = [
        (undone.removed, "removed"),
        (undone.restored, "as they were"),
        (undone.unarchived, "back from the archive"),
        (undone.brought_back, "there again"),
    ];
    let mut parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect();
    if parts.is_empty() {
        parts.push("no customer is otherwise".to_owned());
    }
    if !undone.attributes.is_empty() {
        let attributes = counted(undone.attributes.len() as u64, "attribute");
        parts.push(format!("{attributes} out of the catalogue"));
    }
    parts.join(" · ")
}

/// A forgetting for programs. It names nobody, except to whoever asked: with `unknown`, the uids
/// that are nobody's.
pub fn forget_report(
    forgotten: &Forgotten,
    exit_code: u8,
    erased: bool,
    unknown: Option<&[String]>,
) -> String {
    let mut said = json!({
        "customers": { "deleted": forgotten.customers },
        "devices": { "evicted": forgotten.devices },
        "before_images": forgotten.images,
        "history_lines": forgotten.lines,
        "segments": forgotten.segments,
        "erased": erased,
    });
    if let Some(unknown) = unknown {
        said["unknown"] = json!(unknown);
    }
    report("forget", "forgotten", exit_code, said)
}

/// A forgetting for a person, in one line without its end.
pub fn forget_summary(forgotten: &Forgotten) -> String {
    let mut parts =
        vec![counted(forgotten.devices, "device"), counted(forgotten.images, "before-image")];
    if forgotten.lines > 0 {
        parts.push(format!("{} of the history", counted(forgotten.lines, "line")));
    }
    parts.join(" · ")
}

/// A pruning for programs.
pub fn prune_report(pruned: Pruned) -> String {
    let said = json!({
        "pruned": pruned.imports,
        "before_images": pruned.images,
        "kept": pruned.left,
    });
    report("history", "pruned", 0, said)
}

/// A pruning for a person, in one line without its end.
pub fn prune_summary(pruned: Pruned) -> String {
    let Pruned { imports, images, left } = pruned;
    match imports {
        0 => format!("Nothing to prune: {} with a trail.", counted(left, "import")),
        _ => format!(
            "{} pruned ({}): they can no longer be taken back. {} with a trail left.",
            counted(imports, "import"),
            counted(images, "before-image"),
            counted(left, "import"),
        ),
    }
}

/// A backup for programs.
pub fn backup_report(store: &Path, file: &Path) -> String {
    let (store, file) = (store.display().to_string(), file.display().to_string());
    report("backup", "backed_up", 0, json!({ "store": store, "file": file }))
}
