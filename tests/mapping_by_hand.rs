//! A manual mapping of a column overrides its header.

use crate::sandbox::Sandbox;

fn attributes(run: &crate::sandbox::Run) -> Vec<String> {
    let report = run.report();
    report["mapping"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["attribute"].as_str().unwrap_or("-").to_owned())
        .collect()
}

#[test]
fn columns_are_mapped_skipped_and_left_out() {
    let file = "Key,Mail 2,Plan,Notes,First name\n1,a@example.com,Pro,x,Ada\n";
    let sandbox = Sandbox::with("u.csv", file);
    let base = ["import", "u.csv", "--dry-run", "--format", "json", "-m", "Key=uid"];
    let with = |more: &[&str]| sandbox.run(&[&base, more].concat());
    assert_eq!(attributes(&with(&[])), ["uid", "email", "plan", "notes", "first_name"]);
    let run = with(&["-m", "mail 2=email", "--skip", "notes"]);
    assert_eq!(attributes(&run), ["uid", "email", "plan", "-", "first_name"]);
    let run = with(&["--only-mapped", "-m", "Plan=tariff"]);
    assert_eq!(attributes(&run), ["uid", "email", "tariff", "-", "first_name"]);
}

#[test]
fn mistakes_suggest_the_nearest_name() {
    let sandbox = Sandbox::with("u.csv", "id,email,first_name,plan\n1,a@b.co,A,Pro\n");
    for (arguments, said) in [
        (&["-m", "emial=email"][..], "did you mean 'email'?"),
        (&["--skip", "pan"], "did you mean 'plan'?"),
        (&["-m", "plan=uid", "-m", "email=uid"], "both mapped to uid"),
        (&["-m", "plan=devices"], "the store uses that name"),
        (&["--type", "plna=number"], "did you mean 'plan'?"),
        (&["--type", "email=number"], "standard attribute"),
        (&["--type", "plan=money"], "unknown type 'money'"),
        (&["--type", "plan=date:%d"], "does not give a complete date"),
        (&["--type", "plan"], "ATTRIBUTE=TYPE"),
        (&["-m", "plan"], "COLUMN=ATTRIBUTE"),
        (&["--region", "XX"], "not a region"),
        (&["--region-column", "contry"], "no column 'contry'"),
        (&["--max-rejects", "many"], "neither a count"),
    ] {
        let run = sandbox.run(&[&["import", "u.csv"], arguments].concat());
        assert_eq!(run.code, 2, "{arguments:?} {run:?}");
        assert!(run.stderr.contains(said), "{arguments:?} {run:?}");
        assert_eq!(sandbox.files(), ["u.csv"]);
    }
}

#[test]
fn reserved_names_are_changed_with_a_warning() {
    let sandbox = Sandbox::with("u.csv", "id,archived_at,Plan,plan,\n1,x,a,b,c\n");
    let run = sandbox.run(&["import", "u.csv", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(attributes(&run), ["uid", "custom_archived_at", "plan", "plan_2", "column_5"]);
    assert_eq!(run.stderr.matches("warning:").count(), 2, "{run:?}");
}

#[test]
fn equivalent_unicode_names_are_one_attribute() {
    let (apart, whole) = ("Gro\u{308}\u{df}e", "Gr\u{f6}\u{df}e");
    let sandbox = Sandbox::with("u.csv", format!("id,{apart},Plan\n1,2,Pro\n"));
    assert_eq!(sandbox.run(&["import", "u.csv", "-m", "Plan=cafe\u{301}"]).code, 0);
    sandbox.write("v.csv", format!("id,{whole},Plan\n2,3,Pro\n"));
    assert_eq!(sandbox.run(&["import", "v.csv", "-m", "Plan=caf\u{e9}"]).code, 0);
    let names = sandbox.sql("SELECT DISTINCT key FROM customers, json_each(attributes) ORDER BY 1");
    assert_eq!(names, ["caf\u{e9}", "gr\u{f6}\u{df}e"]);
    let run = sandbox.run(&["segment", "größe > 1", "--count"]);
    assert_eq!((run.code, run.stdout.trim()), (0, "2"), "{run:?}");
}
