//! Details of a guard that stopped an import. They contain keys of customers, so they are only for
//! the terminal.

use crate::outcome::{Guard, Outcome, SnapshotOutcome, counted, grouped};
use crate::text::quoted;

/// Why a guard stopped an import, as lines of text.
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
