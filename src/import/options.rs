//! The options of an import.

use crate::outcome::MissingAction;
use crate::settings::Chosen;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// A bound, given as a count or as a share: `100` or `5%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// This many.
    Count(u64),
    /// This many percent.
    Percent(f64),
}

/// The text is not a bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is neither a count such as 100 nor a share such as 5%")]
pub struct InvalidBound(String);

impl Bound {
    /// Whether `count` of `total` is more than the bound allows.
    pub fn is_exceeded(self, count: u64, total: u64) -> bool {
        match self {
            Self::Count(most) => count > most,
            Self::Percent(share) => count as f64 * 100.0 > share * total as f64,
        }
    }
}

impl FromStr for Bound {
    type Err = InvalidBound;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidBound(text.to_owned());
        match text.strip_suffix('%') {
            Some(share) => match share.trim().parse() {
                Ok(share) if (0.0..=100.0).contains(&share) => Ok(Self::Percent(share)),
                _ => Err(invalid()),
            },
            None => text.parse().map(Self::Count).map_err(|_| invalid()),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(formatter),
            Self::Percent(share) => write!(formatter, "{share}%"),
        }
    }
}

/// Which customers an import may insert or update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// It inserts new customers and updates known ones.
    #[default]
    Upsert,
    /// It only inserts new customers.
    Create,
    /// It only updates known customers.
    Update,
}

/// The options of a snapshot: the inputs name every customer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Snapshot {
    /// What happens to the customers that it does not name.
    pub action: MissingAction,
    /// How many of them there may be, if given.
    pub max_missing: Option<Bound>,
}

impl Snapshot {
    /// The share of missing customers above which an export is taken to be broken.
    pub const MAX_MISSING: Bound = Bound::Percent(20.0);
}

/// What the history keeps of the state of customers before an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum History {
    /// All that `changes` and `undo` need.
    #[default]
    Full,
    /// Nothing: this import and all earlier ones cannot be undone.
    None,
}

/// The file of accepted records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedOutput {
    /// Where it is written.
    pub path: PathBuf,
    /// Whether texts that look like formulas are protected from spreadsheets.
    pub spreadsheet_safe: bool,
}

/// Everything that shapes an import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// The inputs, all of one set of columns; `-` is standard input.
    pub inputs: Vec<PathBuf>,
    /// The customer store.
    pub store: PathBuf,
    /// Whether to report what would happen, and change nothing.
    pub dry_run: bool,
    /// How the input is read, mapped and validated.
    pub chosen: Chosen,
    /// Whether a column that is new or gone stops the import.
    pub strict: bool,
    /// Where the mapping is saved, if at all.
    pub save_mapping: Option<PathBuf>,
    /// Which customers may be inserted or updated.
    pub mode: Mode,
    /// The options of a snapshot, if the inputs are one.
    pub snapshot: Option<Snapshot>,
    /// How many records may be rejected.
    pub max_rejects: Option<Bound>,
    /// Where rejects go instead of beside the input: a file, or a folder if there are several inputs.
    pub rejects: Option<PathBuf>,
    /// Where accepted records are written as clean CSV, if at all.
    pub accepted: Option<AcceptedOutput>,
    /// Where the caller will write the report, so that no other file goes there.
    pub report: Option<PathBuf>,
    /// The most records to read.
    pub limit: Option<u64>,
    /// How long to wait for another import into the same store.
    pub wait: Duration,
    /// How many threads validate.
    pub threads: usize,
    /// What the history keeps of the state of customers before.
    pub history: History,
    /// The options as they were given, for the history.
    pub as_given: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_count_or_a_share() {
        let bound = |text: &str| text.parse::<Bound>().unwrap();
        assert!(!bound("3").is_exceeded(3, 4));
        assert!(bound("3").is_exceeded(4, 1000));
        assert!(!bound("20%").is_exceeded(2, 10));
        assert!(bound("19.9%").is_exceeded(2, 10));
        for text in ["", "%", "-1", "101%", "many", "nan%"] {
            assert!(text.parse::<Bound>().is_err(), "{text}");
        }
    }
}
