use super::*;
use std::io;

fn denied() -> io::Error {
    io::Error::from(io::ErrorKind::PermissionDenied)
}

#[test]
fn every_error_has_a_hint() {
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
        StoreError::InUse { path: path.clone(), companion: "engage.db-wal".into() },
    ];
    for error in errors {
        assert!(!error.hints().is_empty(), "{error:?}");
        assert!(!error.to_string().ends_with('.'), "{error}");
    }
}
