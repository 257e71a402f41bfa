//! What goes wrong, as a person is told: one line, the ways out, and the exit code.

use super::Exit;
use crate::events::EventEvidence;
use crate::import::{ImportError, RejectsError, TypeContradiction};
use crate::input::SourceError;
use crate::input::escaped;
use crate::mapping::{MappingError, closest_name};
use crate::outcome::{ErrorReport, Outcome};
use crate::report::terminal::{evidence_lines, pointed};
use crate::report::{quoted, word};
use crate::segment::{Problem, SegmentError};
use crate::settings::file::{MappingFileError, MappingFileFaultKind};
use crate::store::StoreError;
use crate::value::Key;

/// An error that ends the program.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// What was seen, line by line, where one line does not say it.
    pub(crate) details: Vec<String>,
    pub(crate) hints: Vec<String>,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        // Names of columns and of files are in it as they are.
        let message = escaped(&message.into());
        Self { exit, message, details: Vec::new(), hints: Vec::new() }
    }

    /// An operation failed.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// The command line is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A name is not known; `what` it was to be, and what says which names there are.
    pub(crate) fn unknown(what: &str, name: &str, known: &[String], all: &str) -> Self {
        Self::usage(format!("{what} {}", quoted(name, 40))).hint(suggestion(name, known, all))
    }

    /// It was done, and something is left to do.
    pub(crate) fn unfinished(message: impl Into<String>) -> Self {
        Self::new(Exit::Unfinished, message)
    }

    /// It is done, but its report could not be written.
    pub(crate) fn unreported(message: impl Into<String>) -> Self {
        Self::new(Exit::Unreported, message)
    }

    /// A guard stopped it.
    pub(crate) fn stopped(message: impl Into<String>) -> Self {
        Self::new(Exit::Stopped, message)
    }

    /// What reports say of it.
    pub(crate) fn report(&self) -> ErrorReport {
        ErrorReport { message: self.message.clone(), hints: self.hints.clone() }
    }

    /// The report of an import of these inputs that ended with it.
    pub(crate) fn import_report(&self, inputs: &[String]) -> Outcome {
        Outcome::failed(self.exit as u8, self.report(), inputs)
    }

    /// Adds several ways out.
    pub(crate) fn hints(self, hints: Vec<String>) -> Self {
        hints.into_iter().fold(self, Self::hint)
    }

    /// Adds a way out.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(escaped(&hint.into()));
        self
    }
}

/// An operation that nobody decides on any more: what was to be done, and why it was not.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::failed(format!("{error:#}"))
    }
}

