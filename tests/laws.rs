//! Properties that are true for every input.

use engage::import::{Bound, History, ImportOptions, Meter, Mode, import};
use engage::mapping::ManualMapping;
use engage::outcome::Outcome;
use engage::settings::{Settings, SettingsLayer};
use engage::store::Interrupt;
use proptest::prelude::*;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const HEADER: &str = "id,first_name,email,plan,usage,device_token,device_platform";

fn settings() -> Settings {
    let types = [("usage", "number"), ("plan", "string")];
    let given = SettingsLayer {
        key: Some(engage::value::Key::Uid),
        // The mapping is given, because these tests are not about recognising columns.
        columns: ManualMapping {
            map: ["id=uid", "email=email", "device_token=device_token"]
                .into_iter()
                .chain(["first_name=first_name", "device_platform=device_platform"])
                .filter_map(|pair| pair.split_once('='))
                .map(|(column, attribute)| (column.to_owned(), attribute.to_owned()))
                .collect(),
            skip: Vec::new(),
        },
        nulls: vec!["NULL".to_owned()],
        types: types.map(|(name, spec)| (name.to_owned(), spec.parse().unwrap())).to_vec(),
        ..SettingsLayer::default()
    };
    Settings::merge(given, None)
}

fn options(input: &Path, store: &Path) -> ImportOptions {
    ImportOptions {
        inputs: vec![input.to_owned()],
        store: store.into(),
        dry_run: false,
        settings: settings(),
        accept_columns: false,
        strict: false,
        save_mapping: None,
        mode: Mode::Upsert,
        snapshot: None,
        max_rejects: None,
        max_merged: Some(Bound::Percent(100.0)),
        rejects: None,
        accepted: None,
        report: None,
        limit: None,
        wait: Duration::from_secs(10),
        threads: 2,
        history: History::Full,
        as_given: Vec::new(),
    }
}

fn imported(folder: &Path, store: &str, rows: &[String], threads: usize) -> Outcome {
    let input = folder.join("rows.csv");
    std::fs::write(&input, format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
    let options = ImportOptions { threads, ..options(&input, &folder.join(store)) };
    import(&options, &Meter::default(), &Interrupt::default()).unwrap()
}

/// The customers with all their data, without times and numbers of imports.
fn customers(folder: &Path, store: &str) -> Vec<String> {
    let path = folder.join(store);
    if !path.exists() {
        return Vec::new();
    }
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT uid || '|' || coalesce(first_name, '-') || '|' || coalesce(email, '-') || '|'
                   || attributes || '|' || coalesce((SELECT group_concat(rank || token || platform)
                   FROM (SELECT * FROM devices WHERE customer_id = customers.id ORDER BY rank)), '-')
               FROM customers ORDER BY uid";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn row() -> impl Strategy<Value = String> {
    let of = |values: &'static [&'static str]| proptest::sample::select(values);
    (
        "[a-e]?",
        of(&["", "Ada", "Mei", "NULL"]),
        of(&["", "a@x.co", "B@x.co", "a@"]),
        of(&["", "Pro", "Free", "NULL"]),
        of(&["", "1", "2.50", "many"]),
        "[t-z]?",
        of(&["ios", "ios", "android", "android", ""]),
    )
        .prop_map(|(id, name, email, plan, usage, token, platform)| {
            format!("{id},{name},{email},{plan},{usage},{token},{platform}")
        })
}

fn holds_arithmetic(outcome: &Outcome, rows: usize) -> Result<(), TestCaseError> {
    let (records, customers) = (outcome.records, outcome.customers);
    prop_assert_eq!(records.read, rows as u64);
    prop_assert_eq!(records.read, records.accepted + records.rejected + records.skipped);
    let touched = customers.inserted + customers.updated + customers.unchanged;
    prop_assert_eq!(touched, records.accepted - records.merged);
    let groups: u64 = outcome.rejects.groups.iter().map(|group| group.count).sum();
    prop_assert!(groups >= records.rejected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn importing_all_records_at_once_equals_one_by_one(
        before in proptest::collection::vec(row(), 0..8),
        rows in proptest::collection::vec(row(), 1..14),
        threads in 1_usize..4,
    ) {
        let folder = TempDir::new().unwrap();
        let folder = folder.path();
        for store in ["at_once.db", "one_by_one.db"] {
            if !before.is_empty() {
                holds_arithmetic(&imported(folder, store, &before, 1), before.len())?;
            }
        }
        let earlier = customers(folder, "at_once.db");
        let outcome = imported(folder, "at_once.db", &rows, threads);
        holds_arithmetic(&outcome, rows.len())?;
        for row in &rows {
            imported(folder, "one_by_one.db", std::slice::from_ref(row), 1);
        }
        let after = customers(folder, "at_once.db");
        prop_assert_eq!(&after, &customers(folder, "one_by_one.db"));
        // The counts match the differences.
        let uid = |row: &String| row.split('|').next().unwrap().to_owned();
        let was: Vec<String> = earlier.iter().map(uid).collect();
        let new = after.iter().filter(|row| !was.contains(&uid(row))).count() as u64;
        let changed = after.iter().filter(|row| was.contains(&uid(row)) && !earlier.contains(row));
        prop_assert_eq!(outcome.customers.inserted, new);
        prop_assert_eq!(outcome.customers.updated, changed.count() as u64);
        // Importing the same again changes nothing, unless a customer has several records.
        let again = imported(folder, "at_once.db", &rows, threads);
        holds_arithmetic(&again, rows.len())?;
        prop_assert_eq!(again.customers.inserted, 0);
        if again.records.merged == 0 {
            prop_assert_eq!(again.customers.updated, 0);
            prop_assert_eq!(customers(folder, "at_once.db"), after);
        }
    }
}
