//! A store in PostgreSQL has the same exports, reports, histories, changes and segments as one in
//! SQLite, for any sequence of imports, undos, forgets and kills.

use crate::histories::Run as Files;
use crate::model::Import;
use crate::model::steps::{Step, steps};
use crate::postgres_server::{Lost, Proxy, Schema, server};
use crate::sandbox::{Run, Sandbox};
use engage::import::{ImportOptions, Meter, import};
use engage::outcome::Outcome;
use engage::store::{
    ExportFilter, HistoryKind, HistoryLine, Interrupt, Retention, StoreError, StoreLocation, now,
    open_for_reading, open_for_writing,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A text without the names of stores, times and durations, which differ between two stores.
fn compared(text: &str, store: &str) -> String {
    let mut text = text.replace(&format!(" --store '{store}'"), "").replace(store, "engage.db");
    while let Some(end) = text.find(" s)") {
        let start = text[..end].rfind('(').unwrap();
        text.replace_range(start..end + 3, "(TIME)");
    }
    let is_time = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | 'T' | 'Z' | ' ');
    let mut result = String::new();
    let mut rest = text.as_str();
    // Remove the date of a change, and its time.
    let today = &now()[..10];
    while let Some(start) = rest.find(today) {
        result.push_str(&rest[..start]);
        result.push_str("TIME");
        rest = rest[start..].trim_start_matches(is_time);
    }
    result.push_str(rest);
    // The message has the folder of a store file.
    if let Some((before, place)) = result.split_once("created a new store at ") {
        let after = place.split_once('\n').map_or("", |(_, after)| after);
        result = format!("{before}made a new store\n{after}");
    }
    // Names of different length wrap lines differently.
    result.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folder with a store in PostgreSQL, and one with a store in SQLite.
struct Both {
    sqlite: Sandbox,
    postgres: Sandbox,
    schema: Schema,
}

impl Both {
    fn new() -> Option<Self> {
        let schema = Schema::new()?;
        Some(Self { sqlite: Sandbox::new(), postgres: Sandbox::new(), schema })
    }

    fn write(&self, name: &str, content: &str) {
        self.sqlite.write(name, content);
        self.postgres.write(name, content);
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.run_as(&self.schema.url(), arguments)
    }

    fn run_as(&self, url: &str, arguments: &[&str]) -> Run {
        let mut command = self.postgres.command(arguments);
        command.env("ENGAGE_STORE", url).output().unwrap().into()
    }

    /// Runs a command on both stores, and checks that its output is the same.
    fn same(&self, arguments: &[&str]) -> Run {
        let sqlite = self.sqlite.run(arguments);
        let postgres = self.run(arguments);
        let url = self.schema.url();
        let seen = |run: &Run| compared(&format!("{}{}{}", run.code, run.stdout, run.stderr), &url);
        assert_eq!(seen(&sqlite), seen(&postgres), "{arguments:?}\n{sqlite:?}\n{postgres:?}");
        postgres
    }

    /// Terminates the backend of a connection, if there is one with this name.
    fn terminate(&self, application_name: &str) {
        self.schema.execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = '{application_name}'"
        ));
    }

    fn exported(&self) -> String {
        let run = self.run(&["export"]);
        assert_eq!(run.code, 0, "{run:?}");
        run.stdout
    }
}

/// Expressions of every kind.
const SEGMENTS: &[&str] = &[
    "plan = 'Gold'",
    "plan != 'Gold'",
    "plan in ('Gold', 'Free')",
    "plan like 'P%'",
    "plan like '%\\%\\_%' escape '\\'",
    "plan contains '%_'",
    "plan starts_with 'pro'",
    "plan ends_with 'x' or plan > 'F'",
    "usage > 2 and usage <= 1000",
    "usage = 100.5",
    "usage in (0, 3, 1000)",
    "not (usage between 1 and 200)",
    "active",
    "not active",
    "\"it's \"\"x\"\"\" is null",
    "email ends_with '@x.co' and number is not null",
    "device_platform = 'ios'",
    "not device_platform = 'ios'",
    "has_device",
    "archived",
    "not archived and not has_device",
    "seen > '2024-02-01'",
    "seen < now() - 1 days",
    "last_changed_at within last 1 days",
    "uid in ('u1', 'u5')",
    "@golden and plan is not null",
];

