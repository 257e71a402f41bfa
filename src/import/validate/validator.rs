//! Judges records: what each says of a customer, or all that is wrong with it.

use super::cells::{Cell, Row, typed};
use super::validation::{
    Accepted, Judgement, Note, NoteKind, RecordFault, Rejected, Span, Verdict,
};
use crate::customer::Change;
use crate::import::apply::known::{Known, KnownCustomers, key_hash};
use crate::import::plan::{Plan, Role, SourceRules};
use crate::input::csv::{Breakage, FIELD_CAP, RECORD_CAP, Record};
use crate::own_export::CellType;
use crate::settings::{Blank, OnInvalid};
use crate::value::email::Email;
use crate::value::phone::PhoneNumber;
use crate::value::region::Region;
use crate::value::typed::{MAX_STRING_CHARACTERS, Value};
use crate::value::{Code, Fault, FullName, Key, Name, Standard, Uid};

/// Judges records by one plan. It never changes, so that any thread may judge.
pub(crate) struct Judge<'p> {
    pub(crate) plan: &'p Plan,
    /// Who was known before the import, with the proofs of this plan.
    known: Option<&'p KnownCustomers>,
    pub(crate) token_column: Option<usize>,
    pub(crate) platform_column: Option<usize>,
}

impl<'p> Judge<'p> {
    pub(crate) fn new(plan: &'p Plan, known: Option<&'p KnownCustomers>) -> Self {
        let column = |standard| plan.mapping.standard(standard).map(|column| column.index);
        Self {
            plan,
            known,
            token_column: column(Standard::DeviceToken),
            platform_column: column(Standard::DevicePlatform),
        }
    }

    /// Judges records of one input.
    pub(crate) fn judge(&self, records: &[Record], rules: SourceRules, judgement: &mut Judgement) {
        judgement.clear(self.plan);
        for record in records {
            let verdict = self.verdict(record, rules, judgement, true);
            judgement.verdicts.push(verdict);
        }
    }

    /// Judges one more record into a judgement, whatever a fingerprint says of it.
    pub(crate) fn judge_anew(
        &self,
        record: &Record,
        rules: SourceRules,
        judgement: &mut Judgement,
    ) -> Verdict {
        self.verdict(record, rules, judgement, false)
    }

    fn verdict(
        &self,
        record: &Record,
        rules: SourceRules,
        judgement: &mut Judgement,
        trust_proofs: bool,
    ) -> Verdict {
        if let Some(breakage) = record.breakage {
            let fault = broken(breakage, self.plan.mapping.columns.len());
            let faults = vec![RecordFault { column: None, fault }];
            return Verdict::Rejected(Rejected { faults, key_hash: None, uid: None });
        }
        let marker = match self.plan.own.as_ref().map(|own| own.row_marker(record)).transpose() {
            Ok(marker) => marker,
            Err((column, fault)) => {
                let faults = vec![RecordFault { column: Some(column), fault }];
                return Verdict::Rejected(Rejected { faults, key_hash: None, uid: None });
            }
        };
        // In an own export nothing is a word for something else.
        let row = if marker.is_some() {
            Row { record, nulls: &[], null_marker: false, marker }
        } else {
            let nulls = &self.plan.options.nulls;
            Row { record, nulls, null_marker: rules.nulls, marker }
        };
        let mut accepted =
            Accepted { record_hash: rules.record_hash(record.bytes()), ..Accepted::default() };
        let key = self.key(&row, &mut accepted, judgement);
        if key.is_ok() {
            accepted.key_hash = key_hash(judgement.text(accepted.key));
            accepted.known = self.known.map(|known| known.get(accepted.key_hash));
            if let Some(Known::One(customer, proof)) = accepted.known
                && trust_proofs
                && proof == accepted.record_hash
            {
                return Verdict::Proven(customer);
            }
        }
        let key_hash = key.is_ok().then_some(accepted.key_hash);
        let mut faults: Vec<RecordFault> = key.err().into_iter().collect();
        for (column, role) in &self.plan.roles {
            if let Role::Standard(standard) = role {
                self.standard(&row, *column, *standard, &mut accepted, judgement, &mut faults);
            } else if *role == Role::FullName {
                self.full_name(&row, *column, &mut accepted, judgement, &mut faults);
            }
        }
        self.device(&row, &mut accepted, judgement, &mut faults);
        if self.plan.own.is_some() {
            self.kept(&row, &mut accepted, judgement, &mut faults);
        }
        self.attributes(&row, &mut accepted, judgement, &mut faults);
        if faults.is_empty() {
            Verdict::Accepted(accepted)
        } else {
            faults.sort_by_key(|fault| fault.column);
            Verdict::Rejected(Rejected { faults, key_hash, uid: accepted.uid })
        }
    }

