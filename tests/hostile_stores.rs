//! Another user may have made the store and the files next to it: reading it writes nothing, and
//! changing it only touches files that the program itself may have written.

use super::sandbox::{Run, Sandbox};
use engage::output::{Purpose, TemporaryFiles};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

fn imported() -> Sandbox {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,ann@example.com\n2,bob@example.com\n");
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    sandbox
}

const REJECTS: &str = "id,email,_record,_line,_errors,_raw\n7,a@,1,2,email: email.invalid: no,\n";

/// Makes a temporary file of the sandbox's store with this content; returns its name.
fn part(sandbox: &Sandbox, content: &str) -> String {
    let files = TemporaryFiles::of_store(&sandbox.path("engage.db"));
    let mut file = files.create(Purpose::Import, &sandbox.path("x")).unwrap();
    std::io::Write::write_all(&mut file, content.as_bytes()).unwrap();
    let name = file.path().file_name().unwrap().to_str().unwrap().to_owned();
    file.keep();
    name
}

fn tamper(sandbox: &Sandbox, temporary: &Path, target: &Path) {
    let entry = serde_json::json!([[temporary, target]]);
    sandbox.execute(&format!("UPDATE imports SET rejects = '{entry}'"));
}

const CHANGE: [&str; 4] = ["history", "--prune", "--keep", "99"];

