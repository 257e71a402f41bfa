//! The rejects file of an input.

use super::digest::Hashing;
use super::earlier_rejects::{
    BYTE_ORDER_MARK, EarlierFiles, EarlierRejects, RejectsOrigin, is_stale, numbered,
};
use super::publish_result::PublishResult;
use crate::import::Layout;
use crate::import::error::{ImportError, RejectsError};
use crate::import::validate::RecordError;
use crate::input::csv::Record;
use crate::input::{PROTECTION_MARK, REJECT_COLUMNS, protected};
use crate::mapping::Column;
use crate::output::{PlannedOutput, Purpose, StagedOutput, TemporaryFiles, is_same_file, sibling};
use crate::store::StoreError;
use std::borrow::Cow;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Where the rejects of an input go by default: `users.rejects.csv` next to `users.csv` or
/// `users.csv.gz`, `stdin.rejects.csv` in the current folder for standard input.
pub fn default_path(input: Option<&Path>) -> PathBuf {
    sibling(input, "rejects.csv")
}

/// Whether a file has a name that engage chooses for rejects: `users.rejects.csv`,
/// `users.rejects.2.csv`.
pub(super) fn has_rejects_name(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some(stem) = name.strip_suffix(".csv") else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let stem = match stem.rsplit_once('.') {
        Some((rest, number)) if is_number(number) => rest,
        _ => stem,
    };
    stem.strip_suffix(".rejects").is_some_and(|source| !source.is_empty())
}

/// The size of the writer's buffer. Whenever it is full, the writer checks again whether the rest
/// of a field needs quotes, and a field may be as long as a record.
const BUFFER: usize = 1 << 20;

/// The rejects file of one input. From its first record on, it is written under a temporary name in
/// the same folder.
pub(crate) struct RejectsFile {
    /// `None` if the rejects are counted and not written.
    output: Option<PlannedOutput>,
    delimiter: u8,
    /// The input's own header.
    header: Vec<String>,
    /// The column of the plan at each position of the header, if the order differs.
    order: Option<Vec<usize>>,
    has_mark: bool,
    writer: Option<csv::Writer<Hashing<BufWriter<StagedOutput>>>>,
    earlier: EarlierFiles,
}

impl RejectsFile {
    /// Checks that the file can be written, before anything is imported. Without a path the rejects
    /// are not written.
    pub(crate) fn new(
        path: Option<PathBuf>,
        layout: &Layout,
        temporary: &TemporaryFiles,
        purpose: Purpose,
        earlier: EarlierRejects,
    ) -> Result<Self, RejectsError> {
        let planned = |path: PathBuf| {
            PlannedOutput::new(path.clone(), temporary, purpose)
                .map_err(|source| RejectsError::Write { path, source })
        };
        let is_input = path.as_deref().zip(layout.path.as_deref());
        let is_input = is_input.is_some_and(|(path, input)| is_same_file(path, input));
        let mut output = path.map(planned).transpose()?;
        let mut obsolete = Vec::new();
        if let Some(planned_output) = output.take() {
            let is_there = !planned_output.is_stream() && is_stale(planned_output.path())?;
            let path = planned_output.path();
            output = Some(if is_there && earlier == EarlierRejects::Keep {
                planned(numbered(path))?
            } else {
                obsolete.extend(is_there.then(|| path.to_owned()));
                planned_output
            });
        }
        let order = layout.order.as_ref().map(|order| {
            let mut columns = vec![0; order.len()];
            for (column, place) in order.iter().enumerate() {
                columns[*place] = column;
            }
            columns
        });
        let description = &layout.description;
        Ok(Self {
            output,
            delimiter: u8::try_from(description.delimiter).unwrap_or(b','),
            header: layout.header.clone(),
            order,
            has_mark: description.encoding != encoding_rs::UTF_8.name()
                || description.has_byte_order_mark,
            writer: None,
            earlier: EarlierFiles {
                is_input: is_input && earlier == EarlierRejects::Replace,
                keep: earlier == EarlierRejects::Keep,
                obsolete,
                ..EarlierFiles::default()
            },
        })
    }

    /// Keeps rejects files that were edited since an import wrote them: the new rejects get the
    /// next free name. `origin` returns where a file of a given SHA-256 comes from.
    pub(crate) fn keep_edited(
        &mut self,
        origin: &impl Fn(&str) -> Result<RejectsOrigin, StoreError>,
    ) -> Result<(), ImportError> {
        let Some(output) = self.output.as_ref().filter(|output| !output.is_stream()) else {
            return Ok(());
        };
        if let Some(path) = self.earlier.find(output.path(), origin)? {
            self.output = Some(output.moved_to(path));
        }
        Ok(())
    }

