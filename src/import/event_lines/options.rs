//! What to convert with `engage events`, and how.

use crate::events::EventRole;
use crate::settings::Settings;
use crate::store::StoreLocation;
use std::path::PathBuf;

/// The options of a conversion of events.
#[derive(Debug, Clone)]
pub struct EventOptions {
    /// The file; `-` is standard input.
    pub input: PathBuf,
    /// The store in which customers are looked up by email or number.
    pub store: StoreLocation,
    /// How the file and its values are read.
    pub settings: Settings,
    /// The columns that were given a role.
    pub roles: Vec<(String, EventRole)>,
    /// The columns that are left out.
    pub skipped: Vec<String>,
    /// The name of all events, if no column has it.
    pub event: Option<String>,
    /// Where rejected records go; by default next to the file.
    pub rejects: Option<PathBuf>,
    /// Where the events go; `None` for standard output.
    pub output: Option<PathBuf>,
    /// How many threads validate.
    pub threads: usize,
}