/// Commands of every kind, including those that change the store.
const COMMANDS: &[&[&str]] = &[
    &["status"],
    &["history"],
    &["history", "-v"],
    &["history", "2"],
    &["history", "99"],
    &["changes", "3"],
    &["changes", "3", "--uid", "u1"],
    &["changes", "99"],
    &["show", "u1"],
    &["show", "U1"],
    &["show", "--email", "ADA@x.co"],
    &["show", "--number", "+12025550118"],
    &["attributes"],
    &["segments"],
    &["export"],
    &["export", "--format", "jsonl"],
    &["export", "--changed-since", "3", "--columns", "uid,plan"],
    &["export", "--as", "engage-api"],
    &["export", "--segment", "usage > 3"],
    &["check"],
    &["index", "plan"],
    &["index", "plan"],
    &["segment", "plan = 'Gold'", "--count"],
    &["index", "usage"],
    &["segment", "usage = 1000", "--count"],
    &["index", "plan", "--drop"],
    &["attributes", "--type", "usage=string"],
    &["export", "--columns", "uid,usage"],
    &["segment", "usage > 5"],
    &["segment", "plan within last 3 days"],
    &["retype", "plan=date"],
    &["segment", "plan > '2024-01-01'", "--count"],
    &["undo"],
    &["undo", "--dry-run"],
    &["undo"],
    &["undo"],
    &["export"],
    &["history"],
    &["forget", "u2", "--dry-run"],
    &["forget", "u2", "--block"],
    &["import", "users.csv", "--progress", "off"],
    &["import", "users.csv", "--progress", "off", "--history", "none"],
    &["undo"],
    &["forget", "u2", "--unblock"],
    &["history", "--prune", "--keep", "0"],
    &["check", "--repair"],
    &["inspect", "users.csv"],
    &["export"],
];

#[test]
fn every_command_has_the_same_result_on_both_stores() {
    let Some(both) = Both::new() else { return };
    both.write(
        "users.csv",
        "uid,first_name,email,number,plan,usage,active,device_token,device_platform,seen,it's \"x\"\n\
         u1,Ada,ada@x.co,+12025550117,Pro,100.50,true,t1,ios,2024-01-02,é\n\
         u2,Bob,bob@x.co,+12025550118,Free,3,false,,,2024-02-03,\n\
         u3,Çağ,c@x.co,,pro%_x,1e3,true,t3,android,2024-03-04,'quoted'\n\
         u4,Dan,invalid,,Pro,7,true,,,2024-05-06,\n",
    );
    let no_bar = ["--progress", "off"];
    both.same(&[&["import", "users.csv", "--dry-run"], &no_bar[..]].concat());
    both.same(&[&["import", "users.csv"], &no_bar[..]].concat());
    both.same(&[&["import", "users.csv"], &no_bar[..]].concat());
    both.write(
        "users.csv",
        "uid,first_name,email,number,plan,usage,active,device_token,device_platform,seen,it's \"x\"\n\
         u1,Ada,ada@x.co,+12025550117,Gold,100.5,true,t9,ios,2024-01-02,é\n\
         u3,Çağ,c@x.co,,pro%_x,1e3,false,t3,android,2024-03-04,'quoted'\n\
         u5,Eve,e@x.co,,Free,0,true,,,2024-07-08,\\back\n",
    );
    both.same(
        &[&["import", "users.csv", "--snapshot=archive", "--max-missing", "9"], &no_bar[..]]
            .concat(),
    );
    both.same(&["segment", "plan = 'Gold' or archived", "--save", "golden"]);
    for segment in SEGMENTS {
        both.same(&["segment", segment, "--count"]);
        both.same(&[
            "segment",
            segment,
            "--format",
            "csv",
            "--columns",
            "uid,plan,usage,device_token",
        ]);
    }
    for sort in ["usage", "plan:desc", "seen:desc", "archived", "device_token"] {
        both.same(&["segment", "archived or not archived", "--sort", sort, "--columns", "uid"]);
    }
    for arguments in COMMANDS {
        both.same(arguments);
    }
}

