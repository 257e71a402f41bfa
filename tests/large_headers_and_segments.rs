//! The work grows with the number of columns, conditions and customers, not with its square.

use crate::sandbox::Sandbox;
use std::time::{Duration, Instant};

/// How long a command takes: the shorter of two runs, since other tests run beside it.
fn timed(sandbox: &Sandbox, arguments: &[&str]) -> Duration {
    let run = || {
        let started = Instant::now();
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 0, "{:.400}", run.stderr);
        started.elapsed()
    };
    (0..2).map(|_| run()).min().unwrap()
}

const COLUMNS: usize = 4_000;

fn file(names: impl Iterator<Item = String>) -> String {
    let header: Vec<String> = names.take(COLUMNS).collect();
    format!("id,{}\n1{}\n", header.join(","), ",".repeat(COLUMNS))
}

#[test]
fn columns_of_one_name_cost_no_more_than_others() {
    let sandbox = Sandbox::with("distinct.csv", file((1..).map(|n| format!("col{n}"))));
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
        for command in ["inspect", "import"] {
            let distinct = timed(&sandbox, &[command, "distinct.csv", "--store", "a.db"]);
            let taken = timed(&sandbox, &[command, name, "--store", "b.db"]);
            assert!(taken < distinct * 4, "{command} {name}: {taken:?}, others {distinct:?}");
        }
    }
}

#[test]
fn a_choice_for_each_column_costs_little_more_than_none() {
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
        assert!(taken < bare * 4, "{}: {taken:?}, without {bare:?}", arguments[2]);
    }
}

#[test]
fn columns_of_one_name_are_numbered_in_their_order() {
    let sandbox = Sandbox::with("u.csv", "id,x_3,x,X,x_2,x,x\n1,a,b,c,d,e,f\n");
    let run = sandbox.run(&["import", "u.csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    let attributes = sandbox.sql("SELECT attributes FROM customers");
    assert_eq!(attributes, [r#"{"x":"b","x_2":"c","x_2_2":"d","x_3":"a","x_4":"e","x_5":"f"}"#]);
}
