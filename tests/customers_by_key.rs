//! The key, which identifies a customer.

use crate::sandbox::Sandbox;

#[test]
fn the_first_import_sets_the_stores_key() {
    let sandbox = Sandbox::with("a.csv", "email,plan\nAda@Example.com,Pro\n");
    sandbox.write("b.csv", "id,plan\n1,Pro\n");
    sandbox.run(&["import", "a.csv"]);
    assert_eq!(sandbox.customers("uid,email"), ["ada@example.com|Ada@example.com"]);
    let run = sandbox.run(&["import", "b.csv"]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("identifies customers by email"), "{run:?}");
    assert_eq!(sandbox.run(&["import", "b.csv", "--key", "uid"]).code, 0);
    assert_eq!(sandbox.sql("SELECT value FROM settings WHERE name = 'key'"), ["email"]);
}

#[test]
fn emails_are_the_same_key_in_any_case() {
    let sandbox = Sandbox::with("a.csv", "email,plan\nAda@Example.com,Pro\nada@EXAMPLE.com,Free\n");
    let report = sandbox.run(&["import", "a.csv", "--format", "json"]).report();
    assert_eq!(report["records"]["merged"], 1);
    assert_eq!(
        sandbox.customers("uid,email,attributes"),
        [r#"ada@example.com|ada@example.com|{"plan":"Free"}"#]
    );
}

#[test]
fn a_key_of_two_customers_is_ambiguous_and_uids_do_not_change() {
    let sandbox = Sandbox::with("a.csv", "id,email\n1,a@x.co\n2,a@x.co\n3,c@x.co\n");
    sandbox.run(&["import", "a.csv"]);
    sandbox.write(
        "b.csv",
        "email,id,plan\na@x.co,,Pro\nc@x.co,1,Pro\nc@x.co,9,Pro\nd@x.co,2,Pro\n\
                c@x.co,3,Free\n",
    );
    let run = sandbox.run(&["import", "b.csv", "--key", "email", "--format", "json"]);
    assert_eq!(run.code, 3, "{run:?}");
    let report = run.report();
    assert_eq!(report["rejects"]["by_code"][0]["code"], "key.ambiguous");
    // A uid that no customer has does not match the customer with the email either.
    assert_eq!(report["records"]["rejected"], 4, "{report}");
    assert_eq!(sandbox.customers("uid,attributes"), ["1|{}", "2|{}", r#"3|{"plan":"Free"}"#]);
}

#[test]
fn a_uid_of_a_customer_with_another_email_is_rejected_whether_or_not_it_is_taken() {
    let sandbox = Sandbox::with("a.csv", "id,email\n1,b@x.co\n");
    sandbox.run(&["import", "a.csv"]);
    sandbox.write("a.csv", "id,email,plan\n2,b@x.co,\n9,z@x.co,Pro\n");
    let by_email = ["import", "a.csv", "--key", "email", "--format", "json"];
    assert_eq!(sandbox.run(&by_email).report()["records"]["rejected"], 1);
    sandbox.write("b.csv", "id,plan\n2,Pro\n");
    sandbox.run(&["import", "b.csv"]);
    let report = sandbox.run(&by_email).report();
    assert_eq!(report["records"]["rejected"], 1, "{report}");
    assert_eq!(report["rejects"]["by_code"][0]["code"], "key.ambiguous", "{report}");
}

#[test]
fn a_number_may_be_the_key() {
    let sandbox = Sandbox::with("a.csv", "phone,plan\n+234 803 123 4567,Pro\n,Free\n");
    let run = sandbox.run(&["import", "a.csv", "--format", "json"]);
    assert_eq!(run.report()["rejects"]["by_code"][0]["code"], "number.missing", "{run:?}");
    sandbox.write("a.csv", "phone,plan\n002348031234567,Basic\n");
    assert_eq!(
        sandbox.run(&["import", "a.csv", "--format", "json"]).report()["customers"]["updated"],
        1
    );
    assert_eq!(sandbox.customers("uid"), ["2348031234567"]);
}

#[test]
fn a_file_without_a_key_is_refused() {
    let sandbox = Sandbox::with("a.csv", "plan,city\nPro,Lagos\n");
    let run = sandbox.run(&["import", "a.csv"]);
    insta::assert_snapshot!(run.seen(), @r"
    error: a.csv has no column that identifies a customer
      plan: 1 of 1 filled, 1 different
      city: 1 of 1 filled, 1 different
    hint: set the column that identifies the customer with -m COLUMN=uid; an email or number works too
    hint: the columns are: plan, city
    exit 4
    ");
    assert_eq!(sandbox.files(), ["a.csv"]);
}
