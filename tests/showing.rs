//! `engage show` has all data of a customer, and its origin.

use crate::sandbox::Sandbox;
use serde_json::Value;

const TOKEN: &str = "fcm-0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz";

/// Four customers, of which one changes three times and one is archived.
fn with_customers() -> Sandbox {
    let head = "id,first_name,last_name,email,number,plan,usage,signup_date,bio,device_token,device_platform";
    let sandbox = Sandbox::with(
        "users.csv",
        format!(
            "{head}\n\
             u-17,Ada,Okoro,Ada@Example.org,+12025550117,Free,1.50,2026-01-02,{},{TOKEN},ios\n\
             u-18,Mei,Ito,ada@example.org,,Pro,2,,,,\n\
             u-19,Ola,,,,Pro,,,a\u{1b}[2J\u{202e}b,,\n",
            "Likes long walks on the beach and writes sentences longer than a screen is wide"
                .repeat(2)
        ),
    );
    sandbox.run(&["import", "users.csv"]);
    sandbox.write(
        "users.csv",
        format!("{head}\nu-17,Ada,Okoro,,,Pro,lots,,,tok-2,android\nu-18,Mei,Ito,,,Pro,2,,,,\n"),
    );
    sandbox.run(&["import", "users.csv", "--snapshot=archive", "--max-missing", "90%"]);
    sandbox.write("small.csv", "id,plan,usage\nu-17,Basic,3.50\n");
    sandbox.run(&["import", "small.csv"]);
    sandbox.run(&["segment", "plan = 'Basic' or usage = 2", "--save", "basics"]);
    sandbox.run(&["segment", "plan = 'Pro'", "--save", "pros"]);
    sandbox
}

/// The output of a run, with times replaced.
fn seen(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let text = sandbox.run(arguments).seen();
    let time = regex::Regex::new("20[0-9]{2}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}").unwrap();
    time.replace_all(&text, "DATE TIME").into_owned()
}

