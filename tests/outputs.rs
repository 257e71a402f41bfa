//! An output replaces a regular file atomically, is written into any other kind of file, and never
//! replaces the store.
//!
//! Tests do not write to `/dev` directly but to a link in the sandbox, so that an error replaces
//! the link and not the device.

use super::sandbox::{Run, Sandbox};
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const USERS: &str = "id,email\n1,ann@example.com\n2,b@\n3,cleo@example.com\n";

fn imported() -> Sandbox {
    let sandbox = Sandbox::with("u.csv", USERS);
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    sandbox
}

fn fifo(sandbox: &Sandbox, name: &str) {
    let made = Command::new("mkfifo").arg(sandbox.path(name)).status().unwrap();
    assert!(made.success());
}

/// Runs the program with its standard output in a file; returns the exit code and the file's
/// content.
fn into_file(sandbox: &Sandbox, arguments: &[&str]) -> (i32, String) {
    let file = fs::File::create(sandbox.path("out.txt")).unwrap();
    let status = sandbox.command(arguments).stdout(file).status().unwrap();
    (status.code().unwrap(), sandbox.read("out.txt"))
}

#[test]
fn a_link_to_standard_output_is_written_into() {
    let sandbox = imported();
    for (link, target) in [("a", "/dev/stdout"), ("b", "/proc/self/fd/1"), ("c", "/dev/fd/1")] {
        symlink(target, sandbox.path(link)).unwrap();
        let (code, out) = into_file(&sandbox, &["export", "-o", link]);
        assert_eq!(code, 0);
        assert!(out.contains("ann@example.com") && out.contains("cleo@example.com"), "{out}");
        let (code, out) = into_file(&sandbox, &["import", "u.csv", "--accepted", link, "-q"]);
        assert_eq!(code, 3);
        assert!(out.contains("uid,email\n1,ann@example.com\n3,cleo@example.com\n"), "{out}");
        let kind = fs::symlink_metadata(sandbox.path(link)).unwrap().file_type();
        assert!(kind.is_symlink(), "{link} still leads to {target}");
    }
    let (code, out) = into_file(&sandbox, &["export", "-o", "-", "--columns", "uid"]);
    assert_eq!((code, out.as_str()), (0, "uid\n1\n3\n"));
}

#[test]
fn a_device_is_written_into() {
    let sandbox = imported();
    symlink("/dev/null", sandbox.path("null")).unwrap();
    for arguments in [
        &["export", "-o", "null"][..],
        &["import", "u.csv", "--accepted", "null", "--rejects", "null"],
        &["import", "u.csv", "--dry-run", "--accepted", "null", "--rejects", "null"],
        &["inspect", "u.csv", "--save-mapping", "null"],
    ] {
        let run = sandbox.run(arguments);
        assert!([0, 3].contains(&run.code), "{arguments:?} {run:?}");
        assert!(fs::metadata(sandbox.path("null")).unwrap().file_type().is_char_device());
    }
    let run = sandbox.run(&["backup", "null"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("null is not a regular file"), "{run:?}");
}

#[test]
fn a_pipe_without_a_reader_fails_at_once() {
    let sandbox = imported();
    fifo(&sandbox, "pipe");
    for arguments in [
        &["export", "-o", "pipe"][..],
        &["import", "u.csv", "--accepted", "pipe"],
        &["import", "u.csv", "--rejects", "pipe"],
    ] {
        let started = Instant::now();
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains("no process reads from this pipe"), "{run:?}");
        assert!(started.elapsed() < Duration::from_secs(10));
    }
    assert_eq!(sandbox.history().len(), 1);
    // The same applies to a pipe with the name of the rejects file.
    fs::remove_file(sandbox.path("u.rejects.csv")).unwrap();
    fifo(&sandbox, "u.rejects.csv");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 1);
}

