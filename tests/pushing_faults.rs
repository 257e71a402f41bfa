//! `engage push` with failures of the server and of the connection.

use crate::engage_api::{EngageApi, Fault, Received};
use crate::pushing::{CUSTOMERS, command, counts, imported, push, push_report};
use crate::sandbox::{Run, Sandbox};
use serde_json::json;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

fn one_customer() -> (EngageApi, Sandbox) {
    (EngageApi::start(), imported("id,plan\nu-1,Pro\n"))
}

/// Pushes one customer with these faults; returns the exit code and the requests.
fn through(faults: Vec<Fault>) -> (i32, Vec<Received>) {
    let (api, sandbox) = one_customer();
    api.fail_first(faults);
    let run = push(&sandbox, &api, &[]);
    let received = api.take_received();
    if run.code == 0 {
        assert_eq!(api.user("u-1").unwrap()["meta"]["plan"], "Pro");
        assert_eq!(push(&sandbox, &api, &[]).code, 0);
        assert_eq!(api.received_count(), 0);
    }
    (run.code, received)
}

#[test]
fn temporary_failures_are_retried() {
    for fault in [
        Fault::Status(500, "", ""),
        Fault::Status(502, "", "<html>"),
        Fault::Status(503, "", ""),
        Fault::Status(408, "", ""),
        Fault::Status(429, "Retry-After: never\r\n", ""),
        Fault::StatusAfter(504),
        Fault::CloseBefore,
        Fault::CloseAfter,
        Fault::Cut,
        Fault::Empty(200),
        Fault::Empty(204),
        Fault::Body("<html>Welcome to the hotel</html>"),
        Fault::Body("[]"),
        Fault::Garbage,
        // Longer than the timeout of a request.
        Fault::Slow(Duration::from_millis(1500)),
    ] {
        let (code, received) = through(vec![fault.clone(); 2]);
        assert_eq!((code, received.len()), (0, 3), "{fault:?}");
    }
    for fault in [Fault::Chunked, Fault::CloseSilently, Fault::Slow(Duration::from_millis(50))] {
        let (code, received) = through(vec![fault.clone()]);
        assert_eq!((code, received.len()), (0, 1), "{fault:?}");
    }
}

#[test]
fn a_deletion_is_done_if_the_answer_is_empty_and_repeated_if_it_is_cut_off() {
    for (fault, requests) in [
        (Fault::Empty(204), 1),
        (Fault::Empty(200), 1),
        (Fault::Body("\r\n "), 1),
        (Fault::Body("{}"), 1),
        (Fault::Body("{"), 2),
        (Fault::Body(" {"), 2),
        (Fault::Cut, 2),
    ] {
        let (api, sandbox) = one_customer();
        assert_eq!(push(&sandbox, &api, &[]).code, 0);
        api.take_received();
        api.fail_first(vec![fault.clone()]);
        let run: Run =
            command(&sandbox, &api, &["forget", "u-1", "--remote"]).output().unwrap().into();
        assert_eq!((run.code, api.received_count()), (0, requests), "{fault:?} {run:?}");
        assert!(api.user("u-1").is_none(), "{fault:?}");
    }
}

#[test]
fn after_six_attempts_the_customer_is_left_for_the_next_push() {
    let (api, sandbox) = one_customer();
    api.fail(|_| Fault::Status(500, "", ""));
    let (code, report) = push_report(&sandbox, &api, &[]);
    assert_eq!((code, counts(&report)), (3, [0, 0, 0, 1, 0]), "{report}");
    assert_eq!((&report["retries"], &report["requests"]["total"]), (&json!(5), &json!(6)));
    let at: Vec<Instant> = api.take_received().iter().map(|it| it.at).collect();
    let waits: Vec<Duration> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // The first wait is half a second divided by fifty; then it doubles.
    for (place, wait) in waits.iter().enumerate() {
        assert!(*wait >= Duration::from_millis(7 << place), "{waits:?}");
    }
    api.fail(|_| Fault::None);
    let (code, report) = push_report(&sandbox, &api, &[]);
    assert_eq!((code, counts(&report)), (0, [1, 0, 0, 0, 0]), "{report}");
}

