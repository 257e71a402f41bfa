//! Event data is refused with its evidence; a customer list that mentions events is not.

use crate::sandbox::Sandbox;
use std::fs;
use std::path::{Path, PathBuf};

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_event_export_is_refused_and_nothing_is_written() {
    let files = fixtures("events");
    assert!(files.len() >= 25);
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let sandbox = Sandbox::with(name, fs::read(&file).unwrap());
        let run = sandbox.run(&["import", name]);
        assert_eq!(run.code, 4, "{name} {run:?}");
        assert!(run.stderr.contains("direct import takes attributes only"), "{name} {run:?}");
        assert!(run.stderr.contains("one row per customer"), "{name} {run:?}");
        assert!(!run.stderr.contains("--skip"), "{name} {run:?}");
        let lines = run.stderr.lines().map(|line| line.chars().count().div_ceil(80));
        assert!(lines.sum::<usize>() <= 24, "{name} {run:?}");
        assert_eq!(sandbox.files(), [name]);
    }
}

#[test]
fn a_customer_list_that_resembles_events_is_imported() {
    let files = fixtures("border");
    assert!(files.len() >= 25);
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let sandbox = Sandbox::with(name, fs::read(&file).unwrap());
        // An account's id next to its owner's `user_id` needs a manual mapping.
        let by_hand = match name {
            "accounts_with_owner.csv" => &["-m", "id=uid"][..],
            _ => &[],
        };
        let run = sandbox.run(&[&["import", name, "--dry-run"], by_hand].concat());
        assert!(!run.stderr.contains("attributes only"), "{name} {run:?}");
    }
}

#[test]
fn a_refusal_shows_what_was_seen_and_the_ways_on() {
    let file = "event,time,distinct_id\nOrder placed,2026-11-02T10:14:00Z,u-1\n\
                Page viewed,2026-11-02T10:15:00Z,u-1\n\u{1b}[2J,2026-11-02T10:16:00Z,u-2\n";
    let sandbox = Sandbox::with("track.csv", file);
    insta::assert_snapshot!(sandbox.run(&["import", "track.csv"]).seen());
    let run = sandbox.run(&["import", "track.csv", "--format", "json", "--report", "r.json"]);
    let report = run.report();
    assert_eq!((&report["status"], &report["exit_code"]), (&"refused".into(), &4.into()));
    assert_eq!(sandbox.read("r.json"), run.stdout);
}

#[test]
fn skipping_or_mapping_the_named_column_clears_a_wrong_refusal() {
    let file = "id,event,date\n1,Gala,2026-01-01\n2,Gala,2026-01-02\n3,Fair,2026-02-02\n";
    let sandbox = Sandbox::with("guests.csv", file);
    assert_eq!(sandbox.run(&["import", "guests.csv"]).code, 4);
    assert_eq!(sandbox.run(&["import", "guests.csv", "--skip", "event"]).code, 0);
    assert_eq!(sandbox.run(&["import", "guests.csv", "-m", "event=last_event"]).code, 0);
}
