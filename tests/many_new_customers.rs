//! Many new customers get into an existing store exactly as few do, although the index on their
//! uids is written at the end.

use crate::sandbox::Sandbox;
use std::fmt::Write as _;

const HEADER: &str = "id,email,plan,device_token,device_platform\n";

/// The records of customers `from..to` in no order, each with an email of its own.
fn records(from: u32, to: u32, plan: &str) -> String {
    let mut records = String::new();
    for number in from..to {
        let uid = number * 7919 % 10_007;
        let _ = writeln!(records, "u{uid},p{uid}@example.com,{plan},t{uid},ios");
    }
    records
}

fn store_of_a_thousand() -> Sandbox {
    let sandbox = Sandbox::with("base.csv", [HEADER, &records(0, 1000, "Free")].concat());
    assert_eq!(sandbox.run(&["import", "base.csv"]).code, 0);
    sandbox
}

fn import(sandbox: &Sandbox, records: &[&str], more: &[&str]) -> serde_json::Value {
    sandbox.write("new.csv", [HEADER, &records.concat()].concat());
    let arguments = [&["import", "new.csv", "--format", "json"], more].concat();
    sandbox.run(&arguments).report()
}

/// Whether a run detached the index: it then changed the schema twice more.
fn detaches(sandbox: &Sandbox, run: impl FnOnce()) -> bool {
    let version = || sandbox.sql("PRAGMA schema_version")[0].parse::<i64>().unwrap();
    let before = version();
    run();
    version() == before + 2
}

/// The uids in the order of the index, which SQLite compares with the rows.
fn uids_of_sound_store(sandbox: &Sandbox) -> Vec<String> {
    assert_eq!(sandbox.sql("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(sandbox.run(&["check"]).code, 0);
    let index = "SELECT type, tbl_name FROM sqlite_schema WHERE name = 'customers_uid'";
    assert_eq!(sandbox.sql(index), ["index|customers"]);
    sandbox.sql("SELECT uid FROM customers INDEXED BY customers_uid WHERE uid > ''")
}

#[test]
fn many_at_once_are_the_same_as_a_few_at_a_time() {
    let new = records(1000, 7000, "Pro");
    let changed = records(900, 1000, "Basic");
    // Customers that this import has added are changed by it again.
    let again = records(6900, 7000, "Team");
    let once = store_of_a_thousand();
    assert!(detaches(&once, || {
        let report = import(&once, &[&new, &changed, &again], &[]);
        assert_eq!(report["customers"]["inserted"], 6000);
        assert_eq!(report["customers"]["updated"], 100);
    }));
    let often = store_of_a_thousand();
    for records in [&records(1000, 4000, "Pro"), &records(4000, 7000, "Pro"), &changed, &again] {
        assert!(!detaches(&often, || drop(import(&often, &[records], &[]))));
    }
    let seen = "uid,email,plan,devices";
    assert_eq!(once.customers(seen), often.customers(seen));
    assert_eq!(uids_of_sound_store(&once), uids_of_sound_store(&often));
    // The next import finds each of them by its uid.
    let report = import(&once, &[&records(1000, 7000, "Pro")], &[]);
    assert_eq!(report["customers"]["updated"], 100, "{report}");
    assert_eq!(report["customers"]["unchanged"], 5900, "{report}");
    // Undoing removes them from the index too.
    assert_eq!(once.run(&["undo"]).code, 0);
    assert_eq!(once.run(&["undo"]).code, 0);
    assert_eq!(uids_of_sound_store(&once).len(), 1000);
}

#[test]
fn a_snapshot_with_many_new_customers_deletes_the_missing_ones() {
    let sandbox = store_of_a_thousand();
    let more = ["--snapshot=delete", "--max-missing", "90%"];
    assert!(detaches(&sandbox, || {
        let report = import(&sandbox, &[&records(500, 6000, "Pro")], &more);
        assert_eq!(report["customers"]["inserted"], 5000);
        assert_eq!(report["customers"]["deleted"], 500);
    }));
    assert_eq!(uids_of_sound_store(&sandbox).len(), 5500);
}

#[test]
fn many_new_customers_found_by_email_keep_their_uids_apart() {
    let sandbox = Sandbox::with("base.csv", [HEADER, &records(0, 1000, "Free")].concat());
    assert_eq!(sandbox.run(&["import", "base.csv", "--key", "email"]).code, 0);
    // The last record has the uid of another customer.
    let taken = ["u7919,new@example.com,Pro,,\n", "u0,other@example.com,Pro,,\n"].concat();
    assert!(!detaches(&sandbox, || {
        let new = records(1000, 6000, "Pro");
        let report = import(&sandbox, &[&new, &taken], &["--key", "email"]);
        assert_eq!(report["customers"]["inserted"], 5000, "{report}");
        assert_eq!(report["records"]["rejected"], 2, "{report}");
    }));
    assert_eq!(uids_of_sound_store(&sandbox).len(), 6000);
}

#[test]
fn an_aborted_import_of_many_leaves_the_index_as_it_was() {
    let sandbox = store_of_a_thousand();
    let before = uids_of_sound_store(&sandbox);
    let new = records(1000, 6000, "Pro");
    let report = import(&sandbox, &[&new, "u-bad,a@,Pro,,\n"], &["--max-rejects", "0"]);
    assert_eq!(report["exit_code"], 5, "{report}");
    assert_eq!(uids_of_sound_store(&sandbox), before);
    let history = sandbox.history();
    assert_eq!(history.last().unwrap()["status"], "stopped", "{history:?}");
    let report = import(&sandbox, &[&new], &[]);
    assert_eq!(report["customers"]["inserted"], 5000);
    assert_eq!(uids_of_sound_store(&sandbox).len(), 6000);
}

#[test]
fn a_store_with_triggers_of_its_owner_stays_sound() {
    let sandbox = store_of_a_thousand();
    sandbox.execute(
        "CREATE TRIGGER renamed AFTER INSERT ON customers BEGIN
             UPDATE customers SET uid = 'x' || uid WHERE id = NEW.id; END",
    );
    assert!(!detaches(&sandbox, || drop(import(&sandbox, &[&records(1000, 6000, "Pro")], &[]))));
    assert_eq!(sandbox.sql("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(sandbox.sql("SELECT count(*) FROM customers WHERE uid LIKE 'xu%'"), ["5000"]);
}
