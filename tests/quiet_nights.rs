//! With `-q`, an import without problems prints nothing; changed columns are reported until they
//! are accepted.

use crate::sandbox::Sandbox;

const CHOICES: &str = "id,name,note,born\n1,Ren\u{e9},N/A,03.04.2026\n2,Jos\u{e9},x,05.06.2026\n";

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[test]
fn an_unchanged_choice_is_not_reported_again() {
    let sandbox = Sandbox::with("u-1.csv", latin(CHOICES));
    let first = sandbox.run(&["import", "u-1.csv", "-q"]);
    assert_eq!((first.code, first.stdout.as_str()), (0, ""), "{first:?}");
    assert!(first.stderr.contains("is probably windows-1252"), "{first:?}");
    // The next file has another value in the same column.
    sandbox.write("u-2.csv", latin(&CHOICES.replace(",x,", ",n/a,")));
    let second = sandbox.run(&["import", "u-2.csv", "-q"]);
    assert_eq!((second.code, second.stdout.as_str(), second.stderr.as_str()), (0, "", ""));
    // Without -q the warning is printed every time.
    let loud = sandbox.run(&["import", "u-2.csv"]);
    assert!(loud.stderr.contains("is probably windows-1252"), "{loud:?}");
}

#[test]
fn a_quiet_import_with_rejects_prints_the_rejects_alone() {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,a@\n2,b@example.com\n");
    sandbox.write("first.csv", "id,email\n2,b@example.com\n");
    assert_eq!(sandbox.run(&["import", "first.csv"]).code, 0);
    let run = sandbox.run(&["import", "u.csv", "-q"]);
    insta::assert_snapshot!(run.seen());
}

#[test]
fn the_user_of_cron_is_in_the_history() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    let mut command = sandbox.command(&["import", "u.csv"]);
    assert!(command.env("LOGNAME", "crm").status().unwrap().success());
    assert_eq!(sandbox.history()[0]["operator"], "crm");
}

