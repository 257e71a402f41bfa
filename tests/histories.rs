//! After imports, undos and forgets in any order, the store, the reports and the before-images
//! match a model.
//!
//! `ENGAGE_MODEL_SEQUENCES=10000` runs that many sequences instead of a few.

use crate::model::steps::{Step, steps};
use crate::model::{
    COLUMNS, Counts, Expected, Import, Key, Missing, Mode, Model, People, Person, Row, Trail,
};
use crate::round_trips::content;
use engage::import::{Bound, History, ImportOptions, Meter, Snapshot, import};
use engage::mapping::ManualMapping;
use engage::outcome::{MissingAction, Outcome};
use engage::own_export::{ExportWriter, export_columns};
use engage::report::export::Exporter as _;
use engage::settings::{Blank, OnInvalid, Settings, SettingsLayer};
use engage::store::{
    ChangeKind, CustomerChange, ExportFilter, ExportedCustomer, HistoryKind, HistoryLine,
    Interrupt, Origin, Purge, Retention, StoreError, StoredCustomer, now, open_for_reading,
    open_for_writing,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

pub(crate) struct Run {
    folder: TempDir,
    model: Model,
    imports: Vec<Import>,
}

/// A time for an import. Times differ by import, even if imports run in the same second.
fn time(import: i64) -> String {
    format!("2020-01-01T00:00:{import:02}Z")
}

fn import_at(time: &str) -> i64 {
    time[17..19].parse().unwrap()
}

impl Run {
    pub(crate) fn new() -> Self {
        // Use a file system in memory, if there is one: it is faster.
        let memory = Path::new("/dev/shm");
        let folder = match memory.is_dir() {
            true => TempDir::new_in(memory),
            false => TempDir::new(),
        };
        Self { folder: folder.unwrap(), model: Model::default(), imports: Vec::new() }
    }

    /// Imports into another store in the same folder; returns the outcome.
    pub(crate) fn elsewhere(&self, name: &str, import: &Import) -> (PathBuf, Outcome) {
        let store = self.folder.path().join(name);
        (store.clone(), run(&ImportOptions { store: store.into(), ..self.options(import) }))
    }

    /// Copies the store, if it exists.
    pub(crate) fn copy(&self, name: &str) -> PathBuf {
        let copy = self.folder.path().join(name);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", copy.display()));
        }
        if self.store().exists() {
            let connection = Connection::open(self.store()).unwrap();
            connection.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
        }
        copy
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("engage.db")
    }

    fn write_files(&self, import: &Import) -> Vec<PathBuf> {
        let split = import.split.unwrap_or(import.rows.len());
        let (first, second) = import.rows.split_at(split);
        let columns: Vec<usize> = (0..COLUMNS.len()).filter(|column| import.has[*column]).collect();
        let turned: Vec<usize> = columns.iter().rev().copied().collect();
        let mut files = vec![("one.csv", columns, first)];
        if import.split.is_some() {
            files.push(("two.csv", turned, second));
        }
        let write = |(name, columns, rows): (&str, Vec<usize>, &[Row])| {
            let header =
                columns.iter().map(|column| COLUMNS[*column]).collect::<Vec<_>>().join(",");
            let lines = rows.iter().map(|row| {
                columns.iter().map(|column| row[*column].as_str()).collect::<Vec<_>>().join(",")
            });
            let path = self.folder.path().join(name);
            let content = [header].into_iter().chain(lines).collect::<Vec<_>>().join("\n");
            std::fs::write(&path, content + "\n").unwrap();
            path
        };
        files.into_iter().map(write).collect()
    }

    pub(crate) fn options(&self, import: &Import) -> ImportOptions {
        let mut types = Vec::new();
        for (column, kind) in
            [(3, "string"), (4, if import.usage_is_number { "number" } else { "string" })]
        {
            if import.has[column] {
                types.push((COLUMNS[column].to_owned(), kind.parse().unwrap()));
            }
        }
        // The mapping is given, because these tests are not about recognising columns.
        let mapped = [0, 1, 2, 5, 6, 7].into_iter().filter(|column| import.has[*column]);
        let attribute = |column: usize| if column == 0 { "uid" } else { COLUMNS[column] };
        let map = mapped.map(|it| (COLUMNS[it].to_owned(), attribute(it).to_owned())).collect();
        let given = SettingsLayer {
            columns: ManualMapping { map, skip: Vec::new() },
            key: Some(match import.key {
                Key::Uid => engage::value::Key::Uid,
                Key::Email => engage::value::Key::Email,
                Key::Number => engage::value::Key::Number,
            }),
            nulls: if import.nulls { vec!["NULL".to_owned()] } else { Vec::new() },
            blank: import.clear_blanks.then_some(Blank::Clear),
            on_invalid: import.drop_invalid.then_some(OnInvalid::Drop),
            device_platform: import.platform.map(|platform| platform.parse().unwrap()),
            types,
            ..SettingsLayer::default()
        };
        ImportOptions {
            inputs: self.write_files(import),
            store: self.store().into(),
            dry_run: import.dry_run,
            settings: Settings::merge(given, None),
            accept_columns: false,
            strict: false,
            save_mapping: None,
            mode: match import.mode {
                Mode::Upsert => engage::import::Mode::Upsert,
                Mode::Create => engage::import::Mode::Create,
                Mode::Update => engage::import::Mode::Update,
            },
            snapshot: import.snapshot.map(|(action, bound)| Snapshot {
                action: match action {
                    Missing::Report => MissingAction::Report,
                    Missing::Archive => MissingAction::Archive,
                    Missing::Delete => MissingAction::Delete,
                },
                max_missing: bound.map(Bound::Count),
            }),
            max_rejects: import.max_rejects.map(Bound::Count),
            max_merged: Some(Bound::Percent(100.0)),
            rejects: None,
            accepted: None,
            report: None,
            limit: None,
            wait: Duration::from_secs(10),
            threads: 2,
            history: if import.no_history { History::None } else { History::Full },
            as_given: Vec::new(),
        }
    }

    pub(crate) fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Import(import) => {
                self.imports.push((**import).clone());
                self.import(import)?;
            }
            Step::Again(index) if !self.imports.is_empty() => {
                let import = self.imports[index % self.imports.len()].clone();
                self.import(&import)?;
            }
            Step::Undo => self.undo()?,
            Step::Forget(uids) if self.model.exists => {
                let writer =
                    open_for_writing(&self.store().into(), Duration::ZERO, &Interrupt::default())
                        .unwrap();
                let forgotten = writer.forget(uids).unwrap();
                let expected = self.model.forget(uids);
                prop_assert_eq!(forgotten.customers.deleted, expected as u64);
                let line = HistoryLine::failed(HistoryKind::Forget, &now(), &[]);
                let purge = writer.commit(Some(&line).filter(|_| expected > 0)).unwrap();
                prop_assert!(matches!(purge, Purge::Complete), "{:?}", purge);
            }
            Step::Prune(keep) if self.model.exists => {
                let writer =
                    open_for_writing(&self.store().into(), Duration::ZERO, &Interrupt::default())
                        .unwrap();
                writer.prune(&Retention::Newest(*keep as u64)).unwrap();
                writer.commit(None).unwrap();
                self.model.prune(*keep);
            }
            Step::Again(_) | Step::Forget(_) | Step::Prune(_) => {}
        }
        self.holds()
    }

    fn import(&mut self, asked: &Import) -> Result<(), TestCaseError> {
        let options = self.options(asked);
        let outcome = run(&options);
        let id = self.model.next_id();
        let existed = self.model.exists;
        match self.model.import(asked) {
            Expected::Stopped => {
                prop_assert!(outcome.guard.is_some(), "not stopped: {:?}", counts(&outcome));
                let line = (existed && !asked.dry_run).then_some(id);
                prop_assert_eq!(outcome.import_id, line);
            }
            Expected::Done(expected) => {
                prop_assert!(outcome.guard.is_none(), "{:?}", outcome.guard);
                prop_assert_eq!(counts(&outcome), expected);
                prop_assert_eq!(outcome.import_id, (!asked.dry_run).then_some(id));
            }
        }
        if self.store().exists() {
            let connection = Connection::open(self.store()).unwrap();
            for column in ["first_imported_at", "last_changed_at", "archived_at"] {
                let sql = format!("UPDATE customers SET {column} = ?1 WHERE {column} > '2021'");
                connection.execute(&sql, [time(id)]).unwrap();
            }
        }
        if outcome.import_id.is_some() && outcome.guard.is_none() {
            let again = self.copy("again.db");
            let second = run(&ImportOptions { store: again.clone().into(), ..options });
            is_unchanged(&outcome, &second)?;
            prop_assert_eq!(content(&again), content(&self.store()));
        }
        Ok(())
    }

    fn undo(&mut self) -> Result<(), TestCaseError> {
        if !self.model.exists {
            return Ok(());
        }
        let would = |import| open_for_reading(&self.store().into()).unwrap().undoable(import);
        let writer =
            open_for_writing(&self.store().into(), Duration::ZERO, &Interrupt::default()).unwrap();
        let Some(done) = self.model.undoable() else {
            prop_assert!(would(None).is_err());
            prop_assert!(writer.undo(None).is_err());
            return Ok(());
        };
        let older = self.model.imports.iter().find(|older| older.id < done.id);
        // An import that changed nothing is undone together with the one before it.
        let has_changes = done.before.len() != done.after.len()
            || done
                .before
                .iter()
                .any(|(uid, was)| done.after.get(uid).is_none_or(|is| is.values() != was.values()));
        if let Some(older) = older.filter(|older| has_changes && older.trail == Trail::Whole) {
            let refused = matches!(writer.undo(Some(older.id)), Err(StoreError::NotNewest { .. }));
            prop_assert!(refused);
        }
        let expected = would(Some(done.id)).unwrap();
        let undone = writer.undo(Some(done.id)).unwrap();
        prop_assert_eq!(&undone, &expected);
        let count = |of: &dyn Fn(&Person, &Person) -> bool| {
            let both =
                done.before.iter().filter_map(|(uid, was)| Some((was, done.after.get(uid)?)));
            both.filter(|(was, is)| was.values() != is.values() && of(was, is)).count() as u64
        };
        let only = |some: &People, others: &People| {
            some.keys().filter(|uid| !others.contains_key(*uid)).count() as u64
        };
        prop_assert_eq!(undone.customers.deleted, only(&done.after, &done.before));
        prop_assert_eq!(undone.customers.inserted, only(&done.before, &done.after));
        prop_assert_eq!(undone.customers.unarchived, count(&|_, is| is.archived.is_some()));
        prop_assert_eq!(
            undone.customers.updated - undone.customers.unarchived,
            count(&|_, is| is.archived.is_none())
        );
        writer.commit(Some(&HistoryLine::failed(HistoryKind::Undo, &now(), &[]))).unwrap();
        self.model.undo();
        Ok(())
    }

    /// Checks that an export of the store, imported into an empty one, results in the same store.
    fn comes_back(&self) -> Result<(), TestCaseError> {
        if !self.model.exists || self.model.people.is_empty() {
            return Ok(());
        }
        let reader = open_for_reading(&self.store().into()).unwrap();
        let catalogue = reader.catalogue().unwrap();
        let columns = export_columns(&catalogue, reader.most_devices().unwrap());
        let key = reader.key().unwrap().unwrap();
        let mut exporter = ExportWriter::new(&columns, key, &catalogue, false);
        let mut text = Vec::new();
        exporter.begin(&mut text);
        let each = |customer: &ExportedCustomer<'_>| {
            exporter.customer(customer, &mut text).unwrap();
            Ok::<(), StoreError>(())
        };
        reader.export(&ExportFilter::default(), each).unwrap();
        let (file, other) = ("exported.csv", "other.db");
        let [file, other] = [file, other].map(|name| self.folder.path().join(name));
        std::fs::write(&file, text).unwrap();
        let Some(any) = self.imports.first() else { return Ok(()) };
        let options = ImportOptions {
            inputs: vec![file],
            store: other.clone().into(),
            dry_run: false,
            settings: Settings::default(),
            mode: engage::import::Mode::Upsert,
            snapshot: None,
            max_rejects: None,
            history: History::Full,
            ..self.options(any)
        };
        run(&options);
        prop_assert_eq!(content(&other), content(&self.store()));
        Ok(())
    }

    /// Checks that the store, its catalogue, its before-images and `engage check` match the model.
    fn holds(&self) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.store().exists(), self.model.exists);
        if !self.model.exists {
            return Ok(());
        }
        prop_assert_eq!(people(&self.store()), self.model.people.clone());
        prop_assert_eq!(
            catalogue(&self.store()),
            self.model
                .catalogue
                .iter()
                .map(|(name, entry)| { (name.clone(), (entry.0.to_owned(), entry.1, entry.2)) })
                .collect()
        );
        let key = self.model.key.map(|key| match key {
            Key::Uid => "uid".to_owned(),
            Key::Email => "email".to_owned(),
            Key::Number => "number".to_owned(),
        });
        let connection = Connection::open(self.store()).unwrap();
        let sql = "SELECT max(value) FROM settings WHERE name = 'key'";
        let stored: Option<String> = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        prop_assert_eq!(stored, key);
        let reader = open_for_reading(&self.store().into()).unwrap();
        prop_assert_eq!(reader.check().unwrap(), []);
        for done in &self.model.imports {
            let mut told = Vec::new();
            let result = reader.changes(done.id, None, |change| {
                told.push(change.clone());
                Ok::<(), StoreError>(())
            });
            prop_assert_eq!(result.is_ok(), done.trail == Trail::Whole, "{:?}", result);
            if done.trail == Trail::Whole {
                let told: BTreeMap<String, _> = told
                    .into_iter()
                    .map(|change| (change.uid().to_owned(), told_of(&change)))
                    .collect();
                prop_assert_eq!(told, expected_changes(&done.before, &done.after), "{}", done.id);
            }
        }
        for uid in self.model.people.keys() {
            let origins = reader.provenance(uid).unwrap().unwrap();
            let told: BTreeMap<String, (i64, bool)> = origins
                .into_iter()
                .map(|(name, origin)| match origin {
                    Origin::Import(import) => (name, (import, true)),
                    Origin::NoLaterThan(import) => (name, (import, false)),
                })
                .collect();
            prop_assert_eq!(told, self.model.origins(uid), "{}", uid);
        }
        Ok(())
    }
}