#[test]
fn random_histories_are_the_same_on_both_stores() {
    if Schema::new().is_none() {
        return;
    }
    let sequences = std::env::var("ENGAGE_MODEL_SEQUENCES").ok().map(|text| text.parse().unwrap());
    let cases = sequences.unwrap_or(12);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&steps(), |steps| is_the_same(&steps));
    run.unwrap_or_else(|error| panic!("{error}"));
}

fn is_the_same(steps: &[Step]) -> Result<(), TestCaseError> {
    let schema = Schema::new().unwrap();
    let (sqlite, postgres) = (Files::new(), Files::new());
    let url = StoreLocation::from(Path::new(&schema.url()));
    let location = |files: &Files, is_postgres: bool| -> StoreLocation {
        if is_postgres { url.clone() } else { files.store().into() }
    };
    let both = [location(&sqlite, false), location(&postgres, true)];
    let mut imports: Vec<&Import> = Vec::new();
    for step in steps {
        let asked = match step {
            Step::Import(asked) => Some(&**asked),
            Step::Again(index) if !imports.is_empty() => Some(imports[index % imports.len()]),
            _ => None,
        };
        if let Some(asked) = asked {
            imports.push(asked);
            let of = |files: &Files, store: &StoreLocation| {
                let options = ImportOptions { store: store.clone(), ..files.options(asked) };
                let folder = files.store().parent().unwrap().display().to_string();
                report(
                    &import(&options, &Meter::default(), &Interrupt::default()).unwrap(),
                    &folder,
                )
            };
            prop_assert_eq!(of(&sqlite, &both[0]), of(&postgres, &both[1]), "{:?}", asked);
        }
        let [one, other] = both.each_ref().map(|store| after(step, store));
        prop_assert_eq!(one, other, "{:?}", step);
        let [one, other] = both.each_ref().map(told);
        prop_assert_eq!(one, other, "{:?}", step);
    }
    Ok(())
}

/// A report without the fields that differ between stores.
fn report(outcome: &Outcome, folder: &str) -> serde_json::Value {
    let text = serde_json::to_string(outcome).unwrap().replace(folder, "");
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let fields = value.as_object_mut().unwrap();
    fields.remove("timing");
    fields.remove("store");
    value
}

/// Runs a step other than an import; returns its output.
fn after(step: &Step, store: &StoreLocation) -> String {
    let open = || open_for_writing(store, Duration::ZERO, &Interrupt::default());
    let Ok(writer) = open() else { return String::new() };
    match step {
        Step::Undo => {
            let done = writer.undo(None).map_err(|_| "not undone");
            writer.commit(None).unwrap();
            format!("{done:?}")
        }
        Step::Forget(uids) => {
            let done = writer.forget(uids).unwrap();
            let line = HistoryLine::failed(HistoryKind::Forget, &now(), &[]);
            writer.commit(Some(&line)).unwrap();
            format!("{done:?}")
        }
        Step::Prune(keep) => {
            let done = writer.prune(&Retention::Newest(*keep as u64)).unwrap();
            writer.commit(None).unwrap();
            format!("{done:?}")
        }
        Step::Import(_) | Step::Again(_) => String::new(),
    }
}

