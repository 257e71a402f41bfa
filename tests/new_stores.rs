//! A first import writes the pages of a new store itself. The store is the same as one that SQLite
//! has filled, and it does not exist before the commit.

use crate::sandbox::Sandbox;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, symlink};
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

/// Everything that the store holds, without times.
const CONTENT: [&str; 7] = [
    "PRAGMA integrity_check",
    "SELECT id, uid, first_name, last_name, number, email, attributes, archived_at, inserted_by
     FROM customers ORDER BY id",
    "SELECT id, uid FROM customers INDEXED BY customers_uid ORDER BY uid",
    "SELECT * FROM devices ORDER BY customer_id, rank",
    "SELECT rowid, plan_id, block, hex(entries) FROM fingerprints ORDER BY plan_id, block",
    "SELECT plan_id, block FROM fingerprints INDEXED BY sqlite_autoindex_fingerprints_1",
    "SELECT type, name, sql FROM sqlite_schema ORDER BY name",
];

fn content(sandbox: &Sandbox) -> Vec<Vec<String>> {
    CONTENT.map(|sql| sandbox.sql(sql)).into()
}

/// Creates an empty file as a new store.
fn create_empty(sandbox: &Sandbox, name: &str) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(sandbox.path(name)).unwrap();
}

/// Imports into a new store, and into one that SQLite fills, because its path is a link.
fn assert_same_store(csv: &str, arguments: &[&str], code: i32) {
    let [new, filled] = [(); 2].map(|()| Sandbox::with("users.csv", csv));
    create_empty(&filled, "real.db");
    symlink("real.db", filled.path("engage.db")).unwrap();
    for sandbox in [&new, &filled] {
        let run = sandbox.run(&[&["import", "users.csv"], arguments].concat());
        assert_eq!(run.code, code, "{run:?}");
        let check = sandbox.run(&["check"]);
        assert_eq!(check.code, 0, "{check:?}");
    }
    let [pages, filled_by_sqlite] = [content(&new), content(&filled)];
    for ((pages, filled), sql) in pages.iter().zip(&filled_by_sqlite).zip(CONTENT) {
        assert!(pages == filled, "{sql}: {:?} {:?}", first(pages), first(filled));
    }
    assert_eq!(new.run(&["import", "users.csv"]).code, code);
    assert_eq!(new.sql("PRAGMA integrity_check"), ["ok"]);
}

fn first(rows: &[String]) -> Option<String> {
    rows.first().map(|row| row.chars().take(200).collect())
}

/// Records whose uids are in no order, some with devices, bad emails and long values.
fn export(records: u32, repeated: &[u32]) -> String {
    let mut csv = "id,first_name,email,note,device_token,device_platform\n".to_owned();
    for number in (0..records).chain(repeated.iter().copied()) {
        let uid = u64::from(number) * 7_919 % 1_000_003;
        let email = if number % 53 == 7 { "bad" } else { "ann@example.com" };
        let note = "n".repeat(match number % 997 {
            0 => 9_000,
            1 => 3_950,
            _ => number as usize % 40,
        });
        let device = if number % 3 == 0 { format!("{uid}t,ios") } else { ",".to_owned() };
        csv.extend(["u", &uid.to_string(), ",Zoë,", email, ",", &note, ",", &device, "\n"]);
    }
    csv
}

#[test]
fn a_new_store_is_the_same_as_one_that_sqlite_has_filled() {
    assert_same_store(&export(1, &[]), &[], 0);
    assert_same_store(&export(30_000, &[]), &[], 3);
    assert_same_store(&export(3_000, &[]), &["--history", "none", "--threads", "1"], 3);
    assert_same_store(&export(3_000, &[]), &["--snapshot=archive"], 3);
    assert_same_store(&export(300, &[]), &["--accepted", "accepted.csv"], 3);
}

#[test]
fn the_key_may_be_an_email() {
    let rows = (0..3_000).map(|row| format!("{}@example.com,Ann\n", row * 7_919 % 3_001));
    let csv = "email,first_name\n".to_owned() + &rows.collect::<String>();
    assert_same_store(&csv, &["--key", "email"], 0);
    assert_same_store(&(csv + "5@example.com,Bob\n"), &["--key", "email"], 0);
}

#[test]
fn records_of_the_same_customer_are_merged_in_a_new_store() {
    // Some in the same batch, some long after the customer was written.
    assert_same_store(&export(20_000, &[19_999, 5, 5, 3, 19_990]), &[], 3);
    let all: Vec<u32> = (0..5_000).collect();
    assert_same_store(&export(5_000, &all), &[], 3);
    assert_same_store(&export(5_000, &all), &["--history", "none"], 3);
}

