//! A quoted cell of any length is one cell: no line in it becomes a customer.

use crate::sandbox::Sandbox;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write as _;

const MIB: usize = 1 << 20;

/// A quoted cell of about this length that contains lines like records.
fn cell(length: usize) -> String {
    let line = "evil,evil@example.com,\"\"x\"\"\r\n";
    format!("\"say \"\"hi\"\"\r\n{}\"", line.repeat(length / line.len()))
}

/// A file with a customer before and one after a cell of this length.
fn file(length: usize) -> String {
    let long = cell(length);
    format!("id,email,note\r\n1,a@example.com,x\r\n7,b@example.com,{long}\r\n2,c@example.com,y\r\n")
}

/// Imports, and checks that only the record of the cell was rejected.
fn import(sandbox: &Sandbox, file: &str) {
    let run = sandbox.run(&["import", file, "--format", "json"]);
    check(sandbox, &run);
}

fn check(sandbox: &Sandbox, run: &crate::sandbox::Run) {
    assert_eq!(run.code, 3, "{run:?}");
    let report = run.report();
    assert_eq!(report["records"]["read"], 3);
    assert_eq!(report["records"]["rejected"], 1);
    let group = &report["rejects"]["by_code"][0];
    assert_eq!((&group["code"], &group["first_record"]), (&"record.too_long".into(), &2.into()));
    assert_eq!(sandbox.customers("uid"), ["1", "2"]);
}

#[test]
fn a_cell_above_the_limit_is_one_reject() {
    for length in [MIB + 100, 3 * MIB, 17 * MIB, 40 * MIB] {
        let sandbox = Sandbox::with("u.csv", file(length));
        import(&sandbox, "u.csv");
    }
}

#[test]
fn a_cell_within_the_limit_is_a_value() {
    let sandbox = Sandbox::with("u.csv", file(60_000));
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    assert_eq!(sandbox.customers("uid"), ["1", "2", "7"]);
}

#[test]
fn standard_input_and_compressed_files_give_the_same_result() {
    let text = file(18 * MIB);
    let sandbox = Sandbox::new();
    check(&sandbox, &sandbox.run_with_input(&["import", "-", "--format", "json"], text.as_bytes()));

    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    import(&Sandbox::with("u.csv", gzip.finish().unwrap()), "u.csv");

    let mut wide = b"\xff\xfe".to_vec();
    text.encode_utf16().for_each(|unit| wide.extend(unit.to_le_bytes()));
    import(&Sandbox::with("u.csv", wide), "u.csv");
}

#[test]
fn each_of_several_files_has_its_own_quotes() {
    let sandbox = Sandbox::with("a.csv", file(2 * MIB));
    sandbox.write("b.csv", "id,email,note\n3,d@example.com,\"open\n4,e@example.com,z\n");
    sandbox.write("c.csv", "id,email,note\n5,f@example.com,\"y\"\n");
    let run = sandbox.run(&["import", "a.csv", "b.csv", "c.csv", "--format", "json"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(sandbox.customers("uid"), ["1", "2", "4", "5"]);
}

#[test]
fn an_unclosed_quote_rejects_only_its_line() {
    let rest: Vec<String> = (0..400_000).map(|n| format!("{n},,\"\"\r\n")).collect();
    let rest = rest.concat();
    let sandbox = Sandbox::with("u.csv", format!("id,email,note\r\nx,,\"open\r\n{rest}"));
    assert!(rest.len() > 4 * MIB);
    let run = sandbox.run(&["import", "u.csv", "--format", "json", "--limit", "1000"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(run.report()["rejects"]["by_code"][0]["code"], "record.quote");
    assert_eq!(sandbox.count(), 999);
    assert_eq!(sandbox.read("u.rejects.csv").lines().count(), 2);
}

#[test]
fn without_a_temporary_folder_nothing_is_imported() {
    let sandbox = Sandbox::with("u.csv", file(20 * MIB));
    let mut command = sandbox.command(&["import", "u.csv"]);
    let output = command.env("TMPDIR", sandbox.path("nowhere")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("temporary file"), "{stderr}");
    assert_eq!(sandbox.files(), ["u.csv"]);
}

#[test]
fn lines_of_a_long_cell_are_not_taken_for_the_header() {
    let sandbox = Sandbox::with("u.csv", format!("id,{}\n1,x\n", cell(2 * MIB)));
    let run = sandbox.run(&["import", "u.csv"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("longer than 256 KiB"), "{run:?}");
}

#[test]
fn backslashes_in_a_cell_do_not_change_the_dialect() {
    for end in ["", "3\n"] {
        let cell = format!("\"a\\\"\"\n{}8,x\"", "9,\\N\n".repeat(50));
        let sandbox = Sandbox::with("u.csv", format!("id,note\n1,{cell}\n2,fine\n{end}"));
        sandbox.run(&["import", "u.csv"]);
        assert_eq!(sandbox.customers("uid"), ["1", "2"], "{end}");
    }
}

#[test]
fn a_too_long_record_is_rejected_again_from_the_rejects_file() {
    let sandbox = Sandbox::with("u.csv", file(2 * MIB));
    import(&sandbox, "u.csv");
    let first = fs::read(sandbox.path("u.rejects.csv")).unwrap();
    let run =
        sandbox.run(&["import", "u.rejects.csv", "--rejects", "again.csv", "--format", "json"]);
    assert_eq!(run.code, 5, "{run:?}");
    assert_eq!(run.report()["rejects"]["by_code"][0]["code"], "record.too_long");
    let again = fs::read(sandbox.path("again.csv")).unwrap();
    assert_eq!(first.len(), again.len());
}
