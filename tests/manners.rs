//! The program has helpful help, suggests corrections of typos, and works in any environment.

use crate::sandbox::{Run, Sandbox};
use std::fs;
use std::io::Read as _;
use std::process::{Command, Stdio};
use unicode_width::UnicodeWidthStr as _;

/// Every command that `engage --help` lists.
pub(crate) fn commands(sandbox: &Sandbox) -> Vec<String> {
    let help = sandbox.run(&["--help"]).stdout;
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("    "));
    names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

fn with_users() -> Sandbox {
    let sandbox = Sandbox::with_fixture("users.csv");
    assert_eq!(sandbox.run(&["import", "users.csv", "-q"]).code, 3);
    sandbox
}

#[test]
fn help_fits_a_screen_and_has_examples() {
    let sandbox = Sandbox::new();
    let commands = commands(&sandbox);
    assert!(commands.len() >= 14, "{commands:?}");
    for command in &commands {
        let short = sandbox.run(&[command, "-h"]);
        let long = sandbox.run(&[command, "--help"]);
        assert_eq!((short.code, long.code), (0, 0));
        assert!(!short.stdout.contains("Examples:"), "{command} -h is short");
        let examples = long.stdout.split("Examples:\n").nth(1);
        let example = format!("  engage {command}");
        let examples = examples.unwrap_or_else(|| panic!("{command} --help has no examples"));
        assert!(examples.contains(&example), "{command}");
        let lines = long.stdout.lines().count();
        let room = if command == "import" { 54 } else { 56 };
        assert!(lines <= room, "{command} --help has {lines} lines");
        assert!(short.stdout.lines().count() < lines, "{command}");
        assert!(long.stdout.lines().all(|line| line.width() <= 100), "{command}");
        assert_eq!(sandbox.run(&["help", command]).stdout, long.stdout);
    }
    assert!(sandbox.run(&["--help"]).stdout.lines().count() <= 48);
}

#[test]
fn a_slip_of_the_hand_is_answered_with_what_was_meant() {
    let sandbox = with_users();
    let runs: Vec<String> = [
        &["imprt", "users.csv"][..],
        &["import", "users.csv", "--regin", "NG"],
        &["import", "users.csv", "--mode", "upsrt"],
        &["import", "users.csv", "--limit", "many"],
        &["import", "users.csv", "--max-rejects", "5x"],
        &["import", "users.csv", "--region", "ZZ"],
        &["import", "users.csv", "--type", "plan=strng"],
        &["import", "users.csv", "-m", "emial=email"],
        &["import", "users.csv", "--skip", "pln"],
        &["import", "users.csv", "--type", "pln=string"],
        &["import", "user.csv"],
        &["segment", "pln = 'Pro'"],
        &["segment", "plan == Pro"],
        &["attributes", "--type", "monthly_usgae=string"],
        &["changes", "1", "--attribute", "pln"],
        &["history", "7"],
        &["show", "u_000001"],
        &["import"],
        &["completions", "basch"],
        &["--store", "users.csv", "history"],
    ]
    .iter()
    .map(|arguments| format!("$ engage {}\n{}", arguments.join(" "), sandbox.run(arguments).seen()))
    .collect();
    insta::assert_snapshot!(runs.join("\n\n"));
}

/// The parser answers a wrong command line with one line, tips and the usage.
#[test]
fn every_wrong_command_line_has_a_tip() {
    let sandbox = with_users();
    for command in commands(&sandbox) {
        let run = sandbox.run(&[&command, "--no-such-option"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{command}");
        assert!(run.stderr.starts_with("error: "), "{run:?}");
        assert!(run.stderr.contains(&format!("Usage: engage {command}")), "{run:?}");
        assert!(run.stderr.ends_with("try '--help'.\n"), "{run:?}");
    }
    let colours = sandbox.run(&["import", "a\u{1b}[2J", "--no\u{1b}[2J"]);
    assert!(!colours.stderr.contains('\u{1b}'), "{colours:?}");
}

/// The output does not depend on the environment.
#[test]
fn it_works_without_a_home_in_any_locale_on_any_terminal() {
    let see = |environment: &[(&str, &str)], arguments: &[&str]| {
        let sandbox = Sandbox::with_fixture("users.csv");
        sandbox.write("größe.csv", "id,größe\n1,中村\n");
        let mut seen = String::new();
        for first in [&["import", "users.csv"][..], &["import", "größe.csv"], arguments] {
            let mut command = sandbox.command(first);
            let run: Run =
                command.env_clear().envs(environment.iter().copied()).output().unwrap().into();
            seen.push_str(&run.seen());
        }
        seen
    };
    for arguments in [&["segment", "größe is not null"][..], &["attributes"], &["--help"]] {
        let usual =
            see(&[("HOME", "/root"), ("LANG", "en_GB.UTF-8"), ("TERM", "xterm")], arguments);
        assert!(usual.contains("7 new customers"), "{usual}");
        for environment in [
            &[][..],
            &[("HOME", "/nowhere/at/all"), ("TERM", "dumb")],
            &[("LC_ALL", "C"), ("NO_COLOR", "1")],
            &[("LC_ALL", "tr_TR.UTF-8"), ("COLORTERM", "truecolor"), ("TZ", "Pacific/Apia")],
        ] {
            assert_eq!(see(environment, arguments), usual, "{environment:?}");
        }
    }
}

#[test]
fn an_output_that_is_closed_early_ends_quietly() {
    let sandbox = with_users();
    let rows: Vec<String> = (0..20_000).map(|row| format!("c{row},Pro\n")).collect();
    sandbox.write("many.csv", format!("id,plan\n{}", rows.concat()));
    assert_eq!(sandbox.run(&["import", "many.csv", "-q"]).code, 0);
    for arguments in [
        &["--help"][..],
        &["import", "--help"],
        &["completions", "bash"],
        &["segment", "plan = 'Pro'", "--format", "csv"],
        &["changes", "2", "--format", "jsonl"],
        &["history"],
        &["attributes"],
        &["show", "c1"],
        &["inspect", "many.csv"],
        &["import", "many.csv"],
    ] {
        let mut command = sandbox.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let status = child.wait().unwrap();
        assert!(status.success(), "{arguments:?}: {status} {stderr}");
        assert!(!stderr.contains("panic") && !stderr.contains("roken pipe"), "{stderr}");
    }
}

/// The output on a real terminal of this width; `None` if `script`, which provides the terminal, is
/// not installed.
fn on_terminal(sandbox: &Sandbox, columns: usize, arguments: &str) -> Option<String> {
    let program = assert_cmd::cargo::cargo_bin("engage");
    let line = format!("stty cols {columns} rows 24; {} {arguments}", program.display());
    let output = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .current_dir(sandbox.path(""))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).replace('\r', ""))
}