/// The content of a store as text, without times.
fn told(store: &StoreLocation) -> String {
    let Ok(reader) = open_for_reading(store) else { return "none".to_owned() };
    let mut told = String::new();
    let mut uids = Vec::new();
    let exported = reader.export(&ExportFilter::default(), |customer| {
        uids.push(customer.uid.to_owned());
        let devices: Vec<_> = customer.devices.iter().collect();
        let is_archived = customer.archived_at.is_some();
        let names = [customer.first_name, customer.last_name, customer.number, customer.email];
        let attributes = customer.attributes;
        let _ = writeln!(told, "{} {names:?} {attributes} {devices:?} {is_archived}", customer.uid);
        Ok::<(), StoreError>(())
    });
    exported.unwrap();
    let mut imports = Vec::new();
    let history = reader.history(None, |entry| {
        imports.push(entry.id);
        let _ = writeln!(told, "{} {} {:?}", entry.id, entry.status, entry.undo_log);
        Ok::<(), StoreError>(())
    });
    history.unwrap();
    for import in imports {
        let mut changes = Vec::new();
        let known = reader.changes(import, None, |change| {
            let states = [&change.before, &change.after].map(|state| {
                let customer = state.as_ref().map(|stored| &stored.customer);
                customer.map(|it| format!("{:?} {} {:?}", it.email, it.attributes, it.devices))
            });
            changes.push(format!("{:?} {} {states:?}", change.kind, change.uid()));
            Ok::<(), StoreError>(())
        });
        let _ = writeln!(told, "{import} {} {changes:?}", known.is_ok());
    }
    for uid in uids {
        let _ = writeln!(told, "{uid} {:?}", reader.provenance(&uid).unwrap());
    }
    let _ = writeln!(told, "{:?} {:?}", reader.catalogue().unwrap(), reader.check().unwrap());
    told
}

fn many(rows: usize, plan: &str) -> String {
    (0..rows).fold("uid,plan,email,device_token,device_platform\n".to_owned(), |mut text, row| {
        let _ = writeln!(text, "u{row},{plan},u{row}@x.co,t{row},ios");
        text
    })
}

/// Runs an import and kills it or its backend at points spread over its duration, of which
/// `ENGAGE_CRASH_POINTS` sets the number. The store is then as before or as after the import.
fn killed(kill: &dyn Fn(&Both, &str, &mut Child)) {
    let Some(both) = Both::new() else { return };
    let points = std::env::var("ENGAGE_CRASH_POINTS").ok().and_then(|text| text.parse().ok());
    let points: u32 = points.unwrap_or(5);
    both.postgres.write("first.csv", many(6_000, "Pro"));
    both.postgres.write("second.csv", many(6_500, "Free"));
    let name = format!("victim-{}", both.schema.name());
    let url = both.schema.url_with(&format!("&application_name={name}"));
    for (file, is_first) in [("first.csv", true), ("second.csv", false)] {
        let exported = || both.run(&["export"]).stdout;
        let revert = || {
            if is_first {
                both.schema.execute(&format!("DROP SCHEMA {} CASCADE", both.schema.name()));
            } else {
                assert_eq!(both.run(&["undo", "-q"]).code, 0);
            }
        };
        let before = exported();
        let started = Instant::now();
        assert_eq!(both.run(&["import", file, "-q"]).code, 0);
        let duration = started.elapsed();
        revert();
        assert!(exported() == before, "{file}");
        for point in 0..points {
            let mut command = both.postgres.command(&["import", file, "-q", "--wait", "60"]);
            command.env("ENGAGE_STORE", &url).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            sleep(duration * (2 * point + 1) / (2 * points));
            kill(&both, &name, &mut child);
            child.wait().unwrap();
            // The backend of a killed client may still be about to commit.
            let again = both.run(&["import", file, "--format", "json", "--wait", "60"]);
            assert_eq!(again.code, 0, "{file} at {point} of {points}: {again:?}");
            let customers = &again.report()["customers"];
            let [inserted, updated] = ["inserted", "updated"].map(|it| customers[it].as_u64());
            let all = if is_first { [Some(6_000), Some(0)] } else { [Some(500), Some(6_000)] };
            let none = [Some(0), Some(0)];
            let found = [inserted, updated];
            assert!(found == all || found == none, "{file} at {point} of {points}: {again:?}");
            assert_eq!(both.run(&["check"]).code, 0);
            // If it was killed after its commit, two imports are in the history.
            for _ in 0..2 {
                if exported() != before {
                    revert();
                }
            }
            assert!(exported() == before, "{file} at {point} of {points}");
        }
        assert_eq!(both.run(&["import", file, "-q"]).code, 0);
    }
    assert_eq!(both.run(&["segment", "plan = 'Free'", "--count"]).stdout, "6500\n");
}

