//! A mapping is saved, read, edited, and compared with later files.

use crate::sandbox::{Run, Sandbox};
use std::path::PathBuf;

const FILE: &str = "Kundennummer;Vorname;Handy;Land;Tarif;Seit;Umsatz;Notiz\n\
                    K1;Ada;0171 2345678;DE;Pro;03.04.2024;1.5;x\n\
                    K2;Mei;+2348031234567;NG;-;24.12.2023;2;y\n";
const CHOICES: &[&str] = &[
    "-m",
    "Tarif=plan",
    "--skip",
    "Notiz",
    "--region",
    "DE",
    "--region-column",
    "Land",
    "--type",
    "seit=date:%d.%m.%Y",
    "--null",
    "-",
    "--blank",
    "clear",
    "--on-invalid",
    "drop",
    "--delimiter",
    ";",
];

fn with_file() -> Sandbox {
    Sandbox::with("kunden.csv", FILE)
}

fn columns(run: &Run) -> Vec<(String, String, String)> {
    let report = run.report();
    let mapping = report["mapping"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    mapping.iter().map(|c| (text(&c["attribute"]), text(&c["type"]), text(&c["how"]))).collect()
}

#[test]
fn what_is_saved_and_used_again_is_the_same_plan() {
    let sandbox = with_file();
    let import = ["import", "kunden.csv", "--format", "json"];
    let first = sandbox.run(&[&import, CHOICES, &["--save-mapping", "m.toml"]].concat());
    assert_eq!(first.code, 0, "{first:?}");
    insta::assert_snapshot!(sandbox.read("m.toml"));
    let again = sandbox.run(&[&import[..], &["--mapping", "m.toml"]].concat());
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(again.report()["customers"]["unchanged"], 2);
    assert_eq!(sandbox.sql("SELECT count(DISTINCT plan_id) FROM imports"), ["1"]);
    for (before, after) in columns(&first).into_iter().zip(columns(&again)) {
        assert_eq!((&before.0, &before.1), (&after.0, &after.1));
        assert_eq!(after.2, "mapping_file", "{after:?}");
    }
    let choices = again.report()["choices"].clone();
    assert_eq!(choices.as_array().unwrap().len(), 6);
    assert!(choices.as_array().unwrap().iter().all(|c| c["how"] == "mapping_file"), "{choices}");
    let types = again.report()["mapping"].clone();
    assert_eq!(types[5]["type_from"], "mapping_file");
    assert_eq!(types[6]["type_from"], "store");
    let saved = sandbox.read("m.toml");
    sandbox.run(&["inspect", "kunden.csv", "--mapping", "m.toml", "--save-mapping", "n.toml"]);
    let without_notes = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.split("  #").next().unwrap().to_owned());
        lines.filter(|line| !line.starts_with("# umsatz")).collect()
    };
    assert_eq!(without_notes(&sandbox.read("n.toml")), without_notes(&saved));
}

#[test]
fn every_export_keeps_its_plan_when_its_mapping_is_saved() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let sandbox = Sandbox::with("u.csv", std::fs::read(&path).unwrap());
        let saved = sandbox.run(&["inspect", "u.csv", "--save-mapping", "m.toml"]);
        assert_eq!(saved.code, 0, "{path:?} {saved:?}");
        let before = sandbox.run(&["import", "u.csv", "--dry-run", "--format", "json"]);
        let with = ["import", "u.csv", "--dry-run", "--format", "json", "--mapping", "m.toml"];
        let after = sandbox.run(&[&with[..], &["--strict"]].concat());
        assert_eq!((before.code, after.code), (0, 0), "{path:?} {after:?}");
        for (before, after) in columns(&before).into_iter().zip(columns(&after)) {
            assert_eq!((&before.0, &before.1), (&after.0, &after.1), "{path:?}");
        }
        assert_eq!(before.report()["key"], after.report()["key"]);
    }
}

