//! Where pages go.

use super::Global;
use super::error::Failure;
use super::output::Output;
use crate::input::escaped;
use crate::output::{Notation, is_store_file, write};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Whether a page is to be written to that file.
pub(crate) fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "html")
}

/// Reads the name of a page.
pub(crate) fn page_path(text: &str) -> Result<PathBuf, String> {
    Some(PathBuf::from(text))
        .filter(|path| is_page(path))
        .ok_or_else(|| "a page is a file such as report.html".to_owned())
}

/// Writes a page of a store, but not over the store.
pub(crate) fn write_page(
    path: &Path,
    global: &Global,
    page: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    if is_store_file(&global.store, path) {
        let file = escaped(&path.display().to_string());
        return Err(Failure::usage(format!("the page would overwrite the store {file}"))
            .hint("give it another name"));
    }
    let interrupt = global.interrupt()?;
    write(path, &global.temporary_files(), Notation::Text, |writer| {
        writer.write_all(page.as_bytes())
    })
    .with_context(|| format!("the page {} cannot be written", path.display()))
    .map_err(|error| Failure::from(error).hint("is there room for it, and may you write there?"))?;
    interrupt.committed();
    output.mark_done();
    Ok(())
}
