//! A file in any dialect and encoding is read exactly, cell for cell.
#![allow(clippy::unwrap_used)] // Helpers of tests may panic, too.

use engage::input::csv::{Breakage, Record, RecordReader};
use engage::input::{Progress, REJECT_COLUMNS, ReadOptions, Source};
use proptest::prelude::*;
use std::io::Write as _;

const HEADER: [&str; 3] = ["id", "name", "city"];

/// A record's cells, its breakage and its raw text.
type Row = (Vec<String>, Option<Breakage>, String);

fn read(bytes: &[u8], options: &ReadOptions) -> (Source, Vec<Row>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let mut source = Source::open(file.path(), options, Progress::default()).unwrap();
    let mut record = Record::default();
    let mut rows = Vec::new();
    while source.read(&mut record).unwrap() {
        let cells = record.fields().map(str::to_owned).collect();
        rows.push((cells, record.breakage, record.raw().into_owned()));
    }
    (source, rows)
}

fn whole(rows: Vec<Row>) -> Vec<Vec<String>> {
    rows.into_iter().map(|(cells, breakage, _)| breakage.map_or(cells, |_| Vec::new())).collect()
}

/// The dialect in which a file is written.
#[derive(Debug, Clone)]
struct Style {
    delimiter: u8,
    terminator: csv::Terminator,
    quotes: csv::QuoteStyle,
}

fn styles() -> impl Strategy<Value = Style> {
    let delimiter = prop::sample::select(&b",;\t|"[..]);
    let terminator = prop_oneof![
        Just(csv::Terminator::CRLF),
        Just(csv::Terminator::Any(b'\n')),
        Just(csv::Terminator::Any(b'\r')),
    ];
    let quotes = prop_oneof![Just(csv::QuoteStyle::Necessary), Just(csv::QuoteStyle::Always)];
    (delimiter, terminator, quotes).prop_map(|(delimiter, terminator, quotes)| Style {
        delimiter,
        terminator,
        quotes,
    })
}

fn write<Cell: AsRef<[u8]>>(header: &[&str], rows: &[Vec<Cell>], style: &Style) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(style.delimiter)
        .terminator(style.terminator)
        .quote_style(style.quotes)
        .from_writer(Vec::new());
    writer.write_record(header).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

/// An encoding, its byte order mark, whether it must be given, and a regular expression for texts.
type Script = (&'static str, &'static [u8], bool, &'static str);

const SCRIPTS: [Script; 13] = [
    ("utf-8", b"", false, "[a-zé中😀,;|\t\"'\n\r\\\\ \u{fffd}]{0,8}"),
    ("utf-8", b"\xef\xbb\xbf", false, "[a-zé中😀,;|\t\"'\n\r\\\\ ]{0,8}"),
    ("utf-16le", b"\xff\xfe", false, "[a-zé中😀,;|\t\"'\n\r\\\\ ]{0,8}"),
    ("utf-16be", b"\xfe\xff", false, "[a-zé中😀,;|\t\"'\n\r\\\\ ]{0,8}"),
    ("utf-16be", b"", false, "[a-zé,;|\t\"'\n\r\\\\ ]{0,8}"),
    ("windows-1252", b"", true, "[a-zéüß€“,;|\t\"\n\r\\\\ ]{0,8}"),
    ("windows-1251", b"", true, "[a-zабвя,;|\t\"\n\r\\\\ ]{0,8}"),
    ("iso-8859-2", b"", true, "[a-ząřő,;|\t\"\n\r\\\\ ]{0,8}"),
    ("macintosh", b"", true, "[a-zéüß,;|\t\"\n\r\\\\ ]{0,8}"),
    ("shift_jis", b"", true, "[a-z山ソ表ｱ,;|\t\"\n\r ]{0,8}"),
    ("gb18030", b"", true, "[a-z中é😀,;|\t\"\n\r\\\\ ]{0,8}"),
    ("big5", b"", true, "[a-z功中,;|\t\"\n\r\\\\ ]{0,8}"),
    ("euc-kr", b"", true, "[a-z가힣,;|\t\"\n\r\\\\ ]{0,8}"),
];

fn scripts() -> impl Strategy<Value = (Script, Vec<Vec<String>>)> {
    prop::sample::select(&SCRIPTS[..]).prop_flat_map(|script| {
        let rows = prop::collection::vec(prop::collection::vec(script.3, HEADER.len()), 0..6);
        (Just(script), rows)
    })
}

fn encode(text: &[u8], (label, mark, _, _): Script) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let mut bytes = mark.to_vec();
    match label {
        "utf-16le" => bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
        "utf-16be" => bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        label => {
            let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
            let (encoded, _, lossy) = encoding.encode(text);
            assert!(!lossy, "{label} has no {text:?}");
            bytes.extend_from_slice(&encoded);
        }
    }
    bytes
}

