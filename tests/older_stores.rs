//! A store that an earlier version has made is opened, read and imported into. Each schema that was
//! ever released has a fixture: `schema-N.db`, made by the program of its day from
//! `fixtures/users.csv` and a second file with other plans.

use super::sandbox::Sandbox;

#[test]
fn a_store_of_schema_1_is_a_store() {
    let sandbox = Sandbox::with_fixture("users.csv");
    let store = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/stores/schema-1.db");
    std::fs::copy(store, sandbox.path("engage.db")).unwrap();
    assert_eq!(sandbox.sql("PRAGMA user_version"), ["1"]);
    assert_eq!(sandbox.run(&["check"]).code, 0);
    assert_eq!(sandbox.run(&["history", "--format", "jsonl"]).stdout.lines().count(), 2);
    let before = sandbox.customers("uid");
    let changed = sandbox.run(&["changes", "2", "--format", "jsonl"]).stdout.lines().count();
    assert!(changed > 0);
    // The first file again brings back what the second has changed, and finds everybody.
    let run = sandbox.run(&["import", "users.csv", "--format", "json"]);
    assert_eq!(run.code, 3, "{run:?}");
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
