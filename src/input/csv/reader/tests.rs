use super::*;
use crate::input::csv::{Caps, FIELD_CAP, RECORD_CAP};
use proptest::prelude::*;

type Seen = (u64, u64, Option<Breakage>, Vec<String>);

fn read(bytes: &[u8]) -> Vec<Seen> {
    let mut reader = RecordReader::new(bytes, b',');
    let mut record = Record::default();
    let mut seen = Vec::new();
    while reader.read(&mut record).unwrap() {
        let fields = record.fields().map(str::to_owned).collect();
        seen.push((record.number, record.line, record.breakage, fields));
    }
    seen
}

fn fields(bytes: &[u8]) -> Vec<Vec<String>> {
    read(bytes).into_iter().map(|seen| seen.3).collect()
}

#[test]
fn records_know_their_number_and_line() {
    let seen = read(b"\xef\xbb\xbfa,b\r\n\r\n\"x\ny\",2\n\n3,\"4\"\"5\"");
    let place: Vec<_> = seen.iter().map(|(number, line, ..)| (*number, *line)).collect();
    assert_eq!(place, [(1, 1), (2, 3), (3, 6)]);
    assert_eq!(seen[1].3, ["x\ny", "2"]);
    assert_eq!(seen[2].3, ["3", "4\"5"]);
}

#[test]
fn an_unclosed_quote_costs_its_one_line() {
    let seen = read(b"a,b\n1,\"open\n2,fine\n3,\"also \"fine\n\"4\",x\n");
    let broken: Vec<_> =
        seen.iter().map(|(number, line, broken, _)| (*number, *line, *broken)).collect();
    assert_eq!(broken[1], (2, 2, Some(Breakage::OpenQuote)));
    assert_eq!(broken[2], (3, 3, None));
    assert_eq!(broken[3], (4, 4, Some(Breakage::OpenQuote)));
    assert_eq!(seen[4].3, ["4", "x"]);
}

#[test]
fn an_unclosed_quote_after_a_field_of_two_lines_costs_both() {
    let seen = read(b"\"two\nlines\",\"open\nnext,line\n");
    assert_eq!(seen[0].2, Some(Breakage::OpenQuote));
    assert_eq!(
        (seen[1].1, seen[1].3.as_slice()),
        (3, ["next".to_owned(), "line".to_owned()].as_slice())
    );
}

#[test]
fn records_that_are_too_long_are_skipped() {
    let mut bytes = b"a,".to_vec();
    bytes.resize(40 << 20, b'x');
    bytes.extend_from_slice(b"\nb,c\n");
    let seen = read(&bytes);
    assert_eq!((seen[0].2, seen[0].1), (Some(Breakage::TooLong), 1));
    assert_eq!((seen[1].1, seen[1].3.len()), (2, 2));
    let mut quoted = b"\"".to_vec();
    quoted.resize(3 << 20, b'x');
    quoted.extend_from_slice(b"\"\nb,c\n");
    let seen = read(&quoted);
    assert_eq!((seen[0].2, seen[1].1), (Some(Breakage::TooLong), 2));
}

/// A quoted cell of this length, full of lines that look like records.
fn hostile(length: usize) -> Vec<u8> {
    let mut cell = b"1,\"a\"\"b\n".to_vec();
    while cell.len() < length {
        cell.extend_from_slice(b"evil,\"\"x\"\"\r\nevil,\"\"\"\"\r");
    }
    cell
}

#[test]
fn no_line_of_a_quoted_cell_is_a_record_however_long_the_cell_is() {
    for length in [FIELD_CAP - 20, FIELD_CAP, 5 << 20, RECORD_CAP, 20 << 20] {
        let mut bytes = hostile(length);
        bytes.extend_from_slice(b"\",\"x\ny\"\r\n2,fine\n");
        let record = bytes.len() - b"\r\n2,fine\n".len();
        let lines = count_lines(&bytes[..record]) + 1;
        let mut reader = RecordReader::new(&bytes[..], b',');
        let mut first = Record::default();
        assert!(reader.read(&mut first).unwrap());
        assert_eq!(first.breakage, (length >= FIELD_CAP).then_some(Breakage::TooLong));
        assert_eq!(first.length, record as u64);
        assert!(first.bytes().len() <= RECORD_CAP && bytes.starts_with(first.bytes()));
        let mut second = Record::default();
        assert!(reader.read(&mut second).unwrap());
        assert_eq!((second.number, second.line, second.field(1)), (2, lines + 1, "fine"));
        assert!(!reader.read(&mut second).unwrap());
    }
}

