//! The tables of a customer store. `docs/store.md` explains them to people with an SQL shell.

use crate::store::StoreError;
use crate::store::sql::customers::before_images;
use crate::store::sql::database::Database;
use crate::value::Standard;

/// Marks an SQLite file as a customer store: `engg` in ASCII.
pub(crate) const APPLICATION_ID: i32 = 0x656e_6767;
/// The version of these tables.
pub(crate) const VERSION: i32 = 5;

/// A store without rows: what SQLite makes of these tables and indexes. Copying it takes less time
/// than creating them.
pub(crate) const EMPTY_STORE: &[u8] = include_bytes!("empty_store.db");

/// The maximum number of attributes in the view; SQLite's own limit is 2,000 columns.
const PROFILE_ATTRIBUTES: usize = 1000;

/// The tables. The unique index on `uid` is created separately: in a first import, at the end.
const TABLES: &str = "
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    number TEXT,
    email TEXT,
    attributes TEXT NOT NULL,
    first_imported_at TEXT NOT NULL,
    last_changed_at TEXT NOT NULL,
    archived_at TEXT,
    inserted_by INTEGER NOT NULL REFERENCES imports (id)
);
CREATE TABLE devices (
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    rank INTEGER NOT NULL,
    token TEXT NOT NULL,
    platform TEXT NOT NULL,
    PRIMARY KEY (customer_id, rank)
) WITHOUT ROWID;
CREATE TABLE attributes (
    name TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    first_import INTEGER NOT NULL,
    last_import INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    exit_code INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    operator TEXT,
    options TEXT NOT NULL,
    files TEXT NOT NULL,
    key TEXT,
    report TEXT NOT NULL,
    plan_id INTEGER,
    rejects TEXT,
    catalogue_before TEXT NOT NULL,
    trail TEXT,
    last_customer INTEGER
);
CREATE TABLE segments (
    name TEXT PRIMARY KEY,
    expression TEXT NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    import_id INTEGER
) WITHOUT ROWID;
CREATE TABLE plans (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    last_import INTEGER NOT NULL
);
CREATE TABLE fingerprints (
    plan_id INTEGER NOT NULL REFERENCES plans (id),
    block INTEGER NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (plan_id, block)
);
";

/// Version 2 adds what the store remembers about columns.
const REMEMBERED: &str = "(
    header TEXT NOT NULL,
    import_id INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (header, import_id)
) WITHOUT ROWID";

/// Version 3 adds the uids that imports leave out.
const BLOCKED: &str = "(
    digest BLOB PRIMARY KEY,
    blocked_at TEXT NOT NULL
) WITHOUT ROWID";

/// Version 4 adds what was delivered to Engage.
const DELIVERY: [(&str, &str); 5] = [
    (
        "destinations",
        "(
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    url TEXT NOT NULL,
    last_push_at TEXT NOT NULL
)",
    ),
    (
        "delivered_names",
        "(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
)",
    ),
    (
        "deliveries",
        "(
    destination_id INTEGER NOT NULL,
    uid TEXT NOT NULL,
    status TEXT NOT NULL,
    fields BLOB NOT NULL,
    tokens TEXT,
    changed_at TEXT NOT NULL,
    refused_status INTEGER,
    refused_text TEXT,
    refused_state INTEGER,
    PRIMARY KEY (destination_id, uid)
) WITHOUT ROWID",
    ),
    (
        "event_files",
        "(
    destination_id INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    through INTEGER NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (destination_id, sha256)
) WITHOUT ROWID",
    ),
    (
        "event_lines",
        "(
    destination_id INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    line INTEGER NOT NULL,
    refused_status INTEGER,
    PRIMARY KEY (destination_id, sha256, line)
) WITHOUT ROWID",
    ),
];

/// Version 5 puts before-images of several customers into one row. Before, the view was a table.
const BEFORE_IMAGES: &str = "(
    id INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL,
    first_customer INTEGER NOT NULL,
    kind TEXT NOT NULL,
    last_changed_at TEXT,
    images TEXT NOT NULL,
    UNIQUE (import_id, first_customer)
)";

