//! Typed values: numbers keep their digits, forms of times are distinguished, and errors of
//! spreadsheets are blank.

use engage::value::typed::{
    TypeSpec, Value, is_date, is_datetime, is_number, is_spreadsheet_error,
};

/// The value as JSON under a declared type, or `-` if it is invalid.
fn declared(spec: &str, text: &str) -> String {
    json(spec.parse::<TypeSpec>().ok().and_then(|spec| spec.value(text)))
}

/// The value as JSON under an inferred type.
fn inferred(spec: &str, text: &str) -> String {
    json(spec.parse::<TypeSpec>().ok().and_then(|spec| spec.inferred_value(text)))
}

fn json(value: Option<Value<'_>>) -> String {
    value.map_or("-".to_owned(), |value| {
        let mut json = String::new();
        value.write_json(&mut json);
        json
    })
}

#[test]
fn numbers_keep_every_digit() {
    for text in [
        "0",
        "12.50",
        "1000000",
        "0.000001",
        "123456789012345",
        "-123456789012345",
        "1.23456789012345",
        "0.1234567890123456",
        "34.49726772511229",
    ] {
        assert!(is_number(text), "{text}");
        assert_eq!(inferred("number", text), text);
        assert_eq!(declared("number", text), text);
        let back: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(back.as_f64(), text.parse().ok(), "{text} is JSON's number");
    }
}

#[test]
fn a_number_is_stored_as_plain_digits() {
    for (text, stored) in [
        ("-0", "0"),
        ("-0.0", "0.0"),
        ("1e5", "100000"),
        ("1E5", "100000"),
        ("1e+5", "100000"),
        ("-1.50e1", "-15.0"),
        ("1.50e-10", "0.000000000150"),
        ("12.5e-1", "1.25"),
        ("0e0", "0"),
        ("1e29", "100000000000000000000000000000"),
    ] {
        assert!(is_number(text), "{text}");
        assert_eq!(inferred("number", text), stored);
        assert_eq!(declared("number", text), stored);
        let value = |text: &str| serde_json::from_str::<f64>(text).unwrap();
        assert!((value(text) - value(stored)).abs() <= value(text).abs() * 1e-15, "{text}");
    }
    for text in ["1e30", "1e308", "2.5E-307", "0.1234567890123456789012345678901", "1e99999"] {
        assert!(!is_number(text), "{text} is too long");
        assert_eq!(declared("number", text), "-");
    }
}

#[test]
fn texts_that_only_resemble_numbers_are_not_numbers() {
    for text in [
        "",
        "-",
        "+",
        ".",
        "1.",
        ".5",
        "+5",
        "007",
        "-007",
        "00",
        "1e",
        "1e+",
        "e5",
        "1e5.5",
        "NaN",
        "nan",
        "inf",
        "Infinity",
        "-Infinity",
        "0x1F",
        "1_000",
        "1,234",
        "1 234",
        "12,5",
        "1e309",
        "1e-400",
        "1e-310",
        "1234567890123456",
        "1234567890123456.5",
        "١٢٣",
        "１２",
        "1.2.3",
        "--1",
        "1-",
        "12.50 ",
        "$5",
        "5%",
        "2.34802E+",
        "½",
    ] {
        assert!(!is_number(text), "{text}");
        assert_eq!(inferred("number", text), "-", "{text}");
    }
}

#[test]
fn declared_numbers_may_have_separators() {
    for (spec, text, value) in [
        ("number", "1,234.50", "1234.50"),
        ("number", "1,234,567", "1234567"),
        ("number", "-1,234.5", "-1234.5"),
        ("number", "1 234.5", "1234.5"),
        ("number", "1\u{a0}234\u{202f}567", "-"),
        ("number", "1\u{202f}234\u{202f}567", "1234567"),
        ("number", "1'234'567.00", "1234567.00"),
        ("number", "1’234.5", "1234.5"),
        ("number", "+5", "5"),
        ("number", "\u{2212}5", "-5"),
        ("number", ".5", "0.5"),
        ("number", "-.5", "-0.5"),
        ("number", "007", "7"),
        ("number", "000", "0"),
        ("number", "1,23", "-"),
        ("number", "0,123", "-"),
        ("number", "12,34,567", "-"),
        ("number", "1,,234", "-"),
        ("number", ",234", "-"),
        ("number", "-", "-"),
        ("number", "+", "-"),
        ("number", ".", "-"),
        ("number", "5.", "-"),
        ("number", "1234567890123456", "-"),
        ("number", "NaN", "-"),
        ("number", "true", "-"),
        ("number:,", "1.234,50", "1234.50"),
        ("number:,", "1 234,50", "1234.50"),
        ("number:,", "12,5", "12.5"),
        ("number:,", "-0,5", "-0.5"),
        ("number:,", "1,5e3", "1500"),
        ("number:,", "1.234.567", "1234567"),
        ("number:,", "12.5", "-"),
        ("number:,", "1,234,567", "-"),
        ("number:,", "1.234.5", "-"),
        ("number:.", "1,234.5", "1234.5"),
    ] {
        assert_eq!(declared(spec, text), value, "{spec} {text:?}");
    }
}

