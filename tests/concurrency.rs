//! Concurrent imports and readers, and leftover files next to a new store.

use super::sandbox::{Run, Sandbox};
use rusqlite::{Connection, TransactionBehavior};
use std::fmt::Write as _;
use std::process::{Child, Stdio};

fn users(from: u32, to: u32) -> String {
    let mut rows = String::from("id,email,plan\n");
    for number in from..to {
        writeln!(rows, "u{},user{number}@example.com,Pro", number * 7919 % 1_000_003).unwrap();
    }
    rows
}

fn spawn(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    let mut command = sandbox.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn finished(child: Child) -> Run {
    child.wait_with_output().unwrap().into()
}

#[test]
fn two_concurrent_first_imports_both_succeed() {
    for _ in 0..8 {
        let sandbox = Sandbox::with("a.csv", users(0, 3000));
        sandbox.write("b.csv", users(2000, 5000));
        let both =
            ["a.csv", "b.csv"].map(|file| spawn(&sandbox, &["import", file, "--wait", "60"]));
        for run in both.map(finished) {
            assert_eq!(run.code, 0, "{run:?}");
        }
        assert_eq!(sandbox.count(), 5000);
        assert_eq!(sandbox.history().len(), 2);
        assert_eq!(sandbox.run(&["check"]).code, 0);
    }
}

#[test]
fn a_failing_import_does_not_affect_a_waiting_one() {
    for _ in 0..8 {
        let sandbox = Sandbox::with("good.csv", users(0, 2000));
        let bad = users(0, 2000).replace('@', "");
        sandbox.write("bad.csv", bad);
        // Without valid addresses, the column would not be recognised as emails.
        let both = ["bad.csv", "good.csv"]
            .map(|file| spawn(&sandbox, &["import", file, "--wait", "60", "-m", "email=email"]));
        let [bad, good] = both.map(finished);
        assert_eq!((bad.code, good.code), (5, 0), "{bad:?} {good:?}");
        assert_eq!(sandbox.count(), 2000);
    }
}

#[test]
fn a_timeout_names_the_lock_holder() {
    let sandbox = Sandbox::with("users.csv", users(0, 10));
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    // Another process, because locks do not apply within a process.
    let mut holder = spawn_holder(&sandbox);
    let run = sandbox.run(&["import", "users.csv", "--wait", "0"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("engage.db has been locked for 0 s by another program"), "{run:?}");
    assert!(run.stderr.contains("hint: wait longer with --wait 60"), "{run:?}");
    if cfg!(target_os = "linux") {
        let process = format!("(process {}: import -", holder.id());
        assert!(run.stderr.contains(&process), "{run:?}");
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(sandbox.run(&["import", "users.csv", "--wait", "0"]).code, 0);
}

/// Starts an import that holds the lock and waits for the rest of its input.
fn spawn_holder(sandbox: &Sandbox) -> Child {
    use std::io::Write as _;
    let mut command = sandbox.command(&["import", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(users(0, 60_000).as_bytes()).unwrap();
    let begun = std::time::Instant::now();
    let is_busy = || {
        let connection = Connection::open(sandbox.path("engage.db")).unwrap();
        connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_err()
    };
    while !is_busy() {
        assert!(begun.elapsed().as_secs() < 30);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child
}

#[test]
fn readers_see_the_store_as_it_was_while_an_import_runs() {
    let sandbox = Sandbox::with("users.csv", users(0, 10));
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    let mut holder = spawn_holder(&sandbox);
    assert_eq!(sandbox.count(), 10);
    for arguments in [&["history"][..], &["check"], &["backup", "backup.db"]] {
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 0, "{run:?}");
    }
    assert_eq!(sandbox.customers_in("backup.db", "uid").len(), 10);
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(sandbox.count(), 10);
}

#[test]
fn a_reader_does_not_stop_a_first_import() {
    let sandbox = Sandbox::with("users.csv", users(0, 10));
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    assert_eq!(sandbox.sql("PRAGMA journal_mode"), ["wal"]);
    let reader = Connection::open(sandbox.path("engage.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM customers").unwrap();
    sandbox.write("users.csv", users(0, 20));
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    assert_eq!(sandbox.count(), 20);
}

#[test]
fn a_leftover_log_or_journal_does_not_harm_a_new_store() {
    let other = Sandbox::with("users.csv", users(100, 2000));
    assert_eq!(other.run(&["import", "users.csv"]).code, 0);
    other.write("users.csv", users(100, 2500));
    let reader = Connection::open(other.path("engage.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM customers").unwrap();
    assert_eq!(other.run(&["import", "users.csv"]).code, 0);
    let log = std::fs::read(other.path("engage.db-wal")).unwrap();
    assert!(log.len() > 10_000, "there is something in it");
    for ending in ["-wal", "-journal"] {
        let sandbox = Sandbox::with("users.csv", users(0, 50));
        sandbox.write(&format!("engage.db{ending}"), &log);
        assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
        assert_eq!(sandbox.count(), 50);
        assert_eq!(sandbox.run(&["check"]).code, 0);
    }
}

#[cfg(unix)]
#[test]
fn all_files_are_readable_only_by_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::with("users.csv", format!("{}x,bad,Pro\n", users(0, 10)));
    let outputs = ["--report", "report.json", "--accepted", "accepted.csv"];
    assert_eq!(sandbox.run(&[&["import", "users.csv"], &outputs[..]].concat()).code, 3);
    let reader = Connection::open(sandbox.path("engage.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM customers").unwrap();
    sandbox.write("users.csv", users(0, 20));
    assert_eq!(sandbox.run(&["import", "users.csv", "--rejects", "r.csv"]).code, 0);
    let names = sandbox.files();
    assert!(names.contains(&"engage.db-wal".to_owned()), "{names:?}");
    for name in names.iter().filter(|name| *name != "users.csv") {
        let mode = std::fs::metadata(sandbox.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn strict_compares_with_the_import_that_it_waited_for() {
    let sandbox = Sandbox::with("other.csv", "id,city\n1,Lagos\n");
    sandbox.write("nightly-2.csv", "id,plan\n1,Pro\n");
    assert_eq!(sandbox.run(&["import", "other.csv"]).code, 0);
    let mut other = Connection::open(sandbox.path("engage.db")).unwrap();
    let change = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let waiting = spawn(&sandbox, &["import", "nightly-2.csv", "--strict", "--wait", "60"]);
    std::thread::sleep(std::time::Duration::from_millis(700));
    // As if the other import were of last night's file.
    change.execute("UPDATE imports SET files = '[\"nightly-1.csv\"]'", []).unwrap();
    change.commit().unwrap();
    let run = finished(waiting);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("new: plan"), "{run:?}");
    assert_eq!(sandbox.history().len(), 1);
}

#[test]
fn a_dry_run_waits_for_a_first_import_up_to_its_timeout() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    let first = Connection::open(sandbox.path("engage.db")).unwrap();
    first.execute_batch("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").unwrap();
    let started = std::time::Instant::now();
    let run = sandbox.run(&["import", "u.csv", "--dry-run", "--wait", "0"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("engage.db is locked by another program (process"), "{run:?}");
    assert!(started.elapsed().as_secs() < 8, "{:?}", started.elapsed());
}
