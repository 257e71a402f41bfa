//! Every error has one line that says what is wrong, and a hint that says what to do.

use crate::sandbox::Sandbox;
use std::fs;

/// Files of every kind that an import refuses, and a store of twelve customers.
fn full_of_traps() -> Sandbox {
    let sandbox = Sandbox::with_fixture("users.csv");
    assert_eq!(sandbox.run(&["import", "users.csv", "-q"]).code, 3);
    let files: [(&str, &[u8]); 23] = [
        ("empty.csv", b""),
        ("header.csv", b"id,plan\n"),
        ("names.csv", b"name,plan\nAda,Pro\n"),
        ("bad.csv", b"id,email\n1,anna@\n"),
        ("other.csv", b"id,city\n1,Lagos\n"),
        ("events.csv", b"event,time,distinct_id\nOrder placed,2026-11-02T10:14:00Z,1\n"),
        ("book.csv", b"PK\x03\x04xl/workbook.xml"),
        ("page.csv", b"<!DOCTYPE html><html></html>"),
        ("people.csv", b"{\"id\": 1}\n{\"id\": 2}\n"),
        ("dos.csv", b"id,name\n1,M\x81ller\n2,J\x84ger\n3,S\x94hne\n4,Gr\x81n\n"),
        ("wide.csv", b"\xff\xfe\0\0i\0\0\0d\0\0\0"),
        ("title.csv", b"Customers of 2026\n\nid,plan,city\n1,Pro,Lagos\n2,Free,Abuja\n"),
        ("bare.csv", b"1,ada@example.com,Pro\n2,joao@example.com,Free\n"),
        ("quote.csv", b"\"id,plan\n1,Pro\n2,Free\n"),
        ("again.csv", b"id,plan\n2,Pro\n"),
        ("rejects.csv", b"id,_record,_line,_errors,_raw\n1,1,2,x,\n"),
        ("cut.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x4c\xd1"),
        ("text.toml", b"just some notes"),
        ("old.toml", b"[map]\nid = \"uid\"\n"),
        ("newer.toml", b"version = 99\n"),
        ("slip.toml", b"version = 1\nregoin = \"NG\"\n"),
        ("gone.toml", b"version = 1\n[map]\n\"E-Mail\" = \"email\"\n"),
        ("notes.db", b"this is not a database, but it is not a short file either"),
    ];
    for (name, content) in files {
        sandbox.write(name, content);
    }
    fs::create_dir(sandbox.path("folder")).unwrap();
    sandbox
}

