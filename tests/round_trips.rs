//! An export that is imported into an empty store results in the same store.

use crate::sandbox::{Sandbox, rows};
use engage::value::typed::{MAX_STRING_CHARACTERS, Value};
use proptest::prelude::*;
use rusqlite::{Connection, params};
use std::fs;
use std::path::Path;

/// The content of a store without its history, which an export does not have.
const CONTENT: [&str; 4] = [
    "SELECT uid, first_name, last_name, number, email, attributes, first_imported_at,
            last_changed_at, archived_at FROM customers ORDER BY id",
    "SELECT uid, rank, token, platform FROM devices JOIN customers ON id = customer_id
     ORDER BY id, rank",
    "SELECT name, type FROM attributes ORDER BY name",
    "SELECT name, value FROM settings WHERE name = 'key'",
];

pub(crate) fn content(store: &Path) -> Vec<Vec<String>> {
    CONTENT.iter().map(|sql| rows(store, sql)).collect()
}

/// Exports the store and imports it into another one; checks that both are the same.
fn comes_back(sandbox: &Sandbox, options: &[&str]) -> Result<(), TestCaseError> {
    let exported = sandbox.run(&[&["export"], options].concat());
    prop_assert_eq!((exported.code, exported.stderr.as_str()), (0, ""));
    sandbox.write("exported.csv", &exported.stdout);
    let _ = fs::remove_file(sandbox.path("other.db"));
    let imported = sandbox.run(&["import", "exported.csv", "--store", "other.db"]);
    prop_assert_eq!(imported.code, 0, "{:?}\n{}", imported, exported.stdout);
    let content = |store: &str| content(&sandbox.path(store));
    prop_assert_eq!(content("other.db"), content("engage.db"));
    let again = sandbox
        .run(&["export", "--store", "other.db"].iter().chain(options).copied().collect::<Vec<_>>());
    prop_assert_eq!(again.stdout, exported.stdout);
    Ok(())
}

#[test]
fn exports_of_other_products_survive_a_round_trip() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let mut stores = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let sandbox = Sandbox::with("users.csv", fs::read(&path).unwrap());
        let imported = sandbox.run(&["import", "users.csv", "--max-rejects", "99%"]);
        if imported.code == 0 {
            comes_back(&sandbox, &[]).unwrap();
            comes_back(&sandbox, &["--spreadsheet-safe"]).unwrap();
            stores += 1;
        }
    }
    assert!(stores > 20, "{stores}");
}

/// Makes a store with these customers, as an import would have written them.
fn store(sandbox: &Sandbox, customers: &[Person]) {
    sandbox.write(
        "first.csv",
        "id,email,text,number:x,yes,day,time,_odd name\nfirst,,a,1,true,2024-01-01,2024-01-01T10:00:00Z,x\n",
    );
    let odd = ["-m", "number:x=+1", "-m", "_odd name=custom:custom:device_token_2"];
    let imported = sandbox.run(&[&["import", "first.csv"][..], &odd].concat());
    assert_eq!(imported.code, 0, "{imported:?}");
    let connection = Connection::open(sandbox.path("engage.db")).unwrap();
    for (id, person) in (2..).zip(customers) {
        let mut attributes = serde_json::Map::new();
        for (name, value) in NAMES.iter().zip(&person.values) {
            attributes.extend(value.clone().map(|value| ((*name).to_owned(), value)));
        }
        let attributes = serde_json::to_string(&attributes).unwrap();
        let sql = "INSERT INTO customers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)";
        let (first, last) = ("2020-01-01T00:00:00Z", "2021-02-03T04:05:06Z");
        let [first_name, last_name] = &person.names;
        connection
            .execute(
                sql,
                params![
                    id,
                    format!("{}{id}", person.uid),
                    first_name,
                    last_name,
                    person.number.then_some("2348012345678"),
                    person.email.then(|| format!("Ada+{id}@example.com")),
                    attributes,
                    first,
                    last,
                    person.archived.then_some("2022-02-03T04:05:06Z"),
                ],
            )
            .unwrap();
        for (rank, (token, ios)) in (1..).zip(&person.devices) {
            let sql = "INSERT INTO devices VALUES (?1, ?2, ?3, ?4)";
            let platform = if *ios { "ios" } else { "android" };
            let token = format!("{token}{rank}");
            connection.execute(sql, params![id, rank, token, platform]).unwrap();
        }
    }
}

