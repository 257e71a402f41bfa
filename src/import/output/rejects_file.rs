//! The rejects file, and the counts of rejects by reason.

use super::publish_result::PublishResult;
use crate::import::Layout;
use crate::import::error::RejectsError;
use crate::import::validate::RecordFault;
use crate::input::csv::Record;
use crate::input::{PROTECTION_MARK, REJECT_COLUMNS, is_rejects_file, protected};
use crate::mapping::Column;
use crate::outcome::{RejectExample, RejectGroup};
use crate::output::{PlannedOutput, Purpose, StagedOutput, TemporaryFiles};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _};
use std::path::{Path, PathBuf};

/// Where the rejects of an input go by default: `users.rejects.csv` beside
/// `users.csv` or `users.csv.gz`, `stdin.rejects.csv` here for standard input.
pub fn default_path(input: Option<&Path>) -> PathBuf {
    let Some(input) = input else { return PathBuf::from("stdin.rejects.csv") };
    let mut name = input.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for ending in [".gz", ".zst", ".csv", ".tsv", ".txt"] {
        if name.len() > ending.len() && name.to_ascii_lowercase().ends_with(ending) {
            name.truncate(name.len() - ending.len());
        }
    }
    input.with_file_name(format!("{name}.rejects.csv"))
}

/// The path with the lowest number that no file has: `users.rejects.2.csv` for `users.rejects.csv`.
pub(crate) fn numbered(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, "csv"));
    let candidates =
        (2..).map(|number: u64| path.with_file_name(format!("{stem}.{number}.{ending}")));
    candidates
        .into_iter()
        .find(|candidate| fs::symlink_metadata(candidate).is_err())
        .unwrap_or_else(|| path.to_owned())
}

/// What an import does with a rejects file of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EarlierRejects {
    /// It reads the whole input, so its own rejects replace them.
    Replace,
    /// It stops after some records: the earlier ones stay, and its own go to a numbered file.
    Keep,
}
/// The bytes that are written at once. For each of them the writer looks anew whether the rest of a
/// field needs quotes, and a field may be as long as a record.
const BUFFER: usize = 1 << 20;

/// The rejects file of one input. It is written under a temporary name, beside where it will be,
/// from its first record on.
pub(crate) struct RejectsFile {
    output: PlannedOutput,
    delimiter: u8,
    /// The input's own header.
    header: Vec<String>,
    /// Which column of the plan stands in each of its places, where that is another.
    order: Option<Vec<usize>>,
    writer: Option<csv::Writer<BufWriter<StagedOutput>>>,
    /// A rejects file of an earlier import is there.
    stale: bool,
}

impl RejectsFile {
    /// Checks that the file can be written, before anything is imported.
    pub(crate) fn new(
        path: PathBuf,
        layout: &Layout,
        temporary: &TemporaryFiles,
        purpose: Purpose,
        earlier: EarlierRejects,
    ) -> Result<Self, RejectsError> {
        let planned = |path: PathBuf| {
            PlannedOutput::new(path.clone(), temporary, purpose)
                .map_err(|source| RejectsError::Write { path, source })
        };
        let mut output = planned(path)?;
        let mut stale = !output.is_stream() && is_stale(output.path())?;
        if stale && earlier == EarlierRejects::Keep {
            output = planned(numbered(output.path()))?;
            stale = false;
        }
        let order = layout.order.as_ref().map(|order| {
            let mut columns = vec![0; order.len()];
            for (column, place) in order.iter().enumerate() {
                columns[*place] = column;
            }
            columns
        });
        Ok(Self {
            output,
            delimiter: u8::try_from(layout.description.delimiter).unwrap_or(b','),
            header: layout.header.clone(),
            order,
            writer: None,
            stale,
        })
    }

    /// Where it will be.
    pub(crate) fn path(&self) -> &Path {
        self.output.path()
    }

    fn writer(&mut self) -> io::Result<&mut csv::Writer<BufWriter<StagedOutput>>> {
        if let Some(writer) = self.writer.take() {
            return Ok(self.writer.insert(writer));
        }
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_writer(BufWriter::new(self.output.create()?));
        write_protected(&mut writer, self.header.iter().map(String::as_str), REJECT_COLUMNS)?;
        Ok(self.writer.insert(writer))
    }

    pub(crate) fn write(
        &mut self,
        record: &Record,
        columns: &[Column],
        faults: &[RecordFault],
    ) -> Result<(), RejectsError> {
        let errors: Vec<String> = faults
            .iter()
            .map(|RecordFault { column, fault }| {
                let place = column.map_or("record".to_owned(), |at| columns[at].label());
                format!("{place}: {}: {}", fault.code, fault.message)
            })
            .collect();
        let raw = match record.breakage {
            Some(_) => record.raw(),
            None => "".into(),
        };
        let (number, line) = (record.number.to_string(), record.line.to_string());
        let errors = errors.join("; ");
        let added = [number.as_str(), line.as_str(), errors.as_str(), &raw];
        let order = self.order.take();
        let column = |place: usize| order.as_ref().map_or(place, |order| order[place]);
        let own = (0..columns.len()).map(|place| record.field(column(place)));
        let written = self.writer().and_then(|writer| write_protected(writer, own, added));
        self.order = order;
        written.map_err(|source| RejectsError::Write { path: self.path().to_owned(), source })
    }

