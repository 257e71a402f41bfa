//! Any error of the input, the store or the disk gives one clear line, a hint and the right exit
//! code, and no data is lost.

use crate::sandbox::Sandbox;
use std::fs;

fn refused(sandbox: &Sandbox, arguments: &[&str], code: i32, said: &str) {
    let run = sandbox.run(arguments);
    assert_eq!(run.code, code, "{arguments:?} {run:?}");
    assert!(run.stderr.contains(said), "{arguments:?} {run:?}");
    assert!(run.stderr.starts_with("error: "), "{run:?}");
    assert!(run.stderr.contains("hint: "), "{run:?}");
}

#[test]
fn an_input_that_cannot_be_read() {
    let sandbox = Sandbox::with("empty.csv", "");
    fs::create_dir(sandbox.path("folder")).unwrap();
    refused(&sandbox, &["import", "nowhere.csv"], 1, "no such file: nowhere.csv");
    refused(&sandbox, &["import", "folder"], 1, "folder is a folder");
    refused(&sandbox, &["import", "empty.csv"], 4, "empty.csv is empty");
    assert_eq!(sandbox.files(), ["empty.csv", "folder"]);
}

#[test]
fn a_file_that_is_not_a_store() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    sandbox.write(
        "text.db",
        "this is a text, and no database at all, however long it may be\n".repeat(40),
    );
    refused(&sandbox, &["import", "u.csv", "--store", "text.db"], 1, "is not an SQLite database");
    let other = rusqlite::Connection::open(sandbox.path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(other);
    refused(&sandbox, &["import", "u.csv", "--store", "other.db"], 1, "another program");
    fs::create_dir(sandbox.path("folder.db")).unwrap();
    refused(&sandbox, &["import", "u.csv", "--store", "folder.db"], 1, "not a file");
    refused(
        &sandbox,
        &["import", "u.csv", "--store", "no/where.db"],
        1,
        "the folder no does not exist",
    );
    sandbox.run(&["import", "u.csv"]);
    let store = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    store.execute_batch("PRAGMA user_version = 9").unwrap();
    drop(store);
    refused(&sandbox, &["import", "u.csv"], 1, "created by a newer engage (schema 9");
    refused(&sandbox, &["import", "u.csv", "--dry-run"], 1, "created by a newer engage (schema 9");
}

#[test]
fn a_wait_for_another_import_times_out() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    sandbox.run(&["import", "u.csv"]);
    let other = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    refused(
        &sandbox,
        &["import", "u.csv", "--wait", "0"],
        1,
        "engage.db has been locked for 0 s by another program",
    );
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(sandbox.run(&["import", "u.csv", "--wait", "0"]).code, 0);
}

#[test]
fn a_ragged_record_is_rejected() {
    let sandbox = Sandbox::with("u.csv", "id,first_name,plan\n1,Ada\n2,Mei,Pro\n3,Tom,Pro,x\n");
    let run = sandbox.run(&["import", "u.csv", "--format", "json"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(run.report()["rejects"]["by_code"][0]["code"], "record.fields");
    assert_eq!(sandbox.customers("uid,first_name"), ["2|Mei"]);
}

#[test]
fn a_cell_of_ten_megabytes_rejects_its_record() {
    let cell = "x".repeat(10 << 20);
    let sandbox =
        Sandbox::with("u.csv", format!("id,plan\n1,{cell}\n2,Pro\n3,\"{cell}\"\n4,Free\n"));
    let run = sandbox.run(&["import", "u.csv", "--format", "json"]);
    assert_eq!(run.code, 3);
    assert_eq!(run.report()["rejects"]["by_code"][0]["code"], "record.too_long");
    assert_eq!(sandbox.customers("uid"), ["2", "4"]);
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let sandbox = Sandbox::with_fixture("users.csv");
    let mut command = sandbox.command(&["import", "users.csv"]);
    command.stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(3));
}

#[test]
fn rejects_that_cannot_be_written_are_an_error_before_anything_is_imported() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    refused(&sandbox, &["import", "u.csv", "--rejects", "no/where.csv"], 1, "no/where.csv");
    assert_eq!(sandbox.files(), ["u.csv"]);
}

#[test]
fn a_space_before_a_quote_is_ignored_or_warned_about() {
    let sandbox = Sandbox::with("s.csv", "id, \"email\"\n1, \"a@example.com\"\n");
    let run = sandbox.run(&["import", "s.csv"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert_eq!(sandbox.sql("SELECT email FROM customers"), ["a@example.com"]);
    // A quote that does not close its field is a character like any other.
    sandbox.write("t.csv", "id, \"note\"\n2, \"big\" one\n");
    let run = sandbox.run(&["import", "t.csv", "-q"]);
    assert!(run.stderr.contains("a space before its quote"), "{run:?}");
}

#[test]
fn compressed_files_may_only_be_padded_with_zeros() {
    use std::io::Write as _;
    let gzip = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 1).unwrap();
    let (head, tail) = ("id,plan\n1,Pro\n", "2,Free\n");
    let zeros = vec![0; 10_240];
    for (name, [one, two]) in
        [("gzip", [gzip(head), gzip(tail)]), ("zstd", [zstd(head), zstd(tail)])]
    {
        let sandbox = Sandbox::with("padded", [&one[..], &zeros, &two, &zeros].concat());
        let run = sandbox.run(&["import", "padded"]);
        assert_eq!(run.code, 0, "{name} {run:?}");
        assert_eq!(sandbox.count(), 2);
        let told = format!("is followed by bytes that are not {name}");
        sandbox.write("trailing", [&one[..], &zeros, b"3,Pro\n"].concat());
        refused(&sandbox, &["import", "trailing", "--store", "other.db"], 1, &told);
    }
}

#[cfg(unix)]
#[test]
fn an_endless_device_is_refused_where_a_small_file_is_expected() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    for command in ["import", "inspect"] {
        let arguments = [command, "u.csv", "--mapping", "/dev/zero"];
        refused(&sandbox, &arguments, 1, "/dev/zero cannot be read: it is longer than 8 MiB");
    }
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    let forget = ["forget", "--from", "/dev/zero"];
    refused(&sandbox, &forget, 1, "/dev/zero cannot be read: it is longer than 64 MiB");
    // A pipe that ends is read like a file.
    let piped = ["inspect", "u.csv", "--mapping", "/dev/stdin"];
    let run = sandbox.run_with_input(&piped, b"version = 1\nskip = [\"id\"]\n");
    assert!(run.stderr.contains("id"), "{run:?}");
    let run = sandbox.run_with_input(&["forget", "--from", "/dev/stdin"], b"1\n");
    assert_eq!(run.code, 0, "{run:?}");
}
