//! The catalogue lists all attributes, and a new type converts values as an import would.

use crate::sandbox::Sandbox;
use serde_json::Value;

const CUSTOMERS: &str = "\
id,email,plan,zip,usage,signup_date,vip,device_token,device_platform
1,ada@example.com,Pro,1234,10,2024-01-05,true,t1,ios
2,,Pro,2345,20,2024-06-01,false,,
3,mei@example.org,Free,,-2.5,2023-02-28,,t3,ios
4,,Pro,3456,100,,true,,
";

fn imported() -> Sandbox {
    let sandbox = Sandbox::with("users.csv", CUSTOMERS);
    let run = sandbox.run(&["import", "users.csv", "--type", "zip=number"]);
    assert_eq!(run.code, 0, "{run:?}");
    sandbox.write("stray.csv", "id,usage\n4,many\n");
    assert_eq!(sandbox.run(&["import", "stray.csv"]).code, 0);
    sandbox
}

fn attribute(sandbox: &Sandbox, name: &str) -> Value {
    let run = sandbox.run(&["attributes", "--format", "jsonl"]);
    assert_eq!(run.code, 0, "{run:?}");
    let rows = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.into_iter().find(|row| row["name"] == name).unwrap()
}

/// The customers with their attributes and times.
fn customers(sandbox: &Sandbox) -> Vec<String> {
    sandbox.customers("uid,attributes,last_changed_at")
}

#[test]
fn the_catalogue_says_what_every_attribute_is() {
    let sandbox = imported();
    insta::assert_snapshot!(sandbox.run(&["attributes"]).seen());
    let usage = attribute(&sandbox, "usage");
    assert_eq!(usage["customers"], 4);
    assert_eq!(usage["strays"], 1);
    assert_eq!(usage["stray"], "many");
    assert_eq!(usage["minimum"], -2.5);
    assert_eq!(usage["maximum"], 20);
    assert_eq!((&usage["first_import"], &usage["last_import"]), (&1.into(), &2.into()));
    let plan = attribute(&sandbox, "plan");
    let frequent =
        serde_json::json!([{"value": "Pro", "customers": 3}, {"value": "Free", "customers": 1}]);
    assert_eq!(plan["frequent"], frequent);
    assert_eq!(plan["distinct"], 2);
    let email = attribute(&sandbox, "email");
    assert_eq!((&email["share"], &email["first_import"]), (&0.5.into(), &Value::Null));
}

#[test]
fn another_type_converts_values_that_fit_and_can_be_undone() {
    let sandbox = imported();
    let before = customers(&sandbox);
    let catalogue = sandbox.run(&["attributes", "--format", "jsonl"]).stdout;
    let run = sandbox.run(&["attributes", "--type", "zip=string", "--type", "plan=boolean"]);
    insta::assert_snapshot!(run.seen());
    assert_eq!(
        sandbox.sql("SELECT attributes -> 'zip' FROM customers ORDER BY uid"),
        ["\"1234\"", "\"2345\"", "NULL", "\"3456\""]
    );
    assert_eq!(attribute(&sandbox, "zip")["type"], "string");
    assert_eq!(attribute(&sandbox, "plan")["strays"], 4);
    let found = sandbox.run(&["segment", "zip starts_with '2' or zip = '1234'", "--count"]);
    assert_eq!(found.stdout, "2\n");
    let line = &sandbox.run(&["history", "--limit", "1", "--format", "jsonl"]).stdout;
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["kind"], &line["status"]), (&"attributes".into(), &"converted".into()));
    assert_eq!(sandbox.run(&["check"]).code, 0);
    let undone = sandbox.run(&["undo"]);
    assert_eq!(undone.code, 0, "{undone:?}");
    assert_eq!(customers(&sandbox), before);
    assert_eq!(sandbox.run(&["attributes", "--format", "jsonl"]).stdout, catalogue);
}

#[test]
fn the_same_file_is_validated_again_with_the_other_type() {
    let sandbox = imported();
    sandbox.run(&["attributes", "--type", "zip=string"]);
    let changed = customers(&sandbox);
    let run = sandbox.run(&["import", "users.csv", "--format", "json", "--on-invalid", "drop"]);
    // The stray value of the second file is a number again; no other customer is changed.
    assert_eq!(run.report()["customers"]["updated"], 1, "{run:?}");
    let zip = "SELECT attributes -> 'zip' FROM customers ORDER BY uid";
    assert_eq!(sandbox.sql(zip), ["\"1234\"", "\"2345\"", "NULL", "\"3456\""]);
    assert_eq!(customers(&sandbox)[..3], changed[..3]);
}

