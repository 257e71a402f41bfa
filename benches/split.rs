//! Measures reading and splitting a file, compared with the `csv` crate.
//!
//! `cargo bench --bench split -- users.csv [ROUNDS]`. Each round runs every reader once; medians
//! are printed.

use csv::{ByteRecord, StringRecord};
use engage::input::csv::{Record, RecordReader};
use engage::input::{Progress, ReadOptions, Source};
use std::error::Error;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

type Outcome = Result<u64, Box<dyn Error>>;
type Contestant = (&'static str, fn(&Path) -> Outcome);

/// Counts the fields, so that every record is read.
fn ours(path: &Path) -> Outcome {
    let mut reader = RecordReader::new(File::open(path)?, b',');
    let (mut record, mut sum) = (Record::default(), 0);
    while reader.read(&mut record)? {
        sum += record.len() as u64;
    }
    Ok(sum)
}

fn source(path: &Path) -> Outcome {
    let mut source = Source::open(path, &ReadOptions::default(), Progress::default())?;
    let (mut record, mut sum) = (Record::default(), source.header().len() as u64);
    while source.read(&mut record)? {
        sum += record.len() as u64;
    }
    source.finish()?;
    Ok(sum)
}

fn crates(path: &Path) -> csv::Result<csv::Reader<File>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(256 << 10)
        .from_path(path)
}

fn crate_strings(path: &Path) -> Outcome {
    let (mut reader, mut record, mut sum) = (crates(path)?, StringRecord::new(), 0);
    while reader.read_record(&mut record)? {
        sum += record.len() as u64;
    }
    Ok(sum)
}

fn crate_bytes(path: &Path) -> Outcome {
    let (mut reader, mut record, mut sum) = (crates(path)?, ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record)? {
        sum += record.len() as u64;
    }
    Ok(sum)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Some(path) = arguments.first().map(Path::new) else {
        writeln!(io::stderr(), "which file?")?;
        return Ok(());
    };
    let rounds = arguments.get(1).and_then(|rounds| rounds.parse().ok()).unwrap_or(7);
    let contestants: [Contestant; 4] = [
        ("csv::ByteRecord", crate_bytes),
        ("csv::StringRecord", crate_strings),
        ("RecordReader", ours),
        ("Source, sniffed and summed up", source),
    ];
    let mut times: [Vec<Duration>; 4] = Default::default();
    let mut sums = [0; 4];
    for _ in 0..rounds {
        for (at, (_, read)) in contestants.iter().enumerate() {
            let start = Instant::now();
            sums[at] = read(path)?;
            times[at].push(start.elapsed());
        }
    }
    let mut out = io::stdout().lock();
    for (at, (name, _)) in contestants.iter().enumerate() {
        times[at].sort_unstable();
        let median = times[at][times[at].len() / 2].as_secs_f64();
        writeln!(out, "{median:8.3} s  {name}  ({} fields)", sums[at])?;
    }
    Ok(())
}
