//! Accepted records as clean CSV, ready to upload elsewhere.

use crate::sandbox::Sandbox;

const EVERYTHING: &str = "uid,first_name,last_name,number,email,attributes,devices";

#[test]
fn they_are_normalised_and_imported_again_they_give_the_same_store() {
    let sandbox = Sandbox::with_fixture("users.csv");
    let run = sandbox.run(&["import", "users.csv", "--accepted", "clean.csv"]);
    assert!(run.stdout.contains("7 customers of accepted records: clean.csv"), "{run:?}");
    insta::assert_snapshot!(sandbox.read("clean.csv"));
    let again = sandbox.run(&["import", "clean.csv", "--store", "again.db", "--format", "json"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(again.report()["records"]["accepted"], 7);
    // A row only has the device seen last, so devices are not compared.
    let columns = "uid,first_name,last_name,number,email,attributes";
    assert_eq!(sandbox.customers(columns), sandbox.customers_in("again.db", columns));
}

#[test]
fn dry_runs_and_unchanged_files_write_all_accepted_records() {
    let sandbox = Sandbox::with("u.csv", "Name,Mail,Token\nAda Okafor,ADA@Example.com,t1\n");
    let arguments = ["import", "u.csv", "-m", "Name=full_name", "-m", "Token=device_token"];
    let more = ["--device-platform", "ios", "--accepted", "clean.csv"];
    let clean = "first_name,last_name,email,device_token,device_platform\n\
                 Ada,Okafor,ADA@example.com,t1,ios\n";
    for dry_run in [&["--dry-run"][..], &[], &[]] {
        let run = sandbox.run(&[&arguments[..], &more, dry_run].concat());
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(sandbox.read("clean.csv"), clean);
        std::fs::remove_file(sandbox.path("clean.csv")).unwrap();
    }
}

#[test]
fn accepted_records_do_not_overwrite_files_of_the_import() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    for name in ["u.csv", "engage.db", "u.rejects.csv"] {
        let run = sandbox.run(&["import", "u.csv", "--accepted", name]);
        assert_eq!(run.code, 2, "{name} {run:?}");
    }
    assert_eq!(sandbox.run(&["import", "u.csv", "--accepted", "no/where.csv"]).code, 1);
    assert_eq!(sandbox.files(), ["u.csv"]);
}

#[test]
fn a_folder_is_refused_as_the_file_of_accepted_records() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    std::fs::create_dir(sandbox.path("out")).unwrap();
    let run = sandbox.run(&["import", "u.csv", "--accepted", "out"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("the file of accepted records out cannot be written"), "{run:?}");
    assert_eq!(sandbox.files(), ["out", "u.csv"]);
}

#[test]
fn spreadsheet_safe_records_are_imported_unchanged() {
    let file = "id,first_name,email,number,note,usage,=odd\n\
                1,Ada,a@example.org,+2348035550123,=1+1,-5,'tis\n\
                =2,=Bob,b@example.org,,\"'=1\",-0.50,@x\n\
                3,Cy,=c@example.org,,plain,7,x\n\
                4,Di,d@example.org,,-,8,-\n";
    let sandbox = Sandbox::with("u.csv", file);
    let import = ["import", "u.csv", "-m", "=odd=odd", "--null", "-", "--accepted", "clean.csv"];
    let run = sandbox.run(&[&import[..], &["--spreadsheet-safe"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    insta::assert_snapshot!(sandbox.read("clean.csv"), @r#"
    uid,first_name,number,email,note,usage,odd,_engage_protected
    1,Ada,2348035550123,a@example.org,'=1+1,-5,''tis,yes
    '=2,'=Bob,,b@example.org,'=1,-0.50,'@x,yes
    3,Cy,,'=c@example.org,plain,7,x,yes
    4,Di,,d@example.org,,8,,
    "#);
    let again = ["import", "clean.csv", "--null", "-", "--store", "again.db"];
    let again = sandbox.run(&again);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(sandbox.customers(EVERYTHING), sandbox.customers_in("again.db", EVERYTHING));
    // As saved by a spreadsheet, with a row that was added by hand.
    let saved = sandbox.read("clean.csv").replace(',', ";") + "5;Ed;;e@example.org;'=x;9;x;\n";
    sandbox.write("saved.csv", saved.replace('\n', "\r\n"));
    let saved = sandbox.run(&["import", "saved.csv", "--null", "-", "--store", "saved.db"]);
    assert_eq!(saved.code, 0, "{saved:?}");
    let saved = sandbox.customers_in("saved.db", EVERYTHING).into_iter();
    let (added, first): (Vec<String>, _) = saved.partition(|customer| customer.starts_with("5|"));
    assert_eq!(sandbox.customers(EVERYTHING), first);
    assert!(added.concat().contains(r#""note":"=x""#), "{added:?}");
}

#[test]
fn rejects_of_a_spreadsheet_safe_file_are_imported_unchanged() {
    let sandbox = Sandbox::with("u.csv", "id,email,note\n1,a@example.org,=1\n");
    let run = sandbox.run(&["import", "u.csv", "--accepted", "c.csv", "--spreadsheet-safe"]);
    assert_eq!(run.code, 0, "{run:?}");
    sandbox.write("c.csv", sandbox.read("c.csv").replace("@example.org", "@"));
    sandbox.run(&["import", "c.csv", "--store", "again.db"]);
    let rejects = sandbox.read("c.rejects.csv");
    assert!(rejects.starts_with("uid,email,note,_record,"), "{rejects}");
    sandbox.write("c.rejects.csv", rejects.replace("@,", "@example.org,"));
    let again = sandbox.run(&["import", "c.rejects.csv", "--store", "again.db"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(sandbox.customers(EVERYTHING), sandbox.customers_in("again.db", EVERYTHING));
}
