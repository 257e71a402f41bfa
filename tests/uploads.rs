//! Files for Engage's dashboard, and features that help to prepare them.

use crate::sandbox::Sandbox;

#[test]
fn the_dashboard_file_begins_with_standard_names() {
    let sandbox = Sandbox::with(
        "u.csv",
        "uid,First Name,phone,signup,plan,score,token,Number\n\
         1,\"Ada, \"\"A\"\"\",+234 803 555 0123,2026-02-01,Pro,7.50,t1,x\n1,,,,,,t2,\n\
         2,Bob,,2026-03-01T10:00:00Z,,,,\n3,Old,,,,,,\n",
    );
    let map = ["-m", "signup=created_at", "-m", "token=device_token", "-m", "Number=number_text"];
    let more = ["--device-platform", "ios", "-m", "uid=uid", "-m", "phone=number"];
    let run = sandbox.run(&[&["import", "u.csv"], &map[..], &more].concat());
    assert_eq!(run.code, 0, "{run:?}");
    sandbox.write("u.csv", "uid\n1\n2\n");
    assert_eq!(
        sandbox.run(&["import", "u.csv", "--snapshot=archive", "--max-missing", "1"]).code,
        0
    );
    let run = sandbox.run(&["export", "--as", "engage-csv"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout, @r#"
    id,first_name,last_name,email,number,device_token,device_platform,created_at,number_text,plan,score
    1,"Ada, ""A""",,,2348035550123,t2,ios,2026-02-01,x,Pro,7.50
    2,Bob,,,,,,2026-03-01T10:00:00Z,,,
    "#);
    let run = sandbox.run(&["export", "--as", "engage-csv", "--format", "json"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(sandbox.run(&["export", "--as", "engage-csv", "-o", "up.csv"]).code, 0);
    assert!(sandbox.read("up.csv").starts_with("id,first_name"));
}

#[test]
fn the_sign_up_date_is_proposed_once() {
    let sandbox = Sandbox::with("u.csv", "id,Signup Date\n1,2026-02-01\n2,2026-02-03\n");
    let inspected = sandbox.run(&["inspect", "u.csv"]).stdout;
    assert!(inspected.contains("-m 'Signup Date=created_at'"), "{inspected}");
    let option = "-m 'Signup Date=created_at'";
    let run = sandbox.run(&["import", "u.csv", "--dry-run"]);
    assert!(run.stdout.contains(option), "{run:?}");
    let run = sandbox.run(&["import", "u.csv", "-m", "Signup Date=created_at"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.stdout.contains("day of sign-up"), "{run:?}");
    let body = sandbox.run(&["export", "--as", "engage-api"]).stdout;
    assert!(body.contains(r#""created_at":"2026-02-01""#), "{body}");
    // The hint is not repeated for a store in which the column is another attribute.
    sandbox.run(&["import", "u.csv", "--store", "other.db"]);
    let run = sandbox.run(&["import", "u.csv", "--store", "other.db"]);
    assert!(!run.stdout.contains("day of sign-up"), "{run:?}");
}

#[test]
fn columns_of_secrets_are_warned_about_on_the_first_import() {
    let file = "id,password_hash,remember_token,totp_secret,password_changed_at,plan\n\
                1,$2y$10$abc,tok1,JBSW,2026-01-01,Pro\n2,$2y$10$def,tok2,KRSX,2026-01-02,Pro\n";
    let sandbox = Sandbox::with("u.csv", file);
    let run = sandbox.run(&["import", "u.csv", "-q"]);
    assert_eq!(run.code, 0, "{run:?}");
    let skip = "--skip password_hash --skip remember_token --skip totp_secret skips them";
    assert!(run.stderr.contains(skip), "{run:?}");
    assert!(!run.stderr.contains("password_changed_at"), "{run:?}");
    assert_eq!(sandbox.run(&["import", "u.csv", "-q"]).stderr, "");
    let skip = ["--skip", "password_hash", "--skip", "remember_token", "--skip", "totp_secret"];
    let run = sandbox.run(&[&["import", "u.csv", "--store", "s.db"], &skip[..]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
fn messages_use_the_singular_for_one_field() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Pro\n2\n3,Max\n");
    let run = sandbox.run(&["import", "u.csv"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.stdout.contains("1 field for 2 columns"), "{run:?}");
}

#[test]
fn accepted_customers_have_a_row_each_in_their_final_state() {
    let sandbox = Sandbox::with("u.csv", "id,email,plan\n1,a@example.org,Pro\n2,b@example.org,\n");
    sandbox.run(&["import", "u.csv"]);
    sandbox.write("u.csv", "id,email,plan\n2,,Max\n3,C@Example.org,Free\n2,,Team\n4,d@,x\n");
    for dry_run in [&["--dry-run"][..], &[], &[]] {
        let run = sandbox.run(&[&["import", "u.csv", "--accepted", "c.csv"], dry_run].concat());
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.stdout.contains("2 customers of accepted records: c.csv"), "{run:?}");
        insta::allow_duplicates! { insta::assert_snapshot!(sandbox.read("c.csv"), @r"
        uid,email,plan
        2,b@example.org,Team
        3,C@example.org,Free
        "); }
    }
}