fn page(sandbox: &Sandbox, uid: &str) -> Value {
    let run = sandbox.run(&["show", uid, "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_page_has_all_that_is_known() {
    let sandbox = with_customers();
    let pages = ["u-17", "u-19"].map(|uid| seen(&sandbox, &["show", uid]));
    insta::assert_snapshot!(pages.join("\n\n"));
}

#[test]
fn json_has_values_as_stored_and_their_origins() {
    let sandbox = with_customers();
    let page = page(&sandbox, "u-17");
    let of = |name: &str| {
        let mut all = page["attributes"].as_array().unwrap().iter();
        all.find(|attribute| attribute["name"] == name).unwrap().clone()
    };
    assert_eq!((&of("usage")["value"], &of("usage")["import"]), (&3.5.into(), &3.into()));
    assert_eq!((&of("email")["type"], &of("email")["import"]), (&"string".into(), &1.into()));
    assert_eq!(page["devices"][0], serde_json::json!({"token": "tok-2", "platform": "android"}));
    assert_eq!(page["segments"], serde_json::json!(["basics"]));
    let imports: Vec<&Value> =
        page["history"].as_array().unwrap().iter().map(|step| &step["import"]).collect();
    assert_eq!(imports, [3, 2, 1]);
    let text = sandbox.run(&["show", "u-17", "--format", "json"]).stdout;
    assert!(text.contains("\"value\":3.50,"), "digits as they are stored: {text}");
    assert_eq!(text.lines().count(), 1);
    assert_eq!(sandbox.run(&["show", "u-17", "--format", "jsonl"]).stdout, text);
    assert_eq!(sandbox.run(&["show", "u-17", "--format", "csv"]).code, 2);
}

/// The history on the page of a customer is that of `engage changes`.
#[test]
fn the_history_of_a_customer_matches_engage_changes() {
    let sandbox = with_customers();
    for step in page(&sandbox, "u-17")["history"].as_array().unwrap() {
        let import = step["import"].to_string();
        let run = sandbox.run(&["changes", &import, "--uid", "u-17", "--format", "json"]);
        let changes: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
        let told: Vec<Value> = changes
            .iter()
            .map(|row| {
                serde_json::json!({
                    "attribute": row["attribute"], "before": row["before"], "after": row["after"],
                })
            })
            .collect();
        assert_eq!(step["attributes"].as_array().unwrap(), &told);
    }
}

#[test]
fn missing_undo_data_is_shown() {
    let sandbox = with_customers();
    assert_eq!(sandbox.run(&["history", "--prune", "--keep", "1"]).code, 0);
    insta::assert_snapshot!(seen(&sandbox, &["show", "u-17"]));
    let page = page(&sandbox, "u-17");
    assert_eq!(page["unknown_until"], 2);
    assert_eq!(page["attributes"][0]["or_before"], true);
    sandbox.run(&["undo"]);
    assert_eq!(seen(&sandbox, &["show", "u-17"]).matches("changed\n").count(), 0);
}

#[test]
fn several_customers_with_one_email_are_listed() {
    let sandbox = with_customers();
    insta::assert_snapshot!(seen(&sandbox, &["show", "--email", "ADA@example.org"]));
    let arguments = ["show", "--email", "ada@EXAMPLE.org", "--format", "json"];
    let both: Vec<Value> = serde_json::from_str(&sandbox.run(&arguments).stdout).unwrap();
    assert_eq!((&both[0]["uid"], &both[1]["uid"]), (&"u-17".into(), &"u-18".into()));
    let by_number = seen(&sandbox, &["show", "--number", "+1 (202) 555-0117"]);
    assert_eq!(by_number, seen(&sandbox, &["show", "u-17"]));
}

#[test]
fn an_unknown_customer_is_answered_with_the_nearest() {
    let sandbox = with_customers();
    let seen: Vec<String> = [
        &["show", "U-17"][..],
        &["show", "u17"],
        &["show", "u-71"],
        &["show", "u-1"],
        &["show", "missing"],
        &["show", "--email", "eve@example.org"],
        &["show", "--number", "0803 555 0123"],
        &["show"],
        &["show", "u-17", "--email", "ada@example.org"],
    ]
    .iter()
    .map(|arguments| seen(&sandbox, arguments))
    .collect();
    insta::assert_snapshot!(seen.join("\n\n"));
}

#[test]
fn a_deleted_customer_gets_a_hint() {
    let sandbox = Sandbox::with("a.csv", "id,plan\n1,Pro\n2,Pro\n");
    sandbox.run(&["import", "a.csv"]);
    sandbox.write("a.csv", "id,plan\n1,Pro\n");
    sandbox.run(&["import", "a.csv", "--snapshot=delete", "--max-missing", "90%"]);
    insta::assert_snapshot!(seen(&sandbox, &["show", "2"]), @r"
    error: no customer '2' in engage.db
    hint: import 2 deleted them: engage changes 2 --uid '2' shows their values
    exit 1
    ");
    assert!(sandbox.run(&["changes", "2", "--uid", "2"]).stdout.contains("Pro"));
    sandbox.run(&["forget", "2"]);
    assert!(!sandbox.run(&["show", "2"]).stderr.contains("deleted"));
}

/// A number is read with the region that the store's imports used.
#[test]
fn a_number_is_found_as_the_file_has_it() {
    let sandbox = Sandbox::with("u.csv", "id,phone\n1,0176 34201980\n2,+43 664 1234567\n");
    let run = sandbox.run(&["show", "--number", "0176 34201980"]);
    assert_eq!(run.code, 1, "there is no store: {run:?}");
    sandbox.run(&["import", "u.csv", "--region", "DE"]);
    for (number, uid) in
        [("0176 34201980", "1"), ("+49 176 34201980", "1"), ("+43 664 1234567", "2")]
    {
        let run = sandbox.run(&["show", "--number", number]);
        assert!(run.code == 0 && run.stdout.starts_with(uid), "{number}: {run:?}");
    }
    let run = sandbox.run(&["show", "--number", "0176 34"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("nor one of DE") && run.stderr.contains("'+49"), "{run:?}");
    let run = sandbox.run(&["segment", "number = '0176 34201980'"]);
    assert!(run.stderr.contains("number = '4917634201980'"), "{run:?}");
}
