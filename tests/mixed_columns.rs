//! A column whose values are of several kinds: the hints name what fits most of them, and work.

use super::sandbox::{Run, Sandbox};
use std::fmt::Write as _;

/// German customers: numbers with and without a country code, amounts of which every third is
/// damaged, `k.A.` for unknown sizes, and dates.
fn customers() -> String {
    let mut text = "Kunden-Nr.;Mobil;Telefon;Umsatz;Größe;Geboren\n".to_owned();
    for n in 0..60 {
        let mobile = match n % 3 {
            0 => format!("+49 151 679037{n:02}"),
            _ => format!("0176/34201{n:02}"),
        };
        let amount = if n % 3 == 1 { format!("47{n:02}.970,07") } else { format!("9{n:02},64") };
        let size = if n % 4 == 3 { "k.A.".to_owned() } else { format!("1,{}", 50 + n % 40) };
        let born = format!("{:02}.{:02}.19{}", 1 + n % 28, 1 + n % 12, 50 + n % 40);
        let _ = writeln!(text, "K{n};{mobile};030/12345{n:02};{amount};{size};{born}");
    }
    text
}

fn imported() -> Sandbox {
    let sandbox = Sandbox::with("kunden.csv", customers());
    let run = sandbox.run(&["import", "kunden.csv", "--region", "DE", "-q"]);
    assert!(matches!(run.code, 0 | 3), "{run:?}");
    sandbox
}

fn hint(run: &Run) -> &str {
    run.stderr.lines().rev().find_map(|line| line.strip_prefix("hint: ")).unwrap_or_default()
}

/// A text without its line breaks and indents.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<&str>>().join(" ")
}

