//! Several files are one import, with one change, one line in the history, and rejects for each
//! file.

use super::sandbox::{Run, Sandbox};
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write as _;

/// Customers in three files, each in another dialect; one customer is in two of them.
fn parts() -> Sandbox {
    let sandbox =
        Sandbox::with("part-1.csv", "id,email,city\n1,ann@example.com,Oslo\n2,bad,Rome\n");
    let (second, _, _) = encoding_rs::WINDOWS_1252
        .encode("EMAIL;City;ID\r\nbo@example.com;Köln;3\r\nalso bad;Århus;4\r\n");
    sandbox.write("part-2.csv", second);
    let mut third = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    third
        .write_all(b"CITY\tid\temail\nLagos\t1\tann@example.org\nAccra\t5\tcy@example.com\n")
        .unwrap();
    sandbox.write("part-3.csv.gz", third.finish().unwrap());
    sandbox
}

const PARTS: [&str; 3] = ["part-1.csv", "part-2.csv", "part-3.csv.gz"];

fn import(sandbox: &Sandbox, more: &[&str]) -> Run {
    sandbox.run(&[&["import"], &PARTS[..], &["--key", "uid"], more].concat())
}

const CUSTOMERS: &str = "uid,email,attributes";

#[test]
fn columns_may_be_in_any_order_and_each_file_has_its_own_dialect() {
    let sandbox = parts();
    let run = import(&sandbox, &["--format", "json"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(
        sandbox.customers(CUSTOMERS),
        [
            r#"1|ann@example.org|{"city":"Lagos"}"#,
            r#"3|bo@example.com|{"city":"Köln"}"#,
            r#"5|cy@example.com|{"city":"Accra"}"#,
        ]
    );
    let report = run.report();
    assert_eq!(
        report["records"],
        json!({"read": 6, "accepted": 4, "rejected": 2, "skipped": 0, "merged": 1})
    );
    let sources = report["sources"].as_array().unwrap();
    let told: Vec<String> = sources
        .iter()
        .map(|s| format!("{} {} {} {}", s["path"], s["encoding"], s["delimiter"], s["records"]))
        .collect();
    assert_eq!(
        told,
        [
            r#""part-1.csv" "UTF-8" "," 2"#,
            r#""part-2.csv" "windows-1252" ";" 2"#,
            r#""part-3.csv.gz" "UTF-8" "\t" 2"#,
        ]
    );
    assert_eq!(sandbox.history().len(), 1);
}

#[test]
fn a_person_sees_every_file_and_where_the_rejects_are() {
    let run = import(&parts(), &[]);
    insta::assert_snapshot!(run.seen());
}

#[test]
fn each_file_has_its_own_rejects_and_fixing_them_completes_the_import() {
    let sandbox = parts();
    assert_eq!(import(&sandbox, &[]).code, 3);
    let first = sandbox.read("part-1.rejects.csv");
    let second = sandbox.read("part-2.rejects.csv");
    assert!(
        first.starts_with("id,email,city,_record,_line,_errors,_raw\n2,bad,Rome,2,3,"),
        "{first}"
    );
    assert!(
        second
            .starts_with("\u{feff}EMAIL;City;ID;_record;_line;_errors;_raw\nalso bad;Århus;4;2;3;"),
        "{second}"
    );
    assert!(!sandbox.exists("part-3.rejects.csv"));
    sandbox.write("part-1.rejects.csv", first.replace("bad", "bea@example.com"));
    sandbox.write("part-2.rejects.csv", second.replace("also bad", "dag@example.com"));
    let run = sandbox.run(&["import", "part-1.rejects.csv", "part-2.rejects.csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    let customers = sandbox.customers(CUSTOMERS);
    assert_eq!(customers.len(), 5);
    assert!(customers.contains(&r#"4|dag@example.com|{"city":"Århus"}"#.to_owned()));
}

#[test]
fn a_folder_may_be_named_for_the_rejects() {
    let sandbox = parts();
    std::fs::create_dir(sandbox.path("bad")).unwrap();
    assert_eq!(import(&sandbox, &["--rejects", "bad"]).code, 3);
    assert!(sandbox.exists("bad/part-1.rejects.csv") && sandbox.exists("bad/part-2.rejects.csv"));
    assert!(!sandbox.exists("part-1.rejects.csv"));
}

#[test]
fn a_second_import_changes_nothing_and_validates_no_record_again() {
    let sandbox = parts();
    import(&sandbox, &[]);
    let before = sandbox.exported();
    let report = import(&sandbox, &["--format", "json"]).report();
    // The customer who is in two files changes during the import, and ends up unchanged.
    assert_eq!(report["customers"]["unchanged"], 3);
    assert_eq!(report["customers"]["updated"], 0);
    assert_eq!(sandbox.exported(), before);
    assert_eq!(sandbox.proofs(), [[2, 3]], "who has two records has no proof");
}

#[test]
fn a_file_with_other_columns_is_named_and_nothing_is_written() {
    let sandbox = parts();
    sandbox.write("part-2.csv", "id,mail,city,plan\n3,bo@example.com,Rome,Pro\n");
    let run = import(&sandbox, &[]);
    assert_eq!(run.code, 4, "{run:?}");
    insta::assert_snapshot!(run.seen());
    assert_eq!(sandbox.files(), PARTS);
}

#[test]
fn an_error_in_the_last_file_reverts_the_first() {
    let sandbox = parts();
    let whole = std::fs::read(sandbox.path("part-3.csv.gz")).unwrap();
    let mut rows = String::from("id,email,city\n");
    for number in 0..60_000 {
        writeln!(rows, "{number},ann{}@example.com,Rome", number * 7919).unwrap();
    }
    let mut long = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    long.write_all(rows.as_bytes()).unwrap();
    let long = long.finish().unwrap();
    sandbox.write("part-3.csv.gz", &long[..long.len() - 1000]);
    let run = import(&sandbox, &[]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("part-3.csv.gz"), "{run:?}");
    assert_eq!(sandbox.files(), PARTS);
    sandbox.write("part-3.csv.gz", whole);
    assert_eq!(import(&sandbox, &[]).code, 3);
}

#[test]
fn standard_input_may_be_one_file_and_duplicates_are_refused() {
    let sandbox = parts();
    let input = b"id,email,city\n7,eve@example.com,Bonn\n";
    let run = sandbox.run_with_input(&["import", "part-1.csv", "-"], input);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(sandbox.customers("uid"), ["1", "7"]);
    for twice in [["part-1.csv", "./part-1.csv"], ["-", "-"]] {
        let run = sandbox.run_with_input(&[&["import"], &twice[..]].concat(), input);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains("is given twice"), "{run:?}");
    }
}

#[test]
fn inputs_with_the_same_rejects_file_are_refused() {
    let sandbox = Sandbox::with("users.csv", "id\n1\n");
    sandbox.write("users.txt", "id\n2\n");
    let run = sandbox.run(&["import", "users.csv", "users.txt"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("users.rejects.csv is also a rejects file"), "{run:?}");
    assert!(!sandbox.exists("engage.db"));
}

#[test]
fn a_limit_and_inferred_types_cover_all_files() {
    let sandbox = Sandbox::with("a.csv", "id,score\n1,10\n2,20\n");
    sandbox.write("b.csv", "id,score\n3,high\n4,low\n");
    let run = sandbox.run(&["import", "a.csv", "b.csv", "--limit", "3", "--format", "json"]);
    let report = run.report();
    assert_eq!(report["records"]["read"], 3);
    assert_eq!(report["sources"][1]["records"], 1);
    assert_eq!(sandbox.attribute_types(), ["score|string"]);
    let run = sandbox.run(&["import", "a.csv", "b.csv", "--limit", "1", "--format", "json"]);
    assert_eq!(run.report()["sources"][1]["sha256"], json!(null));
}

#[test]
fn hundreds_of_files_are_imported_with_few_open_at_a_time() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..300).map(|part| format!("part-{part}.csv")).collect();
    for (part, name) in names.iter().enumerate() {
        sandbox.write(name, format!("id,email\n{part},ann{part}@example.com\n{part}x,nowhere\n"));
    }
    let mut command = std::process::Command::new("sh");
    let program = assert_cmd::cargo::cargo_bin!("engage");
    let line = format!("ulimit -n 40; exec '{}' import part-*.csv", program.display());
    let output = command.args(["-c", &line]).current_dir(sandbox.path("")).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(sandbox.count(), 300);
    assert!(sandbox.exists("part-299.rejects.csv"));
}

#[test]
fn the_history_names_every_rejects_file() {
    let sandbox = Sandbox::with("a.csv", "id,email\n1,a@\n2,b@example.com\n");
    sandbox.write("b.csv", "id,email\n3,c@\n");
    assert_eq!(sandbox.run(&["import", "a.csv", "b.csv"]).code, 3);
    let told = sandbox.run(&["history", "1"]).stdout;
    assert!(told.contains("rejected records went to a.rejects.csv, b.rejects.csv\n"), "{told}");
}

#[test]
fn a_warning_names_file_record_and_line() {
    let sandbox = Sandbox::with("a.csv", "id,email\n1,a@example.com\n");
    sandbox.write("b.csv", "id,email\n\"2\n2\",b@example.com\n3,c@gmial.com\n");
    let run = sandbox.run(&["import", "a.csv", "b.csv"]);
    assert!(run.stderr.contains("(first in b.csv, record 2, line 4)"), "{run:?}");
}
