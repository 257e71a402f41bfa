//! A snapshot has all customers: missing ones are reported, archived or deleted. A broken file
//! changes no customer.

use super::sandbox::{Run, Sandbox};
use serde_json::json;

fn customers(numbers: impl IntoIterator<Item = u32>) -> String {
    let rows = numbers.into_iter().map(|n| format!("u{n:02},user{n}@example.com,Pro\n"));
    format!("id,email,plan\n{}", rows.collect::<String>())
}

/// A store of ten customers, and a snapshot of eight of them and a new one.
fn ten() -> Sandbox {
    let sandbox = Sandbox::with("first.csv", customers(0..10));
    assert_eq!(sandbox.run(&["import", "first.csv"]).code, 0);
    sandbox.write("nightly.csv", customers((0..8).chain([20])));
    sandbox
}

fn import(sandbox: &Sandbox, more: &[&str]) -> Run {
    sandbox.run(&[&["import", "nightly.csv", "--format", "json"], more].concat())
}

#[test]
fn the_missing_are_reported_and_stay() {
    let sandbox = ten();
    let columns = "uid,email,attributes,archived_at,last_changed_at";
    let before = sandbox.customers(columns);
    let run = sandbox.run(&["import", "nightly.csv", "--snapshot"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.seen());
    assert_eq!(sandbox.customers(columns)[..10], before);
}

#[test]
fn missing_customers_are_archived_and_unarchived() {
    let sandbox = ten();
    let report = import(&sandbox, &["--snapshot=archive"]).report();
    assert_eq!(
        report["customers"],
        json!({"inserted": 1, "updated": 0, "unchanged": 8, "missing": 2, "archived": 2, "deleted": 0})
    );
    assert_eq!(sandbox.archived(), ["u08", "u09"]);
    // Archived customers are no longer missing.
    let report = import(&sandbox, &["--snapshot=archive"]).report();
    assert_eq!(report["customers"]["missing"], 0);
    assert_eq!(report["customers"]["unchanged"], 9);
    // A record unarchives a customer even if it has no new values.
    let report = sandbox.run(&["import", "first.csv", "--format", "json"]).report();
    assert_eq!(report["customers"]["updated"], 2);
    assert_eq!(sandbox.archived(), [""; 0]);
    let kinds = "SELECT kind, count(*) FROM changes GROUP BY import_id, kind ORDER BY import_id";
    assert_eq!(sandbox.sql(kinds), ["archive|2", "update|2"]);
}

#[test]
fn missing_customers_are_deleted_with_all_their_data() {
    let sandbox = Sandbox::with(
        "first.csv",
        "id,email,device_token,device_platform\nu1,a@example.com,t1,ios\nu2,b@example.com,t2,ios\n",
    );
    sandbox.run(&["import", "first.csv"]);
    sandbox.write("nightly.csv", "id,email\nu1,a@example.com\n");
    let report = import(&sandbox, &["--snapshot=delete", "--max-missing", "50%"]).report();
    assert_eq!(report["customers"]["deleted"], 1);
    assert_eq!(sandbox.customers("uid"), ["u1"]);
    assert_eq!(sandbox.customer("u1", "devices"), r#"[{"token":"t1","platform":"ios"}]"#);
    assert_eq!(sandbox.proofs(), [[1], [1]], "no deleted customer has a proof");
    let before =
        sandbox.sql("SELECT kind, json_extract(before, '$.columns.uid', '$.devices') FROM changes");
    assert_eq!(before, [r#"delete|["u2",[["t2","ios"]]]"#]);
}

#[test]
fn a_truncated_export_changes_no_customer() {
    let sandbox = ten();
    sandbox.write("nightly.csv", customers(0..5));
    let before = sandbox.exported();
    for action in ["--snapshot=archive", "--snapshot=delete"] {
        let run = sandbox.run(&["import", "nightly.csv", action]);
        assert_eq!(run.code, 5, "{run:?}");
        assert_eq!(sandbox.exported(), before);
    }
    let full = customers(0..10);
    sandbox.write("nightly1.csv", full);
    assert_eq!(sandbox.run(&["import", "nightly1.csv"]).code, 0);
    insta::assert_snapshot!(sandbox.run(&["import", "nightly.csv", "--snapshot=archive"]).seen());
    let run = import(&sandbox, &["--snapshot=archive", "--max-missing", "50%"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.archived().len(), 5);
}

#[test]
fn max_missing_may_be_a_count_and_also_applies_without_an_action() {
    let sandbox = ten();
    for action in ["--snapshot", "--snapshot=archive"] {
        assert_eq!(import(&sandbox, &[action, "--max-missing", "1"]).code, 5, "{action}");
    }
    assert_eq!(import(&sandbox, &["--snapshot", "--max-missing", "2"]).code, 0);
    // Without `--max-missing` and an action there is only a warning.
    sandbox.write("nightly.csv", customers(0..5));
    let run = import(&sandbox, &["--snapshot"]);
    assert_eq!(run.code, 0);
    assert!(run.stderr.contains("6 of 11 customers are missing"), "{run:?}");
}

#[test]
fn an_empty_export_changes_no_customer() {
    let sandbox = ten();
    for empty in ["id,email,plan\n", ""] {
        sandbox.write("nightly.csv", empty);
        let run = import(&sandbox, &["--snapshot=delete", "--max-missing", "100%"]);
        assert!(matches!(run.code, 4 | 5), "{run:?}");
    }
    assert_eq!(sandbox.customers("uid").len(), 10);
}

#[test]
fn a_rejected_record_is_not_missing_and_one_without_a_key_archives_nothing() {
    let sandbox = ten();
    // The email is invalid, but the record still names u08.
    sandbox.write("nightly.csv", format!("{}u08,bad,Pro\n", customers(0..8)));
    let run = import(&sandbox, &["--snapshot=archive"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(sandbox.archived(), ["u09"]);

    let sandbox = ten();
    sandbox.write("nightly.csv", format!("{}\",u8,Pro\n", customers(0..8)));
    let run = import(&sandbox, &["--snapshot=archive"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(run.report()["customers"]["missing"], 2);
    assert!(run.stderr.contains("1 rejected record may name any of them"), "{run:?}");
    assert_eq!(sandbox.archived(), [""; 0]);
    // With `--max-rejects` the user accepts the risk.
    assert_eq!(import(&sandbox, &["--snapshot=archive", "--max-rejects", "1"]).code, 0);
    assert_eq!(sandbox.archived(), ["u08", "u09"]);
}

#[test]
fn a_skipped_record_is_not_missing() {
    let sandbox = ten();
    let report = import(&sandbox, &["--snapshot=archive", "--mode", "create"]).report();
    assert_eq!(report["records"]["skipped"], 8);
    assert_eq!(sandbox.archived(), ["u08", "u09"]);
}

#[test]
fn a_customer_without_a_key_value_is_not_missing() {
    let sandbox = Sandbox::with("first.csv", "id,email\nu1,A@example.com\nu2,\nu3,c@example.com\n");
    sandbox.run(&["import", "first.csv"]);
    sandbox.write("nightly.csv", "email,plan\na@example.com,Pro\n");
    let more = ["--snapshot=archive", "--key", "email", "--max-missing", "50%"];
    let report = import(&sandbox, &more).report();
    assert_eq!(report["customers"]["missing"], 1, "{report}");
    assert_eq!(sandbox.archived(), ["u3"]);
}

#[test]
fn several_files_are_one_snapshot() {
    let sandbox = ten();
    sandbox.write("a.csv", customers(0..5));
    sandbox.write("b.csv", customers(5..9));
    let run = sandbox.run(&["import", "a.csv", "b.csv", "--snapshot=archive"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.archived(), ["u09"]);
}

#[test]
fn a_dry_run_counts_customers_that_would_be_archived() {
    let sandbox = ten();
    let report = import(&sandbox, &["--snapshot=archive", "--dry-run"]).report();
    assert_eq!(report["customers"]["archived"], 2);
    assert_eq!(sandbox.archived(), [""; 0]);
}

#[test]
fn a_snapshot_cannot_have_a_limit_or_a_rejects_file() {
    let sandbox = ten();
    assert_eq!(import(&sandbox, &["--snapshot", "--limit", "3"]).code, 2);
    assert_eq!(import(&sandbox, &["--max-missing", "3"]).code, 2);
    sandbox.write(
        "nightly.csv",
        "id,email,_record,_line,_errors,_raw\nu01,user1@example.com,1,2,x,\n",
    );
    let run = sandbox.run(&["import", "nightly.csv", "--snapshot=archive"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("is a rejects file"), "{run:?}");
}
