//! Checks what the schema of a store holds. A store is untrusted input, so triggers, rules and
//! functions that engage did not create are refused.

use crate::store::StoreError;
use crate::store::sql::database::{Database, TABLES};
use crate::store::sql::schema::postgres::VERSION;
use rusqlite::params;

/// The state of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SchemaState {
    /// The schema does not exist.
    Missing,
    /// The schema exists and is empty.
    Empty,
    /// The schema holds a store.
    Ready,
}

/// The state of a schema. Fails if it holds something other than a store.
pub(crate) fn schema_state(database: &Database, schema: &str) -> Result<SchemaState, StoreError> {
    let exists =
        database.count("SELECT count(*) FROM pg_namespace WHERE nspname = ?1", [schema])?;
    if exists == 0 {
        return Ok(SchemaState::Missing);
    }
    let sql = "SELECT c.relname, CAST(c.relkind AS text) FROM pg_class c
               JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = ?1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";
    let relations: Vec<(String, String)> =
        database.rows(sql, [schema], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let foreign = |what: String| StoreError::ForeignObject {
        path: database.path().to_owned(),
        schema: schema.to_owned(),
        what,
    };
    if relations.is_empty() {
        return Ok(SchemaState::Empty);
    }
    let is_ours = |(name, kind): &&(String, String)| {
        let is_view = name == "customer_profiles";
        TABLES.contains(&name.as_str())
            && matches!((is_view, kind.as_str()), (true, "v") | (false, "r" | "p"))
    };
    if let Some((name, _)) = relations.iter().find(|relation| !is_ours(relation)) {
        return Err(foreign(format!("the table or view {name}")));
    }
    let names = TABLES.iter().filter(|name| !relations.iter().any(|(there, _)| there == *name));
    if let Some(missing) = names.into_iter().next() {
        return Err(database.damaged(&format!("the table {missing} is missing")));
    }
    if let Some(what) = foreign_object(database, schema)? {
        return Err(foreign(what));
    }
    let sql = "SELECT value FROM settings WHERE name = 'schema_version'";
    let version: Option<String> = database.optional_row(sql, [], |row| row.get(0))?;
    let version = version.and_then(|version| version.parse::<i32>().ok());
    let version = version.ok_or_else(|| database.damaged("its schema version is missing"))?;
    if version > VERSION {
        let path = database.path().to_owned();
        return Err(StoreError::Newer { path, found: version, known: VERSION });
    }
    Ok(SchemaState::Ready)
}

/// A trigger, rule, policy or function that engage did not create.
fn foreign_object(database: &Database, schema: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT 'the trigger ' || t.tgname FROM pg_trigger t
               JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = ?1 AND NOT t.tgisinternal
               UNION ALL
               SELECT 'the rule ' || r.rulename FROM pg_rewrite r
               JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = ?1 AND r.rulename <> '_RETURN'
               UNION ALL
               SELECT 'the policy ' || p.polname FROM pg_policy p
               JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = ?1
               UNION ALL
               SELECT 'the function ' || p.proname FROM pg_proc p
               JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ?1
               LIMIT 1";
    database.optional_row(sql, params![schema], |row| row.get(0))
}
