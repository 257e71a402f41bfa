//! Exports for other programs: JSON, the Engage API, spreadsheets, and parts of a store.

use crate::sandbox::{Run, Sandbox};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// Three customers, the first with three devices, the last archived.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with(
        "users.csv",
        "id,first_name,email,number,plan,usage,vip,created_at\n\
         u-1,Ada,ada@example.com,+2348012345678,\"Pro, \"\"old\"\"\",12.50,true,2024-05-30\n\
         u-2,Mei,,,Free,,,\n\
         u-3,,,,,-3,false,soon\n",
    );
    sandbox.write(
        "devices.csv",
        "id,device_token,device_platform\nu-1,t1,ios\nu-1,t2,android\nu-1,t3,ios\n",
    );
    sandbox.write("night.csv", "id\nu-1\nu-2\n");
    for arguments in [
        &["import", "users.csv"][..],
        &["import", "devices.csv"],
        &["import", "night.csv", "--snapshot=archive", "--max-missing", "1"],
    ] {
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 0, "{run:?}");
    }
    sandbox
}

fn export(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(&[&["export"], arguments].concat())
}

/// The export, with times replaced.
fn exported(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let run = export(sandbox, arguments);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let times =
        ["first_imported_at", "last_changed_at"].map(|time| sandbox.customers(time)).concat();
    times.iter().fold(run.stdout, |text, time| text.replace(time, "NOW"))
}

fn uids(text: &str) -> Vec<String> {
    let line = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["uid"].as_str().unwrap().to_owned()
    };
    text.lines().map(line).collect()
}

