//! How far an event file was sent: every line up to a number, and single lines after it.

use super::destination::Destination;
use crate::store::sql::Reader;
use crate::store::sql::database::Database;
use crate::store::{StoreError, now};
use rusqlite::params;

/// How far an event file was sent to a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventProgress {
    /// Lines that were answered, refused ones included.
    pub done: u64,
    /// The refused ones among them.
    pub refused: u64,
}

/// The status of a line of an event file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineStatus {
    /// It was not answered yet.
    Open,
    /// It was accepted.
    Accepted,
    /// It was refused.
    Refused,
}

impl Reader {
    /// How far an event file was sent.
    pub fn event_progress(
        &self,
        destination: &Destination,
        file: &[u8],
    ) -> Result<EventProgress, StoreError> {
        progress(&self.database, destination, file)
    }
}

pub(super) fn progress(
    database: &Database,
    destination: &Destination,
    file: &[u8],
) -> Result<EventProgress, StoreError> {
    let through = through(database, destination, file)?;
    let count = |condition: &str| {
        let sql = format!(
            "SELECT count(*) FROM event_lines
             WHERE destination_id = ?1 AND sha256 = ?2 AND {condition}"
        );
        database.count(&sql, params![destination.id, file])
    };
    let after = count(&format!("line > {through}"))?;
    Ok(EventProgress { done: through + after, refused: count("refused_status IS NOT NULL")? })
}

/// The line up to which all lines were answered.
fn through(database: &Database, destination: &Destination, file: &[u8]) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce((SELECT through FROM event_files
               WHERE destination_id = ?1 AND sha256 = ?2), 0)";
    database.count(sql, params![destination.id, file])
}

pub(super) fn status(
    database: &Database,
    destination: &Destination,
    file: &[u8],
    line: u64,
) -> Result<LineStatus, StoreError> {
    let sql = "SELECT refused_status IS NOT NULL FROM event_lines
               WHERE destination_id = ?1 AND sha256 = ?2 AND line = ?3";
    let row = database
        .optional_row(sql, params![destination.id, file, number(line)], |row| row.get::<bool>(0))?;
    Ok(match row {
        Some(true) => LineStatus::Refused,
        Some(false) => LineStatus::Accepted,
        None if line <= through(database, destination, file)? => LineStatus::Accepted,
        None => LineStatus::Open,
    })
}

pub(super) fn restart(
    database: &Database,
    destination: &Destination,
    file: &[u8],
) -> Result<(), StoreError> {
    for table in ["event_files", "event_lines"] {
        let sql = format!("DELETE FROM {table} WHERE destination_id = ?1 AND sha256 = ?2");
        database.execute(&sql, params![destination.id, file])?;
    }
    Ok(())
}

pub(super) fn record(
    database: &Database,
    destination: &Destination,
    file: &[u8],
    line: u64,
    refused: Option<u16>,
) -> Result<(), StoreError> {
    let mut through = through(database, destination, file)?;
    if line == through + 1 {
        through = line;
        // Later lines that were answered before this one may now follow it without a gap.
        let sql = "SELECT line FROM event_lines
                   WHERE destination_id = ?1 AND sha256 = ?2 AND line > ?3 ORDER BY line";
        database.find_row(sql, params![destination.id, file, number(line)], |row| {
            if row.get::<i64>(0)?.unsigned_abs() != through + 1 {
                return Ok(Some(()));
            }
            through += 1;
            Ok(None)
        })?;
        let sql = "INSERT INTO event_files (destination_id, sha256, through, changed_at)
                   VALUES (?1, ?2, ?3, ?4) ON CONFLICT (destination_id, sha256)
                   DO UPDATE SET through = ?3, changed_at = ?4";
        database.execute(sql, params![destination.id, file, number(through), now()])?;
        if through > line {
            let sql = "DELETE FROM event_lines WHERE destination_id = ?1 AND sha256 = ?2
                       AND line <= ?3 AND refused_status IS NULL";
            database.execute(sql, params![destination.id, file, number(through)])?;
        }
    }
    if refused.is_none() && line <= through {
        let sql = "DELETE FROM event_lines WHERE destination_id = ?1 AND sha256 = ?2 AND line = ?3";
        return database.execute(sql, params![destination.id, file, number(line)]).map(|_| ());
    }
    let sql = "INSERT INTO event_lines (destination_id, sha256, line, refused_status)
               VALUES (?1, ?2, ?3, ?4) ON CONFLICT (destination_id, sha256, line)
               DO UPDATE SET refused_status = ?4";
    database.execute(sql, params![destination.id, file, number(line), refused]).map(|_| ())
}

fn number(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}