impl From<&ImportError> for Failure {
    fn from(error: &ImportError) -> Self {
        let message = error.to_string();
        match error {
            ImportError::Source(error) => error.into(),
            ImportError::Store(error) => error.into(),
            ImportError::Mapping(error) => error.into(),
            ImportError::EventData { evidence, .. } => event_data(message, evidence),
            ImportError::OwnExport { .. } => Self::new(Exit::Refused, message)
                .hint("export it anew, or --skip _engage reads it as any other file"),
            ImportError::Reading { .. } => Self::failed(message)
                .hint("nothing was changed; import the file again once it is whole"),
            ImportError::ColumnsDiffer { missing, surplus, .. } => {
                let mut failure = Self::new(Exit::Refused, message);
                for (what, columns) in [("missing", missing), ("not in the first", surplus)] {
                    if !columns.is_empty() {
                        failure.details.push(format!("{what}: {}", listed(columns)));
                    }
                }
                failure.hint("import it by itself, or export it with the columns of the others")
            }
            ImportError::Replaced(_) => {
                Self::failed(message).hint("nothing was changed; import the files again")
            }
            ImportError::SnapshotOfRejects(_) => {
                Self::usage(message).hint("import it without --snapshot")
            }
            ImportError::Twice(_) => Self::usage(message).hint("name each file once"),
            ImportError::ColumnsChanged { since, new, gone, .. } => {
                let mut failure = Self::new(Exit::Refused, message);
                for (what, columns) in [("new", new), ("gone", gone)] {
                    if !columns.is_empty() {
                        failure.details.push(format!("{what}: {}", listed(columns)));
                    }
                }
                failure.hint(match *since {
                    "the mapping file" => "if they are meant: --save-mapping writes a new one",
                    _ => "if they are meant, import it once without --strict",
                })
            }
            ImportError::MappingFile(error) => error.into(),
            ImportError::UnknownAttribute { name, attributes, .. } => {
                Self::usage(message).hint(suggestion(name, attributes, "the custom attributes are"))
            }
            ImportError::UnreadableNumbers { column, numbers, region_columns, .. } => {
                let hints = numbers.hints(column, region_columns);
                hints.into_iter().fold(Self::new(Exit::Refused, message), Self::hint)
            }
            ImportError::TypeContradicted(contradiction) => {
                let TypeContradiction { attribute, known, found, .. } = &**contradiction;
                let option = |spec| format!("--type {}", word(&format!("{attribute}={spec}")));
                Self::stopped(message)
                    .hint(format!("{} reads the file so, from now on", option(found)))
                    .hint(format!("{} reads it as before", option(known)))
            }
            ImportError::StandardType(_) => {
                Self::usage(message).hint("--type is for custom attributes only")
            }
            ImportError::OtherUids { .. } => Self::stopped(message).hints(error.identity_hints()),
            ImportError::NoKey { wanted, of_store, columns, hints, .. } => {
                let columns = format!("the columns are: {}", listed(columns));
                let mut failure = Self::new(Exit::Refused, message);
                failure.details = hints.lines();
                let failure = failure.hints(hints.options());
                match (*wanted, *of_store) {
                    (Some(key), true) => failure
                        .hint(format!("the store's customers are known by {key}: -m COLUMN={key} names its column"))
                        .hint(others(key))
                        .hint(columns),
                    (Some(key), false) => {
                        failure.hint(format!("-m COLUMN={key} names the column")).hint(columns)
                    }
                    (None, _) => failure
                        .hint("-m COLUMN=uid names the column with the customer's identifier; an email or a number does too")
                        .hint(columns),
                }
            }
            // Whoever ended it knows what to do.
            ImportError::Interrupted => Self::failed(message),
            ImportError::Accepted(_) => {
                Self::failed(message).hint("--accepted FILE names another file")
            }
            ImportError::Report { .. } => {
                Self::failed(message).hint("--report FILE names another file; nothing was imported")
            }
            ImportError::Overwrites { what: "a rejects file", .. } => {
                Self::usage(message).hint("--rejects FILE names another file")
            }
            ImportError::Overwrites { .. } => Self::usage(message).hint("give it another name"),
            ImportError::Rejects(error) => {
                let not_ours = matches!(error, RejectsError::NotOurs(_));
                let failure = if not_ours { Self::usage(message) } else { Self::failed(message) };
                failure.hint("--rejects FILE names another file; nothing was imported")
            }
        }
    }
}

fn event_data(message: String, evidence: &EventEvidence) -> Failure {
    let mut failure = Failure::new(Exit::Refused, message);
    failure.details = evidence_lines(evidence);
    failure
        .hint("send events with the Engage API or one of its SDKs")
        .hint("or export one row per customer, its events summed up: last_order_at, orders_count")
        .hint(
            "docs/mapping.md, \"Event data\", has the rules, for a list of customers that looks so",
        )
}

fn others(key: Key) -> String {
    let others: Vec<&str> =
        Key::ALL.into_iter().filter(|other| *other != key).map(Key::as_str).collect();
    format!("--key {} would know them by that for this import", others.join(" or --key "))
}

impl From<&SourceError> for Failure {
    fn from(error: &SourceError) -> Self {
        let message = error.to_string();
        let exit = if error.is_refusal() { Exit::Refused } else { Exit::Failed };
        let mut failure = Self::new(exit, message);
        failure.details.extend(error.seen());
        error.hints().into_iter().fold(failure, Self::hint)
    }
}

