//! `engage events` turns a file of events into bodies for the API, and `engage push --events` sends
//! them.

use crate::engage_api::{EngageApi, Fault};
use crate::pushing::{counts, imported, push, push_report};
use crate::sandbox::{Run, Sandbox};
use serde_json::{Value, json};

/// The events of a file that `engage events` writes to standard output.
fn events(sandbox: &Sandbox, arguments: &[&str]) -> (Run, Vec<String>) {
    let run = sandbox.run(&[&["events"], arguments].concat());
    let lines = run.stdout.lines().map(str::to_owned).collect();
    (run, lines)
}

#[test]
fn rows_become_bodies_with_typed_properties() {
    let file = "user_id,Event,Time,Value,Amount,Gift,Ordered on,email\n\
                u-1,Order placed,2026-11-02T10:14:00+01:00,3,1.10,yes,2026-11-01,not validated\n\
                u-2,Refund,2026-11-02 11:00:00Z,,20,no,2026-11-02,\n";
    let sandbox = Sandbox::with("track.csv", file);
    let (run, lines) = events(&sandbox, &["track.csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        lines,
        [
            r#"{"uid":"u-1","body":{"event":"Order placed","timestamp":"2026-11-02T09:14:00Z","value":3,"properties":{"amount":1.10,"email":"not validated","gift":true,"ordered_on":"2026-11-01"}}}"#,
            r#"{"uid":"u-2","body":{"event":"Refund","timestamp":"2026-11-02T11:00:00Z","properties":{"amount":20,"gift":false,"ordered_on":"2026-11-02"}}}"#,
        ]
    );
    assert_eq!(sandbox.files(), ["track.csv"]);
    // A column that is mapped in addition to the uid is validated, but not sent.
    let (run, lines) = events(&sandbox, &["track.csv", "-m", "email=email", "--skip", "Gift"]);
    assert_eq!((run.code, lines.len()), (3, 1), "{run:?}");
    assert!(!lines[0].contains("email") && !lines[0].contains("gift"), "{lines:?}");
    assert!(sandbox.read("track.rejects.csv").contains("email.invalid"));
}

#[test]
fn rejected_rows_are_fixed_and_converted_again() {
    let file = "user_id,event,time\nu-1,Paid,2026-11-02T10:14:00\n,Paid,2026-11-02T10:15:00\n\
                u-2,,2026-11-02T10:16:00\nu-3,Paid,\nu-4,Paid,soon\nu-5,Paid,2026-11-03T10:00:00\n";
    let sandbox = Sandbox::with("track.csv", file);
    let run = sandbox.run(&[
        "events",
        "track.csv",
        "-o",
        "track.jsonl",
        "--format",
        "json",
        "--report",
        "r.json",
    ]);
    assert_eq!(run.code, 3, "{run:?}");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["command"], "events");
    assert_eq!(
        report["records"],
        json!({"read": 6, "accepted": 2, "rejected": 4, "skipped": 0, "merged": 0})
    );
    assert_eq!(report["without_offset"], 2);
    assert_eq!(sandbox.read("r.json"), run.stdout);
    assert!(run.stderr.contains("2 times without an offset, read as UTC"), "{run:?}");
    assert!(sandbox.read("track.jsonl").contains(r#""timestamp":"2026-11-02T10:14:00Z""#));
    let rejects = sandbox.read("track.rejects.csv");
    for code in ["uid.missing", "event.missing", "event.time_missing", "value.type"] {
        assert!(rejects.contains(code), "{code}: {rejects}");
    }
    sandbox.write("track.rejects.csv", rejects.replace(",soon,", ",2026-11-04T10:00:00Z,"));
    let run = sandbox.run(&["events", "track.rejects.csv", "-o", "more.jsonl"]);
    assert_eq!((run.code, sandbox.read("more.jsonl").lines().count()), (3, 1), "{run:?}");
}

#[test]
fn customers_are_found_by_email_and_number() {
    let sandbox = imported(
        "id,email,phone\nu-1,Ada@example.org,+2348012345601\nu-2,b@example.org,\nu-3,B@example.org,\n",
    );
    sandbox.write("t.csv", "Mail,event,time\nada@EXAMPLE.org,Paid,2026-11-02T10:14:00Z\n\
                            b@example.org,Paid,2026-11-02T10:15:00Z\nnew@example.org,Paid,2026-11-02T10:16:00Z\n");
    let (run, lines) = events(&sandbox, &["t.csv", "-m", "Mail=email"]);
    assert_eq!((run.code, lines.len()), (3, 1), "{run:?}");
    assert!(lines[0].starts_with(r#"{"uid":"u-1","#), "{lines:?}");
    let rejects = sandbox.read("t.rejects.csv");
    assert!(rejects.contains("key.ambiguous") && rejects.contains("key.unknown"), "{rejects}");
    sandbox.write("t.csv", "Phone,event,time\n+234 801 234 5601,Paid,2026-11-02T10:14:00Z\n");
    let (run, lines) = events(&sandbox, &["t.csv"]);
    assert_eq!((run.code, lines.len()), (0, 1), "{run:?}");
    assert!(lines[0].starts_with(r#"{"uid":"u-1","#), "{lines:?}");
}

#[test]
fn names_times_and_roles_can_be_given() {
    let name = "x".repeat(32);
    let sandbox =
        Sandbox::with("o.csv", "No,Kunde,Wann\n7,u-1,03.11.2026 10:14\n8,u-2,04.11.2026 09:00\n");
    let (run, _) = events(&sandbox, &["o.csv"]);
    assert_eq!(run.code, 2, "{run:?}");
    let (run, lines) = events(
        &sandbox,
        &[
            "o.csv",
            "--event",
            &name,
            "-m",
            "Kunde=uid",
            "-m",
            "Wann=timestamp",
            "--type",
            "Wann=datetime:%d.%m.%Y %H:%M",
        ],
    );
    assert_eq!((run.code, lines.len()), (0, 2), "{run:?}");
    assert!(
        lines[0].contains(r#""timestamp":"2026-11-03T10:14:00Z","properties":{"no":7}"#),
        "{lines:?}"
    );
    assert!(run.stderr.contains("32 characters or more"), "{run:?}");
    let (run, lines) =
        events(&sandbox, &["o.csv", "--event", "Paid", "-m", "Kunde=uid", "--skip", "Wann"]);
    assert_eq!(
        (run.code, lines[0].as_str()),
        (0, r#"{"uid":"u-1","body":{"event":"Paid","properties":{"no":7}}}"#)
    );
    assert!(run.stderr.contains("no column has the time"), "{run:?}");
    assert_eq!(events(&sandbox, &["o.csv", "-m", "Kunde=plan"]).0.code, 2);
    assert_eq!(events(&sandbox, &["o.csv", "-m", "Missing=uid"]).0.code, 2);
    assert_eq!(
        events(&sandbox, &["o.csv", "-o", "o.csv", "--event", "x", "-m", "Kunde=uid"]).0.code,
        2
    );
}

/// The command that a refusal prints.
fn printed_command(run: &Run) -> String {
    let line =
        run.stderr.lines().find(|line| line.contains("engage events ") && line.contains(" -o "));
    let line = line.unwrap_or_else(|| panic!("{run:?}"));
    line[line.find("engage events").unwrap()..].to_owned()
}

#[test]
fn the_refusal_prints_a_command_that_works() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/events");
    let (mut printed, mut worked) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let sandbox = Sandbox::with(&name, std::fs::read(&path).unwrap());
        let run = sandbox.run(&["import", &name]);
        if !run.stderr.contains(" -o ") {
            continue;
        }
        printed += 1;
        let command = printed_command(&run);
        let program = sandbox.command(&[]).get_program().to_owned();
        let script = command.replacen("engage", program.to_str().unwrap(), 1);
        let mut shell = std::process::Command::new("sh");
        let ran = shell.args(["-c", &script]).current_dir(sandbox.path("")).output().unwrap();
        let ran: Run = ran.into();
        // With an email or a number, the command needs a store with customers.
        let is_by_contact = command.contains("=email") || command.contains("=number");
        assert!(
            ran.code == 0 || ran.code == 3 || (is_by_contact && ran.code == 1),
            "{name}: {command}: {ran:?}"
        );
        worked += usize::from(ran.code == 0);
    }
    assert!(printed >= 20 && worked >= 5, "{printed} {worked}");
}

#[test]
fn a_file_of_events_is_sent_once_and_resumed() {
    let (api, sandbox) = (EngageApi::start(), imported("id,plan\nu-1,Pro\n"));
    let lines = (0..60)
        .map(|row| {
            format!("{{\"uid\":\"u-{}\",\"body\":{{\"event\":\"E\",\"value\":{row}}}}}\n", row % 7)
        })
        .collect::<Vec<String>>()
        .concat();
    sandbox.write("e.jsonl", &lines);
    api.fail(|request| match request.body.contains("\"value\":20}") {
        true => Fault::Status(500, "", ""),
        false => Fault::None,
    });
    let (code, report) = push_report(&sandbox, &api, &["--events", "e.jsonl"]);
    // Line 21 is an event of u-6, whose later lines wait: 27, 34, 41, 48 and 55, counted from 0.
    assert_eq!((code, counts(&report)), (3, [54, 0, 0, 6, 0]), "{report}");
    assert_eq!(report["events_sha256"].as_str().unwrap().len(), 64);
    api.fail(|_| Fault::None);
    let dry = push_report(&sandbox, &api, &["--events", "e.jsonl", "--dry-run"]).1;
    assert_eq!(counts(&dry), [0, 0, 0, 6, 54]);
    let (code, report) = push_report(&sandbox, &api, &["--events", "e.jsonl"]);
    assert_eq!((code, counts(&report)), (0, [6, 0, 0, 0, 54]), "{report}");
    let sent = api.events();
    assert_eq!(sent.len(), 60);
    for customer in 0..7 {
        let uid = format!("u-{customer}");
        let values =
            sent.iter().filter(|(of, _)| *of == uid).map(|(_, body)| body["value"].as_u64());
        assert!(values.is_sorted(), "{sent:?}");
    }
    assert_eq!(sandbox.sql("SELECT count(*) FROM event_lines"), ["0"]);
    api.take_received();
    assert_eq!(push(&sandbox, &api, &["--events", "e.jsonl"]).code, 0);
    assert_eq!(api.received_count(), 0);
    let (code, report) =
        push_report(&sandbox, &api, &["--events", "e.jsonl", "--all", "--limit", "5"]);
    assert_eq!((code, counts(&report)), (0, [5, 0, 0, 0, 0]), "{report}");
    assert_eq!(api.users().len(), 0);
}

#[test]
fn refused_lines_have_a_status_and_lost_answers_are_counted() {
    let (api, sandbox) = (EngageApi::start(), imported("id,plan\nu-1,Pro\n"));
    sandbox.write(
        "e.jsonl",
        "{\"uid\":\"u-1\",\"body\":{\"event\":\"A\"}}\n{\"uid\":\"u-2\",\"body\":{\"event\":\"B\"}}\n\
         {\"uid\":\"u-1\",\"body\":{\"event\":\"C\"}}",
    );
    api.fail(|request| match request.body.as_str() {
        r#"{"event":"A"}"# => Fault::Status(400, "", r#"{"error":"u-1"}"#),
        _ => Fault::None,
    });
    let (code, report) = push_report(&sandbox, &api, &["--events", "e.jsonl"]);
    assert_eq!((code, counts(&report)), (3, [2, 0, 1, 0, 0]), "{report}");
    assert_eq!(report["refused_lines"], json!([{"line": 1, "status": 400}]));
    let (code, report) = push_report(&sandbox, &api, &["--events", "e.jsonl"]);
    assert_eq!((code, counts(&report)), (3, [0, 0, 1, 0, 2]), "{report}");
    let first = std::sync::atomic::AtomicBool::new(true);
    api.fail(move |_| match first.swap(false, std::sync::atomic::Ordering::SeqCst) {
        true => Fault::CloseAfter,
        false => Fault::None,
    });
    let run = push(&sandbox, &api, &["--events", "e.jsonl", "--retry-refused"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("1 event sent again after a lost answer"), "{run:?}");
    assert_eq!(api.events().iter().filter(|(_, body)| body["event"] == "A").count(), 2);
    for broken in ["{\"uid\":\"u-1\"}\n", "x\n", "\n", "{\"uid\":\"u\",\"body\":{\"event\":1}}\n"] {
        sandbox.write(
            "broken.jsonl",
            format!("{{\"uid\":\"u-1\",\"body\":{{\"event\":\"A\"}}}}\n{broken}"),
        );
        api.take_received();
        let run = push(&sandbox, &api, &["--events", "broken.jsonl"]);
        assert_eq!((run.code, api.received_count()), (2, 0), "{run:?}");
        assert!(run.stderr.contains("line 2 of broken.jsonl"), "{run:?}");
    }
}

#[test]
fn the_example_of_engage_runs_unchanged() {
    let (api, sandbox) = (EngageApi::start(), Sandbox::with_fixture("mint.csv"));
    let events = include_str!("../fixtures/mint_events.csv");
    sandbox.write("mint_events.csv", events);
    let page = include_str!("../docs/mint.md");
    let refused = sandbox.run(&["import", "mint_events.csv"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(page.contains(&printed_command(&refused)), "{refused:?}");
    let program = sandbox.command(&[]).get_program().to_str().unwrap().to_owned();
    for line in page.lines().filter_map(|line| line.strip_prefix("    engage ")) {
        let script =
            format!("\"{program}\" {}", line.replace("; engage ", &format!("; \"{program}\" ")));
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script]).current_dir(sandbox.path("")).env("ENGAGE_TIME_SCALE", "0.02");
        shell
            .env("ENGAGE_API_URL", api.url())
            .env("ENGAGE_API_KEY", "pub-1")
            .env("ENGAGE_API_SECRET", "secret-1");
        let run: Run = shell.output().unwrap().into();
        let code = if line == "import mint.csv -m Name=full_name" { 3 } else { 0 };
        assert_eq!(run.code, code, "{line}: {run:?}");
    }
    assert_eq!((api.users().len(), api.events().len()), (4, 4));
    let line = page.lines().find_map(|line| line.strip_prefix("    {")).unwrap();
    assert!(sandbox.read("mint_events.events.jsonl").contains(line), "{line}");
    assert_eq!(
        sandbox.run(&["segment", "@heavy-users", "--format", "jsonl"]).stdout.lines().count(),
        2
    );
}
