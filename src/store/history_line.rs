//! The line that a change writes to the history.

use crate::outcome::{Report, Status};
use crate::value::Key;

/// The kind of change that a history line records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryKind {
    /// An import.
    Import,
    /// The undo of an import.
    Undo,
    /// Customers were forgotten.
    Forget,
    /// Attributes were converted to other types.
    Attributes,
    /// A backup was restored.
    Restore,
    /// Customers or events were sent to Engage.
    Push,
    /// A kind that this version does not know.
    Other(String),
}

impl HistoryKind {
    /// The word in the store and in reports.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Import => "import",
            Self::Undo => "undo",
            Self::Forget => "forget",
            Self::Attributes => "attributes",
            Self::Restore => "restore",
            Self::Push => "push",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for HistoryKind {
    fn from(word: String) -> Self {
        let known =
            [Self::Import, Self::Undo, Self::Forget, Self::Attributes, Self::Restore, Self::Push];
        known.into_iter().find(|kind| kind.as_str() == word).unwrap_or(Self::Other(word))
    }
}

/// The line that a change leaves in the history.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    /// The kind of change.
    pub kind: HistoryKind,
    /// How it ended.
    pub status: Status,
    /// The exit code of the command.
    pub exit_code: u8,
    /// When it began: UTC, RFC 3339.
    pub started_at: String,
    /// When it ended.
    pub finished_at: String,
    /// The user who ran it, if known.
    pub operator: Option<String>,
    /// The command line, without the program's name.
    pub options: Vec<String>,
    /// The names of the files that it read.
    pub files: Vec<String>,
    /// The key that identified the customers.
    pub key: Option<Key>,
    /// The report; `None` if it failed without one.
    pub report: Option<Report>,
    /// The rejects files that are not renamed yet: the temporary name of each, and the final name.
    pub pending_outputs: Vec<[String; 2]>,
}

/// The current time as it is stored: UTC, RFC 3339, to the second.
pub fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

/// The time `days` days ago, as it is stored.
pub fn days_ago(days: i64) -> String {
    let second = jiff::Timestamp::now().as_second().saturating_sub(days.saturating_mul(86_400));
    // No import is older than the earliest timestamp.
    jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::MIN).to_string()
}

impl HistoryLine {
    /// The line of a change that failed just now.
    pub fn failed(kind: HistoryKind, started_at: &str, options: &[String]) -> Self {
        Self {
            kind,
            status: Status::Failed,
            exit_code: 1,
            started_at: started_at.to_owned(),
            finished_at: now(),
            operator: operator(),
            options: options.to_vec(),
            files: Vec::new(),
            key: None,
            report: None,
            pending_outputs: Vec::new(),
        }
    }

    /// The line of a change that succeeded just now.
    pub fn done(
        kind: HistoryKind,
        status: Status,
        started_at: &str,
        options: &[String],
        report: Report,
    ) -> Self {
        Self {
            status,
            exit_code: 0,
            report: Some(report),
            ..Self::failed(kind, started_at, options)
        }
    }
}

/// The user who runs the program. Cron sets only `LOGNAME`.
fn operator() -> Option<String> {
    let names = ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    names.into_iter().find(|name| !name.is_empty())
}
