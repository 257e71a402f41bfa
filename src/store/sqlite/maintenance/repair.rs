//! Makes anew what can be made from all else, after a foreign hand wrote to a store.

use crate::store::StoreError;

use crate::store::sqlite::Writer;
use crate::store::sqlite::customers::fingerprints;
use crate::store::sqlite::history::pending;
use crate::store::sqlite::schema;
use crate::value::typed::ValueType;
use rusqlite::{Connection, params};

/// Drops all fingerprints, so that the next import judges every record, and makes the catalogue's
/// missing attributes, the indexes and the view anew; clears names of files that are none of an
/// import's.
///
/// Fails as SQLite does where the uids themselves are not unique.
pub fn repair(writer: Writer) -> Result<(), StoreError> {
    let reader = writer.reader();
    made_anew(&reader.connection).map_err(|error| reader.sqlite(error))?;
    writer.commit(None)?;
    Ok(())
}

fn made_anew(connection: &Connection) -> rusqlite::Result<()> {
    pending::clear_implausible(connection)?;
    fingerprints::void_all(connection)?;
    connection.execute_batch("DROP INDEX IF EXISTS customers_uid")?;
    schema::create_indexes(connection)?;
    connection.execute_batch("REINDEX")?;
    let sql = "SELECT key, min(type = 'true' OR type = 'false'),
                      min(type = 'integer' OR type = 'real')
               FROM customers, json_each(attributes)
               WHERE json_valid(attributes) AND json_type(attributes) = 'object'
                 AND key NOT IN (SELECT name FROM attributes) GROUP BY key";
    let missing: Vec<(String, bool, bool)> = connection
        .prepare(sql)?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (name, boolean, number) in missing {
        let kind = match (boolean, number) {
            (true, _) => ValueType::Boolean,
            (_, true) => ValueType::Number,
            _ => ValueType::String,
        };
        let sql = "INSERT INTO attributes (name, type, first_import, last_import)
                   SELECT ?1, ?2, max(id), max(id) FROM imports";
        connection.execute(sql, params![name, kind.as_str()])?;
    }
    let names: Vec<String> = connection
        .prepare("SELECT name FROM attributes ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    schema::create_profiles(connection, &names)
}
