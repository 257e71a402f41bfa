//! What a record comes to: what it says of its customer, or all that is wrong with it.
//!
//! A batch's verdicts share one buffer of text with spans in it, so that no cell costs an
//! allocation.

use crate::customer::{Change, Patch, Restored};
use crate::import::known::Known;
use crate::import::plan::Plan;
use crate::store::sqlite::customers::CustomerId;
use crate::value::{DevicePlatform, Fault, Standard};

/// A piece of a batch's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// One thing wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordFault {
    /// The column's place in the file, where it is one column's.
    pub(crate) column: Option<usize>,
    pub(crate) fault: Fault,
}

/// Something that was taken in another way than it was meant, or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) column: usize,
    pub(crate) kind: NoteKind,
}

/// What kind of note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoteKind {
    /// A value that does not fit the type that was inferred: kept as a string.
    Unfitting,
    /// An invalid value that was left out.
    Dropped(Fault),
    /// A spreadsheet's error, kept as a string.
    SpreadsheetError,
    /// An email whose domain is a common slip of this one.
    LikelySlip(&'static str),
}

/// What a record comes to. Most are accepted, so that the room of the largest is no waste, and an
/// allocation for each would be.
#[derive(Debug)]
pub(crate) enum Verdict {
    Accepted(Accepted),
    Rejected(Rejected),
    /// A stored fingerprint proves that there is nothing to do for this customer.
    Proven(CustomerId),
}

/// What is wrong with a record.
#[derive(Debug)]
pub(crate) struct Rejected {
    pub(crate) faults: Vec<RecordFault>,
    /// The hash of the key, where that can be read.
    pub(crate) key_hash: Option<u64>,
    /// The uid beside another key, where it can be read.
    pub(crate) uid: Option<Span>,
}

/// What an accepted record says.
#[derive(Debug, Default)]
pub(crate) struct Accepted {
    pub(crate) key: Span,
    pub(crate) key_hash: u64,
    pub(crate) record_hash: u64,
    /// Who is known for the key, where the judge has looked.
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
    /// What a record of engage's own export says besides.
    pub(crate) kept: Option<Box<Kept>>,
    pub(crate) notes: Vec<Note>,
}

/// What the store had kept of a customer, as engage's own export has it.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) further_devices: Vec<(Span, DevicePlatform)>,
    pub(crate) archived_at: Option<Span>,
    pub(crate) first_imported_at: Option<Span>,
    pub(crate) last_changed_at: Option<Span>,
}

/// A batch's verdicts, one for each of its records.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    pub(crate) text: String,
    pub(crate) verdicts: Vec<Verdict>,
    /// Which attributes of the plan had a value.
    pub(crate) seen: Vec<bool>,
}

impl Judgement {
    /// Empties it for the next batch; what it has allocated stays.
    pub(crate) fn clear(&mut self, plan: &Plan) {
        self.text.clear();
        self.verdicts.clear();
        self.seen.clear();
        self.seen.resize(plan.attributes.len(), false);
    }

    pub(crate) fn text(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    pub(crate) fn patch<'a>(&'a self, accepted: &Accepted, plan: &'a Plan) -> Patch<'a> {
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
            restored: accepted.kept.as_deref().map(|kept| self.restored(kept)),
        }
    }

    fn restored(&self, kept: &Kept) -> Restored<'_> {
        let devices = kept.further_devices.iter();
        let text = |span: Option<Span>| span.map(|span| self.text(span));
        Restored {
            further_devices: devices.map(|(token, p)| (self.text(*token), *p)).collect(),
            archived_at: text(kept.archived_at),
            first_imported_at: text(kept.first_imported_at),
            last_changed_at: text(kept.last_changed_at),
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

impl Accepted {
    /// What it says of a standard attribute that is a text.
    pub(crate) fn standard(&mut self, standard: Standard) -> &mut Change<Span> {
        match standard {
            Standard::LastName => &mut self.last_name,
            Standard::Number => &mut self.number,
            Standard::Email => &mut self.email,
            _ => &mut self.first_name,
        }
    }
}
