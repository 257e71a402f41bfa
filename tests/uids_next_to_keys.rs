//! A uid column next to an email or a number as key: a record has the same result in any order of
//! records, in a dry run, on its own, and when the file is imported again.

use crate::histories::{Run, counts};
use crate::model::Import;
use crate::model::steps::{Step, uids_next_to_keys};
use crate::sandbox::{Sandbox, rows};
use proptest::prelude::*;
use std::path::Path;

/// The customers with all values that an import sets, without times.
fn customers(store: &Path) -> Vec<String> {
    let sql = "SELECT uid, first_name, email, number, attributes FROM customers ORDER BY id";
    if store.exists() { rows(store, sql) } else { Vec::new() }
}

/// Compares a dry run, an import and imports of single records into the same store. [`Run::step`]
/// compares an import and its repetition with the model.
fn is_as_if_one_by_one(run: &mut Run, import: &Import) -> Result<(), TestCaseError> {
    run.copy("dry.db");
    let (_, dry) = run.elsewhere("dry.db", &Import { dry_run: true, ..import.clone() });
    run.copy("whole.db");
    let (_, whole) = run.elsewhere("whole.db", import);
    prop_assert_eq!(counts(&dry), counts(&whole));
    prop_assert_eq!(dry.rejects.groups, whole.rejects.groups);
    prop_assert_eq!(dry.guard, whole.guard.clone());
    let mut singles = run.copy("singles.db");
    for row in &import.rows {
        let single = Import { rows: vec![row.clone()], split: None, ..import.clone() };
        singles = run.elsewhere("singles.db", &single).0;
    }
    run.step(&Step::Import(Box::new(import.clone())))?;
    // In a snapshot, the other customers would be missing from a single record.
    if import.snapshot.is_none() && whole.guard.is_none() {
        prop_assert_eq!(customers(&singles), customers(&run.store()));
    }
    Ok(())
}

fn config() -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    // Each case runs dozens of imports, so there are few.
    let is_chosen = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig { cases: if is_chosen { config.cases } else { 32 }, ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_record_has_one_result_in_any_order(imports in uids_next_to_keys()) {
        let mut run = Run::new();
        for import in &imports {
            is_as_if_one_by_one(&mut run, import)?;
        }
    }
}

/// A store with one customer `x`, who has the first email and number.
fn base(key: &str) -> Sandbox {
    let sandbox =
        Sandbox::with("base.csv", "id,email,number,first_name\nx,a@x.co,+12025550101,Base\n");
    assert_eq!(sandbox.run(&["import", "base.csv", "--key", key]).code, 0);
    sandbox
}

fn export(sandbox: &Sandbox) -> String {
    let export = sandbox.run(&["export"]);
    assert_eq!(export.code, 0, "{export:?}");
    export.stdout
}

#[test]
fn importing_a_file_again_changes_nothing_in_any_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let keys = [("email", ["a@x.co", "c@x.co"]), ("number", ["+12025550101", "+12025550103"])];
    for (key, [first, second]) in keys {
        let records = [
            format!("x,{first},Old\n"),
            format!("n1,{first},New\n"),
            format!("n1,{second},Free\n"),
        ];
        for order in orders {
            let sandbox = base(key);
            let text = order.map(|at| records[at].as_str()).concat();
            sandbox.write("u.csv", format!("id,{key},first_name\n{text}"));
            let import = ["import", "u.csv", "--key", key, "--format", "json"];
            let dry = sandbox.run(&[&import[..], &["--dry-run"]].concat());
            let run = sandbox.run(&import);
            assert_eq!((run.code, dry.code), (3, 3), "{order:?} {run:?}");
            let report = run.report();
            assert_eq!(
                dry.report()["rejects"]["by_code"],
                report["rejects"]["by_code"],
                "{order:?}"
            );
            assert_eq!(dry.report()["customers"], report["customers"], "{order:?}");
            let [exported, rejects] = [export(&sandbox), sandbox.read("u.rejects.csv")];
            // A cell that begins with `+` is protected from spreadsheets.
            let first = if key == "number" { format!("'{first}") } else { first.to_owned() };
            assert!(rejects.contains(&format!("n1,{first},New,")), "{rejects}");
            let names = sandbox.customers("uid,first_name");
            assert_eq!(names, ["n1|Free", "x|Old"], "{order:?}");
            let again = sandbox.run(&import);
            assert_eq!(again.code, 3, "{order:?} {again:?}");
            let again = again.report();
            assert_eq!(again["customers"]["unchanged"], 2, "{order:?} {again}");
            assert_eq!(again["rejects"], report["rejects"], "{order:?}");
            assert_eq!([export(&sandbox), sandbox.read("u.rejects.csv")], [exported, rejects]);
        }
    }
}

