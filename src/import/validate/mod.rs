//! Records become validated batches.

mod cells;
mod devices;
mod validation;
mod validator;

pub(crate) use validation::{Accepted, Judgement, Note, NoteKind, RecordFault, Rejected, Verdict};
pub(crate) use validator::Judge;
