//! Nightly imports that go wrong: stopped, late, truncated or undone. Each reports what it did, and
//! loses no data.

use crate::sandbox::Sandbox;
use std::fs;

/// A file of `count` customers, of which the first `bad` have an invalid email.
fn night(count: u32, bad: u32) -> String {
    let email = |n| if n < bad { format!("u{n}@") } else { format!("u{n}@example.com") };
    let rows = (0..count).map(|n| format!("{n},{},Pro\n", email(n)));
    format!("id,email,plan\n{}", rows.collect::<String>())
}

/// A store of ten customers, one of them rejected.
fn first_night() -> Sandbox {
    let sandbox = Sandbox::with("u.csv", night(10, 1));
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    sandbox
}

#[test]
fn an_unrelated_guard_keeps_the_rejects_and_suggests_no_fix() {
    let sandbox = first_night();
    let rejects = sandbox.read("u.rejects.csv");
    // Too many customers are missing.
    sandbox.write("u.csv", night(4, 2));
    for options in [&[][..], &["-q"]] {
        let run = sandbox.run(&[&["import", "u.csv", "--snapshot=archive"][..], options].concat());
        assert_eq!(run.code, 5, "{run:?}");
        assert!(!run.seen().contains("Fix them"), "{run:?}");
        assert!(!run.seen().contains("rejects.csv"), "{run:?}");
    }
    assert_eq!(sandbox.read("u.rejects.csv"), rejects);
    assert_eq!(sandbox.files(), ["engage.db", "u.csv", "u.rejects.csv"]);
    let run = sandbox.run(&["import", "u.csv", "--snapshot=archive", "--format", "json"]);
    assert_eq!(run.report()["rejects"]["files"], serde_json::json!([]));
    // The HTML report does not suggest a fix either.
    let run = sandbox.run(&["import", "u.csv", "--snapshot=archive", "--report", "r.html"]);
    assert_eq!(run.code, 5, "{run:?}");
    assert!(!sandbox.read("r.html").contains("Fix the rejected"));
}

#[test]
fn rejects_of_a_stopped_import_do_not_replace_earlier_ones() {
    let sandbox = first_night();
    let rejects = sandbox.read("u.rejects.csv");
    for bad in [5, 6] {
        sandbox.write("u.csv", night(10, bad));
        let run = sandbox.run(&["import", "u.csv", "--max-rejects", "2"]);
        assert_eq!(run.code, 5, "{run:?}");
        assert!(run.stdout.contains("They are in u.rejects.2.csv, with their reasons."), "{run:?}");
        assert!(!run.stdout.contains("Fix them"), "{run:?}");
        assert_eq!(sandbox.read("u.rejects.csv"), rejects);
        let lines = sandbox.read("u.rejects.2.csv").lines().count();
        assert_eq!(lines, 1 + bad as usize, "a later night replaces those of the earlier one");
        assert_eq!(sandbox.files(), ["engage.db", "u.csv", "u.rejects.2.csv", "u.rejects.csv"]);
    }
    // `status` does not list them: the whole input must be fixed.
    let status = sandbox.run(&["status"]);
    assert!(status.stdout.contains("rejects      1 record in u.rejects.csv\n"), "{status:?}");
    // The next good import removes them.
    sandbox.write("u.csv", night(10, 0));
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    assert_eq!(sandbox.files(), ["engage.db", "u.csv"]);
}

#[test]
fn status_ignores_an_undone_import_and_its_rejects() {
    let sandbox = first_night();
    sandbox.write("v.csv", "id,email\n20,bad\n21,v@example.com\n");
    assert_eq!(sandbox.run(&["import", "v.csv"]).code, 3);
    let status = sandbox.run(&["status"]).stdout;
    assert!(status.contains(", with rejects: v.csv, 1 new") && status.contains("v.rejects.csv"));
    let undo = sandbox.run(&["undo"]);
    assert_eq!(
        undo.stdout,
        "  1 removed\nImport 2 undone.\nThe last change is now import 1: 9 new.\n"
    );
    let status = sandbox.run(&["status"]).stdout;
    assert!(status.contains("last import  1, ") && status.contains(": u.csv, 9 new"), "{status}");
    assert!(!status.contains("v.rejects.csv") && status.contains("u.rejects.csv"), "{status}");
    let json = sandbox.run(&["status", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["last_import"]["id"], &json["last_import"]["status"]),
        (&1.into(), &"partial".into())
    );
    assert!(sandbox.run(&["undo"]).stdout.ends_with("Nothing left to undo.\n"));
    assert!(sandbox.run(&["status"]).stdout.contains("last import  none"));
}

