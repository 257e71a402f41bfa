//! What can be wrong with a store.

use crate::store::sqlite::history::Trail;
use std::path::PathBuf;
use std::time::Duration;

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is something else.
    #[error("{} is not an SQLite database, so it is no customer store", .0.display())]
    NotSqlite(PathBuf),
    /// The database is another program's.
    #[error("{} is a database of another program, not a customer store", .0.display())]
    Foreign(PathBuf),
    /// A newer program made it.
    #[error(
        "{} was made by a newer engage (schema {found}; this one knows {known})", .path.display()
    )]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its schema version.
        found: i32,
        /// The newest version that this program knows.
        known: i32,
    },
    /// There is no store.
    #[error("there is no customer store {}", .0.display())]
    Missing(PathBuf),
    /// Another program holds it locked, so that it cannot be read.
    #[error(
        "{} is locked by another program{}", .path.display(),
        .holder.as_ref().map_or(String::new(), |holder| format!(" ({holder})"))
    )]
    Locked {
        /// The store.
        path: PathBuf,
        /// The program, where that can be told.
        holder: Option<String>,
    },
    /// An empty file is to become a store, and others may read it.
    #[error("{} is there already and {reason}, so no customer is put in it", .path.display())]
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// Why it is not private.
        reason: String,
    },
    /// Its log holds changes, and its folder does not let a reader put them together.
    #[error("{} has changes in its log, and its folder is read-only", .0.display())]
    ReadOnlyLog(PathBuf),
    /// The change was asked to stop.
    #[error("interrupted: nothing was changed")]
    Interrupted,
    /// Its first import is still running, so there is nothing to read.
    #[error("the first import into {} is still running", .0.display())]
    BeingMade(PathBuf),
    /// The folder for it does not exist.
    #[error("the folder {} does not exist, so {} cannot be made there", .folder.display(), .path.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
        /// The store.
        path: PathBuf,
    },
    /// It is a folder, or anything else that is no file.
    #[error("{} is not a file, so it is no customer store", .0.display())]
    NotAFile(PathBuf),
    /// The operating system does not allow it.
    #[error("{} cannot be opened: {reason}", .path.display())]
    Unusable {
        /// The store.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// A dry run cannot keep what it would have made of customers.
    #[error("a dry run needs a temporary file, and it cannot be used: {0}")]
    Rehearsal(std::io::Error),
    /// Another program is writing.
    #[error(
        "{} has been locked for {} s by another program{}", .path.display(), .waited.as_secs(),
        .holder.as_ref().map_or(String::new(), |holder| format!(" ({holder})"))
    )]
    Busy {
        /// The store.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
        /// Who holds the store, where that can be told.
        holder: Option<String>,
    },
    /// The history has no line of that number.
    #[error("the history of {} has no number {id}", .path.display())]
    NotInHistory {
        /// The store.
        path: PathBuf,
        /// The number.
        id: i64,
        /// The newest number that there is.
        newest: Option<i64>,
    },
    /// What a line of the history has changed is not known, or there is nothing to know.
    #[error("{}", no_trail(*.id, *.trail))]
    NoTrail {
        /// The store.
        path: PathBuf,
        /// The line's number.
        id: i64,
        /// Why nothing is kept; `None` where it changed no customer.
        trail: Option<Trail>,
    },
    /// No import is there that could be taken back.
    #[error("{} has no import to take back", .0.display())]
    NothingToUndo(PathBuf),
    /// Only the newest import can be taken back.
    #[error("import {id} is not the newest: what came after it stands on it")]
    NotNewest {
        /// The store.
        path: PathBuf,
        /// The import's number.
        id: i64,
        /// Those that have to be taken back before, in that order.
        first: Vec<i64>,
    },
    /// What is stored is not what this program writes.
    #[error("{} is damaged: {what}", .path.display())]
    Damaged {
        /// The store.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A backup would replace the store.
    #[error("the backup {} is the store itself or a file of it", .0.display())]
    BackupOfItself(PathBuf),
    /// Somebody removed or replaced it while an import ran.
    #[error("{} was removed or replaced while it was imported into", .0.display())]
    Gone(PathBuf),
    /// A file that is to be replaced has a journal or a log beside it.
    #[error("{} is in use: {} is beside it", .path.display(), .beside.display())]
    InUse {
        /// The file.
        path: PathBuf,
        /// The journal or the log.
        beside: PathBuf,
    },
    /// SQLite failed.
    #[error("{}: {source}", .path.display())]
    Sqlite {
        /// The store.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

fn no_trail(id: i64, trail: Option<Trail>) -> String {
    match trail {
        Some(Trail::Whole) => format!("import {id} has its trail"),
        Some(Trail::Never) => {
            format!(
                "import {id} was run with --history none: nothing is kept of what was before it"
            )
        }
        Some(Trail::Final) => format!(
            "import {id} is final: a later one was run with --history none, and what was before it \
             is not kept any more"
        ),
        Some(Trail::Pruned) => {
            format!("import {id} was pruned: what was before it is not kept any more")
        }
        Some(Trail::Undone) => format!("import {id} was taken back"),
        None => format!("number {id} of the history changed no customer by itself"),
    }
}
