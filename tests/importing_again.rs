//! Importing the same file again is safe, exact, and changes nothing.

use crate::sandbox::Sandbox;
use std::fmt::Write as _;

#[test]
fn the_same_file_again_changes_no_byte_of_any_customer() {
    let sandbox = Sandbox::with_fixture("users.csv");
    sandbox.run(&["import", "users.csv"]);
    let before = sandbox.exported();
    let run = sandbox.run(&["import", "users.csv"]);
    insta::assert_snapshot!(run.seen());
    assert_eq!(sandbox.exported(), before);
    assert_eq!(sandbox.sql("SELECT count(*) FROM changes"), ["0"]);
}

#[test]
fn changed_values_are_updated_and_before_images_kept() {
    let sandbox = Sandbox::with("u.csv", "id,plan,city\n1,Free,Lagos\n2,Pro,Accra\n");
    sandbox.run(&["import", "u.csv"]);
    sandbox.write("u.csv", "id,plan,city\n1,Pro,Lagos\n2,Pro,\n3,Free,Kano\n");
    let report = sandbox.run(&["import", "u.csv", "--format", "json"]).report();
    assert_eq!(report["customers"]["inserted"], 1);
    assert_eq!(report["customers"]["updated"], 1);
    assert_eq!(report["customers"]["unchanged"], 1);
    assert_eq!(
        sandbox.sql(
            "SELECT kind, json_extract(before, '$.attributes.plan'), json_extract(before, '$.attributes.city')
             FROM changes"
        ),
        ["update|Free|NULL"]
    );
    assert_eq!(
        sandbox.customers("uid,attributes"),
        [
            r#"1|{"city":"Lagos","plan":"Pro"}"#,
            r#"2|{"city":"Accra","plan":"Pro"}"#,
            r#"3|{"city":"Kano","plan":"Free"}"#,
        ]
    );
}

