//! Validates emails and phone numbers. The region of a number comes from its record or the plan.

use super::cells::{Cell, Row};
use super::validation::{AcceptedRecord, Note, NoteKind, RecordError, Span, Validations};
use super::validator::Validator;
use crate::customer::Change;
use crate::value::email::Email;
use crate::value::phone::{BareReading, NumberCleaning, PhoneNumber, region_named};
use crate::value::region::Region;
use crate::value::{BlankContext, Code, RejectReason, Standard};

/// The first valid value of the columns of an attribute, or what is wrong with each value.
struct FirstValid<T> {
    value: Option<T>,
    errors: Vec<RecordError>,
}

impl<T: PartialEq> FirstValid<T> {
    fn new() -> Self {
        Self { value: None, errors: Vec::new() }
    }

    /// Adds the value of a cell. The notes from `before` on are about this cell, and are dropped if
    /// another value was taken before.
    fn take(
        &mut self,
        column: usize,
        parsed: Result<Option<T>, RejectReason>,
        notes: &mut Vec<Note>,
        before: usize,
    ) {
        match (parsed, &self.value) {
            (Ok(None), _) => {}
            (Ok(Some(value)), None) => self.value = Some(value),
            (Ok(Some(value)), Some(first)) => {
                notes.truncate(before);
                if value != *first {
                    notes.push(Note { column, kind: NoteKind::OtherColumn });
                }
            }
            (Err(reason), _) => self.errors.push(RecordError { column: Some(column), reason }),
        }
    }

    /// Returns the value, or all errors if there is none. With a value, errors in other columns
    /// become notes.
    fn into_value(self, notes: &mut Vec<Note>) -> Result<Option<T>, Vec<RecordError>> {
        if self.value.is_none() && !self.errors.is_empty() {
            return Err(self.errors);
        }
        for RecordError { column, reason } in self.errors {
            let kind = NoteKind::Dropped(reason);
            notes.extend(column.map(|column| Note { column, kind }));
        }
        Ok(self.value)
    }
}

impl Validator<'_> {
    /// Validates the email or the number next to another key.
    pub(super) fn contact(
        &self,
        row: &Row<'_>,
        standard: Standard,
        accepted: &mut AcceptedRecord,
        validations: &mut Validations,
        errors: &mut Vec<RecordError>,
    ) {
        let mut is_cleared = false;
        let text_of = |column: usize, notes: &mut Vec<Note>| match row
            .standard_cell(column, standard, self.plan, notes)
        {
            Cell::Text(text) => text,
            cell => {
                is_cleared |= self.absent::<Span>(&cell) == Change::Clear;
                ""
            }
        };
        let value = if standard == Standard::Email {
            let email = self.email_of(accepted, text_of);
            email.map(|email| email.map(|email| validations.push(email.as_str())))
        } else {
            let number = self.number_of(row, accepted, text_of);
            number.map(|number| number.map(|number| validations.push(number.as_str())))
        };
        let change = match value {
            Ok(Some(span)) => Change::Set(span),
            Ok(None) if is_cleared => Change::Clear,
            Ok(None) => Change::Keep,
            Err(invalid) => {
                for RecordError { column, reason } in invalid {
                    let column = column.unwrap_or_default();
                    self.report_invalid(column, reason, accepted, errors);
                }
                return;
            }
        };
        if standard == Standard::Email {
            accepted.email = change;
        } else {
            accepted.number = change;
        }
    }

    /// The first valid email of a record's columns; `text_of` gives the text of a cell, or `""`.
    pub(super) fn email_of<'r>(
        &self,
        accepted: &mut AcceptedRecord,
        mut text_of: impl FnMut(usize, &mut Vec<Note>) -> &'r str,
    ) -> Result<Option<Email>, Vec<RecordError>> {
        let mut first = FirstValid::new();
        for &column in &self.emails {
            let before = accepted.notes.len();
            let text = text_of(column, &mut accepted.notes);
            if text.is_empty() {
                continue;
            }
            let parsed = Self::email(text, column, accepted);
            first.take(column, parsed, &mut accepted.notes, before);
        }
        first.into_value(&mut accepted.notes)
    }

    /// The first valid number of a record's columns.
    pub(super) fn number_of<'r>(
        &self,
        row: &Row<'_>,
        accepted: &mut AcceptedRecord,
        mut text_of: impl FnMut(usize, &mut Vec<Note>) -> &'r str,
    ) -> Result<Option<PhoneNumber>, Vec<RecordError>> {
        let mut first = FirstValid::new();
        for &column in &self.numbers {
            let before = accepted.notes.len();
            let text = text_of(column, &mut accepted.notes);
            if text.is_empty() {
                continue;
            }
            let parsed = self.number(text, row, column, accepted);
            first.take(column, parsed, &mut accepted.notes, before);
        }
        first.into_value(&mut accepted.notes)
    }

    /// Validates an email; notes what was left out, and a likely typo in the domain.
    fn email(
        text: &str,
        column: usize,
        accepted: &mut AcceptedRecord,
    ) -> Result<Option<Email>, RejectReason> {
        let Some((email, has_others)) = Email::parse_cell(text)? else { return Ok(None) };
        if has_others {
            accepted.notes.push(Note { column, kind: NoteKind::FirstOfSeveral });
        }
        if let Some(likely) = email.likely_domain() {
            accepted.notes.push(Note { column, kind: NoteKind::LikelySlip(likely) });
        }
        Ok(Some(email))
    }

    /// Validates a number; notes what was left out of its cell.
    fn number(
        &self,
        text: &str,
        row: &Row<'_>,
        column: usize,
        accepted: &mut AcceptedRecord,
    ) -> Result<Option<PhoneNumber>, RejectReason> {
        let region = self.region(row);
        let bare = match row.marker {
            // Stored numbers are international.
            Some(_) => &BareReading::NationalFirst,
            None => &self.plan.numbers.bare,
        };
        let cell = PhoneNumber::parse_cell(text, region.unwrap_or_default(), bare);
        let cell = cell.map_err(|reason| match reason.code {
            Code::NumberNotInternational if region.is_err() => {
                RejectReason::new(reason.code, "its region column has no known country")
            }
            _ => reason,
        })?;
        let Some((number, cleaning)) = cell else { return Ok(None) };
        let kind = cleaning.map(|cleaning| match cleaning {
            NumberCleaning::Extension => NoteKind::Extension,
            NumberCleaning::FurtherNumbers => NoteKind::FirstOfSeveral,
        });
        accepted.notes.extend(kind.map(|kind| Note { column, kind }));
        Ok(Some(number))
    }

    /// The region of a record's number. Fails if its region column names no known country.
    fn region(&self, row: &Row<'_>) -> Result<Option<Region>, ()> {
        if row.marker.is_some() {
            return Ok(None);
        }
        let fallback = self.plan.numbers.region;
        let Some(column) = self.plan.numbers.region_column else { return Ok(fallback) };
        match row.cell(column) {
            Cell::Blank | Cell::Null => Ok(fallback),
            // NA is Namibia, so countries come first.
            Cell::Text(text) => match region_named(text) {
                Some(region) => Ok(Some(region)),
                None if self.plan.options.blank_words.contain(text, BlankContext::Typed) => {
                    Ok(fallback)
                }
                None => Err(()),
            },
        }
    }
}
