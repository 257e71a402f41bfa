//! Likely first guesses of a new user work, or give a hint.

use crate::sandbox::{Run, Sandbox};

const CUSTOMERS: &str = "\
id,first_name,last_name,email,plan,monthly_usage,vip,signup_date,number
1,Ada,Obi,Ada@example.com,Pro,\"1,412.50\",yes,2024-03-04,+2348012345678
2,Zoë,Bello,zoe@example.com,Free,12,no,2024-05-19,
3,Mei,Bello,mei@example.org,Pro,88.25,no,2023-11-30,
4,Tom,Ash,tom@example.org,Team,lots,no,2024-06-01,
";

fn imported() -> Sandbox {
    let sandbox = Sandbox::with("users.csv", CUSTOMERS);
    let options = ["import", "users.csv", "--type", "vip=boolean"];
    assert_eq!(sandbox.run(&options).code, 0);
    let run = sandbox.run(&["retype", "monthly_usage=number"]);
    assert_eq!(run.code, 0, "{run:?}");
    sandbox
}

fn uids(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let run =
        sandbox.run(&[&["segment", "--format", "csv", "--columns", "uid"], arguments].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}: {run:?}");
    run.stdout.lines().skip(1).collect::<Vec<_>>().join(" ")
}

fn hint(run: &Run) -> &str {
    run.stderr.lines().rev().find_map(|line| line.strip_prefix("hint: ")).unwrap_or_default()
}

#[test]
fn names_of_other_programs_lead_to_the_right_command() {
    let sandbox = imported();
    for (name, meant) in [
        ("validate", "engage import FILE.csv --dry-run"),
        ("preview", "engage inspect FILE.csv"),
        ("stats", "engage status"),
        ("ls", "engage segment"),
        ("log", "engage history"),
        ("diff", "engage changes ID"),
        ("query", "engage segment \"plan = 'Pro'\""),
        ("sql", "engage segment \"plan = 'Pro'\""),
        ("search", "engage segment \"plan = 'Pro'\""),
        ("count", "engage status"),
        ("delete", "engage forget UID"),
        ("revert", "engage undo"),
        ("schema", "engage attributes"),
        ("remove", "engage forget UID"),
    ] {
        let run = sandbox.run(&[name]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name}");
        assert_eq!(
            run.stderr,
            format!("error: engage has no command '{name}'\nhint: use: {meant}\n")
        );
        let command = meant.split_whitespace().nth(1).unwrap();
        assert_eq!(sandbox.run(&[command, "--help"]).code, 0, "{command} is there");
    }
    let run = sandbox.run(&["frobnicate"]);
    assert!(run.stderr.contains("unrecognized subcommand 'frobnicate'"), "{run:?}");
}

#[test]
fn the_spelling_of_earlier_versions_still_works() {
    let sandbox = imported();
    let run = |words: &[&str]| {
        let run = sandbox.run(words);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
        run.stdout
    };
    assert_eq!(run(&["segment", "vip", "--save", "vips"]), "Saved as @vips: 1 customer\n");
    assert!(run(&["segments"]).contains("vips"));
    assert_eq!(run(&["segments", "--delete", "vips"]), "Deleted @vips; no customer changed.\n");
    assert!(run(&["attributes", "--type", "plan=string"]).contains("plan"));
    assert!(run(&["history", "--prune", "--keep", "1"]).contains("import"));
    for (command, option) in
        [("segment", "--save"), ("attributes", "--type"), ("history", "--prune")]
    {
        let help = run(&[command, "--help-all"]);
        assert!(
            !help.contains(&format!("{option} ")),
            "{command} {option} has a command of its own"
        );
    }
}

#[test]
fn help_all_has_the_options_that_help_leaves_out() {
    let sandbox = Sandbox::new();
    let (short, long) =
        (sandbox.run(&["import", "--help"]).stdout, sandbox.run(&["import", "--help-all"]).stdout);
    for option in ["--mode", "--header-line", "--blank", "--accepted", "--progress"] {
        assert!(!short.contains(option) && long.contains(option), "{option}");
    }
    assert!(short.contains("--dry-run") && long.contains("--dry-run"));
}

