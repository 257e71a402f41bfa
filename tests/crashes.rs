//! An import that is killed, meets a full disk or a failed sync, or loses power, leaves the
//! customers as before or as after it, and the next import works.
//!
//! Each import is run once to count its file operations, then many times with a fault at one of
//! them. `ENGAGE_CRASH_POINTS=1000 cargo test crashes` tries that many points of each import
//! instead of a few.
#![cfg(target_os = "linux")]

use super::sandbox::{Run, Sandbox};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// The library that injects faults, built once.
pub(crate) static LAYER: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    let library = folder.path().join("layer.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fault_layer/layer.c");
    let compiler = std::env::var("CC").unwrap_or("cc".to_owned());
    let built = Command::new(compiler)
        .args(["-shared", "-fPIC", "-O1", "-w", "-o"])
        .args([library.as_os_str(), source.as_ref()])
        .arg("-ldl")
        .status();
    assert!(built.unwrap().success());
    (folder, library)
});

/// Which of the `calls` file operations to inject a fault into.
pub(crate) fn points(calls: u64) -> Vec<u64> {
    let wanted = std::env::var("ENGAGE_CRASH_POINTS").ok().and_then(|text| text.parse().ok());
    let wanted: u64 = wanted.unwrap_or(9);
    let step = (calls / wanted).max(1);
    // The last calls are those around the commit.
    let mut points: Vec<u64> = (1..=calls).step_by(usize::try_from(step).unwrap()).collect();
    points.extend(calls.saturating_sub(wanted / 2)..=calls);
    points.sort_unstable();
    points.dedup();
    points.retain(|point| *point > 0);
    points
}

/// An import into a new or an existing store.
struct Scenario {
    base: Sandbox,
    arguments: &'static [&'static str],
    calls: u64,
    before: Vec<String>,
    after: Vec<String>,
}

const CUSTOMERS: &str = "SELECT uid, first_name, email, attributes, archived_at IS NULL,
     (SELECT group_concat(rank || token || platform) FROM devices WHERE customer_id = id)
     FROM customers ORDER BY uid";

fn customers(folder: &Path) -> Vec<String> {
    let store = folder.join("engage.db");
    if !store.exists() {
        return Vec::new();
    }
    let connection = rusqlite::Connection::open(store).unwrap();
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let tables = "SELECT count(*) FROM sqlite_schema";
    if connection.query_row(tables, [], |row| row.get::<_, i64>(0)).unwrap() == 0 {
        return Vec::new();
    }
    let mut statement = connection.prepare(CUSTOMERS).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..columns).map(|column| format!("{:?}", row.get_ref(column).unwrap()));
        Ok(cells.collect::<Vec<_>>().join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// A file of `of` customers, of which `changed` differ from the first file.
fn export(of: u32, changed: u32) -> String {
    let mut rows = String::from("id,first_name,email,plan,device_token,device_platform\n");
    for number in 0..of {
        let shuffled = number * 7919 % 10_007;
        let plan = if number < changed { "Basic" } else { "Pro" };
        let email = if number % 97 == 5 { "bad" } else { "ann@example.com" };
        rows.push_str(&["u", &shuffled.to_string(), ",Ann,", email, ",", plan].concat());
        rows.push_str(&[",t", &(number + changed).to_string(), ",ios\n"].concat());
    }
    rows
}

impl Scenario {
    fn new(store: Option<&str>, input: &str, arguments: &'static [&'static str]) -> Self {
        let base = Sandbox::new();
        if let Some(first) = store {
            base.write("users.csv", first);
            assert_eq!(base.run(&["import", "users.csv"]).code, 3);
        }
        base.write("users.csv", input);
        let mut scenario = Self {
            before: customers(&base.path("")),
            after: Vec::new(),
            base,
            arguments,
            calls: 0,
        };
        let trial = scenario.copy();
        let count = trial.path("count");
        let status = scenario.start(&trial, &[("FAULT_COUNT", count.to_str().unwrap())]).status;
        assert_eq!(status.code(), Some(3));
        scenario.calls = trial.read("count").parse().unwrap();
        scenario.after = customers(&trial.path(""));
        assert_ne!(scenario.before, scenario.after);
        scenario
    }

    fn first() -> Self {
        Self::new(None, &export(400, 0), &["import", "users.csv"])
    }

    fn upsert() -> Self {
        Self::new(Some(&export(400, 0)), &export(450, 200), &["import", "users.csv"])
    }

    /// With new customers whose uids get into the index at the end, since they are many.
    fn many_new() -> Self {
        Self::new(Some(&export(400, 0)), &export(5000, 200), &["import", "users.csv"])
    }

    fn snapshot() -> Self {
        let arguments = &["import", "users.csv", "--snapshot=delete", "--max-missing", "90%"];
        Self::new(Some(&export(400, 0)), &export(200, 100), arguments)
    }

    fn copy(&self) -> Sandbox {
        let copy = Sandbox::new();
        for name in self.base.files() {
            fs::copy(self.base.path(&name), copy.path(&name)).unwrap();
        }
        copy
    }

    fn start(&self, sandbox: &Sandbox, faults: &[(&str, &str)]) -> std::process::Output {
        let mut command = sandbox.command(self.arguments);
        command.env("LD_PRELOAD", &LAYER.1).envs(faults.iter().copied()).output().unwrap()
    }

    /// Whether the store is as after the import. Fails if it is neither as before nor as after.
    fn is_after(&self, folder: &Path, what: &str) -> bool {
        let found = customers(folder);
        assert!(found == self.before || found == self.after, "{what}: something between");
        found == self.after
    }

    /// Checks that the next import works and removes all leftovers.
    fn imports_again(&self, sandbox: &Sandbox, what: &str) {
        let run = sandbox.run(self.arguments);
        assert_eq!(run.code, 3, "{what}: {run:?}");
        assert_eq!(customers(&sandbox.path("")), self.after, "{what}");
        let check = sandbox.run(&["check"]);
        assert_eq!(check.code, 0, "{what}: {check:?}");
        let files: Vec<String> = sandbox.files();
        assert!(!files.iter().any(|name| name.starts_with(".engage")), "{what}: {files:?}");
        assert!(sandbox.exists("users.rejects.csv"));
    }
}