    /// The final path; `None` if it is not written.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.output.as_ref().map(PlannedOutput::path)
    }

    fn write_row<'c>(
        &mut self,
        own: impl Iterator<Item = &'c str>,
        added: [&'c str; 4],
    ) -> Result<(), RejectsError> {
        let Some(output) = &self.output else { return Ok(()) };
        let failed = |source| RejectsError::Write { path: output.path().to_owned(), source };
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.begin(output).map_err(failed)?,
        };
        write_protected(&mut writer, own, added).map_err(failed)?;
        self.writer = Some(writer);
        Ok(())
    }

    fn begin(
        &self,
        output: &PlannedOutput,
    ) -> io::Result<csv::Writer<Hashing<BufWriter<StagedOutput>>>> {
        let mut file = Hashing::new(BufWriter::new(output.create()?));
        if self.has_mark {
            file.write_all(BYTE_ORDER_MARK)?;
        }
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_writer(file);
        write_protected(&mut writer, self.header.iter().map(String::as_str), REJECT_COLUMNS)?;
        Ok(writer)
    }

    pub(crate) fn write(
        &mut self,
        record: &Record,
        columns: &[Column],
        errors: &[RecordError],
    ) -> Result<(), RejectsError> {
        let errors: Vec<String> = errors
            .iter()
            .map(|RecordError { column, reason }| {
                let place = column.map_or("record".to_owned(), |at| columns[at].label());
                format!("{place}: {}: {}", reason.code, reason.message)
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
        let written = self.write_row(own, added);
        self.order = order;
        written
    }

    /// Writes everything to the disk, still under the temporary name.
    pub(crate) fn finish(self) -> Result<FinishedRejects, RejectsError> {
        let Self { output, writer, mut earlier, .. } = self;
        let (Some(output), Some(writer)) = (output, writer) else {
            return Ok(FinishedRejects { file: None, sha256: String::new(), earlier });
        };
        let failed = |source| RejectsError::Write { path: output.path().to_owned(), source };
        let hashing = writer.into_inner().map_err(|error| failed(error.into_error()))?;
        let (buffered, sha256) = hashing.finish();
        let mut file = buffered.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync().map_err(failed)?;
        // A file with the same bytes was not edited, but written by a dry run or for another store.
        if let Some(place) = earlier.edited.iter().position(|(_, edited)| *edited == sha256) {
            let (path, _) = earlier.edited.remove(place);
            file.move_to(path);
        }
        Ok(FinishedRejects { file: Some(file), sha256, earlier })
    }
}

/// Writes a row: its own cells, then those that a rejects file adds. Texts that a spreadsheet may
/// take for formulas are protected. If there are any, the record number is marked, so that an
/// import undoes the protection exactly.
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
    file: Option<StagedOutput>,
    sha256: String,
    earlier: EarlierFiles,
}

impl FinishedRejects {
    /// Where the rejects will be; `None` if there are none.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(StagedOutput::path)
    }

    /// Where the rejects will be, and the SHA-256 of their file.
    pub(crate) fn digest(&self) -> Option<(&Path, &str)> {
        Some((self.path()?, &self.sha256))
    }

    /// The temporary and the final name; `None` if there is no file.
    pub(crate) fn names(&self) -> Option<(&Path, &Path)> {
        let file = self.file.as_ref()?;
        Some((file.temporary()?, file.path()))
    }

    /// Whether it replaces its own input, a rejects file that was imported.
    pub(crate) fn replaces_input(&self) -> bool {
        self.earlier.is_input
    }

    /// The rejects files that stay because they were edited.
    pub(crate) fn edited(&self) -> impl Iterator<Item = &Path> {
        self.earlier.edited.iter().map(|(path, _)| path.as_path())
    }

    /// Gives the file the name for rejects of an import that a guard stopped. An input that is a
    /// rejects file stays as it is, since no record of it was imported.
    pub(crate) fn set_aside(&mut self) {
        if self.earlier.is_input {
            return self.discard();
        }
        if let (Some(file), Some(path)) = (&mut self.file, &self.earlier.if_stopped) {
            file.move_to(path.clone());
        }
    }

    /// Writes no file, and leaves the earlier ones as they are.
    pub(crate) fn discard(&mut self) {
        self.file = None;
        self.earlier.edited.clear();
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

    /// Keeps the file under its temporary name.
    pub(crate) fn keep(self) {
        if let Some(file) = self.file {
            file.keep();
        }
    }

    /// Gives the file its final name. `remove_obsolete` removes the files of earlier imports.
    pub(crate) fn publish(self, remove_obsolete: bool) -> Vec<PublishResult> {
        let own = self.path().map(Path::to_owned);
        let mut results: Vec<PublishResult> =
            self.file.into_iter().map(PublishResult::of_file).collect();
        // An imported rejects file is kept, so that an undo of its import loses no corrections.
        let EarlierFiles { is_input, obsolete, .. } = self.earlier;
        if remove_obsolete && !is_input {
            let others = obsolete.into_iter().filter(|path| Some(path) != own.as_ref());
            results.extend(others.map(PublishResult::of_removal));
        }
        results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_go_next_to_their_input() {
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

    #[test]
    fn rejects_files_are_recognised_by_name() {
        for name in ["users.rejects.csv", "a/users.rejects.12.csv", "a.2.rejects.csv"] {
            assert!(has_rejects_name(Path::new(name)), "{name}");
        }
        for name in ["rejects.csv", ".rejects.csv", "users.csv", "users.rejects.b.csv", "fixed.csv"]
        {
            assert!(!has_rejects_name(Path::new(name)), "{name}");
        }
    }
}
