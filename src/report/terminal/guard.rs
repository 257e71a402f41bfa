//! What shows why a guard stopped an import: for a person's eyes only.

use crate::outcome::{Guard, Outcome, SnapshotOutcome, counted, grouped};
use crate::text::quoted;

/// What shows why a guard stopped an import, line by line.
pub fn guard_details(outcome: &Outcome) -> Vec<String> {
    let (Some(Guard::MaxMissing { .. }), Some(snapshot)) = (&outcome.guard, &outcome.snapshot)
    else {
        return Vec::new();
    };
    let among = format!("Including: {}", missing_examples(snapshot, outcome.customers.missing));
    let last = snapshot.last_records.map(|last| {
        format!(
            "The last import of a file of that name had {}; this one has {}.",
            counted(last, "record"),
            grouped(outcome.records.read)
        )
    });
    [among].into_iter().chain(last).collect()
}

/// A few of the missing customers.
pub(crate) fn missing_examples(snapshot: &SnapshotOutcome, missing: u64) -> String {
    let named: Vec<String> = snapshot.examples.iter().map(|key| quoted(key, 40)).collect();
    let more = if missing > named.len() as u64 { " …" } else { "" };
    format!("{}{more}", named.join(", "))
}
