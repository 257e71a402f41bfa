//! `engage push` sends new and changed customers, and records what the server has.

use crate::engage_api::{EngageApi, Fault, PRIVATE_KEY, PUBLIC_KEY};
use crate::sandbox::{Run, Sandbox};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::sync::LazyLock;

/// A command that connects to the server, with short waits.
pub(crate) fn command(sandbox: &Sandbox, api: &EngageApi, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(arguments);
    command
        .env("ENGAGE_API_URL", api.url())
        .env("ENGAGE_API_KEY", PUBLIC_KEY)
        .env("ENGAGE_API_SECRET", PRIVATE_KEY)
        .env("ENGAGE_TIME_SCALE", "0.02");
    command
}

/// Runs `engage push` without a limit of its rate.
pub(crate) fn push(sandbox: &Sandbox, api: &EngageApi, arguments: &[&str]) -> Run {
    let all = [&["push", "--rate", "0"], arguments].concat();
    command(sandbox, api, &all).output().unwrap().into()
}

/// Runs `engage push` with `--format json`; returns the exit code and the report.
pub(crate) fn push_report(sandbox: &Sandbox, api: &EngageApi, arguments: &[&str]) -> (i32, Value) {
    let run = push(sandbox, api, &[arguments, &["--format", "json"]].concat());
    let report =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    check_push_report(&report);
    (run.code, report)
}

fn check_push_report(report: &Value) {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = include_str!("../docs/push.schema.json");
        jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
    });
    let errors: Vec<String> = SCHEMA.iter_errors(report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {report}");
}

/// The counts of a report: delivered, queued, refused, pending, unchanged.
pub(crate) fn counts(report: &Value) -> [u64; 5] {
    ["delivered", "queued", "refused", "pending", "unchanged"]
        .map(|name| report[name].as_u64().unwrap())
}

pub(crate) const CUSTOMERS: &str = "\
id,First name,Last name,Email,Phone,plan,monthly_usage,signup_date,vip
u-1,Ada,Obi,ada@example.org,+2348012345601,Pro,1.10,2024-02-03,true
a/b c,Ben,,ben@example.org,+2348012345602,Basic,20,2024-02-04,false
u-3,,,,,,,,
";

pub(crate) fn imported(content: &str) -> Sandbox {
    let sandbox = Sandbox::with("users.csv", content);
    import(&sandbox, content);
    sandbox
}

