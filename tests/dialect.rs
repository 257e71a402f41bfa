//! A file in any dialect is read as intended, or refused with the reason.

#![allow(clippy::unwrap_used)] // Helpers of tests may panic, too.

use engage::exit::Exit;
use engage::explain::Explain as _;
use engage::input::csv::{Breakage, DelimiterEvidence, Escape, Record};
use engage::input::encoding::{Encoding, EncodingEvidence};
use engage::input::{Progress, ReadOptions, Source, SourceError};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new("fixtures/dialects").join(name)
}

/// A temporary file.
fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn open(bytes: &[u8], options: &ReadOptions) -> Result<Source, SourceError> {
    Source::open(file(bytes).path(), options, Progress::default())
}

type Row = (u64, Option<Breakage>, Vec<String>);

fn rest(source: &mut Source) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut record = Record::default();
    while source.read(&mut record).unwrap() {
        let cell =
            |index| if record.is_null(index) { "NULL" } else { record.field(index) }.to_owned();
        rows.push((record.line, record.breakage, (0..record.len()).map(cell).collect()));
    }
    rows
}

fn cells(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut source = open(bytes, &ReadOptions::default()).unwrap();
    let rows = rest(&mut source).into_iter().map(|row| row.2).collect();
    (source.header().to_vec(), rows)
}

fn refusal(bytes: &[u8]) -> String {
    refusal_with(bytes, &ReadOptions::default())
}

/// The message without the file's name, and the hints.
fn refusal_with(bytes: &[u8], options: &ReadOptions) -> String {
    let file = file(bytes);
    let Err(error) = Source::open(file.path(), options, Progress::default()) else {
        panic!("not refused")
    };
    assert_eq!(error.exit(), Exit::Refused, "{error}");
    let mut text = error.to_string().replace(&file.path().display().to_string(), "FILE");
    for hint in error.hints() {
        write!(text, "\n  {hint}").unwrap();
    }
    text
}

/// A description of how a fixture is read.
fn reading(path: &Path, options: &ReadOptions) -> String {
    let mut source = match Source::open(path, options, Progress::default()) {
        Ok(source) => source,
        Err(error) => {
            let kind = if error.exit() == Exit::Refused { "refused" } else { "failed" };
            let hints = error.hints().join("\n  hint: ");
            return format!("{kind}: {error}\n  hint: {hints}\n");
        }
    };
    let how = source.description().clone();
    let mut text = format!(
        "{} ({:?}), {:?} ({:?}), {:?}{}{}, header on line {}\n{:?}\n",
        how.encoding,
        how.encoding_evidence,
        how.delimiter,
        how.delimiter_evidence,
        how.escape,
        how.compression.map_or(String::new(), |name| format!(", {name}")),
        if how.nulls { ", nulls" } else { "" },
        how.header_line,
        source.header()
    );
    for (line, breakage, cells) in rest(&mut source) {
        match breakage {
            Some(breakage) => writeln!(text, "{line}: {breakage:?}").unwrap(),
            None => writeln!(text, "{line}: {cells:?}").unwrap(),
        }
    }
    text
}

