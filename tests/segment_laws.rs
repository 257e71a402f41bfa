//! The SQL of a segment finds the same customers as a plain evaluator.
//!
//! Tests compare random expressions over random customers, some of whose values have the wrong type.
//! A normal test run compares about ten thousand pairs of an expression and a customer. This command
//! compares a million:
//! `ENGAGE_SEGMENT_PAIRS=1000000 cargo test --release --test promises segment_laws`.

use crate::sandbox::Sandbox;
use crate::segment_oracle::{Person, is_member};
use engage::segment::{Field, Terms, read};
use engage::store::{
    Interrupt, MemberQuery, Reader, StoreError, StoredValue, open_for_reading, open_for_writing,
};
use engage::value::Standard;
use engage::value::typed::ValueType;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rusqlite::params;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const CUSTOMERS: usize = 250;

const ATTRIBUTES: [(&str, ValueType); 8] = [
    ("plan", ValueType::String),
    ("it's \"odd\".$[0]", ValueType::String),
    ("archived", ValueType::String),
    ("usage", ValueType::Number),
    ("größe", ValueType::Number),
    ("vip", ValueType::Boolean),
    ("born", ValueType::Date),
    ("seen", ValueType::Datetime),
];

const TEXTS: [&str; 18] = [
    "",
    "Pro",
    "pro",
    "PRO",
    "Free",
    "São Paulo",
    "it's",
    "a%b",
    "a_b",
    "a\\b",
    "%",
    "É",
    "é",
    "10",
    "true",
    "2024-06-01",
    "中村",
    "😀",
];

const NUMBERS: [&str; 14] = [
    "0",
    "-0",
    "1",
    "1.0",
    "2",
    "12.50",
    "-3",
    "100",
    "1e2",
    "123456789012345",
    "0.1",
    "99.99",
    "1e300",
    "1e-300",
];

const DAYS: [&str; 8] = [
    "0000-01-01",
    "2024-02-29",
    "2024-05-31",
    "2024-06-01",
    "2024-06-02",
    "2026-11-18",
    "2026-11-25",
    "9999-12-31",
];

const TIMES: [&str; 13] = [
    "0000-01-01T00:00:00",
    "2024-05-31T23:59:59.999Z",
    "2024-06-01T00:00:00Z",
    "2024-06-01T00:00:00",
    "2024-06-01T00:00:00.000Z",
    "2024-06-01T10:30:00Z",
    "2024-06-01T10:30:00.5",
    "2024-06-01T10:30:15.25Z",
    "2024-06-01T10:30:59.999999999Z",
    "2024-06-01T10:31:00",
    "2026-11-25T01:59:59Z",
    "2026-11-25T02:00:00.5Z",
    "9999-12-31T23:59:59Z",
];

fn stray() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(&TEXTS[..]).prop_map(Value::from),
        select(&["2024-06-01 10:30", "2024-02-30", "2024-06-01T25:00:00Z", "202", ":", "zz"][..])
            .prop_map(Value::from),
        select(&DAYS[..]).prop_map(Value::from),
        select(&TIMES[..]).prop_map(Value::from),
        select(&NUMBERS[..]).prop_map(|digits| serde_json::from_str(digits).unwrap()),
        any::<bool>().prop_map(Value::from),
    ]
}

fn value(kind: ValueType) -> BoxedStrategy<Value> {
    match kind {
        ValueType::String => select(&TEXTS[..]).prop_map(Value::from).boxed(),
        ValueType::Number => {
            select(&NUMBERS[..]).prop_map(|digits| serde_json::from_str(digits).unwrap()).boxed()
        }
        ValueType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        ValueType::Date => select(&DAYS[..]).prop_map(Value::from).boxed(),
        ValueType::Datetime => select(&TIMES[..]).prop_map(Value::from).boxed(),
    }
}

fn attributes() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let each: Vec<_> = ATTRIBUTES
        .iter()
        .map(|(name, kind)| {
            let value = prop_oneof![
                6 => value(*kind).prop_map(Some),
                2 => stray().prop_map(Some),
                2 => Just(None)
            ];
            value.prop_map(|value| value.map(|value| ((*name).to_owned(), value)))
        })
        .collect();
    each.prop_map(|each| each.into_iter().flatten().collect())
}

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(select(&TEXTS[..]).prop_map(str::to_owned))
}

fn moment() -> impl Strategy<Value = String> {
    select(&["2024-05-31T23:59:59Z", "2024-06-01T00:00:00Z", "2026-11-25T02:00:00Z"][..])
        .prop_map(str::to_owned)
}

