//! A first import creates customers, and shows how it read the file.

use crate::sandbox::Sandbox;

#[test]
fn a_real_export_becomes_customers() {
    let sandbox = Sandbox::with_fixture("users.csv");
    let run = sandbox.run(&["import", "users.csv"]);
    insta::assert_snapshot!(run.seen());
    assert_eq!(
        sandbox.customers("uid,first_name,last_name,number,email,attributes")[..3],
        [
            "1001|Ada|Okafor-James|2348031234567|ada.okafor@example.com|\
             {\"monthly_usage\":650.00,\"newsletter\":true,\"plan\":\"Enterprise\",\
             \"signup_date\":\"2024-03-04\"}",
            "1002|João|Silva|5511961234567|joao.silva@example.com|\
             {\"monthly_usage\":12.00,\"newsletter\":false,\"plan\":\"Free\",\
             \"signup_date\":\"2024-05-19\"}",
            "1003|Mei|中村|819012345678|mei@example.org|\
             {\"monthly_usage\":88.25,\"newsletter\":true,\"plan\":\"Basic\",\
             \"signup_date\":\"2023-11-30\"}",
        ]
    );
}

#[test]
fn devices_are_ranked_by_when_they_were_last_seen() {
    let rows =
        ["a,android", "b,android", "c,android", "d,android", "e,android", "b,iOS", "f,android"];
    let rows = rows.join("\nu,");
    let sandbox = Sandbox::with("d.csv", format!("id,device_token,device_platform\nu,{rows}\n"));
    let run = sandbox.run(&["import", "d.csv", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        sandbox.customer("u", "devices"),
        "[{\"token\":\"f\",\"platform\":\"android\"},{\"token\":\"b\",\"platform\":\"ios\"},\
         {\"token\":\"e\",\"platform\":\"android\"},{\"token\":\"d\",\"platform\":\"android\"},\
         {\"token\":\"c\",\"platform\":\"android\"}]"
    );
    let report = run.report();
    assert_eq!(report["records"]["merged"], 6);
    assert_eq!(report["devices"]["added"], 5);
    assert_eq!(report["customers"]["inserted"], 1);
}

#[test]
fn the_guides_own_example_is_keyed_by_email() {
    let sandbox = Sandbox::with_fixture("mint.csv");
    let run = sandbox.run(&["import", "mint.csv", "-m", "Name=full_name"]);
    insta::assert_snapshot!(run.seen());
    assert_eq!(
        sandbox.customer("chidi.okeke@example.com", "first_name,last_name,email"),
        "Chidi|Okeke|chidi.okeke@example.com"
    );
}

#[test]
fn the_store_has_the_documented_schema() {
    let sandbox = Sandbox::with_fixture("users.csv");
    sandbox.run(&["import", "users.csv"]);
    assert_eq!(sandbox.sql("PRAGMA journal_mode"), ["wal"]);
    assert_eq!(sandbox.sql("PRAGMA user_version"), ["5"]);
    assert_eq!(sandbox.sql("PRAGMA application_id"), [0x656e_6767.to_string()]);
    assert_eq!(sandbox.sql("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(
        sandbox.sql("SELECT plan, monthly_usage FROM customer_profiles WHERE uid = '1001'"),
        ["Enterprise|650"]
    );
    assert_eq!(
        sandbox.sql("SELECT kind, status, exit_code, key FROM imports"),
        ["import|partial|3|uid"]
    );
    let foreign = sandbox.sql("PRAGMA foreign_key_check");
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[cfg(unix)]
#[test]
fn written_files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with_fixture("users.csv");
    sandbox.run(&["import", "users.csv"]);
    for name in ["engage.db", "users.rejects.csv"] {
        let mode = std::fs::metadata(sandbox.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn standard_input_is_read_too() {
    let sandbox = Sandbox::new();
    let run = sandbox.run_with_input(&["import", "-"], b"id,plan\n1,Pro\n,Free\n");
    assert_eq!(run.code, 3, "{run:?}");
    assert!(sandbox.exists("stdin.rejects.csv"));
    assert_eq!(sandbox.customers("uid"), ["1"]);
}
