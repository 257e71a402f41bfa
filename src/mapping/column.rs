//! A column of a file.

use super::target::{Origin, Target};

/// A column and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its index in the file, from 0.
    pub index: usize,
    /// Its name as the file has it.
    pub header: String,
    /// What it becomes.
    pub target: Target,
    /// Where the decision comes from.
    pub origin: Origin,
    /// The evidence in the values, if there is any: `98 % are addresses`.
    pub evidence: Option<String>,
}

impl Column {
    /// The column in messages: its header, or its number if the header is blank.
    pub fn label(&self) -> String {
        if self.header.trim().is_empty() {
            format!("column {}", self.index + 1)
        } else {
            self.header.trim_start_matches('\u{feff}').to_owned()
        }
    }
}