#[test]
fn booleans_are_two_words_unless_declared() {
    for (text, as_inferred, as_declared) in [
        ("true", "true", "true"),
        ("FALSE", "false", "false"),
        ("True", "true", "true"),
        ("yes", "-", "true"),
        ("N", "-", "false"),
        ("1", "-", "true"),
        ("0", "-", "false"),
        ("on", "-", "true"),
        ("2", "-", "-"),
        ("truе", "-", "-"),
        ("ja", "-", "true"),
        ("Nein", "-", "false"),
        ("maybe", "-", "-"),
    ] {
        assert_eq!(inferred("boolean", text), as_inferred, "{text}");
        assert_eq!(declared("boolean", text), as_declared, "{text}");
    }
}

#[test]
fn dates_are_iso_8601_or_as_declared() {
    for text in ["2024-02-29", "1900-01-01", "2000-02-29", "9999-12-31", "0001-01-01"] {
        assert!(is_date(text), "{text}");
        assert_eq!(declared("date", text), format!("\"{text}\""));
    }
    for text in [
        "2023-02-29",
        "1900-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-01-00",
        "2024-1-1",
        "24-01-01",
        "2024/01/01",
        "20240101",
        "2024-01-01T00:00",
        "03/04/2024",
        "2024-W05-1",
        "2024-060",
        "２０２４-01-01",
        "+2024-01-1",
        "2024-01-1é",
    ] {
        assert!(!is_date(text), "{text}");
        assert_eq!(declared("date", text), "-", "{text}");
    }
    for (spec, text, value) in [
        ("date:%d/%m/%Y", "03/04/2024", "\"2024-04-03\""),
        ("date:%m/%d/%Y", "03/04/2024", "\"2024-03-04\""),
        ("date:%d/%m/%Y", "3/4/2024", "\"2024-04-03\""),
        ("date:%d.%m.%y", "03.04.24", "\"2024-04-03\""),
        ("date:%b %d, %Y", "Apr 03, 2024", "\"2024-04-03\""),
        ("date:%B %d, %Y", "April 3, 2024", "\"2024-04-03\""),
        ("date:%Y%m%d", "20240403", "\"2024-04-03\""),
        ("date:%d/%m/%Y", "31/02/2024", "-"),
        // Years without four digits: one found by a fuzzer, and a two-digit year with %Y.
        ("date:%d/%m/%Y", "29/02/-20", "-"),
        ("date:%d/%m/%Y", "03/04/24", "-"),
        ("date:%d/%m/%Y", "13/13/2024", "-"),
        ("date:%d/%m/%Y", "2024-04-03", "-"),
        ("date:%d/%m/%Y", "03/04/2024 x", "-"),
    ] {
        assert_eq!(declared(spec, text), value, "{spec} {text}");
    }
}