fn killed(scenario: &Scenario, kind: &str) {
    for point in points(scenario.calls) {
        let what = format!("{kind} at call {point} of {}", scenario.calls);
        let sandbox = scenario.copy();
        let synced = TempDir::new().unwrap();
        // Files that exist before the import are on the disk.
        for name in scenario.base.files() {
            fs::copy(scenario.base.path(&name), synced.path().join(&name)).unwrap();
        }
        let at = point.to_string();
        let folder = synced.path().to_str().unwrap();
        let output = scenario
            .start(&sandbox, &[("FAULT_AT", &at), ("FAULT_KIND", kind), ("FAULT_SYNCED", folder)]);
        if output.status.signal().is_none() {
            // Threads run in any order, so there may be a call fewer; half a write needs a write.
            assert_eq!(output.status.code(), Some(3), "{what}: {output:?}");
        }
        let lost = scenario.is_after(synced.path(), &format!("power lost, {what}"));
        let done = scenario.is_after(&sandbox.path(""), &what);
        assert!(done || !lost, "{what}: the disk has what the file has not");
        if done {
            // The import was complete; the next change renames the rejects.
            assert_eq!(sandbox.run(&["history", "--prune", "--keep", "99"]).code, 0);
            let rejects = sandbox.read("users.rejects.csv");
            assert_eq!(rejects.lines().count(), 1 + scenario.rejects(), "{what}");
        }
        scenario.imports_again(&sandbox, &what);
    }
}

impl Scenario {
    fn rejects(&self) -> usize {
        self.base.read("users.csv").matches(",bad,").count()
    }
}

#[test]
fn a_killed_first_import_is_complete_or_absent() {
    let scenario = Scenario::first();
    killed(&scenario, "kill");
    killed(&scenario, "half");
}

#[test]
fn a_killed_import_is_complete_or_absent() {
    let scenario = Scenario::upsert();
    killed(&scenario, "kill");
    killed(&scenario, "half");
    killed(&Scenario::many_new(), "kill");
}

#[test]
fn a_killed_snapshot_deletes_all_missing_customers_or_none() {
    killed(&Scenario::snapshot(), "kill");
}

/// Injects faults that the program can see: it fails and changes nothing, or the fault came too
/// late to matter.
fn failing(scenario: &Scenario, kind: &str) {
    for point in points(scenario.calls) {
        let what = format!("{kind} at call {point} of {}", scenario.calls);
        let sandbox = scenario.copy();
        let at = point.to_string();
        let run: Run = scenario.start(&sandbox, &[("FAULT_AT", &at), ("FAULT_KIND", kind)]).into();
        let after = scenario.is_after(&sandbox.path(""), &what);
        if !after {
            assert_eq!(run.code, 1, "{what}: {run:?}");
            assert!(run.stderr.starts_with("error: "), "{what}: {run:?}");
            if scenario.before.is_empty() {
                assert!(!sandbox.exists("engage.db"), "{what}: {run:?}");
            }
        }
        scenario.imports_again(&sandbox, &what);
    }
}

#[test]
fn a_full_disk_changes_no_customer() {
    failing(&Scenario::first(), "full");
    failing(&Scenario::upsert(), "full");
    failing(&Scenario::many_new(), "full");
}

#[test]
fn a_failed_sync_changes_no_customer() {
    failing(&Scenario::first(), "sync");
    failing(&Scenario::upsert(), "sync");
}
