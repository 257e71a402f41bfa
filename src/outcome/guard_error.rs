//! Why a guard stopped an import, and what to do about it.

use super::counts::{counted, grouped};
use super::guard::{Guard, MissingAction};
use super::import::{ErrorReport, Outcome};
use crate::input::escaped;

impl Outcome {
    /// What the guard says that stopped the import, if one did. It holds no value of the file.
    pub fn guard_error(&self) -> Option<ErrorReport> {
        let guard = self.guard.as_ref()?;
        let message = format!("{}: nothing was changed", reason(guard, self));
        Some(ErrorReport { message, hints: vec![hint(guard, self)] })
    }
}

fn reason(guard: &Guard, outcome: &Outcome) -> String {
    let name = match outcome.sources.as_slice() {
        [] => "the input".to_owned(),
        [source] => escaped(&source.path),
        [first, rest @ ..] => format!("{} and {} more", escaped(&first.path), rest.len()),
    };
    let records = outcome.records;
    match guard {
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
    }
}

fn hint(guard: &Guard, outcome: &Outcome) -> String {
    match guard {
        Guard::NoRecords => "is the export complete?".to_owned(),
        Guard::AllRejected => "the first reason above is most likely the one: check the \
                                  mapping with -v --dry-run"
            .to_owned(),
        Guard::MaxMissing { .. } => {
            let of = outcome.snapshot.as_ref().map_or(1, |snapshot| snapshot.of.max(1));
            let share = (outcome.customers.missing * 100).div_ceil(of);
            format!("is the export complete? if so: --max-missing {share}%")
        }
        Guard::MaxRejects { .. } => "mend the records, or raise --max-rejects".to_owned(),
    }
}

fn become_of(action: MissingAction) -> &'static str {
    match action {
        MissingAction::Report => "be missing",
        MissingAction::Archive => "be archived",
        MissingAction::Delete => "be deleted",
    }
}
