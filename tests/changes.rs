//! `engage changes` shows what any import changed, customer by customer.

use crate::sandbox::Sandbox;
use serde_json::{Value, json};

/// Four imports of the same customers: they are created, changed twice, and one is removed.
fn with_changes() -> Sandbox {
    let sandbox = Sandbox::with(
        "u.csv",
        "id,first_name,plan,usage,device_token,device_platform\n\
         1,Ada,Free,1.50,tok-a,ios\n2,Mei,Pro,2,,\n3,Ola,Pro,,,\n",
    );
    sandbox.run(&["import", "u.csv"]);
    sandbox.write(
        "u.csv",
        "id,first_name,plan,usage,device_token,device_platform\n\
         1,Ada,Pro,1.50,tok-b,android\n2,Mei,Pro,2,,\n3,Ola,Pro,7,,\n4,New,Free,,,\n",
    );
    sandbox.run(&["import", "u.csv"]);
    sandbox.write("u.csv", "id,plan,usage\n1,NULL,9\n2,Pro,2\n4,Basic,1\n");
    sandbox.run(&["import", "u.csv", "--null", "NULL", "--snapshot=archive", "--max-missing", "9"]);
    sandbox.write("u.csv", "id,plan\n1,Pro\n3,Pro\n");
    sandbox.run(&["import", "u.csv", "--snapshot=delete", "--max-missing", "9"]);
    sandbox
}

fn lines(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let run = sandbox.run(&[&["changes"], arguments, &["--format", "jsonl"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A text in which all times are replaced by the same one.
fn timeless(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n']).map(|word| {
        let is_time = word.len() >= 20 && word.starts_with("20") && word.contains('T');
        if is_time { word.replace(&word[..20], "TTTT-TT-TTTTT:TT:TTZ") } else { word.to_owned() }
    });
    words.collect()
}

#[test]
fn the_newest_and_every_older_import_tell_what_they_did() {
    let sandbox = with_changes();
    let all: Vec<String> = (1..=4)
        .map(|id: i64| timeless(&sandbox.run(&["changes", &id.to_string()]).seen()))
        .collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn json_has_values_with_their_types() {
    let sandbox = with_changes();
    assert_eq!(
        lines(&sandbox, &["2", "--uid", "1"]),
        [
            json!({"uid": "1", "change": "changed", "attribute": "plan",
                   "before": "Free", "after": "Pro"}),
            json!({"uid": "1", "change": "changed", "attribute": "devices",
                   "before": [{"token": "tok-a", "platform": "ios"}],
                   "after": [{"token": "tok-b", "platform": "android"},
                             {"token": "tok-a", "platform": "ios"}]}),
        ]
    );
    assert_eq!(
        lines(&sandbox, &["3", "--attribute", "usage"]),
        [
            json!({"uid": "1", "change": "changed", "attribute": "usage", "before": 1.50, "after": 9}),
            json!({"uid": "4", "change": "changed", "attribute": "usage", "before": null, "after": 1}),
        ]
    );
    let csv = sandbox.run(&["changes", "3", "--attribute", "plan", "--format", "csv"]).stdout;
    assert_eq!(
        csv,
        "uid,change,attribute,before,after\n1,changed,plan,Pro,\n4,changed,plan,Free,Basic\n"
    );
    let array: Vec<Value> =
        serde_json::from_str(&sandbox.run(&["changes", "4", "--format", "json"]).stdout).unwrap();
    assert_eq!(array, lines(&sandbox, &["4"]));
    let tokens = lines(&sandbox, &["1", "--attribute", "device_token"]);
    assert_eq!(tokens.len(), 1);
}

#[test]
fn a_limit_counts_customers() {
    let sandbox = with_changes();
    let some = lines(&sandbox, &["1", "--limit", "2"]);
    let uids: Vec<&str> = some.iter().map(|line| line["uid"].as_str().unwrap()).collect();
    assert_eq!(uids, ["1", "1", "1", "1", "1", "2", "2", "2", "2"]);
    assert_eq!(lines(&sandbox, &["1", "--attribute", "usage", "--limit", "1"]).len(), 1);
}

#[test]
fn missing_changes_are_explained() {
    let sandbox = with_changes();
    sandbox.run(&["import", "u.csv", "--max-rejects", "0", "--dry-run"]);
    insta::assert_snapshot!(sandbox.run(&["changes", "1", "--uid", "missing"]).seen(), @r"
    Import 1 changed nothing of that.
    exit 0
    ");
    insta::assert_snapshot!(sandbox.run(&["changes", "1", "--attribute", "pln"]).seen(), @r"
    error: no attribute 'pln'
    hint: did you mean 'plan'? the custom attributes are: plan, usage, devices, archived_at
    exit 2
    ");
    sandbox.write("none.csv", "id\n");
    sandbox.run(&["import", "none.csv"]);
    insta::assert_snapshot!(sandbox.run(&["changes", "5"]).seen(), @r"
    error: entry 5 of the history changed no customers itself
    hint: engage history 5 shows the entry
    exit 1
    ");
}
