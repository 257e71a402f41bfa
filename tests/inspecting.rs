//! `engage inspect` shows how an import would read a file, and writes nothing.

use crate::sandbox::{Run, Sandbox};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::LazyLock;
use unicode_width::UnicodeWidthStr;

const FIXTURES: &[&str] = &[
    "users.csv",
    "exports/hubspot_contacts.csv",
    "exports/shopify_customers.csv",
    "exports/google_contacts.csv",
    "exports/stripe_customers.csv",
    "border/de_kunden_xtcommerce.csv",
    "events/mixpanel.csv",
];

fn inspected(run: &Run) -> Value {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = include_str!("../docs/inspection.schema.json");
        jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
    });
    let report: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let errors: Vec<String> = SCHEMA.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {report}");
    report
}

fn column<'r>(report: &'r Value, name: &str) -> &'r Value {
    let columns = report["columns"].as_array().unwrap();
    columns.iter().find(|column| column["column"] == name).unwrap()
}

fn file_name(fixture: &str) -> &str {
    fixture.rsplit('/').next().unwrap()
}

#[test]
fn inspections_of_real_exports() {
    for fixture in FIXTURES {
        let sandbox = Sandbox::with_fixture(fixture);
        let name = file_name(fixture);
        let run = sandbox.run(&["inspect", name]);
        insta::assert_snapshot!(name.trim_end_matches(".csv"), run.seen());
    }
}

#[test]
fn every_export_fits_eighty_columns_and_nothing_is_written() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for folder in ["exports", "border", "events"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "csv") {
                continue;
            }
            let sandbox = Sandbox::with("u.csv", std::fs::read(&path).unwrap());
            let all: &[&[&str]] = if folder == "exports" { &[&[], &["-v"]] } else { &[&[]] };
            for &more in all {
                let run = sandbox.run(&[&["inspect", "u.csv"][..], more].concat());
                let expected = if folder == "events" { 4 } else { 0 };
                assert!(run.code == expected || folder == "border", "{path:?} {run:?}");
                for line in run.stdout.lines() {
                    assert!(line.width() <= 80, "{path:?} {line}");
                }
            }
            assert_eq!(sandbox.files(), ["u.csv"]);
        }
    }
}

#[test]
fn an_inspection_has_the_plan_of_an_import() {
    for fixture in FIXTURES {
        let sandbox = Sandbox::with_fixture(fixture);
        let name = file_name(fixture);
        let inspection = inspected(&sandbox.run(&["inspect", name, "--format", "json"]));
        let run = sandbox.run(&["import", name, "--dry-run", "--format", "json"]);
        let report = run.report();
        assert_eq!(inspection["exit_code"] == 4, run.code == 4, "{fixture}");
        assert_eq!(inspection["error"], report["error"], "{fixture}");
        if run.code == 4 {
            continue;
        }
        assert_eq!(inspection["key"]["attribute"], report["key"]);
        assert_eq!(inspection["sample"]["records"], report["records"]["read"]);
        assert_eq!(inspection["sample"]["rejected"], report["records"]["rejected"]);
        // An inspection does not merge records, so it lacks the warnings about merging.
        let of_values = |warnings: &Value| -> Vec<Value> {
            let of_records = |it: &&Value| it["code"].as_str().unwrap().starts_with("record.");
            let warnings = warnings.as_array().unwrap().iter();
            warnings.filter(|warning| !of_records(warning)).cloned().collect()
        };
        assert_eq!(of_values(&inspection["warnings"]), of_values(&report["warnings"]));
        let pairs = inspection["columns"].as_array().unwrap().iter();
        for (inspected, imported) in pairs.zip(report["mapping"].as_array().unwrap()) {
            for field in ["column", "index", "attribute", "standard", "type", "type_from", "how"] {
                assert_eq!(inspected[field], imported[field], "{fixture} {inspected}");
            }
        }
    }
}

#[test]
fn every_proposed_option_works() {
    let file = "id,Name,Mobile,Phone,born,usage,plan,vip\n\
                1,Ada Duarte,+12025550100,+12025550101,03/04/1990,5,Pro,yes\n\
                2,Mei Okafor,+12025550102,,05/06/1991,6,Free,no\n";
    let sandbox = Sandbox::with("u.csv", file);
    let inspection = inspected(&sandbox.run(&["inspect", "u.csv", "--format", "json"]));
    let first = |name| column(&inspection, name)["overrule"][0].as_str().unwrap().to_owned();
    assert_eq!(first("Name"), "-m Name=full_name");
    assert_eq!(first("Mobile"), "-m Mobile=mobile");
    assert_eq!(first("Phone"), "-m Phone=number");
    assert_eq!(first("born"), "--type born=date:%d/%m/%Y");
    assert_eq!(first("usage"), "--type usage=string");
    assert_eq!(first("plan"), "--skip plan");
    assert_eq!(first("vip"), "--type vip=string");
    for inspected_column in inspection["columns"].as_array().unwrap() {
        for option in inspected_column["overrule"].as_array().unwrap() {
            let words: Vec<&str> = option.as_str().unwrap().split(' ').collect();
            let again =
                sandbox.run(&[&["inspect", "u.csv", "--format", "json"], &words[..]].concat());
            let again = inspected(&again);
            let now = column(&again, inspected_column["column"].as_str().unwrap());
            assert_ne!(inspected_column, now, "{option}");
            assert!(now["how"] == "given" || now["type_from"] == "given", "{option} {now}");
        }
    }
}

