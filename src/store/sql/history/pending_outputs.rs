//! The rejects files that history lines name as not renamed yet.

use crate::store::sql::database::Database;
use crate::store::{PendingOutput, StoreError};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How many imports are looked at, the newest first.
const NEWEST: u32 = 20;

/// The pending outputs of the newest imports, and the imports whose pending outputs cannot be read.
fn read_all(database: &Database) -> Result<(Vec<PendingOutput>, Vec<i64>), StoreError> {
    let sql = "SELECT id, rejects FROM imports WHERE rejects IS NOT NULL ORDER BY id DESC LIMIT ?1";
    let (mut pending, mut unreadable) = (Vec::new(), Vec::new());
    database.for_each(sql, [NEWEST], |row| {
        let import = row.get(0)?;
        let names = row.text(1).ok().and_then(|text| serde_json::from_str(text).ok());
        let Some(names): Option<Vec<(PathBuf, PathBuf)>> = names else {
            unreadable.push(import);
            return Ok(());
        };
        let outputs = names.into_iter();
        pending.extend(outputs.map(|(temporary, target)| PendingOutput {
            import,
            temporary,
            target,
        }));
        Ok(())
    })?;
    Ok((pending, unreadable))
}

/// The rejects files that earlier imports may not have renamed.
pub(crate) fn read(database: &Database) -> Result<Vec<PendingOutput>, StoreError> {
    Ok(read_all(database)?.0)
}

/// Clears the pending outputs of imports.
pub(crate) fn clear(database: &Database, imports: &[i64]) -> Result<(), StoreError> {
    let sql = "UPDATE imports SET rejects = NULL WHERE id = ?1";
    imports.iter().try_for_each(|import| database.execute(sql, [import]).map(|_| ()))
}

/// The imports whose pending outputs no import can have written.
pub(crate) fn implausible(database: &Database) -> Result<BTreeSet<i64>, StoreError> {
    let (pending, unreadable) = read_all(database)?;
    let implausible = pending.iter().filter(|output| !output.is_plausible());
    Ok(unreadable.into_iter().chain(implausible.map(|output| output.import)).collect())
}
