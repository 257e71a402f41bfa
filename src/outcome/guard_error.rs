//! Why a guard stopped an import, and what to do about it.

use super::counts::{counted, grouped};
use super::guard::{Guard, MissingAction};
use super::import::{ErrorReport, Outcome, SourceOutcome};
use crate::text::escaped;
use crate::value::Key;

impl SourceOutcome {
    /// The message that the input seems to be cut off.
    pub(crate) fn cut_off_words(&self) -> String {
        format!(
            "{} seems to be cut off: its last record, number {}, is incomplete and has no line end",
            escaped(&self.path),
            grouped(self.records)
        )
    }
}

impl Outcome {
    /// The error of the guard that stopped the import, if one did. It contains no value of the
    /// file.
    pub fn guard_error(&self) -> Option<ErrorReport> {
        let guard = self.guard.as_ref()?;
        let message = format!("{}: nothing was changed", reason(guard, self));
        let mut hints = vec![hint(guard, self)];
        hints.extend(self.hints.iter().cloned());
        Some(ErrorReport { message, hints })
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
        Guard::NoRecords => format!("{name} has a header but no records"),
        Guard::AllRejected => {
            format!("every record of {name} was rejected ({})", grouped(records.rejected))
        }
        Guard::CutOff => format!("{}, so it is not a complete snapshot", cut_off(outcome)),
        Guard::MaxMissing { bound } => {
            let missing = outcome.customers.missing;
            let (of, fate) = match &outcome.snapshot {
                Some(snapshot) => (snapshot.of, fate_of(snapshot.action)),
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
        Guard::MaxMerged { bound } => {
            let contradicting = counted(outcome.contradictions.contradicting, "record");
            let bound = match bound {
                Some(bound) => format!("more than --max-merged {bound}"),
                None => "more than 10 %".to_owned(),
            };
            format!(
                "{contradicting} of {} in {name} contradict an earlier record of the same customer, \
                 {bound}",
                grouped(records.read)
            )
        }
        Guard::Overwritten => format!(
            "{} of {} in {name} overwrite values of an earlier record of the same customer: only the \
             last one of each would remain",
            grouped(outcome.contradictions.overwriting),
            counted(records.read, "record")
        ),
        Guard::OtherPeople => format!(
            "{} in the store would get a different email and a different name from {name}: these seem to \
             be different people with the same {}s",
            counted(outcome.contradictions.replaced, "customer"),
            outcome.key.map_or("key", Key::as_str)
        ),
        Guard::RepeatedKey => format!(
            "{} in {name} name the customer of an earlier record, but with \
             --one-row-per-customer a customer has only one record",
            counted(records.merged, "record")
        ),
        Guard::MaxRejects { bound } => format!(
            "{} of {} were rejected, more than --max-rejects {bound}",
            grouped(records.rejected),
            counted(records.read, "record"),
        ),
    }
}

/// The message that one of the inputs seems to be cut off.
fn cut_off(outcome: &Outcome) -> String {
    let source = outcome.sources.iter().find(|source| source.is_cut_off);
    source.map_or_else(String::new, SourceOutcome::cut_off_words)
}

fn hint(guard: &Guard, outcome: &Outcome) -> String {
    match guard {
        Guard::NoRecords => "is the export complete?".to_owned(),
        Guard::AllRejected => "the first reason above is the most likely \
                                  cause: check the mapping with -v --dry-run"
            .to_owned(),
        Guard::CutOff => {
            "export it again; if it is complete, end its last line with a line break, or import it without --snapshot"
                .to_owned()
        }
        Guard::MaxMissing { .. } => {
            let of = outcome.snapshot.as_ref().map_or(1, |snapshot| snapshot.of.max(1));
            let share = (outcome.customers.missing * 100).div_ceil(of);
            format!("if the export is complete: --max-missing {share}%")
        }
        Guard::MaxMerged { .. } => {
            let key = outcome.key.map_or("key", Key::as_str);
            let reason = match outcome.key {
                Some(Key::Uid) => "check whether another column identifies people, or the rows are events",
                _ => "if families share it, another column may identify people",
            };
            let count = outcome.contradictions.contradicting;
            format!(
                "keyed by {key}: {reason}. If this is intended: --max-merged {count}, or max_merged below \
                 [guards] in a mapping file"
            )
        }
        Guard::Overwritten => {
            "check whether the rows are events, or another column is unique. If this is intended: --max-merged 100%"
                .to_owned()
        }
        Guard::OtherPeople => {
            "check whether the file and the store each number people from 1. If they are the same people: --max-merged 100%"
                .to_owned()
        }
        Guard::RepeatedKey => "import one row for each customer".to_owned(),
        Guard::MaxRejects { .. } => "fix the records, or raise --max-rejects".to_owned(),
    }
}

fn fate_of(action: MissingAction) -> &'static str {
    match action {
        MissingAction::Report => "be missing",
        MissingAction::Archive => "be archived",
        MissingAction::Delete => "be deleted",
    }
}
