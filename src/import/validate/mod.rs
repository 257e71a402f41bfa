//! Validates records.

mod cells;
mod contacts;
mod devices;
mod key;
mod validation;
mod validator;

pub(crate) use validation::{
    AcceptedRecord, Note, NoteKind, RecordError, RejectedRecord, Validation, Validations,
};
pub(crate) use validator::{Validator, too_much};