    /// Judges the key, and with it the standard attribute that it is.
    fn key(
        &self,
        row: &Row<'_>,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
    ) -> Result<(), RecordFault> {
        let key = self.plan.key;
        let none = || Fault::new(missing(key), "the record names no customer");
        let Some(column) = self.plan.mapping.standard(key.attribute()).map(|c| c.index) else {
            return Err(RecordFault { column: None, fault: none() });
        };
        let text = match row.cell(column) {
            Cell::Text(text) => text,
            Cell::Blank | Cell::Null => "",
        };
        let read = match key {
            Key::Uid => Uid::parse(text).map(|uid| Some(judgement.push(uid.as_str()))),
            Key::Email => Email::parse(text).map(|email| {
                email.map(|email| {
                    accepted.email = Change::Set(email_span(&email, column, accepted, judgement));
                    judgement.push(&email.key())
                })
            }),
            Key::Number => self.number(text, row).map(|number| {
                number.map(|number| {
                    let span = judgement.push(number.as_str());
                    accepted.number = Change::Set(span);
                    span
                })
            }),
        };
        accepted.key = read
            .and_then(|span| span.ok_or_else(none))
            .map_err(|fault| RecordFault { column: Some(column), fault })?;
        Ok(())
    }

    /// The region that a record's number is read with; an error where its column names none that
    /// is known.
    fn region(&self, row: &Row<'_>) -> Result<Option<Region>, ()> {
        if row.marker.is_some() {
            // What the store had is international.
            return Ok(None);
        }
        let fallback = self.plan.options.region;
        let Some(column) = self.plan.region_column else { return Ok(fallback) };
        match row.cell(column) {
            Cell::Blank | Cell::Null => Ok(fallback),
            Cell::Text(text) => text.parse().map(Some).map_err(|_| ()),
        }
    }

    fn number(&self, text: &str, row: &Row<'_>) -> Result<Option<PhoneNumber>, Fault> {
        match self.region(row) {
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
        row: &Row<'_>,
        column: usize,
        standard: Standard,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
        faults: &mut Vec<RecordFault>,
    ) {
        // The key was judged before.
        if self.plan.key.attribute() == standard {
            return;
        }
        let cell = row.cell(column);
        let judged = match (standard, &cell) {
            (Standard::Uid, Cell::Text(text)) => {
                Uid::parse(text).map(|uid| accepted.uid = Some(judgement.push(uid.as_str())))
            }
            // A device needs both of its columns and is judged apart.
            (Standard::Uid | Standard::DeviceToken | Standard::DevicePlatform, _) => return,
            (_, Cell::Text(text)) => {
                let set = match standard {
                    Standard::Email => Email::parse(text).map(|email| {
                        email.map(|email| email_span(&email, column, accepted, judgement))
                    }),
                    Standard::Number => self
                        .number(text, row)
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
        row: &Row<'_>,
        column: usize,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
        faults: &mut Vec<RecordFault>,
    ) {
        let text = match row.cell(column) {
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

    fn attributes(
        &self,
        row: &Row<'_>,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
        faults: &mut Vec<RecordFault>,
    ) {
        let start = judgement.position();
        judgement.text.push('{');
        for (index, attribute) in self.plan.attributes.iter().enumerate() {
            let column = attribute.column;
            let value = match self.cell_type(row, index) {
                CellType::Attribute => match row.cell(column) {
                    Cell::Text(text) => typed(attribute, text, &mut accepted.notes),
                    cell => {
                        if self.absent::<Span>(&cell) == Change::Clear {
                            accepted.cleared.push(index);
                        }
                        continue;
                    }
                },
                cell_type => cell_type.value(row.exact(column)),
            };
            let value = match value {
                Ok(value) => value,
                Err(fault) => {
                    self.blame(column, fault, accepted, faults);
                    continue;
                }
            };
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

    fn cell_type(&self, row: &Row<'_>, attribute: usize) -> CellType {
        match (&self.plan.own, row.marker) {
            (Some(own), Some(marker)) => own.cell_type(marker, attribute),
            _ => CellType::Attribute,
        }
    }

    fn absent<T>(&self, cell: &Cell<'_>) -> Change<T> {
        match (cell, self.plan.options.blank) {
            (Cell::Null, _) | (Cell::Blank, Blank::Clear) => Change::Clear,
            _ => Change::Keep,
        }
    }

    /// An invalid value rejects its record, or is left out and noted.
    pub(crate) fn blame(
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

fn email_span(
    email: &Email,
    column: usize,
    accepted: &mut Accepted,
    judgement: &mut Judgement,
) -> Span {
    if let Some(likely) = email.likely_slip() {
        accepted.notes.push(Note { column, kind: NoteKind::LikelySlip(likely) });
    }
    judgement.push(email.as_str())
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
        Breakage::OpenQuote => Fault::new(
            Code::RecordQuote,
            "a quote was opened and not closed, or text stands after the one that closes it",
        ),
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