fn run(options: &ImportOptions) -> Outcome {
    import(options, &Meter::default(), &Interrupt::default()).unwrap()
}

pub(crate) fn counts(outcome: &Outcome) -> Counts {
    let (records, customers, devices) = (outcome.records, outcome.customers, outcome.devices);
    Counts {
        records: [
            records.read,
            records.accepted,
            records.rejected,
            records.skipped,
            records.merged,
        ],
        customers: [
            customers.inserted,
            customers.updated,
            customers.unchanged,
            customers.missing,
            customers.archived,
            customers.deleted,
        ],
        devices: [devices.added, devices.refreshed, devices.evicted],
    }
}

/// Checks that importing the same file again has the same rejects and changes no customer.
fn is_unchanged(first: &Outcome, second: &Outcome) -> Result<(), TestCaseError> {
    prop_assert_eq!(second.exit, first.exit);
    prop_assert_eq!(&second.rejects.groups, &first.rejects.groups);
    prop_assert_eq!(second.guard.as_ref().map(|_| ()), None);
    let [first, second] = [counts(first), counts(second)];
    let [read, accepted, rejected, skipped, _] = second.records;
    prop_assert_eq!([read, rejected], [first.records[0], first.records[2]]);
    prop_assert_eq!(accepted + skipped, first.records[1] + first.records[3]);
    let [inserted, updated, _, _, archived, deleted] = second.customers;
    prop_assert_eq!([inserted, updated, archived, deleted], [0; 4]);
    prop_assert_eq!(second.devices, [0; 3]);
    Ok(())
}