#[test]
fn the_country_of_the_international_numbers_is_suggested() {
    let sandbox = Sandbox::with("kunden.csv", customers());
    let refused = sandbox.run(&["import", "kunden.csv"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    let told =
        "hint: --region DE reads 40 of 40 (Germany); 20 other valid numbers begin with +49\n";
    assert!(refused.stderr.contains(told), "{refused:?}");
    assert_eq!(refused.stderr.matches("--region ").count(), 2, "{refused:?}");
    // The international numbers may be in another column.
    let mut text = "id;Mobil;Telefon\n".to_owned();
    for n in 0..20 {
        let _ = writeln!(text, "{n};0176/34201{n:02};+49 30 12345{n:02}");
    }
    sandbox.write("other.csv", text);
    let refused = sandbox.run(&["import", "other.csv"]);
    let told =
        "hint: --region DE reads 20 of 20 (Germany); 20 other valid numbers begin with +49\n";
    assert!(refused.stderr.contains(told), "{refused:?}");
}

#[test]
fn a_column_with_some_values_of_another_kind_is_mentioned() {
    let sandbox = Sandbox::with("kunden.csv", customers());
    let shown = in_one_line(&sandbox.run(&["inspect", "kunden.csv", "--region", "DE"]).stdout);
    for told in [
        "text, as 20 of 60 are not of type 'number:,' (such as '4701.970,07'); otherwise --type umsatz=number:,",
        "text, as 15 of 60 are not of type 'number:,' (but 'k.A.'); otherwise --null k.A.",
    ] {
        assert!(shown.contains(told), "{shown}");
    }
    let run = sandbox.run(&["import", "kunden.csv", "--region", "DE"]);
    let table = in_one_line(&run.stdout);
    let command = "engage retype umsatz=number:,";
    for told in [
        &*format!("20 of 60 are not of type 'number:,', {command} converts the others"),
        "15 of 60 are not of type 'number:,', but words: --null k.A. reads these as blank",
    ] {
        assert!(table.contains(told), "{table}");
    }
    let run = sandbox.run(&command.split(' ').skip(1).collect::<Vec<&str>>());
    assert!(run.stdout.contains("40 values converted, 0 unchanged, 20 that do not fit"), "{run:?}");
    let typed = Sandbox::with("kunden.csv", customers());
    let options = ["import", "kunden.csv", "--region", "DE", "--null", "k.A."];
    assert_eq!(typed.run(&options).code, 0);
    assert!(typed.attribute_types().contains(&"größe|number".to_owned()));
}

#[test]
fn a_comparison_with_a_text_names_the_format_of_its_values() {
    let sandbox = imported();
    let run = sandbox.run(&["segment", "umsatz > 500"]);
    assert_eq!(hint(&run), "engage retype umsatz=number:, converts 40 of its 60 values");
    let run = sandbox.run(&["segment", "umsatz > '500'"]);
    let told = "is a text, which is compared by its characters: engage retype umsatz=number:,";
    assert!(hint(&run).contains(told), "{run:?}");
    let run = sandbox.run(&["segment", "umsatz within last 7 days"]);
    assert_eq!(hint(&run), "none of its values is a date: engage attributes umsatz lists them");
    // A number in another form is corrected before its type is checked.
    let run = sandbox.run(&["segment", "umsatz > 500,00"]);
    assert!(run.stderr.contains("umsatz > 500.00\n"), "{run:?}");
    assert_eq!(hint(&run), "engage retype umsatz=number:, converts 40 of its 60 values");
}

#[test]
fn customers_that_no_comparison_matches_are_counted() {
    let sandbox = imported();
    let retyped = ["retype", "umsatz=number:,", "geboren=date"];
    assert_eq!(sandbox.run(&retyped).code, 0);
    for more in [&["--count"][..], &["--limit", "1"]] {
        let run = sandbox.run(&[&["segment", "umsatz > 500"], more].concat());
        let told = "umsatz of 20 customers is not a number; they match no comparison";
        assert_eq!(hint(&run), told, "{run:?}");
    }
    for expression in ["umsatz is not null", "geboren < '1960-01-01'"] {
        let run = sandbox.run(&["segment", expression]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    }
    let texts = "id,born\n1,1990-02-01\n2,unknown\n3,01.02.1990\n";
    let sandbox = Sandbox::with("u.csv", texts);
    assert_eq!(sandbox.run(&["import", "u.csv", "-q"]).code, 0);
    assert_eq!(sandbox.run(&["retype", "born=date"]).code, 0);
    let run = sandbox.run(&["segment", "born > '1980-01-01'", "--count"]);
    assert_eq!(hint(&run), "born of 2 customers is not a date; they match no comparison");
    assert_eq!(run.stdout, "1\n");
}

#[test]
fn numbers_and_dates_of_other_countries_are_corrected() {
    let sandbox = imported();
    assert_eq!(sandbox.run(&["retype", "umsatz=number:,"]).code, 0);
    for (written, corrected) in [
        ("umsatz > 500,00", "umsatz > 500.00"),
        ("umsatz between 1.000,50 and 2.000,00", "umsatz between 1000.50 and 2000.00"),
        ("umsatz = '500,00'", "umsatz = 500.00"),
        ("geboren < 01.01.1960", "geboren < '1960-01-01'"),
        ("geboren < '01.01.1960'", "geboren < '1960-01-01'"),
        ("geboren < 31/01/1960", "geboren < '1960-01-31'"),
    ] {
        let run = sandbox.run(&["segment", written]);
        let command = hint(&run).strip_prefix("write it like this: ").unwrap_or_default();
        assert_eq!((run.code, command), (2, &*format!("\"{corrected}\"")), "{run:?}");
    }
    for ambiguous in ["geboren < 01/02/1960", "geboren < '01/02/1960'", "geboren < 1.2.60"] {
        let run = sandbox.run(&["segment", ambiguous]);
        let told = "write a date as year, month and day, in quotes: '2024-06-01'";
        assert_eq!((run.code, hint(&run)), (2, told), "{run:?}");
    }
}

#[test]
fn a_retype_of_two_words_is_corrected_and_its_formats_are_shown() {
    let sandbox = imported();
    let run = sandbox.run(&["retype", "umsatz", "number"]);
    assert_eq!((run.code, hint(&run)), (2, "engage retype umsatz=number"), "{run:?}");
    let run = sandbox.run(&["retype", "umsatz"]);
    assert_eq!(run.code, 2);
    assert!(!run.stderr.contains("--type"), "{run:?}");
    let run = sandbox.run(&["retype", "umsatz=number"]);
    assert!(run.stdout.contains("umsatz is now a number (string before)"), "{run:?}");
    let run = sandbox.run(&["retype", "umsatz=number:,"]);
    assert!(run.stdout.contains("umsatz is now of type number:, (number before)"), "{run:?}");
    let run = sandbox.run(&["retype", "umsatz=number:.", "geboren=string"]);
    assert!(run.stdout.contains("umsatz is now of type number:. (number:, before)"), "{run:?}");
    assert!(run.stdout.contains("geboren is now of type string (date:%d.%m.%Y before)"), "{run:?}");
}
