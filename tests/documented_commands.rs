//! Every command in the documents runs, with the expected exit code; every option has an example
//! among them.
//!
//! `cargo` commands are not run, because they would build this test. Lines of crontabs and systemd
//! units are run without their time.

use crate::documents::{code, documents};
use crate::engage_api::EngageApi;
use crate::manners::commands;
use crate::sandbox::Sandbox;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

/// Placeholders in commands, and their values in the sandbox.
const STANDS_FOR: &[(&str, &str)] = &[
    ("EXPR", "\"plan = 'Pro'\""),
    ("NAME", "lapsed"),
    ("@NAME", "@lapsed"),
    ("FILE.html", "page.html"),
    ("FILES", "users.csv"),
    ("UID…", "u-17"),
    ("UID", "u-17"),
    ("ID", "212"),
    ("N", "5"),
    ("EMAIL", "u-17@example.com"),
    ("ATTRIBUTE", "plan"),
    ("COMMAND", "import"),
];

/// Paths outside of the sandbox, and the paths in the sandbox that replace them.
const PLACES: &[(&str, &str)] = &[
    ("/usr/local/share/man/man1", "man"),
    ("/srv/", "srv/"),
    ("/tmp/", ""),
    ("/usr/local/bin/", ""),
    ("~/", "home/"),
    ("/etc/engage.keys", "engage.keys"),
    ("/exports/", ""),
    ("--store old.db", "--store engage.db"),
    ("\\%", "%"),
];

/// Commands with an exit code other than 0, and why.
const OTHER_CODES: &[(&str, i32, &str)] =
    &[("import fixtures/users.csv", 3, "the fixture has four records to reject")];

/// Commands that are not run, and why.
const NOT_RUN: &[(&str, &str)] = &[("--ca-file company.pem", "it goes to Engage")];