#[test]
fn an_unclosed_quote_costs_its_one_line_even_after_a_long_search() {
    for length in [FIELD_CAP, 5 << 20] {
        for end in ["", "\"odd\n"] {
            let mut bytes = b"1,\"open\r\n".to_vec();
            while bytes.len() < length {
                bytes.extend_from_slice(b"2,\"\"\r");
            }
            bytes.extend_from_slice(end.as_bytes());
            let records =
                bytes[9..bytes.len() - end.len()].len() / 5 + usize::from(!end.is_empty());
            let mut reader = RecordReader::new(&bytes[..], b',');
            let mut record = Record::default();
            assert!(reader.read(&mut record).unwrap());
            assert_eq!(record.breakage, Some(Breakage::OpenQuote));
            assert_eq!(record.bytes(), b"1,\"open");
            for number in 2..records as u64 + 2 {
                assert!(reader.read(&mut record).unwrap());
                assert_eq!((record.number, record.line), (number, number));
                assert!(
                    bytes[usize::try_from(record.offset).unwrap()..].starts_with(record.bytes())
                );
            }
            assert!(!reader.read(&mut record).unwrap());
        }
    }
}

#[test]
fn a_long_cell_before_a_quoted_one_does_not_open_it() {
    let mut bytes = vec![b'x'; 2 << 20];
    bytes.extend_from_slice(b",\"a\nevil,1\n\",y\nnext,\"open\nlast,1\n");
    let seen = read(&bytes);
    let broken: Vec<_> = seen.iter().map(|seen| (seen.1, seen.2)).collect();
    assert_eq!(broken, [(1, Some(Breakage::TooLong)), (4, Some(Breakage::OpenQuote)), (5, None)]);
    let mut columns = b"x,".repeat(5000);
    columns.extend_from_slice(b"\"\nevil,1\n\"\nnext,1\n");
    let broken: Vec<_> = read(&columns).iter().map(|seen| (seen.1, seen.2)).collect();
    assert_eq!(broken, [(1, Some(Breakage::TooLong)), (4, None)]);
}

#[test]
fn the_buffer_shrinks_again_after_a_long_record() {
    let mut bytes = b"x,".repeat(100);
    bytes.resize(15 << 20, b'\n');
    let mut long = vec![b'y'; 1 << 20];
    long.push(b',');
    let mut all = long.repeat(15);
    all.extend_from_slice(&bytes);
    let mut reader = RecordReader::new(&all[..], b',');
    let mut record = Record::default();
    assert!(reader.read(&mut record).unwrap());
    assert_eq!((record.breakage, record.len()), (None, 116));
    assert!(reader.buffer.capacity() <= 20 << 20, "{}", reader.buffer.capacity());
    assert!(!reader.read(&mut record).unwrap());
    assert!(reader.buffer.capacity() <= 4 << 20, "{}", reader.buffer.capacity());
}

#[test]
fn invalid_bytes_reject_only_their_record() {
    let seen = read(b"a,\xff\nb,c\n");
    assert_eq!((seen[0].2, seen[1].2), (Some(Breakage::Encoding), None));
}

fn without_marks(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").map_or(bytes, without_marks)
}

#[test]
fn several_byte_order_marks_are_skipped() {
    assert_eq!(fields(b"\xef\xbb\xbf\xef\xbb\xbfa,b\n")[0], ["a", "b"]);
}

/// Number, line, offset, length, what is wrong, and the fields.
type Place = (u64, u64, u64, u64, Option<Breakage>, Vec<String>);