pub(crate) fn import(sandbox: &Sandbox, content: &str) {
    sandbox.write("users.csv", content);
    let run = sandbox.run(&["import", "users.csv", "-q"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn the_first_push_sends_everything_and_later_ones_only_changes() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    let (code, report) = push_report(&sandbox, &api, &[]);
    assert_eq!((code, counts(&report)), (0, [3, 0, 0, 0, 0]), "{report}");
    assert_eq!(report["destination"], api.url());
    let mut lines = api.take_lines();
    lines.sort();
    assert_eq!(
        lines,
        [
            r#"PUT /users/a%2Fb%20c {"first_name":"Ben","number":"2348012345602","email":"ben@example.org","meta":{"monthly_usage":20,"plan":"Basic","signup_date":"2024-02-04","vip":false}}"#,
            r#"PUT /users/u-1 {"first_name":"Ada","last_name":"Obi","number":"2348012345601","email":"ada@example.org","meta":{"monthly_usage":1.10,"plan":"Pro","signup_date":"2024-02-03","vip":true}}"#,
            "PUT /users/u-3 {}",
        ]
    );
    // Nothing to send means that no connection is opened.
    let connections = api.connections();
    let (code, report) = push_report(&sandbox, &api, &[]);
    assert_eq!((code, counts(&report)), (0, [0, 0, 0, 0, 3]), "{report}");
    assert_eq!((api.take_lines(), api.connections()), (Vec::new(), connections));

    import(&sandbox, "id,plan,Last name\nu-1,Basic,Obi\na/b c,Basic,Eze\n");
    let (code, report) = push_report(&sandbox, &api, &[]);
    assert_eq!((code, counts(&report)), (0, [2, 0, 0, 0, 1]), "{report}");
    let mut lines = api.take_lines();
    lines.sort();
    assert_eq!(
        lines,
        [
            r#"PUT /users/a%2Fb%20c {"last_name":"Eze"}"#,
            r#"PUT /users/u-1 {"meta":{"plan":"Basic"}}"#,
        ]
    );
    assert_eq!(api.user("u-1").unwrap()["meta"]["plan"], "Basic");
    // The same URL written differently is the same destination.
    let url = format!("{}/", api.url());
    let run = push(&sandbox, &api, &["--api-url", &url]);
    assert_eq!((run.code, api.received_count()), (0, 0), "{run:?}");

    let (code, report) = push_report(&sandbox, &api, &["--all"]);
    assert_eq!((code, counts(&report)), (0, [3, 0, 0, 0, 0]), "{report}");
    let history = sandbox.history();
    assert_eq!(history.last().unwrap()["kind"], "push");
    assert_eq!(history.last().unwrap()["status"], "pushed");
    assert_eq!(sandbox.run(&["check"]).code, 0);
}

#[test]
fn removed_attributes_are_removed_at_the_destination() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    api.take_received();
    sandbox.write("users.csv", "id,Last name,plan\nu-1,,\n");
    assert_eq!(sandbox.run(&["import", "users.csv", "--blank", "clear"]).code, 0);
    let run = push(&sandbox, &api, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("1 standard attribute cleared with null"), "{run:?}");
    assert_eq!(
        api.take_lines(),
        [r#"PUT /users/u-1 {"last_name":null}"#, "DELETE /users/u-1/attributes/plan"]
    );
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(api.take_lines(), [""; 0]);
}

#[test]
fn the_sign_up_date_is_only_in_the_first_delivery() {
    let content = "id,created_at,plan\nu-1,2024-02-03T10:00:00Z,Pro\n";
    let (api, sandbox) = (EngageApi::start(), imported(content));
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(
        api.take_lines(),
        [r#"PUT /users/u-1 {"created_at":"2024-02-03T10:00:00Z","meta":{"plan":"Pro"}}"#]
    );
    import(&sandbox, "id,created_at,plan\nu-1,2025-02-03T10:00:00Z,Basic\n");
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(push(&sandbox, &api, &["--all"]).code, 0);
    let body = r#"PUT /users/u-1 {"meta":{"plan":"Basic"}}"#;
    assert_eq!(api.take_lines(), [body, body]);
}

#[test]
fn devices_are_sent_one_by_one_the_oldest_first() {
    let (api, sandbox) =
        (EngageApi::start(), imported("id,device_token,device_platform\nu-1,t1,ios\n"));
    for token in 2..=6 {
        import(&sandbox, &format!("id,device_token,device_platform\nu-1,t{token},android\n"));
        if token == 2 {
            assert_eq!(push(&sandbox, &api, &[]).code, 0);
            let device = |token, platform| {
                format!(
                    r#"PUT /users/u-1 {{"device_token":"{token}","device_platform":"{platform}"}}"#
                )
            };
            assert_eq!(
                api.take_lines(),
                ["PUT /users/u-1 {}".to_owned(), device("t1", "ios"), device("t2", "android")]
            );
        }
    }
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    let lines = api.take_lines();
    assert_eq!(lines[0], "DELETE /users/u-1/tokens/t1");
    let tokens: Vec<&str> = lines[1..].iter().map(|line| &line[32..34]).collect();
    assert_eq!(tokens, ["t3", "t4", "t5", "t6"], "{lines:?}");
    let user = api.user("u-1").unwrap();
    let tokens: Vec<&Value> =
        user["devices"].as_array().unwrap().iter().map(|it| &it["token"]).collect();
    assert_eq!(tokens, ["t2", "t3", "t4", "t5", "t6"]);
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(api.take_lines(), [""; 0]);
}

#[test]
fn a_dry_run_opens_no_connection_and_hides_the_keys() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    let run = push(&sandbox, &api, &["--dry-run"]);
    assert_eq!((run.code, api.connections()), (0, 0), "{run:?}");
    assert!(run.stdout.contains("PUT http://127.0.0.1"), "{run:?}");
    assert!(run.stdout.contains("Authorization: Basic (hidden)"), "{run:?}");
    let report = push_report(&sandbox, &api, &["--dry-run"]).1;
    assert_eq!((counts(&report), &report["requests"]["put"]), ([0, 0, 0, 3, 0], &json!(3)));
    // Without keys, the dry run is that of a new destination.
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    let run: Run = sandbox
        .command(&["push", "--dry-run", "--format", "json", "--api-url", &api.url()])
        .output()
        .unwrap()
        .into();
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, counts(&report)), (0, [0, 0, 0, 3, 0]), "{run:?}");
    assert_eq!(counts(&push_report(&sandbox, &api, &["--dry-run"]).1), [0, 0, 0, 0, 3]);
    for (rate, said) in [("0.001", "50 min"), ("0.0001", "8.3 h"), ("1", "3 s")] {
        let arguments = ["push", "--dry-run", "--all", "--rate", rate];
        let run: Run = command(&sandbox, &api, &arguments).output().unwrap().into();
        assert!(run.stdout.contains(said), "{run:?}");
        assert_eq!(run.stdout.contains("--batch"), rate != "1", "{run:?}");
    }
}