#[test]
fn a_restored_export_gives_the_same_store() {
    let source = Sandbox::with("users.csv", export(3_000, &[]));
    assert_eq!(source.run(&["import", "users.csv"]).code, 3);
    source.write("users.csv", export(2_000, &[]));
    let run = source.run(&["import", "users.csv", "--snapshot=archive", "--max-missing", "90%"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(
        source.sql("SELECT count(*) > 900 FROM customers WHERE archived_at IS NOT NULL"),
        ["1"]
    );
    assert_same_store(&source.exported(), &[], 0);
}

/// Begins a first import that waits for the rest of its input.
fn begin_first_import(sandbox: &Sandbox) -> (Child, ChildStdin) {
    let mut command = sandbox.command(&["import", "-", "-q"]);
    let mut import = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = import.stdin.take().unwrap();
    input.write_all(export(40_000, &[]).as_bytes()).unwrap();
    let started = Instant::now();
    while !sandbox.exists("engage.db") {
        assert!(started.elapsed().as_secs() < 60, "it never began");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(300));
    (import, input)
}

#[test]
fn there_is_no_store_until_the_first_import_commits() {
    let sandbox = Sandbox::new();
    let (mut import, input) = begin_first_import(&sandbox);
    let is_large = |name: &String| {
        let metadata = fs::metadata(sandbox.path(name));
        name.starts_with(".engage-") && metadata.is_ok_and(|file| file.len() > 1 << 20)
    };
    let started = Instant::now();
    while !sandbox.files().iter().any(is_large) {
        assert!(started.elapsed().as_secs() < 60, "it never began");
        std::thread::sleep(Duration::from_millis(10));
    }
    for command in
        [&["status"][..], &["segment", "email"], &["import", "-", "--dry-run", "--wait", "0"]]
    {
        let run = sandbox.run_with_input(command, b"id\n1\n");
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains("first import into engage.db is still running"), "{run:?}");
    }
    // A dry run that waits sees the store.
    let mut dry_run =
        sandbox.command(&["import", "-", "--dry-run", "--wait", "60", "--format", "json"]);
    let mut dry_run = dry_run
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    dry_run.stdin.take().unwrap().write_all(b"id,first_name\nu0,Ada\n").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    drop(input);
    assert_eq!(import.wait().unwrap().code(), Some(3));
    let run: crate::sandbox::Run = dry_run.wait_with_output().unwrap().into();
    assert_eq!(run.report()["customers"]["updated"], 1, "{run:?}");
    assert!(!sandbox.files().iter().any(|name| name.starts_with(".engage-")));
}

#[test]
fn commands_that_wait_for_a_first_import_do_no_harm() {
    let sandbox = Sandbox::with("second.csv", export(41_000, &[]));
    sandbox.write("third.csv", "id,first_name\nthird,Ada\n");
    let (mut first, input) = begin_first_import(&sandbox);
    let waiting = [
        &["import", "second.csv", "-q"][..],
        &["import", "third.csv", "-q", "--dry-run"],
        &["import", "third.csv", "-q"],
        &["history", "--prune", "--keep", "9", "-q"],
    ];
    let waiting = waiting.map(|arguments| {
        let mut command = sandbox.command(&[arguments, &["--wait", "60"]].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    });
    let readers: Vec<_> = (0..3).map(|_| sandbox.command(&["status"]).spawn().unwrap()).collect();
    std::thread::sleep(Duration::from_millis(400));
    drop(input);
    assert_eq!(first.wait().unwrap().code(), Some(3));
    for command in waiting {
        let run: crate::sandbox::Run = command.wait_with_output().unwrap().into();
        assert!(matches!(run.code, 0 | 3), "{run:?}");
    }
    for mut reader in readers {
        assert!(matches!(reader.wait().unwrap().code(), Some(0 | 1)));
    }
    assert_eq!(sandbox.run(&["check"]).code, 0);
    assert_eq!(sandbox.sql("PRAGMA integrity_check"), ["ok"]);
    let imports = sandbox.history().iter().filter(|line| line["kind"] == "import").count();
    assert_eq!(imports, 3);
    assert_eq!(sandbox.customer("third", "first_name"), "Ada");
}

#[test]
fn an_empty_file_is_replaced_as_after_a_kill() {
    let sandbox = Sandbox::with("users.csv", export(100, &[]));
    create_empty(&sandbox, "engage.db");
    let run = sandbox.run(&["status"]);
    assert!(run.stderr.contains("there is no customer store engage.db"), "{run:?}");
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 3);
    assert_eq!(sandbox.count(), 98);
    let mode = fs::metadata(sandbox.path("engage.db")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_link_to_an_empty_file_stays_a_link() {
    let sandbox = Sandbox::with("users.csv", export(100, &[]));
    create_empty(&sandbox, "real.db");
    symlink("real.db", sandbox.path("engage.db")).unwrap();
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 3);
    assert!(fs::symlink_metadata(sandbox.path("engage.db")).unwrap().is_symlink());
    assert_eq!(sandbox.customers_in("real.db", "uid").len(), 98);
}

/// Checks that the import finds a file at its commit that it has not created.
fn assert_left_alone(sandbox: &Sandbox, import: Child) {
    let run: crate::sandbox::Run = import.wait_with_output().unwrap().into();
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("removed or replaced during the import"), "{run:?}");
    assert_eq!(sandbox.read("engage.db"), "something else");
}

#[test]
fn nothing_is_written_to_the_name_of_a_store_meanwhile() {
    let sandbox = Sandbox::new();
    let (import, input) = begin_first_import(&sandbox);
    let shell = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    shell.busy_timeout(Duration::ZERO).unwrap();
    let refused = shell.execute_batch("CREATE TABLE t (a)").unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy));
    drop(shell);
    assert_eq!(fs::metadata(sandbox.path("engage.db")).unwrap().len(), 0);
    // A program without locks writes anyway; then the import fails.
    sandbox.write("engage.db", "something else");
    drop(input);
    assert_left_alone(&sandbox, import);
}

#[test]
fn a_store_that_is_replaced_meanwhile_is_left_alone() {
    let sandbox = Sandbox::new();
    let (import, input) = begin_first_import(&sandbox);
    fs::remove_file(sandbox.path("engage.db")).unwrap();
    sandbox.write("engage.db", "something else");
    drop(input);
    assert_left_alone(&sandbox, import);
}