#[test]
fn a_killed_import_changes_nothing() {
    killed(&|_, _, child| {
        let _ = child.kill();
    });
}

#[test]
fn an_import_whose_backend_is_terminated_at_any_point_changes_nothing() {
    killed(&|both, name, _| both.terminate(name));
}

#[test]
fn an_import_whose_backend_is_terminated_changes_nothing() {
    let Some(both) = Both::new() else { return };
    both.postgres.write("first.csv", many(20_000, "Pro"));
    assert_eq!(both.run(&["import", "first.csv", "-q"]).code, 0);
    let before = both.exported();
    both.postgres.write("second.csv", many(200_000, "Free"));
    let mut command = both.postgres.command(&["import", "second.csv"]);
    let name = format!("victim-{}", both.schema.name());
    let url = both.schema.url_with(&format!("&application_name={name}"));
    command.env("ENGAGE_STORE", url).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    sleep(Duration::from_millis(1500));
    both.terminate(&name);
    let run: Run = child.wait_with_output().unwrap().into();
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("was lost"), "{run:?}");
    assert_eq!(both.exported(), before);
}

/// Imports a file through a proxy that cuts the connection at the commit.
fn import_and_lose(both: &Both, lost: Lost, file: &str) -> Run {
    let proxy = Proxy::start(lost);
    both.run_as(&both.schema.url_with(&proxy.parameters()), &["import", file, "--format", "json"])
}

#[test]
fn after_a_lost_answer_to_a_commit_its_result_is_looked_up() {
    let Some(both) = Both::new() else { return };
    both.postgres.write("first.csv", many(200, "Pro"));
    both.postgres.write("second.csv", many(300, "Free") + "u301,Free,invalid,,\n");
    let run = import_and_lose(&both, Lost::Answer, "first.csv");
    assert_eq!((run.code, &run.report()["customers"]["inserted"]), (0, &200.into()), "{run:?}");
    let run = import_and_lose(&both, Lost::Answer, "second.csv");
    let report = run.report();
    assert_eq!((run.code, &report["customers"]["updated"]), (3, &200.into()), "{run:?}");
    assert_eq!((&report["customers"]["inserted"], &report["import_id"]), (&100.into(), &2.into()));
    assert!(both.postgres.read("second.rejects.csv").contains("u301"));
    assert_eq!(both.run(&["segment", "plan = 'Free'", "--count"]).stdout, "300\n");
    assert_eq!(both.run(&["check"]).code, 0);
}

#[test]
fn a_commit_that_never_arrives_changes_nothing() {
    let Some(both) = Both::new() else { return };
    both.postgres.write("first.csv", many(200, "Pro"));
    both.postgres.write("second.csv", many(300, "Free") + "u301,Free,invalid,,\n");
    let run = import_and_lose(&both, Lost::Commit, "first.csv");
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(both.run(&["status"]).code, 1);
    assert_eq!(both.run(&["import", "first.csv", "-q"]).code, 0);
    let before = both.exported();
    let run = import_and_lose(&both, Lost::Commit, "second.csv");
    assert_eq!((run.code, &run.report()["status"]), (1, &"failed".into()), "{run:?}");
    assert!(run.stderr.contains("was lost"), "{run:?}");
    assert!(run.stderr.contains("nothing was changed"), "{run:?}");
    assert_eq!(both.exported(), before);
    assert!(!both.postgres.exists("second.rejects.csv"));
}

