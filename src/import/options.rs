//! The options of an import.

use crate::outcome::MissingAction;
use crate::settings::{Bound, Settings};
use crate::store::StoreLocation;
use clap::ValueEnum;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// Which customers an import may insert or update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Mode {
    /// It inserts new customers and updates known ones.
    #[default]
    Upsert,
    /// It only inserts new customers.
    Create,
    /// It only updates known customers.
    Update,
}

impl Mode {
    /// The mode as an option value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upsert => "upsert",
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}

/// The options of a snapshot: the inputs name every customer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Snapshot {
    /// What happens to the customers that it does not name.
    pub action: MissingAction,
    /// How many customers may be missing, if given.
    pub max_missing: Option<Bound>,
}

impl Snapshot {
    /// The share of missing customers above which an export is considered broken.
    pub const MAX_MISSING: Bound = Bound::Percent(20.0);
}

/// What the history keeps of the state of customers before an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
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
    /// The inputs, which must have the same columns; `-` is standard input.
    pub inputs: Vec<PathBuf>,
    /// The customer store.
    pub store: StoreLocation,
    /// Whether to report what would happen, and change nothing.
    pub dry_run: bool,
    /// How the input is read, mapped and validated.
    pub settings: Settings,
    /// Whether a column that is new or gone stops the import.
    pub strict: bool,
    /// Whether columns that are new or gone are accepted: later files are compared with this one.
    pub accept_columns: bool,
    /// Where the mapping is saved, if at all.
    pub save_mapping: Option<PathBuf>,
    /// Which customers may be inserted or updated.
    pub mode: Mode,
    /// The options of a snapshot, if the inputs are one.
    pub snapshot: Option<Snapshot>,
    /// How many records may be rejected.
    pub max_rejects: Option<Bound>,
    /// How many records may contradict an earlier record of the same customer.
    pub max_merged: Option<Bound>,
    /// Where rejects go instead of next to the input: a file, or a folder if there are several
    /// inputs.
    pub rejects: Option<PathBuf>,
    /// Where accepted records are written as clean CSV, if at all.
    pub accepted: Option<AcceptedOutput>,
    /// Where the caller will write the report, so that no other file goes there.
    pub report: Option<PathBuf>,
    /// The maximum number of records to read.
    pub limit: Option<u64>,
    /// How long to wait for another import into the same store.
    pub wait: Duration,
    /// How many threads validate.
    pub threads: usize,
    /// What the history keeps of the state of customers before the import.
    pub history: History,
    /// The options as they were given, for the history.
    pub as_given: Vec<String>,
}

impl ImportOptions {
    /// Default options to import files into a store: an upsert with a full history, validated on
    /// all cores, that waits ten seconds for another import.
    pub fn new(inputs: Vec<PathBuf>, store: impl Into<StoreLocation>) -> Self {
        Self {
            inputs,
            store: store.into(),
            dry_run: false,
            settings: Settings::default(),
            strict: false,
            accept_columns: false,
            save_mapping: None,
            mode: Mode::default(),
            snapshot: None,
            max_rejects: None,
            max_merged: None,
            rejects: None,
            accepted: None,
            report: None,
            limit: None,
            wait: Duration::from_secs(10),
            threads: thread::available_parallelism().map_or(1, NonZero::get),
            history: History::default(),
            as_given: Vec::new(),
        }
    }
}
