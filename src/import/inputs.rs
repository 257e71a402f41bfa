//! Reads the inputs of an import one after the other. All have the same columns, but each may have
//! its own order of columns and its own dialect.

use super::error::ImportError;
use super::meter::Meter;
use crate::events;
use crate::input::csv::Record;
use crate::input::{Description, Progress, ReadOptions, Source};
use crate::mapping::normalised;
use crate::outcome::SourceOutcome;
use crate::output::resolved;
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};

/// How much of the inputs is sampled to infer types. Several files share the sample.
const SAMPLE_RECORDS: u64 = events::SAMPLE_RECORDS as u64;
const SAMPLE_BYTES: usize = 8 << 20;
/// The smallest share of a file in the sample, in records.
const SHARE_RECORDS: u64 = 50;

/// How an input is laid out. This decides how its records are read and what its rejects file looks
/// like.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) name: String,
    /// `None` for standard input.
    pub(crate) path: Option<PathBuf>,
    pub(crate) description: Description,
    /// The header of this input, in its own order.
    pub(crate) header: Vec<String>,
    /// The position in this input of each column of the first input; `None` if the order is the
    /// same.
    pub(crate) order: Option<Vec<usize>>,
}

/// The inputs. All have been opened once, and have the columns of the first. The first input and
/// those that cannot be opened again stay open; the others are reopened when their turn comes, so
/// that a thousand files do not hold a thousand buffers.
pub(crate) struct Inputs {
    options: ReadOptions,
    meter: Meter,
    header: Vec<String>,
    layouts: Vec<Layout>,
    /// The total length in bytes, if every length is known.
    length: Option<u64>,
    current: Option<Reading>,
    waiting: VecDeque<Waiting>,
    ended: Vec<SourceOutcome>,
    /// How many records may still be read.
    left: u64,
}

/// An input that is being read: its sample first, then the rest.
struct Reading {
    place: usize,
    source: Source,
    sampled: VecDeque<Record>,
    records: u64,
}

/// An input that is still to be read.
struct Waiting {
    source: Option<Source>,
    sampled: VecDeque<Record>,
}

impl Waiting {
    fn bytes(&self) -> usize {
        self.sampled.iter().map(|record| record.bytes().len()).sum()
    }
}

impl Inputs {
    /// Opens the inputs and reads their samples. `limit` is the maximum number of records to read
    /// in total.
    pub(crate) fn open(
        paths: &[PathBuf],
        options: &ReadOptions,
        limit: u64,
        meter: &Meter,
    ) -> Result<Self, ImportError> {
        let mut inputs = Self {
            options: options.clone(),
            meter: meter.clone(),
            header: Vec::new(),
            layouts: Vec::with_capacity(paths.len()),
            length: Some(0),
            current: None,
            waiting: VecDeque::with_capacity(paths.len()),
            ended: Vec::new(),
            left: limit,
        };
        let files = paths.len().max(1);
        let records = (SAMPLE_RECORDS / files as u64).max(SHARE_RECORDS).min(limit);
        let mut named = HashSet::new();
        for path in paths {
            if !named.insert(resolved(path)) {
                return Err(ImportError::Twice(path.display().to_string()));
            }
            inputs.add(path, records, SAMPLE_BYTES / files)?;
        }
        inputs.advance()?;
        Ok(inputs)
    }

    fn add(&mut self, path: &Path, records: u64, bytes: usize) -> Result<(), ImportError> {
        let first = self.layouts.is_empty();
        // A reopened input is read twice, but its bytes are counted only the second time.
        let progress = if first { self.meter.bytes.clone() } else { Progress::default() };
        let mut source = Source::open(path, &self.options, progress)?;
        let length = source.length();
        self.length = self.length.zip(length).map(|(sum, length)| sum + length);
        self.meter.expect_bytes(length.unwrap_or_default());
        if first {
            self.header = source.header().to_vec();
        }
        let layout = self.layout(&source)?;
        // Standard input cannot be opened again, so it stays open and its sample is kept.
        let kept = first || length.is_none();
        let held: usize = self.waiting.iter().map(Waiting::bytes).sum();
        let most = SAMPLE_BYTES.saturating_sub(held);
        let records = if most == 0 { 0 } else { records };
        let sampled = sample(&mut source, layout.order.as_deref(), records, bytes)
            .map_err(|source| reading_failed(&layout.name, source))?;
        let sampled = if kept { sampled } else { within(sampled, most) };
        self.layouts.push(layout);
        self.waiting.push_back(Waiting { source: kept.then_some(source), sampled });
        Ok(())
    }