#[test]
fn a_json_line_has_all_data_of_a_customer() {
    let sandbox = sandbox();
    let lines = exported(&sandbox, &["--format", "jsonl"]);
    assert_snapshot!(lines, @r#"
    {"uid":"u-1","first_name":"Ada","last_name":null,"number":"2348012345678","email":"ada@example.com","devices":[{"token":"t3","platform":"ios"},{"token":"t2","platform":"android"},{"token":"t1","platform":"ios"}],"attributes":{"created_at":"2024-05-30","plan":"Pro, \"old\"","usage":12.50,"vip":true},"archived_at":null,"first_imported_at":"NOW","last_changed_at":"NOW"}
    {"uid":"u-2","first_name":"Mei","last_name":null,"number":null,"email":null,"devices":[],"attributes":{"plan":"Free"},"archived_at":null,"first_imported_at":"NOW","last_changed_at":"NOW"}
    {"uid":"u-3","first_name":null,"last_name":null,"number":null,"email":null,"devices":[],"attributes":{"created_at":"soon","usage":-3,"vip":false},"archived_at":"NOW","first_imported_at":"NOW","last_changed_at":"NOW"}
    "#);
    let array: Value = serde_json::from_str(&exported(&sandbox, &["--format", "json"])).unwrap();
    let each: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(array, Value::from(each));
    sandbox.run(&["forget", "u-1", "u-2", "u-3"]);
    assert_eq!(exported(&sandbox, &["--format", "json"]), "[]\n");
    assert_eq!(exported(&sandbox, &["--format", "jsonl"]), "");
}

#[test]
fn an_api_line_is_the_body_of_a_call() {
    assert_snapshot!(exported(&sandbox(), &["--as", "engage-api"]), @r#"
    {"id":"u-1","first_name":"Ada","number":"2348012345678","email":"ada@example.com","device_token":"t1","device_platform":"ios","created_at":"2024-05-30","meta":{"plan":"Pro, \"old\"","usage":12.50,"vip":true}}
    {"id":"u-1","device_token":"t2","device_platform":"android"}
    {"id":"u-1","device_token":"t3","device_platform":"ios"}
    {"id":"u-2","first_name":"Mei","meta":{"plan":"Free"}}
    "#);
}

#[test]
fn the_last_device_is_sent_last_and_unsupported_values_are_left_out() {
    let sandbox = sandbox();
    let connection = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    let odd = r#"{"a":[1],"b":null,"c":{"d":1},"e":"x","f":1e5}"#;
    connection.execute("UPDATE customers SET attributes = ?1 WHERE uid = 'u-2'", [odd]).unwrap();
    let text = exported(&sandbox, &["--as", "engage-api"]);
    let calls: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let devices = |calls: &[Value]| -> Vec<Value> {
        calls.iter().map(|call| call["device_token"].clone()).collect()
    };
    assert_eq!(devices(&calls[..3]), ["t1", "t2", "t3"]);
    assert!(calls[..3].iter().all(|call| call["id"] == "u-1"));
    assert_eq!(calls[3]["meta"], json!({ "e": "x", "f": 1e5 }));
    // A word is not a sign-up date. Archived customers are only exported on request.
    let archived = exported(&sandbox, &["--as", "engage-api", "--segment", "archived"]);
    let archived: Value = serde_json::from_str(&archived).unwrap();
    assert_eq!(
        archived,
        json!({ "id": "u-3", "meta": { "created_at": "soon", "usage": -3, "vip": false } })
    );
}

#[test]
fn a_segment_is_an_expression_or_a_name() {
    let sandbox = sandbox();
    sandbox.run(&["segment", "vip", "--save", "stars"]);
    for (segment, expected) in [
        ("vip", &["u-1"][..]),
        ("@stars", &["u-1"]),
        ("stars", &["u-1"]),
        ("plan is null or plan is not null", &["u-1", "u-2"]),
        ("archived", &["u-3"]),
        ("not archived", &["u-1", "u-2"]),
    ] {
        let text = exported(&sandbox, &["--format", "jsonl", "--segment", segment]);
        assert_eq!(uids(&text), expected, "{segment}");
    }
    assert_snapshot!(export(&sandbox, &["--segment", "plna = 'Pro'"]).seen(), @r"
    error: unknown attribute 'plna'
      plna = 'Pro'
      ^^^^
    hint: did you mean 'plan'? the attributes are: created_at, plan, usage, vip, uid, first_name, last_name, number, email, device_token, device_platform, archived, … 3 more
    exit 2
    ");
}

#[test]
fn columns_have_the_requested_order() {
    let sandbox = sandbox();
    assert_snapshot!(exported(&sandbox, &["--columns", "plan,uid", "--columns", "device_token_2"]), @r#"
    plan,uid,device_token_2
    "Pro, ""old""",u-1,t2
    Free,u-2,
    ,u-3,
    "#);
    assert_snapshot!(exported(&sandbox, &["--columns", "usage,uid,archived_at", "--format", "jsonl", "--segment", "vip"]), @r#"
    {"usage":12.50,"uid":"u-1","archived_at":null}
    "#);
    assert_snapshot!(export(&sandbox, &["--columns", "uid,emial"]).seen(), @r"
    error: no column 'emial'
    hint: did you mean 'email'? the columns are: uid, first_name, last_name, number, email, device_token, device_platform, device_token_2, device_platform_2, device_token_3, device_platform_3, device_token_4, … 11 more
    exit 2
    ");
    assert_eq!(exported(&sandbox, &["--columns", "last_name"]), "last_name\n\"\"\n\"\"\n\"\"\n");
    // With the mark column the types are exported, too; other attributes do not change.
    sandbox.write("part.csv", exported(&sandbox, &["--columns", "_engage,uid,usage"]));
    let run = sandbox.run(&["import", "part.csv", "--store", "other.db"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        sandbox.customers_in("other.db", "uid,attributes,archived_at"),
        ["u-1|{\"usage\":12.50}|NULL", "u-2|{}|NULL", "u-3|{\"usage\":-3}|NULL"]
    );
}

#[test]
fn an_export_may_be_limited_to_changes_since_an_import_or_a_day() {
    let sandbox = sandbox();
    let connection = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    connection
        .execute_batch(
            "UPDATE customers SET last_changed_at = '2026-01-02T10:00:00Z' WHERE uid = 'u-1';
             UPDATE customers SET last_changed_at = '2026-01-01T10:00:00Z' WHERE uid = 'u-2';
             UPDATE customers SET last_changed_at = '2026-01-03T10:00:00Z' WHERE uid = 'u-3';
             UPDATE imports SET started_at = '2026-01-0' || id || 'T10:00:00Z';",
        )
        .unwrap();
    for (since, expected) in [
        ("1", &["u-1", "u-2", "u-3"][..]),
        ("2", &["u-1", "u-3"]),
        ("3", &["u-3"]),
        ("2026-01-02", &["u-1", "u-3"]),
        ("2026-01-02 10:00", &["u-1", "u-3"]),
        ("2026-01-02T12:00:01+02:00", &["u-3"]),
        ("2027-01-01", &[]),
    ] {
        let text = exported(&sandbox, &["--format", "jsonl", "--changed-since", since]);
        assert_eq!(uids(&text), expected, "{since}");
    }
    assert_snapshot!(export(&sandbox, &["--changed-since", "9"]).seen(), @r"
    error: the history of engage.db has no entry 9
    hint: engage history lists it; the newest is 3
    exit 1
    ");
    assert_snapshot!(export(&sandbox, &["--changed-since", "yesterday"]).seen(), @r"
    error: not an import, a day or a time: 'yesterday'
    hint: use the number of an import from engage history, or a day or time such as 2026-11-01 or 2026-11-01T09:30Z
    exit 2
    ");
}

#[test]
fn customers_of_an_own_export_count_as_changed_by_that_import() {
    let sandbox = sandbox();
    let connection = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    let sql = "UPDATE customers SET first_imported_at = '2024-01-01T00:00:00Z',
                   last_changed_at = '2024-01-01T00:00:00Z'";
    connection.execute(sql, []).unwrap();
    sandbox.write("own.csv", &export(&sandbox, &[]).stdout);
    let run = sandbox.run(&["import", "own.csv", "--store", "new.db"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let since = |since: &str| {
        let run = sandbox.run(&[
            "export",
            "--store",
            "new.db",
            "--format",
            "jsonl",
            "--changed-since",
            since,
        ]);
        uids(&run.stdout)
    };
    assert_eq!(since("1"), ["u-1", "u-2", "u-3"]);
    // The times of the customers themselves are older.
    assert!(since("2024-01-02").is_empty());
}

#[test]
fn a_file_is_written_atomically_and_private() {
    let sandbox = sandbox();
    sandbox.write("old.csv", "older");
    let run = export(&sandbox, &["-o", "old.csv"]);
    assert_snapshot!(run.seen(), @r"
    Exported 3 customers to old.csv.
    exit 0
    ");
    assert_eq!(sandbox.read("old.csv"), export(&sandbox, &[]).stdout);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(sandbox.path("old.csv")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let files = sandbox.files();
    assert_snapshot!(export(&sandbox, &["-o", "engage.db"]).seen(), @r"
    error: the export would overwrite the store engage.db
    hint: choose another file
    exit 2
    ");
    assert_snapshot!(export(&sandbox, &["-o", "no/such/folder.csv"]).seen(), @r"
    error: the export no/such/folder.csv cannot be written: no such folder: no/such
    hint: check the disk space and the permissions
    exit 1
    ");
    assert_eq!(sandbox.files(), files);
    let run = export(&sandbox, &["-q", "-o", "/dev/stdout", "--columns", "uid"]);
    assert_eq!(run.stdout, "uid\nu-1\nu-2\nu-3\n");
}

#[test]
fn spreadsheet_safe_cells_are_not_formulas_and_an_import_restores_them() {
    let sandbox = Sandbox::with(
        "users.csv",
        "id,first_name,plan,note,usage\n\
         +1,=cmd|' /C calc'!A0,'quoted,\"\t=1\",-5\n\
         @2,-Jo,+,＝1,1\n",
    );
    sandbox.run(&["import", "users.csv"]);
    let text =
        export(&sandbox, &["--spreadsheet-safe", "--columns", "uid,first_name,plan,note,usage"])
            .stdout;
    assert_snapshot!(text, @r"
    uid,first_name,plan,note,usage,_engage
    '+1,'=cmd|' /C calc'!A0,''quoted,'=1,-5,1'/uid/ssn/81dc
    '@2,'-Jo,'+,'＝1,1,1'/uid/ssn/81dc
    ");
    sandbox.write("safe.csv", export(&sandbox, &["--spreadsheet-safe"]).stdout);
    assert_eq!(sandbox.run(&["import", "safe.csv", "--store", "other.db"]).code, 0);
    let columns = "uid,first_name,attributes";
    assert_eq!(sandbox.customers_in("other.db", columns), sandbox.customers(columns));
    let report = sandbox.run(&["import", "safe.csv", "--format", "json"]).report();
    assert_eq!(report["customers"]["unchanged"], 2);
}

#[test]
fn conflicting_options_are_refused() {
    let sandbox = sandbox();
    let runs = [
        &["--as", "engage-api", "--format", "csv"][..],
        &["--as", "engage-api", "--columns", "uid"],
        &["--spreadsheet-safe", "--format", "json"],
        &["--as", "mailchimp"],
    ]
    .map(|arguments| {
        format!("$ engage export {}\n{}", arguments.join(" "), export(&sandbox, arguments).seen())
    });
    assert_snapshot!(runs.join("\n\n"), @r"
    $ engage export --as engage-api --format csv
    error: bodies for the Engage API are always JSON
    hint: leave out --format: --as engage-api writes one JSON object per line
    exit 2

    $ engage export --as engage-api --columns uid
    error: the argument '--as <WHAT>' cannot be used with '--columns <A,B,C>'

    Usage: engage export --as <WHAT>

    For more information, try '--help'.
    exit 2

    $ engage export --spreadsheet-safe --format json
    error: --spreadsheet-safe works only with CSV
    hint: leave out --format, or --spreadsheet-safe
    exit 2

    $ engage export --as mailchimp
    error: invalid value 'mailchimp' for '--as <WHAT>'
      [possible values: engage-api, engage-csv]

    For more information, try '--help'.
    exit 2
    ");
}

#[test]
fn every_command_with_csv_output_can_be_spreadsheet_safe() {
    let sandbox = Sandbox::with("u.csv", "id,plan,usage,=odd\n=1,=1+1,-5,@x\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    let segment = ["segment", "plan is not null", "--save", "all"];
    assert_eq!(sandbox.run(&segment).code, 0);
    sandbox.write("u.csv", "id,plan,usage,=odd\n=1,-x,-6,@y\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    for (command, cells) in [
        (&["segment", "plan is not null", "--columns", "uid,plan,usage,odd"][..], "'=1,'-x,-6,'@y"),
        (&["changes", "2"], "'=1"),
        (&["history"], "import"),
        (&["segments"], "all"),
        (&["attributes"], "plan"),
    ] {
        let safe = [command, &["--format", "csv", "--spreadsheet-safe"]].concat();
        let run = sandbox.run(&safe);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains(cells), "{run:?}");
        let mut rows =
            csv::ReaderBuilder::new().has_headers(false).from_reader(run.stdout.as_bytes());
        for row in rows.records() {
            for cell in row.unwrap().iter().filter(|cell| cell.parse::<f64>().is_err()) {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell} in {run:?}");
            }
        }
        // Without the option, each value is as stored.
        let plain = sandbox.run(&safe[..safe.len() - 1]).stdout;
        assert_eq!(plain, run.stdout.replace("'=", "=").replace("'-", "-").replace("'@", "@"));
        for format in ["human", "json", "jsonl"] {
            let wrong =
                sandbox.run(&[command, &["--format", format, "--spreadsheet-safe"]].concat());
            assert_eq!(wrong.code, 2, "{wrong:?}");
            assert!(wrong.stderr.contains("--spreadsheet-safe works only with CSV"), "{wrong:?}");
        }
    }
    let wrong = sandbox.run(&["import", "u.csv", "--spreadsheet-safe"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.stderr.contains("--accepted"), "{wrong:?}");
}
