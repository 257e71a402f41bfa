//! `engage check` finds damage of a store and repairs what can be recreated; `engage backup` copies
//! a store while it is in use.

use super::sandbox::Sandbox;
use rusqlite::Connection;

const USERS: &str = "id,email,plan,usage,device_token,device_platform\n\
                     u1,a@example.com,Pro,10,t1,ios\nu2,b@example.com,Basic,20,t2,android\n";

fn store() -> Sandbox {
    let sandbox = Sandbox::with("users.csv", USERS);
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    sandbox.write("users.csv", USERS.replace("Basic", "Pro"));
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    sandbox
}

fn tampered(sandbox: &Sandbox, sql: &str) {
    let connection = Connection::open(sandbox.path("engage.db")).unwrap();
    connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
}

#[test]
fn an_undamaged_store_passes() {
    let sandbox = store();
    let run = sandbox.run(&["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "engage.db has no damage.\n"), "{run:?}");
    let run = sandbox.run(&["check", "-q"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
}

#[test]
fn each_rule_finds_its_violation() {
    for (sql, what) in [
        ("UPDATE customers SET attributes = '[1]' WHERE id = 1", "not a JSON object"),
        ("UPDATE customers SET attributes = '{' WHERE id = 1", "not a JSON object"),
        ("UPDATE customers SET uid = '' WHERE id = 1", "no uid"),
        ("UPDATE customers SET last_changed_at = 'yesterday'", "an invalid time"),
        ("UPDATE customers SET inserted_by = 99", "an import that does not exist"),
        ("UPDATE devices SET rank = 2 WHERE customer_id = 1", "ranks that do not count up from 1"),
        ("INSERT INTO devices VALUES (1, 2, 't1', 'ios')", "a device token twice"),
        ("UPDATE devices SET platform = 'symbian'", "neither ios nor android"),
        ("DELETE FROM customers WHERE id = 1", "devices have no customer"),
        ("DELETE FROM attributes WHERE name = 'plan'", "not in the catalogue"),
        ("UPDATE attributes SET type = 'colour'", "an unknown type"),
        ("UPDATE attributes SET last_import = 99", "an import that does not exist"),
        ("UPDATE before_images SET images = '{\"1\":{\"colour\":1}}'", "cannot be read"),
        ("UPDATE before_images SET images = '{}'", "cannot be read"),
        ("UPDATE before_images SET first_customer = 0", "cannot be read"),
        ("UPDATE before_images SET import_id = 77", "do not belong to an import"),
        ("UPDATE imports SET files = 'users.csv'", "invalid JSON"),
        ("DELETE FROM plans", "fingerprints have no customer or no plan"),
        ("UPDATE settings SET value = 'colour' WHERE name = 'key'", "key is unknown"),
        ("DROP INDEX customers_uid", "index customers_uid is missing"),
        ("DROP VIEW customer_profiles", "view customer_profiles is missing"),
        ("DROP VIEW changes", "view changes is missing"),
    ] {
        let sandbox = store();
        tampered(&sandbox, sql);
        let run = sandbox.run(&["check"]);
        assert_eq!(run.code, 1, "{sql}: {run:?}");
        assert!(run.stdout.contains(what), "{sql}: {run:?}");
        assert!(run.stderr.starts_with("error: engage.db is damaged\n"), "{run:?}");
    }
}

#[test]
fn repair_rebuilds_derived_data_and_changes_no_customer() {
    let sandbox = store();
    let before = sandbox.exported();
    tampered(
        &sandbox,
        "DROP INDEX customers_uid; DROP VIEW customer_profiles;
         DELETE FROM attributes; DELETE FROM plans;",
    );
    let run = sandbox.run(&["check"]);
    assert!(run.stderr.contains("hint: engage check --repair"), "{run:?}");
    assert_eq!(sandbox.run(&["check", "--repair"]).code, 0);
    assert_eq!(sandbox.exported(), before);
    assert_eq!(sandbox.attribute_types(), ["plan|string", "usage|number"]);
    assert_eq!(sandbox.sql("SELECT plan, usage FROM customer_profiles"), ["Pro|10", "Pro|20"]);
}

#[test]
fn after_a_repair_every_record_is_validated_again() {
    let sandbox = store();
    // Another program changes a customer, so that it differs from the record with its fingerprint.
    tampered(&sandbox, "UPDATE customers SET email = 'else@example.com' WHERE uid = 'u1'");
    let report = |sandbox: &Sandbox| {
        sandbox.run(&["import", "users.csv", "--format", "json"]).report()["customers"].clone()
    };
    assert_eq!(report(&sandbox)["unchanged"], 2, "it could not know");
    assert_eq!(sandbox.run(&["check", "--repair"]).code, 0);
    assert_eq!(report(&sandbox)["updated"], 1);
    assert_eq!(sandbox.customer("u1", "email"), "a@example.com");
}

#[test]
fn a_file_that_sqlite_cannot_read_fails() {
    let sandbox = store();
    let mut bytes = std::fs::read(sandbox.path("engage.db")).unwrap();
    let page = bytes.len() / 2 / 4096 * 4096;
    bytes[page..page + 64].fill(0xff);
    std::fs::remove_file(sandbox.path("engage.db-wal")).ok();
    sandbox.write("engage.db", bytes);
    let run = sandbox.run(&["check"]);
    assert_eq!(run.code, 1, "{run:?}");
}

/// If a check cannot run, it does not suggest a repair, which would fail as well.
#[test]
fn a_store_that_cannot_be_checked_must_be_restored() {
    let sandbox = store();
    let mut bytes = std::fs::read(sandbox.path("engage.db")).unwrap();
    // Overwrite SQLite's schema table.
    bytes[100..200].fill(0xff);
    sandbox.write("engage.db", bytes);
    for command in [&["check"][..], &["check", "--repair"]] {
        let run = sandbox.run(command);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains("hint: engage restore BACKUP"), "{run:?}");
        assert!(!run.stderr.contains("--repair"), "{run:?}");
    }
}

#[test]
fn a_backup_is_the_store_in_one_private_file() {
    let sandbox = store();
    let run = sandbox.run(&["backup", "backup.db"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "Backed up engage.db to backup.db.\n"),
        "{run:?}"
    );
    let all = "SELECT * FROM customers";
    assert_eq!(sandbox.sql_of("backup.db", all), sandbox.sql(all));
    assert_eq!(sandbox.run(&["check", "--store", "backup.db"]).code, 0);
    assert_eq!(sandbox.files().iter().filter(|name| name.starts_with("backup")).count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(sandbox.path("backup.db")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // A backup replaces an older one, and is a store to import into.
    assert_eq!(sandbox.run(&["backup", "backup.db"]).code, 0);
    assert_eq!(sandbox.run(&["import", "users.csv", "--store", "backup.db"]).code, 0);
}

#[test]
fn a_backup_only_replaces_a_store() {
    let sandbox = store();
    sandbox.write("notes.txt", "not a store, and worth keeping");
    let run = sandbox.run(&["backup", "notes.txt"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("the backup would replace notes.txt"), "{run:?}");
    assert_eq!(sandbox.read("notes.txt"), "not a store, and worth keeping");
    assert_eq!(sandbox.run(&["backup", "engage.db"]).code, 2);
    assert_eq!(sandbox.run(&["backup", "no/such/folder.db"]).code, 1);
    assert_eq!(sandbox.run(&["backup", "b.db", "--store", "none.db"]).code, 1);
    assert!(!sandbox.exists("b.db"));
    // Another process uses the file as a store: its log would be read as that of the backup.
    sandbox.write("used.db-wal", "a log");
    let run = sandbox.run(&["backup", "used.db"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("used.db-wal exists next to it"), "{run:?}");
}

#[test]
fn findings_are_readable_and_contain_no_device_token() {
    for (sql, said) in [
        ("UPDATE devices SET platform = 'symbian'", "android: 2, first 'u1'\n"),
        ("INSERT INTO devices VALUES (1, 2, 't1', 'ios')", "token twice: 1, first 'u1'\n"),
        ("DELETE FROM customers WHERE id = 1", "have no customer: 1, first '1'\n"),
    ] {
        let sandbox = store();
        tampered(&sandbox, sql);
        let run = sandbox.run(&["check"]);
        assert!(run.stdout.contains(said), "{sql}: {run:?}");
        assert!(!run.stdout.contains("'t1'"), "{sql}: {run:?}");
    }
}

#[test]
fn reports_of_check_and_backup_have_the_common_fields() {
    let sandbox = store();
    let report = |arguments: &[&str]| -> serde_json::Value {
        let run = sandbox.run(&[arguments, &["--format", "json"]].concat());
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((&report["schema"], &report["exit_code"]), (&1.into(), &run.code.into()));
        assert_eq!(
            (&report["engage"], &report["command"]),
            (&"0.1.0".into(), &arguments[0].into())
        );
        report
    };
    let sound = report(&["check"]);
    assert_eq!((&sound["status"], &sound["sound"]), (&"sound".into(), &true.into()));
    let copied = report(&["backup", "copy.db"]);
    assert_eq!((&copied["status"], &copied["file"]), (&"backed_up".into(), &"copy.db".into()));
    tampered(&sandbox, "DROP VIEW customer_profiles");
    let unsound = report(&["check"]);
    assert_eq!((&unsound["status"], &unsound["sound"]), (&"unsound".into(), &false.into()));
    assert_eq!(unsound["findings"][0]["repairable"], true);
}
