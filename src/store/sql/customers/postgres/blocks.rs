//! Reads and writes blocks of fingerprints, many in one round trip.

use super::load::array;
use super::save::Parameter;
use crate::store::StoreError;
use crate::store::sql::customers::fingerprints::Block;
use crate::store::sql::database::Database;
use postgres::types::Type;
use rusqlite::params;
use std::collections::HashMap;

/// The entries of a plan's blocks with these numbers; of those that exist.
pub(crate) fn read_blocks(
    database: &Database,
    plan: i64,
    numbers: &[u32],
) -> Result<HashMap<u32, Vec<u8>>, StoreError> {
    let sql = "SELECT block, entries FROM fingerprints
               WHERE plan_id = ?1 AND block = ANY (CAST(?2 AS bigint[]))";
    let numbers = array(numbers.iter().copied());
    database.rows(sql, params![plan, numbers], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Writes blocks, in place of those with the same numbers.
pub(crate) fn write_blocks(
    database: &Database,
    plan: i64,
    blocks: &[Block],
) -> Result<(), StoreError> {
    let connection = database.postgres()?;
    let sql = format!(
        "INSERT INTO {}.fingerprints (plan_id, block, entries)
         SELECT $1, n.block, n.entries FROM unnest($2, $3) AS n (block, entries)
         ON CONFLICT (plan_id, block) DO UPDATE SET entries = excluded.entries",
        connection.schema()
    );
    let numbers: Vec<i64> = blocks.iter().map(|block| block.number.into()).collect();
    let entries: Vec<&[u8]> = blocks.iter().map(|block| block.entries.as_slice()).collect();
    let values: [Parameter<'_>; 3] =
        [(&plan, Type::INT8), (&numbers, Type::INT8_ARRAY), (&entries, Type::BYTEA_ARRAY)];
    connection.with(|client| client.execute_typed(&sql, &values)).map(|_| ())
}
