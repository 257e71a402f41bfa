//! The newest import can be undone exactly, then the one before it.

use crate::sandbox::Sandbox;

/// The customers, their devices, the catalogue and the key.
fn state(sandbox: &Sandbox) -> Vec<Vec<String>> {
    [
        "SELECT * FROM customers ORDER BY id",
        "SELECT * FROM devices ORDER BY customer_id, rank",
        "SELECT * FROM attributes ORDER BY name",
        "SELECT * FROM settings ORDER BY name",
        "SELECT sql FROM sqlite_schema WHERE name = 'customer_profiles'",
        "SELECT * FROM changes ORDER BY import_id, customer_id",
    ]
    .map(|sql| sandbox.sql(sql))
    .to_vec()
}

const FILES: [(&str, &[&str]); 6] = [
    (
        "id,first_name,plan,device_token,device_platform\n1,Ada,Free,a,ios\n2,Mei,Pro,b,ios\n3,Ola,,,\n",
        &[],
    ),
    (
        "id,plan,zip,device_token,device_platform\n1,Pro,0123,c,ios\n2,Pro,,b,android\n4,Free,9,d,ios\n",
        &[],
    ),
    (
        "id,plan,zip\n1,NULL,5\n4,Free,9\n",
        &["--null", "NULL", "--snapshot=archive", "--max-missing", "9"],
    ),
    ("id,plan,zip\n2,Back,1\n2,Again,\n5,New,2\n", &["--blank", "clear", "--type", "zip=number"]),
    ("id,plan\n1,Basic\n", &["--snapshot=delete", "--max-missing", "9"]),
    ("id,plan,born\n4,Reborn,2020-01-01\n1,Basic,2020-01-02\n", &[]),
];

fn import(sandbox: &Sandbox, number: usize) -> i32 {
    let (content, options) = FILES[number];
    sandbox.write("u.csv", content);
    sandbox.run(&[&["import", "u.csv"], options].concat()).code
}

#[test]
fn each_undo_restores_the_state_before_its_import() {
    let sandbox = Sandbox::new();
    let mut states = Vec::new();
    for number in 0..FILES.len() {
        assert_eq!(import(&sandbox, number), 0);
        states.push(state(&sandbox));
    }
    for number in (1..FILES.len()).rev() {
        let would = sandbox.run(&["undo", "--dry-run", "--format", "json"]);
        assert_eq!(state(&sandbox), states[number], "a dry run changes nothing");
        let run = sandbox.run(&["undo", "--format", "json"]);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(
            run.stdout.replace("undone\"", "dry_run\""),
            would.stdout.replace("undone\"", "dry_run\"")
        );
        assert_eq!(state(&sandbox), states[number - 1], "import {}", number + 1);
        assert_eq!(sandbox.run(&["check"]).code, 0);
    }
    assert_eq!(sandbox.run(&["undo"]).code, 0);
    let empty = state(&sandbox);
    assert!(empty[..4].iter().all(Vec::is_empty), "{empty:?}");
    let run = sandbox.run(&["undo"]);
    insta::assert_snapshot!(run.seen(), @r"
    error: engage.db has no import to undo
    hint: engage history lists all changes, the newest first
    exit 1
    ");
    // After undoing everything, the key may change, and row ids are not reused.
    sandbox.write("u.csv", "email,plan\na@x.co,Pro\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    assert_eq!(sandbox.sql("SELECT value FROM settings WHERE name = 'key'"), ["email"]);
    assert_eq!(sandbox.sql("SELECT id > 5, uid FROM customers"), ["1|a@x.co"]);
}

#[test]
fn an_undone_import_can_be_repeated() {
    let sandbox = Sandbox::new();
    import(&sandbox, 0);
    import(&sandbox, 1);
    let customers = "uid,first_name,attributes";
    let done = sandbox.customers(customers);
    sandbox.run(&["undo"]);
    assert_ne!(sandbox.customers(customers), done);
    let report = sandbox.run(&["import", "u.csv", "--format", "json"]).report();
    assert_eq!(report["customers"]["inserted"], 1);
    assert_eq!(report["customers"]["updated"], 2);
    assert_eq!(sandbox.customers(customers), done);
}

#[test]
fn after_an_undo_columns_are_compared_with_the_remaining_import() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n");
    sandbox.run(&["import", "u.csv"]);
    sandbox.write("u.csv", "id,plan,zip\n1,Pro,5\n");
    sandbox.run(&["import", "u.csv"]);
    sandbox.run(&["undo"]);
    assert_eq!(sandbox.run(&["import", "u.csv", "--strict"]).code, 4);
    sandbox.write("u.csv", "id,plan\n1,Pro\n");
    assert_eq!(sandbox.run(&["import", "u.csv", "--strict"]).code, 0);
}

#[test]
fn an_undo_is_reported_and_is_in_the_history() {
    let sandbox = Sandbox::new();
    for number in 0..5 {
        import(&sandbox, number);
    }
    insta::assert_snapshot!(sandbox.run(&["undo", "--dry-run"]).seen(), @r"
      1 reverted · 3 restored
    Import 5 would be undone. Dry run: nothing was written.
    The last change would then be import 4: 1 new, 1 changed.
    exit 0
    ");
    insta::assert_snapshot!(sandbox.run(&["undo"]).seen(), @r"
      1 reverted · 3 restored
    Import 5 undone.
    The last change is now import 4: 1 new, 1 changed.
    exit 0
    ");
    insta::assert_snapshot!(sandbox.run(&["undo", "4"]).seen(), @r"
      1 removed · 1 reverted
    Import 4 undone.
    The last change is now import 3: 1 changed, 2 archived.
    exit 0
    ");
    assert_eq!(sandbox.run(&["undo", "-q"]).stdout, "");
    assert_eq!(
        sandbox
            .sql("SELECT id, kind, status, trail, json_extract(report, '$.undone') FROM imports"),
        [
            "1|import|imported|whole|NULL",
            "2|import|imported|whole|NULL",
            "3|import|imported|undone|NULL",
            "4|import|imported|undone|NULL",
            "5|import|imported|undone|NULL",
            "6|undo|undone|NULL|5",
            "7|undo|undone|NULL|4",
            "8|undo|undone|NULL|3",
        ]
    );
    let history = sandbox.run(&["history"]).stdout;
    assert!(history.lines().nth(1).unwrap().contains("undo of 3"), "{history}");
    assert!(history.lines().nth(5).unwrap().contains("undone"), "{history}");
    let run = sandbox.run(&["changes", "4"]);
    assert!(run.stderr.contains("import 4 was undone"), "{run:?}");
    assert!(sandbox.run(&["history", "6"]).stdout.contains("undoes import 5"));
}

#[test]
fn only_the_newest_can_be_undone_and_the_hint_has_the_order() {
    let sandbox = Sandbox::new();
    for number in 0..3 {
        import(&sandbox, number);
    }
    let before = state(&sandbox);
    insta::assert_snapshot!(sandbox.run(&["undo", "1"]).seen(), @r"
    error: import 1 is not the newest: later imports build on it
    hint: in this order: engage undo 3, engage undo 2, engage undo 1
    exit 1
    ");
    insta::assert_snapshot!(sandbox.run(&["undo", "9"]).seen(), @r"
    error: the history of engage.db has no entry 9
    hint: engage history lists it; the newest is 3
    exit 1
    ");
    assert_eq!(state(&sandbox), before);
    assert_eq!(sandbox.run(&["undo", "--store", "none.db"]).code, 1);
    assert!(!sandbox.exists("none.db"));
}
