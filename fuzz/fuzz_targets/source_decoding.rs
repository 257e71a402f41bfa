//! Decodes bytes in any encoding: undecodable bytes break their record and are not replaced, and
//! the result does not depend on the size of reads.

#![no_main]

use engage::input::csv::{Breakage, Record};
use engage::input::{Input, Progress, ReadOptions, Source};
use libfuzzer_sys::fuzz_target;
use std::io::{self, Read};

const LABELS: [&str; 16] = [
    "utf-8",
    "utf-16le",
    "utf-16be",
    "windows-1252",
    "windows-1253",
    "windows-874",
    "iso-8859-8",
    "koi8-u",
    "macintosh",
    "shift_jis",
    "euc-jp",
    "iso-2022-jp",
    "euc-kr",
    "gb18030",
    "gbk",
    "big5",
];

/// A reader that returns only a few bytes at a time.
struct Dripping(io::Cursor<Vec<u8>>, usize);

impl Read for Dripping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

type Seen = Vec<(u64, Option<Breakage>, Vec<String>, String)>;

fn read(bytes: &[u8], step: usize, options: &ReadOptions) -> Option<Seen> {
    let input = Input::from_reader("fuzz", Dripping(io::Cursor::new(bytes.to_vec()), step));
    let mut source = Source::from_input(input, options, Progress::default()).ok()?;
    let (mut record, mut seen) = (Record::default(), Vec::new());
    while source.read(&mut record).ok()? {
        let cells = record.fields().map(str::to_owned).collect();
        seen.push((record.line, record.breakage, cells, record.raw().into_owned()));
    }
    Some(seen)
}

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let label = LABELS[usize::from(first & 15)];
    let Ok(encoding) = label.parse() else { return };
    let options = ReadOptions {
        encoding: Some(encoding),
        columns: Some(vec!["a".to_owned(), "b".to_owned()]),
        delimiter: Some(b','),
        header_line: None,
    };
    let step = usize::from(first >> 4) + 1;
    let seen = read(bytes, usize::MAX, &options);
    assert_eq!(seen, read(bytes, step, &options));
    if !label.starts_with("ut")
        && !label.starts_with("gb")
        && !bytes.starts_with(b"\xff\xfe")
        && !bytes.starts_with(b"\xfe\xff")
    {
        for row in seen.iter().flatten() {
            assert!(!row.3.contains('\u{fffd}'));
        }
    }
});
