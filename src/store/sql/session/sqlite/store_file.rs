//! Creates and checks the file of a store.

use crate::store::StoreError;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Creates the file, readable only by its owner; `false` if it exists already.
pub(super) fn create_file(path: &Path) -> Result<bool, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::NoFolder {
            folder: path.parent().unwrap_or(Path::new(".")).to_owned(),
            path: path.to_owned(),
        }),
        Err(error) => Err(StoreError::unusable(path, &error)),
    }
}

/// Refuses to create a store in an empty file that others have access to, or that belongs to
/// another user.
pub(super) fn check_private(path: &Path) -> Result<(), StoreError> {
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    let mode = metadata.mode() & 0o777;
    let reason = if metadata.uid() != rustix::process::geteuid().as_raw() {
        "belongs to another user".to_owned()
    } else if mode & 0o077 != 0 {
        format!("others have access to it (mode {mode:04o})")
    } else {
        return Ok(());
    };
    Err(StoreError::NotPrivate { path: path.to_owned(), reason })
}
