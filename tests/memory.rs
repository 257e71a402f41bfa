//! Memory stays within its limit for records of any length.

#![cfg(target_os = "linux")]

use crate::sandbox::Sandbox;
use std::fmt::Write as _;
use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

/// The limit for a store with few customers, in KiB.
const MOST: u64 = 150 << 10;
const COLUMNS: usize = 240;
const RECORDS: usize = 3;

/// Records of 15 MiB each, with cells of the maximum length.
fn file(uid: impl Fn(usize) -> usize, email: &str, fill: &str) -> String {
    let names: Vec<String> = (0..COLUMNS).map(|column| format!("c{column}")).collect();
    let mut text = format!("id,email,{}\n", names.join(","));
    let cell = fill.repeat(65_500 / fill.len());
    for record in 0..RECORDS {
        let _ = write!(text, "{},{email}", uid(record));
        for column in 0..COLUMNS {
            let _ = write!(text, ",{record}{column}{cell}");
        }
        text.push('\n');
    }
    text
}

/// Runs the program and checks its peak memory, for a store with few customers.
fn within_bound(sandbox: &Sandbox, arguments: &[&str], code: i32) {
    within_bound_for(0, sandbox, arguments, code);
}

fn within_bound_for(customers: u64, sandbox: &Sandbox, arguments: &[&str], code: i32) {
    let mut command = sandbox.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let exit = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<u64>().ok());
        most = most.max(peak.unwrap_or_default());
        if let Some(exit) = child.try_wait().unwrap() {
            break exit;
        }
        sleep(Duration::from_millis(1));
    };
    assert_eq!(exit.code(), Some(code), "{arguments:?}");
    assert!(most > 1 << 10, "{arguments:?}: it was never seen");
    let limit = MOST + customers * 40 / 1024;
    assert!(most <= limit, "{arguments:?}: {most} KiB, more than {limit}");
}

#[test]
fn long_records_are_imported_and_changed() {
    let sandbox = Sandbox::with("a.csv", file(|n| n, "a@example.com", "x"));
    sandbox.write("b.csv", file(|n| n, "a@example.com", "y"));
    within_bound(&sandbox, &["import", "a.csv", "--dry-run"], 0);
    within_bound(&sandbox, &["import", "a.csv"], 0);
    within_bound(&sandbox, &["import", "a.csv"], 0);
    within_bound(&sandbox, &["import", "b.csv", "--dry-run"], 0);
    within_bound(&sandbox, &["import", "b.csv", "--accepted", "accepted.csv"], 0);
    assert_eq!(sandbox.count(), 3);
    assert_eq!(sandbox.sql("SELECT count(*) FROM changes"), ["3"]);
    within_bound(&sandbox, &["changes", "3", "--format", "jsonl"], 0);
    within_bound(&sandbox, &["show", "2"], 0);
    within_bound(&sandbox, &["check"], 0);
    within_bound(&sandbox, &["export", "-o", "out.csv"], 0);
    within_bound(&sandbox, &["undo"], 0);
    within_bound(&sandbox, &["forget", "1"], 0);
}

/// Their uids are sorted next to the page cache, which is large because of the changes.
#[test]
fn many_new_customers_with_long_uids_are_added_to_changed_ones() {
    let records = |from: u32, to: u32, plan: &str| {
        let mut records = String::new();
        for number in from..to {
            let uid = u64::from(number) * 7_919_993 % 1_000_003;
            let _ = writeln!(records, "{uid:0230},{plan}");
        }
        records
    };
    let sandbox = Sandbox::with("a.csv", format!("id,plan\n{}", records(0, 30_000, "Free")));
    within_bound_for(30_000, &sandbox, &["import", "a.csv"], 0);
    let (changed, new) = (records(0, 30_000, "Pro"), records(30_000, 150_000, "Pro"));
    sandbox.write("b.csv", format!("id,plan\n{changed}{new}"));
    within_bound_for(150_000, &sandbox, &["import", "b.csv"], 0);
    assert_eq!(
        sandbox.sql("SELECT count(*), count(DISTINCT uid) FROM customers"),
        ["150000|150000"]
    );
    assert_eq!(sandbox.sql("PRAGMA integrity_check"), ["ok"]);
}