#[test]
fn times_are_in_utc_or_without_an_offset() {
    for (text, value) in [
        ("2020-05-30T09:30:10Z", "2020-05-30T09:30:10Z"),
        ("2020-05-30T09:30:10", "2020-05-30T09:30:10"),
        ("2020-05-30 09:30:10", "2020-05-30T09:30:10"),
        ("2020-05-30t09:30:10z", "2020-05-30T09:30:10Z"),
        ("2020-05-30 09:30", "2020-05-30T09:30:00"),
        ("2020-05-30T09:30Z", "2020-05-30T09:30:00Z"),
        ("2020-05-30 09:30:10 UTC", "2020-05-30T09:30:10Z"),
        ("2020-05-30T09:30:10+00:00", "2020-05-30T09:30:10Z"),
        ("2020-05-30T00:30:10+01:00", "2020-05-29T23:30:10Z"),
        ("2020-05-30T23:30:10-0100", "2020-05-31T00:30:10Z"),
        ("2020-05-30T09:30:10+05:30", "2020-05-30T04:00:10Z"),
        ("2020-05-30 09:30:10.250+00", "2020-05-30T09:30:10.25Z"),
        ("2020-05-30 09:30:10,5", "2020-05-30T09:30:10.5"),
        ("2020-05-30T09:30:10.123456789Z", "2020-05-30T09:30:10.123456789Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
    ] {
        assert!(is_datetime(text), "{text}");
        assert_eq!(declared("datetime", text), format!("\"{value}\""), "{text}");
        assert_eq!(inferred("datetime", text), format!("\"{value}\""), "{text}");
    }
    for text in [
        "2020-05-30",
        "2020-05-30T",
        "2020-05-30T09",
        "2020-05-30T24:00:00",
        "2020-05-30T09:60:00",
        "2020-05-30T09:30:61",
        "2020-05-30T09:30:10.",
        "2020-05-30T09:30:10.1234567890",
        "2023-02-29T00:00:00",
        "2020-05-30T09:30:10+25:00",
        "2020-05-30T09:30:10+1",
        "2020-05-30T09:30:10 CET",
        "2020-05-30x09:30:10",
        "0000-01-01T00:00:00+01:00",
        "2020-05-30T09-30-10",
        "2020-05-30T09:30:1é",
        "30/05/2020 09:30",
        "2020-05-30T09:30:10ZZ",
        "09:30:10",
    ] {
        assert!(!is_datetime(text), "{text}");
    }
    for (spec, text, value) in [
        ("datetime:%d.%m.%Y %H:%M", "30.05.2020 09:30", "\"2020-05-30T09:30:00\""),
        ("datetime:%d/%m/%Y %H:%M:%S", "30/05/2020 09:30:10", "\"2020-05-30T09:30:10\""),
        ("datetime:%m/%d/%Y %I:%M %p", "05/30/2020 09:30 PM", "\"2020-05-30T21:30:00\""),
        ("datetime:%d/%m/%Y %H:%M %z", "30/05/2020 09:30 +0100", "\"2020-05-30T08:30:00Z\""),
        ("datetime:%Y-%m-%dT%H:%M:%S%:z", "2020-05-30T09:30:10+01:00", "\"2020-05-30T08:30:10Z\""),
        ("datetime:%s", "1590831010", "\"2020-05-30T09:30:10Z\""),
        ("datetime:%Y/%m/%d %H:%M:%S%.f", "2020/05/30 09:30:10.25", "\"2020-05-30T09:30:10.25\""),
        ("datetime:%d.%m.%Y %H:%M", "30.05.20 09:30", "-"),
        ("datetime:%s", "-99999999999", "-"),
        ("datetime:%d.%m.%Y %H:%M", "30.05.2020 25:30", "-"),
        ("datetime:%d.%m.%Y %H:%M", "30.05.2020", "-"),
    ] {
        assert_eq!(declared(spec, text), value, "{spec} {text}");
    }
}

#[test]
fn a_spreadsheet_error_is_not_a_typed_value() {
    for text in
        ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#ERROR!", "#SPILL!"]
    {
        assert!(is_spreadsheet_error(text), "{text}");
        for spec in ["number", "number:,", "boolean", "date", "datetime", "date:%d/%m/%Y"] {
            assert_eq!(declared(spec, text), "-", "{spec} {text}");
        }
    }
    for text in ["", "#", "N/A", "#1", "#hashtag", "# N/A", "#N/A!", "REF!"] {
        assert!(!is_spreadsheet_error(text), "{text}");
    }
}

#[test]
fn texts_are_normalised_to_nfc_and_otherwise_unchanged() {
    for (text, value) in [
        ("Pro", "\"Pro\""),
        ("Jose\u{301}", "\"José\""),
        ("\u{1100}\u{1161}", "\"가\""),
        ("👩‍👩‍👧 \u{202b}שלום\u{202c}", "\"👩‍👩‍👧 \u{202b}שלום\u{202c}\""),
        ("a\nb\t\"c\\", "\"a\\nb\\t\\\"c\\\\\""),
        ("\u{1}", "\"\\u0001\""),
    ] {
        assert_eq!(declared("string", text), value);
        assert_eq!(inferred("string", text), value);
    }
}
