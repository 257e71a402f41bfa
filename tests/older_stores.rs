//! A store of an earlier version is opened, read and imported into. Each released schema has a
//! fixture `schema-N.db`, made by that version from `fixtures/users.csv` and a second file with
//! other plans.

#[cfg(target_os = "linux")]
use super::crashes::{LAYER, points};
use super::sandbox::Sandbox;
#[cfg(target_os = "linux")]
use super::sandbox::{Run, rows};
use serde_json::Value;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;

/// The before-images of the first two imports, by import and customer.
fn before_images(sandbox: &Sandbox) -> Vec<(String, Value)> {
    let sql = "SELECT import_id || ' ' || customer_id || ' ' || kind, before FROM changes
               WHERE import_id <= 2 ORDER BY import_id, customer_id";
    let rows = sandbox.sql(sql).into_iter().map(|row| {
        let (key, before) = row.split_once('|').unwrap();
        (key.to_owned(), serde_json::from_str(before).unwrap())
    });
    rows.collect()
}

fn is_a_store(version: &str) {
    let sandbox = Sandbox::with_fixture("users.csv");
    let store = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(format!("fixtures/stores/schema-{version}.db"));
    std::fs::copy(store, sandbox.path("engage.db")).unwrap();
    assert_eq!(sandbox.sql("PRAGMA user_version"), [version]);
    // Reading an older store changes nothing.
    assert_eq!(sandbox.run(&["check"]).code, 0);
    assert_eq!(sandbox.run(&["history", "--format", "jsonl"]).stdout.lines().count(), 2);
    let before = sandbox.customers("uid");
    let changed = sandbox.run(&["changes", "2", "--format", "jsonl"]).stdout.lines().count();
    assert!(changed > 0);
    let images = before_images(&sandbox);
    assert_eq!(sandbox.run(&["inspect", "users.csv"]).code, 0);
    assert_eq!(sandbox.run(&["import", "users.csv", "--dry-run"]).code, 3);
    assert_eq!(sandbox.sql("PRAGMA user_version"), [version]);
    // Importing the first file again reverts the changes of the second and adds no customer.
    let run = sandbox.run(&["import", "users.csv", "--format", "json"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(sandbox.sql("PRAGMA user_version"), ["5"]);
    assert_eq!(before_images(&sandbox), images);
    assert_eq!(sandbox.run(&["forget", "missing", "--block"]).code, 0);
    let report = run.report();
    assert_eq!(report["customers"]["inserted"], 0);
    assert_eq!(report["customers"]["updated"], changed);
    assert_eq!(sandbox.customers("uid"), before);
    // All three imports can be undone.
    for _ in 0..3 {
        let run = sandbox.run(&["undo"]);
        assert_eq!(run.code, 0, "{run:?}");
    }
    assert_eq!(sandbox.count(), 0);
    assert_eq!(sandbox.run(&["check"]).code, 0);
}

#[test]
fn a_store_of_schema_1_is_migrated_by_the_first_change() {
    is_a_store("1");
}

#[test]
fn a_store_of_schema_2_is_migrated_by_the_first_change() {
    is_a_store("2");
}

#[test]
fn a_store_of_schema_3_is_migrated_by_the_first_change() {
    is_a_store("3");
}

#[test]
fn a_store_of_schema_4_is_migrated_by_the_first_change() {
    is_a_store("4");
}

#[test]
fn a_store_of_schema_5_is_current() {
    is_a_store("5");
}

/// A copy of the fixture of a version next to `users.csv`.
#[cfg(target_os = "linux")]
fn store_of(version: &str) -> Sandbox {
    let sandbox = Sandbox::with_fixture("users.csv");
    let store = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(format!("fixtures/stores/schema-{version}.db"));
    std::fs::copy(store, sandbox.path("engage.db")).unwrap();
    sandbox
}

/// The version of the store in a folder and its content, after an integrity check.
#[cfg(target_os = "linux")]
fn content(folder: &Path) -> (String, Vec<String>) {
    let store = folder.join("engage.db");
    assert_eq!(rows(&store, "PRAGMA integrity_check"), ["ok"]);
    let version = rows(&store, "PRAGMA user_version").remove(0);
    let mut content = rows(&store, "SELECT name, sql FROM sqlite_schema ORDER BY name");
    let tables = "SELECT name FROM sqlite_schema
         WHERE type = 'table' AND name <> 'sqlite_sequence' ORDER BY name";
    for table in rows(&store, tables) {
        let found = rows(&store, &format!("SELECT '{table}', * FROM \"{table}\""));
        // The line of a failed import in the history is written after the failure.
        content.extend(found.into_iter().filter(|row| !row.contains("|import|failed|")));
    }
    (version, content)
}

/// The columns of customers without times.
#[cfg(target_os = "linux")]
const VALUES: &str = "uid,first_name,last_name,number,email,attributes,devices";

/// Changes a store of version 1, with injected faults. The store is unchanged, or has the current
/// version and the complete change.
#[cfg(target_os = "linux")]
fn migrates_or_not_at_all(arguments: &[&str], code: i32) {
    let base = store_of("1");
    let before = content(&base.path(""));
    let customers_before = base.customers(VALUES);
    let start = |sandbox: &Sandbox, faults: &[(&str, &str)]| -> Run {
        let mut command = sandbox.command(arguments);
        command.env("LD_PRELOAD", &LAYER.1).envs(faults.iter().copied()).output().unwrap().into()
    };
    let trial = store_of("1");
    let count = trial.path("count");
    let run = start(&trial, &[("FAULT_COUNT", count.to_str().unwrap())]);
    assert_eq!(run.code, code, "{run:?}");
    let calls = trial.read("count").parse().unwrap();
    let customers_after = trial.customers(VALUES);
    assert_ne!(customers_before, customers_after);
    let (mut migrated, mut trials) = (0, 0);
    for kind in ["kill", "half", "full", "sync"] {
        let points = points(calls);
        trials += points.len();
        for point in &points {
            let what = format!("{kind} at call {point} of {calls}");
            let sandbox = store_of("1");
            let synced = store_of("1");
            let (at, folder) = (point.to_string(), synced.path(""));
            let faults = [
                ("FAULT_AT", at.as_str()),
                ("FAULT_KIND", kind),
                ("FAULT_SYNCED", folder.to_str().unwrap()),
            ];
            let run = start(&sandbox, if kind == "kill" { &faults } else { &faults[..2] });
            // The files that the next process finds, and the files on the disk after a power loss.
            for left in [&sandbox, &synced] {
                let (version, rows) = content(&left.path(""));
                if version == "1" {
                    let is_new = |row: &&String| !before.1.contains(row);
                    let changed: Vec<&String> = rows.iter().filter(is_new).collect();
                    assert!(
                        (version, &rows) == (before.0.clone(), &before.1),
                        "{what}: {changed:?}"
                    );
                } else {
                    assert_eq!(version, "5", "{what}: {run:?}");
                    assert_eq!(left.customers(VALUES), customers_after, "{what}: {run:?}");
                }
            }
            assert_eq!(sandbox.run(&["check"]).code, 0, "{what}");
            if sandbox.sql("PRAGMA user_version") == ["1"] {
                assert_eq!(sandbox.customers(VALUES), customers_before, "{what}: {run:?}");
                let again = sandbox.run(arguments);
                assert_eq!(again.code, code, "{what}: {again:?}");
            } else {
                migrated += 1;
            }
            assert_eq!(sandbox.sql("PRAGMA user_version"), ["5"], "{what}");
            assert_eq!(sandbox.customers(VALUES), customers_after, "{what}");
            assert_eq!(sandbox.run(&["check"]).code, 0, "{what}");
        }
    }
    // Some faults do not apply at their point, such as a failed sync of a call that does not sync.
    assert!(migrated < trials, "no fault came before the migration");
}

#[cfg(target_os = "linux")]
#[test]
fn a_failed_migration_by_an_import_is_complete_or_absent() {
    migrates_or_not_at_all(&["import", "users.csv"], 3);
}

#[cfg(target_os = "linux")]
#[test]
fn a_failed_migration_by_an_undo_is_complete_or_absent() {
    migrates_or_not_at_all(&["undo"], 0);
}
