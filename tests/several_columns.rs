//! An attribute from several columns: a record uses the first valid value, in the order in which
//! the columns were given, and values that are left out are counted.

use super::sandbox::Sandbox;

const CONTACTS: &str = "id,Phone,Mobile,Work mail,Private mail\n\
    1,+442079460001,+447911123401,ada@example.org,\n\
    2,+442079460002,,,bo@example.org\n\
    3,+442079460003,12,nope,cleo@example.org\n\
    4,,,dan@example.org,dan@example.org\n\
    5,,+447911123405,eva@example.org,eva@example.net\n";

const MAPPED: [&str; 8] = [
    "-m",
    "Mobile=number",
    "-m",
    "Phone=number",
    "-m",
    "Work mail=email",
    "-m",
    "Private mail=email",
];

fn import(sandbox: &Sandbox, more: &[&str]) -> super::sandbox::Run {
    let mut arguments = vec!["import", "c.csv"];
    arguments.extend(more);
    sandbox.run(&arguments)
}

#[test]
fn the_first_valid_value_is_used_and_others_are_counted() {
    let sandbox = Sandbox::with("c.csv", CONTACTS);
    let run = import(&sandbox, &MAPPED);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(
        sandbox.customers("uid,number,email"),
        [
            "1|447911123401|ada@example.org",
            "2|442079460002|bo@example.org",
            "3|442079460003|cleo@example.org",
            "4|NULL|dan@example.org",
            "5|447911123405|eva@example.org",
        ]
    );
    for told in [
        "Phone: 1 value left out, because an earlier column has a different one",
        "Private mail: 1 value left out, because an earlier column has a different one",
        "Mobile: 1 value",
        "Work mail: 1 value",
    ] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
}

#[test]
fn a_record_without_a_valid_value_is_rejected_with_a_reason_for_each_column() {
    let sandbox = Sandbox::with("c.csv", "id,Phone,Mobile\n1,12,34\n2,+442079460002,\n");
    let run = import(&sandbox, &["-m", "Mobile=number", "-m", "Phone=number"]);
    assert_eq!(run.code, 3, "{run:?}");
    let rejects = sandbox.read("c.rejects.csv");
    assert!(rejects.contains("Phone: ") && rejects.contains("Mobile: "), "{rejects}");
}

#[test]
fn several_columns_can_be_the_key() {
    let sandbox = Sandbox::with(
        "c.csv",
        "Work mail,Private mail,plan\nada@example.org,,Pro\n,bo@example.org,Free\n",
    );
    let mapped = &MAPPED[4..];
    let run = import(&sandbox, &[mapped, &["--key", "email"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.customers("email,plan"), ["ada@example.org|Pro", "bo@example.org|Free"]);
}

#[test]
fn the_store_and_a_mapping_file_remember_their_order() {
    let sandbox = Sandbox::with("c.csv", CONTACTS);
    let run = import(&sandbox, &[&MAPPED[..], &["--save-mapping", "c.toml"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let first = sandbox.customers("uid,number,email");
    let again = import(&sandbox, &["--format", "json"]);
    assert_eq!(again.report()["customers"]["unchanged"], 5);
    let by_file = import(&sandbox, &["--mapping", "c.toml", "--store", "other.db"]);
    assert_eq!(by_file.code, 0, "{by_file:?}");
    assert_eq!(sandbox.customers_in("other.db", "uid,number,email"), first);
    // If a file lacks the first column, the second is used.
    sandbox.write("c.csv", "id,Phone\n9,+442079460009\n");
    assert_eq!(import(&sandbox, &[]).code, 0);
    assert_eq!(sandbox.customer("9", "number"), "442079460009");
}

#[test]
fn the_first_of_several_tokens_has_the_platform_of_its_header() {
    let sandbox = Sandbox::with(
        "c.csv",
        "id,Android token,iOS token\n\
         1,,aaaaaaaaaaaaaaaaaaaa1\n\
         2,bbbbbbbbbbbbbbbbbbbb2,\n\
         3,bbbbbbbbbbbbbbbbbbbb3,aaaaaaaaaaaaaaaaaaaa3\n",
    );
    let tokens = ["-m", "iOS token=device_token", "-m", "Android token=device_token"];
    let run = import(&sandbox, &tokens);
    assert_eq!(run.code, 0, "{run:?}");
    let devices = |uid| sandbox.customer(uid, "devices");
    assert!(devices("1").contains("aaaaaaaaaaaaaaaaaaaa1") && devices("1").contains("ios"));
    assert!(devices("2").contains("bbbbbbbbbbbbbbbbbbbb2") && devices("2").contains("android"));
    assert!(devices("3").contains("aaaaaaaaaaaaaaaaaaaa3"), "{}", devices("3"));
    let told = "Android token: 1 value left out, because an earlier column has a different one";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn other_attributes_cannot_have_several_columns() {
    let sandbox = Sandbox::with("c.csv", "id,a,b\n1,Ada,Bo\n");
    let run = import(&sandbox, &["-m", "a=first_name", "-m", "b=first_name"]);
    assert_eq!(run.code, 2, "{run:?}");
}