/// The lines that are wider than the screen. Commands, options and numbers may be, to be copied.
fn too_wide(text: &str, columns: usize) -> Vec<&str> {
    let copied = |line: &&str| {
        let line = line.trim_start();
        let first = line.split(' ').next().unwrap_or_default();
        first == "engage" || first.starts_with('-') || line == first
    };
    text.lines().filter(|line| line.width() > columns && !copied(line)).collect()
}

/// An error is one line on any screen, so that it can be searched for.
#[test]
fn output_fits_the_screen_and_names_stay_whole() {
    for columns in [40, 80, 120] {
        let sandbox = with_users();
        for (arguments, whole) in [
            ("import users.csv --progress off", &["number.not_international", "unchanged"][..]),
            (
                "import users.csv --store new.db --dry-run --progress off",
                &["first_name", "monthly_usage"],
            ),
            (
                "inspect users.csv",
                &["device_platform", "monthly_usage", "'Pro', 'Free'", "--key number"],
            ),
            ("history", &["partial", "users.csv"]),
            ("history 1", &["device_platform", "boolean", "exit code 3"]),
            ("attributes", &["monthly_usage", "boolean", "standard"]),
            ("changes 1 --limit 3", &["first_name", "1001"]),
            ("segment \"plan is not null\"", &["ada.okafor@example.com"]),
            ("show 1001", &["ada.okafor@example.com"]),
            ("--help", &["import"]),
            ("import --help", &["--dry-run"]),
            ("segment --help", &["--sort"]),
        ] {
            let Some(text) = on_terminal(&sandbox, columns, arguments) else { return };
            assert!(!text.contains("error: "), "{text}");
            let wide = too_wide(&text, columns);
            assert!(wide.is_empty(), "{arguments} at {columns}: {wide:?}");
            assert!(!text.contains('\u{1b}'), "{arguments}: NO_COLOR is heeded");
            if columns != 80 {
                for whole in whole {
                    assert!(text.contains(whole), "{whole} of {arguments} at {columns}:\n{text}");
                }
            }
        }
    }
}

#[test]
fn completions_are_valid_shell_scripts() {
    let sandbox = Sandbox::new();
    let commands = commands(&sandbox);
    for (shell, options) in
        [("bash", "-n"), ("zsh", "-n"), ("fish", "-n"), ("elvish", ""), ("powershell", "")]
    {
        let run = sandbox.run(&["completions", shell]);
        assert_eq!(run.code, 0, "{run:?}");
        for command in &commands {
            assert!(run.stdout.contains(command.as_str()), "{shell}: {command}");
        }
        assert!(run.stdout.contains("max-missing"), "{shell}");
        let file = format!("engage.{shell}");
        sandbox.write(&file, &run.stdout);
        if options.is_empty() {
            continue;
        }
        // Skip shells that are not installed.
        if let Ok(read) = Command::new(shell).arg(options).arg(sandbox.path(&file)).output() {
            assert!(read.status.success() && read.stderr.is_empty(), "{shell}: {read:?}");
        }
    }
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("man")).unwrap();
    assert_eq!(sandbox.run(&["man", "man"]).code, 0);
    let mut pages: Vec<String> =
        commands(&sandbox).iter().map(|command| format!("engage-{command}.1")).collect();
    pages.push("engage.1".to_owned());
    for page in pages {
        let path = sandbox.path("man").join(&page);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(text.contains("Examples:") && text.contains(".SH NAME"), "{page}");
        let mut man = Command::new("man");
        // Without `man`, the page is not rendered.
        if let Ok(read) = man.args(["--warnings", "-l"]).arg(&path).env("MANPAGER", "cat").output()
        {
            assert!(read.stderr.is_empty(), "{page}: {}", String::from_utf8_lossy(&read.stderr));
        }
    }
    let nowhere = sandbox.run(&["man", "no/such/folder"]);
    assert_eq!(nowhere.code, 1);
    assert!(nowhere.stderr.contains("hint: create the folder first"), "{nowhere:?}");
}