#[test]
fn texts_become_dates_by_a_format() {
    let sandbox = Sandbox::with("u.csv", "id,born\n1,03/04/1990\n2,31/12/1999\n3,unknown\n");
    sandbox.run(&["import", "u.csv"]);
    let run = sandbox.run(&["attributes", "--type", "born=date:%d/%m/%Y", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["attributes"][0]["converted"], 2);
    assert_eq!(report["attributes"][0]["strays"], 1);
    assert_eq!(sandbox.run(&["segment", "born < '1995-01-01'", "--count"]).stdout, "1\n");
    // Repeated, it changes no customer.
    let before = customers(&sandbox);
    let again = sandbox.run(&["attributes", "--type", "born=date"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(customers(&sandbox), before);
}

#[test]
fn what_cannot_have_another_type_is_refused() {
    let sandbox = imported();
    let before = std::fs::read(sandbox.path("engage.db")).unwrap();
    let refused = [
        ["attributes", "--type", "email=number"],
        ["attributes", "--type", "zap=number"],
        ["attributes", "--type", "zip=money"],
    ];
    let seen: Vec<String> = refused.iter().map(|arguments| sandbox.run(arguments).seen()).collect();
    insta::assert_snapshot!(seen.join("\n\n"));
    let other = sandbox.run(&["attributes", "--type", "zip=string", "--store", "other.db"]);
    assert_eq!((other.code, sandbox.exists("other.db")), (1, false), "{other:?}");
    assert_eq!(std::fs::read(sandbox.path("engage.db")).unwrap(), before);
}

#[test]
fn a_field_and_a_custom_attribute_of_the_same_name_are_distinguished() {
    let sandbox = Sandbox::with("u.csv", "id,archived,has_device\n1,7,1\n2,8,2\n");
    sandbox.write("bare.csv", "id,plan\n1,Pro\n");
    assert_eq!(sandbox.run(&["import", "u.csv", "-q"]).code, 0);
    assert_eq!(sandbox.run(&["import", "bare.csv", "--store", "bare.db", "-q"]).code, 0);
    for name in ["archived", "has_device"] {
        let quoted = format!("\"{name}\"");
        for (plain, command, right) in [
            (
                vec!["attributes".to_owned(), "--type".to_owned(), format!("{name}=string")],
                format!("engage retype '{quoted}=string'"),
                vec!["attributes".to_owned(), "--type".to_owned(), format!("{quoted}=string")],
            ),
            (
                vec!["index".to_owned(), name.to_owned()],
                format!("engage index '{quoted}'"),
                vec!["index".to_owned(), quoted.clone()],
            ),
        ] {
            let run = |arguments: &[String], store: &str| {
                let arguments = arguments.iter().map(String::as_str).chain(["--store", store]);
                sandbox.run(&arguments.collect::<Vec<&str>>())
            };
            let told = format!("{name} is a field of every customer, not a custom attribute");
            let wrong = run(&plain, "engage.db");
            assert_eq!(wrong.code, 2, "{wrong:?}");
            assert!(wrong.stderr.contains(&told) && wrong.stderr.contains(&command), "{wrong:?}");
            let none = run(&plain, "bare.db");
            assert_eq!(none.code, 2, "{none:?}");
            assert!(none.stderr.contains(&told) && !none.stderr.contains('"'), "{none:?}");
            let done = run(&right, "engage.db");
            assert_eq!(done.code, 0, "{done:?}");
        }
    }
    assert_eq!(sandbox.attribute_types(), ["archived|string", "has_device|string"]);
    assert_eq!(sandbox.customer("1", "attributes"), r#"{"archived":"7","has_device":"1"}"#);
    let explained =
        sandbox.run(&["segment", "\"archived\" = '7'", "--explain", "--format", "json"]);
    assert!(explained.stdout.contains(r#""indexes":["archived"]"#), "{explained:?}");
    // The hint for an expression quotes the name in the same way.
    let hint = sandbox.run(&["segment", "\"archived\" within last 7 days"]);
    assert!(hint.stderr.contains("engage attributes '\"archived\"' lists"), "{hint:?}");
}