    fn layout(&self, source: &Source) -> Result<Layout, ImportError> {
        let order = order(&self.header, source.header()).map_err(|differences| {
            let Differences { missing, surplus } = differences;
            ImportError::ColumnsDiffer {
                name: source.name().to_owned(),
                first: self.layouts.first().map_or(String::new(), |first| first.name.clone()),
                missing,
                surplus,
            }
        })?;
        Ok(Layout {
            name: source.name().to_owned(),
            path: source.path().map(Path::to_owned),
            description: source.description().clone(),
            header: source.header().to_vec(),
            order,
        })
    }

    /// The header of the first input. The others have the same columns.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// The name of the first input in messages.
    pub(crate) fn name(&self) -> &str {
        self.layouts.first().map_or("the input", |layout| &layout.name)
    }

    /// The layout of each input.
    pub(crate) fn layouts(&self) -> &[Layout] {
        &self.layouts
    }

    /// The total length in bytes, if every length is known.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// Estimates the number of records from the average length of the sampled ones; `None` if the
    /// total length is not known.
    pub(crate) fn expected_records(&self) -> Option<u64> {
        let sample = self.sample();
        let bytes: usize = sample.iter().map(|record| record.bytes().len() + 1).sum();
        let each = (bytes / sample.len().max(1)).max(1);
        Some((self.length? / each as u64).min(self.left))
    }

    /// The sample of all inputs. Call it before the first record is read, which uses up the sample.
    pub(crate) fn sample(&self) -> Vec<&Record> {
        let current = self.current.iter().flat_map(|reading| &reading.sampled);
        current.chain(self.waiting.iter().flat_map(|waiting| &waiting.sampled)).collect()
    }

    /// The index of the input that is being read; `None` if all have ended.
    pub(crate) fn place(&self) -> Option<usize> {
        self.current.as_ref().map(|reading| reading.place)
    }

    /// Reads the next record of the current input. Returns false at its end or at the limit.
    pub(crate) fn read(&mut self, record: &mut Record) -> Result<bool, ImportError> {
        let Some(reading) = &mut self.current else { return Ok(false) };
        if self.left == 0 {
            return Ok(false);
        }
        let layout = &self.layouts[reading.place];
        if let Some(sampled) = reading.sampled.pop_front() {
            *record = sampled;
        } else {
            let read = read_arranged(&mut reading.source, layout.order.as_deref(), record);
            if !read.map_err(|source| reading_failed(&layout.name, source))? {
                return Ok(false);
            }
        }
        reading.records += 1;
        self.left -= 1;
        Ok(true)
    }

    /// Ends the current input and starts the next one, if there is one.
    pub(crate) fn advance(&mut self) -> Result<(), ImportError> {
        self.end_current()?;
        let place = self.ended.len();
        if self.left == 0 {
            return Ok(());
        }
        let Some(Waiting { source, sampled }) = self.waiting.pop_front() else { return Ok(()) };
        let (source, sampled) = match source {
            Some(source) => (source, sampled),
            None => (self.open_again(place)?, VecDeque::new()),
        };
        self.current = Some(Reading { place, source, sampled, records: 0 });
        Ok(())
    }

    /// Reopens an input. Fails if its header or its dialect has changed.
    fn open_again(&mut self, place: usize) -> Result<Source, ImportError> {
        let path = self.layouts[place].path.clone().unwrap_or_default();
        let source = Source::open(&path, &self.options, self.meter.bytes.clone())?;
        let layout = self.layout(&source)?;
        if layout.header != self.layouts[place].header
            || layout.description != self.layouts[place].description
        {
            return Err(ImportError::Replaced(layout.name));
        }
        Ok(source)
    }

    fn end_current(&mut self) -> Result<(), ImportError> {
        let Some(reading) = self.current.take() else { return Ok(()) };
        let layout = &self.layouts[reading.place];
        let summary =
            reading.source.finish().map_err(|source| reading_failed(&layout.name, source))?;
        let (path, description) = (layout.name.clone(), &layout.description);
        self.ended.push(SourceOutcome::new(path, description, Some(summary), reading.records));
        Ok(())
    }

