//! Rejected records are kept with their reasons, and can be fixed and imported.

use crate::sandbox::{Run, Sandbox};
use engage::output::{Purpose, TemporaryFiles};
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn fixed_rejects_complete_the_import() {
    let sandbox = Sandbox::with_fixture("users.csv");
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 3);
    insta::assert_snapshot!(sandbox.read("users.rejects.csv"));
    let fixed = sandbox
        .read("users.rejects.csv")
        .replace("anna@,", "anna@example.com,")
        .replace("0803 555 0123", "+2348035550123")
        .replace("2.34803E+12", "+2348035550124")
        .replace("4.68769E+17", "1011");
    sandbox.write("users.rejects.csv", fixed);
    let run = sandbox.run(&["import", "users.rejects.csv", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let report = run.report();
    assert_eq!(report["records"]["accepted"], 4);
    assert_eq!(report["customers"]["inserted"], 4);
    assert_eq!(sandbox.count(), 11);
    assert_eq!(
        sandbox.attribute_types(),
        ["monthly_usage|number", "newsletter|boolean", "plan|string", "signup_date|date"]
    );
}

#[test]
fn all_errors_of_a_record_are_reported() {
    let sandbox = Sandbox::with("u.csv", "id,email,phone,first_name\n,a@,12,\"a\tb\"\n1,,,\n");
    let run = sandbox.run(&["import", "u.csv", "--key", "uid", "--format", "json"]);
    assert_eq!(run.code, 3);
    let codes: Vec<String> = run.report()["rejects"]["by_code"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["code"].as_str().unwrap().to_owned())
        .collect();
    for code in ["uid.missing", "email.invalid", "number.not_international", "name.invalid"] {
        assert!(codes.iter().any(|found| found == code), "{code} in {codes:?}");
    }
    assert_eq!(run.report()["records"]["rejected"], 1);
}

#[test]
fn a_broken_record_keeps_its_bytes() {
    let content = b"id,plan\n1,Pro\n2,\"open\n3,caf\xe9\n4,a,b\n5,Free\n";
    let sandbox = Sandbox::with("u.csv", content);
    let run = sandbox.run(&["import", "u.csv", "--encoding", "utf-8"]);
    assert_eq!(run.code, 3, "{run:?}");
    let rejects = sandbox.read("u.rejects.csv");
    insta::assert_snapshot!(rejects, @r#"
    id,plan,_record,_line,_errors,_raw
    ,,2,3,"record: record.quote: a quote is not closed, or text follows the closing quote","2,""open"
    ,,3,4,record: record.encoding: bytes that are not valid in the file's encoding,"3,caf\xE9"
    ,,4,5,record: record.fields: 3 fields for 2 columns,"4,a,b"
    "#);
    // Imported without a fix, all records are rejected again and none is lost.
    let again = sandbox.run(&["import", "u.rejects.csv", "--rejects", "again.csv"]);
    assert_eq!(again.code, 5, "{again:?}");
    let again = sandbox.read("again.csv");
    for raw in ["\"2,\"\"open\"", "\"3,caf\\xE9\"", "\"4,a,b\""] {
        assert!(again.contains(raw), "{raw} in {again}");
    }
}

#[test]
fn a_clean_import_removes_stale_rejects_and_says_so() {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,a@\n2,b@example.com\n");
    sandbox.run(&["import", "u.csv"]);
    assert!(sandbox.exists("u.rejects.csv"));
    sandbox.write("u.csv", "id,email\n1,a@example.com\n2,b@example.com\n");
    let run = sandbox.run(&["import", "u.csv"]);
    assert!(!sandbox.exists("u.rejects.csv"));
    assert!(run.stdout.contains("removed u.rejects.csv of an earlier import"), "{run:?}");
}

#[test]
fn printed_commands_name_the_same_store() {
    let sandbox = Sandbox::with("a b.csv", "id,email\n1,a@\n2,b@example.com\n");
    let run = sandbox.run(&["import", "a b.csv", "--store", "my store.db"]);
    let command = "\n    engage import 'a b.rejects.csv' --store 'my store.db'\n";
    assert!(run.stdout.contains(command), "{run:?}");
    let inspected = sandbox.run(&["inspect", "a b.csv", "--store", "my store.db"]);
    assert!(inspected.stdout.contains("import 'a b.csv' --store 'my store.db'"), "{inspected:?}");
}

#[test]
fn only_a_completed_import_removes_earlier_rejects() {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,a@\n2,b@example.com\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    let rejects = sandbox.read("u.rejects.csv");
    let clean = "id,email\n2,b@example.com\n";
    for (file, options, code) in [
        ("id,email\n", &[][..], 5),
        (clean, &["--dry-run"], 0),
        (clean, &["--snapshot", "--max-missing", "0"], 0),
    ] {
        sandbox.write("u.csv", file);
        let run = sandbox.run(&[&["import", "u.csv"], options].concat());
        assert_eq!(run.code, code, "{run:?}");
        let is_done = !options.contains(&"--dry-run") && code == 0;
        assert_eq!(sandbox.exists("u.rejects.csv"), !is_done, "{run:?}");
        assert_eq!(run.stdout.contains("removed u.rejects.csv"), is_done, "{run:?}");
        assert!(is_done || sandbox.read("u.rejects.csv") == rejects);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_name_that_is_not_utf_8_works() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    let folder = sandbox.path("").join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("u.csv"), "id,email\n1,a@\n2,b@example.com\n").unwrap();
    for _ in 0..2 {
        let mut command = sandbox.command(&["import", "u.csv"]);
        let run: Run = command.current_dir(&folder).output().unwrap().into();
        assert_eq!(run.code, 3, "{run:?}");
        let rejects = std::fs::read_to_string(folder.join("u.rejects.csv")).unwrap();
        assert!(rejects.contains("1,a@,1,2,"), "{rejects}");
    }
}

#[test]
fn a_file_that_cannot_be_renamed_does_not_fail_the_import() {
    let sandbox = Sandbox::new();
    let arguments = ["import", "-", "--rejects", "bad.csv", "--accepted", "clean.csv"];
    let mut command = sandbox.command(&arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"id,email\n0,a@\n").unwrap();
    // More records than the sample needs, so that the import begins and waits for the rest.
    for number in 1..60_000 {
        writeln!(input, "{number},user{number}@example.com").unwrap();
    }
    let parts = || sandbox.files().into_iter().filter(|name| name.starts_with(".engage-"));
    let started = Instant::now();
    while parts().count() < 2 {
        assert!(started.elapsed() < Duration::from_secs(30), "it never wrote both");
        std::thread::sleep(Duration::from_millis(20));
    }
    for name in ["bad.csv", "clean.csv"] {
        std::fs::create_dir(sandbox.path(name)).unwrap();
    }
    drop(input);
    let run: Run = child.wait_with_output().unwrap().into();
    assert_eq!(run.code, 6, "{run:?}");
    assert!(run.stdout.contains("Import 1 is in engage.db"), "{run:?}");
    for name in ["bad.csv", "clean.csv"] {
        assert!(run.stderr.contains(&format!("{name} could not be renamed")), "{run:?}");
    }
    assert_eq!(sandbox.count(), 59999);
    assert_eq!(parts().count(), 2);
    // After the name is free, the next change renames the file.
    std::fs::remove_dir(sandbox.path("bad.csv")).unwrap();
    assert_eq!(sandbox.run(&["history", "--prune", "--keep", "9"]).code, 0);
    assert!(sandbox.read("bad.csv").contains("0,a@,1,2,"));
}

#[test]
fn a_foreign_file_is_not_overwritten() {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,a@\n");
    sandbox.write("u.rejects.csv", "precious,data\n1,2\n");
    let run = sandbox.run(&["import", "u.csv"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(sandbox.read("u.rejects.csv"), "precious,data\n1,2\n");
}

#[test]
fn an_output_is_never_an_input() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    assert_eq!(sandbox.run(&["import", "u.csv", "--rejects", "./u.csv"]).code, 2);
    assert_eq!(sandbox.run(&["import", "u.csv", "--store", "u.csv"]).code, 2);
    assert_eq!(sandbox.run(&["import", "u.csv", "--rejects", "engage.db"]).code, 2);
    assert_eq!(sandbox.files(), ["u.csv"]);
}

#[test]
fn a_stale_rejects_file_is_recognised_with_any_columns() {
    let file = "id,email,\"a\nnote\"\n1,a@,x\n2,b@example.com,y\n";
    let sandbox = Sandbox::with("u.csv", file);
    for _ in 0..2 {
        assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    }
}

#[test]
fn the_next_change_completes_a_pending_rename() {
    let commands: [&[&str]; 6] = [
        &["undo"],
        &["forget", "2"],
        &["history", "--prune", "--keep", "1"],
        &["index", "email"],
        &["segment", "email is null", "--save", "silent"],
        &["import", "clean.csv"],
    ];
    for command in commands {
        let sandbox = Sandbox::with("u.csv", "id,email\n1,a@\n2,b@example.com\n");
        sandbox.write("clean.csv", "id,email\n1,a@example.com\n");
        assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
        // The state after a kill between the commit and the rename.
        let target = sandbox.path("u.rejects.csv");
        let files = TemporaryFiles::of_store(&sandbox.path("engage.db"));
        let file = files.create(Purpose::Import, &target).unwrap();
        let entry = serde_json::json!([[file.path(), target]]);
        std::fs::rename(&target, file.path()).unwrap();
        file.keep();
        assert_eq!(sandbox.sql("SELECT count(rejects) FROM imports"), ["0"], "cleared once named");
        sandbox.execute(&format!("UPDATE imports SET rejects = '{entry}'"));
        assert_eq!(sandbox.run(&["history"]).code, 0);
        assert!(!sandbox.exists("u.rejects.csv"), "a command that reads writes nothing");
        let run = sandbox.run(command);
        assert_eq!(run.code, 0, "{command:?} {run:?}");
        assert!(sandbox.read("u.rejects.csv").contains("1,a@,1,2,"), "{command:?}");
        assert_eq!(sandbox.sql("SELECT count(rejects) FROM imports"), ["0"], "{command:?}");
    }
}

const STORED: &str = "uid,email,first_name,attributes";

/// Cells that a spreadsheet may read as formulas, and cells that only look protected.
const FORMULAS: [&str; 14] = [
    "=1+1",
    "+49 1512 3456789",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "'=1",
    "''",
    "'tis",
    "'",
    "plain",
    "=cmd|' /C calc'!A0, \"x\"",
];

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// A file of records whose emails end in `mail`; without a domain all of them are rejected.
fn with_formulas(mail: &str) -> String {
    use std::fmt::Write as _;
    let mut file = "id,email,=note\n".to_owned();
    for (number, cell) in FORMULAS.iter().enumerate() {
        let id = if number % 2 == 0 { format!("{number}") } else { format!("=u{number}") };
        writeln!(file, "{id},u{number}@{mail},{}", quoted(cell)).unwrap();
    }
    file
}

#[test]
fn cells_of_a_rejects_file_are_not_formulas_and_are_restored() {
    let sandbox = Sandbox::with("u.csv", with_formulas(""));
    sandbox.run(&["import", "u.csv", "-m", "email=email"]);
    let rejects = sandbox.read("u.rejects.csv");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(rejects.as_bytes());
    for row in reader.records() {
        for cell in &row.unwrap() {
            let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝'];
            assert!(!cell.starts_with(formula), "{cell:?} in {rejects}");
        }
    }
    sandbox.write("fixed.csv", rejects.replace("@,", "@example.org,"));
    let fixed = sandbox.run(&["import", "fixed.csv", "-m", "=note=note"]);
    assert_eq!(fixed.code, 0, "{fixed:?}");
    sandbox.write("good.csv", with_formulas("example.org"));
    let good = ["import", "good.csv", "--store", "good.db", "-m", "=note=note"];
    assert_eq!(sandbox.run(&good).code, 0);
    assert_eq!(sandbox.customers(STORED), sandbox.customers_in("good.db", STORED));
}

#[test]
fn a_row_that_is_rejected_repeatedly_stays_unchanged() {
    let sandbox = Sandbox::with("u.csv", with_formulas("") + "=open,\"x\n");
    sandbox.run(&["import", "u.csv"]);
    sandbox.run(&["import", "u.rejects.csv", "--rejects", "again.csv"]);
    let cells = |name: &str| -> Vec<Vec<String>> {
        let text = sandbox.read(name);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows = reader.records().map(|row| row.unwrap());
        rows.map(|row| [0, 1, 2, 6].map(|column| row[column].to_owned()).to_vec()).collect()
    };
    let first = cells("u.rejects.csv");
    assert!(first.iter().any(|row| row[3] == "'=open,\"x"), "{first:?}");
    assert_eq!(first, cells("again.csv"));
}

#[test]
fn a_rejects_file_of_an_earlier_version_is_read_literally() {
    let sandbox = Sandbox::with(
        "old.csv",
        "id,email,'=x,_record,_line,_errors,_raw\n\
         1,a@example.org,'=1,1,2,email: email.invalid: x,\n\
         2,b@example.org,''=1,2,3,email: email.invalid: x,\n",
    );
    let import = ["import", "old.csv", "-m", "'=x=note"];
    assert_eq!(sandbox.run(&import).code, 0);
    let notes = sandbox.customers("note");
    // The first apostrophe was added by a spreadsheet.
    assert_eq!(notes, ["=1", "''=1"]);
}

#[test]
fn edits_in_a_protected_row_are_taken_literally() {
    let sandbox = Sandbox::with("u.csv", "id,email,note,more\n1,a@,=1,-5\n2,b@,=2,x\n");
    sandbox.run(&["import", "u.csv"]);
    // A file that was edited in a text editor and saved by a spreadsheet that quotes each text.
    let edited = "\"id\";\"email\";\"note\";\"more\";\"_record'\";\"_line\";\"_errors\";\"_raw\"\r\n\
                  1;\"a@example.org\";\"'tis\";\"'-5\";\"1'\";2;\"x\";\r\n\
                  2;\"b@example.org\";\"=3\";\"'x\";\"2'\";3;\"x\";\r\n";
    sandbox.write("u.rejects.csv", edited);
    let run = sandbox.run(&["import", "u.rejects.csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.customers("note,more"), ["'tis|-5", "=3|'x"]);
}
