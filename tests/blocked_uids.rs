//! A customer who was forgotten with `--block` is not brought back by the next import.

use crate::sandbox::Sandbox;

const FILE: &str = "id,email,plan\n1,a@example.org,Pro\n2,b@example.org,Pro\n3,c@,Pro\n";

#[test]
fn a_forget_has_a_dry_run() {
    let sandbox = Sandbox::with("u.csv", FILE);
    sandbox.run(&["import", "u.csv"]);
    let before = std::fs::read(sandbox.path("engage.db")).unwrap();
    let run = sandbox.run(&["forget", "1", "9", "--dry-run", "--block"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stdout.contains("1 customer would be forgotten. Dry run: nothing was written"),
        "{run:?}"
    );
    assert!(run.stderr.contains("no customer '9'"), "{run:?}");
    assert_eq!(std::fs::read(sandbox.path("engage.db")).unwrap(), before);
    assert_eq!(sandbox.history().len(), 1);
    assert_eq!(sandbox.run(&["forget", "9", "--dry-run"]).code, 1);
    let report = sandbox.run(&["forget", "1", "--dry-run", "--format", "json"]).stdout;
    assert!(report.contains(r#""status":"dry_run""#), "{report}");
}

#[test]
fn a_blocked_uid_is_skipped_with_a_warning() {
    let sandbox = Sandbox::with("u.csv", FILE);
    sandbox.run(&["import", "u.csv"]);
    let run = sandbox.run(&["forget", "1", "3", "--block"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("Forgotten: 1 customer. Imports will skip 2 uids."), "{run:?}");
    std::fs::remove_file(sandbox.path("u.rejects.csv")).unwrap();
    for dry_run in [&["--dry-run"][..], &[], &[]] {
        let run = sandbox.run(&[&["import", "u.csv", "--format", "json"], dry_run].concat());
        assert_eq!(run.code, 0, "{run:?}");
        let report = run.report();
        assert_eq!(report["records"]["skipped"], 2, "{report}");
        assert_eq!(report["customers"]["inserted"], 0);
        assert!(run.stderr.contains("2 records were skipped"), "{run:?}");
        assert!(run.stderr.contains("engage forget --unblock UID"), "{run:?}");
    }
    assert_eq!(sandbox.customers("uid"), ["2"]);
    // There is no rejects file for skipped records, and with `-q` the warning is not repeated.
    assert!(!sandbox.exists("u.rejects.csv"));
    assert_eq!(sandbox.run(&["import", "u.csv", "-q"]).stderr, "");
    // The uid is also blocked if the import uses another key.
    let run = sandbox.run(&["import", "u.csv", "--key", "email", "--format", "json"]);
    assert_eq!(run.report()["records"]["skipped"], 2, "{run:?}");
    // The store file has no data of the forgotten customers.
    let bytes = std::fs::read(sandbox.path("engage.db")).unwrap();
    assert!(!bytes.windows(13).any(|window| window == b"a@example.org"));
    assert_eq!(sandbox.run(&["check"]).code, 0);
}

#[test]
fn an_unblocked_uid_is_imported_again() {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,a@example.org\n2,b@example.org\n");
    sandbox.run(&["import", "u.csv"]);
    // A uid can be blocked before it is in the store.
    assert_eq!(sandbox.run(&["forget", "7", "--block"]).code, 0);
    assert_eq!(sandbox.run(&["forget", "1", "--block"]).code, 0);
    assert_eq!(sandbox.run(&["forget", "2", "--unblock"]).code, 1);
    let run = sandbox.run(&["forget", "1", "--unblock"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "Unblocked: 1 uid.\n"));
    assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
    assert_eq!(sandbox.customers("uid"), ["1", "2"]);
}
