//! A temporary folder for each test, in which the built program runs.

use assert_cmd::cargo::CommandCargoExt as _;
use rusqlite::types::ValueRef;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use tempfile::TempDir;

/// A folder with files, and a store in it.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// The result of a run of the program.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Checks that a report matches its published schema and that its counts add up.
pub(crate) fn check_report(report: &Value) {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = include_str!("../docs/report.schema.json");
        jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
    });
    let errors: Vec<String> = SCHEMA.iter_errors(report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {report}");
    let count = |group: &str, name: &str| report[group][name].as_u64().unwrap();
    let records = |name| count("records", name);
    assert_eq!(records("read"), records("accepted") + records("rejected") + records("skipped"));
    let touched = ["inserted", "updated", "unchanged"].map(|name| count("customers", name));
    assert_eq!(touched.iter().sum::<u64>(), records("accepted") - records("merged"));
}

impl Run {
    /// The report of a run with `--format json`.
    pub(crate) fn report(&self) -> Value {
        let report =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        check_report(&report);
        report
    }

    /// All output and the exit code, with durations replaced.
    pub(crate) fn seen(&self) -> String {
        let code = self.code;
        let mut text = format!("{}{}exit {code}", self.stdout, self.stderr);
        while let Some(end) = text.find(" s)") {
            let start = text[..end].rfind('(').unwrap();
            text.replace_range(start..end + 3, "(TIME)");
        }
        text
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// A sandbox with a file.
    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        let sandbox = Self::new();
        sandbox.write(name, content);
        sandbox
    }

    /// A sandbox with a fixture, from any folder of fixtures.
    pub(crate) fn with_fixture(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
        Self::with(path.file_name().unwrap().to_str().unwrap(), fs::read(&path).unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The names of all files, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("engage").unwrap();
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs the program with `input` on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that refuses early does not read it all.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap().into()
    }

    /// The exported customers, sorted by uid, each as `a|b|c` with these comma-separated columns.
    /// `attributes` and `devices` are JSON; any other name is a field or an attribute.
    pub(crate) fn customers(&self, columns: &str) -> Vec<String> {
        self.customers_in("engage.db", columns)
    }

    /// The customers of another store.
    pub(crate) fn customers_in(&self, store: &str, columns: &str) -> Vec<String> {
        let run = self.run(&["export", "--store", store, "--format", "jsonl"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        let mut customers: Vec<(String, String)> =
            run.stdout.lines().map(|line| customer(line, columns)).collect();
        customers.sort();
        customers.into_iter().map(|(_, cells)| cells).collect()
    }

    /// One customer, in the format of [`Self::customers`].
    pub(crate) fn customer(&self, uid: &str, columns: &str) -> String {
        let prefix = format!("{uid}|");
        let customers = self.customers(&format!("uid,{columns}"));
        let found = customers.iter().find_map(|customer| customer.strip_prefix(&prefix));
        found.unwrap_or_else(|| panic!("no customer {uid} in {customers:?}")).to_owned()
    }

    /// The uids of the archived customers, sorted.
    pub(crate) fn archived(&self) -> Vec<String> {
        self.archived_in("engage.db")
    }

    /// The archived customers of another store.
    pub(crate) fn archived_in(&self, store: &str) -> Vec<String> {
        let customers = self.customers_in(store, "archived_at,uid");
        let archived = customers.iter().filter(|customer| !customer.starts_with("NULL|"));
        archived.map(|customer| customer.split_once('|').unwrap().1.to_owned()).collect()
    }

    /// The number of customers, including archived ones.
    pub(crate) fn count(&self) -> usize {
        let run = self.run(&["export", "--columns", "uid", "--format", "jsonl"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        run.stdout.lines().count()
    }

    /// The whole export, to compare two states of a store.
    pub(crate) fn exported(&self) -> String {
        let run = self.run(&["export"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        run.stdout
    }

    /// The custom attributes with their types, as `name|type`.
    pub(crate) fn attribute_types(&self) -> Vec<String> {
        let run = self.run(&["attributes", "--format", "jsonl"]);
        assert_eq!(run.code, 0, "{run:?}");
        let lines = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let custom = lines.filter(|attribute| !attribute["first_import"].is_null());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        custom.map(|it| format!("{}|{}", text(&it["name"]), text(&it["type"]))).collect()
    }

    /// The lines of the history, the oldest first.
    pub(crate) fn history(&self) -> Vec<Value> {
        let run = self.run(&["history", "--format", "jsonl"]);
        assert_eq!(run.code, 0, "{run:?}");
        let mut lines: Vec<Value> =
            run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.reverse();
        lines
    }

    /// The rows of a query of the store, each as `a|b|c`; only for tests of the schema.
    pub(crate) fn sql(&self, sql: &str) -> Vec<String> {
        self.sql_of("engage.db", sql)
    }

    /// Changes the store as another program would.
    pub(crate) fn execute(&self, sql: &str) {
        let connection = rusqlite::Connection::open(self.path("engage.db")).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    /// For each plan, the row ids of the customers that it has a proof of.
    pub(crate) fn proofs(&self) -> Vec<Vec<u32>> {
        let connection = rusqlite::Connection::open(self.path("engage.db")).unwrap();
        let sql = "SELECT plan_id, block, entries FROM fingerprints ORDER BY plan_id, block";
        let mut statement = connection.prepare(sql).unwrap();
        let mut proofs: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let block: u32 = row.get(1).unwrap();
            let entries = row.get_ref(2).unwrap().as_blob().unwrap().chunks(16).enumerate();
            let customers = entries.filter(|(_, entry)| entry.iter().any(|byte| *byte != 0));
            let customers = customers.map(|(at, _)| block * 1024 + u32::try_from(at).unwrap());
            proofs.entry(row.get(0).unwrap()).or_default().extend(customers);
        }
        proofs.into_values().collect()
    }

    pub(crate) fn sql_of(&self, store: &str, sql: &str) -> Vec<String> {
        rows(&self.path(store), sql)
    }
}

/// The uid and the columns of a line of `engage export --format jsonl`.
fn customer(line: &str, columns: &str) -> (String, String) {
    let parse = |text: &str| -> HashMap<String, Box<RawValue>> {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    };
    let fields = parse(line);
    let attributes = parse(fields["attributes"].get());
    let cell = |column: &str| match fields.get(column).or_else(|| attributes.get(column)) {
        Some(value) if value.get().starts_with('"') => serde_json::from_str(value.get()).unwrap(),
        Some(value) if value.get() != "null" => value.get().to_owned(),
        _ => "NULL".to_owned(),
    };
    let cells: Vec<String> = columns.split(',').map(cell).collect();
    (cell("uid"), cells.join("|"))
}

/// The rows of a query of a store, each as `a|b|c`.
pub(crate) fn rows(store: &Path, sql: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open(store).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells: Vec<String> = (0..columns)
            .map(|column| match row.get_ref(column).unwrap() {
                ValueRef::Null => "NULL".to_owned(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
                ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
            })
            .collect();
        Ok(cells.join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect()
}
