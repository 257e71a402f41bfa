//! Modes limit what an import may create or change; guards stop it before it changes anything.

use crate::sandbox::Sandbox;

#[test]
fn a_mode_skips_and_counts_other_records() {
    let sandbox = Sandbox::with("a.csv", "id,plan\n1,Free\n2,Free\n");
    sandbox.run(&["import", "a.csv"]);
    sandbox.write("b.csv", "id,plan\n1,Pro\n3,Pro\n3,Basic\n");
    let report = sandbox.run(&["import", "b.csv", "--mode", "create", "--format", "json"]).report();
    assert_eq!(
        (&report["records"]["skipped"], &report["customers"]["inserted"]),
        (&2.into(), &1.into())
    );
    sandbox.write("b.csv", "id,plan\n1,Pro\n4,Pro\n4,Basic\n");
    let report = sandbox.run(&["import", "b.csv", "--mode", "update", "--format", "json"]).report();
    assert_eq!(
        (&report["records"]["skipped"], &report["customers"]["updated"]),
        (&2.into(), &1.into())
    );
    assert_eq!(sandbox.customers("uid,plan"), ["1|Pro", "2|Free", "3|Pro"]);
    // A proven record is counted like any other.
    let report = sandbox.run(&["import", "a.csv", "--mode", "create", "--format", "json"]).report();
    assert_eq!(report["records"]["skipped"], 2);
}

#[test]
fn too_many_rejects_stop_the_import() {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,a@\n2,b@x.co\n3,c@\n4,d@x.co\n");
    let run = sandbox.run(&["import", "u.csv", "--max-rejects", "1"]);
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stderr.contains("more than --max-rejects 1"), "{run:?}");
    assert_eq!(sandbox.files(), ["u.csv", "u.rejects.csv"]);
    assert_eq!(sandbox.run(&["import", "u.csv", "--max-rejects", "50%"]).code, 0);
    // In an existing store, a stopped import is in the history.
    assert_eq!(sandbox.run(&["import", "u.csv", "--max-rejects", "1"]).code, 5);
    let lines: Vec<String> = sandbox
        .history()
        .iter()
        .map(|line| format!("{} {} {}", line["id"], line["status"], line["exit_code"]))
        .collect();
    assert_eq!(lines, [r#"1 "partial" 0"#, r#"2 "stopped" 5"#]);
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    assert_eq!(sandbox.history().len(), 3);
}

#[test]
fn an_import_without_a_valid_record_is_stopped() {
    let sandbox = Sandbox::with("u.csv", "id,email\n");
    let run = sandbox.run(&["import", "u.csv"]);
    assert_eq!(run.code, 5, "{run:?}");
    sandbox.write("u.csv", "id,email\n,a@x.co\n");
    assert_eq!(sandbox.run(&["import", "u.csv", "--key", "uid", "--max-rejects", "100%"]).code, 5);
    assert!(!sandbox.exists("engage.db"));
}

#[test]
fn a_limit_bounds_the_records_read() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n2\n3\n");
    let report = sandbox.run(&["import", "u.csv", "--limit", "2", "--format", "json"]).report();
    assert_eq!(report["records"]["read"], 2);
    assert_eq!(report["sources"][0]["bytes"], 9);
}

#[test]
fn the_history_names_the_guard_that_stopped_an_import() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n2\n3\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    sandbox.write("u.csv", "id\n1\n");
    let options = ["import", "u.csv", "--snapshot=archive", "--format", "json"];
    let run = sandbox.run(&options);
    assert_eq!(run.code, 5, "{run:?}");
    let message = "u.csv names 1 of 3 customers: 2 (66 %) would be archived, more than \
                   --max-missing 20%: nothing was changed";
    let error = &run.report()["error"];
    assert_eq!(error["message"], message);
    assert_eq!(error["hints"][0], "if the export is complete: --max-missing 67%");
    let told = sandbox.run(&["history", "2"]).stdout.replace("\n  ", " ");
    assert!(told.contains(message), "{told}");
}
