use super::*;

fn of(text: &str) -> DetectedDialect {
    sniff(text.as_bytes(), true, None)
}

fn delimiter(text: &str) -> char {
    char::from(of(text).dialect.delimiter)
}

#[test]
fn a_delimiter_is_found_by_consistency() {
    assert_eq!(delimiter("id,name\n1,Ann\n2,Ben\n"), ',');
    assert_eq!(delimiter("id;name\r\n1;Ann, Dr\r\n2;Ben, Sir\r\n"), ';');
    assert_eq!(delimiter("id\tname\tcity\n1\tAnn, x\tY\n"), '\t');
    assert_eq!(delimiter("id|name|city\r1|Ann|Y\r"), '|');
    assert_eq!(delimiter("\"a;b\",\"c;d\"\n\"1;2\",\"3;4\"\n"), ',');
    assert_eq!(delimiter("id,tags\n1,a|b|c\n2,d|e|f\n"), ',');
    assert_eq!(delimiter("id;name,full;price\n1;Ann;12,50\n"), ';');
    let one = of("email\na@b.co\nc@d.co\n");
    assert_eq!((one.evidence, one.columns), (DelimiterEvidence::OneColumn, 1));
}

#[test]
fn a_decimal_comma_is_not_a_delimiter() {
    assert_eq!(delimiter("id;price\n1;12,50\n2;3,99\n"), ';');
    assert_eq!(delimiter("id;price,eur\n1;12,50\n2;3,99\n"), ';');
    assert_eq!(delimiter("id,price\n1,12\n2,3\n"), ',');
    assert_eq!(delimiter("price\teur,net\n1\t12,50\n"), '\t');
}

#[test]
fn a_first_line_may_name_the_delimiter() {
    assert_eq!(sep_line(b"sep=;\r\na;b"), Some(b';'));
    assert_eq!(sep_line(b"SEP=\t\na"), Some(b'\t'));
    assert_eq!(sep_line(b"\"sep=|\"\na"), Some(b'|'));
    assert_eq!(sep_line(b"sep=;;\na"), None);
    assert_eq!(sep_line(b"sep=\"\na"), None);
    assert_eq!(sep_line(b"sep=d\na"), None);
    assert_eq!(sep_line(b"sep=\0\na"), None);
}

#[test]
fn backslash_escapes_are_detected() {
    let escape = |text: &str| of(text).dialect.escape;
    assert_eq!(escape("id,name\n1,\"say \\\"hi\\\", you\"\n"), Escape::Backslash);
    assert_eq!(escape("id\tname\n1\ta\\\tb\n2\t\\N\n"), Escape::Backslash);
    assert_eq!(escape("id\tname\n1\t\\N\n"), Escape::Backslash);
    // Doubled quotes would split this into as many fields per line, but into more records.
    let text = "a\tb\tc\n\\N\t\\\t\\\n\\\t\t\\N\n1\t\\N\tx\n";
    assert_eq!(escape(text), Escape::Backslash);
    assert_eq!(escape("id,name\n1,\\N\n2,C:\\Users\n"), Escape::Doubled);
    assert_eq!(escape("id,path\n1,\"C:\\dir\\\"\n2,x\n"), Escape::Doubled);
    assert_eq!(escape("id,path\n1,C:\\New\n2,x\n"), Escape::Doubled);
    assert!(of("id,path\n1,\\N\n").nulls);
    assert!(!of("id,path\n1,C:\\New\n").nulls);
}

#[test]
fn lines_in_a_quoted_cell_are_not_evidence_of_backslash_escapes() {
    let escape = |text: &str| of(text).dialect.escape;
    let cell = format!("1,\"a\\\"\"\n{}8,x\"\n", "9,\\N\n".repeat(50));
    assert_eq!(escape(&format!("id,note\n{cell}2,fine\n")), Escape::Doubled);
    assert_eq!(escape(&format!("id,note\n{cell}2,fine\n3\n")), Escape::Doubled);
    // The cell is longer than the sample.
    let text = format!("id,note\n{}", cell.trim_end_matches("8,x\"\n"));
    let sniffed = sniff(text.as_bytes(), false, None);
    assert_eq!(sniffed.dialect, Dialect::new(b',', Escape::Doubled));
}

#[test]
fn delimiters_at_the_end_of_lines_are_distinguished_from_values() {
    let rows = of("id,name\n1,Ann,\n2,Ben,\n");
    assert_eq!((rows.surplus, rows.blank_name), (1, false));
    let header = of("id,name,\n1,Ann\n2,Ben\n");
    assert_eq!((header.surplus, header.blank_name), (0, true));
    let both = of("id,name,\n1,Ann,\n");
    assert_eq!((both.surplus, both.blank_name), (0, false));
    let shifted = of("id,name\n1,Smith, John\n2,Doe,\n");
    assert_eq!((shifted.surplus, shifted.blank_name), (0, false));
}

#[test]
fn lines_above_the_header_are_found() {
    let titles = |text: &str| of(text).titles.map(|t| (t.line, t.header_line));
    assert_eq!(titles("Customers\n\nid,email,name\n1,a@b.co,Ann\n"), Some((0, 2)));
    assert_eq!(titles("Customers,,\nid,email,name\n1,a@b.co,Ann\n"), Some((0, 1)));
    assert_eq!(titles("Report\nFrom;2024-01-01\nid;email;name;city\n1;a@b.co;A;B\n"), Some((0, 2)));
    assert_eq!(
        titles("Export of 3 May, 2024\nid;name;amount\n1;Ann;12,50\n2;B;1,5\n"),
        Some((0, 1))
    );
    assert_eq!(titles("id,email,name\n1,a@b.co,Ann\n"), None);
    assert_eq!(titles("id,email\n1,a@b.co,x\n2,b@b.co,y\n"), None);
    assert_eq!(titles("id,,\n1,a@b.co,Ann\n"), None);
}

#[test]
fn a_few_bad_records_change_nothing() {
    let text = "1;Ann, Dr;\"x\"\n".repeat(50);
    assert_eq!(delimiter(&format!("id;name;city\n{text}1;2\n1;\"open\n1;2;3;4\n")), ';');
}

#[test]
fn a_space_before_a_quote_is_a_dialect() {
    let spaced = |text: &str| of(text).dialect.has_spaced_quotes;
    assert!(spaced("id, name, city\n1, \"Ann\", \"Bonn, Beuel\"\n2, \"Bo\", \"Kiel, Wik\"\n"));
    assert!(spaced("\"id\"; \"name\"\n1; \"Ann\"\n"));
    assert!(!spaced("id,name\n1,\"Ann\"\n"));
    assert!(!spaced("id, note\n1, \"big\" one\n2, x\n"));
}
