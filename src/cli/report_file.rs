//! Files that contain a report: an HTML page, or JSON.

use super::error::CommandError;
use super::global::Global;
use super::output::Output;
use crate::output::{Notation, TemporaryFiles, is_store_file, write};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Whether a file is an HTML page, by its name.
pub(crate) fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "html")
}

/// Parses the path of an HTML page.
pub(crate) fn page_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if is_page(&path) { Ok(path) } else { Err("expected a file such as report.html".to_owned()) }
}

/// Parses the path of a JSON report.
pub(crate) fn json_report_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    if is_json { Ok(path) } else { Err("expected a file such as report.json".to_owned()) }
}

/// Writes the report of a command that has ended, so an error is only a warning. Returns whether it
/// was written.
pub(crate) fn write_report(
    path: &Path,
    content: &str,
    files: &TemporaryFiles,
    output: &mut Output,
) -> bool {
    let written = write(path, files, Notation::Json, |writer| writer.write_all(content.as_bytes()));
    if let Err(error) = &written {
        output.warning(&format!("the report {} cannot be written: {error}", path.display()));
    }
    written.is_ok()
}

/// Writes an HTML page, but never over the store.
pub(crate) fn write_page(
    path: &Path,
    global: &Global,
    page: &str,
    output: &mut Output,
) -> Result<(), CommandError> {
    if is_store_file(&global.store, path) {
        let message = format!("the page would overwrite the store {}", path.display());
        return Err(CommandError::usage(message).hint("choose another file"));
    }
    let interrupt = global.interrupt()?;
    write(path, &global.temporary_files(), Notation::Text, |writer| {
        writer.write_all(page.as_bytes())
    })
    .with_context(|| format!("the page {} cannot be written", path.display()))
    .map_err(|error| CommandError::from(error).hint("check the disk space and the permissions"))?;
    interrupt.committed();
    output.mark_done();
    Ok(())
}