fn places(bytes: &[u8], dialect: Dialect, limits: Option<(usize, usize)>) -> Vec<Place> {
    let mut reader = RecordReader::new(bytes, b',');
    reader.set_dialect(dialect);
    if let Some((chunk, lookahead)) = limits {
        (reader.chunk, reader.lookahead) = (chunk, lookahead);
    }
    let mut record = Record::default();
    let mut seen = Vec::new();
    while reader.read(&mut record).unwrap() {
        let fields = record.fields().map(str::to_owned).collect();
        let Record { number, line, offset, length, breakage, .. } = record;
        seen.push((number, line, offset, length, breakage, fields));
    }
    seen
}

proptest! {
    #[test]
    fn small_pieces_give_the_same_records(
        text in "([x ,\n\r\\\\\"]|\"\"|, ?\"|\",|\"\n){0,40}",
        backslash: bool,
        has_spaced_quotes: bool,
        chunk in 1_usize..5,
    ) {
        let escape = if backslash { Escape::Backslash } else { Escape::Doubled };
        let dialect = Dialect { has_spaced_quotes, ..Dialect::new(b',', escape) };
        let whole = places(text.as_bytes(), dialect, None);
        prop_assert_eq!(&places(text.as_bytes(), dialect, Some((chunk, 1))), &whole);
    }

    #[test]
    fn a_record_beyond_the_caps_ends_where_it_would_end_without_them(
        text in "([x ,\n\r\\\\\"]|\"\"|, ?\"|\",|\"\n){0,40}",
        backslash: bool,
        has_spaced_quotes: bool,
        field in 1_usize..8,
        record in 1_usize..20,
        columns in 1_usize..5,
        chunk in 1_usize..5,
        lookahead in 1_usize..10,
    ) {
        let escape = if backslash { Escape::Backslash } else { Escape::Doubled };
        let mut dialect = Dialect { has_spaced_quotes, ..Dialect::new(b',', escape) };
        let whole = places(text.as_bytes(), dialect, None);
        dialect.caps = Caps { field, record, columns };
        let capped = places(text.as_bytes(), dialect, Some((chunk, lookahead)));
        prop_assert_eq!(whole.len(), capped.len());
        for (whole, capped) in whole.iter().zip(&capped) {
            let place = |place: &Place| (place.0, place.1, place.2, place.3);
            prop_assert_eq!(place(whole), place(capped));
            let is_long = capped.3 > record as u64
                || whole.5.len() > columns
                || whole.5.iter().any(|cell| cell.len() > field);
            match capped.4 {
                Some(Breakage::TooLong) => {}
                breakage => {
                    prop_assert_eq!((breakage, &capped.5), (whole.4, &whole.5));
                    prop_assert!(!is_long || breakage == Some(Breakage::OpenQuote));
                }
            }
        }
    }

    #[test]
    fn a_regular_file_is_split_as_the_csv_crate_splits_it(
        rows in proptest::collection::vec(proptest::collection::vec("[a-z,\" \n\ré]{0,6}", 2..5), 0..8),
        crlf: bool,
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().flexible(true).terminator(terminator).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let expected: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .flexible(true).has_headers(false).from_reader(&bytes[..])
            .records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        prop_assert_eq!(fields(&bytes), expected);
    }

    #[test]
    fn any_bytes_end_and_lose_nothing(bytes in proptest::collection::vec(
        prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), any::<u8>()], 0..60)) {
        let mut reader = RecordReader::new(&bytes[..], b',');
        let mut record = Record::default();
        let mut kept = Vec::new();
        while reader.read(&mut record).unwrap() {
            kept.extend_from_slice(record.bytes());
        }
        let text = |bytes: &[u8]| -> Vec<u8> {
            let bytes = without_marks(bytes);
            bytes.iter().copied().filter(|b| !matches!(b, b'\n' | b'\r')).collect()
        };
        prop_assert_eq!(text(&kept), text(&bytes));
    }
}
