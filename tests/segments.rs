//! `engage segment`: an expression finds its customers, or has an error that points at its place.

use crate::sandbox::{Run, Sandbox};
use serde_json::Value;
use std::process::Stdio;

const CUSTOMERS: &str = "\
id,first_name,email,plan,monthly_usage,signup_date,last_login,vip,city,device_token,device_platform,\"Odd. \"\"name\"\"\"
1,Ada,ada@example.com,Pro,412.50,2024-03-04,2026-01-05T10:00:00Z,true,Lagos,t1,ios,x
2,João,joao@example.com,Free,12,2024-05-19,2024-05-19T08:30:00Z,false,São Paulo,,,
3,Mei,mei@example.org,,88.25,2023-11-30,,true,Abuja,t3,android,y
4,Tom,,Pro,100,2024-06-01,2024-06-01T00:00:00Z,false,Lagos,,,
5,Zoë,zoe@example.fr,Team,,2024-06-02,2024-06-01T23:59:59.5Z,,,t5,ios,
";

fn imported() -> Sandbox {
    let sandbox = Sandbox::with("users.csv", CUSTOMERS);
    let run = sandbox.run(&["import", "users.csv", "-m", "Odd. \"name\"=Odd. \"name\""]);
    assert_eq!(run.code, 0, "{run:?}");
    sandbox
}

