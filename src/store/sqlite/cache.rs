//! How much of a store SQLite holds in memory.

use rusqlite::Connection;

/// A text from which on the cache is small: several copies of it are in memory while it is read or
/// written.
const LONG: usize = 1 << 20;

/// Leaves room in memory for a customer whose attributes are this long.
pub(crate) fn bound_cache(connection: &Connection, length: usize) -> rusqlite::Result<()> {
    if length < LONG {
        return Ok(());
    }
    connection.execute_batch("PRAGMA cache_size = -4096; PRAGMA shrink_memory")
}