#[test]
fn a_requested_wait_is_kept_and_is_not_an_attempt() {
    for status in [429, 503] {
        let (code, received) = through(vec![Fault::Status(status, "Retry-After: 5\r\n", ""); 8]);
        assert_eq!((code, received.len()), (0, 9));
        for pair in received.windows(2) {
            assert!(pair[1].at - pair[0].at >= Duration::from_millis(100), "{received:?}");
        }
    }
    // A date in the future, and one in the past.
    let date = (jiff_now() + 8).to_string();
    let header: &'static str = Box::leak(format!("Retry-After: {}\r\n", http_date(&date)).into());
    let (code, received) = through(vec![Fault::Status(503, header, "")]);
    assert_eq!((code, received.len()), (0, 2));
    assert!(received[1].at - received[0].at >= Duration::from_millis(100));
    let over = "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    assert_eq!(through(vec![Fault::Status(429, over, "")]).0, 0);
    // A push does not wait for hours.
    let (code, received) = through(vec![Fault::Status(429, "Retry-After: 3600\r\n", "")]);
    assert_eq!((code, received.len()), (3, 1));
}

/// The seconds since 1970.
fn jiff_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// The HTTP date for a number of seconds since 1970.
fn http_date(seconds: &str) -> String {
    let run = std::process::Command::new("date")
        .args(["-u", "-d", &format!("@{seconds}"), "+%a, %d %b %Y %H:%M:%S GMT"])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    String::from_utf8(run.stdout).unwrap().trim().to_owned()
}

#[test]
fn all_connections_wait_when_the_server_asks_for_it() {
    let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
    api.fail_first(vec![Fault::Status(429, "Retry-After: 20\r\n", "")]);
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    let received = api.take_received();
    let late = received.iter().filter(|it| it.at - received[0].at >= Duration::from_millis(390));
    assert!(late.count() >= 1, "{received:?}");
}

