//! Before-images of the history can be limited, and messages say if they are gone.

use crate::sandbox::Sandbox;

fn import(sandbox: &Sandbox, plan: &str, options: &[&str]) {
    sandbox.write("u.csv", format!("id,plan\n1,{plan}\n2,{plan}\n2,{plan}\n"));
    let run = sandbox.run(&[&["import", "u.csv"], options].concat());
    assert_eq!(run.code, 0, "{run:?}");
}

fn with_imports() -> Sandbox {
    let sandbox = Sandbox::new();
    for plan in ["Free", "Pro", "Basic", "Max"] {
        import(&sandbox, plan, &[]);
    }
    sandbox
}

#[test]
fn an_import_without_history_ends_undo_for_all_earlier_ones() {
    let sandbox = with_imports();
    assert_eq!(sandbox.sql("SELECT count(*) FROM changes"), ["6"]);
    import(&sandbox, "None", &["--history", "none"]);
    assert_eq!(sandbox.sql("SELECT count(*) FROM changes"), ["0"]);
    assert_eq!(sandbox.customers("plan"), ["None", "None"]);
    insta::assert_snapshot!(sandbox.run(&["undo"]).seen(), @r"
    error: import 5 was run with --history none, so its undo data was not recorded
    hint: engage history lists all changes, the newest first
    exit 1
    ");
    insta::assert_snapshot!(sandbox.run(&["undo", "4"]).seen(), @r"
    error: import 4 is final: a later import was run with --history none, so its undo data is no longer kept
    hint: engage history lists all changes, the newest first
    exit 1
    ");
    insta::assert_snapshot!(sandbox.run(&["changes", "4"]).seen(), @r"
    error: import 4 is final: a later import was run with --history none, so its undo data is no longer kept
    hint: engage history lists all changes, the newest first
    exit 1
    ");
    assert_eq!(sandbox.run(&["changes", "5"]).code, 1);
    // Later imports have before-images again.
    import(&sandbox, "Later", &[]);
    assert!(sandbox.run(&["changes", "6"]).stdout.contains("None"));
    assert_eq!(sandbox.run(&["undo"]).code, 0);
    assert_eq!(sandbox.run(&["undo"]).code, 1);
    assert_eq!(sandbox.customers("plan"), ["None", "None"]);
}

#[test]
fn a_dry_run_without_history_keeps_the_history() {
    let sandbox = with_imports();
    import(&sandbox, "None", &["--history", "none", "--dry-run"]);
    assert_eq!(sandbox.sql("SELECT count(*) FROM changes"), ["6"]);
    sandbox.write("bad.csv", "id,plan\n,x\n");
    assert_eq!(sandbox.run(&["import", "bad.csv", "--history", "none"]).code, 5);
    assert_eq!(sandbox.sql("SELECT count(*) FROM changes"), ["6"]);
    assert_eq!(sandbox.run(&["undo"]).code, 0);
}

#[test]
fn pruning_keeps_the_newest() {
    let sandbox = with_imports();
    insta::assert_snapshot!(sandbox.run(&["history", "--prune", "--keep", "2"]).seen(), @r"
    2 imports pruned (2 before-images): they can no longer be undone. 2 imports with undo data left.
    exit 0
    ");
    assert_eq!(sandbox.sql("SELECT DISTINCT import_id FROM changes ORDER BY 1"), ["3", "4"]);
    insta::assert_snapshot!(sandbox.run(&["changes", "2"]).seen(), @r"
    error: import 2 was pruned: its undo data is no longer kept
    hint: engage history lists all changes, the newest first
    exit 1
    ");
    assert!(sandbox.run(&["changes", "3"]).stdout.contains("Basic"));
    let json = sandbox.run(&["history", "--prune", "--keep", "2", "--format", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&report["pruned"], &report["kept"]), (&0.into(), &2.into()));
    assert_eq!(sandbox.run(&["undo"]).code, 0);
    assert_eq!(sandbox.run(&["undo"]).code, 0);
    insta::assert_snapshot!(sandbox.run(&["undo"]).seen(), @r"
    error: import 2 was pruned: its undo data is no longer kept
    hint: engage history lists all changes, the newest first
    exit 1
    ");
}

#[test]
fn pruning_by_age() {
    let sandbox = with_imports();
    let old = "UPDATE imports SET started_at = '2020-01-01T00:00:00Z' WHERE id <= 3";
    rusqlite::Connection::open(sandbox.path("engage.db")).unwrap().execute(old, []).unwrap();
    let run = sandbox.run(&["history", "--prune", "--older-than", "90d"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.sql("SELECT DISTINCT import_id FROM changes"), ["4"]);
    for wrong in [
        &["history", "--prune"][..],
        &["history", "--keep", "2"],
        &["history", "--prune", "--older-than", "x"],
    ] {
        assert_eq!(sandbox.run(wrong).code, 2, "{wrong:?}");
    }
}
