//! The name of a file that is written next to an input.

use std::path::{Path, PathBuf};

/// The file with another ending next to an input: `users.rejects.csv` for `rejects.csv` next to
/// `users.csv` or `users.csv.gz`; `stdin.rejects.csv` in the current folder for standard input.
pub(crate) fn sibling(input: Option<&Path>, ending: &str) -> PathBuf {
    let Some(input) = input else { return PathBuf::from(format!("stdin.{ending}")) };
    let mut name = input.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for ending in [".gz", ".zst", ".csv", ".tsv", ".txt"] {
        if name.len() > ending.len() && name.to_ascii_lowercase().ends_with(ending) {
            name.truncate(name.len() - ending.len());
        }
    }
    input.with_file_name(format!("{name}.{ending}"))
}
