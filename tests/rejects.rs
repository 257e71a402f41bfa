//! Rejected records are never lost: they are kept with their reasons, mended and imported.

use crate::sandbox::Sandbox;

#[test]
fn rejects_mended_and_imported_make_the_import_whole() {
    let sandbox = Sandbox::with_fixture("users.csv");
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 3);
    insta::assert_snapshot!(sandbox.read("users.rejects.csv"));
    let mended = sandbox
        .read("users.rejects.csv")
        .replace("anna@,", "anna@example.com,")
        .replace("0803 555 0123", "+2348035550123")
        .replace("2.34803E+12", "+2348035550124")
        .replace("\n,Nobody", "\n1011,Nobody");
    sandbox.write("users.rejects.csv", mended);
    let run = sandbox.run(&["import", "users.rejects.csv", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let report = run.report();
    assert_eq!(report["records"]["accepted"], 4);
    assert_eq!(report["customers"]["inserted"], 4);
    assert_eq!(sandbox.sql("SELECT count(*) FROM customers"), ["11"]);
    let columns = sandbox.sql("SELECT name FROM attributes ORDER BY name");
    assert_eq!(columns, ["monthly_usage", "newsletter", "plan", "signup_date"]);
}

#[test]
fn all_faults_of_a_record_are_told() {
    let sandbox = Sandbox::with("u.csv", "id,email,number,first_name\n,a@,12,\"a\tb\"\n1,,,\n");
    let run = sandbox.run(&["import", "u.csv", "--format", "json"]);
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
fn a_record_too_broken_to_split_keeps_its_bytes() {
    let content = b"id,plan\n1,Pro\n2,\"open\n3,caf\xe9\n4,a,b\n5,Free\n";
    let sandbox = Sandbox::with("u.csv", content);
    let run = sandbox.run(&["import", "u.csv", "--encoding", "utf-8"]);
    assert_eq!(run.code, 3, "{run:?}");
    let rejects = sandbox.read("u.rejects.csv");
    insta::assert_snapshot!(rejects, @r#"
    id,plan,_record,_line,_errors,_raw
    ,,2,3,"record: record.quote: a quote was opened and not closed, or text stands after the one that closes it","2,""open"
    ,,3,4,record: record.encoding: bytes that are no text in the file's encoding,"3,caf\xE9"
    ,,4,5,record: record.fields: 3 fields for 2 columns,"4,a,b"
    "#);
    // Imported as it is, everything is rejected again and nothing is lost.
    let again = sandbox.run(&["import", "u.rejects.csv"]);
    assert_eq!(again.code, 5, "{again:?}");
    let again = sandbox.read("u.rejects.rejects.csv");
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
    assert!(run.stdout.contains("u.rejects.csv was of an earlier import"), "{run:?}");
}

#[test]
fn a_file_that_is_none_of_ours_is_not_overwritten() {
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
fn a_stale_rejects_file_is_known_whatever_its_columns_are_called() {
    let file = "id,email,\"a\nnote\"\n1,a@,x\n2,b@example.com,y\n";
    let sandbox = Sandbox::with("u.csv", file);
    for _ in 0..2 {
        assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    }
}
