//! Values that a record and its key have in common.

use super::cells::Cell;
use super::validation::{AcceptedRecord, Note, NoteKind, Span, Validations};
use crate::mapping::is_missing_key;
use crate::value::email::Email;
use crate::value::{RejectReason, Uid};

/// Validates a uid beside another key. A blank cell says nothing.
pub(super) fn uid_beside_key(
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

/// An accepted email, with a note if its domain is a likely typing error.
pub(super) fn email_span(
    email: &Email,
    column: usize,
    accepted: &mut AcceptedRecord,
    validations: &mut Validations,
) -> Span {
    if let Some(likely) = email.likely_domain() {
        accepted.notes.push(Note { column, kind: NoteKind::LikelySlip(likely) });
    }
    validations.push(email.as_str())
}
