//! Rejects files that a committed import may not have renamed yet.
//!
//! The history line of an import names them until they have their names. A store is input: what
//! stands there is checked before anything is renamed.

use crate::output::{TemporaryFiles, folder_of};
use crate::store::StoreError;
use crate::store::sqlite::ImportTransaction;
use crate::store::sqlite::Reader;
use crate::store::sqlite::Writer;
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};

/// How many history lines are looked at, the newest first.
const NEWEST: u32 = 20;

/// A rejects file and the name that it is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingOutput {
    /// The history line that names it.
    pub import: i64,
    /// The temporary name.
    pub temporary: PathBuf,
    /// The name that it is to have.
    pub target: PathBuf,
}

impl PendingOutput {
    /// Whether an import can have written such an entry: a temporary file in the folder of its target.
    pub fn is_plausible(&self) -> bool {
        let Self { temporary, target, .. } = self;
        temporary.is_absolute()
            && folder_of(temporary) == folder_of(target)
            && target.file_name().is_some()
            && TemporaryFiles::is_any_name(temporary)
    }

    /// Whether an import into the store at this path can have written it. The entries of a store that
    /// was copied or moved are of the path that it had.
    pub fn is_of_store(&self, store: &Path) -> bool {
        self.is_plausible() && TemporaryFiles::of_store(store).is_name(&self.temporary)
    }
}

/// The entries, and the history lines whose entry cannot be read.
fn read(connection: &Connection) -> rusqlite::Result<(Vec<PendingOutput>, Vec<i64>)> {
    let sql = "SELECT id, rejects FROM imports WHERE rejects IS NOT NULL ORDER BY id DESC LIMIT ?1";
    let (mut pending, mut unreadable) = (Vec::new(), Vec::new());
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([NEWEST])?;
    while let Some(row) = rows.next()? {
        let import = row.get(0)?;
        let text: Option<Vec<(PathBuf, PathBuf)>> =
            row.get_ref(1)?.as_str().ok().and_then(|text| serde_json::from_str(text).ok());
        match text {
            Some(names) => {
                let names = names.into_iter();
                pending.extend(names.map(|(temporary, target)| PendingOutput {
                    import,
                    temporary,
                    target,
                }));
            }
            None => unreadable.push(import),
        }
    }
    Ok((pending, unreadable))
}

fn clear(connection: &Connection, imports: &[i64]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("UPDATE imports SET rejects = NULL WHERE id = ?1")?;
    for import in imports {
        statement.execute(params![import])?;
    }
    Ok(())
}

/// Clears the entries that no import can have written.
pub(crate) fn clear_implausible(connection: &Connection) -> rusqlite::Result<()> {
    let (pending, mut imports) = read(connection)?;
    imports.extend(pending.iter().filter(|one| !one.is_plausible()).map(|one| one.import));
    clear(connection, &imports)
}

impl Reader {
    /// The history lines whose entry of pending outputs is none that an import writes.
    pub(crate) fn implausible_outputs(&self) -> Result<Vec<i64>, StoreError> {
        let (pending, mut imports) =
            read(&self.connection).map_err(|source| self.sqlite(source))?;
        let implausible = pending.iter().filter(|one| !one.is_plausible());
        imports.extend(implausible.map(|one| one.import));
        imports.sort_unstable();
        imports.dedup();
        Ok(imports)
    }
}

impl Writer {
    /// The rejects files that earlier imports may not have renamed.
    pub fn pending_outputs(&self) -> Result<Vec<PendingOutput>, StoreError> {
        let reader = self.reader();
        Ok(read(&reader.connection).map_err(|source| reader.sqlite(source))?.0)
    }

    /// Clears the entries of these history lines.
    pub fn clear_pending(&self, imports: &[i64]) -> Result<(), StoreError> {
        let reader = self.reader();
        clear(&reader.connection, imports).map_err(|source| reader.sqlite(source))
    }
}

impl ImportTransaction {
    /// The rejects files that earlier imports may not have renamed.
    pub fn pending_outputs(&self) -> Result<Vec<PendingOutput>, StoreError> {
        Ok(read(&self.connection).map_err(|source| self.sqlite(source))?.0)
    }

    /// Clears the entries of these history lines.
    pub fn clear_pending(&self, imports: &[i64]) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        clear(&self.connection, imports).map_err(|source| self.sqlite(source))
    }

    /// Clears the entry of this import, after its commit. The next change does it where this fails.
    pub fn outputs_done(&self) {
        let _ = clear(&self.connection, &[self.import_id]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_store_in_the_targets_own_folder_are_plausible() {
        let store = Path::new("/data/s.db");
        let name = |word: &str| {
            let files = TemporaryFiles::of_store(store);
            let folder = tempfile::tempdir().unwrap();
            let file = files.create(crate::output::Purpose::Import, &folder.path().join("x"));
            let name = file.unwrap().path().file_name().unwrap().to_string_lossy().into_owned();
            name.replace("import", word)
        };
        let plausible = |temporary: &str, target: &str| {
            let (temporary, target) = (temporary.into(), target.into());
            PendingOutput { import: 1, temporary, target }.is_of_store(store)
        };
        let ours = name("import");
        assert!(plausible(&format!("/in/{ours}"), "/in/users.rejects.csv"));
        assert!(!plausible(&format!("/in/{ours}"), "/etc/users.rejects.csv"));
        assert!(!plausible(&format!("/in/../etc/{ours}"), "/etc/users.rejects.csv"));
        assert!(!plausible(&ours, "users.rejects.csv"));
        assert!(!plausible("/in/payload", "/in/target"));
        assert!(!plausible("/in/.engage-0000000000000000-import-a.part", "/in/target"));
    }
}
