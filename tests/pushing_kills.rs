//! A push may be killed at any point. The next one sends the rest, and only requests that were
//! running are sent twice.

use crate::engage_api::{EngageApi, Fault};
use crate::pushing::{command, imported};
use crate::sandbox::{Run, Sandbox};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::process::Stdio;
use std::time::Duration;

const CUSTOMERS: usize = 60;
/// The program's default number of connections.
const CONNECTIONS: usize = 8;

fn rows(plan: &str) -> String {
    (0..CUSTOMERS).fold("id,plan,city,device_token,device_platform\n".to_owned(), |all, row| {
        format!("{all}u-{row},{plan},Lagos,{plan}-{row},ios\n")
    })
}

/// The number of points to try in each test: 100, unless `ENGAGE_CRASH_POINTS` is set.
fn points() -> usize {
    let points = std::env::var("ENGAGE_CRASH_POINTS").ok().and_then(|text| text.parse().ok());
    points.unwrap_or(100)
}

fn copy_of(base: &Sandbox) -> Sandbox {
    let copy = Sandbox::new();
    for name in base.files() {
        std::fs::copy(base.path(&name), copy.path(&name)).unwrap();
    }
    copy
}

/// A push with full timeouts, because a retry would count as sent twice.
fn push(sandbox: &Sandbox, api: &EngageApi, arguments: &[&str]) -> Run {
    let all = [&["push", "--rate", "0"], arguments].concat();
    command(sandbox, api, &all).env("ENGAGE_TIME_SCALE", "1").output().unwrap().into()
}

/// A store in which all customers have changes to push.
fn base() -> Sandbox {
    let sandbox = imported(&rows("Pro"));
    sandbox.write("users.csv", rows("Basic").replace(",Lagos,", ",,"));
    let run = sandbox.run(&["import", "users.csv", "-q", "--blank", "clear"]);
    assert_eq!(run.code, 0, "{run:?}");
    sandbox
}

/// The users of a server that got everything in one push.
fn expected(base: &Sandbox, arguments: &[&str]) -> BTreeMap<String, Value> {
    let (api, sandbox) = (EngageApi::start(), copy_of(base));
    let run = push(&sandbox, &api, arguments);
    assert_eq!(run.code, 0, "{run:?}");
    api.users()
}

/// Starts a push, and kills it after the server has received `at` requests.
fn kill_push(sandbox: &Sandbox, api: &EngageApi, arguments: &[&str], at: usize) {
    let all = [&["push", "--rate", "0", "-q"], arguments].concat();
    let mut child = command(sandbox, api, &all);
    child.env("ENGAGE_TIME_SCALE", "1");
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while api.received_count() < at && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_micros(300));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // Running requests may still arrive.
    std::thread::sleep(Duration::from_millis(10));
}

fn killed(arguments: &[&str], requests: usize) {
    let base = base();
    let expected = expected(&base, arguments);
    assert_eq!(expected.len(), CUSTOMERS);
    let points = points();
    for point in 0..points {
        // From before the first request to after the last one.
        let at = point * (requests + 2) / points;
        let (api, sandbox) = (EngageApi::start(), copy_of(&base));
        api.fail(|_| Fault::Slow(Duration::from_millis(2)));
        kill_push(&sandbox, &api, arguments, at);
        let what = format!("killed at request {at}");
        assert_eq!(sandbox.run(&["check"]).code, 0, "{what}");
        let run = push(&sandbox, &api, arguments);
        assert_eq!(run.code, 0, "{what}: {run:?}");
        assert!(api.users() == expected, "{what}");
        let mut sent: HashMap<(String, String, String), usize> = HashMap::new();
        for it in api.take_received() {
            *sent.entry((it.method, it.path, it.body)).or_default() += 1;
        }
        let twice: usize = sent.values().map(|count| count - 1).sum();
        assert!(twice <= CONNECTIONS, "{what}: {twice} were sent twice");
        assert_eq!(push(&sandbox, &api, arguments).code, 0);
        assert_eq!(api.received_count(), 0, "{what}");
    }
}

#[test]
fn after_a_kill_the_next_push_sends_the_rest() {
    // Each customer has a `PUT` of attributes and two of devices.
    killed(&[], 3 * CUSTOMERS);
}

#[test]
fn after_a_kill_a_push_of_events_resumes() {
    let base = imported("id,plan\nu-1,Pro\n");
    let lines = (0..120)
        .map(|row| format!("{{\"uid\":\"u-{}\",\"body\":{{\"event\":\"E{row}\"}}}}\n", row % 9))
        .collect::<Vec<String>>()
        .concat();
    base.write("e.jsonl", lines);
    let points = points();
    for point in 0..points {
        let at = point * 122 / points;
        let (api, sandbox) = (EngageApi::start(), copy_of(&base));
        api.fail(|_| Fault::Slow(Duration::from_millis(2)));
        kill_push(&sandbox, &api, &["--events", "e.jsonl"], at);
        let run = push(&sandbox, &api, &["--events", "e.jsonl"]);
        assert_eq!(run.code, 0, "{run:?}");
        let mut sent: HashMap<String, usize> = HashMap::new();
        for (_, body) in api.events() {
            *sent.entry(body["event"].to_string()).or_default() += 1;
        }
        let twice: usize = sent.values().map(|count| count - 1).sum();
        assert!(sent.len() == 120 && twice <= CONNECTIONS, "{at}: {} {twice}", sent.len());
    }
}
