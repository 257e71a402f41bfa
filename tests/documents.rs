//! The documents match the program.

use crate::manners::commands;
use crate::sandbox::Sandbox;
use engage::exit::Exit;
use engage::value::Code;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The README and every page of `docs/`, by name.
pub(crate) fn documents() -> Vec<(String, String)> {
    let pages = fs::read_dir(root().join("docs")).unwrap();
    let mut paths: Vec<PathBuf> = pages.map(|page| page.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.push(root().join("README.md"));
    paths
        .iter()
        .map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// The codes in the first column of the table below a heading.
fn first_column(text: &str, heading: &str) -> Vec<String> {
    let section = text.split(heading).nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| row.split('|').nth(1).unwrap().trim().trim_matches('`').to_owned()).collect()
}

#[test]
fn every_exit_code_and_reject_code_is_documented_with_its_fix() {
    let codes = document("docs/codes.md");
    let exits = Exit::ALL.map(|exit| exit.code().to_string());
    assert_eq!(first_column(&codes, "## Exit codes"), exits);
    let known: Vec<&str> = Code::ALL.into_iter().map(Code::as_str).collect();
    assert_eq!(first_column(&codes, "## Reject codes"), known);
    let rows = codes.lines().filter(|line| line.starts_with("| "));
    assert!(
        rows.clone().all(|row| row.split(" | ").all(|cell| !cell.trim().is_empty())),
        "{codes}"
    );
}

/// `docs/cli.md` has the output of `--help-all`; `DOCS_UPDATE=1` rewrites it.
#[test]
fn every_command_and_option_is_documented() {
    let sandbox = Sandbox::new();
    let mut page = String::from(
        "# The command line\n\nThis page has the help of every command, as `engage COMMAND --help-all` prints it.\n[codes.md](codes.md) has the exit codes, and [options.md](options.md) an example of every option.\n",
    );
    let mut describe = |title: &str, arguments: &[&str]| {
        let help = sandbox.run(arguments).stdout;
        page.extend(["\n## ", title, "\n\n```\n", help.trim_end(), "\n```\n"]);
    };
    describe("engage", &["--help-all"]);
    for command in commands(&sandbox).iter().map(String::as_str).chain(["man"]) {
        describe(&format!("engage {command}"), &[command, "--help-all"]);
    }
    if std::env::var_os("DOCS_UPDATE").is_some() {
        fs::write(root().join("docs/cli.md"), &page).unwrap();
    }
    assert!(document("docs/cli.md") == page, "docs/cli.md is old: DOCS_UPDATE=1 cargo test");
}

/// The parts of a page that are code: lines of blocks, and spans within a line. Transcripts are
/// left out, which `readme.rs` runs.
pub(crate) fn code(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let (mut is_fenced, mut is_transcript) = (false, false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
            is_transcript = line.trim() == "```console";
        } else if is_transcript {
        } else if is_fenced || line.starts_with("    ") {
            parts.push(line.trim().to_owned());
        } else {
            parts.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    parts
}

/// The calls of `engage` in a piece of code, each up to the next program or a comment.
fn calls(code: &str) -> Vec<&str> {
    let starts = code.match_indices("engage ").map(|(at, _)| at);
    let whole = starts.filter(|at| *at == 0 || code[..*at].ends_with([' ', '/']));
    whole.map(|at| code[at + 7..].split([';', '#', '&']).next().unwrap().trim()).collect()
}

#[test]
fn every_documented_command_exists() {
    let sandbox = Sandbox::new();
    let mut known = commands(&sandbox);
    known.extend(["man", "help"].map(str::to_owned));
    let mut seen = 0;
    for (name, text) in documents() {
        for part in code(&text) {
            for call in calls(&part) {
                let command = call.split(' ').next().unwrap();
                if !command.chars().all(|c| c.is_ascii_lowercase()) {
                    continue;
                }
                assert!(known.iter().any(|known| known == command), "{name}: engage {call}");
                let mut help = sandbox.run(&[command, "--help-all"]).stdout;
                // `engage segments` has subcommands.
                for action in
                    call.split(' ').skip(1).filter(|word| ["save", "delete"].contains(word))
                {
                    help += &sandbox.run(&[command, action, "--help-all"]).stdout;
                }
                for option in call.split(' ').filter(|word| word.starts_with("--")) {
                    let option = option.split(['=', '[', ']', ',', ')']).next().unwrap();
                    assert!(help.contains(option), "{name}: engage {call}: {option}");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "only {seen} commands were found");
}

#[test]
fn duplicate_crates_are_explained() {
    let lock = document("Cargo.lock");
    let names: Vec<&str> =
        lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    let page = document("docs/dependencies.md");
    assert!(names.len() > 100, "{names:?}");
    for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
        assert!(page.contains(&format!("`{}`", pair[0])), "{} is there twice", pair[0]);
    }
}