type Values = Option<BTreeMap<String, String>>;

fn expected_changes(
    before: &People,
    after: &People,
) -> BTreeMap<String, (&'static str, Values, Values)> {
    let mut changes = BTreeMap::new();
    for uid in before.keys().chain(after.keys()) {
        let values = |people: &People| people.get(uid).map(Person::values);
        let (was, is) = (values(before), values(after));
        let archived = after.get(uid).is_some_and(|person| person.archived.is_some());
        let kind = match (&was, &is) {
            (None, _) => "insert",
            (_, None) => "delete",
            _ if was == is => continue,
            _ if archived => "archive",
            _ => "update",
        };
        changes.insert(uid.clone(), (kind, was, is));
    }
    changes
}

fn told_of(change: &CustomerChange) -> (&'static str, Values, Values) {
    let values =
        |stored: &Option<StoredCustomer>| stored.as_ref().map(|stored| of_stored(stored).values());
    let kind: ChangeKind = change.kind;
    (kind.as_str(), values(&change.before), values(&change.after))
}

fn of_stored(stored: &StoredCustomer) -> Person {
    let customer = &stored.customer;
    Person {
        first_name: customer.first_name.clone(),
        email: customer.email.clone(),
        number: customer.number.clone(),
        attributes: attributes(&customer.attributes),
        devices: customer
            .devices
            .iter()
            .map(|device| (device.token.clone(), device.platform.to_string()))
            .collect(),
        archived: customer.archived_at.as_deref().map(import_at),
        inserted_by: 0,
        changed_by: 0,
    }
}