#[test]
fn an_undo_names_what_it_reverts_and_the_next_change() {
    let sandbox = Sandbox::with("u.csv", "id,zip\n1,1234\n2,5678\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    assert_eq!(sandbox.run(&["attributes", "--type", "zip=string"]).code, 0);
    let run = sandbox.run(&["undo", "--dry-run"]);
    assert!(run.stdout.contains("Change of types 2 would be undone."), "{run:?}");
    assert!(run.stdout.ends_with("The last change would then be import 1: 2 new.\n"), "{run:?}");
    let run = sandbox.run(&["undo"]);
    assert!(run.stdout.contains("Change of types 2 undone."), "{run:?}");
    assert!(run.stdout.ends_with("The last change is now import 1: 2 new.\n"), "{run:?}");
}

/// The import after which nothing changed is in the history, but there is nothing of it to see.
#[test]
fn the_last_change_is_not_an_import_that_changed_nothing() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n");
    sandbox.run(&["import", "u.csv"]);
    sandbox.run(&["import", "u.csv"]);
    sandbox.write("u.csv", "id,plan\n1,Free\n");
    sandbox.run(&["import", "u.csv"]);
    let run = sandbox.run(&["undo"]);
    assert!(run.stdout.ends_with("The last change is now import 1: 1 new.\n"), "{run:?}");
    let run = sandbox.run(&["changes"]);
    let line = "Import 1, the last that changed something: 1 customer\n";
    assert!(run.stdout.ends_with(line), "{run:?}");
    let run = sandbox.run(&["changes", "1"]);
    assert!(run.stdout.ends_with("Import 1: 1 customer\n"), "{run:?}");
}