fn person() -> impl Strategy<Value = Person> {
    let number = proptest::option::of(select(&["2348012345678", "4915112345678"][..]));
    let platform = select(&["ios", "android"][..]);
    let devices = proptest::collection::vec((select(&["", "x", "y"][..]), platform), 0..3);
    (attributes(), text(), text(), number, text(), devices, moment(), moment(), 0..8_u8).prop_map(
        |(attributes, first_name, last_name, number, email, devices, first, last, archived)| {
            Person {
                uid: String::new(),
                first_name,
                last_name,
                number: number.map(str::to_owned),
                email,
                attributes,
                devices: devices.iter().map(|(t, p)| ((*t).to_owned(), (*p).to_owned())).collect(),
                first_imported_at: first,
                last_changed_at: last,
                is_archived: archived == 0,
            }
        },
    )
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A value as it is written in an expression, for an attribute of this type.
fn literal(kind: ValueType) -> BoxedStrategy<String> {
    let moment = select(
        &[
            "now()",
            "today()",
            "now() - 7 days",
            "today() - 1 week + 1 day",
            "now() - 907 days - 15 hours",
            "now() + 1 minute",
            "now() - 3000 years",
            "'2024-06-01 10:30'",
            "'2024-06-01T10:30:15Z'",
            "'2024-06-01T12:30+02:00'",
        ][..],
    );
    match kind {
        ValueType::String => select(&TEXTS[..]).prop_map(quoted).boxed(),
        ValueType::Number => select(&NUMBERS[..]).prop_map(str::to_owned).boxed(),
        ValueType::Boolean => any::<bool>().prop_map(|value| value.to_string()).boxed(),
        ValueType::Date | ValueType::Datetime => {
            prop_oneof![select(&DAYS[..]).prop_map(quoted), moment.prop_map(str::to_owned)].boxed()
        }
    }
}

fn pattern() -> impl Strategy<Value = String> {
    let piece =
        select(&["%", "_", "a", "P", "r", "o", "É", "é", "'", "1", "!%", "!_", "!!", "😀"][..]);
    (proptest::collection::vec(piece, 0..5), any::<bool>()).prop_map(|(pieces, has_escape)| {
        let pattern = pieces.concat();
        match has_escape {
            true => format!("like {} escape '!'", quoted(&pattern)),
            false => format!("like {}", quoted(&pattern)),
        }
    })
}

/// A test of a text for a part of it.
fn part() -> impl Strategy<Value = String> {
    let question = select(&["contains", "starts_with", "ends_with"][..]);
    let part =
        select(&["P", "pro", "o", "b", "%", "'", "\\", "é", "1", "\u{10ffff}", "村", "😀"][..]);
    (question, part).prop_map(|(question, part)| format!("{question} {}", quoted(part)))
}

/// The fields, as written in an expression.
fn fields() -> Vec<(String, ValueType)> {
    let custom =
        ATTRIBUTES.iter().map(|(name, kind)| (format!("\"{}\"", name.replace('"', "\"\"")), *kind));
    let plain = [("first_name", ValueType::String), ("device_token", ValueType::String)];
    let own = [
        ("email", ValueType::String),
        ("first_imported_at", ValueType::Datetime),
        ("last_changed_at", ValueType::Datetime),
        ("archived", ValueType::Boolean),
        ("has_device", ValueType::Boolean),
    ];
    let named = plain.into_iter().chain(own).map(|(name, kind)| (name.to_owned(), kind));
    custom.chain(named).collect()
}

/// A condition on one of these fields.
fn condition_on(fields: Vec<(String, ValueType)>) -> impl Strategy<Value = String> {
    select(fields).prop_flat_map(|(name, kind)| {
        let not = select(&["", "not "][..]);
        let compared = (select(&["=", "!=", "<>", "<", "<=", ">", ">="][..]), literal(kind))
            .prop_map(|(sign, value)| format!("{sign} {value}"));
        let listed = (not.clone(), proptest::collection::vec(literal(kind), 1..4))
            .prop_map(|(not, values)| format!("{not}in ({})", values.join(", ")));
        let between = (not.clone(), literal(kind), literal(kind))
            .prop_map(|(not, low, high)| format!("{not}between {low} and {high}"));
        let null = select(&["is null", "is not null"][..]).prop_map(str::to_owned);
        let question = match kind {
            ValueType::Boolean => prop_oneof![
                (select(&["=", "!="][..]), literal(kind)).prop_map(|(s, v)| format!("{s} {v}")),
                Just(String::new()),
                null
            ]
            .boxed(),
            ValueType::String => prop_oneof![
                4 => compared,
                2 => listed,
                1 => between,
                1 => null,
                2 => (not.clone(), pattern()).prop_map(|(not, like)| format!("{not}{like}")),
                3 => (not, part()).prop_map(|(not, part)| format!("{not}{part}")),
            ]
            .boxed(),
            ValueType::Number => {
                prop_oneof![5 => compared, 2 => listed, 1 => between, 1 => null].boxed()
            }
            ValueType::Date | ValueType::Datetime => {
                let within = (not, select(&["7 days", "1 minute", "40 months"][..]))
                    .prop_map(|(not, time)| format!("{not}within last {time}"));
                prop_oneof![5 => compared, 2 => listed, 1 => between, 1 => null, 2 => within]
                    .boxed()
            }
        };
        question.prop_map(move |question| format!("{name} {question}"))
    })
}

fn condition() -> impl Strategy<Value = String> {
    let others = select(
        &[
            "device_platform = 'iOS'",
            "device_platform != 'ios'",
            "not device_platform = 'android'",
            "device_platform is null",
            "number is not null",
            "number starts_with '234'",
            "number not in ('2348012345678')",
            "uid ends_with '7'",
            "'u-1' < uid",
            "2 < usage",
        ][..],
    );
    prop_oneof![8 => condition_on(fields()), 1 => others.prop_map(str::to_owned)]
}

fn expression() -> impl Strategy<Value = String> {
    expression_of(condition().boxed())
}

fn expression_of(condition: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    condition.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("not ({inner})")),
            proptest::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("({})", parts.join(" and "))),
            proptest::collection::vec(inner, 2..4)
                .prop_map(|parts| format!("({})", parts.join(" or "))),
        ]
    })
}