#[test]
fn every_fixture_is_read_as_it_was_meant_or_refused_with_the_reason() {
    let mut text = String::new();
    let mut names: Vec<_> = fs::read_dir(fixture(""))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    names.sort();
    for name in names {
        let reading = reading(&fixture(&name), &ReadOptions::default());
        writeln!(text, "== {name}\n{reading}").unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_cases_of_csv_spectrum_are_read_as_their_json_says() {
    let mut cases = 0;
    for entry in fs::read_dir(fixture("csv-spectrum/csvs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let json = fs::read(fixture(&format!("csv-spectrum/json/{name}.json"))).unwrap();
        // For a single record, the JSON is an object, not a list.
        let expected = match serde_json::from_slice(&json).unwrap() {
            serde_json::Value::Array(records) => records,
            record => vec![record],
        };
        let mut source = Source::open(&path, &ReadOptions::default(), Progress::default()).unwrap();
        let rows = rest(&mut source);
        let read: Vec<serde_json::Value> = rows
            .into_iter()
            .map(|row| {
                let names = source.header().iter().cloned();
                names.zip(row.2.into_iter().map(serde_json::Value::String)).collect()
            })
            .collect();
        if name == "location_coordinates" {
            // The numbers in the CSV and the JSON differ.
            assert_eq!(read[0]["Location Coordinates"], expected[0]["Location Coordinates"]);
        } else {
            assert_eq!(read, expected, "{name}");
        }
        cases += 1;
    }
    assert_eq!(cases, 12);
}

#[test]
fn undecodable_bytes_break_only_their_record_and_are_kept() {
    let latin: Encoding = "windows-1252".parse().unwrap();
    let options = ReadOptions { encoding: Some(latin), ..ReadOptions::default() };
    let mut source = open(b"id,name\n1,M\xfcller\n2,\x81\\\xe9\n3,\xe9\n", &options).unwrap();
    assert_eq!(source.description().encoding_evidence, EncodingEvidence::Given);
    let mut record = Record::default();
    assert!(source.read(&mut record).unwrap());
    assert_eq!(record.field(1), "Müller");
    assert!(source.read(&mut record).unwrap());
    assert_eq!(record.breakage, Some(Breakage::Encoding));
    assert_eq!(record.raw(), "2,\\x81\\\\é");
    assert!(source.read(&mut record).unwrap());
    assert_eq!((record.field(1), record.number), ("é", 3));

    let mut source =
        open("id,name\n1,é\n2,ü\n3,\u{fffd}\n".as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(rest(&mut source)[2].2, ["3", "\u{fffd}"]);
}

#[test]
fn a_guessed_encoding_has_a_sample() {
    let source = open(b"id;name\n1;J\xfcrgen M\xfcller\n", &ReadOptions::default()).unwrap();
    let EncodingEvidence::Guessed { sample } = &source.description().encoding_evidence else {
        panic!("not guessed")
    };
    assert_eq!(
        (source.description().encoding.as_str(), sample.as_str()),
        ("windows-1252", "Jürgen Müller")
    );
    assert!(refusal(b"id,name\r\n1,J\x81rgen M\x81ller\r\n").contains("--encoding macintosh"));
}

#[test]
fn utf_16_is_read_from_excels_unicode_text() {
    let text = "id\tname\r\n1\t\"Zoë \"\"😀\"\"\"\r\n2\tΑθήνα\r\n";
    let little: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        let (header, rows) = cells(&bytes);
        assert_eq!(header, ["id", "name"]);
        assert_eq!(rows, [["1", "Zoë \"😀\""], ["2", "Αθήνα"]]);
    }
}

#[test]
fn a_truncated_compressed_file_is_an_error() {
    let mut text = "id,email\n".to_owned();
    for n in 0..200_000 {
        writeln!(text, "{n},user{n}@example.com").unwrap();
    }
    let whole = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let (header, rows) = cells(&whole);
    assert_eq!((header.len(), rows.len()), (2, 200_000));
    let mut source = open(&whole[..whole.len() - 1000], &ReadOptions::default()).unwrap();
    assert_eq!(source.description().compression, Some("zstd"));
    let mut record = Record::default();
    let error = loop {
        match source.read(&mut record) {
            Ok(more) => assert!(more),
            Err(error) => break error,
        }
    };
    assert_eq!(error.to_string(), "the zstd data is cut off");
    let Err(error) = open(&whole[..20], &ReadOptions::default()) else { panic!("opened") };
    assert_eq!(error.exit(), Exit::Failed);
}

#[test]
fn lines_above_the_header_are_refused_or_skipped() {
    let bytes = b"Customer export\n\"Made on\n3 May\"\nid;email;plan\n1;a@b.co;Pro\n";
    insta::assert_snapshot!(refusal(bytes), @r#"
    FILE does not begin with its header, which seems to be on line 4
      if the header is on line 4: --header-line 4
      if the header is on line 1: --header-line 1
    "#);
    let at = |line| ReadOptions { header_line: Some(line), ..ReadOptions::default() };
    let mut source = open(bytes, &at(4)).unwrap();
    assert_eq!(source.description().header_line, 4);
    assert_eq!(source.header(), ["id", "email", "plan"]);
    let row: Row = (5, None, vec!["1".to_owned(), "a@b.co".to_owned(), "Pro".to_owned()]);
    assert_eq!(rest(&mut source), [row]);
    assert_eq!(open(bytes, &at(1)).unwrap().header(), ["Customer export"]);
    insta::assert_snapshot!(refusal_with(bytes, &at(6)), @r"
    FILE has no header on line 6: the file is shorter
      lines are counted from 1, including blank lines
    ");
    insta::assert_snapshot!(refusal_with(bytes, &at(60)), @r"
    FILE has no header on line 60: the file is shorter
      lines are counted from 1, including blank lines
    ");
}

#[test]
fn a_file_without_a_header_needs_column_names() {
    let bytes = b"1,a@b.co,Ann\n2,c@d.co,Ben\n";
    insta::assert_snapshot!(refusal(bytes), @r"
    FILE seems to have no header: line 1 looks like a record
      name its columns in order: --columns id,email,first_name
      if line 1 is the header: --header-line 1
    ");
    let named = |names: &[&str]| ReadOptions {
        columns: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..ReadOptions::default()
    };
    let mut source = open(bytes, &named(&["id", "email", "name"])).unwrap();
    assert_eq!((source.header().len(), source.description().header_line), (3, 0));
    let mut record = Record::default();
    assert!(source.read(&mut record).unwrap());
    assert_eq!((record.number, record.line, record.field(1)), (1, 1, "a@b.co"));
    assert_eq!(rest(&mut source).len(), 1);
    insta::assert_snapshot!(refusal_with(bytes, &named(&["id", "email"])), @r"
    2 columns were given for FILE, but its records have 3
      name every column, in order; a blank name leaves the column without one
      if the file is split at the wrong character: --delimiter
    ");
}

#[test]
fn trailing_delimiters_reject_no_record_if_all_lines_have_them() {
    let (header, rows) = cells(b"id,name\n1,Ann,\n2,Ben,\n");
    assert_eq!(
        (header.len(), rows),
        (2, vec![vec!["1".to_owned(), "Ann".to_owned()], vec!["2".to_owned(), "Ben".to_owned()]])
    );
    let (header, rows) = cells(b"id,name,\n1,Ann\n");
    assert_eq!((header.len(), rows[0].len()), (2, 2));
    let mut source =
        open(b"id,name,city\n1,\"Smith, J\",Lagos\n2,Smith, J,\n", &ReadOptions::default())
            .unwrap();
    assert_eq!(rest(&mut source)[1].1, Some(Breakage::Fields { found: 4 }));
    let mut source =
        open(b"id,name\n1,Ann\n2,Smith, J\n3,Ben,\n", &ReadOptions::default()).unwrap();
    let broken: Vec<_> = rest(&mut source).into_iter().map(|row| row.1).collect();
    assert_eq!(
        broken,
        [None, Some(Breakage::Fields { found: 3 }), Some(Breakage::Fields { found: 3 })]
    );
}

#[test]
fn exports_of_mysql_are_read_exactly() {
    let bytes = b"id\tname\tnote\n1\ta\\\tb\t\\N\n2\t\\\\N\ttwo\\\nlines\n";
    let mut source = open(bytes, &ReadOptions::default()).unwrap();
    assert_eq!(source.description().escape, Escape::Backslash);
    assert!(source.description().nulls);
    let rows = rest(&mut source);
    assert_eq!(rows[0].2, ["1", "a\tb", "NULL"]);
    assert_eq!(rows[1].2, ["2", "\\N", "two\nlines"]);
}

#[test]
fn hostile_bytes_have_a_clear_outcome() {
    assert!(refusal("name;".repeat(5000).as_bytes()).contains("more than 4096 columns"));
    assert!(refusal(b"id,\x1b[31mname\x1b[0m\n1,2\n").contains("control characters"));
    assert!(refusal(&[b"id,name\n", &[0; 500][..]].concat()).contains("binary data"));
    assert!(
        refusal(b"id,\xff\xfename\n1,\xc3\xa9\n2,\xc3\xa9\n3,\xc3\xa9\n").contains("not UTF-8")
    );
    assert!(refusal(&vec![b'a'; 3 << 20]).contains("longer than 256 KiB"));
    assert!(refusal(b"").contains("empty"));
    assert!(refusal(b"\xef\xbb\xbf\n\n").contains("empty"));
    assert!(refusal(b"sep=;\n").contains("empty"));

    let (_, rows) = cells(b"id,name\n1,a\0b\n2,=cmd()\n");
    assert_eq!(rows, [["1", "a\0b"], ["2", "=cmd()"]]);
    let mut bytes = b"id,name\n1,".to_vec();
    bytes.resize(10 << 20, b'x');
    bytes.extend(b"\n2,Ann\n");
    let mut source = open(&bytes, &ReadOptions::default()).unwrap();
    let rows = rest(&mut source);
    assert_eq!((rows[0].1, rows[1].0), (Some(Breakage::TooLong), 3));
}

#[test]
fn a_compression_bomb_is_read_in_bounded_memory() {
    // One cell of a gigabyte, compressed to a megabyte.
    let frame = zstd::encode_all(&vec![b'x'; 64 << 20][..], 1).unwrap();
    let mut bytes = zstd::encode_all(&b"id,name\n1,"[..], 1).unwrap();
    for _ in 0..16 {
        bytes.extend_from_slice(&frame);
    }
    bytes.extend(zstd::encode_all(&b"\n2,Ann\n"[..], 1).unwrap());
    let mut source = open(&bytes, &ReadOptions::default()).unwrap();
    let mut record = Record::default();
    assert!(source.read(&mut record).unwrap());
    assert_eq!(record.breakage, Some(Breakage::TooLong));
    assert_eq!(record.length, (1 << 30) + 2);
    assert!(record.bytes().len() <= 16 << 20);
    assert!(source.read(&mut record).unwrap());
    assert_eq!((record.line, record.field(1)), (3, "Ann"));
}

#[test]
fn the_first_line_may_name_the_delimiter() {
    let mut source = open(b"sep=;\r\nid;a,b\r\n1;x\r\n", &ReadOptions::default()).unwrap();
    let how = source.description();
    assert_eq!((how.delimiter_evidence, how.header_line), (DelimiterEvidence::SepLine, 2));
    assert_eq!(rest(&mut source)[0], (3, None, vec!["1".to_owned(), "x".to_owned()]));
}

#[test]
fn a_summary_counts_the_bytes_as_stored() {
    let bytes = zstd::encode_all(&b"id\nu1\nu2\n"[..], 1).unwrap();
    let progress = Progress::default();
    let one = file(&bytes);
    for _ in 0..2 {
        let source = Source::open(one.path(), &ReadOptions::default(), progress.clone()).unwrap();
        assert_eq!(source.finish().unwrap().bytes, bytes.len() as u64);
    }
    assert_eq!(progress.bytes(), 2 * bytes.len() as u64);
}

#[test]
fn a_rejects_file_is_recognised_with_any_columns() {
    let bytes = b"_record,_line;x;_record;_line;_errors;_raw\n1;2;3;4;5;\n";
    let mut source = open(bytes, &ReadOptions::default()).unwrap();
    assert!(source.description().is_rejects_file);
    assert_eq!(source.header(), ["_record,_line", "x"]);
    assert_eq!(rest(&mut source)[0].2, ["1", "2"]);
    let nested = b"\"a\n_record;_line;_errors;_raw\n\",_record,_line,_errors,_raw\n1,2,3,,\n";
    let source = open(nested, &ReadOptions::default()).unwrap();
    assert!(source.description().is_rejects_file);
    assert_eq!(source.header(), ["a\n_record;_line;_errors;_raw\n"]);
    let options = ReadOptions {
        encoding: Some("utf-16le".parse().unwrap()),
        header_line: Some(2),
        columns: Some(vec!["a".to_owned()]),
        ..ReadOptions::default()
    };
    assert_eq!(open(bytes, &options).unwrap().header().len(), 2);
}

#[test]
fn a_rejects_file_with_only_bad_bytes_is_read() {
    let like_json = b"{\t\"a\"\"\"\t_record\t_line\t_errors\t_raw\n1\t2\t3\t4\t\t\n";
    let source = open(like_json, &ReadOptions::default()).unwrap();
    assert_eq!(source.header(), ["{", "a\""]);
    let nulls = "\0".repeat(500);
    for raw in [nulls.as_str(), "a\0b\0c\0d\0a\0b\0c\0d\0a\0b\0c\0d\0"] {
        let text = format!("id,name,_record,_line,_errors,_raw\n,,1,2,record.fields,{raw}\n");
        let mut source = open(text.as_bytes(), &ReadOptions::default()).unwrap();
        let how = source.description();
        assert!(how.is_rejects_file);
        assert_eq!(
            (how.encoding.as_str(), &how.encoding_evidence),
            ("UTF-8", &EncodingEvidence::Valid)
        );
        let mut record = Record::default();
        assert!(source.read(&mut record).unwrap());
        assert_eq!(record.raw(), raw);
    }
}