#[test]
fn a_snapshot_action_needs_an_equals_sign() {
    let sandbox = imported();
    let run = sandbox.run(&["import", "--snapshot", "archive", "users.csv"]);
    assert_eq!((run.code, hint(&run)), (2, "write it like this: --snapshot=archive"), "{run:?}");
    sandbox.write("archive", CUSTOMERS);
    let run = sandbox.run(&["import", "--snapshot", "archive"]);
    assert_eq!(run.code, 0, "a file of that name is a file: {run:?}");
}

#[test]
fn sort_orders_may_be_written_in_several_ways() {
    let sandbox = imported();
    assert_eq!(uids(&sandbox, &["--sort", "-monthly_usage"]), "1 3 2 4", "strays are last");
    assert_eq!(uids(&sandbox, &["--sort", "monthly_usage"]), "2 3 1 4", "in both directions");
    assert_eq!(uids(&sandbox, &["--sort", "monthly_usage desc"]), "1 3 2 4");
    assert_eq!(uids(&sandbox, &["--sort", "monthly_usage:DESC"]), "1 3 2 4");
    assert_eq!(uids(&sandbox, &["--sort", "last_name,-first_name"]), "4 2 3 1");
    let table = sandbox.run(&["segment", "--sort", "-signup_date", "--limit", "1"]).stdout;
    assert!(table.contains("signup_date") && table.contains("2024-06-01"), "{table}");
}

#[test]
fn a_saved_segment_needs_no_at_sign_and_no_expression_means_all_customers() {
    let sandbox = imported();
    let run = sandbox.run(&["segments", "save", "pros", "plan = 'Pro'"]);
    assert_eq!(run.stdout, "Saved as @pros: 2 customers\n", "{run:?}");
    assert_eq!(uids(&sandbox, &["pros"]), "1 3");
    assert_eq!(uids(&sandbox, &["pros and vip"]), "1");
    assert_eq!(uids(&sandbox, &[]), "1 2 3 4");
    let run = sandbox.run(&["segments", "delete", "@pros"]);
    assert_eq!(run.stdout, "Deleted @pros; no customer changed.\n");
}

