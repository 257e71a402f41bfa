//! The running time is linear in the number of columns, conditions and customers, not quadratic.

use crate::sandbox::Sandbox;
use std::time::{Duration, Instant};

/// The duration of a command: the shorter of two runs, because other tests run in parallel.
fn timed(sandbox: &Sandbox, arguments: &[&str]) -> Duration {
    let run = || {
        let started = Instant::now();
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 0, "{:.400}", run.stderr);
        started.elapsed()
    };
    (0..2).map(|_| run()).min().unwrap()
}

/// The additional time that a busy machine may need.
const SLACK: Duration = Duration::from_secs(1);

const COLUMNS: usize = 4_000;

fn file(names: impl Iterator<Item = String>) -> String {
    let header: Vec<String> = names.take(COLUMNS).collect();
    format!("id,{}\n1{}\n", header.join(","), ",".repeat(COLUMNS))
}

#[test]
fn equal_column_names_are_as_fast_as_distinct_ones() {
    let sandbox = Sandbox::with("distinct.csv", file((1..).map(|n| format!("col{n}"))));
    let distinct = ["inspect", "import"]
        .map(|command| (command, timed(&sandbox, &[command, "distinct.csv", "--store", "a.db"])));
    let same = |name: &'static str| file(std::iter::repeat(name.to_owned()));
    for (name, content) in [
        ("equal.csv", same("x")),
        ("emails.csv", same("email")),
        ("names.csv", same("nom")),
        (
            "numbered.csv",
            file((2..2_002).map(|n| format!("x_{n}")).chain(vec!["x".into(); COLUMNS])),
        ),
    ] {
        sandbox.write(name, content);
        for (command, distinct) in distinct {
            let taken = timed(&sandbox, &[command, name, "--store", "b.db"]);
            assert!(
                taken < distinct * 4 + SLACK,
                "{command} {name}: {taken:?}, others {distinct:?}"
            );
        }
    }
}

#[test]
fn an_option_for_each_column_is_nearly_as_fast_as_none() {
    let sandbox = Sandbox::with("u.csv", file((1..).map(|n| format!("Col {n}"))));
    let choice = |option: &'static str, choice: fn(usize) -> String| {
        (1..=COLUMNS).flat_map(move |n| [option.to_owned(), choice(n)])
    };
    let bare = timed(&sandbox, &["inspect", "u.csv"]);
    for choices in [
        choice("-m", |n| format!("col_{n}=attribute{n}")).collect::<Vec<_>>(),
        choice("--skip", |n| format!("col_{n}")).collect(),
        choice("--type", |n| format!("col {n}=string")).collect(),
    ] {
        let choices = choices.iter().map(String::as_str);
        let arguments: Vec<&str> = ["inspect", "u.csv"].into_iter().chain(choices).collect();
        let taken = timed(&sandbox, &arguments);
        assert!(taken < bare * 4 + SLACK, "{}: {taken:?}, without {bare:?}", arguments[2]);
    }
}

/// An operator, the expected number of customers, and the conditions that it joins.
type Kind = (&'static str, &'static str, fn(usize) -> String);

const CUSTOMERS: usize = 5_000;
const CONDITIONS: usize = 5_000;

#[test]
fn a_segment_of_many_conditions_is_one_pass_over_the_customers() {
    let row = |n| format!("u{n},u{n}@example.org,p{n},{n},some note {n}\n");
    let rows: Vec<String> = (0..CUSTOMERS).map(row).collect();
    let file = format!("id,email,plan,usage,note\n{}", rows.concat());
    let sandbox = Sandbox::with("u.csv", file);
    assert_eq!(sandbox.run(&["import", "u.csv", "-q"]).code, 0);
    let kinds: [Kind; 12] = [
        ("or", "2500", |n| format!("plan = 'p{}'", n * 2)),
        ("and", "2500", |n| format!("plan != 'p{}'", n * 2)),
        ("or", "2500", |n| format!("usage = {}", n * 2)),
        ("and", "2500", |n| format!("not usage = {}", n * 2)),
        ("or", "1", |n| format!("usage between {} and {}", n * 10 + 4_999, n * 10 + 5_003)),
        ("or", "0", |n| format!("note contains 'x{n}'")),
        ("and", "5000", |n| format!("not note ends_with 'x{n}'")),
        ("or", "0", |n| format!("note like 's%x{n}_'")),
        ("or", "0", |n| format!("device_token contains 'x{n}'")),
        ("or", "0", |n| format!("email starts_with 'x{n}@'")),
        ("or", "0", |n| format!("first_imported_at < '{}-01-01'", 1_000 + n % 900)),
        ("or", "0", |n| match n % 4 {
            0 => format!("plan = 'x{n}'"),
            1 => format!("usage > {}", n + CUSTOMERS),
            2 => format!("note contains 'x{n}'"),
            _ => format!("(plan = 'p{n}' and usage < {n})"),
        }),
    ];
    for (operator, expected, condition) in kinds {
        let write = |name: &str, count: usize| {
            let conditions: Vec<String> = (0..count).map(condition).collect();
            sandbox.write(name, conditions.join(&format!(" {operator} ")));
        };
        // A condition of the last kind counts as two.
        let most = if condition(3).starts_with('(') { CONDITIONS * 4 / 5 } else { CONDITIONS };
        write("few", most / 100);
        write("many", most);
        let timed = |name: &str| {
            let input = sandbox.read(name);
            let run = || {
                let started = Instant::now();
                let run = sandbox.run_with_input(&["segment", "-", "--count"], input.as_bytes());
                assert_eq!(run.code, 0, "{:.400}", run.stderr);
                (started.elapsed(), run.stdout.trim().to_owned())
            };
            (0..2).map(|_| run()).min().unwrap()
        };
        let ((few, _), (many, count)) = (timed("few"), timed("many"));
        assert_eq!(count, expected, "{operator} {}", condition(1));
        assert!(many < few * 20 + SLACK, "{operator} {}: {many:?}, few {few:?}", condition(1));
    }
}

#[test]
fn an_index_is_used_among_many_conditions() {
    let rows: Vec<String> = (0..100).map(|n| format!("u{n},p{n},{n}\n")).collect();
    let sandbox = Sandbox::with("u.csv", format!("id,plan,usage\n{}", rows.concat()));
    assert_eq!(sandbox.run(&["import", "u.csv", "-q"]).code, 0);
    assert_eq!(sandbox.run(&["index", "plan"]).code, 0);
    let others = |operator: &str, field: &str| {
        let others: Vec<String> = (0..40).map(|n| format!("{field} != {n}")).collect();
        format!("({})", others.join(operator))
    };
    let equal: Vec<String> = (0..40).map(|n| format!("plan = 'p{n}'")).collect();
    for expression in [
        format!("plan = 'p7' and {}", others(" or ", "usage")),
        format!("{} and plan in ('p7', 'p8')", others(" and ", "usage")),
        equal.join(" or "),
    ] {
        let run = sandbox.run(&["segment", &expression, "--explain", "--format", "json"]);
        assert_eq!(run.code, 0, "{run:?}");
        let explained: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(explained["indexes"], serde_json::json!(["plan"]), "{expression}");
    }
}

#[test]
fn equal_column_names_are_numbered_in_order() {
    let sandbox = Sandbox::with("u.csv", "id,x_3,x,X,x_2,x,x\n1,a,b,c,d,e,f\n");
    let run = sandbox.run(&["import", "u.csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    let attributes = sandbox.customers("attributes");
    assert_eq!(attributes, [r#"{"x":"b","x_2":"c","x_2_2":"d","x_3":"a","x_4":"e","x_5":"f"}"#]);
}