#[test]
fn no_command_renames_files_named_in_a_tampered_store() {
    let sandbox = imported();
    sandbox.write("payload", REJECTS);
    sandbox.write("target", "precious");
    tamper(&sandbox, &sandbox.path("payload"), &sandbox.path("target"));
    let commands: [&[&str]; 9] = [
        &["history"],
        &["show", "1"],
        &["segment", "uid is not null"],
        &["segments"],
        &["attributes"],
        &["export"],
        &["changes", "1"],
        &["import", "u.csv", "--dry-run"],
        &CHANGE,
    ];
    for command in commands {
        assert_eq!(sandbox.run(command).code, 0, "{command:?}");
        assert_eq!(sandbox.read("target"), "precious", "{command:?}");
        assert_eq!(sandbox.read("payload"), REJECTS, "{command:?}");
    }
    let run = sandbox.run(&["check"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stdout.contains("imports have pending files that are not their rejects"),
        "{run:?}"
    );
    assert_eq!(sandbox.run(&["check", "--repair"]).code, 0);
    assert_eq!(sandbox.sql("SELECT count(rejects) FROM imports"), ["0"]);
}

#[test]
fn a_rename_is_finished_only_for_rejects_of_the_store() {
    // The file at the temporary name, the file at the target, and the target afterwards.
    let cases = [
        (REJECTS, None, Some(REJECTS)),
        (REJECTS, Some(REJECTS), Some(REJECTS)),
        ("no rejects", None, None),
        ("no rejects", Some("precious"), Some("precious")),
        (REJECTS, Some("precious"), Some("precious")),
    ];
    for (content, before, after) in cases {
        let sandbox = imported();
        let part = part(&sandbox, content);
        if let Some(before) = before {
            sandbox.write("target.csv", before);
        }
        tamper(&sandbox, &sandbox.path(&part), &sandbox.path("target.csv"));
        assert_eq!(sandbox.run(&CHANGE).code, 0);
        let there = sandbox.exists("target.csv").then(|| sandbox.read("target.csv"));
        assert_eq!(there.as_deref(), after, "{content:?} {before:?}");
        // If the name is taken by now, the rejects get a numbered name.
        let is_numbered = content == REJECTS && before == Some("precious");
        assert_eq!(sandbox.exists("target.2.csv"), is_numbered);
        assert_eq!(sandbox.sql("SELECT count(rejects) FROM imports"), ["0"]);
    }
}

#[test]
fn a_rename_into_another_folder_or_through_a_link_is_not_finished() {
    let sandbox = imported();
    fs::create_dir(sandbox.path("etc")).unwrap();
    let part_name = part(&sandbox, REJECTS);
    tamper(&sandbox, &sandbox.path(&part_name), &sandbox.path("etc/target.csv"));
    assert_eq!(sandbox.run(&CHANGE).code, 0);
    assert!(!sandbox.exists("etc/target.csv"));

    // A symbolic link has the name of a temporary file.
    let linked = part(&sandbox, REJECTS);
    fs::remove_file(sandbox.path(&linked)).unwrap();
    sandbox.write("secret.csv", REJECTS);
    symlink("secret.csv", sandbox.path(&linked)).unwrap();
    tamper(&sandbox, &sandbox.path(&linked), &sandbox.path("target.csv"));
    assert_eq!(sandbox.run(&CHANGE).code, 0);
    assert!(!sandbox.exists("target.csv"));
    assert_eq!(sandbox.read("secret.csv"), REJECTS);
}

#[test]
fn a_special_file_with_the_name_of_a_leftover_is_ignored() {
    let sandbox = imported();
    let names: Vec<String> = (0..3).map(|_| part(&sandbox, "")).collect();
    for name in &names {
        fs::remove_file(sandbox.path(name)).unwrap();
    }
    let made = Command::new("mkfifo").arg(sandbox.path(&names[0])).status().unwrap();
    assert!(made.success());
    symlink("/dev/zero", sandbox.path(&names[1])).unwrap();
    fs::create_dir(sandbox.path(&names[2])).unwrap();
    for command in [&["import", "u.csv"][..], &CHANGE, &["backup", "b.db"]] {
        let started = Instant::now();
        assert_eq!(sandbox.run(command).code, 0, "{command:?}");
        assert!(started.elapsed() < Duration::from_secs(10), "{command:?}");
    }
    for name in &names {
        assert!(fs::symlink_metadata(sandbox.path(name)).is_ok(), "{name} is not ours to remove");
    }
}

#[test]
fn an_empty_file_that_others_can_read_is_not_made_a_store() {
    for dry_run in [&[][..], &["--dry-run"]] {
        let sandbox = Sandbox::with("u.csv", "id\n1\n");
        sandbox.write("engage.db", "");
        let mode = |mode| fs::Permissions::from_mode(mode);
        for wide in [0o644, 0o640, 0o604, 0o666] {
            fs::set_permissions(sandbox.path("engage.db"), mode(wide)).unwrap();
            let run = sandbox.run(&[&["import", "u.csv"], dry_run].concat());
            assert_eq!(run.code, 1, "{run:?}");
            assert!(run.stderr.contains(&format!("(mode {wide:04o})")), "{run:?}");
            assert!(run.stderr.contains("hint: chmod 600 engage.db"), "{run:?}");
            assert_eq!(sandbox.read("engage.db"), "");
        }
        fs::set_permissions(sandbox.path("engage.db"), mode(0o600)).unwrap();
        assert_eq!(sandbox.run(&[&["import", "u.csv"], dry_run].concat()).code, 0);
    }
}

#[test]
fn an_empty_file_of_another_user_is_not_made_a_store() {
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    sandbox.write("engage.db", "");
    fs::set_permissions(sandbox.path("engage.db"), fs::Permissions::from_mode(0o600)).unwrap();
    if std::os::unix::fs::chown(sandbox.path("engage.db"), Some(12_345), None).is_err() {
        // Only root may change the owner of a file.
        return;
    }
    let run = sandbox.run(&["import", "u.csv"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("belongs to another user"), "{run:?}");
}

#[test]
fn a_store_is_a_path_even_if_it_looks_like_an_option() {
    for name in [":memory:", "file:x?mode=memory", "file::memory:", "file:s.db", "a%20b?.db", "#"] {
        let sandbox = Sandbox::with("u.csv", "id\n1\n");
        let run = sandbox.run(&["import", "u.csv", "--store", name]);
        assert_eq!(run.code, 0, "{name} {run:?}");
        assert!(sandbox.exists(name), "{name}: {:?}", sandbox.files());
        let count = sandbox.run(&["segment", "uid is not null", "--count", "--store", name]);
        assert_eq!(count.stdout, "1\n", "{name}");
        assert_eq!(sandbox.run(&["import", "u.csv", "--dry-run", "--store", name]).code, 0);
        assert_eq!(sandbox.run(&["backup", "copy.db", "--store", name]).code, 0, "{name}");
    }
    let sandbox = Sandbox::with("u.csv", "id\n1\n");
    let run = sandbox.run(&["import", "u.csv", "--store", ""]);
    assert_eq!(run.code, 2, "{run:?}");
    let run: Run =
        sandbox.command(&["import", "u.csv"]).env("ENGAGE_STORE", "").output().unwrap().into();
    assert_eq!(run.code, 2, "{run:?}");
}

#[test]
fn a_store_in_a_read_only_folder_is_read() {
    let sandbox = imported();
    fs::create_dir(sandbox.path("archive")).unwrap();
    fs::copy(sandbox.path("engage.db"), sandbox.path("archive/odd name?#.db")).unwrap();
    let folder = sandbox.path("archive");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let program = assert_cmd::cargo::cargo_bin!("engage");
    let run = |arguments: &str| -> Run {
        let line = format!("'{}' {arguments} --store 'archive/odd name?#.db'", program.display());
        // Root may write anywhere, unless it drops that capability.
        let drop = "setpriv --bounding-set=-dac_override --inh-caps=-dac_override -- sh -c";
        let is_root = fs::metadata("/proc/self")
            .is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let mut command = Command::new("sh");
        command.current_dir(sandbox.path(""));
        match is_root {
            true => command.args(["-c", &format!("{drop} \"$0\""), &line]),
            false => command.args(["-c", &line]),
        };
        command.output().unwrap().into()
    };
    let read = run("segment 'uid is not null' --count");
    assert_eq!((read.code, read.stdout.as_str()), (0, "2\n"), "{read:?}");
    assert_eq!(run("history").code, 0);
    let names: Vec<_> = fs::read_dir(&folder).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(sandbox.path("archive/odd name?#.db-wal"), "changes").unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let read = run("history");
    assert_eq!(read.code, 1, "{read:?}");
    assert!(read.stderr.contains("has changes in its log"), "{read:?}");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
}
