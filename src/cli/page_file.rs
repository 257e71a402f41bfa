//! Files that hold a page of HTML.

use super::error::CommandError;
use super::global::Global;
use super::output::Output;
use crate::output::{Notation, is_store_file, write};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Whether a file holds a page, by its name.
pub(crate) fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "html")
}

/// Parses the path of a page.
pub(crate) fn page_path(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if is_page(&path) { Ok(path) } else { Err("a page is a file such as report.html".to_owned()) }
}

/// Writes a page of a store, but never over the store.
pub(crate) fn write_page(
    path: &Path,
    global: &Global,
    page: &str,
    output: &mut Output,
) -> Result<(), CommandError> {
    if is_store_file(&global.store, path) {
        let message = format!("the page would overwrite the store {}", path.display());
        return Err(CommandError::usage(message).hint("give it another name"));
    }
    let interrupt = global.interrupt()?;
    write(path, &global.temporary_files(), Notation::Text, |writer| {
        writer.write_all(page.as_bytes())
    })
    .with_context(|| format!("the page {} cannot be written", path.display()))
    .map_err(|error| {
        CommandError::from(error).hint("is there room for it, and may you write there?")
    })?;
    interrupt.committed();
    output.mark_done();
    Ok(())
}
