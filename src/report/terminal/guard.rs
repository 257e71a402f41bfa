//! Why a guard stopped an import, and the ways on.

use crate::import::{Guard, MissingAction, Outcome, SnapshotOutcome};
use crate::input::escaped;
use crate::report::{counted, grouped, quoted};

/// Why the import was stopped, in one line. It holds no cell of the file.
pub fn guard_sentence(guard: &Guard, outcome: &Outcome) -> String {
    let name = match outcome.sources.as_slice() {
        [] => "the input".to_owned(),
        [source] => escaped(&source.name),
        [first, rest @ ..] => format!("{} and {} more", escaped(&first.name), rest.len()),
    };
    let records = outcome.records;
    let why = match guard {
        Guard::NoRecords => format!("{name} has a header and no record"),
        Guard::AllRejected => {
            format!("every record of {name} was rejected ({})", grouped(records.rejected))
        }
        Guard::MaxMissing { bound } => {
            let missing = outcome.customers.missing;
            let (of, fate) = match &outcome.snapshot {
                Some(snapshot) => (snapshot.of, become_of(snapshot.action)),
                None => (missing, "be missing"),
            };
            format!(
                "{name} names {} of {}: {} ({} %) would {fate}, more than --max-missing {bound}",
                grouped(of - missing),
                counted(of, "customer"),
                grouped(missing),
                missing * 100 / of.max(1),
            )
        }
        Guard::MaxRejects { bound } => format!(
            "{} of {} were rejected, more than --max-rejects {bound}",
            grouped(records.rejected),
            counted(records.read, "record"),
        ),
    };
    format!("{why}: nothing was changed")
}

fn become_of(action: MissingAction) -> &'static str {
    match action {
        MissingAction::Report => "be missing",
        MissingAction::Archive => "be archived",
        MissingAction::Delete => "be deleted",
    }
}

/// What shows it, line by line: for a person's eyes only.
pub fn guard_details(guard: &Guard, outcome: &Outcome) -> Vec<String> {
    let (Guard::MaxMissing { .. }, Some(snapshot)) = (guard, &outcome.snapshot) else {
        return Vec::new();
    };
    let among = format!("Among them: {}", examples(snapshot, outcome.customers.missing));
    let last = snapshot.last_records.map(|last| {
        format!(
            "The last import of a file of that name had {}; this one has {}.",
            counted(last, "record"),
            grouped(outcome.records.read)
        )
    });
    [among].into_iter().chain(last).collect()
}

/// The ways on.
pub fn guard_hints(guard: &Guard, outcome: &Outcome) -> Vec<String> {
    let hint = match guard {
        Guard::NoRecords => "is the export complete?".to_owned(),
        Guard::AllRejected => "the first reason above is most likely the one: check the mapping \
                               with -v --dry-run"
            .to_owned(),
        Guard::MaxMissing { .. } => {
            let of = outcome.snapshot.as_ref().map_or(1, |snapshot| snapshot.of.max(1));
            let share = (outcome.customers.missing * 100).div_ceil(of);
            format!("is the export complete? if so: --max-missing {share}%")
        }
        Guard::MaxRejects { .. } => "mend the records, or raise --max-rejects".to_owned(),
    };
    vec![hint]
}

/// A few of the missing.
pub(crate) fn examples(snapshot: &SnapshotOutcome, missing: u64) -> String {
    let named: Vec<String> = snapshot.examples.iter().map(|key| quoted(key, 40)).collect();
    let more = if missing > named.len() as u64 { " …" } else { "" };
    format!("{}{more}", named.join(", "))
}