#[test]
fn a_commit_that_cannot_be_looked_up_is_unknown() {
    let Some(both) = Both::new() else { return };
    both.postgres.write("first.csv", many(200, "Pro"));
    assert_eq!(both.run(&["import", "first.csv", "-q"]).code, 0);
    both.postgres.write("second.csv", many(300, "Free") + "u301,Free,invalid,,\n");
    let proxy = Proxy::start(Lost::Server);
    let url = both.schema.url_with(&proxy.parameters());
    let run = both.run_as(&url, &["import", "second.csv", "--format", "json"]);
    assert_eq!((run.code, &run.report()["status"]), (1, &"failed".into()), "{run:?}");
    assert!(run.stderr.contains("it is unknown whether import 2 was committed"), "{run:?}");
    assert!(run.stderr.contains("engage history"), "{run:?}");
    assert!(!run.stderr.contains("nothing was changed"), "{run:?}");
    // It was committed, and the next import renames the file of rejected records.
    proxy.bring_back();
    assert!(both.run_as(&url, &["history", "2"]).stdout.contains("second.csv"));
    assert_eq!(both.run_as(&url, &["import", "first.csv", "-q"]).code, 0);
    assert!(both.postgres.read("second.rejects.csv").contains("u301"));
}

#[test]
fn imports_exclude_each_other_but_not_readers() {
    let Some(both) = Both::new() else { return };
    both.postgres.write("users.csv", "uid,plan\nu1,Pro\n");
    assert_eq!(both.run(&["import", "users.csv", "-q"]).code, 0);
    let mut command = both.postgres.command(&["import", "-", "-q"]);
    command.env("ENGAGE_STORE", both.schema.url()).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(many(40_000, "Free").as_bytes()).unwrap();
    sleep(Duration::from_millis(1500));
    assert_eq!(both.run(&["segment", "plan = 'Pro'", "--count"]).stdout, "1\n");
    let busy = both.run(&["import", "users.csv", "--wait", "1"]);
    assert_eq!(busy.code, 1, "{busy:?}");
    assert!(busy.stderr.contains("engage import -"), "{busy:?}");
    assert!(busy.stderr.contains("backend "), "{busy:?}");
    drop(input);
    assert!(child.wait().unwrap().success());
    assert_eq!(both.run(&["import", "users.csv", "-q"]).code, 0);
}

#[test]
fn errors_have_one_line_and_a_hint() {
    let Some(both) = Both::new() else { return };
    both.postgres.write("users.csv", "uid,plan\nu1,Pro\n");
    let fails = |url: &str, arguments: &[&str], code: i32, message: &str| {
        let run = both.run_as(url, arguments);
        assert_eq!(run.code, code, "{run:?}");
        assert!(run.stderr.contains(message), "{message}: {run:?}");
        assert!(run.stderr.contains("\nhint: "), "{run:?}");
        assert!(!run.stderr.contains("s3cret"), "{run:?}");
        assert_eq!(run.stderr.lines().filter(|line| line.starts_with("error: ")).count(), 1);
    };
    let url = both.schema.url();
    fails("postgres://u:s3cret@127.0.0.1:1/d", &["status"], 1, "cannot be reached");
    fails("postgres://u@/d?host=/nowhere", &["status"], 1, "cannot be reached");
    fails("postgres://u:s3cret@h/d?sslmod=x", &["status"], 2, "the parameters are");
    fails("postgres://u:s3cret@h/d?schema=pg_x", &["status"], 2, "the schema name");
    fails(&url, &["status"], 1, "there is no customer store");
    fails(&url, &["backup", "b.db"], 2, "is in PostgreSQL");
    fails(&url, &["restore", "b.db"], 2, "is in PostgreSQL");
    let run = both.postgres.run(&["status", "--store", "postgres://u:s3cret@127.0.0.1/d"]);
    assert_eq!((run.code, run.stderr.contains("s3cret")), (2, false), "{run:?}");
    assert!(run.stderr.contains("every user of this machine"), "{run:?}");
    let read_only = both.schema.url_with("&options=-c%20default_transaction_read_only%3Don");
    fails(&read_only, &["import", "users.csv"], 1, "is read-only");
    assert_eq!(both.run(&["import", "users.csv", "-q"]).code, 0);
    fails(&read_only, &["import", "users.csv"], 1, "is read-only");
    fails(&read_only, &["undo"], 1, "is read-only");
    assert_eq!(both.run_as(&read_only, &["status"]).code, 0);
    let missing = url.replace("/postgres?", "/no_such_database?");
    if missing != url {
        fails(&missing, &["status"], 1, "has no database no_such_database");
    }
    both.schema.execute("CREATE TABLE other (x int)");
    fails(&url, &["status"], 1, "the table or view other");
    both.schema.execute("DROP TABLE other; CREATE RULE r AS ON DELETE TO customers DO NOTHING");
    fails(&url, &["import", "users.csv"], 1, "the rule r");
    both.schema.execute(
        "DROP RULE r ON customers;
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    );
    fails(&url, &["import", "users.csv"], 1, "the function f");
    both.schema
        .execute("DROP FUNCTION f; UPDATE settings SET value = '9' WHERE name = 'schema_version'");
    fails(&url, &["status"], 1, "was created by a newer engage");
    both.schema.execute("UPDATE settings SET value = '1' WHERE name = 'schema_version'");
    assert_eq!(both.run(&["check"]).code, 0);
}

