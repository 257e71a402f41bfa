//! Why a store cannot be read or changed.

use super::undo_log::UndoLog;
use crate::exit::Exit;
use crate::explain::Explain;
use crate::text::{one_line, shell_path};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not an SQLite database.
    #[error("{} is not an SQLite database, so it is not a customer store", .0.display())]
    NotSqlite(PathBuf),
    /// The database belongs to another program.
    #[error("{} is a database of another program, not a customer store", .0.display())]
    NotAnEngageStore(PathBuf),
    /// A newer version of engage created the store.
    #[error(
        "{} was created by a newer engage (schema {found}; this one supports {known})", .path.display()
    )]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its schema version.
        found: i32,
        /// The newest version that this program knows.
        known: i32,
    },
    /// The store is in PostgreSQL, and this program was built without PostgreSQL.
    #[error("{} cannot be opened: this engage was built without PostgreSQL", .0.display())]
    NoPostgres(PathBuf),
    /// The command needs a store in a file, and this one is in PostgreSQL.
    #[error("{} is in PostgreSQL, and this command is for a store in a file", .0.display())]
    SqliteOnly(PathBuf),
    /// The URL of a store in PostgreSQL is wrong.
    #[error("{} is not the URL of a store: {reason}", .url.display())]
    InvalidUrl {
        /// The URL without its password.
        url: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A password was given where every user of the system can see it.
    #[error("--store has a password, which every user of this machine can see")]
    VisiblePassword,
    /// The server cannot be reached.
    #[error("{} cannot be reached: {reason}", .path.display())]
    Unreachable {
        /// The store.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The server does not accept the user or the password.
    #[error("{} rejects the login: {what}", .path.display())]
    NotAuthenticated {
        /// The store.
        path: PathBuf,
        /// What the server says.
        what: String,
    },
    /// The server has no such database.
    #[error("the server of {} has no database {name}", .path.display())]
    NoDatabase {
        /// The store.
        path: PathBuf,
        /// The database.
        name: String,
    },
    /// The server speaks PostgreSQL's protocol but is something else.
    #[error("{} is {name}, which engage does not support: {reason}", .path.display())]
    OtherServer {
        /// The store.
        path: PathBuf,
        /// The name of the server program.
        name: &'static str,
        /// Why it is not supported.
        reason: &'static str,
    },
    /// The server is too old, or does not call itself PostgreSQL.
    #[error("{} is {version:?}, and engage needs PostgreSQL 14 or newer", .path.display())]
    OldServer {
        /// The store.
        path: PathBuf,
        /// The version that the server reports.
        version: String,
    },
    /// The extension Citus is too old.
    #[error("{} has Citus {version}, and engage needs 12 or newer: it was not tested with older ones", .path.display())]
    OldCitus {
        /// The store.
        path: PathBuf,
        /// The version of the extension.
        version: String,
    },
    /// The schema of the store has an object that engage did not create.
    #[error("the schema {schema} of {} has {what}, which engage did not create", .path.display())]
    ForeignObject {
        /// The store.
        path: PathBuf,
        /// The schema.
        schema: String,
        /// The object.
        what: String,
    },
    /// The connection was lost before anything was committed.
    #[error("the connection to {} was lost: {reason}", .path.display())]
    Disconnected {
        /// The store.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The user lacks a privilege.
    #[error("{} denies permission: {what}", .path.display())]
    NotAllowed {
        /// The store.
        path: PathBuf,
        /// What the server says.
        what: String,
    },
    /// Transactions on the server are read-only, for this user or for all users.
    #[error("{} is read-only: its server refuses transactions that write", .0.display())]
    ReadOnlyServer(PathBuf),
    /// Any other PostgreSQL error.
    #[error("{}: {what}", .path.display())]
    Server {
        /// The store.
        path: PathBuf,
        /// What the server says.
        what: String,
    },
    /// The connection was lost during a commit, and the server cannot be asked for the outcome.
    #[error(
        "the connection to {} was lost during the commit; it is unknown whether import {import} was committed",
        .path.display()
    )]
    CommitUnknown {
        /// The store.
        path: PathBuf,
        /// The number of the import.
        import: i64,
    },
    /// There is no store.
    #[error("there is no customer store {}", .0.display())]
    Missing(PathBuf),
    /// Another process has locked the store exclusively, so it cannot be read.
    #[error(
        "{} is locked by another program{}", .path.display(),
        .lock_owner.as_ref().map_or(String::new(), |owner| format!(" ({owner})"))
    )]
    Locked {
        /// The store.
        path: PathBuf,
        /// The process that holds the lock, if it is known.
        lock_owner: Option<String>,
    },
    /// The file is empty, but other users have access to it, so no store is created in it.
    #[error("{} already exists and {reason}, so no customers are written to it", .path.display())]
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// Why it is not private.
        reason: String,
    },
    /// The store's log holds changes, which a reader cannot apply in a read-only folder.
    #[error("{} has changes in its log, and its folder is read-only", .0.display())]
    ReadOnlyLog(PathBuf),
    /// The change was interrupted and rolled back.
    #[error("interrupted: nothing was changed")]
    Interrupted,
    /// The first import into the store is still running, so there is nothing to read yet.
    #[error("the first import into {} is still running", .0.display())]
    BeingCreated(PathBuf),
    /// The folder of the store does not exist.
    #[error("the folder {} does not exist, so {} cannot be created there", .folder.display(), .path.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
        /// The store.
        path: PathBuf,
    },
    /// The path is not that of a regular file.
    #[error("{} is not a file, so it is not a customer store", .0.display())]
    NotAFile(PathBuf),
    /// The store cannot be opened, for example because of its permissions.
    #[error("{} cannot be opened: {reason}", .path.display())]
    Unusable {
        /// The store.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A dry run cannot use the temporary file for its changed customers.
    #[error("the dry run cannot use its temporary file: {0}")]
    DryRunFile(std::io::Error),
    /// Another process is writing to the store.
    #[error(
        "{} has been locked for {} s by another program{}", .path.display(), .waited.as_secs(),
        .lock_owner.as_ref().map_or(String::new(), |owner| format!(" ({owner})"))
    )]
    Busy {
        /// The store.
        path: PathBuf,
        /// How long this process has waited.
        waited: Duration,
        /// The process that holds the lock, if it is known.
        lock_owner: Option<String>,
    },
    /// The history has no entry with that number.
    #[error("the history of {} has no entry {id}", .path.display())]
    NotInHistory {
        /// The store.
        path: PathBuf,
        /// The number.
        id: i64,
        /// The newest number in the history.
        newest: Option<i64>,
    },
    /// The changes of a history entry are not kept, or the entry changed no customers.
    #[error("{}", no_undo_log(*.id, *.undo_log))]
    NoUndoLog {
        /// The store.
        path: PathBuf,
        /// The entry's number.
        id: i64,
        /// Why nothing is kept; `None` if it changed no customer.
        undo_log: Option<UndoLog>,
    },
    /// There is no import to undo.
    #[error("{} has no import to undo", .0.display())]
    NothingToUndo(PathBuf),
    /// Only the newest import can be undone.
    #[error("import {id} is not the newest: later imports build on it")]
    NotNewest {
        /// The store.
        path: PathBuf,
        /// The import's number.
        id: i64,
        /// The imports to undo first, in this order.
        first: Vec<i64>,
    },
    /// The store holds something that engage never writes.
    #[error("{} is damaged: {what}", .path.display())]
    Damaged {
        /// The store.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A backup would overwrite the store itself.
    #[error("the backup {} is the store itself or one of its files", .0.display())]
    BackupOfItself(PathBuf),
    /// The file was removed or replaced during an import.
    #[error("{} was removed or replaced during the import", .0.display())]
    Replaced(PathBuf),
    /// The file to overwrite has a journal or a log next to it.
    #[error("{} is in use: {} exists next to it", .path.display(), .companion.display())]
    InUse {
        /// The file.
        path: PathBuf,
        /// The journal or the log.
        companion: PathBuf,
    },
    /// A temporary file that the import has written cannot be read.
    #[error("a temporary file cannot be read: {0}")]
    TemporaryFile(std::io::Error),
    /// The file of a new store cannot be written.
    #[error("{} cannot be written: {source}", .path.display())]
    NotWritten {
        /// The store.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Any other SQLite error.
    #[error("{}: {}", .path.display(), one_line(&.source.to_string()))]
    Sqlite {
        /// The store.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// The error for a store that cannot be opened or created.
    pub(crate) fn unusable(path: &Path, error: &std::io::Error) -> Self {
        Self::Unusable { path: path.to_owned(), reason: error.to_string() }
    }
}

impl Explain for StoreError {
    fn exit(&self) -> Exit {
        match self {
            Self::BackupOfItself(_)
            | Self::NoPostgres(_)
            | Self::SqliteOnly(_)
            | Self::InvalidUrl { .. }
            | Self::VisiblePassword => Exit::Usage,
            _ => Exit::Failed,
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::NotSqlite(_) | Self::NotAnEngageStore(_) | Self::NotAFile(_) => {
                "choose another file with --store PATH; it is created if it does not exist"
            }
            Self::NoPostgres(_) => {
                "use a release build, or build it with cargo build --features postgres"
            }
            Self::SqliteOnly(_) => {
                "pg_dump and pg_restore back up and restore a schema: docs/postgres.md has the commands"
            }
            Self::InvalidUrl { .. } => {
                "write it like this: postgres://USER@HOST/DATABASE?schema=NAME"
            }
            Self::VisiblePassword => {
                "do not put it in --store: use PGPASSWORD, ~/.pgpass or ENGAGE_STORE"
            }
            Self::Unreachable { .. } => {
                "check that the server is running, and the host, port and sslmode; psql with the same URL says more"
            }
            Self::NotAuthenticated { .. } => {
                "the password comes from PGPASSWORD, ~/.pgpass or the URL in ENGAGE_STORE"
            }
            Self::NoDatabase { name, .. } => {
                return vec![format!("createdb {name} creates it; or use another database")];
            }
            Self::OtherServer { .. } => "use PostgreSQL 14 or newer, or a store in a file",
            Self::OldServer { .. } => "upgrade the server, or use a store in a file",
            Self::OldCitus { .. } => {
                "upgrade Citus, or do not distribute the store: ?distribute=off in the URL"
            }
            Self::ForeignObject { .. } => {
                "choose another schema in the URL: ?schema=NAME; the first import creates it"
            }
            Self::Disconnected { .. } => "nothing was changed; run the command again",
            Self::NotAllowed { .. } => {
                "nothing was changed; docs/postgres.md has the rights that each command needs"
            }
            Self::ReadOnlyServer(_) => {
                "nothing was changed; connect to the primary, or unset default_transaction_read_only"
            }
            Self::Server { .. } => "nothing was changed; the server's log says more",
            Self::CommitUnknown { import, .. } => {
                return vec![format!(
                    "run engage history: if it lists import {import}, the import was committed; \
                     if not, run it again"
                )];
            }
            Self::Newer { .. } => "use the engage version that created it, or a newer one",
            Self::BackupOfItself(_) => "choose another file",
            Self::NotPrivate { path, .. } => {
                let path = shell_path(path);
                return vec![format!("chmod 600 {path}, or remove it: import creates a new one")];
            }
            Self::Locked { .. } => "try again once that program has ended",
            Self::ReadOnlyLog(_) => {
                "copy it and the files next to it to a folder that you can write to"
            }
            // The user who interrupted it knows what to do.
            Self::Interrupted => return Vec::new(),
            Self::Replaced(_) => "nothing was imported; import again",
            Self::InUse { .. } => "choose another file, or remove both first",
            Self::Missing(_) => {
                "create it with engage import FILE, or choose another with --store PATH or ENGAGE_STORE"
            }
            Self::BeingCreated(_) => "try again once it is done",
            Self::NotInHistory { newest: Some(newest), .. } => {
                return vec![format!("engage history lists it; the newest is {newest}")];
            }
            Self::NotInHistory { newest: None, .. } => "nothing has been imported yet",
            Self::NoUndoLog { id, undo_log: None, .. } => {
                return vec![format!("engage history {id} shows the entry")];
            }
            Self::NoUndoLog { .. } | Self::NothingToUndo(_) => {
                "engage history lists all changes, the newest first"
            }
            Self::NotNewest { id, first, .. } => return vec![undo_order(*id, first)],
            Self::NoFolder { .. } => {
                "create the folder first, or choose another store with --store"
            }
            Self::Unusable { .. } => "check the permissions, or choose another store with --store",
            Self::DryRunFile(_) | Self::TemporaryFile(_) => {
                "free space in the temporary folder, or set another one with TMPDIR"
            }
            Self::Busy { .. } => "wait longer with --wait 60",
            Self::Damaged { .. } => {
                "engage check shows the damage; engage check --repair repairs what it can"
            }
            Self::NotWritten { .. } | Self::Sqlite { .. } => {
                "no customer was changed; check whether the disk is full or another program is writing to it"
            }
        };
        vec![hint.to_owned()]
    }
}

/// The commands that undo the newer imports and then this one.
fn undo_order(id: i64, first: &[i64]) -> String {
    const MAX_COMMANDS: usize = 6;
    let commands = first.iter().chain([&id]).take(MAX_COMMANDS);
    let commands: Vec<String> = commands.map(|id| format!("engage undo {id}")).collect();
    let more = if first.len() >= MAX_COMMANDS { ", and so on" } else { "" };
    format!("in this order: {}{more}", commands.join(", "))
}

fn no_undo_log(id: i64, undo_log: Option<UndoLog>) -> String {
    let reason = match undo_log {
        Some(UndoLog::Complete) => "can be undone",
        Some(UndoLog::Disabled) => "was run with --history none, so its undo data was not recorded",
        Some(UndoLog::Final) => {
            "is final: a later import was run with --history none, so its \
             undo data is no longer kept"
        }
        Some(UndoLog::Pruned) => "was pruned: its undo data is no longer kept",
        Some(UndoLog::Undone) => "was undone",
        None => return format!("entry {id} of the history changed no customers itself"),
    };
    format!("import {id} {reason}")
}

#[cfg(test)]
mod tests;
