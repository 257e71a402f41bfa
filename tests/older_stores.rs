//! A store that an earlier version has made is opened, read and imported into. Each schema that was
//! ever released has a fixture: `schema-N.db`, made by the program of its day from
//! `fixtures/users.csv` and a second file with other plans.

use super::sandbox::Sandbox;
use std::path::PathBuf;

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
    assert_eq!(sandbox.run(&["inspect", "users.csv"]).code, 0);
    assert_eq!(sandbox.run(&["import", "users.csv", "--dry-run"]).code, 3);
    assert_eq!(sandbox.sql("PRAGMA user_version"), [version]);
    // The first file again brings back what the second has changed, and finds everybody.
    let run = sandbox.run(&["import", "users.csv", "--format", "json"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(sandbox.sql("PRAGMA user_version"), ["2"]);
    let report = run.report();
    assert_eq!(report["customers"]["inserted"], 0);
    assert_eq!(report["customers"]["updated"], changed);
    assert_eq!(sandbox.customers("uid"), before);
    // All three are undone, one after the other.
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
fn a_store_of_schema_2_is_a_store() {
    is_a_store("2");
}
