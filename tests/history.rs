//! The history has every change of the store, with its time, user and outcome.

use crate::sandbox::{Run, Sandbox};
use serde_json::Value;
use std::process::Stdio;

/// Three imports and a dry run: one with rejects, one stopped, one clean.
fn with_history() -> Sandbox {
    let sandbox = Sandbox::with_fixture("users.csv");
    let run = |arguments: &[&str]| {
        sandbox.command(arguments).env("USER", "ann").output().unwrap();
    };
    run(&["import", "users.csv"]);
    run(&["import", "users.csv", "--max-rejects", "1", "--rejects", "stopped's.csv"]);
    run(&["import", "users.csv", "--dry-run"]);
    sandbox.write("clean.csv", "id,plan\nu-900,Pro\n");
    sandbox.run(&["import", "clean.csv", "--key", "uid"]);
    sandbox
}

/// The output of a run, with times and durations replaced.
fn seen(run: &Run) -> String {
    let mut text = run.seen();
    for shape in ["0000-00-00 00:00:00", "0000-00-00 00:00"] {
        let mut from = 0;
        while from + shape.len() <= text.len() {
            let is_time =
                text.as_bytes()[from..].iter().zip(shape.bytes()).all(|(byte, like)| match like {
                    b'0' => byte.is_ascii_digit(),
                    _ => *byte == like,
                });
            if is_time {
                text.replace_range(from..from + shape.len(), &shape.replace('0', "9"));
            }
            from += 1;
        }
    }
    text
}

#[test]
fn every_import_is_a_line_the_stopped_ones_too_and_dry_runs_leave_none() {
    let sandbox = with_history();
    insta::assert_snapshot!(seen(&sandbox.run(&["history"])));
    insta::assert_snapshot!(seen(&sandbox.run(&["history", "-v", "--limit", "1"])));
}

#[test]
fn every_format_has_the_whole_history() {
    let sandbox = with_history();
    let json = sandbox.run(&["history", "--format", "json"]);
    let lines: Vec<Value> = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["options"], serde_json::json!(["import", "clean.csv", "--key", "uid"]));
    assert_eq!(lines[0]["operator"], Value::Null);
    assert_eq!(lines[1]["status"], "stopped");
    assert_eq!(lines[1]["exit_code"], 5);
    assert_eq!(lines[2]["operator"], "ann");
    assert_eq!(lines[2]["files"], serde_json::json!(["users.csv"]));
    assert_eq!(lines[2]["sha256"][0].as_str().unwrap().len(), 64);
    assert_eq!(lines[2]["inserted"], 7);
    assert_eq!(lines[2]["key"], "uid");
    let jsonl = sandbox.run(&["history", "--format", "jsonl"]).stdout;
    let again: Vec<Value> = jsonl.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(again, lines);
    let csv = sandbox.run(&["history", "--format", "csv"]).stdout;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(&rows[1][column("rejected")], "4");
    assert_eq!(&rows[0][column("operator")], "");
    let limited = sandbox.run(&["history", "--format", "jsonl", "--limit", "2"]).stdout;
    assert_eq!(limited.lines().count(), 2);
}

#[test]
fn one_import_is_shown_whole() {
    let sandbox = with_history();
    insta::assert_snapshot!(seen(&sandbox.run(&["history", "1"])));
    let run = sandbox.run(&["history", "2", "--format", "json"]);
    let record: Value = serde_json::from_str(&run.stdout).unwrap();
    crate::sandbox::check_report(&record["report"]);
    assert_eq!(record["report"]["records"]["rejected"], 4);
    assert_eq!(record["status"], "stopped");
    assert_eq!(sandbox.run(&["history", "1", "--format", "csv"]).code, 2);
}

#[test]
fn a_missing_entry_or_store_is_an_error_with_a_hint() {
    let sandbox = with_history();
    insta::assert_snapshot!(sandbox.run(&["history", "7"]).seen(), @r"
    error: the history of engage.db has no entry 7
    hint: engage history lists it; the newest is 3
    exit 1
    ");
    insta::assert_snapshot!(sandbox.run(&["history", "--store", "other.db"]).seen(), @r"
    error: there is no customer store other.db
    hint: create it with engage import FILE, or choose another with --store PATH or ENGAGE_STORE
    exit 1
    ");
    sandbox.write("empty.db", "");
    assert_eq!(sandbox.run(&["history", "--store", "empty.db"]).code, 1);
    assert!(!sandbox.exists("other.db"));
    let foreign = rusqlite::Connection::open(sandbox.path("foreign.db")).unwrap();
    foreign.execute_batch("CREATE TABLE t (a)").unwrap();
    let run = sandbox.run(&["history", "--store", "foreign.db"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("another program"), "{run:?}");
}

#[test]
fn the_history_can_be_read_during_an_import() {
    let sandbox = with_history();
    let writer = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE; UPDATE imports SET status = 'torn'").unwrap();
    assert!(!sandbox.run(&["history"]).stdout.contains("torn"));
    // A large first import locks out readers.
    let first = rusqlite::Connection::open(sandbox.path("first.db")).unwrap();
    first.execute_batch("BEGIN EXCLUSIVE; CREATE TABLE customers (id)").unwrap();
    let run = sandbox.run(&["history", "--store", "first.db"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("first import into first.db is still running"), "{run:?}");
}

#[test]
fn a_killed_first_import_leaves_nothing_to_read() {
    let sandbox = with_history();
    // A killed import leaves a journal that would make the file empty again.
    let killed = rusqlite::Connection::open(sandbox.path("killed.db")).unwrap();
    killed
        .execute_batch(
            "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; CREATE TABLE t (a);
             WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9000)
             INSERT INTO t SELECT zeroblob(500) FROM n;",
        )
        .unwrap();
    for file in ["killed.db", "killed.db-journal"] {
        std::fs::copy(sandbox.path(file), sandbox.path(&file.replace("killed", "left"))).unwrap();
    }
    drop(killed);
    let run = sandbox.run(&["history", "--store", "left.db"]);
    assert!(run.stderr.contains("there is no customer store left.db"), "{run:?}");
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let sandbox = with_history();
    for format in ["human", "csv", "json", "jsonl"] {
        let mut command = sandbox.command(&["history", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let run: Run = child.wait_with_output().unwrap().into();
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{format}");
    }
}

#[test]
fn a_command_with_one_result_refuses_formats_of_rows() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    let run = sandbox.run(&["import", "u.csv", "--format", "csv"]);
    insta::assert_snapshot!(run.seen(), @r"
    error: engage import has no tabular output
    hint: use --format human or --format json
    exit 2
    ");
    assert!(!sandbox.exists("engage.db"));
}