#[test]
fn a_mapping_is_not_saved_from_a_file_that_is_refused() {
    let sandbox = Sandbox::with("t.csv", "event,time,user_id\nA,2026-01-01,1\nB,2026-01-02,1\n");
    for command in ["inspect", "import"] {
        let run = sandbox.run(&[command, "t.csv", "--save-mapping", "m.toml"]);
        assert_eq!(run.code, 4, "{run:?}");
        assert_eq!(sandbox.files(), ["t.csv"]);
    }
}

#[test]
fn the_command_line_overrides_the_file() {
    let sandbox = with_file();
    sandbox.write(
        "m.toml",
        "version = 1\nregion = \"FR\"\nskip = [\"Notiz\"]\n[map]\nTarif = \"plan\"\nHandy = \"number\"\n",
    );
    let run = sandbox.run(&[
        "import",
        "kunden.csv",
        "--dry-run",
        "--format",
        "json",
        "--mapping",
        "m.toml",
        "--region",
        "DE",
        "-m",
        "Tarif=tariff",
        "-m",
        "Umsatz=plan",
        "-m",
        "Notiz=note",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    let found = columns(&run);
    assert_eq!((found[4].0.as_str(), found[4].2.as_str()), ("tariff", "given"));
    assert_eq!((found[6].0.as_str(), found[6].2.as_str()), ("plan", "given"));
    assert_eq!((found[7].0.as_str(), found[7].2.as_str()), ("note", "given"));
    assert_eq!((found[2].0.as_str(), found[2].2.as_str()), ("number", "mapping_file"));
    let report = run.report();
    let region = serde_json::json!({ "option": "region", "value": "DE", "how": "given" });
    assert_eq!(report["choices"][0], region);
}

#[test]
fn errors_in_a_mapping_file_have_their_line() {
    let sandbox = with_file();
    for (text, said, hint) in [
        ("version = 1\nregoin = \"DE\"\n", "m.toml, line 2: unknown option 'regoin'", "region?"),
        ("version = 1\n\non-invalid = \"drop\"\n", "m.toml, line 3", "did you mean on_invalid?"),
        ("region = \"DE\"\n", "it has no version", "version = 1"),
        ("version = 7\n", "it was written by a newer engage", "or a newer one"),
        ("version = 1\nblank = \"never\"\n", "line 2: blank: 'never'", "docs/mapping.md"),
        ("version = 1\n[map]\nTarif = \"devices\"\n", "line 3: Tarif:", "docs/mapping.md"),
        ("version = 1\n[map\n", "line 2: not TOML", "docs/mapping.md"),
        ("version = 1\n[types]\nplna = \"number\"\n", "no such attribute", "hint:"),
    ] {
        sandbox.write("m.toml", text);
        for command in ["import", "inspect"] {
            let run = sandbox.run(&[command, "kunden.csv", "--mapping", "m.toml"]);
            assert_eq!(run.code, 2, "{text} {run:?}");
            assert!(run.stderr.contains(said) && run.stderr.contains(hint), "{text} {run:?}");
        }
    }
    let run = sandbox.run(&["import", "kunden.csv", "--mapping", "nowhere.toml"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(sandbox.files(), ["kunden.csv", "m.toml"]);
}

#[test]
fn a_missing_column_of_the_mapping_file_stops_the_import() {
    let sandbox = with_file();
    let save = ["inspect", "kunden.csv", "--save-mapping", "m.toml", "--region", "DE"];
    assert_eq!(sandbox.run(&save).code, 0);
    sandbox.write("kunden.csv", FILE.replace("Tarif", "Tarife").replace("Seit", "Stadt"));
    let run = sandbox.run(&["import", "kunden.csv", "--mapping", "m.toml"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(
        run.stderr
            .contains("no columns 'Tarif', 'Seit' in the file, but the mapping file has them"),
        "{run:?}"
    );
    assert!(!sandbox.exists("engage.db"));
    sandbox.write("m.toml", "version = 1\nregion_column = \"Staat\"\n");
    let run = sandbox.run(&["import", "kunden.csv", "--mapping", "m.toml"]);
    assert_eq!(run.code, 4, "{run:?}");
}

#[test]
fn a_new_column_is_a_warning_and_with_strict_an_error() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n");
    assert_eq!(sandbox.run(&["inspect", "u.csv", "--save-mapping", "m.toml"]).code, 0);
    sandbox.write("u.csv", "id,plan,city\n1,Pro,Lagos\n");
    let import = ["import", "u.csv", "--mapping", "m.toml"];
    let run = sandbox.run(&[&import[..], &["--strict"]].concat());
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("new: city"), "{run:?}");
    assert!(!sandbox.exists("engage.db"));
    let run = sandbox.run(&["inspect", "u.csv", "--mapping", "m.toml", "--strict"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stdout.contains("city"), "it is shown anyway: {run:?}");
    let run = sandbox.run(&import);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("new columns since the mapping file: city"), "{run:?}");
}

#[test]
fn without_a_mapping_file_columns_are_compared_with_the_last_import() {
    let sandbox = Sandbox::with("night-2026-11-01.csv", "id,plan,city\n1,Pro,Lagos\n");
    let first = sandbox.run(&["import", "night-2026-11-01.csv", "--strict"]);
    assert_eq!(first.code, 0, "nothing to hold it against: {first:?}");
    sandbox.write("night-2026-11-02.csv", "id,plan,town\n1,Pro,Lagos\n");
    let run = sandbox.run(&["import", "night-2026-11-02.csv", "--strict"]);
    assert_eq!(run.code, 4, "{run:?}");
    insta::assert_snapshot!(run.seen(), @r"
    error: the columns of night-2026-11-02.csv are not those of the last import of a file of that name
      new: town
      missing: city
    hint: if the change is intended, import it once with --accept-columns
    exit 4
    ");
    sandbox.write("other.csv", "id,plan,town\n1,Pro,Lagos\n");
    assert_eq!(sandbox.run(&["import", "other.csv", "--strict"]).code, 0);
    let run = sandbox.run(&["inspect", "night-2026-11-02.csv"]);
    assert_eq!(run.code, 0);
    let run = sandbox.run(&["import", "night-2026-11-02.csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stderr.contains("missing columns since the last import of a file of that name: city"),
        "{run:?}"
    );
    // The change is an error until it is accepted.
    assert_eq!(sandbox.run(&["import", "night-2026-11-02.csv", "--strict"]).code, 4);
    assert_eq!(sandbox.run(&["import", "night-2026-11-02.csv", "--accept-columns"]).code, 0);
    assert_eq!(sandbox.run(&["import", "night-2026-11-02.csv", "--strict"]).code, 0);
}

#[test]
fn a_mapped_column_of_the_last_import_is_missing_not_misspelt() {
    let sandbox = Sandbox::with("u.csv", "id,tarif\n1,Pro\n");
    assert_eq!(sandbox.run(&["import", "u.csv", "-m", "tarif=plan"]).code, 0);
    sandbox.write("u.csv", "id,tariff\n1,Pro\n");
    let run = sandbox.run(&["import", "u.csv", "-m", "tarif=plan"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("was it renamed to 'tariff'?"), "{run:?}");
    assert_eq!(sandbox.run(&["import", "u.csv", "-m", "trif=plan"]).code, 2);
}

#[test]
fn a_saved_mapping_only_replaces_a_mapping() {
    let sandbox = with_file();
    sandbox.write("notes.txt", "not a mapping\n");
    for (path, code) in [
        ("notes.txt", 2),
        ("kunden.csv", 2),
        ("engage.db", 2),
        ("nowhere/m.toml", 1),
        ("m.toml", 0),
    ] {
        let before = sandbox.files();
        for command in ["inspect", "import"] {
            let arguments = [command, "kunden.csv", "--region", "DE", "--save-mapping", path];
            let run = sandbox.run(&arguments);
            assert_eq!(run.code, code, "{command} {path} {run:?}");
            if code > 0 {
                assert_eq!(sandbox.files(), before, "{command} {path}");
            }
        }
    }
    assert_eq!(sandbox.read("notes.txt"), "not a mapping\n");
    assert_eq!(sandbox.read("kunden.csv"), FILE);
    let both = ["--mapping", "m.toml", "--save-mapping", "m.toml"];
    let run = sandbox.run(&[&["import", "kunden.csv"][..], &both].concat());
    assert_eq!(run.code, 2, "{run:?}");
}

#[test]
fn a_dry_run_saves_the_mapping_and_makes_no_store() {
    let sandbox = with_file();
    let run = sandbox.run(&[
        "import",
        "kunden.csv",
        "--region",
        "DE",
        "--dry-run",
        "--save-mapping",
        "m.toml",
    ]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("The mapping is in m.toml"), "{run:?}");
    assert_eq!(sandbox.files(), ["kunden.csv", "m.toml"]);
}

#[test]
fn the_documentation_shows_every_setting() {
    let page = include_str!("../docs/mapping.md");
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    // This line conflicts with another one.
    let example = example.replace("header_line = 3", "");
    let layer = engage::settings::file::parse_mapping_file(&example).unwrap();
    let settings = engage::settings::Settings::merge(layer, None);
    assert_eq!(settings.explicit.len(), 13, "{:?}", settings.explicit);
    assert_eq!((settings.mapping.command_line.map.len(), settings.values.types.len()), (5, 2));
}

#[test]
fn an_unsplit_full_name_stays_unsplit() {
    let sandbox = Sandbox::with("u.csv", "id,Full name\n1,Ada Duarte\n");
    assert_eq!(sandbox.run(&["inspect", "u.csv", "--save-mapping", "m.toml"]).code, 0);
    assert!(sandbox.read("m.toml").contains("\"Full name\" = \"custom:full_name\""));
    assert_eq!(sandbox.run(&["import", "u.csv", "--mapping", "m.toml"]).code, 0);
    let stored = sandbox.customers("attributes,first_name");
    assert_eq!(stored, [r#"{"full_name":"Ada Duarte"}|NULL"#]);
}

#[test]
fn long_names_and_names_with_a_prefix_are_saved_unchanged() {
    let long = "n".repeat(300);
    let sandbox = Sandbox::with("u.csv", format!("id,{long},{long}m,Plan\n1,a,b,c\n"));
    let map = ["-m", "Plan=custom:custom:x"];
    let save = ["import", "u.csv", "--save-mapping", "m.toml", "--store", "a.db"];
    assert_eq!(sandbox.run(&[&save[..], &map].concat()).code, 0);
    let run = sandbox.run(&["import", "u.csv", "--mapping", "m.toml", "--store", "b.db"]);
    assert_eq!(run.code, 0, "{run:?}");
    let names = "SELECT key FROM customers, json_each(attributes) ORDER BY key";
    let first = sandbox.sql_of("a.db", names);
    assert_eq!(first[0], "custom:x");
    assert!(first[1..].iter().all(|name| name.len() == 255), "{first:?}");
    assert_eq!(sandbox.sql_of("b.db", names), first);
}

#[test]
fn column_names_in_messages_are_few_and_escaped() {
    let columns: Vec<String> = (1..=20).map(|n| format!("\u{202e}c{n}")).collect();
    let columns = columns.join(",");
    let sandbox = Sandbox::with("u.csv", format!("id,{columns},plan\n1{},x\n", ",y".repeat(20)));
    assert_eq!(sandbox.run(&["inspect", "u.csv", "--save-mapping", "m.toml"]).code, 0);
    sandbox.write("u.csv", "id,\"Foo\nBar\",plan\n1,a,b\n");
    let run = sandbox.run(&["import", "u.csv", "--mapping", "m.toml"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains(r"'\u{202e}c12' and 8 more in the file"), "{run:?}");
    let run = sandbox.run(&["import", "u.csv", "-m", "Foo Bar=uid", "-m", "plan=uid"]);
    assert!(
        run.stderr.starts_with(r"error: the columns 'Foo\nBar' and 'plan' are both"),
        "{run:?}"
    );
}

/// The commands in the hints are run as printed.
#[test]
fn the_hint_for_changed_columns_writes_a_new_mapping_file() {
    for (after, new, gone) in [
        ("id,plan,born,city\n1,Pro,2001-02-03,Lagos\n", true, false),
        ("id,born\n1,2001-02-03\n", false, true),
        ("id,born,city\n1,2001-02-03,Lagos\n", true, true),
    ] {
        let sandbox = Sandbox::with("u.csv", "id,plan,born\n1,Pro,2001-02-03\n");
        assert_eq!(sandbox.run(&["inspect", "u.csv", "--save-mapping", "my map.toml"]).code, 0);
        let saved = sandbox.read("my map.toml");
        let set = saved
            .replace("# max_missing = \"20%\"", "max_missing = \"5%\"")
            .replace("# born =", "born =")
            .replace("# plan =", "plan =");
        assert_ne!(set, saved);
        sandbox.write("my map.toml", &set);
        sandbox.write("u.csv", after);
        let import = ["import", "u.csv", "--mapping", "my map.toml", "--strict"];
        let run = sandbox.run(&import);
        assert_eq!(run.code, 4, "{run:?}");
        let command = run.stderr.lines().find_map(|line| line.strip_prefix("hint: engage "));
        let command = command.unwrap_or_else(|| panic!("{run:?}"));
        assert_eq!(
            command,
            "inspect u.csv --mapping 'my map.toml' --save-mapping 'my map.new.toml'"
        );
        let paste = |command: &str| -> Vec<String> {
            let output = std::process::Command::new("sh")
                .args(["-c", &format!("printf '%s\\n' {command}")])
                .output()
                .unwrap();
            String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
        };
        let words = paste(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = sandbox.run(&words);
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(run.stderr.contains("new columns since the mapping file: city"), new, "{run:?}");
        assert_eq!(
            run.stderr.contains("missing columns since the mapping file: plan"),
            gone,
            "{run:?}"
        );
        let text = sandbox.read("my map.new.toml");
        assert!(text.contains("\nmax_missing = \"5%\"") && text.contains("\nborn = "), "{text}");
        let run =
            sandbox.run(&["import", "u.csv", "--mapping", "my map.new.toml", "--strict", "-q"]);
        assert_eq!(run.code, 0, "{run:?}");
    }
}

#[test]
fn a_mapping_file_with_other_contents_is_not_replaced() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n");
    assert_eq!(sandbox.run(&["inspect", "u.csv", "--save-mapping", "m.toml"]).code, 0);
    let set = sandbox.read("m.toml").replace("# max_missing = \"20%\"", "max_missing = \"5%\"");
    sandbox.write("m.toml", &set);
    for command in ["inspect", "import"] {
        let run = sandbox.run(&[command, "u.csv", "--save-mapping", "m.toml"]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains("m.toml already exists with other contents"), "{run:?}");
        assert!(run.stderr.contains("m.toml: --mapping m.toml --save-mapping NEW.toml"), "{run:?}");
        assert_eq!(sandbox.read("m.toml"), set);
        assert_eq!(sandbox.files(), ["m.toml", "u.csv"]);
    }
    // A file with the same settings is not rewritten, so comments are kept.
    sandbox.run(&["inspect", "u.csv", "--save-mapping", "n.toml"]);
    let commented = format!("# Ours.\n{}", sandbox.read("n.toml"));
    sandbox.write("n.toml", &commented);
    assert_eq!(sandbox.run(&["inspect", "u.csv", "--save-mapping", "n.toml"]).code, 0);
    assert_eq!(sandbox.read("n.toml"), commented);
}