fn attributes(json: &str) -> BTreeMap<String, String> {
    let raw: BTreeMap<String, Box<serde_json::value::RawValue>> =
        serde_json::from_str(json).unwrap();
    raw.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect()
}

fn people(store: &Path) -> People {
    let connection = Connection::open(store).unwrap();
    let sql =
        "SELECT uid, first_name, email, attributes, archived_at, inserted_by, last_changed_at,
                      first_imported_at, id, number FROM customers";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        let devices = connection
            .prepare_cached(
                "SELECT token, platform FROM devices WHERE customer_id = ?1 ORDER BY rank",
            )?
            .query_map([row.get::<_, i64>(8)?], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let archived: Option<String> = row.get(4)?;
        let (changed, inserted): (String, String) = (row.get(6)?, row.get(7)?);
        let inserted_by = row.get(5)?;
        assert_eq!(import_at(&inserted), inserted_by);
        let person = Person {
            first_name: row.get(1)?,
            email: row.get(2)?,
            number: row.get(9)?,
            attributes: attributes(&row.get::<_, String>(3)?),
            devices,
            archived: archived.as_deref().map(import_at),
            inserted_by,
            changed_by: import_at(&changed),
        };
        Ok((row.get(0)?, person))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn catalogue(store: &Path) -> BTreeMap<String, (String, i64, i64)> {
    let connection = Connection::open(store).unwrap();
    let sql = "SELECT name, type, first_import, last_import FROM attributes";
    let mut statement = connection.prepare(sql).unwrap();
    let rows =
        statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn random_histories_match_the_model() {
    let sequences = std::env::var("ENGAGE_MODEL_SEQUENCES").ok().map(|text| text.parse().unwrap());
    let config = Config {
        cases: sequences.unwrap_or(48),
        failure_persistence: None,
        max_shrink_iters: 4000,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&steps(), |steps| {
        let mut run = Run::new();
        for step in &steps {
            run.step(step)?;
        }
        run.comes_back()
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
