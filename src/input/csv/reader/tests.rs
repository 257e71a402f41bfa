use super::*;
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
fn a_quote_left_open_costs_its_one_line() {
    let seen = read(b"a,b\n1,\"open\n2,fine\n3,\"also \"fine\n\"4\",x\n");
    let broken: Vec<_> =
        seen.iter().map(|(number, line, broken, _)| (*number, *line, *broken)).collect();
    assert_eq!(broken[1], (2, 2, Some(Breakage::OpenQuote)));
    assert_eq!(broken[2], (3, 3, None));
    assert_eq!(broken[3], (4, 4, Some(Breakage::OpenQuote)));
    assert_eq!(seen[4].3, ["4", "x"]);
}

#[test]
fn a_quote_left_open_after_a_long_field_costs_the_lines_up_to_it() {
    let seen = read(b"\"two\nlines\",\"open\nnext,line\n");
    assert_eq!(seen[0].2, Some(Breakage::OpenQuote));
    assert_eq!(
        (seen[1].1, seen[1].3.as_slice()),
        (3, ["next".to_owned(), "line".to_owned()].as_slice())
    );
}

#[test]
fn what_is_too_long_is_passed_over() {
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

#[test]
fn bytes_that_are_no_text_break_their_record_alone() {
    let seen = read(b"a,\xff\nb,c\n");
    assert_eq!((seen[0].2, seen[1].2), (Some(Breakage::Encoding), None));
}

fn without_marks(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").map_or(bytes, without_marks)
}

#[test]
fn byte_order_marks_are_passed_over_however_many() {
    assert_eq!(fields(b"\xef\xbb\xbf\xef\xbb\xbfa,b\n")[0], ["a", "b"]);
}

proptest! {
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