    /// Writes everything to the disk, still under the temporary name.
    pub(crate) fn finish(self) -> Result<FinishedRejects, RejectsError> {
        let Self { output, writer, stale, .. } = self;
        let path = output.path().to_owned();
        let Some(writer) = writer else { return Ok(FinishedRejects { path, file: None, stale }) };
        let failed = |source| RejectsError::Write { path: path.clone(), source };
        let buffered = writer.into_inner().map_err(|error| failed(error.into_error()))?;
        let file = buffered.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync().map_err(failed)?;
        Ok(FinishedRejects { path, file: Some(file), stale })
    }
}

/// Writes a row, its own cells and those that a rejects file adds, with the texts protected that a
/// spreadsheet may take for formulas. The record number says whether there are any, so that an import
/// undoes it exactly.
fn write_protected<'c, W: io::Write>(
    writer: &mut csv::Writer<W>,
    own: impl Iterator<Item = &'c str>,
    [number, line, errors, raw]: [&'c str; 4],
) -> io::Result<()> {
    let mut is_protected = false;
    let mut cell = |text: &'c str| {
        let cell = protected(text);
        is_protected |= matches!(cell, Cow::Owned(_));
        cell
    };
    for text in own {
        writer.write_field(&*cell(text))?;
    }
    let (errors, raw) = (cell(errors), cell(raw));
    let mark = if is_protected { PROTECTION_MARK.to_string() } else { String::new() };
    writer.write_record([&format!("{number}{mark}"), line, &errors, &raw])?;
    Ok(())
}

/// A rejects file that is complete and on the disk, under its temporary name; or no file, if there
/// were no rejects.
pub(crate) struct FinishedRejects {
    path: PathBuf,
    file: Option<StagedOutput>,
    stale: bool,
}

impl FinishedRejects {
    /// Where the rejects will be; `None` if there are none.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(StagedOutput::path)
    }

    /// The temporary and the final name; `None` if there is no file.
    pub(crate) fn names(&self) -> Option<(&Path, &Path)> {
        let file = self.file.as_ref()?;
        Some((file.temporary()?, file.path()))
    }

    /// Closes the file, so that hundreds of inputs do not need hundreds of open files.
    pub(crate) fn close(&mut self) {
        if let Some(file) = &mut self.file {
            file.close();
        }
    }

    /// Keeps the file when a signal ends the process: its import is committed.
    pub(crate) fn protect(&self) {
        if let Some(file) = &self.file {
            file.protect();
        }
    }

    /// Gives the file its name. If there are no rejects, `remove_stale` removes the file of an earlier
    /// import.
    pub(crate) fn publish(self, remove_stale: bool) -> PublishResult {
        match self.file {
            Some(file) => PublishResult::of_file(file),
            None if self.stale && remove_stale => PublishResult::of_removal(self.path),
            None => PublishResult::Published,
        }
    }
}

/// Whether a rejects file of an earlier import is there. Fails where it is another file.
fn is_stale(path: &Path) -> Result<bool, RejectsError> {
    let failed = |source| RejectsError::Write { path: path.to_owned(), source };
    match File::open(path) {
        Ok(file) if is_rejects(&file).map_err(failed)? => Ok(true),
        Ok(_) => Err(RejectsError::NotOurs(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

/// Whether a file is a rejects file, or empty.
pub(crate) fn is_rejects(file: &File) -> io::Result<bool> {
    let mut beginning = Vec::new();
    // A header is far shorter; what is longer is none.
    file.take(1 << 20).read_to_end(&mut beginning)?;
    Ok(beginning.is_empty() || is_rejects_file(&beginning))
}

/// How many examples of a group are kept.
const MAX_EXAMPLES: usize = 5;
/// How many characters of the value of an example after the first are kept.
const EXAMPLE_CHARACTERS: usize = 200;

/// The reasons of rejected records, counted.
#[derive(Debug, Default)]
pub(crate) struct RejectCounts {
    groups: HashMap<(Option<usize>, crate::value::Code), RejectGroup>,
}

impl RejectCounts {
    pub(crate) fn count(
        &mut self,
        source: usize,
        record: &Record,
        columns: &[Column],
        faults: &[RecordFault],
    ) {
        for RecordFault { column, fault } in faults {
            let value = column.map(|at| record.field(at)).filter(|value| !value.is_empty());
            let group = self.groups.entry((*column, fault.code)).or_insert_with(|| RejectGroup {
                code: fault.code,
                column: column.map(|at| columns[at].label()),
                count: 0,
                first_source: source,
                first_record: record.number,
                examples: Vec::new(),
            });
            if group.examples.len() < MAX_EXAMPLES {
                let characters = if group.count == 0 { usize::MAX } else { EXAMPLE_CHARACTERS };
                group.examples.push(RejectExample {
                    source,
                    record: record.number,
                    line: record.line,
                    message: fault.message.to_string(),
                    value: value.map(|value| value.chars().take(characters).collect()),
                });
            }
            group.count += 1;
        }
    }

    pub(crate) fn into_groups(self) -> Vec<RejectGroup> {
        let mut groups: Vec<RejectGroup> = self.groups.into_values().collect();
        groups.sort_by(|a, b| {
            b.count.cmp(&a.count).then_with(|| {
                let place =
                    |group: &RejectGroup| (group.first_source, group.first_record, group.code);
                place(a).cmp(&place(b)).then_with(|| a.column.cmp(&b.column))
            })
        });
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_go_beside_their_input() {
        for (input, rejects) in [
            (Some("a/users.csv"), "a/users.rejects.csv"),
            (Some("users.csv.gz"), "users.rejects.csv"),
            (Some("users"), "users.rejects.csv"),
            (Some("users.rejects.csv"), "users.rejects.rejects.csv"),
            (None, "stdin.rejects.csv"),
        ] {
            assert_eq!(default_path(input.map(Path::new)), Path::new(rejects));
        }
    }
}