fn compress(bytes: Vec<u8>, how: u8) -> Vec<u8> {
    match how {
        1 => {
            // Two gzip members.
            let (front, back) = bytes.split_at(bytes.len() / 2);
            let gzip = |part: &[u8]| {
                let level = flate2::Compression::fast();
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(part).unwrap();
                encoder.finish().unwrap()
            };
            [gzip(front), gzip(back)].concat()
        }
        2 => zstd::encode_all(&bytes[..], 1).unwrap(),
        _ => bytes,
    }
}

/// A rejects file as an import writes it: in UTF-8, with the delimiter of the input.
fn rejects(source: &Source, rows: &[Row]) -> Vec<u8> {
    let delimiter = u8::try_from(source.description().delimiter).unwrap();
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let header = source.header().iter().map(String::as_str).chain(REJECT_COLUMNS);
    writer.write_record(header).unwrap();
    for (cells, breakage, raw) in rows {
        let errors = match breakage {
            Some(Breakage::Encoding) => "record: record.encoding: x",
            Some(Breakage::OpenQuote) => "record: record.quote: x",
            Some(Breakage::TooLong) => "record: record.too_long: x",
            Some(Breakage::Fields { .. }) => "record: record.fields: x",
            None => "name: name.invalid: x",
        };
        let raw = if breakage.is_some() { raw } else { "" };
        let cells = (0..source.header().len()).map(|at| cells.get(at).map_or("", String::as_str));
        writer.write_record(cells.chain(["1", "2", errors, raw])).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The breakage that is known after reading the rejects file.
fn told(breakage: Option<Breakage>) -> Option<Breakage> {
    match breakage {
        Some(Breakage::Fields { .. }) => Some(Breakage::Fields { found: 0 }),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_file_in_any_dialect_is_read_exactly(
        (script, rows) in scripts(), style in styles(), compression in 0..3_u8,
    ) {
        let bytes = encode(&write(&HEADER, &rows, &style), script);
        let encoding = script.2.then(|| script.0.parse().unwrap());
        let options = ReadOptions { encoding, ..ReadOptions::default() };
        let (source, read_rows) = read(&compress(bytes, compression), &options);
        prop_assert_eq!(source.header(), HEADER);
        prop_assert_eq!(source.description().delimiter, char::from(style.delimiter));
        prop_assert_eq!(whole(read_rows.clone()), rows.clone());

        let written = rejects(&source, &read_rows);
        let (again, rejected) = read(&written, &options);
        prop_assert!(again.description().is_rejects_file);
        prop_assert_eq!(again.header(), HEADER);
        prop_assert_eq!(whole(rejected), rows);
    }

    #[test]
    fn exports_of_mysql_are_read_exactly(
        rows in prop::collection::vec(
            prop::collection::vec(prop::option::of("[a-zNé,;\t\"\n\\\\ ]{0,8}"), HEADER.len()), 0..6),
        delimiter in prop::sample::select(&b",;\t"[..]), quoted: bool,
    ) {
        // A record with a null shows that the file is MySQL's.
        let mut rows = rows;
        rows.push(vec![Some("1".to_owned()), None, Some("x".to_owned())]);
        let mut bytes = HEADER.join(&char::from(delimiter).to_string()).into_bytes();
        bytes.push(b'\n');
        for row in &rows {
            for (at, cell) in row.iter().enumerate() {
                if at > 0 {
                    bytes.push(delimiter);
                }
                let Some(cell) = cell else {
                    bytes.extend(b"\\N");
                    continue;
                };
                let quote = |bytes: &mut Vec<u8>| if quoted { bytes.push(b'"') };
                quote(&mut bytes);
                for byte in cell.bytes() {
                    if matches!(byte, b'\\' | b'\n' | b'"') || (byte == delimiter && !quoted) {
                        bytes.push(b'\\');
                    }
                    bytes.push(byte);
                }
                quote(&mut bytes);
            }
            bytes.push(b'\n');
        }
        // Some of these files are also valid tables with doubled quotes and fewer records. Then
        // nothing shows that MySQL wrote them, so skip those in which a cell ends with a backslash.
        let plain = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(&bytes[..]);
        let lengths: Vec<usize> =
            plain.into_byte_records().map(|record| record.map_or(0, |record| record.len())).collect();
        let is_regular = lengths.iter().all(|length| *length == HEADER.len());
        prop_assume!(lengths.len() == rows.len() || !is_regular);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let mut source =
            Source::open(file.path(), &ReadOptions::default(), Progress::default()).unwrap();
        let mut record = Record::default();
        let mut seen = Vec::new();
        while source.read(&mut record).unwrap() {
            let cell = |at| (!record.is_null(at)).then(|| record.field(at).to_owned());
            seen.push((0..record.len()).map(cell).collect::<Vec<_>>());
        }
        prop_assert_eq!(seen, rows);
    }

    #[test]
    fn a_rejects_file_keeps_every_record_unchanged(
        tail in prop::collection::vec(prop_oneof![
            Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b'\\'), any::<u8>()], 0..80),
        label in prop::sample::select(&["utf-8", "windows-1253", "euc-kr", "shift_jis"][..]),
    ) {
        let bytes = [b"id,name,city\n1,Ann,Lagos\n".as_slice(), &tail].concat();
        let options = ReadOptions {
            encoding: Some(label.parse().unwrap()),
            delimiter: Some(b','),
            ..ReadOptions::default()
        };
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        // A file with too many control characters is refused as binary.
        prop_assume!(Source::open(file.path(), &options, Progress::default()).is_ok());
        let (source, rows) = read(&bytes, &options);
        // Other encodings than UTF-8 have no replacement character, so it would mean lost bytes.
        let replaced = rows.iter().any(|row| row.2.contains(char::REPLACEMENT_CHARACTER));
        prop_assert!(label == "utf-8" || !replaced);

        let (again, rejected) = read(&rejects(&source, &rows), &options);
        prop_assert!(again.description().is_rejects_file);
        prop_assert_eq!(rejected.len(), rows.len());
        for (before, after) in rows.iter().zip(&rejected) {
            prop_assert_eq!(&before.0, &after.0);
            prop_assert_eq!(told(before.1), told(after.1));
            if before.1.is_some() {
                prop_assert_eq!(&before.2, &after.2);
            }
        }
    }

    #[test]
    fn text_without_quotes_is_split_as_the_csv_crate_splits_it(
        text in "[a-z,;\n\ré ]{0,60}", delimiter in prop::sample::select(&b",;"[..]),
    ) {
        let mut ours = Vec::new();
        let mut reader = RecordReader::new(text.as_bytes(), delimiter);
        let mut record = Record::default();
        while reader.read(&mut record).unwrap() {
            let place = (record.line, usize::try_from(record.offset).unwrap());
            prop_assert!(text.as_bytes()[place.1..].starts_with(record.bytes()));
            ours.push(record.fields().map(str::to_owned).collect::<Vec<_>>());
        }
        let theirs: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes())
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        prop_assert_eq!(ours, theirs);
    }
}
