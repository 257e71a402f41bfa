//! Records become validated batches.

mod cells;
mod validation;
mod validator;

pub(crate) use cells::{Cell, Row};
pub(crate) use validation::{
    Accepted, Judgement, Kept, Note, NoteKind, RecordFault, Rejected, Span, Verdict,
};
pub(crate) use validator::{Judge, too_much};