/// The uids of the customers that match an expression.
fn uids(sandbox: &Sandbox, expression: &str) -> String {
    let run = sandbox.run(&["segment", "--format", "csv", "--columns", "uid", "--", expression]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{expression}: {run:?}");
    let found = run.stdout.lines().skip(1).collect::<Vec<_>>().join(" ");
    let count = sandbox.run(&["segment", "--count", "--", expression]).stdout;
    assert_eq!(count.trim().parse(), Ok(found.split_whitespace().count()), "{expression}");
    found
}

fn failed(run: &Run) -> String {
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    run.stderr.clone()
}

#[test]
fn conditions_are_those_of_sql() {
    let sandbox = imported();
    for (expression, expected) in [
        ("plan = 'Pro' and monthly_usage > 100", "1"),
        ("city in ('Lagos','Abuja')", "1 3 4"),
        ("email like '%@EXAMPLE.com'", "1 2"),
        ("email not like '%@example.com'", "3 5"),
        ("monthly_usage between 12 and 100", "2 3 4"),
        ("plan is null", "3"),
        ("plan != 'Pro'", "2 5"),
        ("plan != 'Pro' or plan is null", "2 3 5"),
        ("not (plan = 'Pro' or vip)", "2"),
        ("first_name contains 'o' and not first_name starts_with 'T'", "2 5"),
        ("email ends_with '.org'", "3"),
        ("signup_date >= '2024-06-01'", "4 5"),
        ("last_login = '2024-06-01'", "4 5"),
        ("last_login < '2024-06-01'", "2"),
        ("last_login > '2024-06-01T00:00'", "1 5"),
        ("last_login < now() - 30 days", "1 2 4 5"),
        ("signup_date within last 7 days", ""),
        ("device_platform = 'iOS'", "1 5"),
        ("device_platform != 'ios'", "3"),
        ("not has_device", "2 4"),
        ("vip", "1 3"),
        ("vip = false", "2 4"),
        ("\"odd. \"\"name\"\"\" is not null or `Odd. \"name\"` = 'x'", "1 3"),
        ("city = 'Sa\u{303}o Paulo'", "2"),
        ("first_imported_at within last 1 hour", "1 2 3 4 5"),
        ("archived", ""),
        ("-1 < monthly_usage", "1 2 3 4"),
    ] {
        let expression = expression.replace("\"odd. ", "\"Odd. ");
        assert_eq!(uids(&sandbox, &expression), expected, "{expression}");
    }
}

#[test]
fn a_stray_value_matches_no_comparison() {
    let sandbox = imported();
    sandbox.write("stray.csv", "id,monthly_usage\n2,many\n");
    sandbox.run(&["import", "stray.csv"]);
    assert_eq!(sandbox.customer("2", "monthly_usage"), "many");
    for expression in ["monthly_usage > 0", "monthly_usage != 5", "not monthly_usage > 1000"] {
        assert_eq!(uids(&sandbox, expression), "1 3 4", "{expression}");
    }
    assert_eq!(uids(&sandbox, "monthly_usage is not null"), "1 2 3 4");
}

#[test]
fn archived_customers_are_left_out_unless_asked_for() {
    let sandbox = imported();
    sandbox.write("night.csv", "id\n1\n2\n3\n4\n");
    let run = sandbox.run(&["import", "night.csv", "--snapshot=archive", "--max-missing", "50%"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(uids(&sandbox, "device_platform = 'ios'"), "1");
    assert_eq!(uids(&sandbox, "device_platform = 'ios' and (archived or not archived)"), "1 5");
    assert_eq!(uids(&sandbox, "archived"), "5");
}

#[test]
fn a_person_sees_a_table_and_how_many_there_are() {
    let mut shown: Vec<String> = Vec::new();
    let sandbox = imported();
    shown.push(sandbox.run(&["segment", "monthly_usage >= 12 and vip = false"]).seen());
    let sorted = ["segment", "uid is not null", "--sort", "monthly_usage:desc", "--limit", "3"];
    shown.push(sandbox.run(&sorted).seen());
    shown.push(sandbox.run(&["segment", "plan = 'None'"]).seen());
    assert_eq!(sandbox.run(&["segment", "vip", "--count"]).stdout, "2\n");
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn csv_and_json_have_values_as_stored() {
    let sandbox = imported();
    let columns = "uid,monthly_usage,vip,device_platform,has_device,signup_date";
    let arguments = ["segment", "uid = '1'", "--columns", columns, "--format"];
    let run = |format: &str| sandbox.run(&[&arguments[..], &[format]].concat()).stdout;
    assert_eq!(
        run("jsonl"),
        "{\"uid\":\"1\",\"monthly_usage\":412.50,\"vip\":true,\"device_platform\":\"ios\",\
         \"has_device\":true,\"signup_date\":\"2024-03-04\"}\n"
    );
    assert_eq!(run("csv").lines().nth(1), Some("1,412.50,true,ios,true,2024-03-04"));
    let array: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!(array[0]["monthly_usage"], 412.5);
    let count = sandbox.run(&["segment", "vip", "--count", "--format", "json"]).stdout;
    assert_eq!(count, "{\"count\":2}\n");
    assert_eq!(sandbox.run(&["segment", "vip", "--count", "--format", "csv"]).code, 2);
}

#[test]
fn a_saved_segment_is_used_by_its_name() {
    let mut shown: Vec<String> = Vec::new();
    let sandbox = imported();
    shown.push(sandbox.run(&["segment", "plan = 'Pro'", "--save", "pro"]).seen());
    sandbox.run(&["segment", "@pro and vip", "--save", "pro-vip"]);
    assert_eq!(uids(&sandbox, "@pro"), "1 4");
    assert_eq!(uids(&sandbox, "not @pro-vip"), "2 4 5");
    let listed = sandbox.run(&["segments", "--format", "csv"]).stdout;
    let listed: Vec<&str> = listed.lines().map(|line| &line[..line.rfind(',').unwrap()]).collect();
    assert_eq!(
        listed,
        ["name,customers,expression", "pro,2,plan = 'Pro'", "pro-vip,1,@pro and vip"]
    );
    shown.push(sandbox.run(&["segment", "vip or @pro-vip", "--save", "pro"]).seen());
    shown.push(sandbox.run(&["segment", "vip", "--save", "no name"]).seen());
    shown.push(sandbox.run(&["segments", "--delete", "prp"]).seen());
    shown.push(sandbox.run(&["segments", "--delete", "@pro"]).seen());
    shown.push(sandbox.run(&["segments", "--format", "csv", "-q"]).stderr);
    shown.push(failed(&sandbox.run(&["segment", "@pro-vip"])));
    // Saved segments do not change customers.
    let before = sandbox.exported();
    sandbox.run(&["segments", "--delete", "pro-vip"]);
    assert_eq!(sandbox.exported(), before);
    shown.push(sandbox.run(&["segments"]).seen());
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn an_explanation_says_how_it_is_read_and_what_is_read() {
    let mut shown: Vec<String> = Vec::new();
    let sandbox = imported();
    let expression = "not (plan = 'Pro' or monthly_usage > 100) and signup_date within last 700 days
                      and (device_platform != 'ios' or city in ('a', 'b', 'c', 'd', 'e', 'f', 'g'))";
    let run = sandbox.run(&["segment", expression, "--explain"]);
    let mut seen = run.seen();
    // The two days depend on when the test runs.
    while let Some(at) = seen.find("20") {
        seen.replace_range(at..at + 10, "DAY");
    }
    shown.push(seen);
    let every = "vip and (archived or not has_device) and first_name like 'a!%' escape '!'
                 and (email contains 'x' or not email ends_with 'y') and monthly_usage between 1 and 2
                 and plan is null and last_login >= '2024-06-01' and last_login = '2024-06-01T10:30'";
    shown.push(sandbox.run(&["segment", every, "--explain"]).seen());
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn an_index_is_made_used_and_dropped_by_hand() {
    let mut shown: Vec<String> = Vec::new();
    let sandbox = imported();
    let explained = |expression: &str| {
        let run = sandbox.run(&["segment", expression, "--explain", "--format", "json"]);
        serde_json::from_str::<Value>(&run.stdout).unwrap()["indexes"].clone()
    };
    assert_eq!(explained("monthly_usage > 100"), serde_json::json!([]));
    assert_eq!(explained("uid = '1'"), serde_json::json!(["uid"]));
    shown.push(sandbox.run(&["index", "monthly_usage"]).seen());
    shown.push(sandbox.run(&["index", "monthly_usage"]).seen());
    for name in ["Odd. \"name\"", "email", "vip", "signup_date", "plan"] {
        assert_eq!(sandbox.run(&["index", name]).code, 0, "{name}");
    }
    for (expression, name) in [
        ("monthly_usage > 100", "monthly_usage"),
        ("monthly_usage in (1, 2)", "monthly_usage"),
        ("\"Odd. \"\"name\"\"\" = 'x'", "Odd. \"name\""),
        ("email = 'ada@example.com'", "email"),
        ("vip", "vip"),
        ("signup_date within last 7 days", "signup_date"),
        ("plan starts_with 'P'", "plan"),
        ("plan in ('Pro', 'Team')", "plan"),
    ] {
        assert_eq!(explained(expression), serde_json::json!([name]), "{expression}");
    }
    assert_eq!(uids(&sandbox, "monthly_usage > 88 and \"Odd. \"\"name\"\"\" = 'x'"), "1");
    // An import updates the index.
    sandbox.write("more.csv", "id,monthly_usage\n2,500\n6,600\n");
    assert_eq!(sandbox.run(&["import", "more.csv"]).code, 0);
    assert_eq!(uids(&sandbox, "monthly_usage >= 500"), "2 6");
    shown.push(sandbox.run(&["index", "monthly_usage", "--drop"]).seen());
    assert_eq!(explained("monthly_usage > 100"), serde_json::json!([]));
    shown.push(sandbox.run(&["index", "monthly_usage", "--drop"]).seen());
    shown.push(sandbox.run(&["index", "usage"]).seen());
    shown.push(sandbox.run(&["index", "device_token"]).seen());
    assert_eq!(sandbox.run(&["check"]).code, 0);
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn what_is_not_understood_is_pointed_at() {
    let mut shown: Vec<String> = Vec::new();
    let sandbox = imported();
    let seen = |expression: &str| failed(&sandbox.run(&["segment", expression]));
    shown.push(seen("plan = 'Pro' and monthly_usag > 100"));
    shown.push(seen("monthly_usage > 'many'"));
    shown.push(seen("plan = \"Pro\""));
    shown.push(seen("plan = 'a\u{1b}[2J' or plan = 'x"));
    shown.push(seen("plan = 'Pro'; DROP TABLE customers"));
    shown.push(failed(&sandbox.run(&["segment", "vip", "--columns", "uid,emial"])));
    shown.push(failed(&sandbox.run(&["segment", "vip", "--sort", "paln:desc"])));
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn hostile_expressions_are_harmless() {
    let sandbox = imported();
    let before = std::fs::read(sandbox.path("engage.db")).unwrap();
    let run = |expression: &str| {
        sandbox.run_with_input(&["segment", "-", "--count"], expression.as_bytes())
    };
    let mut longest = "plan = '".to_owned();
    longest.push_str(&"x".repeat((1 << 20) - longest.len() - 1));
    longest.push('\'');
    for (expression, code, count) in [
        (longest.clone(), 0, "0\n"),
        (format!("{longest} "), 2, ""),
        ("(".repeat(10_000), 2, ""),
        (format!("{}vip{}", "(".repeat(10_000), ")".repeat(10_000)), 2, ""),
        (format!("{}vip", "not ".repeat(10_001)), 0, "2\n"),
        (vec!["vip"; 5_000].join(" or "), 0, "2\n"),
        (vec!["monthly_usage != 1"; 5_000].join(" and "), 0, "4\n"),
        (vec!["device_token like 't_' escape '!'"; 1_000].join(" or "), 0, "3\n"),
        (vec!["vip"; 5_001].join(" and "), 2, ""),
        (format!("plan in ({})", vec!["'Pro'"; 100_000].join(",")), 0, "2\n"),
        (
            format!(
                "{}plan = 'Pro' and vip{}",
                "(vip and (not vip or ".repeat(50),
                "))".repeat(50)
            ),
            0,
            "1\n",
        ),
        ("plan = 'Pro' -- and vip".to_owned(), 2, ""),
        ("plan = 'Pro' /* */".to_owned(), 2, ""),
        ("plan = ''' or 1=1 --'".to_owned(), 0, "0\n"),
        ("plan = 'Pro'' OR ''1''=''1'".to_owned(), 0, "0\n"),
        ("\"plan') = 1 or ('1\" = '1'".to_owned(), 2, ""),
        ("plan = '\u{0}'".to_owned(), 0, "0\n"),
        (String::new(), 2, ""),
        ("\u{202e}\u{0}'".to_owned(), 2, ""),
    ] {
        let seen = run(&expression);
        let start: String = expression.chars().take(60).collect();
        assert_eq!((seen.code, seen.stdout.as_str()), (code, count), "{start}: {}", seen.stderr);
        assert!(seen.stderr.len() < 1000, "{start}: {}", seen.stderr);
        assert!(!seen.stderr.contains(['\u{0}', '\u{202e}']), "{start}");
    }
    let not_text = sandbox.run_with_input(&["segment", "-"], b"plan = '\xff'");
    assert!(failed(&not_text).contains("no expression could be read"), "{not_text:?}");
    assert_eq!(std::fs::read(sandbox.path("engage.db")).unwrap(), before);
}

#[test]
fn an_attribute_of_any_name_can_be_queried() {
    let names =
        ["it's", "a.b[0]", "$", "emoji 😀", "quo\"te", "sp ace", "archived", "and", "--", "ünï"];
    let header: Vec<String> =
        names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    let sandbox = Sandbox::with(
        "odd.csv",
        format!("id,{}\nu,{}\n", header.join(","), vec!["here"; names.len()].join(",")),
    );
    let maps: Vec<String> = names.iter().map(|name| format!("--map={name}={name}")).collect();
    let mut arguments = vec!["import", "odd.csv"];
    arguments.extend(maps.iter().map(String::as_str));
    let run = sandbox.run(&arguments);
    assert_eq!(run.code, 0, "{run:?}");
    for (name, quoted) in names.iter().zip(&header) {
        assert_eq!(uids(&sandbox, &format!("{quoted} = 'here'")), "u", "{name}");
        assert_eq!(sandbox.run(&["index", quoted]).code, 0, "{name}");
        assert_eq!(uids(&sandbox, &format!("{quoted} = 'here'")), "u", "{name}");
        let run = sandbox.run(&["segment", &format!("{quoted} = 'here'"), "--format", "jsonl"]);
        let row: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(row[name], "here", "{run:?}");
        let run = sandbox.run(&["segment", "uid = 'u'", "--columns", quoted, "--format", "jsonl"]);
        assert_eq!(serde_json::from_str::<Value>(&run.stdout).unwrap()[name], "here", "{run:?}");
        assert_eq!(sandbox.run(&["index", quoted, "--drop"]).code, 0, "{name}");
    }
}

#[test]
fn an_empty_store_differs_from_a_missing_one() {
    let mut shown: Vec<String> = Vec::new();
    let sandbox = imported();
    let run = sandbox.run(&["segment", "vip", "--store", "other.db"]);
    shown.push(run.seen());
    assert!(!sandbox.exists("other.db"));
    assert_eq!(sandbox.run(&["segments", "--store", "other.db"]).code, 1);
    assert_eq!(sandbox.run(&["index", "plan", "--store", "other.db"]).code, 1);
    sandbox.write("night.csv", "id,plan\n1,Pro\n");
    sandbox.run(&["import", "night.csv", "--snapshot=delete", "--max-missing", "100%"]);
    sandbox.execute("DELETE FROM devices; DELETE FROM customers");
    assert_eq!(sandbox.run(&["segment", "plan = 'Pro'", "--count"]).stdout, "0\n");
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn a_locked_store_can_be_read_but_not_changed() {
    let sandbox = imported();
    let writer = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE; UPDATE customers SET archived_at = 'x'").unwrap();
    assert_eq!(uids(&sandbox, "vip"), "1 3");
    let save = ["segment", "vip", "--save", "vips", "--wait", "0"];
    let run = sandbox.run(&save);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("engage.db has been locked for 0 s by another program"), "{run:?}");
    writer.execute_batch("ROLLBACK").unwrap();
    assert_eq!(sandbox.run(&save).code, 0);
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let sandbox = imported();
    for format in ["human", "csv", "json", "jsonl"] {
        let mut command = sandbox.command(&["segment", "uid is not null", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let run: Run = child.wait_with_output().unwrap().into();
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{format}");
    }
}

#[test]
fn a_command_in_a_hint_can_be_copied_for_any_attribute_name() {
    let sandbox = Sandbox::with("u.csv", "id,Score\n1,4\n");
    assert_eq!(sandbox.run(&["import", "u.csv", "-m", "Score=The score"]).code, 0);
    let run = sandbox.run(&["segment", "\"The score\" = 'x'"]);
    assert!(run.stderr.contains("engage retype 'The score=string' converts"), "{run:?}");
}
