//! Validates what names a customer: the key, and a uid next to another key.

use super::cells::{Cell, Row};
use super::validation::{AcceptedRecord, Note, RecordError, Span, Validations};
use super::validator::Validator;
use crate::customer::Change;
use crate::import::plan::is_decimal_uid;
use crate::mapping::is_missing_key;
use crate::value::{BlankContext, Code, Key, RejectReason, Uid};

impl Validator<'_> {
    /// Validates the key. An email or a number is also set as an attribute.
    pub(super) fn key(
        &self,
        row: &Row<'_>,
        accepted: &mut AcceptedRecord,
        validations: &mut Validations,
    ) -> Result<(), RecordError> {
        let key = self.plan.key;
        let none = || RejectReason::new(missing(key), "the record has no identifier");
        if key == Key::Uid && self.plan.key_rules.uid_columns.len() > 1 {
            accepted.key = self.composite_uid(row, validations)?;
            return Ok(());
        }
        let Some(column) = self.plan.mapping.standard(key.attribute()).map(|c| c.index) else {
            return Err(RecordError { column: None, reason: none() });
        };
        let of_column = |reason| RecordError { column: Some(column), reason };
        let text_of = |column: usize, _: &mut Vec<Note>| self.key_text(row, column);
        // If no column has a valid value, the first error is reported.
        let first = |mut errors: Vec<RecordError>| errors.swap_remove(0);
        let span = match key {
            Key::Uid => {
                let uid = Uid::parse(self.key_text(row, column)).map_err(of_column)?;
                Some(validations.push(uid.as_str()))
            }
            Key::Email => self.email_of(accepted, text_of).map_err(first)?.map(|email| {
                accepted.email = Change::Set(validations.push(email.as_str()));
                validations.push(&email.key())
            }),
            Key::Number => self.number_of(row, accepted, text_of).map_err(first)?.map(|number| {
                let span = validations.push(number.as_str());
                accepted.number = Change::Set(span);
                span
            }),
        };
        accepted.key = span.ok_or_else(|| of_column(none()))?;
        Ok(())
    }

    /// The text of a key's cell, blank if it names no customer.
    fn key_text<'r>(&self, row: &Row<'r>, column: usize) -> &'r str {
        let Cell::Text(text) = row.cell(column) else { return "" };
        if row.marker.is_some() {
            return text;
        }
        let rules = &self.plan.key_rules;
        let is_placeholder = || rules.placeholders.iter().any(|it| text.eq_ignore_ascii_case(it));
        let is_blank_word = |context| self.plan.options.blank_words.contain(text, context);
        let is_blank = match self.plan.key {
            Key::Uid => is_placeholder(),
            Key::Email => is_blank_word(BlankContext::Typed),
            Key::Number => is_blank_word(BlankContext::Phone),
        };
        if is_missing_key(text) || is_blank {
            return "";
        }
        if rules.has_decimal_uids && is_decimal_uid(text) {
            return &text[..text.len() - ".0".len()];
        }
        text
    }

    /// The uid from several columns, joined with `:`. Fails if a part is missing.
    fn composite_uid(
        &self,
        row: &Row<'_>,
        validations: &mut Validations,
    ) -> Result<Span, RecordError> {
        let mut uid = String::new();
        for (place, &column) in self.plan.key_rules.uid_columns.iter().enumerate() {
            let part = self.key_text(row, column);
            if part.is_empty() {
                let message = "a part of the uid is missing";
                let reason = RejectReason::new(Code::UidMissing, message);
                return Err(RecordError { column: Some(column), reason });
            }
            if place > 0 {
                uid.push(':');
            }
            uid.push_str(part);
        }
        let first = self.plan.key_rules.uid_columns.first().copied();
        match Uid::parse(&uid) {
            Ok(uid) => Ok(validations.push(uid.as_str())),
            Err(reason) => Err(RecordError { column: first, reason }),
        }
    }

    /// Validates a uid next to another key. A blank cell is ignored.
    pub(super) fn uid_next_to_key(
        cell: &Cell<'_>,
        accepted: &mut AcceptedRecord,
        validations: &mut Validations,
    ) -> Result<(), RejectReason> {
        if let Cell::Text(text) = cell
            && !is_missing_key(text)
        {
            accepted.uid = Some(validations.push(Uid::parse(text)?.as_str()));
        }
        Ok(())
    }
}

fn missing(key: Key) -> Code {
    match key {
        Key::Uid => Code::UidMissing,
        Key::Email => Code::EmailMissing,
        Key::Number => Code::NumberMissing,
    }
}
