//! An import has the same result in every store and with any batch size: random imports into SQLite
//! and into a store in memory have the same outcome.

use crate::histories::Run;
use crate::model::memory_session::MemoryStore;
use crate::model::steps::{Step, steps};
use crate::model::{Import, Key, Mode, Row};
use engage::customer::Customer;
use engage::import::{ImportOptions, Meter, import, import_into};
use engage::outcome::Outcome;
use engage::store::{ChangeSet, DryRun, Interrupt, ProofChange, Session, Slot, WriteBehind};
use engage::value::Device;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn an_import_has_the_same_result_in_every_store() {
    let sequences = std::env::var("ENGAGE_MODEL_SEQUENCES").ok().map(|text| text.parse().unwrap());
    let config =
        Config { cases: sequences.unwrap_or(48), failure_persistence: None, ..Config::default() };
    let strategy = (steps(), 1_usize..4);
    let run = TestRunner::new(config).run(&strategy, |(steps, batch)| does_the_same(&steps, batch));
    run.unwrap_or_else(|error| panic!("{error}"));
}

/// The store has a customer with a device and a plan. Records in separate batches remove the plan
/// and set it again, and only one of them has the device.
#[test]
fn a_change_that_is_reverted_in_another_batch_does_not_count() {
    let row = |plan: &str, token: &str| -> Row {
        ["a", "", "", plan, "", token, "ios", ""].map(str::to_owned)
    };
    let import = Import {
        rows: vec![row("", ""), row("", "t"), row("", ""), row("Pro", "")],
        key: Key::Uid,
        has: [true, false, false, true, false, true, false, false],
        split: None,
        nulls: false,
        clear_blanks: true,
        drop_invalid: false,
        usage_is_number: false,
        platform: Some("ios"),
        mode: Mode::Upsert,
        snapshot: None,
        max_rejects: None,
        no_history: false,
        dry_run: false,
    };
    for batch in 1..4 {
        does_the_same(&[Step::Import(Box::new(import.clone())), Step::Again(0)], batch).unwrap();
    }
}

/// After some errors SQLite rolls back on its own. What is written then would be committed.
#[test]
fn nothing_is_written_after_a_failed_write() {
    let writes = Arc::new(AtomicUsize::new(0));
    let mut memory = MemoryStore::default().begin(1);
    memory.fail_first_write(&writes);
    let mut session = WriteBehind::new(memory, None);
    let change = || {
        let mut changes = ChangeSet::new("2026-11-02T10:14:00Z", Slot(1));
        changes.proofs.push(ProofChange { slot: Slot(1), proof: None, changed: false });
        changes
    };
    session.write(&mut change()).unwrap();
    assert!(session.settings().is_err());
    // The error was returned once; now the import aborts, but the thread may run before that.
    let _ = session.settings();
    let _ = session.write(&mut change());
    Box::new(session).abort(None).unwrap();
    assert_eq!(writes.load(Ordering::Relaxed), 1);
}

fn does_the_same(steps: &[Step], batch: usize) -> Result<(), TestCaseError> {
    // Each store has its own input files, because an import looks for rejects next to its input.
    let (run, other_run) = (Run::new(), Run::new());
    let memory = MemoryStore::default();
    let mut imports: Vec<&Import> = Vec::new();
    for step in steps {
        let asked = match step {
            Step::Import(asked) => &**asked,
            Step::Again(index) if !imports.is_empty() => imports[index % imports.len()],
            _ => continue,
        };
        imports.push(asked);
        let options = run.options(asked);
        let sqlite = import(&options, &Meter::default(), &Interrupt::default()).unwrap();
        let other_options = other_run.options(asked);
        let other = import_into_memory(&memory, &other_options, batch);
        prop_assert_eq!(compared(&sqlite, &options), compared(&other, &other_options));
        let expected: BTreeMap<String, String> =
            memory.customers().iter().map(|(uid, it)| (uid.clone(), shown(&it.customer))).collect();
        prop_assert_eq!(customers(&options.store), expected);
    }
    Ok(())
}

fn import_into_memory(memory: &MemoryStore, options: &ImportOptions, batch: usize) -> Outcome {
    let interrupt = Interrupt::default();
    let begin = || {
        interrupt.begin()?;
        let session = memory.begin(batch);
        if options.dry_run {
            return Ok(Box::new(DryRun::new(session, &interrupt)?) as Box<dyn Session>);
        }
        let load_before = session.load_before();
        Ok(Box::new(WriteBehind::new(session, Some(load_before))))
    };
    import_into(&begin, options, &Meter::default(), &interrupt).unwrap()
}

/// A report without the fields that differ between runs.
fn compared(outcome: &Outcome, options: &ImportOptions) -> serde_json::Value {
    let folder = options.store.parent().unwrap().display().to_string();
    let text = serde_json::to_string(outcome).unwrap().replace(&folder, "");
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value.as_object_mut().unwrap().remove("timing");
    value
}

fn shown(customer: &Customer) -> String {
    let Customer { first_name, last_name, number, email, attributes, devices, archived_at } =
        customer;
    let is_archived = archived_at.is_some();
    format!(
        "{first_name:?} {last_name:?} {number:?} {email:?} {attributes} {devices:?} {is_archived}"
    )
}

fn customers(store: &Path) -> BTreeMap<String, String> {
    if !store.exists() {
        return BTreeMap::new();
    }
    let connection = Connection::open(store).unwrap();
    let sql = "SELECT uid, first_name, last_name, number, email, attributes, archived_at, id
               FROM customers";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        let sql = "SELECT token, platform FROM devices WHERE customer_id = ?1 ORDER BY rank";
        let devices = connection
            .prepare_cached(sql)?
            .query_map([row.get::<_, i64>(7)?], |row| {
                let platform: String = row.get(1)?;
                Ok(Device { token: row.get(0)?, platform: platform.parse().unwrap() })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let customer = Customer {
            first_name: row.get(1)?,
            last_name: row.get(2)?,
            number: row.get(3)?,
            email: row.get(4)?,
            attributes: row.get(5)?,
            archived_at: row.get(6)?,
            devices,
        };
        Ok((row.get(0)?, shown(&customer)))
    });
    rows.unwrap().map(Result::unwrap).collect()
}
