//! The evidence that a file is event data: input and result.

use serde::Serialize;

/// How many values of a column are shown.
pub(super) const SHOWN_VALUES: usize = 3;

/// A column to search for evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnForEvidence<'a> {
    /// Its position in a record, counted from 0.
    pub index: usize,
    /// Its name, as in the file.
    pub header: &'a str,
    /// Whether it is skipped or mapped manually, so that it is not evidence.
    pub ignored: bool,
    /// Whether it identifies the customer.
    pub is_key: bool,
}

/// Why a file counts as event data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventEvidence {
    /// What the file looks like: `Mixpanel's event export`, `a list of orders`.
    pub looks_like: String,
    /// The reason, as a sentence without its full stop: `It has an event name with a time`.
    pub reason: String,
    /// The columns that show it, the most telling one first.
    pub columns: Vec<EvidenceColumn>,
    /// If all of these columns are skipped or mapped manually, no evidence is left: first the most
    /// telling column of this evidence, then those that would be evidence next. At most twenty; a
    /// file with more needs another round.
    pub clears: Vec<String>,
}

/// One column of the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceColumn {
    /// Its name, as in the file.
    pub column: String,
    /// Its position in a record, counted from 0.
    pub index: usize,
    /// Up to three different values, as in the file.
    #[serde(rename = "values")]
    pub samples: Vec<String>,
    /// An observation about it: `the same customer up to 41 times`.
    pub note: Option<String>,
}
