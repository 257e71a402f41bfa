//! Pushes of archived, deleted, undone and forgotten customers, and batches.

use crate::engage_api::{EngageApi, Fault};
use crate::pushing::{CUSTOMERS, command, counts, import, imported, push, push_report};
use crate::sandbox::{Run, Sandbox};
use serde_json::json;

fn snapshot(sandbox: &Sandbox, content: &str, action: &str) {
    sandbox.write("users.csv", content);
    let action = format!("--snapshot={action}");
    let run = sandbox.run(&["import", "users.csv", &action, "--max-missing", "100%", "-q"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn archived_customers_are_archived_and_unarchived_at_the_destination() {
    let (api, sandbox) = (EngageApi::start(), imported("id,plan\nu-1,Pro\nu-2,Pro\n"));
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    api.take_received();
    snapshot(&sandbox, "id,plan\nu-1,Pro\nu-3,Pro\n", "archive");
    // A customer archived before its first delivery is not sent.
    snapshot(&sandbox, "id,plan\nu-1,Pro\n", "archive");
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(api.take_lines(), ["POST /users/u-2/archive"]);
    assert_eq!(api.user("u-2").unwrap()["archived"], true);
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(api.take_lines(), [""; 0]);
    import(&sandbox, "id,plan\nu-2,Pro\n");
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(api.take_lines(), [r#"PUT /users/u-2 {"meta":{"plan":"Pro"}}"#]);
    assert_eq!(api.user("u-2").unwrap()["archived"], false);
    // The customer is changed, then archived.
    import(&sandbox, "id,plan\nu-2,Basic\n");
    snapshot(&sandbox, "id,plan\nu-1,Pro\n", "archive");
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(
        api.take_lines(),
        [r#"PUT /users/u-2 {"meta":{"plan":"Basic"}}"#, "POST /users/u-2/archive"]
    );
}

#[test]
fn deleted_customers_are_archived_or_deleted_at_the_destination() {
    let (api, sandbox) = (EngageApi::start(), imported("id,plan\nu-1,Pro\nu-2,Pro\nu-3,Pro\n"));
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    api.take_received();
    snapshot(&sandbox, "id,plan\nu-1,Pro\nu-3,Pro\n", "delete");
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(api.take_lines(), ["POST /users/u-2/archive"]);
    snapshot(&sandbox, "id,plan\nu-1,Pro\n", "delete");
    assert_eq!(push(&sandbox, &api, &["--deletes"]).code, 0);
    let mut lines = api.take_lines();
    lines.sort();
    assert_eq!(lines, ["DELETE /users/u-2", "DELETE /users/u-3"]);
    assert_eq!(push(&sandbox, &api, &["--deletes"]).code, 0);
    assert_eq!(api.take_lines(), [""; 0]);
    assert_eq!(api.users().keys().collect::<Vec<_>>(), ["u-1"]);
    // A customer that the server does not have counts as deleted.
    snapshot(&sandbox, "id,plan\nu-9,Pro\n", "delete");
    api.fail(|request| match request.method.as_str() {
        "DELETE" => Fault::Status(404, "", r#"{"error":"none"}"#),
        _ => Fault::None,
    });
    let (code, report) = push_report(&sandbox, &api, &["--deletes"]);
    assert_eq!((code, counts(&report)), (0, [2, 0, 0, 0, 0]), "{report}");
    assert_eq!(sandbox.run(&["check"]).code, 0);
}

#[test]
fn an_undo_is_pushed() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    let before = api.users();
    import(&sandbox, "id,plan,city\nu-1,Basic,Lagos\nu-9,Pro,Abuja\n");
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_ne!(api.users(), before);
    // A push does not block an undo, and is not undone.
    assert_eq!(sandbox.run(&["undo"]).code, 0);
    api.take_received();
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    // Customers are sent over several connections; only the requests of each customer are in order.
    let mut lines = api.take_lines();
    lines.sort_by_key(|line| line.contains("u-9"));
    assert_eq!(
        lines,
        [
            r#"PUT /users/u-1 {"meta":{"plan":"Pro"}}"#,
            "DELETE /users/u-1/attributes/city",
            "POST /users/u-9/archive"
        ]
    );
    let mut after = api.users();
    assert_eq!(after.remove("u-9").unwrap()["archived"], true);
    assert_eq!(after, before);
    import(&sandbox, "id,plan\nu-9,Pro\n");
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(
        api.take_lines(),
        [r#"PUT /users/u-9 {"meta":{"plan":"Pro"}}"#, "DELETE /users/u-9/attributes/city"]
    );
    assert_eq!(sandbox.run(&["check"]).code, 0);
}

#[test]
fn forget_erases_deliveries_and_names_the_destinations() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    api.fail(|request| match request.path.as_str() {
        "/users/u-3" => Fault::Status(409, "", r#"{"error":"u-1 has that email"}"#),
        _ => Fault::None,
    });
    assert_eq!(push(&sandbox, &api, &[]).code, 3);
    assert!(sandbox.run(&["show", "u-1"]).stdout.contains("delivered to http://127.0.0.1"));
    let run = sandbox.run(&["forget", "u-1"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("1 customer delivered to http://127.0.0.1"), "{run:?}");
    assert_eq!(sandbox.sql("SELECT uid FROM deliveries ORDER BY uid"), ["a/b c", "u-3"]);
    assert_eq!(
        sandbox.sql("SELECT refused_text FROM deliveries WHERE uid = 'u-3'"),
        ["(forgotten)"]
    );
    let store = std::fs::read(sandbox.path("engage.db")).unwrap();
    assert!(!store.windows(5).any(|window| window == b"u-1 h"));
    assert!(api.user("u-1").is_some());
    assert_eq!(sandbox.run(&["check"]).code, 0);
}

#[test]
fn forget_remote_deletes_at_the_destination_first() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    let other = EngageApi::start();
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    assert_eq!(push(&sandbox, &other, &[]).code, 0);
    let forget = |uid: &str| -> Run {
        command(&sandbox, &api, &["forget", uid, "--remote"]).output().unwrap().into()
    };
    api.fail(|_| Fault::Status(500, "", ""));
    let run = forget("u-1");
    assert_eq!((run.code, sandbox.count()), (1, 3), "{run:?}");
    api.fail(|_| Fault::None);
    api.take_received();
    let run = forget("u-1");
    assert_eq!((run.code, sandbox.count()), (0, 2), "{run:?}");
    assert_eq!(api.take_lines(), ["DELETE /users/u-1"]);
    assert!(run.stderr.contains(&other.url()) && !run.stderr.contains(&api.url()), "{run:?}");
    assert!(api.user("u-1").is_none());
    // A customer that only the server still has.
    snapshot(&sandbox, "id,plan\nu-3,Pro\n", "delete");
    let run = forget("a/b c");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(api.user("a/b c").is_none());
    let run = forget("missing");
    assert_eq!((run.code, api.take_lines().len()), (1, 1), "{run:?}");
}

#[test]
fn refused_batches_are_split_to_find_the_refused_customers() {
    let long = "x".repeat(60_000);
    let rows = (0..600).map(|row| format!("u-{row},Pro,,\n")).collect::<Vec<String>>().concat();
    let longest = "y".repeat(60_000);
    let content =
        format!("id,plan,note,more\n{rows}long,Pro,{long},\nlongest,Pro,{longest},{longest}\n");
    let (api, sandbox) = (EngageApi::start(), imported(&content));
    api.fail(|request| match request.body.contains("\"u-77\"") {
        true => Fault::Status(422, "", r#"{"error":"u-77"}"#),
        false => Fault::None,
    });
    let (code, report) = push_report(&sandbox, &api, &["--batch"]);
    assert_eq!((code, counts(&report)), (3, [1, 600, 1, 0, 0]), "{report}");
    let received = api.take_received();
    assert!(received.iter().all(|it| it.path != "/batch" || it.body.len() < 100_000));
    assert_eq!(received.iter().filter(|it| it.path == "/users/longest").count(), 1);
    assert!(received.len() < 40, "{}", received.len());
    let first = received.iter().find(|it| it.body.contains("\"u-0\"")).unwrap();
    let begins = r#"{"data":[{"type":"create","id":"u-0","meta":{"plan":"Pro"}}"#;
    assert!(first.body.starts_with(begins), "{}", &first.body[..200]);
    assert!(sandbox.run(&["show", "u-1"]).stdout.contains("queued at"));
    let run = push(&sandbox, &api, &["--batch"]);
    assert_eq!((run.code, api.received_count()), (3, 0), "{run:?}");
    import(&sandbox, "id,plan\nu-1,Basic\nu-2,Basic\n");
    let (code, report) = push_report(&sandbox, &api, &["--batch"]);
    assert_eq!((code, counts(&report)), (3, [0, 2, 1, 0, 599]), "{report}");
    let lines = api.take_lines();
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].contains(r#"{"type":"update","id":"u-1","meta":{"plan":"Basic"}}"#),
        "{lines:?}"
    );
    assert_eq!(api.user("u-1").unwrap()["meta"]["plan"], "Basic");
}

#[test]
fn damaged_deliveries_are_found_and_repaired() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    sandbox.execute("UPDATE deliveries SET fields = x'0102' WHERE uid = 'u-1'");
    assert_eq!(sandbox.run(&["check"]).code, 1);
    assert_eq!(push(&sandbox, &api, &[]).code, 1);
    assert_eq!(sandbox.run(&["check", "--repair"]).code, 0);
    assert_eq!(sandbox.run(&["check"]).code, 0);
    let (code, report) = push_report(&sandbox, &api, &[]);
    assert_eq!((code, counts(&report)), (0, [1, 0, 0, 0, 2]), "{report}");
    // If all deliveries are lost, the next push sends everything.
    sandbox.execute("DELETE FROM deliveries");
    assert_eq!(push_report(&sandbox, &api, &[]).1["delivered"], json!(3));
}
