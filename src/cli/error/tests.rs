//! What cannot easily be brought about from outside has a way out too.

use super::Failure;
use crate::import::ImportError;
use crate::input::SourceError;
use crate::store::{StoreError, UndoLog};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

fn denied() -> io::Error {
    io::Error::from(io::ErrorKind::PermissionDenied)
}

#[test]
fn no_failure_of_a_store_is_without_a_way_out() {
    let path = PathBuf::from("engage.db");
    let no_undo_log = |undo_log| StoreError::NoUndoLog { path: path.clone(), id: 7, undo_log };
    let errors = [
        StoreError::NotSqlite(path.clone()),
        StoreError::NotAnEngageStore(path.clone()),
        StoreError::Newer { path: path.clone(), found: 4, known: 3 },
        StoreError::Missing(path.clone()),
        StoreError::BeingCreated(path.clone()),
        StoreError::NoFolder { folder: "folder".into(), path: path.clone() },
        StoreError::NotAFile(path.clone()),
        StoreError::Unusable { path: path.clone(), reason: denied().to_string() },
        StoreError::DryRunFile(denied()),
        StoreError::Busy { path: path.clone(), waited: Duration::from_secs(10), lock_owner: None },
        StoreError::NotInHistory { path: path.clone(), id: 7, newest: Some(6) },
        StoreError::NotInHistory { path: path.clone(), id: 7, newest: None },
        no_undo_log(None),
        no_undo_log(Some(UndoLog::Disabled)),
        no_undo_log(Some(UndoLog::Final)),
        no_undo_log(Some(UndoLog::Pruned)),
        no_undo_log(Some(UndoLog::Undone)),
        StoreError::NothingToUndo(path.clone()),
        StoreError::NotNewest { path: path.clone(), id: 7, first: vec![9, 8] },
        StoreError::Damaged { path: path.clone(), what: "a row is missing".to_owned() },
        StoreError::BackupOfItself(path.clone()),
        StoreError::Replaced(path.clone()),
        StoreError::InUse { path: path.clone(), beside: "engage.db-wal".into() },
    ];
    for error in errors {
        let failure = Failure::from(&error);
        assert!(!failure.hints.is_empty(), "{failure:?}");
        assert!(!failure.message.ends_with('.'), "{failure:?}");
    }
}

#[test]
fn only_who_interrupts_an_import_needs_no_way_out() {
    let name = || "users.csv".to_owned();
    let errors = [
        ImportError::Source(SourceError::Read { name: name(), source: denied() }),
        ImportError::Source(SourceError::Delimiter { name: name(), delimiter: 'a' }),
        ImportError::Reading { name: name(), source: denied() },
        ImportError::Replaced(name()),
        ImportError::StandardType("uid".to_owned()),
    ];
    for error in &errors {
        assert!(!Failure::from(error).hints.is_empty(), "{error:?}");
    }
    assert_eq!(Failure::from(&ImportError::Interrupted).hints, Vec::<String>::new());
}