#[test]
fn a_pipe_with_a_reader_gets_the_accepted_records() {
    let sandbox = imported();
    fifo(&sandbox, "pipe");
    let mut reader =
        Command::new("cat").arg(sandbox.path("pipe")).stdout(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    // The reader may not have opened the pipe yet.
    let run = loop {
        let run = sandbox.run(&["import", "u.csv", "--accepted", "pipe"]);
        if run.code != 1 || started.elapsed() > Duration::from_secs(20) {
            break run;
        }
    };
    assert_eq!(run.code, 3, "{run:?}");
    let mut read = String::new();
    reader.stdout.take().unwrap().read_to_string(&mut read).unwrap();
    reader.wait().unwrap();
    assert_eq!(read, "uid,email\n1,ann@example.com\n3,cleo@example.com\n");
    assert!(fs::metadata(sandbox.path("pipe")).unwrap().file_type().is_fifo());
}

/// Names that refer to the store or to one of SQLite's files next to it.
fn names_of_the_store(sandbox: &Sandbox) -> Vec<String> {
    symlink("engage.db", sandbox.path("link")).unwrap();
    symlink("engage.db-wal", sandbox.path("wal-link")).unwrap();
    fs::hard_link(sandbox.path("engage.db"), sandbox.path("hard")).unwrap();
    fs::create_dir(sandbox.path("sub")).unwrap();
    let names = ["engage.db", "engage.db-wal", "engage.db-shm", "engage.db-journal"];
    let names = names.into_iter().chain(["sub/../engage.db-wal", "link", "wal-link", "hard"]);
    names.map(str::to_owned).collect()
}

#[test]
fn no_output_replaces_the_store_or_a_file_next_to_it() {
    let sandbox = imported();
    sandbox.write("v.csv", "id,email\n9,zoe@example.com\n");
    for name in names_of_the_store(&sandbox) {
        for arguments in [
            &["import", "v.csv", "--accepted", &name][..],
            &["import", "v.csv", "--rejects", &name],
            &["import", "v.csv", "--save-mapping", &name],
            &["inspect", "v.csv", "--save-mapping", &name],
            &["export", "-o", &name],
            &["backup", &name],
        ] {
            let run = sandbox.run(arguments);
            assert_eq!(run.code, 2, "{arguments:?} {run:?}");
        }
    }
    // Reports need the extension `.html`, so the store has it too.
    let page = |arguments: &[&str]| {
        let store = ["--store", "s.html"];
        let run: Run = sandbox.command(&[arguments, &store].concat()).output().unwrap().into();
        run
    };
    assert_eq!(page(&["import", "v.csv"]).code, 0);
    for arguments in [
        &["report", "-o", "s.html"][..],
        &["history", "1", "--report", "s.html"],
        &["import", "v.csv", "--report", "s.html"],
    ] {
        let run = page(arguments);
        assert_eq!(run.code, 2, "{arguments:?} {run:?}");
    }
    assert_eq!(page(&["segment", "uid = '9'", "--count"]).stdout, "1\n");
    assert_eq!(sandbox.run(&["import", "v.csv"]).code, 0);
    assert_eq!(sandbox.run(&["check"]).code, 0);
    assert_eq!(sandbox.count(), 3);
}

/// Starts the program, waits until it writes a temporary file in the folder, and kills it.
fn kill_half_way(sandbox: &Sandbox, arguments: &[&str], signal: &str, folder: &str) -> Option<i32> {
    let mut child = sandbox.command(arguments).stdout(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while parts(sandbox, folder).is_empty() && child.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(30), "{arguments:?} never wrote");
    }
    let id = child.id().to_string();
    let _ = Command::new("kill").args([signal, &id]).stderr(Stdio::null()).status();
    child.wait().unwrap().code()
}

fn parts(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(sandbox.path(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".engage-")).collect()
}

