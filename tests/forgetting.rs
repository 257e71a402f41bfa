//! A forgotten customer is erased, also from the history and from the bytes of the file.

use crate::sandbox::{Run, Sandbox};
use serde_json::json;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

/// Current and earlier data that only the forgotten customer has.
const TRACES: [&str; 8] = [
    "zebra-77",
    "zebra@example.com",
    "zebra.old@example.com",
    "Zebrina",
    "2348031234567",
    "tok-zebra-1",
    "tok-zebra-2",
    "Zebraville",
];

/// A store with a customer who left traces everywhere: in texts of the history, in before-images of
/// an update and of a deletion, in the catalogue and in free pages of the file.
pub(crate) fn with_traces() -> Sandbox {
    let others = (0..300).fold(String::new(), |all, id| {
        format!("{all}u-{id},Name{id},u{id}@example.com,,city{id},t-{id},ios\n")
    });
    let header = "id,first_name,email,number,city,device_token,device_platform\n";
    let of = |email: &str, city: &str, token: &str| {
        format!("zebra-77,Zebrina,{email},+2348031234567,{city},{token},ios\n")
    };
    let first =
        format!("{header}{}{others}", of("zebra.old@example.com", "Zebraville", "tok-zebra-1"));
    let sandbox = Sandbox::with("zebra@example.com.csv", first);
    sandbox.run(&["import", "zebra@example.com.csv"]);
    sandbox.write("u.csv", format!("{header}{}", of("zebra@example.com", "Lagos", "tok-zebra-2")));
    sandbox.run(&["import", "u.csv"]);
    sandbox.write("u.csv", format!("{header}{}", others.replace("city", "town")));
    let run = sandbox.run(&[
        "import",
        "u.csv",
        "--snapshot=delete",
        "--max-missing",
        "9",
        "--skip",
        "number",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    sandbox.write("u.csv", format!("{header}{}", of("zebra@example.com", "Accra", "tok-zebra-2")));
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    sandbox
}

/// The traces that are in the file of the store or in SQLite's files next to it.
pub(crate) fn traces(sandbox: &Sandbox) -> Vec<&'static str> {
    let mut bytes = Vec::new();
    for file in ["engage.db", "engage.db-wal", "engage.db-journal"] {
        bytes.extend(fs::read(sandbox.path(file)).unwrap_or_default());
    }
    let contains = |text: &str| memchr::memmem::find(&bytes, text.as_bytes()).is_some();
    TRACES.into_iter().filter(|trace| contains(trace)).collect()
}

#[test]
fn no_byte_of_a_forgotten_customer_is_left() {
    let sandbox = with_traces();
    assert_eq!(traces(&sandbox), TRACES);
    let run = sandbox.run(&["forget", "zebra-77", "missing"]);
    insta::assert_snapshot!(run.seen(), @r"
      1 device · 2 before-images · 1 history line
    Forgotten: 1 customer.
    warning: no customer 'missing'
    exit 0
    ");
    assert_eq!(traces(&sandbox), [""; 0]);
    assert_eq!(sandbox.count(), 300);
    let history = sandbox.history();
    assert_eq!(history[0]["files"], json!(["(forgotten).csv"]));
    let last = history.last().unwrap();
    assert_eq!(
        [&last["kind"], &last["options"], &last["deleted"]],
        [&json!("forget"), &json!(["forget"]), &json!(1)]
    );
    assert_eq!(sandbox.run(&["check"]).code, 0);
    assert_eq!(sandbox.sql("SELECT count(*) FROM settings WHERE name = 'erasing'"), ["0"]);
}

#[test]
fn an_undo_does_not_restore_a_forgotten_customer() {
    let sandbox = with_traces();
    sandbox.run(&["forget", "zebra-77"]);
    // Imports that changed no other customer are undone together with the one before them.
    for _ in 0..4 {
        if sandbox.count() == 0 {
            break;
        }
        assert_eq!(sandbox.run(&["undo"]).code, 0);
        assert!([0, 300].contains(&sandbox.count()));
        assert!(!sandbox.customers("uid").contains(&"zebra-77".to_owned()));
    }
    assert_eq!(sandbox.count(), 0);
    assert_eq!(traces(&sandbox), [""; 0]);
}

#[test]
fn a_forget_waits_for_readers_and_the_next_change_erases() {
    let sandbox = with_traces();
    let reader = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM customers").unwrap();
    let run = sandbox.run(&["forget", "zebra-77", "--wait", "0"]);
    assert_eq!(run.code, 3);
    insta::assert_snapshot!(run.seen(), @r"
      1 device · 2 before-images · 1 history line
    Forgotten: 1 customer.
    error: another process is using engage.db: bytes of forgotten customers are still in the file
    hint: the next change to the store erases them, and so does the same command with --wait 60
    exit 3
    ");
    assert_eq!(sandbox.count(), 300);
    assert!(!traces(&sandbox).is_empty());
    // A change while the reader is still active succeeds.
    sandbox.write("u.csv", "id,city\nu-1,Kano\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    drop(reader);
    assert!(!traces(&sandbox).is_empty());
    sandbox.write("u.csv", "id,city\nu-1,Jos\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    assert_eq!(traces(&sandbox), [""; 0]);
    assert_eq!(sandbox.sql("SELECT count(*) FROM settings WHERE name = 'erasing'"), ["0"]);
}

#[test]
fn after_a_kill_the_next_change_erases_the_bytes() {
    let sandbox = with_traces();
    let reader = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM customers").unwrap();
    let mut command = sandbox.command(&["forget", "zebra-77", "--wait", "60"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..200 {
        std::thread::sleep(Duration::from_millis(20));
        if sandbox.sql("SELECT count(*) FROM settings WHERE name = 'erasing'") == ["1"] {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drop(reader);
    assert_eq!(sandbox.count(), 300);
    assert!(!traces(&sandbox).is_empty());
    let run = sandbox.run(&["check"]);
    assert!(run.stdout.contains("bytes of a forgotten customer"), "{run:?}");
    // Running the same command again finds no customer but erases the bytes; so does a repair.
    let copy = sandbox.path("copy.db");
    std::fs::copy(sandbox.path("engage.db"), &copy).unwrap();
    assert_eq!(sandbox.run(&["check", "--repair", "--store", "copy.db"]).code, 0);
    let run = sandbox.run(&["forget", "zebra-77"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(traces(&sandbox), [""; 0]);
}

#[test]
fn uids_can_be_read_from_a_file() {
    let sandbox = with_traces();
    sandbox.write("list.txt", "\u{feff}u-1\r\n\nu-2\nzebra-77\n");
    let run = sandbox.run(&["forget", "--from", "list.txt", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["customers"]["deleted"], 3, "{report}");
    assert_eq!(report["erased"], true);
    assert_eq!(report["unknown"], serde_json::json!([]));
    assert_eq!(sandbox.count(), 298);
}

#[test]
fn segments_that_name_a_forgotten_customer_are_warned_about() {
    let sandbox = with_traces();
    let connection = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    let sql = "INSERT INTO segments VALUES (?1, ?2, '2026-01-01T00:00:00Z')";
    connection.execute(sql, ["vips", "email = 'zebra@example.com' or plan = 'Pro'"]).unwrap();
    connection.execute(sql, ["all", "city = 'Accra'"]).unwrap();
    drop(connection);
    let run: Run = sandbox.run(&["forget", "zebra-77"]);
    assert!(run.stderr.contains("the saved segment 'vips' names a forgotten customer"), "{run:?}");
    assert!(!run.stderr.contains("'all'"), "{run:?}");
}

#[test]
fn an_unknown_uid_is_a_failure() {
    let sandbox = with_traces();
    insta::assert_snapshot!(sandbox.run(&["forget", "zebra-78"]).seen(), @r"
    error: no customer 'zebra-78' in engage.db
    hint: nothing was changed; write each uid as in the imported file
    exit 1
    ");
    assert_eq!(sandbox.history().len(), 4);
    assert_eq!(sandbox.run(&["forget"]).code, 2);
    assert_eq!(sandbox.run(&["forget", "--from", "none.txt"]).code, 1);
}

#[test]
fn saving_or_deleting_a_segment_erases_remaining_bytes() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    let commands: [&[&str]; 2] =
        [&["segment", "plan = 'Pro'", "--save", "pro"], &["segments", "--delete", "pro"]];
    for command in commands {
        let store = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
        store.execute("INSERT INTO settings (name, value) VALUES ('erasing', '1')", []).unwrap();
        drop(store);
        let run = sandbox.run(command);
        assert_eq!(run.code, 0, "{run:?}");
        let left = sandbox.sql("SELECT count(*) FROM settings WHERE name = 'erasing'");
        assert_eq!(left, ["0"], "{command:?}");
    }
}
