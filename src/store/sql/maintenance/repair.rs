//! Rebuilds what can be derived from the rest of a store, after another tool wrote to it.

use crate::store::StoreError;
use crate::store::sql::Writer;
use crate::store::sql::catalogue::recreate_profiles;
use crate::store::sql::customers::fingerprints;
use crate::store::sql::database::Database;
use crate::store::sql::delivery;
use crate::store::sql::history::pending_outputs;
use crate::store::sql::schema::sqlite as schema;
use crate::value::typed::ValueType;
use rusqlite::params;

/// Drops all fingerprints, so that the next import validates every record, and rebuilds the missing
/// attributes of the catalogue, the indexes and the view. Clears names of files that no import can
/// have written, and drops deliveries that no push can have written.
///
/// Fails with the error of SQLite if the uids are not unique.
pub fn repair(writer: Writer) -> Result<(), StoreError> {
    let database = writer.database();
    let implausible: Vec<i64> = pending_outputs::implausible(database)?.into_iter().collect();
    pending_outputs::clear(database, &implausible)?;
    fingerprints::drop_all(database)?;
    delivery::drop_unreadable(database)?;
    if database.is_postgres() {
        for table in ["customers", "devices", "changes"] {
            database.batch(&format!("REINDEX TABLE {table}"))?;
        }
    } else {
        database.batch("DROP INDEX IF EXISTS customers_uid")?;
        schema::create_indexes(database)?;
        schema::create_changes(database)?;
        database.batch("REINDEX")?;
    }
    add_missing_attributes(database)?;
    recreate_profiles(database)?;
    writer.commit(None)?;
    Ok(())
}

/// Adds the attributes that customers have and the catalogue does not.
fn add_missing_attributes(database: &Database) -> Result<(), StoreError> {
    let postgres = "SELECT key, bool_and(jsonb_typeof(value) = 'boolean'),
                           bool_and(jsonb_typeof(value) = 'number')
                    FROM customers, jsonb_each(attributes)
                    WHERE jsonb_typeof(attributes) = 'object'
                      AND key NOT IN (SELECT name FROM attributes) GROUP BY key";
    let sqlite = "SELECT key, min(type = 'true' OR type = 'false'),
                      min(type = 'integer' OR type = 'real')
               FROM customers, json_each(attributes)
               WHERE json_valid(attributes) AND json_type(attributes) = 'object'
                 AND key NOT IN (SELECT name FROM attributes) GROUP BY key";
    let sql = if database.is_postgres() { postgres } else { sqlite };
    let missing: Vec<(String, bool, bool)> =
        database.rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (name, are_booleans, are_numbers) in missing {
        let kind = match (are_booleans, are_numbers) {
            (true, _) => ValueType::Boolean,
            (_, true) => ValueType::Number,
            _ => ValueType::String,
        };
        let sql = "INSERT INTO attributes (name, type, first_import, last_import)
                   SELECT CAST(?1 AS text), CAST(?2 AS text), max(id), max(id) FROM imports";
        database.execute(sql, params![name, kind.as_str()])?;
    }
    Ok(())
}