#[test]
fn changed_columns_are_reported_until_they_are_accepted() {
    let sandbox = Sandbox::with("u-1.csv", "id,plan\n1,Pro\n");
    assert_eq!(sandbox.run(&["import", "u-1.csv"]).stderr, "");
    for night in 2..5 {
        let name = format!("u-{night}.csv");
        sandbox.write(&name, format!("id,tariff\n1,Pro{night}\n"));
        let run = sandbox.run(&["import", &name, "-q"]);
        assert_eq!(run.code, 0, "{run:?}");
        for words in [
            "new columns since the last import of a file of that name: tariff",
            "missing columns since",
            "--accept-columns",
        ] {
            assert!(run.stderr.contains(words), "night {night}: {words} in {run:?}");
        }
        // With --strict nothing is imported.
        let strict = sandbox.run(&["import", &name, "--strict"]);
        assert_eq!(strict.code, 4, "{strict:?}");
        assert!(strict.stderr.contains("--accept-columns"), "{strict:?}");
    }
    let run = sandbox.run(&["import", "u-4.csv", "-q", "--strict", "--accept-columns"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for options in [&[][..], &["--strict"]] {
        let run = sandbox.run(&[&["import", "u-4.csv", "-q"], options].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    }
    // Going back to the first columns is a change too.
    assert_eq!(sandbox.run(&["import", "u-1.csv", "--strict"]).code, 4);
}

#[test]
fn a_mapping_file_also_accepts_changed_columns() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n");
    sandbox.run(&["import", "u.csv", "-q"]);
    sandbox.write("u.csv", "id,tariff\n1,Pro\n");
    assert!(sandbox.run(&["import", "u.csv", "-q"]).stderr.contains("tariff"));
    let run = sandbox.run(&["import", "u.csv", "-q", "--save-mapping", "m.toml"]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = sandbox.run(&["import", "u.csv", "-q", "--mapping", "m.toml", "--strict"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
fn the_guard_of_a_mapping_file_does_not_stop_the_import_of_rejects() {
    let rows = (0..200).fold("id,email\n".to_owned(), |t, n| match n {
        7 | 8 => t + &format!("{n},u{n}@\n"),
        _ => t + &format!("{n},u{n}@example.org\n"),
    });
    let sandbox = Sandbox::with("u.csv", rows);
    let guards = "version = 1\n[guards]\nmax_rejects = \"1%\"\n";
    sandbox.write("m.toml", guards);
    let run = sandbox.run(&["import", "u.csv", "--mapping", "m.toml", "-q"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    let rejects = sandbox.read("u.rejects.csv").replace("u7@,", "u7@example.org,");
    sandbox.write("u.rejects.csv", rejects);
    let run = sandbox.run(&["import", "u.rejects.csv", "--mapping", "m.toml", "-q"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(sandbox.customers("uid").len(), 199);
    // A limit on the command line applies.
    let run = sandbox.run(&["import", "u.rejects.csv", "--max-rejects", "0"]);
    assert_eq!(run.code, 5, "{run:?}");
}

#[test]
fn the_history_says_what_happened() {
    let rows =
        |count: u32| (0..count).fold("id,plan\n".to_owned(), |t, n| t + &format!("{n},Pro\n"));
    let sandbox = Sandbox::with("u.csv", rows(20));
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    sandbox.write("u.csv", rows(19) + "99,Max\n");
    assert_eq!(sandbox.run(&["import", "u.csv", "--snapshot=archive"]).code, 0);
    sandbox.write("u.csv", rows(3).replace("Pro", "Free"));
    assert_eq!(sandbox.run(&["import", "u.csv", "--snapshot=archive"]).code, 5);
    sandbox.write("u.csv", rows(18));
    assert_eq!(sandbox.run(&["import", "u.csv", "--snapshot=delete"]).code, 0);
    let table = sandbox.run(&["history"]).stdout;
    let table: Vec<&str> = table.lines().collect();
    let shown = table
        .join("\n")
        .replace(&sandbox.history()[0]["started_at"].as_str().unwrap()[..10], "DAY");
    let day = regex_free_times(&shown);
    insta::assert_snapshot!(day);
    let stopped = &sandbox.history()[2];
    assert_eq!(
        (&stopped["status"], &stopped["updated"]),
        (&"stopped".into(), &serde_json::Value::Null)
    );
    assert_eq!(stopped["missing"], 17);
    let page = sandbox.run(&["history", "3"]).stdout;
    assert!(page.contains("stopped, nothing changed"), "{page}");
    assert!(page.contains("customers without the stop: 3 changed"), "{page}");
}

/// The text with times of day replaced.
fn regex_free_times(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some(at) = rest.find("DAY ") {
        out.push_str(&rest[..at]);
        out.push_str("DAY TIME ");
        rest = &rest[at + "DAY 00:00".len()..];
    }
    out + rest
}

#[test]
fn an_undo_reverts_the_last_import_that_changed_something() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n2,Pro\n");
    sandbox.run(&["import", "u.csv"]);
    let first = sandbox.exported();
    sandbox.write("u.csv", "id,plan\n1,Max\n2,Pro\n");
    for _ in 0..3 {
        assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    }
    let after = sandbox.exported();
    let run = sandbox.run(&["undo", "--dry-run"]);
    assert!(run.stdout.contains("Import 2 would be undone, with 3 to 4 after it"), "{run:?}");
    assert_eq!(sandbox.exported(), after);
    let run = sandbox.run(&["undo"]);
    assert!(run.stdout.contains("Import 2 undone, with 3 to 4 after it"), "{run:?}");
    assert_eq!(sandbox.exported(), first);
    assert_eq!(sandbox.run(&["check"]).code, 0);
    let run = sandbox.run(&["undo"]);
    assert!(run.stdout.contains("Import 1 undone."), "{run:?}");
    assert_eq!(sandbox.count(), 0);
}
