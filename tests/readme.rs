//! The transcripts and the picture of the README are real output of the program. `DOCS_UPDATE=1`
//! rewrites them.

use crate::sandbox::Sandbox;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with the fixture `users.csv`.
fn sandbox() -> Sandbox {
    let users = std::fs::read(root().join("fixtures/users.csv")).unwrap();
    Sandbox::with("users.csv", users)
}

/// The output and errors of a shell command, in which `engage` is the built program.
fn printed(line: &str, sandbox: &Sandbox) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_engage"));
    let path =
        format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let run = Command::new("sh")
        .args(["-c", &format!("{{ {line} ; }} 2>&1")])
        .env_clear()
        .envs([("PATH", path.as_str()), ("HOME", "/nonexistent"), ("LC_ALL", "C.UTF-8")])
        .current_dir(sandbox.path(""))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    without_time(&String::from_utf8(run.stdout).unwrap())
}

/// A text with durations replaced.
fn without_time(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let seconds = line.rfind(" s)").and_then(|end| Some((line[..end].rfind('(')?, end)));
        match seconds {
            Some((start, end)) if line[start + 1..end].parse::<f64>().is_ok() => {
                let _ = write!(out, "{}(0.1{}", &line[..start], &line[end..]);
            }
            _ => out.push_str(line),
        }
    }
    out
}

/// Compares a file of the project with its expected content, or rewrites it.
fn hold(name: &str, expected: &str) {
    let path = root().join(name);
    if std::env::var_os("DOCS_UPDATE").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == expected,
        "{name} is not what the program prints: DOCS_UPDATE=1 cargo test --test promises readme\n{expected}"
    );
}

#[test]
fn the_transcripts_of_the_readme_are_real() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let sandbox = sandbox();
    let mut expected = String::new();
    let mut is_console = false;
    for line in readme.lines() {
        match line {
            "```console" => is_console = true,
            "```" => is_console = false,
            _ => {}
        }
        // Skip the old output; the new one is added after its command.
        if is_console && line != "```console" && !line.starts_with("$ ") {
            continue;
        }
        expected.push_str(line);
        expected.push('\n');
        if let Some(command) = line.strip_prefix("$ ").filter(|_| is_console) {
            let said = printed(command, &sandbox);
            expected.push_str(&said);
            if !said.is_empty() && !said.ends_with('\n') {
                expected.push('\n');
            }
        }
    }
    assert!(expected.matches("\n$ engage ").count() >= 6);
    hold("README.md", &expected);
}

#[test]
fn the_picture_of_the_readme_is_real() {
    let sandbox = sandbox();
    let text = printed("engage import users.csv --color always", &sandbox);
    // The command that it suggests repeats the option for colors.
    let text = text.replace(" --color always", "");
    hold("docs/import.svg", &picture("engage import users.csv", &text));
}

/// All targets of links in the README exist.
#[test]
fn the_links_of_the_readme_exist() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let links = readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    let quoted = readme.split('`').filter(|it| it.starts_with("docs/") && !it.contains([' ', '*']));
    let mut seen = 0;
    for link in links.chain(quoted).filter(|link| !link.starts_with(['h', '#'])) {
        assert!(root().join(link).exists(), "README.md: {link}");
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

/// The width of a hundred characters, in pixels.
const HUNDRED_CHARACTERS: usize = 843;
const LINE: usize = 20;
const MARGIN: usize = 20;
const TOP: usize = 52;

/// A terminal with a command and its output, as SVG; light or dark like the reader's system.
fn picture(command: &str, output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let widest = output.lines().map(|line| plain(line).chars().count()).max().unwrap();
    let width = (widest * HUNDRED_CHARACTERS).div_ceil(100) + 2 * MARGIN;
    let height = TOP + (lines.len() + 2) * LINE + MARGIN / 2;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{command} in a terminal">
<style>
.w {{ fill: #fbfcfd; stroke: #d0d7de; }} .c {{ fill: #d0d7de; }}
text {{ font: 14px ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1b1f24; white-space: pre; }}
.d {{ fill: #57606a; }} .b {{ font-weight: 700; }} .y {{ fill: #7a4b00; }} .g {{ fill: #1a6b34; }} .r {{ fill: #a4262c; }} .p {{ fill: #0a66c2; }}
@media (prefers-color-scheme: dark) {{
.w {{ fill: #14171a; stroke: #3a4147; }} .c {{ fill: #3a4147; }}
text {{ fill: #e6e8ea; }}
.d {{ fill: #a9b1b9; }} .y {{ fill: #f0c060; }} .g {{ fill: #6fd08c; }} .r {{ fill: #ff9a9a; }} .p {{ fill: #6cb0f5; }}
}}
</style>
<rect class="w" x="1" y="1" width="{}" height="{}" rx="8"/>
"#,
        width - 2,
        height - 2
    );
    for circle in 0..3 {
        let _ =
            writeln!(svg, r#"<circle class="c" cx="{}" cy="20" r="6"/>"#, MARGIN + 4 + circle * 20);
    }
    let mut y = TOP;
    let _ =
        writeln!(svg, r#"<text x="{MARGIN}" y="{y}"><tspan class="p">$</tspan> {command}</text>"#);
    let mut classes = String::new();
    for line in lines {
        y += LINE;
        let spans = spans(line, &mut classes);
        if !plain(line).trim().is_empty() {
            let _ = writeln!(svg, r#"<text x="{MARGIN}" y="{y}">{spans}</text>"#);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// A line without its colour codes.
fn plain(line: &str) -> String {
    let mut rest = line;
    let mut out = String::new();
    while let Some(start) = rest.find("\u{1b}[") {
        out.push_str(&rest[..start]);
        rest = rest[start..].split_once('m').map_or("", |(_, after)| after);
    }
    out + rest
}

/// The pieces of a line, each with its colours. `classes` are the colours that are still active.
fn spans(line: &str, classes: &mut String) -> String {
    let mut out = String::new();
    let mut rest = line;
    let mut push = |text: &str, classes: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        if text.is_empty() {
        } else if classes.is_empty() {
            out.push_str(&text);
        } else {
            let _ = write!(out, r#"<tspan class="{}">{text}</tspan>"#, classes.trim());
        }
    };
    while let Some(start) = rest.find("\u{1b}[") {
        push(&rest[..start], classes);
        let (code, after) = rest[start + 2..].split_once('m').unwrap();
        for code in code.split(';') {
            match code {
                "0" | "" => classes.clear(),
                "1" => classes.push_str(" b"),
                "2" => classes.push_str(" d"),
                "31" => classes.push_str(" r"),
                "32" => classes.push_str(" g"),
                "33" => classes.push_str(" y"),
                "36" | "34" => classes.push_str(" p"),
                other => panic!("no colour {other}"),
            }
        }
        rest = after;
    }
    push(rest, classes);
    out
}
