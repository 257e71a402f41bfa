//! Where pages go.

use super::failure::Failure;
use crate::import::write_whole;
use crate::report::escaped;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Whether a page is to be written to that file.
pub(super) fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "html")
}

/// Reads the name of a page.
pub(super) fn page_path(text: &str) -> Result<PathBuf, String> {
    Some(PathBuf::from(text))
        .filter(|path| is_page(path))
        .ok_or_else(|| "a page is a file such as report.html".to_owned())
}

/// Writes a page of a store, but not over the store.
pub(super) fn write_page(path: &Path, store: &Path, page: &str) -> Result<(), Failure> {
    if let (Ok(page), Ok(store)) = (path.canonicalize(), store.canonicalize())
        && page == store
    {
        let file = escaped(&path.display().to_string());
        return Err(Failure::usage(format!("the page would overwrite the store {file}"))
            .hint("give it another name"));
    }
    write_whole(path, page.as_bytes())
        .with_context(|| format!("the page {} cannot be written", path.display()))
        .map_err(|error| {
            Failure::from(error).hint("is there room for it, and may you write there?")
        })
}