#[test]
fn a_role_with_select_reads_and_a_schema_made_beforehand_serves_a_role_without_create() {
    let Some(both) = Both::new() else { return };
    both.postgres.write("users.csv", "uid,plan\nu1,Pro\n");
    let (name, reader) = (both.schema.name(), format!("r_{}", both.schema.name()));
    let writer = format!("w_{name}");
    both.schema.execute(&format!(
        "CREATE ROLE {reader} LOGIN PASSWORD 's3cret'; CREATE ROLE {writer} LOGIN PASSWORD 's3cret';
         CREATE SCHEMA {name} AUTHORIZATION {writer}"
    ));
    let of = |role: &str| {
        let user =
            server().split_once("://").unwrap().1.split(['@', ':']).next().unwrap().to_owned();
        both.schema.url().replacen(&format!("//{user}@"), &format!("//{role}:s3cret@"), 1)
    };
    let run = both.run_as(&of(&writer), &["import", "users.csv", "-q"]);
    assert_eq!(run.code, 0);
    assert!(run.stderr.starts_with("created a new store at postgres://"), "{run:?}");
    assert!(!run.stderr.contains("s3cret"), "{run:?}");
    let refused = both.run_as(&of(&reader), &["status"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("denies permission"), "{refused:?}");
    both.schema.execute(&format!(
        "GRANT USAGE ON SCHEMA {name} TO {reader};
         GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO {reader}"
    ));
    for arguments in [
        &["status"][..],
        &["history"],
        &["show", "u1"],
        &["export"],
        &["attributes"],
        &["segment", "plan = 'Pro'"],
        &["changes", "1"],
        &["check"],
        &["import", "users.csv", "--dry-run"],
    ] {
        let run = both.run_as(&of(&reader), arguments);
        assert_eq!(run.code, 0, "{arguments:?} {run:?}");
    }
    let refused = both.run_as(&of(&reader), &["import", "users.csv"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("denies permission"), "{refused:?}");
    both.schema.execute(&format!(
        "DROP SCHEMA {name} CASCADE; DROP OWNED BY {reader}; DROP ROLE {reader}; DROP ROLE {writer}"
    ));
}

#[test]
fn values_keep_their_form_and_hostile_ones_are_inert() {
    let Some(both) = Both::new() else { return };
    let text = "uid,plan,a'; DROP TABLE x; --,usage\n\
                u1,\"'; DROP TABLE customers; --\",\"\\ \"\"q\"\" {a} $1 ?1\",1.10\n\
                u2,\u{202e}abc,\u{1f600},-0\n\
                u3,nul\0here,x,1e5\n";
    both.write("users.csv", text);
    both.same(&["import", "users.csv", "--progress", "off", "--type", "usage=number"]);
    both.same(&["export"]);
    assert_eq!(both.postgres.read("users.rejects.csv"), both.sqlite.read("users.rejects.csv"));
    assert!(both.postgres.read("users.rejects.csv").contains("value.type"));
    both.same(&["segment", "plan = '''; DROP TABLE customers; --'", "--count"]);
}

/// Long customers are loaded separately from short ones.
#[test]
fn long_values_are_merged_and_undone() {
    let Some(both) = Both::new() else { return };
    let file = |plan: &str, city: &str| {
        let (long, token) = (city.repeat(3000), "t".repeat(1500));
        format!(
            "uid,plan,city,device_token,device_platform\n\
             u1,{plan},{city},t1,ios\nu2,{plan},{long},t2,ios\nu3,{plan},{city},{token},ios\n\
             u4,{plan},{long},{token},android\nu5,{plan},{city},,\n"
        )
    };
    both.write("users.csv", &file("Pro", "é"));
    both.same(&["import", "users.csv", "--progress", "off"]);
    both.write("users.csv", &file("Free", "x"));
    both.same(&["import", "users.csv", "--progress", "off"]);
    both.same(&["export"]);
    both.same(&["changes", "2"]);
    both.write("users.csv", "uid,plan\nu1,Gold\nu2,Gold\nu4,Gold\n");
    both.same(&[
        "import",
        "users.csv",
        "--progress",
        "off",
        "--snapshot=archive",
        "--max-missing",
        "9",
    ]);
    both.same(&["undo"]);
    both.same(&["undo"]);
    both.same(&["export"]);
    both.same(&["check"]);
}

/// The state of deliveries is kept as in SQLite: nothing is sent twice, forgotten customers are
/// reported, and events resume.
#[cfg(feature = "push")]
#[test]
fn a_push_sends_the_same_from_both_stores() {
    use crate::engage_api::EngageApi;
    use crate::pushing::{CUSTOMERS, command};
    let Some(both) = Both::new() else { return };
    let apis = [EngageApi::start(), EngageApi::start()];
    let sent = |arguments: &[&str]| {
        let stores = [(&both.sqlite, "engage.db".to_owned()), (&both.postgres, both.schema.url())];
        let [one, other] = [0, 1].map(|place| {
            let (sandbox, store) = &stores[place];
            let mut command = command(sandbox, &apis[place], arguments);
            let run: Run = command.env("ENGAGE_STORE", store).output().unwrap().into();
            let mut lines = apis[place].take_lines();
            lines.sort();
            let said = format!("{}{}", run.stdout, run.stderr).replace(&apis[place].url(), "API");
            (run.code, lines, compared(&said, store))
        });
        assert_eq!(one, other, "{arguments:?}");
        one
    };
    both.write("users.csv", CUSTOMERS);
    both.same(&["import", "users.csv", "-q"]);
    let push = ["push", "--rate", "0", "--connections", "1"];
    assert_eq!(sent(&push).1.len(), 3);
    assert_eq!(sent(&push).1.len(), 0);
    both.write("users.csv", &CUSTOMERS.replace("Basic", "Gold"));
    both.same(&["import", "users.csv", "-q"]);
    assert_eq!(sent(&[&push[..], &["--dry-run"]].concat()).1.len(), 0);
    assert_eq!(sent(&push).1.len(), 1);
    sent(&["show", "u-1"]);
    let events = "{\"uid\":\"u-1\",\"body\":{\"event\":\"Paid\"}}\n".repeat(3);
    both.write("events.jsonl", &events);
    let push_events = [&push[..], &["--events", "events.jsonl"]].concat();
    assert_eq!(sent(&push_events).1.len(), 3);
    assert_eq!(sent(&push_events).1.len(), 0);
    sent(&["forget", "u-1"]);
    sent(&["check"]);
    sent(&push);
}
