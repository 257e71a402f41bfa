//! Rejects are not lost by a dry run, the next import or a spreadsheet.

use crate::sandbox::Sandbox;

const ONE_BAD: &str = "id,email\n1,a@\n2,b@example.com\n";
const TWO_BAD: &str = "id,email\n1,a@\n2,b@example.com\n3,c@\n";

#[test]
fn a_dry_run_writes_and_lists_only_requested_files() {
    let sandbox = Sandbox::with("u.csv", ONE_BAD);
    let run = sandbox.run(&["import", "u.csv", "--dry-run"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(sandbox.files(), ["u.csv"]);
    assert!(run.stdout.contains("Dry run: nothing was written"), "{run:?}");
    assert!(run.stdout.contains("use --rejects FILE to write one"), "{run:?}");
    let files = ["--rejects", "bad.csv", "--accepted", "good.csv", "--report", "r.json"];
    let run = sandbox.run(&[&["import", "u.csv", "--dry-run"], &files[..]].concat());
    assert!(run.stdout.contains("Wrote bad.csv, good.csv, r.json."), "{run:?}");
    assert_eq!(sandbox.files(), ["bad.csv", "good.csv", "r.json", "u.csv"]);
    // The import writes the same bytes, so the file does not count as edited.
    let run = sandbox.run(&["import", "u.csv", "--rejects", "bad.csv"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(sandbox.files(), ["bad.csv", "engage.db", "good.csv", "r.json", "u.csv"]);
}

#[test]
fn an_edited_rejects_file_is_not_replaced() {
    let sandbox = Sandbox::with("u.csv", ONE_BAD);
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    // An unedited file is replaced.
    sandbox.write("u.csv", TWO_BAD);
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    assert_eq!(sandbox.files(), ["engage.db", "u.csv", "u.rejects.csv"]);
    let edited = sandbox.read("u.rejects.csv").replace("a@,", "a@example.com,");
    sandbox.write("u.rejects.csv", &edited);
    // A dry run does not replace the edited file either. The numbered file is replaced every night.
    for options in [&[][..], &[], &["--dry-run"]] {
        let run = sandbox.run(&[&["import", "u.csv"], options].concat());
        assert_eq!(run.code, 3, "{run:?}");
        assert_eq!(sandbox.read("u.rejects.csv"), edited);
        assert_eq!(sandbox.files().len(), 4, "{:?}", sandbox.files());
        let has_warning =
            run.stderr.contains("u.rejects.csv was edited or belongs to another store");
        assert_eq!(has_warning, options.is_empty(), "{run:?}");
        assert!(!has_warning || run.stderr.contains("the new rejects are in u.rejects.2.csv"));
        assert!(!has_warning || run.stdout.contains("engage import u.rejects.2.csv"), "{run:?}");
    }
    // A clean import removes the numbered file, and the edited one stays.
    sandbox.write("u.csv", "id,email\n2,b@example.com\n");
    let run = sandbox.run(&["import", "u.csv", "-q"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.files(), ["engage.db", "u.csv", "u.rejects.csv"]);
    assert!(run.stderr.contains("it was kept: import it, or remove it"), "{run:?}");
    // After its corrections are imported, the file may be replaced.
    let run = sandbox.run(&["import", "u.rejects.csv"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(sandbox.run(&["import", "u.csv", "-q"]).stderr, "");
    assert_eq!(sandbox.files(), ["engage.db", "u.csv"]);
}

#[test]
fn an_imported_rejects_file_may_only_get_smaller() {
    let sandbox = Sandbox::with("u.csv", TWO_BAD);
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    let edited = sandbox.read("u.rejects.csv").replace("a@,", "a@example.com,");
    sandbox.write("u.rejects.csv", &edited);
    // A dry run or a stopped import does not change the file.
    for options in [&["--dry-run"][..], &["--max-rejects", "0"]] {
        let run = sandbox.run(&[&["import", "u.rejects.csv"], options].concat());
        assert!([3, 5].contains(&run.code), "{run:?}");
        assert_eq!(sandbox.read("u.rejects.csv"), edited);
    }
    let run = sandbox.run(&["import", "u.rejects.csv"]);
    assert_eq!(run.code, 3, "{run:?}");
    let left = sandbox.read("u.rejects.csv");
    assert!(left.contains("3,c@,") && !left.contains("a@example.com"), "{left}");
    assert_eq!(sandbox.files(), ["engage.db", "u.csv", "u.rejects.csv"]);
    // After the last correction the file stays, in case the import is undone.
    sandbox.write("u.rejects.csv", left.replace("c@,", "c@example.com,"));
    let run = sandbox.run(&["import", "u.rejects.csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(sandbox.exists("u.rejects.csv"));
    assert_eq!(sandbox.customers("uid,email").len(), 3);
    // The next import replaces it.
    let run = sandbox.run(&["import", "u.csv"]);
    assert_eq!((run.code, run.stderr.as_str()), (3, ""));
    assert!(sandbox.read("u.rejects.csv").contains("a@,"));
}

#[test]
fn corrections_of_an_undone_import_count_as_edits_again() {
    let sandbox = Sandbox::with("u.csv", ONE_BAD);
    sandbox.run(&["import", "u.csv"]);
    let edited = sandbox.read("u.rejects.csv").replace("a@,", "a@example.com,");
    sandbox.write("u.rejects.csv", &edited);
    assert_eq!(sandbox.run(&["import", "u.rejects.csv"]).code, 0);
    assert_eq!(sandbox.run(&["undo"]).code, 0);
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    assert_eq!(sandbox.read("u.rejects.csv"), edited);
}

#[test]
fn the_same_command_works_every_night() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("in")).unwrap();
    sandbox.write("in/a.csv", ONE_BAD);
    sandbox.write("in/b.csv", "id,email\n4,d@\n5,e@example.com\n");
    let night = |more: &[&str]| {
        let mut inputs: Vec<String> = std::fs::read_dir(sandbox.path("in"))
            .unwrap()
            .map(|entry| format!("in/{}", entry.unwrap().file_name().to_str().unwrap()))
            .collect();
        inputs.sort();
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        sandbox.run(&[&["import"], &inputs[..], &["--accepted", "in/clean.csv"], more].concat())
    };
    let first = night(&[]);
    assert_eq!((first.code, first.stderr.as_str()), (3, ""));
    let second = night(&[]);
    assert_eq!(second.code, 3, "{second:?}");
    insta::assert_snapshot!(second.stderr, @r"
    skipped in/a.rejects.csv: it has the rejects of in/a.csv
    skipped in/b.rejects.csv: it has the rejects of in/b.csv
    skipped in/clean.csv: it has accepted records of the other files
    ");
    assert!(second.stdout.contains("0 new · 0 changed · 2 unchanged"), "{second:?}");
    assert_eq!(night(&["-q"]).stderr, "");
    // Without --accepted, the history shows that engage wrote the file.
    let inputs = ["import", "in/a.csv", "in/b.csv", "in/clean.csv"];
    let run = sandbox.run(&inputs);
    assert!(run.stderr.contains("skipped in/clean.csv"), "{run:?}");
    // On its own, a rejects file is an ordinary input.
    assert_eq!(sandbox.run(&["import", "in/a.rejects.csv"]).code, 5);
}

#[test]
fn a_rejects_file_has_a_byte_order_mark_if_a_spreadsheet_needs_it() {
    for (bytes, has_mark) in [
        (&b"id,name,email\n1,Ren\xc3\xa9,a@\n2,b,b@example.com\n"[..], false),
        (b"\xef\xbb\xbfid,name,email\n1,Ren\xc3\xa9,a@\n2,b,b@example.com\n", true),
        (b"id,name,email\n1,Ren\xe9,a@\n2,Jos\xe9,b@example.com\n", true),
    ] {
        let sandbox = Sandbox::with("u.csv", bytes);
        for _ in 0..2 {
            let run = sandbox.run(&["import", "u.csv"]);
            assert_eq!(run.code, 3, "{run:?}");
        }
        let rejects = sandbox.read("u.rejects.csv");
        assert_eq!(rejects.starts_with('\u{feff}'), has_mark, "{rejects}");
        assert!(rejects.contains("René"), "{rejects}");
        // The second import replaced the file, and did not write a second one.
        assert_eq!(sandbox.files(), ["engage.db", "u.csv", "u.rejects.csv"]);
        sandbox.write("u.rejects.csv", rejects.replace("a@,", "a@example.com,"));
        let run = sandbox.run(&["import", "u.rejects.csv"]);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(sandbox.customer("1", "email"), "a@example.com");
    }
}

/// Records that are rejected again replace the file that was imported.
#[test]
fn a_rejects_file_that_is_rewritten_keeps_its_byte_order_mark() {
    let bytes = b"id;name;email\n1;Ren\xe9;a@\n2;b;b@\n3;Jos\xe9;c@example.com\n";
    for options in [&[][..], &["--encoding", "utf-8"]] {
        let sandbox = Sandbox::with("u.csv", bytes);
        sandbox.run(&["import", "u.csv"]);
        let rejects = sandbox.read("u.rejects.csv");
        sandbox.write("u.rejects.csv", rejects.replace("a@;", "a@example.com;"));
        let run = sandbox.run(&[&["import", "u.rejects.csv"], options].concat());
        assert_eq!(run.code, 3, "{run:?}");
        let rewritten = sandbox.read("u.rejects.csv");
        assert!(rewritten.starts_with('\u{feff}') && !rewritten.contains("René"), "{rewritten}");
    }
    // A mark is kept even if the encoding was given.
    let sandbox = Sandbox::with("u.csv", "\u{feff}id,email\n1,a@\n2,b@example.com\n");
    sandbox.run(&["import", "u.csv", "--encoding", "utf-8"]);
    assert!(sandbox.read("u.rejects.csv").starts_with('\u{feff}'));
}
