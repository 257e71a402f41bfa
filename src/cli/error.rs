//! The error that ends a command: a message of one line, details, hints and the exit code.

use crate::exit::Exit;
use crate::explain::Explain;
use crate::outcome::ErrorReport;
use crate::store::{Reader, StoreError};
use crate::text::{escaped, name_suggestion, quoted};

/// An error that ends a command. Its texts are escaped.
#[derive(Debug)]
pub(crate) struct CommandError {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// More lines about the error, such as the place in an expression.
    pub(crate) details: Vec<String>,
    pub(crate) hints: Vec<String>,
}

impl CommandError {
    fn new(exit: Exit, message: impl AsRef<str>) -> Self {
        let message = escaped(message.as_ref());
        Self { exit, message, details: Vec::new(), hints: Vec::new() }
    }

    /// An operation failed, and nothing was changed.
    pub(crate) fn failed(message: impl AsRef<str>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// The command line is wrong.
    pub(crate) fn usage(message: impl AsRef<str>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// No `kind` has that name. `label` introduces the known names: `the columns are`.
    pub(crate) fn unknown_name(kind: &str, name: &str, known: &[String], label: &str) -> Self {
        Self::usage(format!("no {kind} {}", quoted(name, 40)))
            .hint(name_suggestion(name, known, label))
    }

    /// The command is done, but something is left to do.
    pub(crate) fn incomplete(message: impl AsRef<str>) -> Self {
        Self::new(Exit::Incomplete, message)
    }

    /// The command is done, but its report could not be written.
    pub(crate) fn unreported(message: impl AsRef<str>) -> Self {
        Self::new(Exit::Unreported, message)
    }

    /// A guard stopped the command.
    pub(crate) fn stopped(error: ErrorReport, details: Vec<String>) -> Self {
        Self { exit: Exit::Stopped, message: error.message, details, hints: error.hints }
    }

    /// Stored attributes are not a JSON object.
    pub(crate) fn damaged_attributes(reader: &Reader) -> Self {
        let what = "a customer's attributes are not JSON".to_owned();
        StoreError::Damaged { path: reader.path().to_owned(), what }.into()
    }

    /// The error of a command that failed with another error.
    pub(crate) fn from_error(error: &impl Explain) -> Self {
        let ErrorReport { message, hints } = ErrorReport::new(error);
        Self { exit: error.exit(), message, details: error.details(), hints }
    }

    /// Adds a hint.
    pub(crate) fn hint(mut self, hint: impl AsRef<str>) -> Self {
        self.hints.push(escaped(hint.as_ref()));
        self
    }
}

impl<E: Explain> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::from_error(&error)
    }
}

/// An error with the operation that failed as its context.
impl From<anyhow::Error> for CommandError {
    fn from(error: anyhow::Error) -> Self {
        Self::failed(format!("{error:#}"))
    }
}
