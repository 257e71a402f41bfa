//! Reports for programs, and output that programs must not get.

use crate::sandbox::{Run, Sandbox};
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn the_report_is_complete_and_holds_no_cell_of_the_file() {
    let sandbox = Sandbox::with_fixture("users.csv");
    let run = sandbox.run(&["import", "users.csv", "--format", "json"]);
    let mut report = run.report();
    report["timing"] = serde_json::Value::Null;
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
    assert!(!run.stdout.contains("anna@"));
    let stored = sandbox.sql("SELECT report FROM imports").concat();
    assert!(!stored.contains("anna@"));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&stored).unwrap()["import_id"], 1);
}

/// Values that messages quote are not in any report, whether it is printed, written or stored.
#[test]
fn reports_do_not_contain_values_quoted_in_messages() {
    let files: [(&str, &[u8], &str); 4] = [
        ("guessed.csv", b"id,name\n1,J\xfcrgen M\xfcller\n2,Andr\xe9\n", "Jürgen"),
        ("bare.csv", b"1,ada@example.com,Pro\n2,joao@example.com,Free\n", "ada@example.com"),
        ("title.csv", b"Friends of Ada\n\nid,plan,city\n1,Pro,Lagos\n2,Free,Abuja\n", "Ada"),
        ("events.csv", b"event,time,distinct_id\nPaid by Ada,2026-11-02T10:14:00Z,1\n", "Ada"),
    ];
    for (name, content, cell) in files {
        let sandbox = Sandbox::with(name, content);
        sandbox.write("first.csv", "id\nx\n");
        assert_eq!(sandbox.run(&["import", "first.csv", "-q"]).code, 0);
        for page in ["report.json", "report.html"] {
            let run = sandbox.run(&["import", name, "--report", page, "--format", "json"]);
            assert!(run.stderr.contains(cell), "{name}: a person sees it: {run:?}");
            assert!(!run.stdout.contains(cell), "{name}: {run:?}");
            assert!(!sandbox.read(page).contains(cell), "{name}: {page}");
        }
        let history = sandbox.sql("SELECT report FROM imports").concat();
        assert!(!history.contains(cell), "{name}: {history}");
        let run = sandbox.run(&["history", "2"]);
        assert!(!run.stdout.contains(cell), "{name}: {run:?}");
    }
}

#[test]
fn quiet_prints_nothing_on_success() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    let run = sandbox.run(&["import", "u.csv", "-q"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    sandbox.write("u.csv", "id,email\n1,a@\n2,\n");
    let run = sandbox.run(&["import", "u.csv", "-q"]);
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("1 record rejected"), "{run:?}");
}

#[test]
fn values_of_a_file_are_escaped() {
    let file = "id,em\u{1b}ail,email\n1,\u{1b}[31mred,\u{1b}[2J\u{202e}x@\n2,,\n";
    let sandbox = Sandbox::with("u.csv", file);
    for arguments in [&["import", "u.csv"][..], &["import", "u.csv", "-v"]] {
        let run = sandbox.run(arguments);
        assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{202e}'), "{run:?}");
        assert!(!run.stderr.contains('\u{1b}'), "{run:?}");
    }
}

#[test]
fn colours_are_only_used_if_requested() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    assert!(sandbox.run(&["import", "u.csv", "--color", "always"]).stdout.contains("\u{1b}["));
    assert!(!sandbox.run(&["import", "u.csv"]).stdout.contains('\u{1b}'));
}

#[test]
fn plain_progress_prints_lines_and_a_pipe_gets_none() {
    let rows: Vec<String> = (0..1000).map(|id| id.to_string()).collect();
    let sandbox = Sandbox::with("u.csv", format!("id\n{}\n", rows.join("\n")));
    assert_eq!(sandbox.run(&["import", "u.csv"]).stderr, "");
    assert_eq!(sandbox.run(&["import", "u.csv", "--progress", "plain"]).code, 0);
}

#[test]
fn a_report_is_written_for_every_outcome_of_an_import() {
    use crate::sandbox::check_report;
    let sandbox = Sandbox::with("u.csv", "id,email\n1,a@\n2,\n");
    let written = |arguments: &[&str], status: &str| {
        let run = sandbox.run(&[arguments, &["--report", "r.json"]].concat());
        let report = serde_json::from_str(&sandbox.read("r.json")).unwrap();
        check_report(&report);
        assert_eq!(report["status"], status, "{run:?}");
        assert_eq!(report["exit_code"], run.code);
    };
    written(&["import", "u.csv"], "partial");
    written(&["import", "u.csv", "--dry-run"], "dry_run");
    written(&["import", "u.csv", "--max-rejects", "0"], "stopped");
    written(&["import", "u.csv", "--key", "number"], "refused");
    written(&["import", "nowhere.csv"], "failed");
}

#[test]
fn the_summary_fits_narrow_and_wide_screens_and_counts_as_people_do() {
    let file = "id,Имя,very_long_column_name_of_a_real_system,first_name,email\n\
                1,Мария,x,中村,a@\n2,Олег,y,João,b@example.com\n3,👩‍👩‍👧,z,,\n";
    let sandbox = Sandbox::with("u.csv", file);
    let run = sandbox.run(&["import", "u.csv"]);
    insta::assert_snapshot!(run.seen());
    assert!(run.stdout.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 100));
}

#[test]
fn a_clean_import_is_short() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n2,Free\n");
    assert!(sandbox.run(&["import", "u.csv"]).stdout.lines().count() <= 12);
    let again = sandbox.run(&["import", "u.csv"]);
    insta::assert_snapshot!(again.seen(), @r"
    u.csv: 2 records, UTF-8, comma, keyed by id
      0 new · 0 changed · 2 unchanged
    Import 2 is in engage.db (TIME).
    exit 0
    ");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_before_the_import() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    std::fs::create_dir(sandbox.path("r.json")).unwrap();
    for report in ["r.json", "no/r.json"] {
        let run = sandbox.run(&["import", "u.csv", "--report", report]);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains(&format!("the report {report} cannot be written")), "{run:?}");
        assert!(run.stderr.contains("nothing was imported"), "{run:?}");
    }
    assert_eq!(sandbox.files(), ["r.json", "u.csv"]);
}

#[test]
fn a_report_that_can_no_longer_be_written_changes_the_exit_code() {
    for (more, code, said) in [("1,b@example.com\n", 6, "Import 1 is in"), ("", 5, "no record")] {
        let sandbox = Sandbox::new();
        let mut command = sandbox.command(&["import", "-", "--report", "r.json"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"id,email\n").unwrap();
        // The program has now checked the path of the report, and waits for records.
        std::thread::sleep(Duration::from_millis(500));
        std::fs::create_dir(sandbox.path("r.json")).unwrap();
        input.write_all(more.as_bytes()).unwrap();
        drop(input);
        let run: Run = child.wait_with_output().unwrap().into();
        assert_eq!(run.code, code, "{run:?}");
        assert!(run.stderr.contains("warning: the report r.json cannot be written"), "{run:?}");
        assert!(run.seen().contains(said), "{run:?}");
    }
}
