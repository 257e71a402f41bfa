//! Printed commands work when they are pasted into a shell.

use crate::sandbox::Sandbox;

/// The part of a text from the beginning of a command to the end of its line.
fn command(text: &str, beginning: &str) -> String {
    let at = text.find(beginning).unwrap_or_else(|| panic!("no {beginning} in {text}"));
    text[at..].lines().next().unwrap().trim_end_matches('.').to_owned()
}

/// Runs a line in a shell.
fn paste(sandbox: &Sandbox, line: &str) -> std::process::Output {
    let program = sandbox.command(&[]).get_program().to_owned();
    let line = line.replacen("engage", "\"$ENGAGE\"", 1);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &line]).current_dir(sandbox.path("")).env_clear().env("ENGAGE", program);
    shell.output().unwrap()
}

#[test]
fn the_import_of_rejects_has_every_option_that_shaped_the_run() {
    let file = "Customer No;Full Mail;Notes;phone;since\n1;a@;it's;0803 555 0123;01.02.2026\n\
                2;b@example.com;x;0803 555 0124;03.04.2026\n";
    let sandbox = Sandbox::with("my users.csv", file);
    sandbox.write("m.toml", "version = 1\n[map]\nphone = \"number\"\n");
    let options = [
        "--mapping",
        "m.toml",
        "-m",
        "Customer No=uid",
        "-m",
        "Full Mail=email",
        "--skip",
        "Notes",
        "--region",
        "NG",
        "--type",
        "since=date:%d.%m.%Y",
        "--null",
        "-",
        "--blank",
        "clear",
        "--store",
        "my store.db",
        "--mode",
        "create",
    ];
    let run = sandbox.run(&[&["import", "my users.csv"], &options[..]].concat());
    assert_eq!(run.code, 3, "{run:?}");
    let line = command(&run.stdout, "engage import");
    insta::assert_snapshot!(line);
    let rejects = sandbox.read("my users.rejects.csv");
    sandbox.write("my users.rejects.csv", rejects.replace("a@;", "a@example.com;"));
    let pasted = paste(&sandbox, &line);
    assert!(pasted.status.success(), "{pasted:?}");
    let customers = sandbox.customers_in("my store.db", "uid,email,number,attributes");
    insta::assert_snapshot!(customers.join("\n"), @r#"
    1|a@example.com|2348035550123|{"since":"2026-02-01"}
    2|b@example.com|2348035550124|{"since":"2026-04-03"}
    "#);
}

#[test]
fn the_import_command_of_an_inspection_has_its_options() {
    let sandbox = Sandbox::with("a b.csv", "report of today\n1;x y;b@example.com\n");
    let options = ["--columns", "id,my note,email", "--delimiter", ";", "-m", "my note=memo"];
    let run = sandbox.run(&[&["inspect", "a b.csv"], &options[..]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = command(&text, "engage import");
    assert_eq!(
        line,
        "engage import 'a b.csv' --delimiter ';' --columns 'id,my note,email' -m 'my note=memo'"
    );
    let pasted = paste(&sandbox, &line);
    assert_eq!(pasted.status.code(), Some(3), "{pasted:?}");
    assert_eq!(sandbox.customer("1", "memo"), "x y");
}

#[test]
fn the_command_that_leaves_out_invalid_values_is_complete() {
    let file = "Customer No;Full Mail\n1;a@\n2;b@example.com\n";
    for (options, code) in [(&[][..], 3), (&["--max-rejects", "0"], 5)] {
        let sandbox = Sandbox::with("my users.csv", file);
        let given = ["import", "my users.csv", "-m", "Full Mail=email", "--store", "my store.db"];
        let run = sandbox.run(&[&given[..], options].concat());
        assert_eq!(run.code, code, "{run:?}");
        let seen = format!("{}{}", run.stdout, run.stderr);
        let after = seen.split("without the invalid values:").nth(1).unwrap();
        let line = command(after, "engage import");
        let pasted = paste(&sandbox, &line);
        assert!(pasted.status.success(), "{line}: {pasted:?}");
        assert_eq!(sandbox.customers_in("my store.db", "uid,email"), ["1|NULL", "2|b@example.com"]);
    }
    // Standard input cannot be read again.
    let input = b"id,email\n1,a@\n2,b@example.com\n";
    let run = Sandbox::new().run_with_input(&["import", "-"], input);
    assert!(run.stdout.contains("without the invalid values\n"), "{run:?}");
}