    /// Whether the sample has every record of a single input.
    pub(crate) fn has_complete_sample(self) -> Result<bool, ImportError> {
        let Some(mut reading) = self.current else { return Ok(true) };
        let read = reading.source.read(&mut Record::default());
        let name = &self.layouts[reading.place].name;
        Ok(!read.map_err(|source| reading_failed(name, source))?)
    }

    /// Finishes reading and reports on every input, including those that the limit left unread.
    pub(crate) fn finish(mut self) -> Result<Vec<SourceOutcome>, ImportError> {
        self.end_current()?;
        let rest = self.layouts.split_off(self.ended.len());
        let unread = |layout: Layout| SourceOutcome::new(layout.name, &layout.description, None, 0);
        self.ended.extend(rest.into_iter().map(unread));
        Ok(self.ended)
    }
}

fn reading_failed(name: &str, source: std::io::Error) -> ImportError {
    ImportError::Reading { name: name.to_owned(), source }
}

/// Reads a record and puts its fields in the order of the first input's columns. Returns false at
/// the end.
fn read_arranged(
    source: &mut Source,
    order: Option<&[usize]>,
    record: &mut Record,
) -> std::io::Result<bool> {
    let read = source.read(record)?;
    if let Some(order) = order.filter(|_| read) {
        record.rearrange(order);
    }
    Ok(read)
}

/// Reads a sample into memory: at most `records` records, and no more once they have `bytes` bytes.
fn sample(
    source: &mut Source,
    order: Option<&[usize]>,
    records: u64,
    bytes: usize,
) -> std::io::Result<VecDeque<Record>> {
    let mut sampled = VecDeque::new();
    let mut held = 0;
    while (sampled.len() as u64) < records && held < bytes {
        let mut record = Record::default();
        if !read_arranged(source, order, &mut record)? {
            break;
        }
        held += record.bytes().len() + 128;
        sampled.push_back(record);
    }
    Ok(sampled)
}

/// The first records of a sample, up to `bytes` bytes. A record may be longer than a file's share,
/// and there may be many files.
fn within(mut sampled: VecDeque<Record>, bytes: usize) -> VecDeque<Record> {
    let mut held = 0;
    let fits = sampled.iter().take_while(|record| {
        held += record.bytes().len();
        held <= bytes
    });
    sampled.truncate(fits.count());
    sampled
}

#[derive(Debug, PartialEq, Eq)]
struct Differences {
    missing: Vec<String>,
    surplus: Vec<String>,
}

/// The position in `other` of each column of `first`; `None` if the order is the same. Names are
/// compared as headers are. Columns that share a name are matched in their order.
fn order(first: &[String], other: &[String]) -> Result<Option<Vec<usize>>, Differences> {
    let mut places: HashMap<String, VecDeque<usize>> = HashMap::new();
    for (place, name) in other.iter().enumerate() {
        places.entry(normalised(name)).or_default().push_back(place);
    }
    let mut missing = Vec::new();
    let mut order = Vec::with_capacity(first.len());
    for name in first {
        match places.get_mut(&normalised(name)).and_then(VecDeque::pop_front) {
            Some(place) => order.push(place),
            None => missing.push(name.clone()),
        }
    }
    let mut surplus: Vec<usize> = places.into_values().flatten().collect();
    surplus.sort_unstable();
    if missing.is_empty() && surplus.is_empty() {
        return Ok((!order.is_sorted()).then_some(order));
    }
    let surplus = surplus.into_iter().map(|place| other[place].clone()).collect();
    Err(Differences { missing, surplus })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let first = header(&["id", "E-Mail", "plan", "plan", ""]);
        assert_eq!(order(&first, &header(&["ID", "e mail", "Plan", "plan", ""])), Ok(None));
        let other = header(&["", "plan", "id", "plan", "e_mail"]);
        assert_eq!(order(&first, &other), Ok(Some(vec![2, 4, 1, 3, 0])));
        let other = header(&["id", "E-Mail", "plan", "city"]);
        let differences =
            Differences { missing: header(&["plan", ""]), surplus: header(&["city"]) };
        assert_eq!(order(&first, &other), Err(differences));
    }
}
