//! A backup is restored safely, and `engage status` shows the state of a store.

use crate::sandbox::Sandbox;
use std::fs;

fn with_backup() -> Sandbox {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n2,Pro\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    assert_eq!(sandbox.run(&["backup", "b.db", "-q"]).code, 0);
    sandbox.write("u.csv", "id,plan\n1,Max\n3,Pro\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    sandbox
}

#[test]
fn a_restore_replaces_the_store_and_keeps_the_old_one() {
    let sandbox = with_backup();
    let (after, before) = (sandbox.customers("uid,plan"), sandbox.customers_in("b.db", "uid,plan"));
    for kept in ["engage.db.replaced", "engage.db.replaced.2"] {
        let run = sandbox.run(&["restore", "b.db"]);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(
            run.stdout,
            format!(
                "Restored engage.db from b.db: 2 customers.\nThe replaced store is kept as {kept}.\n"
            )
        );
        assert_eq!(sandbox.customers("uid,plan"), before);
    }
    assert_eq!(sandbox.customers_in("engage.db.replaced", "uid,plan"), after);
    assert_eq!(sandbox.history().last().unwrap()["kind"], "restore");
    assert_eq!(sandbox.run(&["check"]).code, 0);
    // The next import works on the restored store.
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    assert_eq!(sandbox.customers("uid,plan"), after);
}

#[test]
fn a_backup_is_restored_without_a_store_or_over_a_broken_one() {
    let sandbox = with_backup();
    let before = sandbox.customers_in("b.db", "uid,plan");
    let run = sandbox.run(&["restore", "b.db", "--store", "new.db"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.customers_in("new.db", "uid,plan"), before);
    sandbox.write("engage.db", "not a database at all, but long enough to be looked at");
    let run = sandbox.run(&["restore", "b.db"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.customers("uid,plan"), before);
    assert!(sandbox.read("engage.db.replaced").starts_with("not a database"));
}

#[test]
fn a_damaged_backup_is_refused_and_changes_nothing() {
    let sandbox = with_backup();
    let before = sandbox.exported();
    sandbox.write("broken.db", "no database");
    let mut bytes = fs::read(sandbox.path("b.db")).unwrap();
    for byte in bytes.iter_mut().skip(4096).step_by(7) {
        *byte = 0xff;
    }
    sandbox.write("damaged.db", bytes);
    for (backup, code) in [("broken.db", 1), ("damaged.db", 1), ("no.db", 1), ("engage.db", 2)] {
        let run = sandbox.run(&["restore", backup]);
        assert_eq!(run.code, code, "{run:?}");
        assert_eq!(sandbox.exported(), before);
    }
    // While another program writes, the restore waits and then fails.
    let connection = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = sandbox.run(&["restore", "b.db", "--wait", "0"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("has been locked"), "{run:?}");
    drop(connection);
    assert_eq!(sandbox.exported(), before);
    assert!(!sandbox.exists("engage.db.replaced"));
}

#[test]
fn customers_forgotten_with_block_since_the_backup_are_erased_from_it() {
    let sandbox =
        Sandbox::with("u.csv", "id,name\n1,Ada Lovelace\n2,Grace Hopper\n3,Mary K\n4,Jo N\n");
    sandbox.write("two.csv", "id,name\n2,Grace Hopper\n3,Mary K\n");
    let archive = ["import", "two.csv", "--snapshot=delete", "--max-missing", "50%"];
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    // Customer 1 is only in a before-image of the backup.
    assert_eq!(sandbox.run(&archive).code, 0);
    assert_eq!(sandbox.run(&["backup", "b.db", "-q"]).code, 0);
    assert_eq!(sandbox.run(&["forget", "1", "2", "--block"]).code, 0);
    let run = sandbox.run(&["restore", "b.db"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert_eq!(
        run.stdout,
        "Restored engage.db from b.db: 1 customer.\n\
         2 customers forgotten with --block since the backup were erased again.\n\
         The replaced store is kept as engage.db.replaced.\n"
    );
    assert_eq!(sandbox.customers("uid"), ["3"]);
    assert_eq!(sandbox.run(&["check"]).code, 0);
    assert_eq!(sandbox.history().last().unwrap()["kind"], "restore");
    for file in sandbox.files().iter().filter(|name| name.starts_with("engage.db")) {
        let bytes = fs::read(sandbox.path(file)).unwrap();
        for text in ["Lovelace", "Hopper"] {
            let is_there = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!is_there, "{text} in {file}");
        }
    }
    assert_eq!(
        sandbox.files(),
        ["b.db", "engage.db", "engage.db.replaced", "two.csv", "u.csv"],
        "no temporary copy is left"
    );
    // An undo of the snapshot only restores the customer that was not forgotten.
    assert_eq!(sandbox.run(&["undo"]).code, 0);
    assert_eq!(sandbox.customers("uid"), ["3", "4"]);
    let run = sandbox.run(&["import", "u.csv"]);
    assert!(run.stderr.contains("2 records were skipped"), "{run:?}");
    let json = sandbox.run(&["restore", "b.db", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["blocked"], &json["customers"]), (&2.into(), &1.into()));
}

#[test]
fn restoring_over_a_damaged_store_warns_that_its_blocked_uids_are_lost() {
    let sandbox = with_backup();
    let before = sandbox.customers_in("b.db", "uid,plan");
    damage_customers(&sandbox, "engage.db");
    let run = sandbox.run(&["restore", "b.db"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.customers("uid,plan"), before);
    sandbox.write("engage.db", "no database, but long enough to be looked at by SQLite");
    let run = sandbox.run(&["restore", "b.db"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("the replaced store cannot be read"), "{run:?}");
}

#[test]
fn a_damaged_store_is_not_backed_up_over_a_good_backup() {
    let sandbox = with_backup();
    let good = fs::read(sandbox.path("b.db")).unwrap();
    damage_customers(&sandbox, "engage.db");
    let run = sandbox.run(&["backup", "b.db"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stderr
            .contains("engage.db is damaged, so it was not backed up; b.db was not changed: "),
        "{run:?}"
    );
    assert!(!run.stderr.contains("\\n"), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 2, "{run:?}");
    assert!(fs::read(sandbox.path("b.db")).unwrap() == good, "the older backup stays");
    assert_eq!(sandbox.run(&["backup", "new.db"]).code, 1);
    assert!(!sandbox.exists("new.db"));
    let check = sandbox.run(&["check"]);
    assert_eq!(check.code, 1, "{check:?}");
    assert!(!check.stdout.contains("\\n") && !check.stdout.contains("***"), "{check:?}");
}

/// Overwrites the pages of the customers' table, like a failing disk.
fn damage_customers(sandbox: &Sandbox, store: &str) {
    let root: u64 = sandbox
        .sql_of(store, "SELECT rootpage FROM sqlite_schema WHERE name = 'customers'")[0]
        .parse()
        .unwrap();
    let mut bytes = fs::read(sandbox.path(store)).unwrap();
    let start = usize::try_from((root - 1) * 4096).unwrap();
    bytes[start..start + 64].fill(0xff);
    sandbox.write(store, bytes);
}

#[test]
fn status_has_five_lines() {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,a@\n2,b@example.com\n3,c@example.com\n");
    assert_eq!(sandbox.run(&["status"]).code, 1);
    sandbox.run(&["import", "u.csv"]);
    let status = |sandbox: &Sandbox| {
        let run = sandbox.run(&["status"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert_eq!(run.stdout.lines().count(), 5);
        let time = sandbox.history().last().unwrap()["started_at"].as_str().unwrap()[..16]
            .replace('T', " ");
        run.stdout.replace(&time, "TIME")
    };
    insta::assert_snapshot!(status(&sandbox), @r"
    store        engage.db
    customers    2
    last import  1, TIME UTC, with rejects: u.csv, 2 new, 0 changed
    rejects      1 record in u.rejects.csv
    damage       none
    ");
    let rejects = sandbox.read("u.rejects.csv").replace("a@,", "a@example.com,");
    sandbox.write("u.rejects.csv", rejects);
    assert!(status(&sandbox).contains("1 record in u.rejects.csv"));
    sandbox.run(&["import", "u.rejects.csv"]);
    let text = status(&sandbox);
    assert!(text.contains("rejects      none") && text.contains("customers    3"), "{text}");
    let json = sandbox.run(&["status", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["customers"], &json["sound"]), (&3.into(), &true.into()));
    sandbox.execute("PRAGMA ignore_check_constraints = 1; UPDATE customers SET attributes = '['");
    let run = sandbox.run(&["status"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("engage check lists them"), "{run:?}");
}

#[test]
fn readers_leave_no_files_next_to_the_store() {
    let sandbox = with_backup();
    for command in [
        &["show", "1"][..],
        &["export"],
        &["history"],
        &["inspect", "u.csv"],
        &["import", "u.csv", "--dry-run"],
        &["status"],
        &["segment", "plan = 'Pro'"],
    ] {
        let run = sandbox.run(command);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(sandbox.files(), ["b.db", "engage.db", "u.csv"], "{command:?}");
    }
}

#[test]
fn a_command_waits_for_a_store_that_is_being_created() {
    use std::io::Write as _;
    use std::process::Stdio;
    let sandbox = Sandbox::with("v.csv", "id\nv\n");
    let mut first = sandbox.command(&["import", "-", "-q"]);
    let mut first = first.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    input.write_all(b"id\n").unwrap();
    // More records than the sample needs, so that the import begins and waits for the rest.
    for number in 0..60_000 {
        writeln!(input, "{number}-{}", "x".repeat(40)).unwrap();
    }
    let started = std::time::Instant::now();
    // The new store has tables once its name is locked.
    let has_tables = |name: &String| {
        let metadata = std::fs::metadata(sandbox.path(name));
        name.starts_with(".engage-") && metadata.is_ok_and(|file| file.len() > 4096)
    };
    while !sandbox.files().iter().any(has_tables) {
        assert!(started.elapsed().as_secs() < 60, "it never began");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    for command in [&["undo", "--wait", "0"][..], &["import", "v.csv", "--wait", "0"]] {
        let run = sandbox.run(command);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains("has been locked for 0 s"), "{run:?}");
    }
    let second = sandbox.command(&["import", "v.csv", "-q", "--wait", "60"]).spawn().unwrap();
    let third = sandbox
        .command(&["history", "--prune", "--keep", "9", "-q", "--wait", "60"])
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(input);
    for mut child in [first, second, third] {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(sandbox.count(), 60_001);
}