#[test]
fn changes_of_another_file_invalidate_fingerprints() {
    let sandbox = Sandbox::with("a.csv", "id,plan\n1,Free\n2,Pro\n");
    sandbox.write("b.csv", "id,city,plan\n1,Lagos,Pro\n2,Accra,Pro\n");
    sandbox.run(&["import", "a.csv"]);
    sandbox.run(&["import", "b.csv"]);
    let report = sandbox.run(&["import", "a.csv", "--format", "json"]).report();
    assert_eq!(report["customers"]["updated"], 1, "{report}");
    assert_eq!(report["customers"]["unchanged"], 1, "{report}");
    let report = sandbox.run(&["import", "b.csv", "--format", "json"]).report();
    assert_eq!(report["customers"]["updated"], 1, "{report}");
    assert_eq!(sandbox.customer("1", "attributes"), r#"{"city":"Lagos","plan":"Pro"}"#);
}

#[test]
fn a_changed_plan_validates_all_records_again() {
    let sandbox = Sandbox::with("a.csv", "id,zip\n1,0123\n2,44\n");
    sandbox.run(&["import", "a.csv", "--type", "zip=number"]);
    assert_eq!(sandbox.customer("1", "attributes"), r#"{"zip":123}"#);
    let report =
        sandbox.run(&["import", "a.csv", "--type", "zip=string", "--format", "json"]).report();
    assert_eq!(report["customers"]["updated"], 2);
    assert_eq!(sandbox.customer("1", "attributes"), r#"{"zip":"0123"}"#);
}

#[test]
fn changes_that_cancel_out_leave_a_customer_unchanged() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Free\n");
    sandbox.run(&["import", "u.csv"]);
    let before = sandbox.exported();
    sandbox.write("u.csv", "id,plan\n1,Pro\n1,Basic\n1,Free\n");
    let report = sandbox.run(&["import", "u.csv", "--format", "json"]).report();
    assert_eq!(report["customers"]["unchanged"], 1, "{report}");
    assert_eq!(report["customers"]["updated"], 0, "{report}");
    assert_eq!(report["records"]["merged"], 2);
    assert_eq!(sandbox.exported(), before);
    assert_eq!(sandbox.sql("SELECT count(*) FROM changes"), ["0"]);
}

#[test]
fn a_warning_about_a_value_is_repeated() {
    let sandbox = Sandbox::with("u.csv", "id,usage\n1,12\n");
    sandbox.run(&["import", "u.csv"]);
    sandbox.write("u.csv", "id,usage\n1,12\n2,lots\n");
    for _ in 0..2 {
        let report = sandbox.run(&["import", "u.csv", "--format", "json"]).report();
        assert_eq!(report["warnings"][0]["code"], "value.unfitting", "{report}");
    }
}

#[test]
fn an_archived_customer_in_the_file_is_unarchived() {
    let sandbox = Sandbox::with("u.csv", "id,plan\n1,Free\n2,Pro\n");
    sandbox.run(&["import", "u.csv"]);
    let connection = rusqlite::Connection::open(sandbox.path("engage.db")).unwrap();
    connection
        .execute_batch(
            "UPDATE customers SET archived_at = '2026-01-01T00:00:00Z' WHERE uid = '1';
             DELETE FROM fingerprints;",
        )
        .unwrap();
    drop(connection);
    let report = sandbox.run(&["import", "u.csv", "--format", "json"]).report();
    assert_eq!(report["customers"]["updated"], 1);
    assert_eq!(sandbox.archived(), [""; 0]);
}

#[test]
fn alternating_sources_keep_their_proofs() {
    let sandbox = Sandbox::with("crm.csv", "id,plan\n1,Free\n2,Pro\n3,Pro\n");
    sandbox.write("shop.csv", "id;orders\n1;3\n2;5\n3;8\n");
    for _ in 0..3 {
        for file in ["crm.csv", "shop.csv"] {
            assert_eq!(sandbox.run(&["import", file]).code, 0);
        }
    }
    assert_eq!(sandbox.proofs(), [[1, 2, 3], [1, 2, 3]]);
    // A change of one customer only invalidates the other source's proof of this customer.
    sandbox.write("shop.csv", "id;orders\n1;4\n2;5\n3;8\n");
    assert_eq!(sandbox.run(&["import", "shop.csv"]).code, 0);
    assert_eq!(sandbox.proofs(), [vec![2, 3], vec![1, 2, 3]]);
    for file in ["crm.csv", "shop.csv"] {
        let report = sandbox.run(&["import", file, "--format", "json"]).report();
        assert_eq!(report["customers"]["unchanged"], 3, "{report}");
    }
    assert_eq!(sandbox.proofs(), [[1, 2, 3], [1, 2, 3]]);
    assert_eq!(sandbox.count(), 3);
}

#[test]
fn every_option_that_affects_values_changes_the_plan() {
    let sandbox = Sandbox::with("u.csv", "id,number,usage,note\n1,+2348035550123,12,NULL\n");
    let plans = "SELECT count(*) FROM plans";
    sandbox.run(&["import", "u.csv"]);
    for (more, note) in [
        (&["--type", "usage=string"][..], "NULL"),
        (&["--null", "NULL"], ""),
        (&["--region", "NG"], "NULL"),
    ] {
        let before: u32 = sandbox.sql(plans)[0].parse().unwrap();
        assert_eq!(sandbox.run(&[&["import", "u.csv"], more].concat()).code, 0);
        let after: u32 = sandbox.sql(plans)[0].parse().unwrap();
        assert_eq!(after, before + 1, "{more:?}");
        let found = "SELECT coalesce(json_extract(attributes, '$.note'), '') FROM customers";
        assert_eq!(sandbox.sql(found), [note], "{more:?}");
    }
}

#[test]
fn an_attribute_counts_as_seen_even_if_all_its_records_are_proven() {
    // The only value of the attribute is after the sample.
    let mut file = "id,late\n".to_owned();
    for id in 1..=12_000 {
        let late = if id == 12_000 { "yes" } else { "" };
        writeln!(file, "{id},{late}").unwrap();
    }
    let sandbox = Sandbox::with("u.csv", file);
    for imports in ["1|1", "1|2"] {
        assert_eq!(sandbox.run(&["import", "u.csv"]).code, 0);
        let seen = sandbox.sql("SELECT first_import, last_import FROM attributes");
        assert_eq!(seen, [imports]);
    }
}
