//! A dry run says what an import would do, and touches nothing.

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
fn it_reports_what_the_import_then_reports() {
    let sandbox = Sandbox::with_fixture("users.csv");
    sandbox.write("more.csv", "id,plan,device_token,device_platform\n1001,Pro,x1,ios\n1001,Pro,x2,ios\n\
        1001,Pro,x3,ios\n1001,Pro,x4,ios\n77,Free,y1,ios\n77,Free,y2,ios\n1002,Free,,\n1003,Pro,,\n1003,Basic,,\n");
    for file in ["users.csv", "more.csv", "more.csv"] {
        let rehearsed = sandbox.run(&["import", file, "--dry-run", "--format", "json"]);
        let done = sandbox.run(&["import", file, "--format", "json"]);
        assert_eq!(rehearsed.code, done.code);
        assert_eq!(rehearsed.report()["status"], "dry_run");
        assert_eq!(without_timing(&rehearsed.report()), without_timing(&done.report()), "{file}");
    }
}

#[test]
fn it_detects_new_customers_by_any_key() {
    let file = "id,email,plan,device_token,device_platform\n\
                a,A@x.co,Pro,,\na,a@x.co,Free,,\n,a@x.co,Max,,\nb,b@x.co,Pro,t,ios\nb,B@x.co,,u,ios\n\
                a,c@x.co,Pro,,\nb,a@x.co,Pro,,\n";
    let sandbox = Sandbox::with("u.csv", file);
    let import = ["import", "u.csv", "--key", "email", "-m", "id=uid", "--format", "json"];
    let rehearsed = sandbox.run(&[&import[..], &["--dry-run"]].concat()).report();
    assert_eq!(rehearsed["records"]["merged"], 3, "{rehearsed}");
    assert_eq!(rehearsed["records"]["rejected"], 2, "{rehearsed}");
    assert_eq!(without_timing(&rehearsed), without_timing(&sandbox.run(&import).report()));
}

#[test]
fn it_makes_no_store_and_leaves_one_as_it_is() {
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
