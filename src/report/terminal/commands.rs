//! Summaries of undo, forget, prune, retype, status and check.

use crate::outcome::{
    Finding, ForgetOutcome, LastImport, NextUndo, PruneOutcome, RetypeOutcome, RetypedAttribute,
    Status, StatusOutcome, UndoCounts, UndoOutcome, UndoneKind, counted, grouped,
};
use crate::report::words::to_the_minute;
use crate::report::{Screen, store_option, unquoted};
use crate::text::{escaped, hanging, quoted};
use crate::value::typed::ValueType;
use std::fmt::Write as _;
use std::path::Path;

/// The maximum width of a stray value.
const STRAY_WIDTH: usize = 24;

/// An undo, in one line without a line end.
pub fn undo_summary(undone: &UndoOutcome) -> String {
    let UndoCounts { inserted, updated, deleted, unarchived } = undone.customers;
    let parts = [
        (deleted, "removed"),
        (updated - unarchived, "reverted"),
        (unarchived, "back from the archive"),
        (inserted, "restored"),
    ];
    let mut parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect();
    if parts.is_empty() {
        parts.push("no customer changed".to_owned());
    }
    if !undone.attributes.is_empty() {
        let attributes = counted(undone.attributes.len() as u64, "attribute");
        parts.push(format!("{attributes} removed from the catalogue"));
    }
    parts.join(" · ")
}

/// A change that an undo reverts, in words: `import 8`.
pub fn undo_words(kind: UndoneKind, id: i64) -> String {
    match kind {
        UndoneKind::Import => format!("import {id}"),
        UndoneKind::Types => format!("change of types {id}"),
    }
}

/// The last import that changed something, or change of types, after an undo, in one line without a
/// line end. The next undo would revert it.
pub fn next_undo_line(undone: &UndoOutcome, is_dry_run: bool) -> String {
    let Some(NextUndo { id, kind, customers }) = undone.next else {
        return "Nothing left to undo.".to_owned();
    };
    let is = if is_dry_run { "would then be" } else { "is now" };
    let counts = [
        (customers.inserted, "new"),
        (customers.updated, "changed"),
        (customers.archived, "archived"),
        (customers.deleted, "deleted"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let mut counts: Vec<String> =
        counts.map(|(count, what)| format!("{} {what}", grouped(count))).collect();
    if counts.is_empty() {
        counts.push("no customer changed".to_owned());
    }
    format!("The last change {is} {}: {}.", undo_words(kind, id), counts.join(", "))
}

/// A forget, in one line without a line end.
pub fn forget_summary(forgotten: &ForgetOutcome) -> String {
    let mut parts = vec![
        counted(forgotten.devices.evicted, "device"),
        counted(forgotten.before_images, "before-image"),
    ];
    if forgotten.history_lines > 0 {
        parts.push(counted(forgotten.history_lines, "history line"));
    }
    parts.join(" · ")
}

/// A prune, in one line without a line end.
pub fn prune_summary(pruned: PruneOutcome) -> String {
    let PruneOutcome { imports, images, left } = pruned;
    match imports {
        0 => format!("Nothing to prune: {} with undo data.", counted(left, "import")),
        _ => format!(
            "{} pruned ({}): they can no longer be undone. {} with undo data left.",
            counted(imports, "import"),
            counted(images, "before-image"),
            counted(left, "import"),
        ),
    }
}

/// A change of types, line ends included.
pub fn retype_summary(retyped: &RetypeOutcome) -> String {
    let lines: Vec<String> = retyped.attributes.iter().map(retyped_line).collect();
    let id = retyped.import_id;
    format!("{}It is entry {id} of the history: engage undo reverts it.\n", lines.concat())
}

fn retyped_line(attribute: &RetypedAttribute) -> String {
    let RetypedAttribute { name, before, after, converted, unchanged, strays, stray, .. } =
        attribute;
    let spec = |spec: &Option<String>, kind: ValueType| match spec {
        Some(spec) => escaped(spec),
        None => kind.to_string(),
    };
    let spec_before = spec(&attribute.spec_before, *before);
    let spec_after = spec(&attribute.spec_after, *after);
    let has_format = spec_before != before.as_str() || spec_after != after.as_str();
    let is_now = if has_format { "is now of type" } else { "is now a" };
    let mut line = format!(
        "{} {is_now} {spec_after} ({spec_before} before): {} converted, {} unchanged",
        escaped(name),
        counted(*converted, "value"),
        grouped(*unchanged),
    );
    if let Some(stray) = stray {
        let stray = quoted(&unquoted(stray), STRAY_WIDTH);
        let _ = write!(line, ", {} that do not fit, such as {stray}", grouped(*strays));
    }
    line.push('\n');
    line
}

/// The status of a store: five facts, line ends included.
pub fn status_summary(status: &StatusOutcome, screen: Screen) -> String {
    let StatusOutcome { store, customers, archived, last_import, pending_rejects, .. } = status;
    let archived = match archived {
        0 => String::new(),
        count => format!(", {} of them archived", grouped(*count)),
    };
    let last = last_import.as_ref().map_or("none".to_owned(), |last| {
        let when = to_the_minute(&last.started_at);
        let (inserted, updated) = (grouped(last.inserted), grouped(last.updated));
        let files = escaped(&last.files.join(", "));
        let LastImport { id, status, .. } = last;
        let status = if status == Status::Partial.as_str() { "with rejects" } else { status };
        format!("{id}, {when} UTC, {status}: {files}, {inserted} new, {updated} changed")
    });
    let pending: Vec<String> = pending_rejects
        .iter()
        .map(|it| format!("{} in {}", counted(it.records, "record"), escaped(&it.file)))
        .collect();
    let pending = if pending.is_empty() { "none".to_owned() } else { pending.join(", ") };
    let damage = match status.findings {
        0 => "none".to_owned(),
        count => {
            format!(
                "{}: engage check{} lists them",
                counted(count, "finding"),
                store_option(Path::new(store))
            )
        }
    };
    let lines = [
        ("store", escaped(store)),
        ("customers", format!("{}{archived}", grouped(*customers))),
        ("last import", last),
        ("rejects", pending),
        ("damage", damage),
    ];
    let line = |(name, text): (&str, String)| {
        // The names are padded to eleven columns, with a gap of two.
        let text = hanging(&text, screen.width.saturating_sub(13).max(16), 13);
        format!("{}  {text}\n", screen.palette().dim(&format!("{name:11}")))
    };
    lines.map(line).concat()
}

/// The findings of a check, line ends included.
pub fn check_summary(store: &Path, findings: &[Finding], screen: Screen) -> String {
    let palette = screen.palette();
    let store = escaped(&store.display().to_string());
    if findings.is_empty() {
        return format!("{}\n", palette.done(&format!("{store} has no damage.")));
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