/// The names of the custom attributes of the store, sorted.
const NAMES: [&str; 6] = ["+1", "custom:device_token_2", "day", "text", "time", "yes"];

#[derive(Debug, Clone)]
struct Person {
    uid: String,
    names: [Option<String>; 2],
    number: bool,
    email: bool,
    values: Vec<Option<serde_json::Value>>,
    devices: Vec<(String, bool)>,
    archived: bool,
}

/// Texts that are difficult for CSV readers, spreadsheets or terminals.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "",
        " ",
        "\t",
        "\r",
        "\n",
        "\r\n",
        ",",
        ";",
        "\"",
        "\"\"",
        "'",
        "=1+1",
        "+1",
        "-1",
        "@a",
        "\\N",
        "NULL",
        "\\",
        "\u{feff}",
        "\u{200b}",
        "\u{202e}",
        "\u{1b}[2J",
        "\0",
        "e\u{301}",
        "é",
        "中",
        "😀",
        "1",
        "1.50",
        "true",
        "2024-01-01",
        "2024-01-01 10:00",
        "#N/A",
        "_engage",
        "＝1",
        "/",
        "1e999",
        "\u{2000}",
        "a",
    ]);
    prop_oneof![
        4 => prop::collection::vec(pieces, 0..4).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let numbers = ["0", "-5", "12.50", "100000", "12345678901234567", "0.001", "7.10"];
    prop_oneof![
        // Values have no NUL.
        5 => nasty().prop_map(|text| serde_json::Value::String(text.replace('\0', ""))),
        2 => prop::sample::select(numbers.to_vec())
            .prop_map(|number| serde_json::from_str(number).unwrap_or(serde_json::json!(7))),
        1 => any::<bool>().prop_map(serde_json::Value::Bool),
    ]
}

fn person() -> impl Strategy<Value = Person> {
    let printable = |text: String| -> String {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        // As an import would have stored it.
        match Value::text(
            text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')),
        ) {
            Value::Text(text) => text.into_owned(),
            _ => String::new(),
        }
    };
    let name = nasty().prop_map(printable).prop_filter("a name", |name| !name.is_empty()).boxed();
    let uid = nasty().prop_map(move |uid| printable(uid + "u"));
    let token = nasty().prop_map(|token| -> String {
        token.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(40).collect()
    });
    let token = token.prop_map(|token| {
        let token = token.trim_matches(|c| matches!(c, '\u{feff}' | '\u{200b}')).to_owned();
        if token.is_empty() { "t".to_owned() } else { token }
    });
    (
        uid,
        [prop::option::of(name.clone()), prop::option::of(name)],
        any::<(bool, bool, bool)>(),
        prop::collection::vec(prop::option::of(value()), NAMES.len()),
        prop::collection::vec((token, any::<bool>()), 0..=5),
    )
        .prop_map(|(uid, names, (number, email, archived), values, devices)| Person {
            uid,
            names,
            number,
            email,
            values,
            devices,
            archived,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_of_any_kind_survive_a_round_trip(
        customers in prop::collection::vec(person(), 0..12),
        safe in any::<bool>(),
    ) {
        let sandbox = Sandbox::new();
        store(&sandbox, &customers);
        comes_back(&sandbox, if safe { &["--spreadsheet-safe"] } else { &[] })?;
    }
}

#[test]
fn the_longest_text_and_five_devices_survive_a_round_trip() {
    let sandbox = Sandbox::new();
    let devices = (0..5).map(|rank| ("t".repeat(4000 + rank), rank % 2 == 0)).collect();
    let mut values = vec![None; NAMES.len()];
    values[3] = Some("\"é,".repeat(MAX_STRING_CHARACTERS / 3).into());
    let person = Person {
        uid: "u".to_owned(),
        names: [None, None],
        number: false,
        email: false,
        values,
        devices,
        archived: true,
    };
    store(&sandbox, &[person]);
    comes_back(&sandbox, &[]).unwrap();
}
