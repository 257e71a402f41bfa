//! The exit codes of the program.

use serde::{Deserialize, Serialize};

/// How the program ends. Scripts depend on the codes: none ever changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Exit {
    /// It is done.
    #[default]
    Done = 0,
    /// A file, the store, a lock or a signal stopped it; no customer was changed.
    Failed = 1,
    /// The command line, a mapping file or an expression is wrong.
    Usage = 2,
    /// It is done, but records were rejected, or bytes of a forgotten customer are not yet erased.
    Incomplete = 3,
    /// The input is not something that an import can take; no customer was changed.
    Refused = 4,
    /// A guard stopped it; no customer was changed.
    Stopped = 5,
    /// It is done, but its report or one of its files could not be written.
    Unreported = 6,
}

impl Exit {
    /// All exit codes in ascending order.
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Incomplete,
        Self::Refused,
        Self::Stopped,
        Self::Unreported,
    ];

    /// The exit code as a number.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> Self {
        exit.code()
    }
}

/// The number is not an exit code of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not an exit code")]
pub struct UnknownExit(u8);

impl TryFrom<u8> for Exit {
    type Error = UnknownExit;

    fn try_from(code: u8) -> Result<Self, UnknownExit> {
        Self::ALL.into_iter().find(|exit| exit.code() == code).ok_or(UnknownExit(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exit_code_is_read_back() {
        for exit in Exit::ALL {
            assert_eq!(Exit::try_from(exit.code()), Ok(exit));
        }
        assert_eq!(Exit::try_from(7), Err(UnknownExit(7)));
    }
}
