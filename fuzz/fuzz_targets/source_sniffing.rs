//! Opens any file: it is refused or read to its end, and a rejects file made of its records has the
//! same records.

#![no_main]

use engage::explain::Explain as _;
use engage::input::csv::{Breakage, Record};
use engage::input::{Input, Progress, REJECT_COLUMNS, ReadOptions, Source};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

type Row = (Vec<String>, Option<Breakage>, String);

fn read(bytes: &[u8]) -> Option<(Source, Vec<Row>)> {
    let input = Input::from_reader("fuzz", Cursor::new(bytes.to_vec()));
    let mut source = match Source::from_input(input, &ReadOptions::default(), Progress::default()) {
        Ok(source) => source,
        Err(error) => {
            assert!(!error.to_string().chars().any(char::is_control), "{error}");
            assert!(error.hints().iter().all(|hint| !hint.chars().any(char::is_control)));
            return None;
        }
    };
    let (mut record, mut rows, mut line) = (Record::default(), Vec::new(), 0);
    while source.read(&mut record).ok()? {
        assert!(record.line > line);
        assert!(record.breakage.is_some() || record.len() == source.header().len());
        line = record.line;
        let cells = record.fields().map(str::to_owned).collect();
        rows.push((cells, record.breakage, record.raw().into_owned()));
    }
    Some((source, rows))
}

fuzz_target!(|data: &[u8]| {
    let Some((source, rows)) = read(data) else { return };
    if source.description().is_rejects_file || source.header().is_empty() {
        return;
    }
    let Ok(delimiter) = u8::try_from(source.description().delimiter) else { return };
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let header = source.header().iter().map(String::as_str).chain(REJECT_COLUMNS);
    writer.write_record(header).expect("a header");
    for (cells, breakage, raw) in &rows {
        let raw = if breakage.is_some() { raw } else { "" };
        let cells = (0..source.header().len()).map(|at| cells.get(at).map_or("", String::as_str));
        let errors = match breakage {
            Some(Breakage::Encoding) => "record.encoding",
            Some(Breakage::OpenQuote) => "record.quote",
            _ => "record.fields",
        };
        writer.write_record(cells.chain(["1", "1", errors, raw])).expect("a record");
    }
    let bytes = writer.into_inner().expect("a file");
    let (again, rejected) = read(&bytes).expect("a rejects file is read");
    assert!(again.description().is_rejects_file);
    assert_eq!(again.header(), source.header());
    assert_eq!(rejected.len(), rows.len());
    for (before, after) in rows.iter().zip(&rejected) {
        assert_eq!(before.0, after.0);
        assert_eq!(before.1.is_some(), after.1.is_some());
        assert!(before.1.is_none() || before.2 == after.2);
    }
});
