//! What cannot easily be brought about from outside has a way out too.

use super::Failure;
use crate::import::ImportError;
use crate::input::SourceError;
use crate::store::StoreError;
use crate::store::sqlite::history::Trail;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

fn denied() -> io::Error {
    io::Error::from(io::ErrorKind::PermissionDenied)
}

#[test]
fn no_failure_of_a_store_is_without_a_way_out() {
    let path = PathBuf::from("engage.db");
    let no_trail = |trail| StoreError::NoTrail { path: path.clone(), id: 7, trail };
    let errors = [
        StoreError::NotSqlite(path.clone()),
        StoreError::Foreign(path.clone()),
        StoreError::Newer { path: path.clone(), found: 4, known: 3 },
        StoreError::Missing(path.clone()),
        StoreError::BeingMade(path.clone()),
        StoreError::NoFolder { folder: "folder".into(), path: path.clone() },
        StoreError::NotAFile(path.clone()),
        StoreError::Unusable { path: path.clone(), reason: denied().to_string() },
        StoreError::Rehearsal(denied()),
        StoreError::Busy { path: path.clone(), waited: Duration::from_secs(10), holder: None },
        StoreError::NotInHistory { path: path.clone(), id: 7, newest: Some(6) },
        StoreError::NotInHistory { path: path.clone(), id: 7, newest: None },
        no_trail(None),
        no_trail(Some(Trail::Never)),
        no_trail(Some(Trail::Final)),
        no_trail(Some(Trail::Pruned)),
        no_trail(Some(Trail::Undone)),
        StoreError::NothingToUndo(path.clone()),
        StoreError::NotNewest { path: path.clone(), id: 7, first: vec![9, 8] },
        StoreError::Damaged { path: path.clone(), what: "a row is missing".to_owned() },
        StoreError::BackupOfItself(path.clone()),
        StoreError::Gone(path.clone()),
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