#[test]
fn long_records_of_one_customer_are_merged() {
    let sandbox = Sandbox::with("a.csv", file(|_| 1, "a@example.com", "x"));
    within_bound(&sandbox, &["import", "a.csv"], 0);
    within_bound(&sandbox, &["import", "a.csv"], 0);
    within_bound(&sandbox, &["import", "a.csv", "--dry-run"], 0);
    assert_eq!(sandbox.count(), 1);
}

#[test]
fn long_records_are_rejected() {
    let good = file(|n| n, "a@example.com", "x").replacen(",a@", ",b@", 1);
    let sandbox = Sandbox::with("bad.csv", good.replacen(",a@example.com", ",invalid", 2));
    within_bound(&sandbox, &["import", "bad.csv"], 3);
    let cell = "x".repeat(15 << 20);
    let long: Vec<String> = (1..RECORDS).map(|n| format!("{n},\"{cell}\"\n{n},{cell}\n")).collect();
    let long = long.concat();
    let sandbox = Sandbox::with("long.csv", format!("id,note\n0,fine\n{long}"));
    within_bound(&sandbox, &["import", "long.csv"], 3);
    within_bound(&sandbox, &["import", "long.rejects.csv"], 5);
}

#[test]
fn many_files_share_one_sample() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..8).map(|n| format!("{n}.csv")).collect();
    let text = file(|n| n, "a@example.com", "x");
    let one: Vec<&str> = text.split_inclusive('\n').take(2).collect();
    for name in &names {
        sandbox.write(name, one.concat());
    }
    let mut arguments = vec!["import"];
    arguments.extend(names.iter().map(String::as_str));
    within_bound(&sandbox, &arguments, 0);
}

/// The size of a stored customer is limited too, because customers are kept in memory like records.
#[test]
fn a_customer_with_too_many_attributes_is_rejected() {
    let mut text = file(|n| n, "a@example.com", "\\");
    let _ = writeln!(text, "9,a@example.com{}", ",x".repeat(COLUMNS));
    let sandbox = Sandbox::with("a.csv", text);
    within_bound(&sandbox, &["import", "a.csv"], 3);
    assert_eq!(sandbox.customers("uid"), ["9"]);
    let rejects = fs::read(sandbox.path("a.rejects.csv")).unwrap();
    let told = memchr::memmem::find(&rejects, b"record.too_long: its customer would have more");
    assert!(told.is_some());
}

#[test]
fn several_records_may_not_make_a_customer_too_long() {
    let half = |columns: std::ops::Range<usize>, uid: &str| {
        let cell = "x".repeat(65_000);
        let cells: Vec<&str> = (0..COLUMNS + 80)
            .map(|column| if columns.contains(&column) { cell.as_str() } else { "" })
            .collect();
        format!("{uid},{}\n", cells.join(","))
    };
    let names: Vec<String> = (0..COLUMNS + 80).map(|column| format!("c{column}")).collect();
    let head = format!("id,{}\n", names.join(","));
    let (first, second) = (half(0..160, "1"), half(160..320, "1"));
    let sandbox = Sandbox::with("a.csv", format!("{head}{first}{second}"));
    let dry = sandbox.run(&["import", "a.csv", "--dry-run", "--format", "json"]);
    let run = sandbox.run(&["import", "a.csv", "--format", "json"]);
    assert_eq!((dry.code, run.code), (3, 3), "{run:?}");
    assert_eq!(dry.report()["rejects"]["by_code"], run.report()["rejects"]["by_code"]);
    assert_eq!(run.report()["rejects"]["by_code"][0]["code"], "record.too_long");
    let again = Sandbox::with("a.csv", format!("{head}{first}"));
    again.write("b.csv", format!("{head}{second}{}", half(1..2, "2")));
    assert_eq!(again.run(&["import", "a.csv"]).code, 0);
    assert_eq!(again.run(&["import", "b.csv"]).code, 3);
    let sql = "SELECT octet_length(attributes) > 9000000 FROM customers ORDER BY uid";
    assert_eq!(again.sql(sql), ["1", "0"]);
}