#[test]
fn a_push_may_be_limited_to_a_segment_or_a_count() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    let report = push_report(&sandbox, &api, &["--segment", "vip"]).1;
    assert_eq!(counts(&report), [1, 0, 0, 0, 0], "{report}");
    assert!(api.take_lines()[0].starts_with("PUT /users/u-1 "));
    assert_eq!(sandbox.run(&["segment", "plan = 'Basic'", "--save", "basic"]).code, 0);
    let report = push_report(&sandbox, &api, &["--segment", "basic"]).1;
    assert_eq!(counts(&report), [1, 0, 0, 0, 0], "{report}");
    let (code, report) = push_report(&sandbox, &api, &["--all", "--limit", "2"]);
    assert_eq!((code, counts(&report), &report["beyond_limit"]), (0, [2, 0, 0, 0, 0], &json!(1)));
    assert_eq!(push(&sandbox, &api, &["--segment", "no such"]).code, 2);
}

#[test]
fn urls_and_keys_are_validated() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    let run = |url: &str| push(&sandbox, &api, &["--api-url", url]);
    for url in ["http://example.org/v1", "https://a:hush@localhost", "ftp://localhost", "nothing"] {
        let run = run(url);
        assert_eq!(run.code, 2, "{url}: {run:?}");
        assert!(!run.stderr.contains("hush"), "{run:?}");
    }
    let without: Run = sandbox.command(&["push", "--api-url", &api.url()]).output().unwrap().into();
    assert_eq!(without.code, 2, "{without:?}");
    assert!(without.stderr.contains("ENGAGE_API_KEY"), "{without:?}");
    let wrong: Run = command(&sandbox, &api, &["push", "--rate", "0"])
        .env("ENGAGE_API_SECRET", "wrong-secret")
        .output()
        .unwrap()
        .into();
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(wrong.stderr.contains("rejects the keys"), "{wrong:?}");
    assert!(!format!("{wrong:?}").contains("wrong-secret"));
    assert!(api.received_count() <= 8);
    api.take_received();

    let keys = format!("ENGAGE_API_KEY={PUBLIC_KEY}\nENGAGE_API_SECRET={PRIVATE_KEY}\n");
    sandbox.write("keys", keys);
    let with_file = || -> Run {
        sandbox
            .command(&["push", "--api-url", &api.url(), "--credentials", "keys"])
            .output()
            .unwrap()
            .into()
    };
    let set_mode = |mode| {
        std::fs::set_permissions(sandbox.path("keys"), std::fs::Permissions::from_mode(mode))
            .unwrap();
    };
    set_mode(0o640);
    assert_eq!(with_file().code, 2);
    set_mode(0o600);
    let run = with_file();
    assert_eq!(run.code, 0, "{run:?}");
    let store = std::fs::read(sandbox.path("engage.db")).unwrap();
    for key in [PUBLIC_KEY, PRIVATE_KEY] {
        assert!(!store.windows(key.len()).any(|window| window == key.as_bytes()));
    }
}

#[test]
fn a_store_without_uids_needs_uid_from() {
    let (api, sandbox) = (EngageApi::start(), imported("email,plan\nAda@example.org,Pro\n"));
    let run = push(&sandbox, &api, &[]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("--uid-from email"), "{run:?}");
    assert_eq!(push(&sandbox, &api, &["--uid-from", "number"]).code, 2);
    assert_eq!(push(&sandbox, &api, &["--uid-from", "email"]).code, 0);
    assert!(api.take_lines()[0].starts_with("PUT /users/ada%40example.org "));
    let with_uids = imported(CUSTOMERS);
    assert_eq!(push(&with_uids, &api, &["--uid-from", "email"]).code, 2);
}

#[test]
fn unsubscribed_customers_are_warned_about() {
    let content = "id,unsubscribed\nu-1,true\nu-2,false\nu-3,\n";
    let (api, sandbox) = (EngageApi::start(), imported(content));
    let run = push(&sandbox, &api, &["--dry-run"]);
    let named = run.stderr.split("--segment '").nth(1).unwrap_or_else(|| panic!("{run:?}"));
    let segment = named.split('\'').next().unwrap();
    let run = push(&sandbox, &api, &["--segment", segment]);
    assert_eq!((run.code, run.stderr.contains("warning")), (0, false), "{run:?}");
    assert_eq!(api.users().keys().collect::<Vec<_>>(), ["u-2", "u-3"]);
}

