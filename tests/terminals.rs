//! Values, names and messages are escaped on a terminal, in any format; a file gets every byte.

#![cfg(unix)]

use crate::sandbox::Sandbox;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

/// Everything that a command writes to a terminal, on standard output and standard error.
fn terminal(mut command: Command) -> String {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let name = ptsname(&controller, Vec::new()).unwrap();
    let name = OsStr::from_bytes(name.as_bytes());
    let open = || OpenOptions::new().read(true).write(true).open(name).unwrap();
    let mut child = command.stdout(open()).stderr(open()).spawn().unwrap();
    drop(command);
    let mut controller = File::from(controller);
    let mut shown = Vec::new();
    let mut piece = [0; 4096];
    // Reading fails after the terminal was closed.
    while let Ok(length @ 1..) = controller.read(&mut piece) {
        shown.extend_from_slice(&piece[..length]);
    }
    child.wait().unwrap();
    String::from_utf8(shown).expect("a terminal gets text").replace("\r\n", "\n")
}

/// The characters that a terminal must not get, except the program's own colours.
fn harmful(shown: &str) -> Vec<char> {
    let mut plain = shown.to_owned();
    for style in ["0", "1", "2", "31", "32", "33", "36"] {
        plain = plain.replace(&format!("\u{1b}[{style}m"), "");
    }
    let is_direction = |c: char| {
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}')
    };
    plain.chars().filter(|c| (c.is_control() && *c != '\n') || is_direction(*c)).collect()
}

const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;t\u{7}\u{7f}\u{9b}5m\u{202e}\u{2066}\u{200f}\u{61c}\r\ty";

/// A store with hostile values, names and a saved segment, and the file that they come from.
fn hostile() -> Sandbox {
    let file = format!(
        "id,email,plan,note\n1,a@example.org,\"{HOSTILE}\",\"{HOSTILE}\"\n2,\"{HOSTILE}\",Pro,\n"
    );
    let sandbox = Sandbox::with("u.csv", file);
    let column = format!("note=n{HOSTILE}").replace(|c: char| c.is_control(), "");
    let run = sandbox.run(&["import", "u.csv", "-m", &column, "-q"]);
    assert_eq!(run.code, 3, "{run:?}");
    let expression = format!("plan = '{HOSTILE}'");
    let run = sandbox.run(&["segment", &expression, "--save", "odd", "-q"]);
    assert_eq!(run.code, 0, "{run:?}");
    sandbox
}

#[test]
fn no_command_sends_control_characters_to_a_terminal() {
    let sandbox = hostile();
    let name = format!("{HOSTILE}.csv");
    sandbox.write(&name, sandbox.read("u.csv"));
    let expression = format!("plan = '{HOSTILE}'");
    let commands: [&[&str]; 20] = [
        &["export"],
        &["export", "--spreadsheet-safe"],
        &["export", "--as", "engage-api"],
        &["export", "-o", "/dev/stdout"],
        &["segment", "plan is not null"],
        &["segment", &expression, "--explain"],
        &["segment", &format!("{HOSTILE} = 1")],
        &["segments"],
        &["show", "1"],
        &["show", HOSTILE],
        &["history"],
        &["history", "1"],
        &["changes", "1"],
        &["attributes"],
        &["inspect", &name],
        &["import", &name, "--store", "other.db"],
        &["import", HOSTILE],
        &["import", "u.csv", "--progress", "bar", "--store", "new.db", "--region", HOSTILE],
        &["forget", HOSTILE],
        &[HOSTILE],
    ];
    for command in commands {
        for format in ["human", "csv", "json", "jsonl"] {
            for colour in ["never", "always"] {
                let options = ["--format", format, "--color", colour];
                let shown = terminal(sandbox.command(&[command, &options].concat()));
                assert_eq!(harmful(&shown), [], "{command:?} {format}: {shown:?}");
            }
        }
    }
}

#[test]
fn json_on_a_terminal_is_escaped_but_equal() {
    let sandbox = hostile();
    for command in [&["export", "--format", "jsonl"][..], &["show", "1", "--format", "json"]] {
        let shown = terminal(sandbox.command(command));
        let exact = sandbox.run(command).stdout;
        assert_ne!(shown, exact);
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&shown), read(&exact));
    }
    let shown = terminal(sandbox.command(&["segment", "plan is not null", "--format", "csv"]));
    assert!(shown.contains(r"x\u{1b}[2J\u{1b}]0;t\u{7}\u{7f}\u{9b}5m\u{202e}\u{2066}"), "{shown}");
}

#[test]
fn a_file_gets_every_byte() {
    let sandbox = hostile();
    for command in [&["export"][..], &["segment", "plan is not null", "--format", "csv"]] {
        let run = sandbox.run(command);
        assert!(run.stdout.contains(HOSTILE), "{run:?}");
    }
}

#[test]
fn a_file_name_that_is_not_utf_8_is_shown_escaped() {
    let sandbox = Sandbox::new();
    let name = OsString::from(OsStr::from_bytes(b"a\x9b2J\xff\x1b[2J.csv"));
    let mut command = sandbox.command(&["import"]);
    command.arg(&name);
    let shown = terminal(command);
    assert!(shown.contains("no such file"), "{shown}");
    assert_eq!(harmful(&shown), [], "{shown:?}");
}