#[test]
fn the_next_change_removes_temporary_files_of_a_killed_command() {
    let rows: Vec<String> =
        (0..60_000).map(|n| format!("{n},user{n}@example.com,text {n}")).collect();
    let sandbox = Sandbox::with("u.csv", format!("id,email,note\n{}\n", rows.join("\n")));
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    fs::create_dir(sandbox.path("out")).unwrap();
    for arguments in [&["backup", "copy.db"][..], &["export", "-o", "copy.csv"]] {
        // Repeat until it was killed half-way.
        let left = (0..20).any(|_| {
            kill_half_way(&sandbox, arguments, "-KILL", "");
            !parts(&sandbox, "").is_empty()
        });
        assert!(left, "{arguments:?} was always faster than its end");
        assert_eq!(sandbox.run(&["forget", "17"]).code, 0);
        assert_eq!(parts(&sandbox, ""), [""; 0], "{arguments:?}");
        sandbox.run(&["import", "u.csv"]);
    }
    // A temporary file in another folder is removed by the same command.
    let export = ["export", "-o", "out/copy.csv"];
    let left = (0..20).any(|_| {
        kill_half_way(&sandbox, &export, "-KILL", "out");
        !parts(&sandbox, "out").is_empty()
    });
    assert!(left);
    assert_eq!(sandbox.run(&export).code, 0);
    assert_eq!(parts(&sandbox, "out"), [""; 0]);
    // A signal that can be handled leaves no temporary file.
    for _ in 0..5 {
        let code = kill_half_way(&sandbox, &["backup", "copy.db"], "-TERM", "");
        assert!([Some(0), Some(1)].contains(&code), "{code:?}");
        assert_eq!(parts(&sandbox, ""), [""; 0]);
    }
}

#[test]
fn messages_name_the_output_and_not_its_temporary_file() {
    let rows: Vec<String> = (0..20_000).map(|n| format!("{n},user{n}@example.com")).collect();
    let sandbox = Sandbox::with("u.csv", format!("id,email\n{}\n", rows.join("\n")));
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    let program = assert_cmd::cargo::cargo_bin!("engage");
    for (command, name) in [
        ("backup copy.db", "copy.db"),
        ("export -o copy.csv", "copy.csv"),
        ("import u.csv --accepted clean.csv", "clean.csv"),
    ] {
        // Files are limited to 100 KiB: the system sends a signal, and the program prints a
        // message.
        let line = format!("ulimit -f 100; exec '{}' {command}", program.display());
        let output =
            Command::new("bash").args(["-c", &line]).current_dir(sandbox.path("")).output();
        let run: Run = output.unwrap().into();
        assert_eq!(run.code, 1, "{command} {run:?}");
        assert!(run.stderr.contains(name) && !run.stderr.contains(".part"), "{command} {run:?}");
        assert!(!sandbox.exists(name) && parts(&sandbox, "").is_empty(), "{command}");
    }
    assert_eq!(sandbox.run(&["check"]).code, 0);
}

#[test]
fn a_limited_import_keeps_the_rejects_of_the_whole_file() {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,ann@example.com\n2,b@\n3,c@\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 3);
    let whole = sandbox.read("u.rejects.csv");
    assert_eq!(sandbox.run(&["import", "u.csv", "--limit", "1"]).code, 0);
    assert_eq!(sandbox.read("u.rejects.csv"), whole);
    let run = sandbox.run(&["import", "u.csv", "--limit", "2"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("u.rejects.2.csv"), "{run:?}");
    assert_eq!(sandbox.read("u.rejects.csv"), whole);
    assert_eq!(sandbox.read("u.rejects.2.csv").lines().count(), 2);
}

#[test]
fn rejects_are_written_even_if_their_temporary_file_was_removed() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["import", "-", "--rejects", "bad.csv"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let rows: Vec<String> = (1..60_000).map(|n| format!("{n},user{n}@example.com")).collect();
    let text = format!("id,email\n0,a@\n{}\n", rows.join("\n"));
    std::io::Write::write_all(&mut input, text.as_bytes()).unwrap();
    let started = Instant::now();
    while parts(&sandbox, "").is_empty() {
        assert!(started.elapsed() < Duration::from_secs(30), "no rejects were written");
        std::thread::sleep(Duration::from_millis(20));
    }
    for name in parts(&sandbox, "") {
        fs::remove_file(sandbox.path(&name)).unwrap();
    }
    drop(input);
    let run: Run = child.wait_with_output().unwrap().into();
    assert_eq!(run.code, 3, "{run:?}");
    assert!(sandbox.read("bad.csv").contains("0,a@,1,2,"), "{}", sandbox.read("bad.csv"));
}
