//! Splits any bytes into records: none is lost, each has the right offset and line, and text
//! without quotes is split as by the `csv` crate.

#![no_main]

use engage::input::csv::{Record, RecordReader};
use libfuzzer_sys::fuzz_target;

fn without_marks(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").map_or(bytes, without_marks)
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fuzz_target!(|data: &[u8]| {
    let mut reader = RecordReader::new(data, b',');
    let mut record = Record::default();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut end = 0;
    let bytes = without_marks(data);
    let mark = data.len() - bytes.len();
    while reader.read(&mut record).expect("memory") {
        let offset = usize::try_from(record.offset).expect("an offset") - mark;
        assert!(bytes[end..offset].iter().all(|byte| is_line_end(*byte)));
        assert!(bytes[offset..].starts_with(record.bytes()));
        let before = &bytes[..offset];
        let lone = before.windows(2).filter(|two| two[0] == b'\r' && two[1] != b'\n').count();
        let last = usize::from(before.ends_with(b"\r"));
        let feeds = before.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(record.line, (feeds + lone + last + 1) as u64);
        end = offset + record.bytes().len();
        rows.push(record.fields().map(str::to_owned).collect());
    }
    assert!(bytes[end..].iter().all(|byte| is_line_end(*byte)));
    if !data.contains(&b'"') && std::str::from_utf8(data).is_ok() {
        let theirs: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(bytes)
            .records()
            .map(|record| record.expect("text").iter().map(str::to_owned).collect())
            .collect();
        assert_eq!(rows, theirs);
    }
});