impl From<&MappingError> for Failure {
    fn from(error: &MappingError) -> Self {
        let message = error.to_string();
        let failure = Self::usage(message);
        match error {
            MappingError::RoleContradicted { .. } => {
                Self::stopped(failure.message).hints(error.role_hints())
            }
            MappingError::UnknownColumn { nearest: Some(nearest), columns, .. } => {
                failure.hint(format!(
                    "did you mean {}? the columns are: {}",
                    quoted(nearest, 40),
                    listed(columns)
                ))
            }
            MappingError::UnknownColumn { columns, .. } => {
                failure.hint(format!("the columns are: {}", listed(columns)))
            }
            MappingError::GoneColumns { names, known_from, nearest, columns } => {
                let mut failure = Self::new(Exit::Refused, failure.message);
                let columns = format!("the columns are: {}", listed(columns));
                let whole = names.len() > 1 || nearest.is_none();
                failure = failure.hint(match nearest.as_deref().filter(|_| !whole) {
                    Some(nearest) => {
                        format!("was it renamed to {}? {columns}", quoted(nearest, 40))
                    }
                    None => columns,
                });
                failure.hint(format!("is the export complete? if so, change {known_from}"))
            }
            MappingError::TwoColumns { .. } | MappingError::TwoTargets(_) => {
                failure.hint("name each column and each attribute once in --map and --skip")
            }
            MappingError::FullNameAndPart(_) => {
                failure.hint("leave out one of the two with --skip COLUMN")
            }
            MappingError::InvalidName { .. } => {
                failure.hint("choose another name, such as -m COLUMN=plan")
            }
        }
    }
}