#[test]
fn an_empty_result_suggests_existing_values() {
    let sandbox = imported();
    let run = sandbox.run(&["segment", "plan = 'pro'"]);
    assert_eq!(run.stdout, "0 customers\n");
    assert_eq!(hint(&run), "no customer has plan 'pro', but 'Pro' (2 customers)");
    let run = sandbox.run(&["segment", "plan = 'Premium'"]);
    let values = "'Pro' (2 customers), 'Free' (1 customer), 'Team' (1 customer)";
    assert_eq!(hint(&run), format!("no customer has plan 'Premium', but {values}"));
    let run = sandbox.run(&["segment", "plan = 'Pro' and vip and plan = 'Team'"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("0 customers\n", ""), "all are there");
    let run = sandbox.run(&["segment", "monthly_usage > 5000"]);
    assert_eq!(hint(&run), "monthly_usage of 1 customer is not a number; it matches no comparison");
}

#[test]
fn a_value_in_another_case_is_always_suggested() {
    let sandbox = imported();
    let told = "no customer has plan 'pro', but 'Pro' (2 customers)";
    for arguments in [
        &["segment", "plan in ('pro', 'Free')"][..],
        &["segment", "plan != 'pro'", "--count"],
        &["segments", "save", "pros", "plan = 'pro'"],
    ] {
        let run = sandbox.run(arguments);
        assert_eq!((run.code, hint(&run)), (0, told), "{run:?}");
    }
    assert_eq!(sandbox.run(&["segment", "email = 'ADA@example.com'"]).stderr, "");
    let run = sandbox.run(&["segment", "plan > '100'"]);
    assert!(hint(&run).contains("none of its values is a number"), "{run:?}");
}

#[test]
fn sql_clauses_get_a_hint() {
    let sandbox = imported();
    for (written, way) in [
        ("plan = 'Pro' order by last_name", "sort with an option: --sort last_name,-monthly_usage"),
        ("plan = 'Pro' limit 10", "limit with an option: --limit 10"),
        (
            "signup_date < now() - interval '60 days'",
            "write it like this: \"signup_date < now() - 60 days\"",
        ),
        ("signup_date < 60 days ago", "write it like this: \"signup_date < now() - 60 days\""),
    ] {
        let run = sandbox.run(&["segment", written]);
        assert_eq!((run.code, hint(&run)), (2, way), "{run:?}");
    }
    let run = sandbox.run(&["segments", "rm", "lapsed"]);
    let said =
        "error: engage segments has no command 'rm'\nhint: use: engage segments delete NAME\n";
    assert_eq!((run.code, run.stderr.as_str()), (2, said));
}

/// Stored values keep their type if a later import declares another one.
#[test]
fn a_declared_type_that_differs_from_the_store_is_warned_about() {
    let sandbox = Sandbox::with("users.csv", "id,vip\n1,yes\n2,maybe\n");
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    sandbox.write("users.csv", "id,vip\n1,yes\n");
    let run = sandbox.run(&["import", "users.csv", "--type", "vip=boolean"]);
    let told = "warning: vip was a string until now: engage retype vip=boolean converts the values that are stored";
    assert!(run.stderr.contains(told), "{run:?}");
    assert_eq!(sandbox.run(&["import", "users.csv"]).stderr, "", "once is enough");
}

#[test]
fn a_change_of_only_the_type_is_visible() {
    let sandbox = Sandbox::with("users.csv", "id,usage\n1,12.5\n2,none of that\n");
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    assert_eq!(sandbox.run(&["retype", "usage=number"]).code, 0);
    let text = sandbox.run(&["changes"]).stdout;
    assert!(text.contains("1    changed  usage      \"12.5\"  12.5"), "{text}");
}

#[test]
fn suggested_corrections_work() {
    let sandbox = imported();
    for (written, corrected) in [
        ("plan = Pro", "plan = 'Pro'"),
        ("email ends_with example.com", "email ends_with 'example.com'"),
        ("monthly_usage > 1,000", "monthly_usage > 1000"),
        ("plan in [Pro, Team]", "plan in ('Pro', 'Team')"),
        ("plan = \u{201c}Pro\u{201d} && vip", "plan = 'Pro' and vip"),
    ] {
        let run = sandbox.run(&["segment", written]);
        let command = hint(&run).strip_prefix("write it like this: ").unwrap_or_default();
        assert_eq!((run.code, command), (2, format!("\"{corrected}\"").as_str()), "{run:?}");
        assert_eq!(sandbox.run(&["segment", corrected]).code, 0, "{corrected}");
    }
    let run = sandbox.run(&["segment", "signup_date > '2024-01-01' and plan > 3"]);
    assert_eq!(hint(&run), "none of its values is a number: engage attributes plan lists them");
}

#[test]
fn a_customer_is_shown_by_email() {
    let sandbox = imported();
    for email in ["ada@example.com", "Ada@example.com"] {
        let run = sandbox.run(&["show", email]);
        assert!(run.code == 0 && run.stdout.starts_with("1 Ada Obi"), "{run:?}");
    }
    assert_eq!(sandbox.run(&["show", "no@example.com"]).code, 1);
}

#[test]
fn changes_are_those_of_the_last_import_that_changed_something() {
    let sandbox = imported();
    sandbox.write("users.csv", CUSTOMERS.replace("Free", "Team"));
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    for (arguments, import) in [
        (&["changes"][..], "Import 3, the last that changed something"),
        (&["changes", "last"], "Import 3, the last that changed something"),
        (&["changes", "3"], "Import 3"),
    ] {
        let text = sandbox.run(arguments).stdout;
        let end = format!("\n{import}: 1 customer\n");
        assert!(text.contains("plan       Free    Team") && text.ends_with(&end), "{text}");
    }
    let run = sandbox.run(&["changes", "yesterday"]);
    assert!(run.code == 2 && run.stderr.contains("or last"), "{run:?}");
}

#[test]
fn the_values_of_an_attribute_are_counted() {
    let sandbox = imported();
    insta::assert_snapshot!(sandbox.run(&["attributes", "plan"]).stdout, @r"
    plan  customers
    Pro           2
    Free          1
    Team          1

    3 values
    ");
    let text = sandbox.run(&["attributes", "email", "--limit", "2"]).stdout;
    assert!(text.ends_with("\n2 of 4 values: --limit N shows more, --format csv all\n"), "{text}");
    let json = sandbox.run(&["attributes", "vip", "--format", "jsonl"]).stdout;
    assert_eq!(json, "{\"vip\":false,\"customers\":3}\n{\"vip\":true,\"customers\":1}\n");
}

/// A type that was declared once also applies to later imports.
#[test]
fn a_declared_type_is_remembered_with_its_format() {
    let sandbox = Sandbox::with(
        "users.csv",
        "id,vip,paid,born\n1,yes,\"1,200.50\",03/04/2024\n2,no,7,13/04/2024\n",
    );
    let declared =
        ["--type", "vip=boolean", "--type", "paid=number", "--type", "born=date:%d/%m/%Y"];
    assert_eq!(sandbox.run(&[&["import", "users.csv"], &declared[..]].concat()).code, 0);
    let before = sandbox.exported();
    let again = sandbox.run(&["import", "users.csv"]);
    assert!(again.stdout.contains("0 new · 0 changed · 2 unchanged"), "{again:?}");
    assert_eq!(sandbox.exported(), before);
    // As on the first night, a value that does not fit rejects its record.
    sandbox.write("users.csv", "id,vip,paid,born\n3,perhaps,1,03/04/2024\n4,yes,1,03/04/2024\n");
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 3);
}

#[test]
fn later_imports_use_the_type_of_a_retype() {
    let sandbox =
        Sandbox::with("users.csv", "id,vip,born\n1,yes,03/04/2024\n2,No way,04/05/2024\n");
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    let run = sandbox.run(&["retype", "vip=boolean", "born=date:%d/%m/%Y"]);
    assert_eq!(run.code, 0, "{run:?}");
    let before = sandbox.exported();
    assert_eq!(sandbox.run(&["import", "users.csv"]).code, 0);
    assert_eq!(sandbox.exported(), before);
}

/// An import does not suggest a type for texts that are mostly numbers, because it would reject the
/// others.
#[test]
fn texts_that_are_mostly_numbers_are_mentioned() {
    let rows: Vec<String> = (0..40).map(|row| format!("{row},{row}.5\n")).collect();
    let file = format!("id,usage\n{}99,lots\n", rows.concat());
    let sandbox = Sandbox::with("users.csv", file);
    let run = sandbox.run(&["import", "users.csv"]);
    assert!(
        run.stdout.contains("usage   usage    string  1 of 41 is not of type 'number'"),
        "{run:?}"
    );
    assert!(!run.stdout.contains("--type"), "{run:?}");
    let rows: Vec<String> =
        (1..29).map(|row| format!("{row},{}/{row}/2024\n", row % 12 + 1)).collect();
    sandbox.write("days.csv", format!("id,joined\n{}99,soon\n", rows.concat()));
    let run = sandbox.run(&["import", "days.csv", "--store", "days.db"]);
    assert!(run.stdout.contains("string  1 of 29 is not of type 'date:%m/%d/%Y'"), "{run:?}");
    let run = sandbox.run(&["segment", "joined > '2024-06-01'", "--store", "days.db"]);
    assert!(
        hint(&run)
            .contains("retype --store days.db joined=date:%m/%d/%Y converts 28 of its 29 values"),
        "{run:?}"
    );
}
