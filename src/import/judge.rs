//! Judges records: what each says of a customer, or all that is wrong with it.
//!
//! A batch is judged into one buffer of text with spans in it, so that no cell costs an allocation.

use super::known::{Known, KnownCustomers, key_hash};
use super::plan::{Plan, Role};
use crate::attribute::{
    Change, Code, DevicePlatform, DeviceToken, Email, Fault, FullName, Key, MAX_STRING_CHARACTERS,
    Name, Patch, PhoneNumber, Region, Standard, Uid, Value, is_spreadsheet_error, trimmed,
};
use crate::mapping::{Blank, OnInvalid};
use crate::source::{Breakage, FIELD_CAP, RECORD_CAP, Record};
use crate::store::CustomerId;

/// A piece of a batch's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

/// One thing wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordFault {
    /// The column's place in the file, where it is one column's.
    pub(super) column: Option<usize>,
    pub(super) fault: Fault,
}

/// Something that was taken in another way than it was meant, or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) column: usize,
    pub(super) kind: NoteKind,
}

/// What kind of note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoteKind {
    /// A value that does not fit the type that was inferred: kept as a string.
    Unfitting,
    /// An invalid value that was left out.
    Dropped(Fault),
    /// A spreadsheet's error, kept as a string.
    SpreadsheetError,
    /// An email whose domain is a common slip of this one.
    LikelySlip(&'static str),
}

/// What a record comes to.
#[derive(Debug)]
pub(super) enum Verdict {
    Accepted(Box<Accepted>),
    Rejected(Vec<RecordFault>),
    /// A stored fingerprint proves that there is nothing to do for this customer.
    Proven(CustomerId),
}

/// What an accepted record says.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    pub(super) key: Span,
    pub(super) key_hash: u64,
    pub(super) record_hash: u64,
    uid: Option<Span>,
    first_name: Change<Span>,
    last_name: Change<Span>,
    number: Change<Span>,
    email: Change<Span>,
    attributes: Span,
    /// Which attributes of the plan are removed.
    cleared: Vec<usize>,
    device: Option<(Span, DevicePlatform)>,
    pub(super) notes: Vec<Note>,
}

/// A batch's verdicts, one for each of its records.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    text: String,
    pub(super) verdicts: Vec<Verdict>,
    /// Which attributes of the plan had a value.
    pub(super) seen: Vec<bool>,
}

impl Judgement {
    /// Empties it for the next batch; what it has allocated stays.
    pub(super) fn clear(&mut self, plan: &Plan) {
        self.text.clear();
        self.verdicts.clear();
        self.seen.clear();
        self.seen.resize(plan.attributes.len(), false);
    }

    pub(super) fn text(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    pub(super) fn patch<'a>(&'a self, accepted: &Accepted, plan: &'a Plan) -> Patch<'a> {
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
        }
    }

    fn push(&mut self, text: &str) -> Span {
        let start = self.position();
        self.text.push_str(text);
        Span { start, end: self.position() }
    }

    fn position(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}

/// Judges records by one plan. It never changes, so that any thread may judge.
pub(super) struct Judge<'p> {
    plan: &'p Plan,
    /// Who was known before the import, with the proofs of this plan.
    known: Option<&'p KnownCustomers>,
    token_column: Option<usize>,
    platform_column: Option<usize>,
}

enum Cell<'a> {
    Blank,
    Null,
    Text(&'a str),
}

impl<'p> Judge<'p> {
    pub(super) fn new(plan: &'p Plan, known: Option<&'p KnownCustomers>) -> Self {
        let column = |standard| plan.mapping.standard(standard).map(|column| column.index);
        Self {
            plan,
            known,
            token_column: column(Standard::DeviceToken),
            platform_column: column(Standard::DevicePlatform),
        }
    }

    /// Judges a batch.
    pub(super) fn judge(&self, records: &[Record], judgement: &mut Judgement) {
        judgement.clear(self.plan);
        for record in records {
            let verdict = self.verdict(record, judgement, true);
            judgement.verdicts.push(verdict);
        }
    }

