//! Validates emails, and phone numbers with the region that their record or the plan gives them.

use super::cells::{Cell, Row};
use super::validation::{AcceptedRecord, Note, NoteKind};
use super::validator::Validator;
use crate::value::email::Email;
use crate::value::phone::{BareReading, NumberCleaning, PhoneNumber, region_named};
use crate::value::region::Region;
use crate::value::{BlankContext, Code, RejectReason};

impl Validator<'_> {
    /// Validates an email; notes what was left out, and a domain that was likely meant.
    pub(super) fn email(
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
    pub(crate) fn number(
        &self,
        text: &str,
        row: &Row<'_>,
        column: usize,
        accepted: &mut AcceptedRecord,
    ) -> Result<Option<PhoneNumber>, RejectReason> {
        let region = self.region(row);
        let bare = match row.marker {
            // What the store had is international.
            Some(_) => &BareReading::NationalFirst,
            None => &self.plan.numbers.bare,
        };
        let cell = PhoneNumber::parse_cell(text, region.unwrap_or_default(), bare);
        let cell = cell.map_err(|fault| match fault.code {
            Code::NumberNotInternational if region.is_err() => {
                RejectReason::new(fault.code, "its region column names no country that is known")
            }
            _ => fault,
        })?;
        let Some((number, cleaning)) = cell else { return Ok(None) };
        let kind = cleaning.map(|cleaning| match cleaning {
            NumberCleaning::Extension => NoteKind::Extension,
            NumberCleaning::FurtherNumbers => NoteKind::FirstOfSeveral,
        });
        accepted.notes.extend(kind.map(|kind| Note { column, kind }));
        Ok(Some(number))
    }

    /// The region that a record's number is read with; an error where its column names none that
    /// is known.
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
