//! Before-images in SQLite are compared with a map, after random changes.

use super::{
    BeforeImage, BeforeImageBuffer, ChangeKind, CustomerImages, check, counts, customers_of,
    each_of_import, each_with, of_import, remove, remove_customer, remove_import, remove_up_to,
    write_all,
};
use crate::customer::Diff;
use crate::store::StoreError;
use crate::store::sql::customers::CustomerId;
use crate::store::sql::database::Database;
use crate::store::sql::schema::sqlite as schema;
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The images by import and customer: the kind and the JSON.
type Model = BTreeMap<(i64, u32), (&'static str, Value)>;

/// Three blocks and a bit.
const CUSTOMERS: u32 = 400;
const IMPORTS: i64 = 3;

#[derive(Debug, Clone)]
enum Step {
    /// An import writes the images of some customers: the seed of their content, and their bytes.
    Write(i64, Vec<(u32, (u32, usize))>),
    Remove(i64, BTreeSet<u32>),
    RemoveCustomer(u32),
    RemoveImport(i64),
    RemoveUpTo(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let customers = || prop_oneof![0..CUSTOMERS, 120..140u32];
    let length = prop_oneof![8 => 0..40usize, 1 => Just(5_000), 1 => Just(20_000)];
    let images = |most| prop::collection::vec((customers(), (0..12u32, length.clone())), 1..most);
    let removed = prop::collection::btree_set(customers(), 1..60);
    prop_oneof![
        4 => (1..=IMPORTS, images(200)).prop_map(|(import, images)| Step::Write(import, images)),
        4 => (1..=IMPORTS, images(4)).prop_map(|(import, images)| Step::Write(import, images)),
        3 => (1..=IMPORTS, removed).prop_map(|(import, removed)| Step::Remove(import, removed)),
        2 => customers().prop_map(Step::RemoveCustomer),
        1 => (1..=IMPORTS).prop_map(Step::RemoveImport),
        1 => (1..=IMPORTS).prop_map(Step::RemoveUpTo),
    ]
}

/// An image that the seed determines.
fn image(customer: u32, seed: u32, length: usize) -> (ChangeKind, Diff) {
    let kinds = [ChangeKind::Update, ChangeKind::Archive, ChangeKind::Delete];
    let mut before = Diff::default();
    // A kind, a time or none, and another column.
    if !seed.is_multiple_of(4) {
        before.columns.insert("last_changed_at", Some(format!("2026-01-0{}", seed % 4)));
    }
    if seed.is_multiple_of(2) {
        before.columns.insert("email", (seed > 5).then(|| format!("{customer}@example.com")));
    }
    let text = json!("\"x\\\u{e9}".repeat(length / 5)).to_string();
    before.attributes.insert("text", serde_json::from_str(&text).ok());
    (kinds[seed as usize % kinds.len()], before)
}

fn store() -> Database {
    let database = Database::new(Connection::open_in_memory().unwrap(), Path::new("s.db"));
    database.batch("PRAGMA foreign_keys = OFF").unwrap();
    schema::create_tables(&database).unwrap();
    database
}

fn value(before: &Diff) -> Value {
    serde_json::to_value(before).unwrap()
}

fn run(database: &Database, model: &mut Model, step: Step) {
    match step {
        Step::Write(import, mut images) => {
            // Most customers come in the order of their ids.
            if images.len() > 8 {
                images.sort_unstable();
            }
            let mut buffer = BeforeImageBuffer::default();
            for (customer, (seed, length)) in images {
                let (kind, before) = image(customer, seed, length);
                if model.contains_key(&(import, customer)) {
                    continue;
                }
                model.insert((import, customer), (kind.as_str(), value(&before)));
                buffer.add(database, import, CustomerId(customer), kind, before).unwrap();
            }
            buffer.write(database, import).unwrap();
        }
        Step::Remove(import, customers) => {
            let before = model.len();
            model.retain(|(of, customer), _| *of != import || !customers.contains(customer));
            let customers: Vec<CustomerId> = customers.into_iter().map(CustomerId).collect();
            let removed = remove(database, import, &customers).unwrap();
            assert_eq!(removed, (before - model.len()) as u64);
        }
        Step::RemoveCustomer(customer) => {
            let before = model.len();
            model.retain(|(_, of), _| *of != customer);
            let removed = remove_customer(database, CustomerId(customer)).unwrap();
            assert_eq!(removed, (before - model.len()) as u64);
        }
        Step::RemoveImport(import) => {
            model.retain(|(of, _), _| *of != import);
            remove_import(database, import).unwrap();
        }
        Step::RemoveUpTo(import) => {
            let before = model.len();
            model.retain(|(of, _), _| *of > import);
            assert_eq!(remove_up_to(database, import).unwrap(), (before - model.len()) as u64);
        }
    }
}

/// Compares everything that can be read with the model.
fn compare(database: &Database, model: &Model) {
    let mut found = Model::new();
    for import in 1..=IMPORTS {
        let mut last = None;
        each_of_import(database, import, |customer, BeforeImage { kind, before }| {
            assert!(last.replace(customer) < Some(customer), "not in order");
            found.insert((import, customer.0), (kind.as_str(), value(&before)));
            Ok::<(), StoreError>(())
        })
        .unwrap();
        let mut kinds = BTreeMap::new();
        for (_, (kind, _)) in model.range((import, 0)..(import + 1, 0)) {
            *kinds.entry(*kind).or_insert(0) += 1;
        }
        let counts = counts(database, import).unwrap();
        let counts = counts.into_iter().map(|(kind, count)| (kind.as_str(), count));
        assert_eq!(counts.collect::<BTreeMap<_, _>>(), kinds);
        let customers: BTreeSet<(i64, u32)> =
            customers_of(database, import).unwrap().iter().map(|it| (import, it.0)).collect();
        assert!(customers.iter().eq(model.range((import, 0)..(import + 1, 0)).map(|it| it.0)));
    }
    assert_eq!(&found, model);
    let sql = "SELECT import_id, customer_id, kind, before FROM changes";
    let shown: Vec<(i64, u32, String, String)> = database
        .rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap();
    assert_eq!(shown.len(), model.len());
    for (import, customer, kind, before) in shown {
        let (expected_kind, expected) = &model[&(import, customer)];
        assert_eq!(
            (kind.as_str(), &serde_json::from_str::<Value>(&before).unwrap()),
            (*expected_kind, expected)
        );
    }
    for after in 0..=IMPORTS {
        let mut images = CustomerImages::after(database, after);
        for customer in 0..CUSTOMERS {
            let mut told = Vec::new();
            images
                .try_for_each(CustomerId(customer), |import, BeforeImage { kind, before }| {
                    told.push((import, (kind.as_str(), value(&before))));
                    Ok::<(), StoreError>(())
                })
                .unwrap();
            let expected = (after + 1..=IMPORTS).rev().filter_map(|import| {
                model.get(&(import, customer)).map(|image| (import, image.clone()))
            });
            assert_eq!(told, expected.collect::<Vec<_>>());
        }
    }
    for (import, customer) in [(1, 0), (1, 127), (2, 128), (3, 130), (3, 399)] {
        let image = of_import(database, import, CustomerId(customer)).unwrap();
        let image = image.map(|image| (image.kind.as_str(), value(&image.before)));
        assert_eq!(image, model.get(&(import, customer)).cloned());
        let mut found = Vec::new();
        let wanted: Vec<CustomerId> = (customer / 2..=customer).map(CustomerId).collect();
        each_with(database, import, &wanted, |group, customers| {
            assert!(customers.iter().all(|customer| group.image(*customer).is_some()));
            found.extend(customers.iter().map(|customer| (import, customer.0)));
            Ok(())
        })
        .unwrap();
        found.sort_unstable();
        let range = (import, customer / 2)..=(import, customer);
        assert!(found.iter().eq(model.range(range).map(|(key, _)| key)));
    }
    check(database, |import, is_valid| assert!(is_valid, "{import}")).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn images_are_what_was_written(steps in prop::collection::vec(step(), 1..12)) {
        let (database, mut model) = (store(), Model::new());
        for step in steps {
            run(&database, &mut model, step);
        }
        compare(&database, &model);
    }

    #[test]
    fn images_of_an_earlier_version_are_the_same(steps in prop::collection::vec(step(), 1..6)) {
        let (database, mut model) = (store(), Model::new());
        for step in steps {
            run(&database, &mut model, step);
        }
        database.batch("CREATE TABLE old AS SELECT * FROM changes; DELETE FROM before_images").unwrap();
        write_all(&database, "SELECT * FROM old ORDER BY import_id, customer_id").unwrap();
        compare(&database, &model);
    }
}

#[test]
fn damage_of_an_earlier_version_is_kept() {
    let database = store();
    database
        .batch(
            r#"CREATE TABLE old (import_id, customer_id, kind, before);
               INSERT INTO old VALUES (1, 5, 'update', '{"attributes":{"a":1}}'),
                   (1, 6, 'update', '{"colour":1}'), (1, 7, 'colour', '{'),
                   (2, 6, 'update', '{"attributes":{"a":2}}')"#,
        )
        .unwrap();
    write_all(&database, "SELECT * FROM old ORDER BY import_id, customer_id").unwrap();
    let mut valid = Vec::new();
    check(&database, |import, is_valid| valid.push((import, is_valid))).unwrap();
    valid.sort_unstable();
    assert_eq!(valid, [(1, false), (1, false), (1, true), (2, true)]);
    // It concerns no other customer.
    assert!(of_import(&database, 1, CustomerId(5)).unwrap().is_some());
    assert!(of_import(&database, 2, CustomerId(6)).unwrap().is_some());
    assert!(matches!(of_import(&database, 1, CustomerId(6)), Err(StoreError::Damaged { .. })));
    assert!(matches!(of_import(&database, 1, CustomerId(7)), Err(StoreError::Damaged { .. })));
    database.batch("UPDATE before_images SET images = '{' WHERE first_customer = 5").unwrap();
    assert_eq!(remove_up_to(&database, 2).unwrap(), 4);
}

#[test]
fn images_of_many_customers_share_a_row() {
    let database = store();
    let mut buffer = BeforeImageBuffer::default();
    for customer in 0..1280 {
        let mut before = Diff::default();
        before.columns.insert("last_changed_at", Some("2026-01-01T00:00:00Z".to_owned()));
        before.attributes.insert("plan", serde_json::from_str("\"Pro\"").ok());
        buffer.add(&database, 2, CustomerId(customer), ChangeKind::Update, before).unwrap();
    }
    buffer.write(&database, 2).unwrap();
    let rows = database.count("SELECT count(*) FROM before_images", []).unwrap();
    assert_eq!(rows, 10);
}

/// Devices and names make an image long, not only attributes.
#[test]
fn a_row_of_long_devices_has_all_of_its_images() {
    let database = store();
    let mut model = Model::new();
    let mut buffer = BeforeImageBuffer::default();
    for customer in 1..=6 {
        let mut before = Diff::default();
        before.columns.insert("last_changed_at", Some("2026-01-01T00:00:00Z".to_owned()));
        if customer % 2 == 0 {
            let token = "\u{1f600}".repeat(1000 * customer as usize);
            before.devices = Some(vec![(token, "ios".to_owned()); 5]);
        }
        model.insert((2, customer), ("update", value(&before)));
        buffer.add(&database, 2, CustomerId(customer), ChangeKind::Update, before).unwrap();
    }
    buffer.write(&database, 2).unwrap();
    compare(&database, &model);
    // As an earlier build has written it: all in one row.
    let sql = "SELECT json_group_object(key, json(value)) FROM before_images, json_each(images)";
    let all: String = database.value(sql, []).unwrap();
    database.batch("DELETE FROM before_images").unwrap();
    let sql = "INSERT INTO before_images VALUES (1, 2, 1, 'update', '2026-01-01T00:00:00Z', ?1)";
    database.execute(sql, [all]).unwrap();
    compare(&database, &model);
}
