//! Files that an import writes: for their owner alone, and whole or not at all.

use std::io::{self, Write as _};
use std::path::Path;
use tempfile::NamedTempFile;

/// A temporary file beside where it is to be, for its owner alone.
pub(super) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    tempfile::Builder::new()
        .prefix(".engage-")
        .suffix(".part")
        .tempfile_in(folder.unwrap_or(Path::new(".")))
}

/// Writes a whole file in place of one that may be there: for its owner alone, and never half.
///
/// Fails as the operating system does; what was there before is then as it was.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Whether two paths name one file, by whatever way.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    one == other
        || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