    /// Judges one more record into a judgement, whatever a fingerprint says of it.
    pub(super) fn judge_anew(&self, record: &Record, judgement: &mut Judgement) -> Verdict {
        self.verdict(record, judgement, false)
    }

    fn cell<'r>(&self, record: &'r Record, column: usize) -> Cell<'r> {
        let text = trimmed(record.field(column));
        if self.plan.null_marker && record.is_null(column) {
            Cell::Null
        } else if text.is_empty() {
            Cell::Blank
        } else if !self.plan.options.nulls.is_empty()
            && self.plan.options.nulls.iter().any(|null| null == text)
        {
            Cell::Null
        } else {
            Cell::Text(text)
        }
    }

    fn verdict(&self, record: &Record, judgement: &mut Judgement, trust_proofs: bool) -> Verdict {
        if let Some(breakage) = record.breakage {
            let fault = broken(breakage, self.plan.mapping.columns.len());
            let faults = vec![RecordFault { column: None, fault }];
            return Verdict::Rejected(faults);
        }
        let mut accepted =
            Accepted { record_hash: self.plan.record_hash(record.bytes()), ..Accepted::default() };
        let key = self.key(record, judgement);
        if let Ok(key) = &key {
            accepted.key = *key;
            accepted.key_hash = key_hash(judgement.text(accepted.key));
            if trust_proofs
                && let Some(known) = self.known
                && let Known::One(customer, proof) = known.get(accepted.key_hash)
                && proof == accepted.record_hash
            {
                return Verdict::Proven(customer);
            }
        }
        let mut faults: Vec<RecordFault> = key.err().into_iter().collect();
        for (column, role) in &self.plan.roles {
            if let Role::Standard(standard) = role {
                self.standard(record, *column, *standard, &mut accepted, judgement, &mut faults);
            } else if *role == Role::FullName {
                self.full_name(record, *column, &mut accepted, judgement, &mut faults);
            }
        }
        self.device(record, &mut accepted, judgement, &mut faults);
        self.attributes(record, &mut accepted, judgement, &mut faults);
        if faults.is_empty() {
            Verdict::Accepted(Box::new(accepted))
        } else {
            faults.sort_by_key(|fault| fault.column);
            Verdict::Rejected(faults)
        }
    }

    fn key(&self, record: &Record, judgement: &mut Judgement) -> Result<Span, RecordFault> {
        let key = self.plan.key;
        let Some(column) = self.plan.mapping.standard(key.attribute()).map(|c| c.index) else {
            let fault = Fault::new(missing(key), "the record names no customer");
            return Err(RecordFault { column: None, fault });
        };
        let text = match self.cell(record, column) {
            Cell::Text(text) => text,
            Cell::Blank | Cell::Null => "",
        };
        let read = match key {
            Key::Uid => Uid::parse(text).map(|uid| Some(judgement.push(uid.as_str()))),
            Key::Email => Email::parse(text).map(|e| e.map(|email| judgement.push(&email.key()))),
            Key::Number => PhoneNumber::parse(text, self.region(record).unwrap_or_default())
                .map(|n| n.map(|number| judgement.push(number.as_str()))),
        };
        read.and_then(|key_text| {
            key_text.ok_or_else(|| Fault::new(missing(key), "the record names no customer"))
        })
        .map_err(|fault| RecordFault { column: Some(column), fault })
    }

    /// The region that a record's number is read with; an error where its column names none that
    /// is known.
    fn region(&self, record: &Record) -> Result<Option<Region>, ()> {
        let fallback = self.plan.options.region;
        let Some(column) = self.plan.region_column else { return Ok(fallback) };
        match self.cell(record, column) {
            Cell::Blank | Cell::Null => Ok(fallback),
            Cell::Text(text) => text.parse().map(Some).map_err(|_| ()),
        }
    }

    fn number(&self, text: &str, record: &Record) -> Result<Option<PhoneNumber>, Fault> {
        match self.region(record) {
            Ok(region) => PhoneNumber::parse(text, region),
            Err(()) => PhoneNumber::parse(text, None).map_err(|fault| match fault.code {
                Code::NumberNotInternational => {
                    Fault::new(fault.code, "its region column names no country that is known")
                }
                _ => fault,
            }),
        }
    }

    fn standard(
        &self,
        record: &Record,
        column: usize,
        standard: Standard,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
        faults: &mut Vec<RecordFault>,
    ) {
        let is_key = self.plan.key.attribute() == standard;
        // The key was judged before; a bad one is reported once.
        if is_key && !faults.is_empty() && faults[0].column == Some(column) {
            return;
        }
        let cell = self.cell(record, column);
        let judged = match (standard, &cell) {
            (Standard::Uid, Cell::Text(text)) if !is_key => {
                Uid::parse(text).map(|uid| accepted.uid = Some(judgement.push(uid.as_str())))
            }
            // A device needs both of its columns and is judged apart.
            (Standard::Uid | Standard::DeviceToken | Standard::DevicePlatform, _) => return,
            (_, Cell::Text(text)) => {
                let set = match standard {
                    Standard::Email => Email::parse(text).map(|email| {
                        email.map(|email| {
                            if let Some(likely) = email.likely_slip() {
                                let kind = NoteKind::LikelySlip(likely);
                                accepted.notes.push(Note { column, kind });
                            }
                            judgement.push(email.as_str())
                        })
                    }),
                    Standard::Number => self
                        .number(text, record)
                        .map(|n| n.map(|number| judgement.push(number.as_str()))),
                    _ => Name::parse(text).map(|n| n.map(|name| judgement.push(name.as_str()))),
                };
                set.map(|set| {
                    if let Some(span) = set {
                        *accepted.standard(standard) = Change::Set(span);
                    }
                })
            }
            (_, cell) => {
                *accepted.standard(standard) = self.absent(cell);
                Ok(())
            }
        };
        if let Err(fault) = judged {
            self.blame(column, fault, accepted, faults);
        }
    }

    fn full_name(
        &self,
        record: &Record,
        column: usize,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
        faults: &mut Vec<RecordFault>,
    ) {
        let text = match self.cell(record, column) {
            Cell::Text(text) => text,
            cell => {
                accepted.first_name = self.absent(&cell);
                accepted.last_name = self.absent(&cell);
                return;
            }
        };
        match FullName::parse(text) {
            Ok(name) => {
                // A single word says that there is no other part.
                let mut part = |name: Option<Name<'_>>| match name {
                    Some(name) => Change::Set(judgement.push(name.as_str())),
                    None => self.absent(&Cell::Blank),
                };
                accepted.first_name = part(name.first);
                accepted.last_name = part(name.last);
            }
            Err(fault) => self.blame(column, fault, accepted, faults),
        }
    }

    fn device(
        &self,
        record: &Record,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
        faults: &mut Vec<RecordFault>,
    ) {
        let Some(token_column) = self.token_column else { return };
        let Cell::Text(text) = self.cell(record, token_column) else { return };
        let token = DeviceToken::parse(text);
        let given = self.platform_column.map(|column| (column, self.cell(record, column)));
        let platform = match given {
            Some((column, Cell::Text(text))) => {
                DevicePlatform::parse(text).map_err(|fault| (column, fault))
            }
            _ => Ok(self.plan.options.device_platform),
        };
        match (token, platform) {
            (Ok(Some(token)), Ok(Some(platform))) => {
                accepted.device = Some((judgement.push(token.as_str()), platform));
            }
            (token, platform) => {
                if let Err(fault) = token {
                    self.blame(token_column, fault, accepted, faults);
                }
                match platform {
                    Err((column, fault)) => self.blame(column, fault, accepted, faults),
                    Ok(None) => {
                        let message = "a token without a platform: --device-platform says it";
                        let fault = Fault::new(Code::DevicePlatformMissing, message);
                        self.blame(token_column, fault, accepted, faults);
                    }
                    Ok(Some(_)) => {}
                }
            }
        }
    }

    fn attributes(
        &self,
        record: &Record,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
        faults: &mut Vec<RecordFault>,
    ) {
        let start = judgement.position();
        judgement.text.push('{');
        for (index, attribute) in self.plan.attributes.iter().enumerate() {
            let column = attribute.column;
            let text = match self.cell(record, column) {
                Cell::Text(text) => text,
                cell => {
                    if self.absent::<Span>(&cell) == Change::Clear {
                        accepted.cleared.push(index);
                    }
                    continue;
                }
            };
            let declared = attribute.source.is_declared();
            let value = match declared {
                true => attribute.spec.value(text),
                false => attribute.spec.inferred_value(text),
            };
            let value = match value {
                Some(value) => value,
                None if declared => {
                    let message = format!("not a {}", attribute.spec.kind);
                    self.blame(column, Fault::new(Code::ValueType, message), accepted, faults);
                    continue;
                }
                None => {
                    accepted.notes.push(Note { column, kind: NoteKind::Unfitting });
                    Value::text(text)
                }
            };
            if !declared && is_spreadsheet_error(text) {
                accepted.notes.retain(|note| note.column != column);
                accepted.notes.push(Note { column, kind: NoteKind::SpreadsheetError });
            }
            if let Value::Text(text) = &value
                && text.len() > MAX_STRING_CHARACTERS
                && text.chars().count() > MAX_STRING_CHARACTERS
            {
                let message = "longer than 65,536 characters";
                self.blame(column, Fault::new(Code::ValueTooLong, message), accepted, faults);
                continue;
            }
            judgement.seen[index] = true;
            if judgement.position() > start + 1 {
                judgement.text.push(',');
            }
            judgement.text.push_str(&attribute.prefix);
            value.write_json(&mut judgement.text);
        }
        judgement.text.push('}');
        accepted.attributes = Span { start, end: judgement.position() };
    }

    fn absent<T>(&self, cell: &Cell<'_>) -> Change<T> {
        match (cell, self.plan.options.blank) {
            (Cell::Null, _) | (Cell::Blank, Blank::Clear) => Change::Clear,
            _ => Change::Keep,
        }
    }

    /// An invalid value rejects its record, or is left out and noted.
    fn blame(
        &self,
        column: usize,
        fault: Fault,
        accepted: &mut Accepted,
        faults: &mut Vec<RecordFault>,
    ) {
        match self.plan.options.on_invalid {
            OnInvalid::Reject => faults.push(RecordFault { column: Some(column), fault }),
            OnInvalid::Drop => {
                accepted.notes.push(Note { column, kind: NoteKind::Dropped(fault) });
            }
        }
    }
}

impl Accepted {
    fn standard(&mut self, standard: Standard) -> &mut Change<Span> {
        match standard {
            Standard::LastName => &mut self.last_name,
            Standard::Number => &mut self.number,
            Standard::Email => &mut self.email,
            _ => &mut self.first_name,
        }
    }
}

fn missing(key: Key) -> Code {
    match key {
        Key::Uid => Code::UidMissing,
        Key::Email => Code::EmailMissing,
        Key::Number => Code::NumberMissing,
    }
}

fn broken(breakage: Breakage, columns: usize) -> Fault {
    match breakage {
        Breakage::OpenQuote => Fault::new(Code::RecordQuote, "a quote was opened and not closed"),
        Breakage::TooLong => Fault::new(
            Code::RecordTooLong,
            format!(
                "a field over {} MiB or a record over {} MiB",
                FIELD_CAP >> 20,
                RECORD_CAP >> 20
            ),
        ),
        Breakage::Encoding => {
            Fault::new(Code::RecordEncoding, "bytes that are no text in the file's encoding")
        }
        Breakage::Fields { found } => {
            Fault::new(Code::RecordFields, format!("{found} fields for {columns} columns"))
        }
    }
}
