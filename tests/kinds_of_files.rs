//! Kinds of files that were once imported wrongly without a warning (`docs/public-files.md`). Each
//! is now refused, or a warning names the choice and the option that changes it.

use super::sandbox::{Run, Sandbox};
use std::fmt::Write as _;

fn import(content: &str, more: &[&str]) -> (Sandbox, Run) {
    let sandbox = Sandbox::with("c.csv", content);
    let mut arguments = vec!["import", "c.csv"];
    arguments.extend(more);
    let run = sandbox.run(&arguments);
    (sandbox, run)
}

fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    let mut text = format!("{header}\n");
    for number in 1..=count {
        let _ = writeln!(text, "{}", row(number));
    }
    text
}

#[test]
fn a_header_that_names_a_column_twice_is_found_below_titles() {
    let file = "\"Accounts of spring\",\"\",\"\",\"\"\n\"\",\"\",\"\",\"\"\n\
        Phone,First Name,Email,Phone\n\
        ,Ada,ada@example.org,+442079460001\n\
        ,Bo,bo@example.org,+442079460002\n";
    let (_, run) = import(file, &[]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("if the header is on line 3: --header-line 3"), "{}", run.stderr);
    let (sandbox, run) = import(file, &["--header-line", "3"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.customers("first_name"), ["Ada", "Bo"]);
}

#[test]
fn a_title_above_the_first_of_several_tables_is_not_a_header() {
    let file = "sep=;\nMembers\nid;first_name;since\n7;Ada;2024-01-02\n9;Bo;2024-02-03\n\
        Boats\nid;owner;name;length;built\n1;7;Tern;9.5;1999\n2;9;Gull;7.1;2003\n\
        3;9;Auk;6.4;2011\n";
    let (_, run) = import(file, &[]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("--header-line 3"), "{}", run.stderr);
}

#[test]
fn a_record_with_a_repeated_value_is_not_a_header_if_others_have_that_value() {
    // Only the first column has a name; the other cells of line 1 are blank.
    let file = "id,,\nu1,Lyon,Lyon\nu2,Lyon,Nice\nu3,Nice,Lyon\n";
    let (sandbox, run) = import(file, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.count(), 3);
}

#[test]
fn an_identifier_of_the_row_next_to_a_repeated_customer_is_warned_about() {
    let file = rows("device_ref_id,user_id,colour", 20, |number| {
        format!("d{number},u{},{}", number.min(14), if number % 2 == 0 { "red" } else { "blue" })
    });
    let (sandbox, run) = import(&file, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.count(), 14);
    let told = "user_id is the key and names 14 customers in 20 records of the sample, but each \
        record has its own device_ref_id";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert!(run.stderr.contains("-m device_ref_id=uid"), "{}", run.stderr);
    let (sandbox, run) = import(&file, &["-m", "device_ref_id=uid"]);
    assert_eq!((run.code, run.stderr.contains("its own")), (0, false), "{run:?}");
    assert_eq!(sandbox.count(), 20);
}

#[test]
fn a_repeated_customer_next_to_the_key_is_warned_about() {
    let file =
        rows("id,customer_id,colour", 9, |number| format!("{},c{},red", number * 7, number.min(6)));
    let (sandbox, run) = import(&file, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.count(), 9);
    let told = "customer_id names only 6 in 9 records of the sample";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let (sandbox, run) = import(&file, &["-m", "customer_id=uid"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.count(), 6);
}

#[test]
fn event_data_is_refused_even_with_a_few_duplicate_rows() {
    let file = rows("feedback_id,member_id,rating", 120, |number| {
        format!("f{},m{},{}", number.max(2), number * 3 % 100, number % 5)
    });
    let (_, run) = import(&file, &[]);
    assert_eq!(run.code, 4, "{run:?}");
}

#[test]
fn one_value_for_all_records_is_a_key_only_for_one_person() {
    let (_, run) = import("id,city\n1,Lyon\n1,Nice\n1,Metz\n", &[]);
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stderr.contains("id: 3 of 3 filled, 1 different"), "{}", run.stderr);
    let (sandbox, run) = import("id,first_name\n1,Ada\n1,Ada\n", &[]);
    assert_eq!((run.code, sandbox.count()), (0, 1), "{run:?}");
    let (sandbox, run) = import("id,city\n1,Lyon\n1,Nice\n", &["-m", "id=uid"]);
    assert_eq!((run.code, sandbox.count()), (0, 1), "{run:?}");
}

#[test]
fn order_lines_are_recognised_without_a_date_or_an_order_word() {
    let file = "kunden_id,beschreibung,kosten,stückzahl\n1,Tasse,1.99,15\n2,Teller,3.05,20\n";
    let (_, run) = import(file, &[]);
    assert_eq!(run.code, 4, "{run:?}");
    // A subscription also has a price and a quantity.
    let file = "customer_id,plan,description,price,quantity\n1,Pro,Team,9.00,15\n2,Free,One,0,20\n";
    let (_, run) = import(file, &[]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_second_person_identifier_is_warned_about() {
    let file = rows("parent_id,student_id,fee_plan", 12, |number| {
        format!("{number},{},Termly", 400 + number)
    });
    let (sandbox, run) = import(&file, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.customers("uid")[0], "401");
    let told = "student_id is the key, and each record of the sample has its own parent_id too; \
        -m parent_id=uid makes that the key";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    // Two children of one parent show that the records are about children.
    let file = "parent_id,student_id\n1,401\n1,402\n2,403\n";
    let (_, run) = import(file, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
}

#[test]
fn a_header_written_in_syllables_is_recognised() {
    let (sandbox, run) = import("id,Số điện thoại\n7,+84912345678\n9,+84912345679\n", &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(sandbox.customers("number"), ["84912345678", "84912345679"]);
}