/// The condition, or another one if it would be refused because the ends of `between` are swapped.
fn readable(condition: String) -> String {
    let attributes = ATTRIBUTES.map(|(name, kind)| (name.to_owned(), kind)).into();
    let now = "2026-11-25T02:00:00Z".parse().unwrap();
    let terms = Terms { attributes: &attributes, segments: &BTreeMap::new(), now };
    match read(&condition, None, &terms) {
        Ok(_) => condition,
        Err(_) => "usage >= 2".to_owned(),
    }
}

/// An expression with many conditions. Those on one field are merged; the rest becomes a program.
fn wide_expression() -> impl Strategy<Value = String> {
    let condition = condition().prop_map(readable).boxed();
    let joined = |inner: BoxedStrategy<String>| {
        let parts = proptest::collection::vec(inner, 16..40);
        (parts, select(&[" or ", " and "][..]))
            .prop_map(|(parts, operator)| format!("({})", parts.join(operator)))
    };
    // Repeat a few conditions: many different ones would match all customers or none.
    let repeated = |inner: BoxedStrategy<String>| {
        let parts = proptest::collection::vec(inner, 1..4);
        (parts, select(&[" or ", " and "][..])).prop_map(|(parts, operator)| {
            let parts: Vec<String> = parts.into_iter().cycle().take(51).collect();
            format!("({})", parts.join(operator))
        })
    };
    let on_one_field = select(fields())
        .prop_flat_map(|field| {
            let condition = condition_on(vec![field]).prop_map(readable);
            proptest::collection::vec(condition, 1..4)
        })
        .prop_flat_map(move |conditions| repeated(select(conditions).boxed()));
    // Parts and patterns of texts are merged into automata.
    let on_texts = select(&["plan", "email", "first_name", "device_token"][..])
        .prop_flat_map(|field| {
            let question = prop_oneof![pattern().boxed(), part().boxed()];
            let condition = (select(&["", "", "not "][..]), question)
                .prop_map(move |(not, question)| format!("{field} {not}{question}"));
            proptest::collection::vec(condition, 1..5)
        })
        .prop_flat_map(move |conditions| {
            (Just(conditions), select(&[" or ", " and "][..])).prop_map(|(conditions, operator)| {
                let conditions: Vec<String> = conditions.into_iter().cycle().take(51).collect();
                format!("({})", conditions.join(operator))
            })
        });
    let pair = (condition.clone(), condition.clone(), select(&["and", "or"][..]))
        .prop_map(|(a, b, operator)| format!("({a} {operator} {b})"));
    let asking = (select(&TEXTS[..]), condition.clone())
        .prop_map(|(text, other)| format!("(plan = {} and {other})", quoted(text)));
    let numbers = (select(&NUMBERS[..]), condition.clone())
        .prop_map(|(number, other)| format!("({other} and usage in ({number}, 7))"));
    let expression = expression_of(condition.clone()).boxed();
    let wide = prop_oneof![
        1 => joined(expression.clone()),
        1 => joined(pair.clone().boxed()),
        2 => joined(asking.boxed()),
        2 => joined(numbers.boxed()),
        2 => repeated(pair.boxed()),
        4 => on_one_field,
        6 => on_texts,
        // Conditions that match all customers do not hide the result of the expression.
        3 => expression.prop_map(|inner| {
            let others = vec!["last_changed_at is not null"; 20].join(" and ");
            format!("({inner}) and {others}")
        }),
    ];
    (wide, any::<bool>()).prop_map(|(wide, not)| if not { format!("not ({wide})") } else { wide })
}

