//! The page of one import: its outcome, what to do next, and how its files were read.

use super::chart::{Bar, bars};
use super::document::document;
use super::masking::masked;
use super::reading::{mapping, reading};
use super::table::{Cell, counts, table};
use crate::outcome::{Outcome, RejectGroup, Status, counted, grouped};
use crate::report::{command_line, import_command, percent, store_option};
use crate::store::{HistoryEntry, HistoryKind, Profile, UndoLog};
use crate::text::{capitalized, escaped};
use maud::{Markup, html};

const MASKED: &str = "Letters of values are shown as x and digits as 0; --show-values shows them.";
const NOT_KEPT: &str = "Values of rejected records are not kept in the store: they are in the \
                        rejects file.";

/// The content of a page.
struct Page<'a> {
    title: String,
    /// How the command ended: a CSS class and a text.
    status_line: (&'static str, &'a str),
    /// Labels and texts, such as the time, the user and the options.
    facts: Vec<(&'static str, String)>,
    report: &'a Outcome,
    /// The attributes of the store, and the number of customers.
    fill: Option<&'a (Vec<Profile>, u64)>,
    /// What to do next, each with its command.
    next: Vec<(&'static str, String)>,
    show_values: bool,
    footnote: Option<&'static str>,
}

impl<'a> Page<'a> {
    fn new(title: String, report: &'a Outcome) -> Self {
        Self {
            title,
            status_line: status_line_of(report.status),
            facts: Vec::new(),
            report,
            fill: None,
            next: Vec::new(),
            show_values: false,
            footnote: None,
        }
    }
}

/// The page of an import that was done or stopped. `fill` has the attributes of the store after the
/// import, and the number of customers.
pub fn import_page(
    outcome: &Outcome,
    fill: Option<&(Vec<Profile>, u64)>,
    show_values: bool,
) -> String {
    let mut next = Vec::new();
    let store = store_option(&outcome.store);
    if !outcome.rejects.files.is_empty() && outcome.guard.is_none() {
        let Outcome { words_for_rejects, store, .. } = outcome;
        let command = import_command(&outcome.rejects.files, words_for_rejects, store);
        next.push(("Fix the rejected records, then import them:", command));
    }
    if let (Some(id), None) = (outcome.import_id, &outcome.guard) {
        next.push(("See what changed:", format!("engage changes {id}{store}")));
        next.push((
            "Undo it, unless a later import changed something:",
            format!("engage undo{store}"),
        ));
    }
    document_of(&Page {
        fill,
        next,
        show_values,
        footnote: (!show_values && outcome.records.rejected > 0).then_some(MASKED),
        facts: vec![("Store", outcome.store.display().to_string())],
        ..Page::new(title_of_sources(outcome, outcome.import_id), outcome)
    })
}

/// The page of an import that was refused or failed.
pub fn failed_import_page(report: &Outcome) -> String {
    document_of(&Page::new(title_of_sources(report, None), report))
}

/// The page of a line of the history. `fill` has the current attributes of the store, and the
/// number of customers.
pub fn history_entry_page(entry: &HistoryEntry, fill: Option<&(Vec<Profile>, u64)>) -> String {
    let report = entry.outcome();
    let time = |time: &str| time.replace('T', " ").replace('Z', " UTC");
    let mut facts =
        vec![("Started", time(&entry.started_at)), ("Finished", time(&entry.finished_at))];
    facts.extend(entry.operator.clone().map(|who| ("By", who)));
    facts.push(("Command", command_line(&entry.options)));
    let mut next = Vec::new();
    if entry.undo_log == Some(UndoLog::Complete) {
        next.push(("See what changed:", format!("engage changes {}", entry.id)));
    }
    if entry.undo_log == Some(UndoLog::Undone) {
        facts.push(("Since", "undone".to_owned()));
    }
    let title = match &entry.kind {
        HistoryKind::Import => title_of_sources(&report, Some(entry.id)),
        kind => format!("{} {}", capitalized(kind.as_str()), entry.id),
    };
    // A line without a report, or with that of a newer version, still has a status.
    let status_line = if report.engage.is_empty() {
        match Status::from_name(&entry.status) {
            Some(status) => status_line_of(status),
            None => ("", &*entry.status),
        }
    } else {
        status_line_of(report.status)
    };
    let footnote = (!report.rejects.groups.is_empty()).then_some(NOT_KEPT);
    document_of(&Page { status_line, facts, fill, next, footnote, ..Page::new(title, &report) })
}

fn title_of_sources(report: &Outcome, id: Option<i64>) -> String {
    let of = match report.sources.as_slice() {
        [] => String::new(),
        [source] => format!(" of {}", source.path),
        [first, rest @ ..] => {
            format!(" of {} and {}", first.path, counted(rest.len() as u64, "more file"))
        }
    };
    match id {
        Some(id) => format!("Import {id}{of}"),
        None => format!("Import{of}"),
    }
}

fn document_of(page: &Page<'_>) -> String {
    let report = page.report;
    let body = html! {
        header {
            h1 { (escaped(&page.title)) }
            (ending(page))
        }
        (changes(report))
        @if let Some(error) = &report.error {
            (hint_list(&error.hints))
        }
        (warnings(report))
        (rejects(page))
        (next(page))
        (reading(report, &page.facts))
        (mapping(report))
        (fill(page))
    };
    document(&page.title, &body, page.footnote)
}

/// How a command ended: a CSS class and a text.
fn status_line_of(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Imported => ("good", "Every record was imported."),
        Status::Partial => ("care", "Imported, but some records were rejected."),
        Status::DryRun => ("care", "Dry run: nothing was written."),
        Status::Stopped => ("bad", "Stopped by a guard: nothing was changed."),
        Status::Refused => ("bad", "Refused: nothing was changed."),
        Status::Failed => ("bad", "Failed: nothing was changed."),
        status => ("", status.as_str()),
    }
}