impl From<SegmentError> for Failure {
    fn from(error: SegmentError) -> Self {
        let mut failure = match &error.problem {
            Problem::UnknownAttribute { name, known } => {
                Self::unknown("no attribute", name, known, "the attributes are")
            }
            Problem::UnknownSegment { name, known } => {
                Self::unknown("no saved segment", name, known, "the saved segments are")
            }
            Problem::Cycle { .. } => {
                Self::usage(escaped(&error.to_string())).hint("save one of them without the other")
            }
            Problem::Wrong { message, hint } => {
                let hint = hint.as_deref().unwrap_or("engage segment --help has examples");
                Self::usage(escaped(message)).hint(escaped(hint))
            }
        };
        let place = error.saved.iter().map(|name| format!("in the saved segment @{name}:"));
        failure.details = place.chain(pointed(&error.text, &error.span)).collect();
        failure
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

impl From<&MappingFileError> for Failure {
    fn from(error: &MappingFileError) -> Self {
        let message = error.to_string();
        match error {
            MappingFileError::Unreadable { .. } => {
                Self::failed(message).hint("--save-mapping FILE writes one")
            }
            MappingFileError::Unwritable { .. } => Self::failed(message)
                .hint("nothing was imported; --save-mapping FILE names another"),
            MappingFileError::NotOurs(_) => {
                Self::usage(message).hint("--save-mapping FILE names another file")
            }
            MappingFileError::Faulty { fault, .. } => {
                let failure = Self::usage(message);
                match &fault.kind {
                    MappingFileFaultKind::UnknownKey { nearest: Some(nearest), .. } => {
                        failure.hint(format!("did you mean {nearest}?"))
                    }
                    MappingFileFaultKind::UnknownKey { .. } => {
                        failure.hint("columns stand below [map], types below [types]")
                    }
                    MappingFileFaultKind::NoVersion => {
                        failure.hint("version = 1 stands at its beginning")
                    }
                    MappingFileFaultKind::Newer { .. } => {
                        failure.hint("use the engage that wrote it, or a newer one")
                    }
                    MappingFileFaultKind::Syntax(_) | MappingFileFaultKind::Value { .. } => {
                        failure.hint("docs/mapping.md shows every line")
                    }
                }
            }
        }
    }
}

impl From<MappingFileError> for Failure {
    fn from(error: MappingFileError) -> Self {
        Self::from(&error)
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Self {
        let message = error.to_string();
        let failure = Self::failed(message);
        match error {
            StoreError::NotSqlite(_)
            | StoreError::NotAnEngageStore(_)
            | StoreError::NotAFile(_) => {
                failure.hint("--store PATH names another file; one that is not there is made")
            }
            StoreError::Newer { .. } => failure.hint("use the engage that made it, or a newer one"),
            StoreError::BackupOfItself(_) => {
                Self { exit: Exit::Usage, ..failure }.hint("name another file")
            }
            StoreError::NotPrivate { path, .. } => {
                let path = word(&path.display().to_string());
                failure.hint(format!("chmod 600 {path}, or remove it: import makes it anew"))
            }
            StoreError::Locked { .. } => failure.hint("try again once that program has ended"),
            StoreError::ReadOnlyLog(_) => {
                failure.hint("copy it with the files beside it to a folder where you may write")
            }
            StoreError::Interrupted => failure,
            StoreError::Replaced(_) => failure.hint("nothing was imported; import again"),
            StoreError::InUse { .. } => failure.hint("name another file, or remove both first"),
            StoreError::Missing(_) => failure
                .hint("engage import FILE makes it; --store PATH or ENGAGE_STORE names another"),
            StoreError::BeingCreated(_) => {
                failure.hint("try again once it is done: until then there is nothing to read")
            }
            StoreError::NotInHistory { newest: Some(newest), .. } => {
                failure.hint(format!("engage history lists it; the newest is {newest}"))
            }
            StoreError::NotInHistory { newest: None, .. } => {
                failure.hint("nothing was imported yet")
            }
            StoreError::NoUndoLog { id, undo_log: None, .. } => {
                failure.hint(format!("engage history {id} shows what it was"))
            }
            StoreError::NoUndoLog { .. } | StoreError::NothingToUndo(_) => {
                failure.hint("engage history lists what was done, the newest first")
            }
            StoreError::NotNewest { id, first, .. } => {
                let order: Vec<String> = first
                    .iter()
                    .chain([id])
                    .take(6)
                    .map(|id| format!("engage undo {id}"))
                    .collect();
                let more = if first.len() > 5 { ", and so on" } else { "" };
                failure.hint(format!("in this order: {}{more}", order.join(", ")))
            }
            StoreError::NoFolder { .. } => {
                failure.hint("make the folder first, or name another with --store")
            }
            StoreError::Unusable { .. } => {
                failure.hint("check who may write there, or name another store with --store")
            }
            StoreError::DryRunFile(_) => {
                failure.hint("make room in the temporary folder, or name another with TMPDIR")
            }
            StoreError::Busy { .. } => failure.hint("wait longer with --wait 60"),
            StoreError::Damaged { .. } => failure
                .hint("engage check says what is wrong; engage check --repair mends what it can"),
            StoreError::Sqlite { .. } => failure.hint(
                "no customer was changed; is the disk full, or did something else write to it?",
            ),
        }
    }
}

/// What a wrong name may have meant.
pub(crate) fn suggestion(name: &str, names: &[String], all: &str) -> String {
    if names.is_empty() {
        return format!("{all}: none so far");
    }
    let all = format!("{all}: {}", listed(names));
    match closest_name(name, names, str::to_owned) {
        Some(nearest) => format!("did you mean {}? {all}", quoted(nearest, 40)),
        None => all,
    }
}

/// Names in a row, not too many of them.
fn listed(names: &[String]) -> String {
    const MOST: usize = 12;
    let mut shown: Vec<String> = names
        .iter()
        .take(MOST)
        .map(|name| quoted(name.trim_start_matches('\u{feff}'), 30))
        .map(|name| name.trim_matches('\'').to_owned())
        .collect();
    if names.len() > MOST {
        shown.push(format!("… {} more", names.len() - MOST));
    }
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

#[cfg(test)]
mod tests;