const CHANGES: &str = "
CREATE VIEW changes AS
SELECT import_id, CAST(key AS INTEGER) AS customer_id, kind,
       CASE WHEN last_changed_at IS NULL THEN value
            ELSE json_insert(value, '$.columns.last_changed_at', last_changed_at) END AS before
FROM before_images, json_each(images)";

fn create_before_images(database: &Database) -> Result<(), StoreError> {
    database.batch(&format!(
        "CREATE TABLE before_images {BEFORE_IMAGES};
         CREATE INDEX before_images_customer ON before_images (first_customer, import_id)"
    ))
}

/// Creates the view that shows before-images one by one, in place of an existing view.
pub(crate) fn create_changes(database: &Database) -> Result<(), StoreError> {
    database.batch(&format!("DROP VIEW IF EXISTS changes; {CHANGES}"))
}

fn create_delivery(database: &Database, kind: &str) -> Result<(), StoreError> {
    let tables = DELIVERY.map(|(name, columns)| format!("CREATE {kind} TABLE {name} {columns};"));
    database.batch(&tables.concat())
}

/// Migrates an older store to this version, within the open transaction.
pub(crate) fn migrate(database: &Database) -> Result<(), StoreError> {
    let version = version(database)?;
    if version < 2 {
        database.batch(&format!("CREATE TABLE remembered {REMEMBERED}"))?;
    }
    if version < 3 {
        database.batch(&format!("CREATE TABLE blocked {BLOCKED}"))?;
    }
    if version < 4 {
        create_delivery(database, "")?;
    }
    if version < 5 {
        create_before_images(database)?;
        let sql = "SELECT import_id, customer_id, kind, before FROM changes
                   ORDER BY import_id, customer_id";
        before_images::write_all(database, sql)?;
        database.batch("DROP TABLE changes")?;
        create_changes(database)?;
    }
    if version < VERSION {
        database.batch(&format!("PRAGMA user_version = {VERSION}"))?;
    }
    Ok(())
}

/// Creates the tables that an older store lacks, for a connection that only reads it. They are
/// temporary, and empty or views.
pub(crate) fn substitute_missing(database: &Database) -> Result<(), StoreError> {
    let version = version(database)?;
    if version < 2 {
        database.batch(&format!("CREATE TEMPORARY TABLE remembered {REMEMBERED}"))?;
    }
    if version < 3 {
        database.batch(&format!("CREATE TEMPORARY TABLE blocked {BLOCKED}"))?;
    }
    if version < 4 {
        create_delivery(database, "TEMPORARY")?;
    }
    if version < 5 {
        database.batch(
            "CREATE TEMPORARY VIEW before_images AS
             SELECT NULL AS id, import_id, customer_id AS first_customer, kind,
                    NULL AS last_changed_at, '{\"' || customer_id || '\":' || before || '}' AS images
             FROM main.changes",
        )?;
    }
    Ok(())
}

fn version(database: &Database) -> Result<i32, StoreError> {
    database.value("PRAGMA user_version", [])
}

/// Creates the tables of a new store.
pub(crate) fn create_tables(database: &Database) -> Result<(), StoreError> {
    database.batch(TABLES)?;
    database.batch(&format!("CREATE TABLE remembered {REMEMBERED}"))?;
    database.batch(&format!("CREATE TABLE blocked {BLOCKED}"))?;
    create_delivery(database, "")?;
    create_before_images(database)?;
    create_changes(database)?;
    database.batch(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
    ))
}

/// Creates a temporary table that replaces the before-images on this connection.
pub(crate) fn create_temporary_before_images(database: &Database) -> Result<(), StoreError> {
    database.batch(&format!("CREATE TEMPORARY TABLE before_images {BEFORE_IMAGES}"))
}

/// The only index of the customers.
pub(crate) const UID_INDEX: &str = "CREATE UNIQUE INDEX customers_uid ON customers (uid)";

