//! What a person says about an import.

use crate::import::plan::Mode;
use crate::outcome::MissingAction;
use crate::settings::Chosen;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// A bound given as a count or as a share: `100` or `5%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// So many.
    Count(u64),
    /// So many of a hundred.
    Percent(f64),
}

/// What is said of a bound that is none.
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

/// That the inputs are the whole truth.
#[derive(Debug, Clone, Copy, Default)]
pub struct Snapshot {
    /// What becomes of the customers whom it does not name.
    pub action: MissingAction,
    /// How many of them there may be, where somebody said so.
    pub max_missing: Option<Bound>,
}

impl Snapshot {
    /// The share of missing customers above which an export is taken to be broken.
    pub const MAX_MISSING: Bound = Bound::Percent(20.0);
}

/// What the history keeps of how customers were before an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum History {
    /// All that it takes to tell what was changed, and to take it back.
    #[default]
    Full,
    /// Nothing: this import and all before it are final.
    None,
}

/// The file of accepted records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedOutput {
    /// Where it is written.
    pub path: PathBuf,
    /// Whether texts are protected that a spreadsheet may take for formulas.
    pub spreadsheet_safe: bool,
}

/// Everything that shapes an import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// The inputs, all of one set of columns; `-` is standard input.
    pub inputs: Vec<PathBuf>,
    /// The customer store.
    pub store: PathBuf,
    /// Whether only to say what would happen.
    pub dry_run: bool,
    /// How the input is read, mapped and judged.
    pub chosen: Chosen,
    /// Whether a column that is new or gone stops the import.
    pub strict: bool,
    /// Where the mapping is saved, where anywhere.
    pub save_mapping: Option<PathBuf>,
    /// Which customers may be made or changed.
    pub mode: Mode,
    /// That the inputs are the whole truth, if they are.
    pub snapshot: Option<Snapshot>,
    /// How many records may be rejected.
    pub max_rejects: Option<Bound>,
    /// Where rejects go, where not beside the input: a file, or a folder where there are several
    /// inputs.
    pub rejects: Option<PathBuf>,
    /// Where accepted records go as clean CSV, where anywhere.
    pub accepted: Option<AcceptedOutput>,
    /// Where the caller will write the report, so that it is none of the other files.
    pub report: Option<PathBuf>,
    /// How many records are read at most.
    pub limit: Option<u64>,
    /// How long to wait for another import into the same store.
    pub wait: Duration,
    /// How many threads judge.
    pub threads: usize,
    /// What the history keeps of how customers were before.
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