fn ending(page: &Page<'_>) -> Markup {
    let (class, words) = page.status_line;
    html! {
        p class={ "lead " (class) } { (escaped(words)) }
        @if let Some(error) = &page.report.error { p { (escaped(&error.message)) "." } }
    }
}

fn hint_list(hints: &[String]) -> Markup {
    html! {
        @if !hints.is_empty() {
            h2 { "Hints" }
            ul { @for hint in hints { li { (escaped(hint)) } } }
        }
    }
}

fn changes(report: &Outcome) -> Markup {
    let Outcome { records, customers, devices, .. } = report;
    html! {
        @if records.read > 0 || customers.deleted + customers.archived + customers.updated > 0 {
            h2 { "What changed" }
            (counts(&[
                ("records read", records.read),
                ("rejected", records.rejected),
                ("skipped", records.skipped),
                ("merged", records.merged),
                ("new customers", customers.inserted),
                ("changed", customers.updated),
                ("unchanged", customers.unchanged),
                ("missing", customers.missing),
                ("archived", customers.archived),
                ("deleted", customers.deleted),
                ("new devices", devices.added),
                ("devices refreshed", devices.refreshed),
                ("devices evicted", devices.evicted),
            ]))
        }
    }
}

fn warnings(report: &Outcome) -> Markup {
    html! {
        @if !report.warnings.is_empty() {
            h2 { "Warnings" }
            ul { @for warning in &report.warnings { li { (escaped(&warning.message)) } } }
        }
    }
}

fn rejects(page: &Page<'_>) -> Markup {
    let Outcome { records, rejects, .. } = page.report;
    let name = |group: &RejectGroup| match &group.column {
        Some(column) => format!("{} in {column}", group.code),
        None => group.code.to_string(),
    };
    let list: Vec<Bar> = rejects
        .groups
        .iter()
        .map(|group| Bar {
            label: name(group),
            words: counted(group.count, "record"),
            length: group.count,
        })
        .collect();
    html! {
        @if !list.is_empty() {
            h2 { "Rejected records" }
            p {
                (grouped(records.rejected)) " of " (counted(records.read, "record"))
                " were rejected. A record may have several reasons."
            }
            figure {
                figcaption class="quiet" { "Records by reason" }
                (bars(&list, records.rejected))
            }
            @for group in &rejects.groups {
                h3 { (escaped(&name(group))) }
                (first_records(page, group))
            }
            @if !rejects.files.is_empty() {
                p {
                    "All of them, with their reasons: "
                    @for file in &rejects.files { code { (escaped(&file.display().to_string())) } " " }
                }
            }
        }
    }
}

fn first_records(page: &Page<'_>, group: &RejectGroup) -> Markup {
    let file = |at: usize| page.report.sources.get(at).map_or("", |source| source.path.as_str());
    let several = page.report.sources.len() > 1;
    let examples = &group.examples;
    if examples.is_empty() {
        return html! {
            p {
                "First in record " (grouped(group.first_record))
                @if several { " of " code { (escaped(file(group.first_source))) } }
                "."
            }
        };
    }
    let mut messages = examples.iter().map(|example| example.message.as_str());
    // A message common to all of them is shown once.
    let message = messages.next().filter(|first| messages.all(|message| message == *first));
    let rows: Vec<Vec<Cell>> = examples
        .iter()
        .map(|example| {
            let value = example.value.as_deref().map(|value| masked(value, page.show_values));
            let mut row = vec![
                Cell::Count(example.record),
                Cell::Count(example.line),
                Cell::optional(value, Cell::Code),
            ];
            if message.is_none() {
                row.push(Cell::text(&example.message));
            }
            if several {
                row.push(Cell::text(file(example.source)));
            }
            row
        })
        .collect();
    let mut columns = vec!["record", "line", "value"];
    columns.extend(message.is_none().then_some("what is wrong"));
    columns.extend(several.then_some("file"));
    let column = group.column.as_deref().map_or(String::new(), |column| format!(" in {column}"));
    html! {
        @if let Some(message) = message { p { (escaped(message)) } }
        (table(&format!("The first records of {}{column}", group.code), &columns, &rows))
    }
}

fn next(page: &Page<'_>) -> Markup {
    html! {
        @if !page.next.is_empty() {
            h2 { "Next steps" }
            @for (what, command) in &page.next {
                p {
                    (what) br;
                    code { @for word in escaped(command).split(' ') { span class="word" { (word) } " " } }
                }
            }
        }
    }
}

fn fill(page: &Page<'_>) -> Markup {
    html! {
        @if let Some((profiles, customers)) = page.fill {
            h2 { "Fill rates" }
            p {
                "Of " (counted(*customers, "customer")) " in the store when this page was written, "
                "archived ones included."
            }
            (bars_of_fill(profiles, *customers))
        }
    }
}

/// How many customers have a value of each attribute.
pub(crate) fn bars_of_fill(profiles: &[Profile], customers: u64) -> Markup {
    let list: Vec<Bar> = profiles
        .iter()
        .map(|profile| Bar {
            label: profile.name.clone(),
            words: format!(
                "{} · {}",
                percent(profile.values.values as f64 / (customers as f64).max(1.0)),
                grouped(profile.values.values)
            ),
            length: profile.values.values,
        })
        .collect();
    html! {
        figure {
            figcaption class="quiet" { "Customers with a value" }
            (bars(&list, customers))
        }
    }
}
