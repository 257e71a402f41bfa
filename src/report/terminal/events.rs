//! The summary of a conversion of events.

use super::reject_reasons::reject_reasons;
use crate::outcome::{EventColumnRole, EventsOutcome, counted, grouped};
use crate::report::Screen;
use crate::text::{escaped, paragraph, quoted, shell_word};
use std::fmt::Write as _;

/// A conversion of events, line ends included.
pub fn events_summary(outcome: &EventsOutcome, screen: Screen) -> String {
    let mut text = String::new();
    let columns = outcome.columns.iter().filter(|it| it.role != EventColumnRole::Property);
    let columns: Vec<String> = columns
        .map(|column| format!("{} = {}", quoted(&column.column, 40), column.role.as_str()))
        .collect();
    let properties = outcome.columns.iter().filter(|it| it.role == EventColumnRole::Property);
    let properties = counted_properties(properties.count() as u64);
    let line = format!("{}, {properties}", columns.join(", "));
    let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
    let records = outcome.records;
    let mut parts = vec![
        format!("{} read", grouped(records.read)),
        format!("{} accepted", grouped(records.accepted)),
    ];
    if records.rejected > 0 {
        parts.push(format!("{} rejected", grouped(records.rejected)));
    }
    let _ = writeln!(text, "{}", paragraph(&parts.join(" · "), screen.width, 2));
    let sources = outcome.sources.iter().map(|source| source.path.as_str());
    let sources: Vec<&str> = sources.collect();
    reject_reasons(&outcome.rejects.groups, &sources, screen, &mut text);
    for file in &outcome.rejects.files {
        let line = format!("rejected records are in {}", escaped(&file.display().to_string()));
        let _ = writeln!(text, "{}", paragraph(&line, screen.width, 2));
    }
    let done = format!("Converted: {}", counted(records.accepted, "event"));
    let _ = write!(text, "{}", screen.palette().done(&done));
    let _ = match &outcome.output {
        Some(path) => writeln!(
            text,
            " in {}. Send them: engage push --events {}",
            escaped(path),
            escaped(&shell_word(path))
        ),
        None => writeln!(text, "."),
    };
    text
}

fn counted_properties(count: u64) -> String {
    match count {
        0 => "no properties".to_owned(),
        1 => "1 property".to_owned(),
        count => format!("{} properties", grouped(count)),
    }
}
