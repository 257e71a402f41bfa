//! The result of validating a record: its values, or all errors in it.
//!
//! The results of a batch share one text buffer and refer to it by spans, so that a cell needs no
//! allocation of its own.

use crate::customer::{Change, Patch, RestoredState};
use crate::import::known::Known;
use crate::import::plan::Plan;
use crate::input::csv::{Breakage, FIELD_CAP, RECORD_CAP};
use crate::outcome::counted;
use crate::store::Slot;
use crate::value::{Code, DevicePlatform, RejectReason};

/// A range of a batch's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// One thing wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordError {
    /// The index of the column, if the error is in a single one.
    pub(crate) column: Option<usize>,
    pub(crate) reason: RejectReason,
}

impl RecordError {
    /// The error of a record that cannot be split into fields.
    pub(crate) fn of_breakage(breakage: Breakage, columns: usize) -> Self {
        let reason = match breakage {
            Breakage::OpenQuote => RejectReason::new(
                Code::RecordQuote,
                "a quote is not closed, or text follows the closing quote",
            ),
            Breakage::TooLong => RejectReason::new(
                Code::RecordTooLong,
                format!(
                    "a field over {} MiB or a record over {} MiB",
                    FIELD_CAP >> 20,
                    RECORD_CAP >> 20
                ),
            ),
            Breakage::Encoding => RejectReason::new(
                Code::RecordEncoding,
                "bytes that are not valid in the file's encoding",
            ),
            Breakage::Fields { found } => RejectReason::new(
                Code::RecordFields,
                format!(
                    "{} for {}",
                    counted(found as u64, "field"),
                    counted(columns as u64, "column")
                ),
            ),
        };
        Self { column: None, reason }
    }
}

/// A value that was read differently or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) column: usize,
    pub(crate) kind: NoteKind,
}

/// The kind of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoteKind {
    /// A value that does not fit the type that was inferred: kept as a string.
    Unfitting,
    /// A value that is kept as text, because it does not fit this reading of the attribute.
    OtherReading(usize),
    /// An invalid value that was left out.
    Dropped(RejectReason),
    /// A spreadsheet's error, kept as a string.
    SpreadsheetError,
    /// A word such as `N/A`, taken as blank.
    BlankWord,
    /// A number with an extension, which is left out.
    Extension,
    /// A cell with several addresses or numbers, of which the first is taken.
    FirstOfSeveral,
    /// A value of another column for an attribute that already has one.
    OtherColumn,
    /// An email whose domain is probably a typo of this one.
    LikelySlip(&'static str),
    /// A platform that is neither iOS nor Android, whose device was left out.
    OtherPlatform,
}

/// The result for one record. Most records are accepted, so a large variant wastes little, and a
/// box would cost an allocation for each.
#[derive(Debug)]
pub(crate) enum Validation {
    Accepted(AcceptedRecord),
    Rejected(RejectedRecord),
    /// A stored fingerprint proves that the record does not change this customer.
    Unchanged(Slot),
}

/// What is wrong with a record.
#[derive(Debug)]
pub(crate) struct RejectedRecord {
    pub(crate) errors: Vec<RecordError>,
    /// The hash of the key, if it can be read.
    pub(crate) key_hash: Option<u64>,
    /// The uid next to another key, if it can be read.
    pub(crate) uid: Option<Span>,
}

/// The values of an accepted record.
#[derive(Debug, Default)]
pub(crate) struct AcceptedRecord {
    pub(crate) key: Span,
    pub(crate) key_hash: u64,
    pub(crate) record_hash: u64,
    /// The customers known for the key, if the validator has looked it up.
    pub(crate) known: Option<Known>,
    pub(crate) uid: Option<Span>,
    pub(crate) first_name: Change<Span>,
    pub(crate) last_name: Change<Span>,
    pub(crate) number: Change<Span>,
    pub(crate) email: Change<Span>,
    pub(crate) attributes: Span,
    /// Which attributes of the plan are removed.
    pub(crate) cleared: Vec<usize>,
    pub(crate) device: Option<(Span, DevicePlatform)>,
    /// The additional fields of a record of engage's own export.
    pub(crate) exported: Option<Box<ExportedFields>>,
    pub(crate) notes: Vec<Note>,
}

/// The fields of a record of engage's own export that are not attributes.
#[derive(Debug, Default)]
pub(crate) struct ExportedFields {
    pub(crate) further_devices: Vec<(Span, DevicePlatform)>,
    pub(crate) archived_at: Option<Span>,
    pub(crate) first_imported_at: Option<Span>,
    pub(crate) last_changed_at: Option<Span>,
}

/// The bytes of text that an empty batch of results may keep allocated.
const KEPT_BYTES: usize = 1 << 20;

/// The results of a batch, one for each record, and the text that they share.
#[derive(Debug, Default)]
pub(crate) struct Validations {
    pub(crate) text: String,
    pub(crate) results: Vec<Validation>,
    /// How many values each attribute of the plan has.
    pub(crate) values: Vec<u64>,
}

impl Validations {
    /// Clears it for the next batch, keeping its allocations.
    pub(crate) fn clear(&mut self, plan: &Plan) {
        self.text.clear();
        self.results.clear();
        self.values.clear();
        self.values.resize(plan.attributes.len(), 0);
    }

    /// Frees what long records have allocated.
    pub(crate) fn shrink(&mut self) {
        if self.text.capacity() > KEPT_BYTES {
            self.text = String::new();
        }
    }

    pub(crate) fn text(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    pub(crate) fn patch<'a>(&'a self, accepted: &AcceptedRecord, plan: &'a Plan) -> Patch<'a> {
        let change = |change: Change<Span>| match change {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(span) => Change::Set(self.text(span)),
        };
        Patch {
            key: self.text(accepted.key),
            uid: accepted.uid.map(|span| self.text(span)),
            first_name: change(accepted.first_name),
            last_name: change(accepted.last_name),
            number: change(accepted.number),
            email: change(accepted.email),
            attributes: self.text(accepted.attributes),
            cleared: accepted.cleared.iter().map(|at| plan.attributes[*at].name.as_str()).collect(),
            device: accepted.device.map(|(token, platform)| (self.text(token), platform)),
            restored: accepted.exported.as_deref().map(|exported| self.restored(exported)),
        }
    }

    fn restored(&self, exported: &ExportedFields) -> RestoredState<'_> {
        let devices = exported.further_devices.iter();
        let text = |span: Option<Span>| span.map(|span| self.text(span));
        RestoredState {
            further_devices: devices.map(|(token, p)| (self.text(*token), *p)).collect(),
            archived_at: text(exported.archived_at),
            first_imported_at: text(exported.first_imported_at),
            last_changed_at: text(exported.last_changed_at),
        }
    }

    pub(crate) fn push(&mut self, text: &str) -> Span {
        let start = self.position();
        self.text.push_str(text);
        Span { start, end: self.position() }
    }

    pub(crate) fn position(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejects_file_says_what_is_wrong_with_a_broken_record() {
        let fields = Breakage::Fields { found: 3 };
        for breakage in [Breakage::OpenQuote, Breakage::TooLong, Breakage::Encoding, fields] {
            let RejectReason { code, message } = RecordError::of_breakage(breakage, 4).reason;
            let text = format!("record: {code}: {message}");
            assert_eq!(Breakage::from_reject(&text), Some(breakage));
        }
        assert_eq!(Breakage::from_reject("name: value.type: not a number"), None);
    }
}