/// A folder with everything that the documents mention.
fn world() -> Sandbox {
    let sandbox = Sandbox::with_fixture("users.csv");
    for folder in ["fixtures", "srv/export", "srv/engage", "srv/backup", "backups", "man"] {
        fs::create_dir_all(sandbox.path(folder)).unwrap();
    }
    for folder in [
        "home/.local/share/bash-completion/completions",
        "home/.zfunc",
        "home/.config/fish/completions",
    ] {
        fs::create_dir_all(sandbox.path(folder)).unwrap();
    }
    fs::rename(sandbox.path("users.csv"), sandbox.path("fixtures/users.csv")).unwrap();
    let row = |id: &str, number: usize| {
        let plan = if number.is_multiple_of(2) { "Pro" } else { "Free" };
        let email = match id {
            "u-18" => "ada@example.org".to_owned(),
            id => format!("{id}@example.com"),
        };
        let vip = number.is_multiple_of(3);
        format!(
            "{id},Ada Okafor,{email},+1202555{number:04},{plan},{number}.50,Lagos,{vip},\
             2024-06-{:02},token-{number},ios,a note,{:05},03/04/19{:02},US\n",
            number % 28 + 1,
            number * 111,
            number % 60 + 20
        )
    };
    let header = "id,Name,email,number,plan,monthly_usage,city,vip,last_login,device_token,\
                  device_platform,Notes,zip,born,country\n";
    let mut users = header.to_owned();
    for number in 1..=60 {
        users.push_str(&row(&format!("u-{number}"), 100 + number));
    }
    users.push_str(&row("u-00017", 99));
    let gzip = |text: &str| {
        use std::io::Write as _;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    for name in ["users.csv", "nightly.csv", "srv/export/customers.csv"] {
        sandbox.write(name, &users);
    }
    for name in ["users.csv.gz", "part-1.csv.gz", "part-2.csv.gz", "export.csv.gz"] {
        sandbox.write(name, gzip(&users));
    }
    sandbox.write("export.csv", b"id;email;plan;city\nu-17;ada@example.com;Pro;K\xf6ln\n");
    sandbox.write("titled.csv", "Customers\n\nid,email,plan\nu-17,ada@example.com,Pro\n");
    sandbox.write("bare.csv", "u-17,ada@example.com,Pro\nu-18,joao@example.com,Free\n");
    sandbox.write("erase.txt", "u-17\nu-18\n");
    for name in ["orders.csv", "track.csv"] {
        let event = "u-17,Paid,2026-11-02T10:14:00Z,2026-11-02T10:14:00Z,12.50";
        sandbox.write(name, format!("user_id,event,time,Ordered at,amount\n{event}\n"));
    }
    sandbox.write(
        "visits.csv",
        "Mail,Page,time,Browser\nu-17@example.com,Plans,2026-11-02T10:14:00Z,x\n",
    );
    let event = r#"{"uid":"u-17","body":{"event":"Paid","timestamp":"2026-11-02T10:14:00Z"}}"#;
    sandbox.write("orders.jsonl", format!("{event}\n"));
    sandbox.write("engage.keys", "ENGAGE_API_KEY=pub-1\nENGAGE_API_SECRET=secret-1\n");
    let private = fs::Permissions::from_mode(0o600);
    fs::set_permissions(sandbox.path("engage.keys"), private).unwrap();
    for arguments in [
        &["inspect", "users.csv", "--region", "NG", "--save-mapping", "users.toml", "-q"][..],
        &["import", "users.csv", "--limit", "40", "-q"],
        &["forget", "u-99", "--block", "-q"],
        &["inspect", "users.csv", "--save-mapping", "srv/engage/customers.toml", "-q"],
    ] {
        assert_eq!(sandbox.run(arguments).code, 0);
    }
    // The history in the examples has 212 lines.
    let store = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    store.execute("UPDATE sqlite_sequence SET seq = 211 WHERE name = 'imports'", []).unwrap();
    drop(store);
    for arguments in [
        &["import", "users.csv", "-q"][..],
        &["segment", "last_login < now() - 30 days", "--save", "lapsed"],
        &["segment", "plan != 'Pro'", "--save", "not-pro"],
        &["segment", "plan = 'Pro'", "--save", "subscribers"],
        &["index", "monthly_usage"],
        &["backup", "engage-backup.db", "-q"],
        &["backup", "srv/backup/engage-7.db", "-q"],
    ] {
        assert_eq!(sandbox.run(arguments).code, 0, "{arguments:?}");
    }
    sandbox
}

/// A copy of the folder.
fn copy_of(world: &Sandbox) -> Sandbox {
    let copy = Sandbox::new();
    let done = Command::new("cp").arg("-R").arg(world.path(".")).arg(copy.path("")).status();
    assert!(done.unwrap().success());
    copy
}

/// The commands of a document, in code blocks and in code spans.
fn commands_of(name: &str, text: &str) -> Vec<String> {
    let is_help = name.ends_with("docs/cli.md");
    let mut found = Vec::new();
    let mut is_example = false;
    for part in code(text) {
        // In the text of `--help`, only the examples are commands.
        is_example = (is_example && part.contains("engage ")) || part == "Examples:";
        if is_help && !is_example {
            continue;
        }
        let part = part.trim_start_matches("$ ").trim_start_matches("ExecStart=");
        let at = part.match_indices("engage ").map(|(at, _)| at);
        let Some(at) = at.into_iter().find(|at| *at == 0 || part[..*at].ends_with([' ', '/']))
        else {
            continue;
        };
        let start = if part.starts_with("zcat ") { 0 } else { at };
        let end = part[at..].find("   ").map_or(part.len(), |gap| at + gap);
        let command = part[start..end].split(" # ").next().unwrap().trim();
        if command.split(' ').nth(1).is_some_and(|word| {
            word.starts_with(|c: char| c.is_ascii_lowercase() || c == '-' || c == 'C')
        }) {
            found.push(command.to_owned());
        }
    }
    found
}

/// The command with placeholders and paths replaced.
fn as_run(command: &str) -> String {
    let mut line = command.to_owned();
    if line.contains(" [") {
        line = line.replace(['[', ']'], "");
    }
    for (place, here) in PLACES {
        line = line.replace(place, here);
    }
    let words: Vec<&str> = line
        .split(' ')
        .map(|word| match STANDS_FOR.iter().find(|(name, _)| *name == word) {
            Some((_, what)) => *what,
            None if word != "FILE" => word,
            None if line.contains("--credentials") => "engage.keys",
            None if line.contains("push --events") => "orders.jsonl",
            None if line.contains("--from") => "erase.txt",
            None if line.contains("backup") => "copy.db",
            None => "users.csv",
        })
        .collect();
    let line = words.join(" ");
    // A command without arguments is only mentioned, so its help is run instead.
    if line.split(' ').count() == 2 && !line.contains(" --") {
        format!("{line} --help")
    } else {
        line
    }
}

fn is_there(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    found.is_ok_and(|output| output.status.success())
}

#[test]
fn every_command_in_the_documents_runs() {
    let (world, api) = (world(), EngageApi::start());
    let program = assert_cmd::cargo::cargo_bin("engage");
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut done = BTreeSet::new();
    let mut wrong = Vec::new();
    // `pushing_events` runs the worked example.
    let pages = documents().into_iter().filter(|(name, _)| !name.ends_with("mint.md"));
    for (name, text) in pages {
        for command in commands_of(&name, &text) {
            let line = as_run(&command);
            let is_left_out = NOT_RUN.iter().any(|(part, _)| command.contains(part))
                || (line.contains("| jq") && !is_there("jq"));
            if is_left_out || !done.insert(line.clone()) {
                continue;
            }
            let sandbox = copy_of(&world);
            sandbox.write("expression.txt", "plan = 'Pro'");
            let input = fs::File::open(sandbox.path("expression.txt")).unwrap();
            let output = Command::new("sh")
                .args(["-c", &line])
                .current_dir(sandbox.path(""))
                .env_clear()
                .env("PATH", &path)
                .env("HOME", sandbox.path("home"))
                .env("ENGAGE_API_URL", api.url())
                .env("ENGAGE_API_KEY", "pub-1")
                .env("ENGAGE_API_SECRET", "secret-1")
                .env("ENGAGE_TIME_SCALE", "0.05")
                .stdin(Stdio::from(input))
                .output()
                .unwrap();
            let other = OTHER_CODES.iter().find(|(part, ..)| command.contains(part));
            let expected = other.map_or(0, |(_, code, _)| *code);
            if output.status.code() != Some(expected) {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                wrong.push(format!("{name}: {line}: {:?}\n{said}", output.status.code()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let all: String = documents().into_iter().map(|(_, text)| text).collect();
    assert!(NOT_RUN.iter().all(|(part, _)| all.contains(part)), "one is left out and not there");
    assert!(done.len() > 100, "only {} commands were found", done.len());
}

#[test]
fn every_option_has_an_example_in_the_documents() {
    let sandbox = Sandbox::new();
    let examples: Vec<String> =
        documents().iter().flat_map(|(name, text)| commands_of(name, text)).collect();
    let has = |start: &str, option: &str| {
        let calls = examples.iter().filter_map(|example| Some(&example[example.find(start)?..]));
        calls.flat_map(|call| call.split([' ', '='])).any(|word| word == option)
    };
    let options = |help: &str| -> Vec<String> {
        let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
        let long =
            lines.filter_map(|line| line.split([' ', '=', '[']).find(|w| w.starts_with("--")));
        long.map(|option| option.trim_end_matches(',').to_owned()).collect()
    };
    let everywhere = options(&sandbox.run(&["--help-all"]).stdout);
    assert!(everywhere.len() >= 6, "{everywhere:?}");
    let mut missing: Vec<String> =
        everywhere.iter().filter(|option| !has("engage ", option)).cloned().collect();
    for command in commands(&sandbox) {
        let start = format!("engage {command}");
        for option in options(&sandbox.run(&[&command, "--help-all"]).stdout) {
            if !everywhere.contains(&option) && !has(&start, &option) {
                missing.push(format!("{start} {option}"));
            }
        }
    }
    assert!(missing.is_empty(), "no example in docs/options.md: {missing:#?}");
}