fn people() -> Vec<Person> {
    let mut runner = TestRunner::deterministic();
    let strategy = proptest::collection::vec(person(), CUSTOMERS);
    let mut people = strategy.new_tree(&mut runner).unwrap().current();
    for (index, person) in people.iter_mut().enumerate() {
        person.uid = format!("u-{index}");
    }
    people
}

/// A store with these people in it.
fn store_of(people: &[Person]) -> Sandbox {
    let sandbox = Sandbox::with("first.csv", "id\nfirst\n");
    assert_eq!(sandbox.run(&["import", "first.csv"]).code, 0);
    let mut connection = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    let transaction = connection.transaction().unwrap();
    transaction.execute_batch("DELETE FROM customers").unwrap();
    for (name, kind) in ATTRIBUTES {
        let sql = "INSERT INTO attributes VALUES (?1, ?2, 1, 1)";
        transaction.execute(sql, params![name, kind.as_str()]).unwrap();
    }
    for (id, person) in (1_i64..).zip(people) {
        let sql = "INSERT INTO customers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)";
        let archived_at = person.is_archived.then_some("2026-01-01T00:00:00Z");
        transaction
            .execute(
                sql,
                params![
                    id,
                    person.uid,
                    person.first_name,
                    person.last_name,
                    person.number,
                    person.email,
                    json!(person.attributes).to_string(),
                    person.first_imported_at,
                    person.last_changed_at,
                    archived_at,
                ],
            )
            .unwrap();
        for (rank, (token, platform)) in (1_i64..).zip(&person.devices) {
            let sql = "INSERT INTO devices VALUES (?1, ?2, ?3, ?4)";
            transaction.execute(sql, params![id, rank, token, platform]).unwrap();
        }
    }
    transaction.commit().unwrap();
    sandbox
}

fn members(reader: &Reader, segment: &engage::segment::Segment) -> BTreeSet<String> {
    let columns = [Field::Standard(Standard::Uid)];
    let wanted = MemberQuery { columns: &columns, sort: &[], limit: None };
    let mut found = BTreeSet::new();
    reader
        .members(segment, &wanted, |values| {
            let StoredValue::Text(uid) = values[0] else { panic!("{values:?}") };
            assert!(found.insert(uid.to_owned()), "{uid} twice");
            Ok::<(), StoreError>(())
        })
        .unwrap();
    found
}

#[test]
fn the_store_finds_the_same_customers_as_the_evaluator() {
    finds_the_same_customers_as_the_evaluator(&expression(), true);
}

#[test]
fn the_store_finds_the_same_customers_with_many_conditions() {
    finds_the_same_customers_as_the_evaluator(&wide_expression(), false);
}

fn finds_the_same_customers_as_the_evaluator(
    expressions: &impl Strategy<Value = String>,
    may_be_refused: bool,
) {
    let pairs = std::env::var("ENGAGE_SEGMENT_PAIRS").ok().and_then(|n| n.parse().ok());
    let cases = pairs.unwrap_or(40_000) / CUSTOMERS;
    let people = people();
    let (plain, indexed) = (store_of(&people), store_of(&people));
    let writer =
        open_for_writing(&indexed.path("engage.db").into(), Duration::ZERO, &Interrupt::default())
            .unwrap();
    for (name, kind) in ATTRIBUTES {
        assert!(writer.create_index(&Field::Custom(name.to_owned(), kind)).unwrap());
    }
    writer.commit(None).unwrap();
    let readers = [&plain, &indexed]
        .map(|sandbox| open_for_reading(&sandbox.path("engage.db").into()).unwrap());
    let catalogue = readers[0].catalogue().unwrap();
    let segments = BTreeMap::new();
    let now = "2026-11-25T02:00:00Z".parse().unwrap();
    let terms = Terms { attributes: &catalogue, segments: &segments, now };
    let config = ProptestConfig {
        cases: u32::try_from(cases).unwrap(),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let law = TestRunner::new(config).run(expressions, |text| {
        // Only a `between` with swapped ends may be refused.
        let segment = match read(&text, None, &terms) {
            Ok(segment) => segment,
            Err(error) => {
                let is_between = error.to_string().contains("the range is empty");
                prop_assert!(may_be_refused && is_between, "{text}: {error}");
                return Ok(());
            }
        };
        let expected: BTreeSet<String> = people
            .iter()
            .filter(|person| is_member(&segment, person))
            .map(|person| person.uid.clone())
            .collect();
        for reader in &readers {
            prop_assert_eq!(&members(reader, &segment), &expected, "{}", text);
            prop_assert_eq!(reader.count(&segment).unwrap(), expected.len() as u64);
        }
        Ok(())
    });
    law.unwrap_or_else(|error| panic!("{error}"));
}
