//! Two sets of fixtures: event exports that must be refused, and customer lists that resemble
//! events but must pass.

use engage::events::{ColumnForEvidence, EventEvidence, Sample, event_evidence};
use std::fs;
use std::path::{Path, PathBuf};

/// Headers that identify a customer, letters only. The key is the first column that is in the first
/// matching group. This simple column mapping is only for these files.
const KEYS: [&[&str]; 2] = [
    &[
        "id",
        "uid",
        "userid",
        "customerid",
        "externaluserid",
        "distinctid",
        "localid",
        "recordid",
        "identifiant",
        "kundennummer",
        "klantnummer",
        "idcliente",
        "codigodocliente",
        "codicecliente",
    ],
    &[
        "email",
        "emailaddress",
        "customeremail",
        "inviteeemail",
        "requesteremail",
        "payeremail",
        "emailpayeur",
        "attendeeemail",
        "fromemailaddress",
    ],
];

struct Table {
    headers: Vec<String>,
    records: Vec<Vec<String>>,
}

impl Table {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a fixture is UTF-8");
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let first = text.lines().next().unwrap_or_default();
        let delimiter =
            if first.matches(';').count() > first.matches(',').count() { b';' } else { b',' };
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
        let headers = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let records = reader
            .records()
            .map(|record| record.expect("a record").iter().map(str::to_owned).collect())
            .collect();
        Self { headers, records }
    }

    fn key(&self) -> Option<usize> {
        let plain = |header: &str| -> String {
            header
                .chars()
                .filter(|char| char.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        };
        KEYS.iter().find_map(|keys| {
            self.headers.iter().position(|header| keys.contains(&plain(header).as_str()))
        })
    }

    fn check(&self, ignored: &[String]) -> Option<EventEvidence> {
        let key = self.key();
        let columns: Vec<ColumnForEvidence<'_>> = self
            .headers
            .iter()
            .enumerate()
            .map(|(index, header)| ColumnForEvidence {
                index,
                header,
                ignored: ignored.contains(header),
                is_key: key == Some(index),
            })
            .collect();
        let cell = |record: usize, column: usize| {
            self.records[record].get(column).map(String::as_str).unwrap_or_default()
        };
        event_evidence(&columns, &Sample::new(self.records.len(), &cell))
    }
}

fn fixtures(kind: &str) -> Vec<(String, Table)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(kind);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of fixtures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), Table::read(path))).collect()
}

#[test]
fn every_event_export_is_known_for_what_it_is() {
    let outcomes: Vec<String> = fixtures("events")
        .iter()
        .map(|(name, table)| {
            let seen = table.check(&[]).map_or_else(
                || "NOT KNOWN".to_owned(),
                |evidence| {
                    let columns: Vec<&str> =
                        evidence.columns.iter().map(|column| column.column.as_str()).collect();
                    let clears = evidence.clears.join(", ");
                    format!("{} ({}), cleared by {clears}", evidence.looks_like, columns.join(", "))
                },
            );
            format!("{name}: {seen}")
        })
        .collect();
    assert!(outcomes.len() >= 25);
    insta::assert_snapshot!(outcomes.join("\n"));
}

#[test]
fn every_customer_list_that_resembles_events_passes() {
    let tables = fixtures("border");
    assert!(tables.len() >= 25);
    let refused: Vec<String> = tables
        .iter()
        .filter_map(|(name, table)| {
            table.check(&[]).map(|evidence| format!("{name}: {evidence:?}"))
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn the_columns_named_to_clear_the_evidence_clear_it() {
    for (name, table) in fixtures("events") {
        let evidence = table.check(&[]).expect("evidence");
        let rest = table.check(&evidence.clears);
        // The rest can only be cleared by skipping the key, which an import needs.
        let is_clear = rest.is_none_or(|rest| rest.clears.is_empty());
        assert!(is_clear, "{name}: {:?}", evidence.clears);
        assert!(
            evidence.columns.iter().any(|column| Some(&column.column) == evidence.clears.first()),
            "{name}"
        );
        if let Some(key) = table.key() {
            assert!(!evidence.clears.contains(&table.headers[key]), "{name}: the key is needed");
        }
    }
}

#[test]
fn every_fixture_has_a_source() {
    for kind in ["events", "border"] {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(kind);
        let sources = fs::read_to_string(folder.join("SOURCES.md")).expect("the sources");
        for (name, _) in fixtures(kind) {
            assert!(sources.contains(&format!("`{name}.csv`")), "{kind}/{name}");
        }
    }
}