#[test]
fn given_options_are_shown_with_their_origin() {
    let sandbox = Sandbox::with("u.csv", "id;Nummer;Notiz\n1;0171 2345678;x\n");
    let run = sandbox.run(&[
        "inspect",
        "u.csv",
        "-m",
        "Nummer=number",
        "--region",
        "DE",
        "--skip",
        "Notiz",
        "--null",
        "-",
        "--delimiter",
        ";",
        "--format",
        "json",
    ]);
    let report = inspected(&run);
    assert_eq!(column(&report, "Nummer")["how"], "given");
    assert_eq!(column(&report, "Notiz")["attribute"], Value::Null);
    assert_eq!(report["sample"]["rejected"], 0);
    let choices: Vec<&str> = report["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| choice["option"].as_str().unwrap())
        .collect();
    assert_eq!(choices, ["delimiter", "region", "null"]);
}

#[test]
fn the_key_and_types_of_a_store_apply_and_the_store_is_unchanged() {
    let sandbox = Sandbox::with("a.csv", "email,score\na@example.com,high\n");
    assert_eq!(sandbox.run(&["import", "a.csv"]).code, 0);
    let before = std::fs::read(sandbox.path("engage.db")).unwrap();
    sandbox.write("b.csv", "id,email,score\n1,b@example.com,5\n");
    let report = inspected(&sandbox.run(&["inspect", "b.csv", "--format", "json"]));
    assert_eq!(report["key"], serde_json::json!({ "attribute": "email", "from": "store" }));
    assert_eq!(column(&report, "score")["type"], "string");
    assert_eq!(column(&report, "score")["type_from"], "store");
    assert_eq!(std::fs::read(sandbox.path("engage.db")).unwrap(), before);
    sandbox.write("c.csv", "id,score\n1,5\n");
    let run = sandbox.run(&["inspect", "c.csv"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stdout.contains("score"), "{run:?}");
    assert!(run.stderr.contains("the store identifies customers by email"), "{run:?}");
}

#[test]
fn only_the_sample_of_a_large_file_is_read() {
    use std::io::Write as _;
    let records: Vec<String> =
        (0..60_000).map(|id| format!("{id},u{id}@example.com,Pro")).collect();
    let rows = format!("id,email,plan\n{}\n", records.join("\n"));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(rows.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    // The compressed file is damaged after the sample.
    let broken = &packed[..packed.len() - packed.len() / 4];
    for (name, content) in [("u.csv", rows.as_bytes()), ("u.csv.gz", broken)] {
        let sandbox = Sandbox::with(name, content);
        let report = inspected(&sandbox.run(&["inspect", name, "--format", "json"]));
        assert_eq!(report["sample"]["records"], 10_000, "{name}");
        assert_eq!(report["sample"]["complete"], false);
    }
    let sandbox = Sandbox::new();
    let run = sandbox.run_with_input(&["inspect", "-"], rows.as_bytes());
    assert!(run.stdout.starts_with("stdin: its first 10,000 records"), "{run:?}");
}

#[test]
fn values_of_a_file_are_escaped() {
    let file = "id,em\u{202e}ail,email\n1,\u{1b}[31mred,\u{1b}[2J\u{202e}x@\n2,,\n";
    let sandbox = Sandbox::with("u.csv", file);
    let run = sandbox.run(&["inspect", "u.csv", "-v"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains('\u{202e}'), "{run:?}");
}

#[test]
fn the_table_of_header_words_is_printed_and_is_in_the_docs() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["inspect", "--aliases"]);
    assert_eq!(run.code, 0, "{run:?}");
    let page = include_str!("../docs/aliases.md");
    assert!(
        page.contains(&format!("```\n{}```\n", run.stdout)),
        "docs/aliases.md is not this:\n{}",
        run.stdout
    );
    let run = sandbox.run(&["inspect", "--aliases", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(report["aliases"].as_array().unwrap().len() > 100);
    assert_eq!(sandbox.run(&["inspect"]).code, 2);
}

/// Standard output alone shows the reason.
#[test]
fn a_refusal_is_on_the_page_with_its_reason() {
    let sandbox = Sandbox::with("o.csv", "order_id,product,date\n1,a,2024-01-01\n2,b,2024-01-02\n");
    let run = sandbox.run(&["inspect", "o.csv"]);
    assert_eq!(run.code, 4, "{run:?}");
    let page = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("would be refused: o.csv looks like a list of orders"), "{page}");
    let json = sandbox.run(&["inspect", "o.csv", "--format", "json"]).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    let message = json["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("o.csv looks like a list of orders"), "{message}");
}