const WRONG: &[&str] = &[
    "imprt users.csv",
    "import",
    "import users.csv --regin NG",
    "import users.csv --region ZZ",
    "import users.csv --key phone",
    "import users.csv --encoding latin9000",
    "import users.csv --delimiter ab",
    "import users.csv --delimiter a",
    "import users.csv --delimiter _",
    "import users.csv --max-missing lots",
    "import users.csv --report page.pdf --show-values",
    "import users.csv --report engage.db",
    "import users.csv --accepted users.csv",
    "import users.csv --rejects users.csv",
    "import users.csv --rejects text.toml",
    "import users.csv --save-mapping text.toml",
    "import users.csv --format csv",
    "import nowhere.csv",
    "import folder",
    "import empty.csv",
    "import header.csv",
    "import names.csv",
    "import bad.csv",
    "import events.csv",
    "import book.csv",
    "import page.csv",
    "import people.csv",
    "import dos.csv",
    "import wide.csv",
    "import title.csv",
    "import bare.csv",
    "import quote.csv",
    "import cut.csv.gz",
    "import other.csv again.csv",
    "import again.csv again.csv",
    "import again.csv --header-line 9",
    "import again.csv --columns a,b,c",
    "import again.csv -m pln=plan",
    "import again.csv -m id=uid -m id=plan",
    "import again.csv -m plan=a/b\u{7}",
    "import again.csv --type pln=number",
    "import again.csv --type uid=number",
    "import again.csv --type plan=nmber",
    "import again.csv --key email",
    "import again.csv --max-missing 0 --snapshot=archive",
    "import bad.csv again.csv",
    "import rejects.csv --snapshot",
    "import again.csv --mapping nowhere.toml",
    "import again.csv --mapping text.toml",
    "import again.csv --mapping old.toml",
    "import again.csv --mapping newer.toml",
    "import again.csv --mapping slip.toml",
    "import again.csv --mapping gone.toml",
    "import again.csv --store notes.db",
    "import again.csv --store nowhere/engage.db",
    "import again.csv --store folder",
    "inspect nowhere.csv",
    "show missing",
    "show --email missing@example.com",
    "show --number 123",
    "show --number=",
    "show 1001 --format csv",
    "show",
    "segment pln=1",
    "segment plan='Pro",
    "segment plan",
    "segment plan='Pro')",
    "segment (plan='Pro'",
    "segment monthly_usage>'many'",
    "segment monthly_usage>1/2",
    "segment @vip",
    "segment plan='Pro' --save a/b",
    "segment plan='Pro' --sort pln",
    "segment plan='Pro' --columns pln",
    "segments --remove vip",
    "index uid",
    "index has_device",
    "index plan --drop",
    "attributes --type pln=string",
    "attributes --type email=string",
    "changes 99",
    "changes 1 --attribute pln",
    "history 99",
    "history 1 --report page.pdf",
    "undo 99",
    "undo 2",
    "forget",
    "forget missing",
    "forget --file nowhere.txt",
    "backup engage.db",
    "backup nowhere/copy.db",
    "backup notes.db",
    "backup folder",
    "report --format json",
    "report -o page.pdf",
    "report -o nowhere/page.html",
    "history --store notes.db",
    "history --store nowhere.db",
    "man nowhere",
    "completions basch",
];

/// What is wrong with the form of an error. Errors of the command line have the form of the parser:
/// a message, tips and the usage.
fn problems(stderr: &str) -> Vec<&'static str> {
    let mut lines = stderr.lines().skip_while(|line| !line.starts_with("error: "));
    let Some(message) = lines.next() else { return vec!["no error"] };
    let below: Vec<&str> = lines.collect();
    let is_of_parser = below.last().is_some_and(|line| line.ends_with("try '--help'."));
    let is_part = |line: &&str| line.starts_with("hint: ") || line.starts_with("  ");
    let message = message.trim_start_matches("error: ");
    let ends = |line: &str| line.ends_with(['.', '!']);
    let has_hint = below.iter().any(|line| line.starts_with("hint: "));
    [
        ("the message is not a clause", ends(message) || message.starts_with("The ")),
        ("no way out", !is_of_parser && !has_hint),
        ("something else below", !is_of_parser && !below.iter().all(is_part)),
        ("a debugging name", message.contains("::") || message.contains("Some(")),
    ]
    .into_iter()
    .filter_map(|(problem, is_there)| is_there.then_some(problem))
    .collect()
}

#[test]
fn every_error_says_what_is_wrong_and_the_way_out() {
    let sandbox = full_of_traps();
    let before = sandbox.exported();
    let (mut seen, mut wrong) = (Vec::new(), Vec::new());
    for line in WRONG {
        let arguments: Vec<&str> = line.split(' ').collect();
        let run = sandbox.run(&arguments);
        let problems = problems(&run.stderr);
        if ![1, 2, 4, 5].contains(&run.code) || !problems.is_empty() {
            wrong.push(format!("{line}: {} {problems:?}\n{}", run.code, run.stderr));
        }
        let error = run.stderr.find("error: ").unwrap_or_default();
        seen.push(format!("$ engage {line}\n{}exit {}", &run.stderr[error..], run.code));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(sandbox.exported(), before);
    insta::assert_snapshot!(seen.join("\n\n"));
}
