//! Writes outputs: a regular file atomically, a stream directly.

use super::destination::{Destination, folder_of};
use super::temporary::{PrivateFile, Purpose, TemporaryFiles};
use super::terminal::{Notation, TerminalWriter};
use std::io::{self, Write};
use std::path::Path;

/// Checks that [`write()`] can create a file at the path, before its content is computed.
pub fn check_writable(path: &Path, files: &TemporaryFiles) -> io::Result<()> {
    match Destination::of(path) {
        Destination::File(path) if path.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Destination::File(path) => files.create(Purpose::Copy, &path).map(drop),
        // A pipe is opened only once: its reader would take the end of a test for the end of the
        // data.
        Destination::StandardOutput | Destination::Stream(_) => Ok(()),
    }
}

/// Writes an output. A regular file is readable only by its owner, and is written completely or
/// left unchanged. A stream is written while `fill` runs; if it is a terminal, unsafe characters
/// are written in this notation.
pub fn write<T, E: From<io::Error>>(
    path: &Path,
    files: &TemporaryFiles,
    notation: Notation,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, E> {
    match Destination::of(path).open_stream()? {
        Some(stream) => {
            let mut writer = TerminalWriter::new(stream, notation);
            let filled = fill(&mut writer)?;
            writer.flush()?;
            Ok(filled)
        }
        None => replace_file(path, files, |file| fill(file)),
    }
}

/// Creates or replaces a regular file once `fill` has written all of it. Removes temporary files
/// that killed commands of the same store have left in its folder.
pub fn replace_file<T, E: From<io::Error>>(
    path: &Path,
    files: &TemporaryFiles,
    fill: impl FnOnce(&mut PrivateFile) -> Result<T, E>,
) -> Result<T, E> {
    if path.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    files.clear(folder_of(path), Purpose::Copy, &[]);
    let mut temporary = files.create(Purpose::Copy, path)?;
    let filled = fill(&mut temporary)?;
    temporary.file()?.sync_all()?;
    temporary.persist(path).map_err(|failed| failed.error)?;
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    fn files(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let temporary = TemporaryFiles::of_store(&folder.path().join("s.db"));
        fs::write(&path, "before").unwrap();
        let failed: io::Result<()> = write(&path, &temporary, Notation::Text, |writer| {
            writer.write_all(b"half")?;
            Err(io::Error::other("enough"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"before");
        write(&path, &temporary, Notation::Text, |writer| writer.write_all(b"after")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"after");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(files(folder.path()), 1);
    }

    #[test]
    fn files_left_behind_are_removed_and_files_in_use_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (path, store) = (folder.path().join("out"), folder.path().join("s.db"));
        let temporary = TemporaryFiles::of_store(&store);
        let in_use = temporary.create(Purpose::Copy, &path).unwrap();
        temporary.create(Purpose::Copy, &path).unwrap().keep();
        temporary.create(Purpose::Import, &path).unwrap().keep();
        TemporaryFiles::of_store(&path).create(Purpose::Copy, &path).unwrap().keep();
        assert_eq!(files(folder.path()), 4);
        write(&path, &temporary, Notation::Text, |writer| writer.write_all(b"")).unwrap();
        // The files in use, of an import and of another store, and the output itself.
        assert_eq!(files(folder.path()), 4);
        temporary.clear(folder.path(), Purpose::Import, &[]);
        assert_eq!(files(folder.path()), 3);
        drop(in_use);
        assert_eq!(files(folder.path()), 2);
    }

    #[test]
    fn a_file_is_written_even_if_its_temporary_name_was_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let temporary = TemporaryFiles::of_store(&folder.path().join("s.db"));
        let mut file = temporary.create(Purpose::Import, &path).unwrap();
        file.write_all(b"rejects").unwrap();
        fs::remove_file(file.path()).unwrap();
        file.persist(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"rejects");
        assert_eq!(files(folder.path()), 1);
    }
}