#[test]
fn late_rejects_are_warned_about() {
    let sandbox = Sandbox::with("u-1.csv", night(5, 2));
    assert_eq!(sandbox.run(&["import", "u-1.csv"]).code, 3);
    let fix = |from: &str, to: &str| {
        let fixed = sandbox.read("u-1.rejects.csv").replace(from, to);
        sandbox.write("u-1.rejects.csv", fixed);
    };
    // Before the next night there is no warning. Records that are rejected again still belong to
    // the first night.
    fix("u0@,", "u0@example.com,");
    let run = sandbox.run(&["import", "u-1.rejects.csv"]);
    assert_eq!((run.code, run.stderr.as_str()), (3, ""), "{run:?}");
    sandbox.write("u-2.csv", night(5, 0).replace("Pro", "Max"));
    assert_eq!(sandbox.run(&["import", "u-2.csv"]).code, 0);
    fix("u1@,", "u1@example.com,");
    let run = sandbox.run(&["import", "u-1.rejects.csv", "-q"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        run.stderr,
        "warning: u-1.rejects.csv has rejects of import 1, but import 3 of u-2.csv is newer: \
         its values may be older than the stored ones\n"
    );
    assert_eq!(sandbox.customer("1", "plan"), "Pro");
    assert_eq!(sandbox.run(&["undo"]).code, 0);
    // After the later import is undone, there is no warning.
    assert_eq!(sandbox.run(&["undo"]).code, 0);
    let run = sandbox.run(&["import", "u-1.rejects.csv", "-q"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
}

#[test]
fn a_truncated_snapshot_archives_and_deletes_nothing() {
    let sandbox = Sandbox::with("u.csv", night(40, 0));
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    let before = sandbox.exported();
    let whole = night(38, 0);
    for (cut, is_cut_off) in [
        (whole.trim_end().strip_suffix(",Pro").unwrap().to_owned(), true),
        (format!("{whole}38,\"u38@exa"), true),
        (format!("{}\n", whole.trim_end().strip_suffix(",Pro").unwrap()), false),
        (whole.trim_end().to_owned(), false),
    ] {
        sandbox.write("u.csv", &cut);
        for action in ["--snapshot=archive", "--snapshot=delete"] {
            let run =
                sandbox.run(&["import", "u.csv", action, "--max-rejects", "10%", "--dry-run"]);
            assert_eq!(run.code, if is_cut_off { 5 } else { 0 }, "{cut} {run:?}");
        }
        if !is_cut_off {
            continue;
        }
        let run =
            sandbox.run(&["import", "u.csv", "--snapshot=archive", "--max-rejects", "10%", "-q"]);
        assert_eq!(run.code, 5, "{run:?}");
        assert!(
            run.stderr.contains("error: u.csv seems to be cut off: its last record"),
            "{run:?}"
        );
        assert!(run.stderr.contains("is incomplete and has no line end"), "{run:?}");
        assert_eq!(sandbox.exported(), before);
        // Without an action, no customer is archived or deleted, so the import is not stopped.
        for options in [&[][..], &["--snapshot"]] {
            let run = sandbox.run(&[&["import", "u.csv", "--dry-run"][..], options].concat());
            assert_eq!(run.code, 3, "{run:?}");
            assert!(run.stderr.contains("warning: u.csv seems to be cut off"), "{run:?}");
        }
    }
}

#[test]
fn a_truncated_file_stops_the_snapshot_of_several_files() {
    let sandbox = Sandbox::with("a.csv", night(20, 0));
    let cut = night(20, 0).replace("id,email,plan\n", "").replace('\n', "\n1");
    sandbox.write("b.csv", format!("id,email,plan\n1{}", cut.trim_end_matches(",Pro\n1")));
    let both = ["import", "b.csv", "a.csv"];
    assert_eq!(sandbox.run(&both).code, 3);
    let run = sandbox.run(&[&both[..], &["--snapshot=archive", "--max-rejects", "9"]].concat());
    assert_eq!(run.code, 5, "{run:?}");
    assert!(run.stderr.contains("error: b.csv seems to be cut off"), "{run:?}");
}

#[test]
fn a_new_store_is_reported_even_with_quiet() {
    let sandbox = Sandbox::with("u.csv", night(3, 0));
    let run = sandbox.run(&["import", "u.csv", "-q", "--dry-run"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    let run = sandbox.run(&["import", "u.csv", "-q"]);
    let store = fs::canonicalize(sandbox.path("engage.db")).unwrap();
    assert_eq!(run.stderr, format!("created a new store at {}\n", store.display()));
    assert_eq!(run.stdout, "");
    let run = sandbox.run(&["import", "u.csv", "-q"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    // An existing store without customers is not new.
    assert_eq!(sandbox.run(&["undo"]).code, 0);
    let run = sandbox.run(&["import", "u.csv", "-q"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn status_finds_the_rejects_from_any_folder_and_lists_each_once() {
    let sandbox = first_night();
    let path = fs::canonicalize(sandbox.path("u.csv")).unwrap();
    assert_eq!(sandbox.run(&["import", path.to_str().unwrap()]).code, 3);
    fs::create_dir(sandbox.path("elsewhere")).unwrap();
    let status = |folder: &str, store: &str| {
        let mut command = sandbox.command(&["status", "--store", store]);
        command.current_dir(sandbox.path(folder));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let here = status(".", "engage.db");
    assert!(here.contains("rejects      1 record in u.rejects.csv\n"), "{here}");
    let there = status("elsewhere", "../engage.db");
    let rejects = path.with_file_name("u.rejects.csv");
    let line = format!("rejects      1 record in {}\n", rejects.display());
    assert!(there.contains(&line), "{there}");
}

#[test]
fn a_renamed_rejects_file_is_not_rewritten() {
    let sandbox = Sandbox::with("u.csv", night(5, 2));
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    let fixed = sandbox.read("u.rejects.csv").replace("u0@,", "u0@example.com,");
    sandbox.write("fixed.csv", &fixed);
    let run = sandbox.run(&["import", "fixed.csv"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(sandbox.read("fixed.csv"), fixed);
    assert!(run.stdout.contains("They are in fixed.rejects.csv"), "{run:?}");
    assert!(run.stdout.contains("engage import fixed.rejects.csv"), "{run:?}");
    // With the name that engage gave it, it is rewritten with fewer records.
    sandbox.write("u.rejects.csv", &fixed);
    assert_eq!(sandbox.run(&["import", "u.rejects.csv"]).code, 3);
    assert_eq!(sandbox.read("u.rejects.csv").lines().count(), 2);
}