#[test]
fn customers_without_consent_are_warned_about() {
    // Booleans, numbers and texts, in several languages.
    // A count is not an answer.
    let content = "id,Newsletter,opt_in,E-Mail Einwilligung,newsletter_count,no_of_emails,note\n\
                   u-1,yes,1,Ja,0,1,no\nu-2,no,1,Ja,0,2,no\nu-3,yes,0,Ja,0,1,no\n\
                   u-4,yes,1,Nein,0,3,no\nu-5,yes,1,weiss nicht,0,1,no\nu-6,,,,0,1,no\n";
    let (api, sandbox) = (EngageApi::start(), imported(content));
    let run = push(&sandbox, &api, &["--dry-run"]);
    for name in ["newsletter", "opt_in", "e_mail_einwilligung"] {
        let said = format!("'{name}' is false for 1 customer");
        assert!(run.stderr.contains(&said), "{said} is not in {run:?}");
    }
    for other in ["count", "no_of", "note"] {
        assert!(!run.stderr.contains(other), "{other} is in {run:?}");
    }
    let segment = run.stderr.split("--segment ").nth(1).unwrap();
    let segment = segment.split(" leaves them out").next().unwrap();
    // As a shell reads it.
    let segment = segment.replace(r"'\''", "\0").replace('\'', "").replace('\0', "'");
    let run = push(&sandbox, &api, &["--segment", &segment]);
    assert_eq!((run.code, run.stderr.contains("warning")), (0, false), "{run:?}");
    assert_eq!(api.users().keys().collect::<Vec<_>>(), ["u-1", "u-5", "u-6"]);
}

#[test]
fn a_refused_customer_is_not_sent_again_until_it_changes() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    api.fail(|request| match request.path.as_str() {
        "/users/u-1" => {
            Fault::Status(422, "", r#"{"error":"ada@example.org is \u001b[31m taken"}"#)
        }
        _ => Fault::None,
    });
    let run = push(&sandbox, &api, &["--report", "report.json"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(!run.stdout.contains("ada@") && !sandbox.read("report.json").contains("ada@"));
    let report: Value = serde_json::from_str(&sandbox.read("report.json")).unwrap();
    assert_eq!(counts(&report), [2, 0, 1, 0, 0]);
    assert_eq!(report["refused_statuses"], json!([{"status": 422, "count": 1}]));
    let shown = sandbox.run(&["show", "u-1"]).stdout;
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("ada@example.org is \\u{1b}[31m taken"), "{shown}");
    api.take_received();
    let (code, report) = push_report(&sandbox, &api, &[]);
    assert_eq!((code, counts(&report)), (3, [0, 0, 1, 0, 2]));
    assert_eq!(api.received_count(), 0);
    let run = push(&sandbox, &api, &["--retry-refused", "--show-values"]);
    assert_eq!((run.code, api.take_received().len()), (3, 1), "{run:?}");
    assert!(run.stdout.contains("u-1: status 422: ada@example.org"), "{run:?}");
    api.fail(|_| Fault::None);
    import(&sandbox, "id,plan\nu-1,Basic\n");
    let (code, report) = push_report(&sandbox, &api, &[]);
    assert_eq!((code, counts(&report)), (0, [1, 0, 0, 0, 2]));
    assert!(api.take_lines()[0].contains("\"first_name\":\"Ada\""));
}

#[test]
fn too_many_refusals_stop_the_push() {
    let rows = (0..300).map(|row| format!("u-{row},Pro\n")).collect::<Vec<String>>().concat();
    let (api, sandbox) = (EngageApi::start(), imported(&format!("id,plan\n{rows}")));
    api.fail(|_| Fault::Status(400, "", r#"{"error":"no"}"#));
    let (code, report) = push_report(&sandbox, &api, &[]);
    let refused = report["refused"].as_u64().unwrap();
    assert!(code == 5 && (50..60).contains(&refused), "{code} {report}");
    assert_eq!(report["pending"], 300 - refused);
    assert_eq!(sandbox.history().last().unwrap()["status"], "stopped");
    let (code, _) = push_report(&sandbox, &api, &["--max-refused", "0"]);
    assert_eq!(code, 5);
    let (code, report) = push_report(&sandbox, &api, &["--max-refused", "100%"]);
    assert_eq!((code, &report["refused"]), (3, &json!(300)), "{report}");
    assert_eq!(sandbox.run(&["check"]).code, 0);
}
