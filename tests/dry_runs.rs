//! A dry run reports what an import would do, and changes nothing.

use crate::sandbox::Sandbox;

fn without_timing(report: &serde_json::Value) -> serde_json::Value {
    let mut report = report.clone();
    for name in ["timing", "import_id", "status"] {
        report.as_object_mut().unwrap().remove(name);
    }
    // Without --rejects, a dry run writes none.
    for (name, none) in [("file", "null"), ("files", "[]"), ("sha256", "[]")] {
        report["rejects"][name] = serde_json::from_str(none).unwrap();
    }
    report
}

#[test]
fn a_dry_run_has_the_report_of_the_import() {
    let sandbox = Sandbox::with_fixture("users.csv");
    sandbox.write("more.csv", "id,plan,device_token,device_platform\n1001,Pro,x1,ios\n1001,Pro,x2,ios\n\
        1001,Pro,x3,ios\n1001,Pro,x4,ios\n77,Free,y1,ios\n77,Free,y2,ios\n1002,Free,,\n1003,Pro,,\n1003,Basic,,\n");
    for file in ["users.csv", "more.csv", "more.csv"] {
        let dry_run = sandbox.run(&["import", file, "--dry-run", "--format", "json"]);
        let done = sandbox.run(&["import", file, "--format", "json"]);
        assert_eq!(dry_run.code, done.code);
        assert_eq!(dry_run.report()["status"], "dry_run");
        // A command to paste is a dry run again.
        let report = dry_run.stdout.replace("users.csv --dry-run", "users.csv");
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        assert_eq!(without_timing(&report), without_timing(&done.report()), "{file}");
    }
}

#[test]
fn a_dry_run_detects_new_customers_by_any_key() {
    let file = "id,email,plan,device_token,device_platform\n\
                a,A@x.co,Pro,,\na,a@x.co,Free,,\n,a@x.co,Max,,\nb,b@x.co,Pro,t,ios\nb,B@x.co,,u,ios\n\
                a,c@x.co,Pro,,\nb,a@x.co,Pro,,\n";
    let sandbox = Sandbox::with("u.csv", file);
    let import = ["import", "u.csv", "--key", "email", "-m", "id=uid", "--format", "json"];
    let dry_run = sandbox.run(&[&import[..], &["--dry-run"]].concat()).report();
    assert_eq!(dry_run["records"]["merged"], 3, "{dry_run}");
    assert_eq!(dry_run["records"]["rejected"], 2, "{dry_run}");
    assert_eq!(without_timing(&dry_run), without_timing(&sandbox.run(&import).report()));
}

#[test]
fn a_dry_run_does_not_create_or_change_a_store() {
    let sandbox = Sandbox::with("u.csv", "id,email\n1,a@\n2,b@x.co\n");
    let run = sandbox.run(&["import", "u.csv", "--dry-run"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("Dry run: nothing was written"), "{run:?}");
    assert_eq!(sandbox.files(), ["u.csv"]);
    sandbox.run(&["import", "u.csv"]);
    let before = std::fs::read(sandbox.path("engage.db")).unwrap();
    sandbox.write("u.csv", "id,email\n1,a@x.co\n3,c@x.co\n");
    assert_eq!(sandbox.run(&["import", "u.csv", "--dry-run"]).code, 0);
    assert_eq!(std::fs::read(sandbox.path("engage.db")).unwrap(), before);
}