#[test]
fn wrong_requests_are_refused_without_a_retry() {
    for fault in [
        Fault::Status(400, "", "{}"),
        Fault::Status(404, "", ""),
        Fault::Status(409, "", "x"),
        Fault::Status(413, "", ""),
        Fault::Status(422, "", r#"{"error":"no"}"#),
        Fault::Status(301, "Location: http://127.0.0.1:1/elsewhere\r\n", ""),
        Fault::Status(307, "Location: /v1/users/u-2\r\n", ""),
        Fault::Status(304, "", ""),
        Fault::Huge(40),
    ] {
        let (code, received) = through(vec![fault.clone()]);
        assert_eq!((code, received.len()), (3, 1), "{fault:?}");
    }
}

#[test]
fn hostile_answers_are_escaped_and_shortened() {
    let (api, sandbox) = one_customer();
    api.fail(|_| Fault::Huge(2));
    let run = push(&sandbox, &api, &["--show-values"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(!run.stdout.contains('\u{1b}') && run.stdout.len() < 2000, "{run:?}");
    let shown = sandbox.run(&["show", "u-1"]).stdout;
    assert!(!shown.contains('\u{1b}') && shown.len() < 2000, "{shown}");
    let stored = sandbox.sql("SELECT length(refused_text) FROM deliveries");
    assert!(stored[0].parse::<u32>().unwrap() <= 201, "{stored:?}");
}

#[test]
fn rejected_keys_stop_the_push() {
    for status in [401, 403] {
        let (api, sandbox) = (EngageApi::start(), imported(CUSTOMERS));
        api.fail(move |_| Fault::Status(status, "", r#"{"error":"no"}"#));
        let (code, report) = push_report(&sandbox, &api, &[]);
        assert_eq!((code, counts(&report)), (1, [0, 0, 0, 3, 0]), "{report}");
        assert_eq!(
            report["error"]["message"],
            format!("the API rejects the keys: status {status}")
        );
        assert_eq!(sandbox.history().last().unwrap()["status"], "failed");
    }
}

#[test]
fn an_unreachable_server_is_an_error() {
    let sandbox = imported(CUSTOMERS);
    let api = EngageApi::start();
    let url = {
        // A port that was free a moment ago.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/v1", listener.local_addr().unwrap())
    };
    let run = push(&sandbox, &api, &["--api-url", &url]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("cannot be reached"), "{run:?}");
    assert!(run.stdout.contains("3 pending"), "{run:?}");
}

#[test]
fn a_server_that_goes_away_leaves_the_rest_pending() {
    let rows = (0..400).map(|row| format!("u-{row},Pro\n")).collect::<Vec<String>>().concat();
    let (api, sandbox) = (EngageApi::start(), imported(&format!("id,plan\n{rows}")));
    let count = std::sync::atomic::AtomicUsize::new(0);
    api.fail(move |_| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0..100 => Fault::None,
        _ => Fault::CloseBefore,
    });
    let (code, report) = push_report(&sandbox, &api, &[]);
    let delivered = report["delivered"].as_u64().unwrap();
    assert!(code == 3 && (80..=100).contains(&delivered), "{report}");
    assert_eq!(report["pending"], 400 - delivered);
    api.fail(|_| Fault::None);
    let (code, report) = push_report(&sandbox, &api, &[]);
    assert_eq!((code, &report["unchanged"]), (0, &json!(delivered)), "{report}");
}

#[test]
fn the_rate_applies_to_all_connections_together() {
    let rows = (0..30).map(|row| format!("u-{row},Pro\n")).collect::<Vec<String>>().concat();
    let (api, sandbox) = (EngageApi::start(), imported(&format!("id,plan\n{rows}")));
    let run: Run = command(&sandbox, &api, &["push", "--rate", "50"]).output().unwrap().into();
    assert_eq!(run.code, 0, "{run:?}");
    let received = api.take_received();
    let took = received[29].at - received[0].at;
    assert!(took >= Duration::from_millis(560), "{took:?}");
    // There is no burst at any time.
    for pair in received.windows(6) {
        assert!(pair[5].at - pair[0].at >= Duration::from_millis(60));
    }
    assert!(run.stderr.contains("30 requests to http://127.0.0.1"), "{run:?}");
}

#[test]
fn requests_of_a_customer_are_sent_in_order_on_one_connection() {
    let header = "id,plan,device_token,device_platform\n";
    let rows =
        (0..40).map(|row| format!("u-{row},Pro,t-{row}-1,ios\n")).collect::<Vec<String>>().concat();
    let (api, sandbox) = (EngageApi::start(), imported(&format!("{header}{rows}")));
    let rows = (0..40)
        .map(|row| format!("u-{row},Pro,t-{row}-2,android\n"))
        .collect::<Vec<String>>()
        .concat();
    crate::pushing::import(&sandbox, &format!("{header}{rows}"));
    assert_eq!(push(&sandbox, &api, &[]).code, 0);
    let received = api.take_received();
    assert_eq!(received.len(), 120);
    for row in 0..40 {
        let path = format!("/users/u-{row}");
        let of_customer: Vec<&Received> = received.iter().filter(|it| it.path == path).collect();
        assert!(of_customer[0].body.contains("plan"), "{of_customer:?}");
        assert!(of_customer[1].body.contains("-1\""), "{of_customer:?}");
        assert!(of_customer[2].body.contains("-2\""), "{of_customer:?}");
        assert!(of_customer.iter().all(|it| it.connection == of_customer[0].connection));
    }
}

#[test]
fn a_signal_ends_a_push_cleanly() {
    for signal in ["-INT", "-TERM"] {
        let rows = (0..400).map(|row| format!("u-{row},Pro\n")).collect::<Vec<String>>().concat();
        let (api, sandbox) = (EngageApi::start(), imported(&format!("id,plan\n{rows}")));
        api.fail(|_| Fault::Slow(Duration::from_millis(20)));
        let mut command = command(&sandbox, &api, &["push", "--rate", "0", "--format", "json"]);
        command.env("ENGAGE_TIME_SCALE", "1").stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        api.wait_for(40);
        let signalled = Instant::now();
        let id = child.id().to_string();
        std::process::Command::new("kill").args([signal, &id]).status().unwrap();
        let run: Run = child.wait_with_output().unwrap().into();
        assert_eq!(run.code, 1, "{run:?}");
        assert!(signalled.elapsed() < Duration::from_secs(3), "{:?}", signalled.elapsed());
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        // The requests that were running are recorded.
        assert_eq!(report["delivered"].as_u64().unwrap(), api.received_count() as u64);
        let sent = api.take_received().len();
        api.fail(|_| Fault::None);
        assert_eq!(push(&sandbox, &api, &[]).code, 0);
        assert_eq!(api.received_count(), 400 - sent);
    }
}

#[test]
fn a_signal_does_not_wait_for_a_server_that_hangs() {
    let (api, sandbox) = one_customer();
    api.fail(|_| Fault::Slow(Duration::from_secs(8)));
    let mut command = command(&sandbox, &api, &["push"]);
    command.env("ENGAGE_TIME_SCALE", "1");
    let mut child = command.spawn().unwrap();
    api.wait_for(1);
    let signalled = Instant::now();
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(signalled.elapsed() < Duration::from_secs(4), "{:?}", signalled.elapsed());
    assert_eq!(sandbox.history().last().unwrap()["status"], "failed");
}

#[test]
fn a_second_push_waits_and_names_the_first() {
    let (api, sandbox) = one_customer();
    api.fail_first(vec![Fault::Slow(Duration::from_millis(1500))]);
    let mut first = command(&sandbox, &api, &["push"]);
    let mut first = first.env("ENGAGE_TIME_SCALE", "1").spawn().unwrap();
    api.wait_for(1);
    let second = push(&sandbox, &api, &["--wait", "0"]);
    assert_eq!(second.code, 1, "{second:?}");
    assert!(second.stderr.contains(&format!("process {}: push", first.id())), "{second:?}");
    // A push to another destination does not wait.
    let other = EngageApi::start();
    assert_eq!(push(&sandbox, &other, &["--wait", "0"]).code, 0);
    let third = push(&sandbox, &api, &["--wait", "20"]);
    assert_eq!((third.code, first.wait().unwrap().code()), (0, Some(0)), "{third:?}");
    assert_eq!(api.received_count(), 1);
    assert_eq!(sandbox.files(), ["engage.db", "users.csv"]);
}

#[test]
fn a_push_pauses_while_an_import_holds_the_store() {
    let rows = (0..300).map(|row| format!("u-{row},Pro\n")).collect::<Vec<String>>().concat();
    let (api, sandbox) = (EngageApi::start(), imported(&format!("id,plan\n{rows}")));
    api.fail(|_| Fault::Slow(Duration::from_millis(20)));
    let mut command = command(&sandbox, &api, &["push", "--rate", "0"]);
    command.env("ENGAGE_TIME_SCALE", "1").stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    api.wait_for(40);
    let import = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    import.busy_timeout(Duration::from_secs(5)).unwrap();
    import.execute_batch("BEGIN IMMEDIATE").unwrap();
    let sql = r#"UPDATE customers SET attributes = '{"plan":"Changed"}' WHERE uid = 'u-299'"#;
    import.execute_batch(sql).unwrap();
    thread::sleep(Duration::from_millis(500));
    let paused = api.received_count();
    thread::sleep(Duration::from_millis(700));
    assert_eq!(api.received_count(), paused);
    assert!(paused < 200, "{paused}");
    import.execute_batch("COMMIT").unwrap();
    let run: Run = child.wait_with_output().unwrap().into();
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("paused while another program writes"), "{run:?}");
    assert_eq!(api.received_count(), 300);
    // Customers that were read before the change are read again.
    assert_eq!(api.user("u-299").unwrap()["meta"]["plan"], "Changed");
}
