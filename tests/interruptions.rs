//! SIGINT and SIGTERM end an import within a second, with a message, and change nothing.

use super::sandbox::{Run, Sandbox};
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn spawn(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    let mut command = sandbox.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Sends a signal and returns the run, which must end within a second, or soon after on a busy
/// machine.
fn interrupted(child: Child, name: &str) -> Run {
    signal(&child, name);
    let sent = Instant::now();
    let run: Run = child.wait_with_output().unwrap().into();
    assert!(sent.elapsed() < Duration::from_secs(5), "{:?} {run:?}", sent.elapsed());
    run
}

/// Waits until a condition is true, or fails after a while.
fn wait_until(mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(30), "it never came to that");
        std::thread::sleep(Duration::from_millis(20));
    }
}

const NOTHING: &str = "error: interrupted: nothing was changed\n";

#[test]
fn an_import_that_waits_for_its_input_ends() {
    for name in ["-INT", "-TERM"] {
        let sandbox = Sandbox::new();
        let mut child = spawn(&sandbox, &["import", "-"]);
        child.stdin.as_mut().unwrap().write_all(b"id,email\n1,a@example.com\n").unwrap();
        std::thread::sleep(Duration::from_millis(300));
        let input = child.stdin.take();
        let run = interrupted(child, name);
        drop(input);
        assert_eq!((run.code, run.stderr.as_str()), (1, NOTHING));
        assert_eq!(sandbox.files(), [""; 0]);
    }
}

/// Writes more records than the sample needs, so that the import begins, and keeps the input open.
fn endless(child: &mut Child) -> std::process::ChildStdin {
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"id,email\n").unwrap();
    for number in 0..60_000 {
        writeln!(input, "{number},user{number}@example.com").unwrap();
    }
    input.flush().unwrap();
    input
}

#[test]
fn an_interrupted_import_rolls_back() {
    let sandbox = Sandbox::new();
    let mut child = spawn(&sandbox, &["import", "-"]);
    let input = endless(&mut child);
    wait_until(|| sandbox.exists("engage.db"));
    let run = interrupted(child, "-TERM");
    drop(input);
    assert_eq!((run.code, run.stderr.as_str()), (1, NOTHING));
    assert_eq!(sandbox.files(), [""; 0], "a store that was not there is not there");
}

#[test]
fn an_interrupted_import_changes_no_customer_and_is_in_the_history() {
    let sandbox = Sandbox::with("users.csv", "id,email\n1,a@example.com\n");
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    let before = sandbox.exported();
    let mut child = spawn(&sandbox, &["import", "-"]);
    let input = endless(&mut child);
    // The write-ahead log grows once customers are written.
    wait_until(|| std::fs::metadata(sandbox.path("engage.db-wal")).is_ok());
    let run = interrupted(child, "-INT");
    drop(input);
    assert_eq!((run.code, run.stderr.as_str()), (1, NOTHING));
    assert_eq!(sandbox.exported(), before);
    let lines: Vec<String> = sandbox
        .history()
        .iter()
        .map(|line| format!("{} {} {}", line["status"], line["exit_code"], line["files"]))
        .collect();
    assert_eq!(lines, [r#""imported" 0 ["users.csv"]"#, r#""failed" 1 ["stdin"]"#]);
    assert_eq!(sandbox.sql("SELECT json_valid(report) FROM imports"), ["1", "1"]);
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
}

#[test]
fn an_interrupted_wait_ends() {
    let sandbox = Sandbox::with("users.csv", "id,email\n1,a@example.com\n");
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    let connection = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let child = spawn(&sandbox, &["import", "users.csv", "--wait", "60"]);
    std::thread::sleep(Duration::from_millis(400));
    let run = interrupted(child, "-INT");
    assert_eq!((run.code, run.stderr.as_str()), (1, NOTHING));
}
