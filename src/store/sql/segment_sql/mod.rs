//! A segment as SQL: its conditions, the values they bind, and the functions they call.

mod bounds;
mod compiler;
mod conditions;
mod evaluation;
mod functions;
mod like;
mod matching;
mod merge;
pub(crate) mod postgres;
mod predicate;
mod program;
mod spans;

pub(crate) use compiler::{extract, json_path, literal};
pub(crate) use conditions::compared_column;
pub(crate) use functions::{is_stored_as, register_functions};
pub(crate) use predicate::{Predicate, predicate};
