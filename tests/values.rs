//! Options that change how values are read.

use crate::sandbox::Sandbox;

#[test]
fn a_region_reads_national_numbers() {
    let file = "id,number,country\n1,0803 123 4567,NG\n2,01512 3456789,de\n3,+14155550132,xx\n\
                4,0803 123 4567,\n5,0803 123 4567,xx\n";
    let sandbox = Sandbox::with("u.csv", file);
    let arguments = ["import", "u.csv", "--region", "NG", "--region-column", "country"];
    let run = sandbox.run(&arguments);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("number.not_international"), "{run:?}");
    assert_eq!(
        sandbox.customers("uid,number"),
        ["1|2348031234567", "2|4915123456789", "3|14155550132", "4|2348031234567"]
    );
}

#[test]
fn a_blank_keeps_or_clears_and_a_null_text_clears() {
    let sandbox = Sandbox::with("a.csv", "id,first_name,plan\n1,Ada,Pro\n2,Mei,Pro\n");
    sandbox.run(&["import", "a.csv"]);
    sandbox.write("b.csv", "id,first_name,plan\n1,,\n2,NULL,NULL\n");
    sandbox.run(&["import", "b.csv", "--null", "NULL"]);
    let columns = "uid,first_name,attributes";
    assert_eq!(sandbox.customers(columns), [r#"1|Ada|{"plan":"Pro"}"#, "2|NULL|{}"]);
    sandbox.run(&["import", "b.csv", "--null", "NULL", "--blank", "clear"]);
    assert_eq!(sandbox.customers(columns), ["1|NULL|{}", "2|NULL|{}"]);
}

#[test]
fn an_invalid_value_may_be_dropped_without_its_record() {
    let sandbox = Sandbox::with("u.csv", "id,email,plan\n1,a@,Pro\n,b@example.com,Free\n");
    let run = sandbox.run(&[
        "import",
        "u.csv",
        "--on-invalid",
        "drop",
        "--key",
        "uid",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, 3, "{run:?}");
    let report = run.report();
    assert_eq!(report["records"]["accepted"], 1);
    assert_eq!(report["warnings"][0]["code"], "value.dropped");
    assert_eq!(sandbox.customers("uid,email,attributes"), [r#"1|NULL|{"plan":"Pro"}"#]);
}

#[test]
fn declared_types_are_strict_and_inferred_ones_are_not() {
    let file = "id,born,usage,vip\n1,03/04/1990,\"1.234,5\",yes\n2,31/12/1999,12,no\n3,soon,1,no\n";
    let sandbox = Sandbox::with("u.csv", file);
    let run = sandbox.run(&[
        "import",
        "u.csv",
        "--type",
        "born=date:%d/%m/%Y",
        "--type",
        "usage=number:,",
        "--type",
        "vip=boolean",
        "--format",
        "json",
    ]);
    assert_eq!(run.report()["rejects"]["by_code"][0]["code"], "value.type", "{run:?}");
    assert_eq!(
        sandbox.customers("attributes"),
        [
            r#"{"born":"1990-04-03","usage":1234.5,"vip":true}"#,
            r#"{"born":"1999-12-31","usage":12,"vip":false}"#,
        ]
    );
}

#[test]
fn a_token_needs_a_platform() {
    let sandbox = Sandbox::with("u.csv", "id,device_token\n1,abc\n2,\n");
    let run = sandbox.run(&["import", "u.csv", "--format", "json"]);
    let by_code = &run.report()["rejects"]["by_code"];
    assert_eq!(by_code[0]["code"], "device.platform_missing", "{run:?}");
    let run = sandbox.run(&["import", "u.csv", "--device-platform", "iOS"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.customer("1", "devices"), r#"[{"token":"abc","platform":"ios"}]"#);
}