/// Creates the indexes. A first import does so at its end.
pub(crate) fn create_indexes(database: &Database) -> Result<(), StoreError> {
    database.batch(UID_INDEX)
}

/// Creates the view with a column for each custom attribute, in place of an existing view.
pub(crate) fn create_profiles(
    database: &Database,
    attributes: &[(String, String)],
) -> Result<(), StoreError> {
    let mut taken: Vec<String> =
        Standard::ALL.iter().map(|s| s.as_str().to_ascii_lowercase()).collect();
    let mut columns = String::new();
    for (name, _) in attributes.iter().take(PROFILE_ATTRIBUTES) {
        // SQLite ignores ASCII case in names of columns.
        let lower = name.to_ascii_lowercase();
        if taken.contains(&lower) {
            continue;
        }
        taken.push(lower);
        let path = format!("$.{}", serde_json::Value::from(name.as_str()));
        let path = path.replace('\'', "''");
        let name = name.replace('"', "\"\"");
        columns.push_str(&format_column(&path, &name));
    }
    database.batch(&format!(
        "DROP VIEW IF EXISTS customer_profiles;
         CREATE VIEW customer_profiles AS
         SELECT uid, first_name, last_name, number, email,
                (SELECT token FROM devices WHERE customer_id = customers.id AND rank = 1)
                    AS device_token,
                (SELECT platform FROM devices WHERE customer_id = customers.id AND rank = 1)
                    AS device_platform{columns},
                first_imported_at, last_changed_at, archived_at
         FROM customers"
    ))
}

fn format_column(path: &str, name: &str) -> String {
    format!(",\n                json_extract(attributes, '{path}') AS \"{name}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    /// The tables, indexes and views with their root pages, and the numbers in the header.
    fn content(file: &Path) -> Vec<String> {
        let database = Database::new(Connection::open(file).unwrap(), file);
        let sql = "SELECT concat_ws('|', type, name, tbl_name, rootpage, sql) FROM sqlite_schema
                   UNION ALL SELECT concat_ws('|', application_id, user_version, page_size, page_count)
                   FROM pragma_application_id, pragma_user_version, pragma_page_size, pragma_page_count
                   UNION ALL SELECT integrity_check FROM pragma_integrity_check";
        database.rows(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn the_empty_store_has_the_current_tables() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("made.db");
        let database = Database::new(Connection::open(&made).unwrap(), &made);
        database.batch("PRAGMA page_size = 4096; BEGIN").unwrap();
        create_tables(&database).unwrap();
        create_indexes(&database).unwrap();
        database.batch("COMMIT").unwrap();
        database.close().unwrap();
        let kept =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store/sql/schema/empty_store.db");
        if env::var_os("DOCS_UPDATE").is_some() {
            fs::copy(&made, &kept).unwrap();
        }
        assert_eq!(
            content(&kept),
            content(&made),
            "DOCS_UPDATE=1 cargo test empty_store writes it"
        );
    }

    #[test]
    fn the_view_takes_any_attribute_name() {
        let database = Database::new(Connection::open_in_memory().unwrap(), Path::new("s.db"));
        database.batch("PRAGMA foreign_keys = OFF").unwrap();
        create_tables(&database).unwrap();
        create_indexes(&database).unwrap();
        let names = ["plan", "it's \"odd\"", "a.b[0]", "größe", "GRÖßE", "PLAN", "uid"]
            .map(|name| (name.to_owned(), "string".to_owned()));
        create_profiles(&database, &names).unwrap();
        database
            .batch(
                r#"INSERT INTO customers VALUES (1, 'u', NULL, NULL, NULL, NULL,
                   '{"plan":"Pro","it''s \"odd\"":1,"a.b[0]":2,"größe":true}', 't', 't', NULL, 1)"#,
            )
            .unwrap();
        let sql =
            r#"SELECT plan, "it's ""odd""", "a.b[0]", "größe", "GRÖßE" FROM customer_profiles"#;
        let row = database
            .row(sql, [], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?)))
            .unwrap();
        assert_eq!(row, ("Pro".to_owned(), 1, 2));
    }
}
