//! After a commit, the exit code never means that nothing was changed; before it, a signal changes
//! nothing.

use super::sandbox::{Run, Sandbox};
use rusqlite::Connection;
use std::fs::{File, OpenOptions};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

fn imported() -> Sandbox {
    let sandbox = Sandbox::with("a.csv", "id,plan,zip\n1,Pro,0123\n2,Free,4567\n");
    sandbox.write("b.csv", "id,plan,zip\n3,Pro,8901\n");
    assert_eq!(sandbox.run(&["import", "a.csv"]).code, 0);
    assert_eq!(sandbox.run(&["import", "b.csv"]).code, 0);
    assert_eq!(sandbox.run(&["segment", "plan = 'Pro'", "--save", "pro"]).code, 0);
    sandbox
}

/// Every command that changes the store, and a query whose result it changes.
const CHANGES: [(&[&str], &str); 8] = [
    (&["undo"], "SELECT count(*) FROM customers"),
    (&["forget", "1"], "SELECT count(*) FROM customers"),
    (&["import", "c.csv"], "SELECT count(*) FROM customers"),
    (&["attributes", "--type", "plan=number"], "SELECT type FROM attributes WHERE name = 'plan'"),
    (&["index", "plan"], "SELECT count(*) FROM sqlite_schema"),
    (&["segment", "plan = 'Free'", "--save", "free"], "SELECT count(*) FROM segments"),
    (&["segments", "--delete", "pro"], "SELECT count(*) FROM segments"),
    (&["history", "--prune", "--keep", "1"], "SELECT count(*) FROM imports WHERE trail = 'pruned'"),
];

#[test]
fn a_change_whose_report_cannot_be_written_exits_as_done() {
    for (command, query) in CHANGES {
        for format in ["human", "json"] {
            let sandbox = imported();
            sandbox.write("c.csv", "id,plan\n9,Pro\n");
            let before = sandbox.sql(query);
            let arguments = [command, &["--format", format]].concat();
            let run: Run = sandbox.command(&arguments).stdout(full()).output().unwrap().into();
            let after = sandbox.sql(query);
            assert_ne!(before, after, "{arguments:?} {run:?}");
            // Some commands have no JSON report.
            assert_eq!(run.code, 6, "{arguments:?} {run:?}");
            assert!(run.stderr.contains("done, but its report could not be written"), "{run:?}");
            assert!(!run.stderr.contains("nothing was changed"), "{run:?}");
        }
    }
}

#[test]
fn an_output_file_whose_summary_cannot_be_written_exits_as_done() {
    let sandbox = imported();
    for command in
        [&["backup", "copy.db"][..], &["export", "-o", "copy.csv"], &["report", "-o", "copy.html"]]
    {
        let run: Run = sandbox.command(command).stdout(full()).output().unwrap().into();
        assert_eq!(run.code, 6, "{command:?} {run:?}");
        assert!(sandbox.exists(command.last().unwrap()));
    }
    // A command that only reads fails.
    let run: Run = sandbox.command(&["export"]).stdout(full()).output().unwrap().into();
    assert_eq!(run.code, 1, "{run:?}");
    let run: Run =
        sandbox.command(&["import", "a.csv", "--dry-run"]).stdout(full()).output().unwrap().into();
    assert_eq!(run.code, 1, "{run:?}");
}

#[test]
fn a_signal_before_the_commit_changes_nothing() {
    for (command, query) in CHANGES {
        for signal in ["-INT", "-TERM", "-HUP"] {
            let sandbox = imported();
            sandbox.write("c.csv", "id,plan\n9,Pro\n");
            let before = sandbox.sql(query);
            let other = Connection::open(sandbox.path("engage.db")).unwrap();
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            // The command waits for the other program.
            let arguments = [command, &["--wait", "60"]].concat();
            let mut child = sandbox.command(&arguments);
            let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(400));
            let sent = Instant::now();
            let id = child.id().to_string();
            assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
            let run: Run = child.wait_with_output().unwrap().into();
            assert!(sent.elapsed() < Duration::from_secs(5), "{command:?} {:?}", sent.elapsed());
            assert_eq!(run.code, 1, "{command:?} {signal} {run:?}");
            assert_eq!(run.stderr, "error: interrupted: nothing was changed\n", "{command:?}");
            other.execute_batch("COMMIT").unwrap();
            drop(other);
            assert_eq!(sandbox.sql(query), before, "{command:?}");
        }
    }
}

#[test]
fn a_signal_ends_a_forget_that_waits_for_readers() {
    let sandbox = imported();
    let reader = Connection::open(sandbox.path("engage.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM customers").unwrap();
    let mut child = sandbox.command(&["forget", "1", "--wait", "60"]);
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while sandbox.sql("SELECT count(*) FROM customers WHERE uid = '1'") != ["0"] {
        assert!(started.elapsed() < Duration::from_secs(30), "it never committed");
        std::thread::sleep(Duration::from_millis(20));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let sent = Instant::now();
    let run: Run = child.wait_with_output().unwrap().into();
    assert!(sent.elapsed() < Duration::from_secs(5), "{:?} {run:?}", sent.elapsed());
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stderr.contains("bytes of forgotten customers are still in the file"), "{run:?}");
    drop(reader);
    assert_eq!(sandbox.run(&["forget", "1"]).code, 0, "the next one erases them");
}
