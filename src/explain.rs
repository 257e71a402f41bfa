//! How an error is explained to a person.

use crate::exit::Exit;
use std::error::Error;

/// An error that explains itself. Its message is one clause without a full stop.
pub trait Explain: Error {
    /// The exit code of a command that ends with the error.
    fn exit(&self) -> Exit {
        Exit::Failed
    }

    /// What shows the error, one line each. The lines may hold values of the input, so no report
    /// stores them.
    fn details(&self) -> Vec<String> {
        Vec::new()
    }

    /// What to do about the error, one line each.
    fn hints(&self) -> Vec<String>;
}