#[test]
fn a_record_without_a_uid_has_one_result() {
    // The email of the first two records is the uid of another customer, so they cannot be
    // inserted.
    let sandbox = Sandbox::with("base.csv", "id,email\nc@x.co,a@x.co\n");
    assert_eq!(sandbox.run(&["import", "base.csv"]).code, 0);
    sandbox.write("u.csv", "id,email,plan\n,c@x.co,Old\nn3,c@x.co,New\n,a@x.co,Pro\n");
    let import = ["import", "u.csv", "--key", "email", "--format", "json"];
    for changed in ["updated", "unchanged"] {
        let run = sandbox.run(&import);
        let report = run.report();
        assert_eq!((run.code, &report["customers"][changed]), (3, &1.into()), "{report}");
        assert_eq!(report["records"]["rejected"], 2, "{report}");
    }
    assert_eq!(sandbox.customers("uid"), ["c@x.co"]);
}

#[test]
fn proven_records_have_the_result_of_a_validation() {
    let sandbox = base("email");
    sandbox.write("u.csv", "id,email,plan\nx,a@x.co,Pro\n,b@x.co,Pro\n");
    sandbox.run(&["import", "u.csv"]);
    // Neither the new customer nor the changed email affects the proven records.
    sandbox.write("by_uid.csv", "id,email\nn1,d@x.co\nb@x.co,e@x.co\n");
    assert_eq!(sandbox.run(&["import", "by_uid.csv", "--key", "uid"]).code, 0);
    let import = ["import", "u.csv", "--format", "json"];
    let proven = sandbox.run(&import).report();
    let connection = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    connection.execute_batch("DELETE FROM fingerprints; DELETE FROM plans").unwrap();
    drop(connection);
    let validated = sandbox.run(&import).report();
    assert_eq!(proven["rejects"], validated["rejects"]);
    assert_eq!(proven["customers"], validated["customers"]);
    assert_eq!(proven["records"]["rejected"], 1, "{proven}");
}

#[test]
fn the_uid_of_a_rejected_record_is_not_missing_from_a_snapshot() {
    // With the email as key, a changed email of x looks like another customer.
    let file = "id,email,first_name\nx,new@x.co,Ada\nn1,b@x.co,Bo\n";
    for first_name in ["Ada", "\u{1}"] {
        let sandbox = base("email");
        sandbox.write("u.csv", file.replace("Ada", first_name));
        let import = ["import", "u.csv", "--snapshot=delete", "--max-missing", "100%"];
        for _ in 0..2 {
            let run = sandbox.run(&import);
            assert_eq!(run.code, 3, "{run:?}");
            assert_eq!(sandbox.customers("uid"), ["n1", "x"]);
        }
    }
}

#[test]
fn every_mode_rejects_a_uid_of_another_customer() {
    for mode in ["upsert", "create", "update"] {
        let sandbox = base("email");
        sandbox.write("u.csv", "id,email\nn1,a@x.co\nx,c@x.co\n,a@x.co\n");
        let import = ["import", "u.csv", "--mode", mode, "--format", "json"];
        let report = sandbox.run(&import).report();
        assert_eq!(report["records"]["rejected"], 2, "{mode} {report}");
        assert_eq!(sandbox.customers("uid,email"), ["x|a@x.co"]);
    }
}
