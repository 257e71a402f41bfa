//! Adds the uids of many new customers to their index in order.
//!
//! SQLite adds each row to the index at once. That is a search for each uid, which takes two fifths
//! of the time if the uids are in no order. So once an import has added many customers, the index
//! leaves the schema, and rows are added without it. Their uids are sorted meanwhile. At the end they
//! become rows of a table `WITHOUT ROWID` that has the pages of the index: the two have the same
//! format (<https://www.sqlite.org/fileformat2.html#representation_of_without_rowid_tables>). Then the
//! schema is as before. All of this is in the import's transaction: readers always see a store
//! with the index, and a rollback restores it.

use super::bulk_load::not_written;
use super::uid_sorter::{CHECKED_TOGETHER, UidSorter};
use crate::output::{folder_of, resolved};
use crate::store::sql::database::Database;
use crate::store::sql::schema::sqlite as schema;
use crate::store::{Interrupt, StoreError};
use rusqlite::params;

/// The new customers from which on sorting takes less time: the schema is read twice more for it.
pub(super) const MANY_CUSTOMERS: u32 = 4096;

/// The runs of uids in memory: few, next to SQLite's page cache.
const RUNS_IN_MEMORY: usize = 3;

/// The memory that sorting takes from the page cache, in KiB: the runs, the one that is being
/// filled, and a copy.
pub(super) const SORTING: u64 = 16 << 10;

/// How the uids of new customers get into their index.
#[derive(Default)]
pub(super) enum UidEntries {
    /// SQLite adds each with its row, since there are few so far.
    #[default]
    Undecided,
    /// SQLite adds each with its row to the end of the import: it searches the index, or others
    /// rely on it.
    AtOnce,
    /// They are added in order, once the index is needed.
    Later(DetachedIndex),
}

/// The index on `uid`, which is not in the schema, and the uids that it lacks.
pub(super) struct DetachedIndex {
    uids: UidSorter,
}

impl DetachedIndex {
    /// Makes a table of the index. `None` if the schema has more than a store needs, and what it has
    /// may depend on the index: triggers may search it or change customers, and foreign keys may
    /// refer to uids; or if the index has another definition.
    pub(super) fn detach(database: &Database) -> Result<Option<Self>, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM sqlite_schema WHERE name = 'customers_uid') = 1
               AND EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index'
                           AND name = 'customers_uid' AND tbl_name = 'customers' AND sql = ?1)
               AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger')
               AND NOT EXISTS (SELECT 1 FROM sqlite_temp_schema WHERE type = 'trigger')
               AND NOT EXISTS (SELECT 1 FROM sqlite_schema t, pragma_foreign_key_list(t.name) k
                               WHERE t.type = 'table' AND lower(k.\"to\") = 'uid')";
        if !database.value(sql, [schema::UID_INDEX])? {
            return Ok(None);
        }
        let table = "CREATE TABLE customers_uid (uid TEXT PRIMARY KEY, id INTEGER) WITHOUT ROWID";
        redefine(database, ["index", "table"], "customers_uid", table)?;
        let folder = resolved(database.path());
        Ok(Some(Self { uids: UidSorter::new(folder_of(&folder), RUNS_IN_MEMORY) }))
    }

    /// Adds the uid of a new customer.
    pub(super) fn add(
        &mut self,
        database: &Database,
        uid: &str,
        row: u32,
    ) -> Result<(), StoreError> {
        self.uids.push(uid, row).map_err(|error| not_written(database, error))
    }

    /// Adds the uids to the table, and makes it the index again.
    pub(super) fn attach(
        self,
        database: &Database,
        interrupt: &Interrupt,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR FAIL INTO customers_uid (uid, id) VALUES (?1, ?2)";
        let mut insert = database.prepare(sql)?;
        let mut sorted = self.uids.finish().map_err(|error| not_written(database, error))?;
        let mut added = 0_u32;
        while let Some((uid, row)) = sorted.next().map_err(|error| not_written(database, error))? {
            if added.is_multiple_of(CHECKED_TOGETHER) {
                interrupt.check()?;
            }
            added += 1;
            database.check(insert.execute(params![uid, row]))?;
        }
        drop(insert);
        redefine(database, ["table", "index"], "customers", schema::UID_INDEX)
    }
}

/// Reads the schema again after a rollback: its version may be that of a schema which another
/// program has written since.
pub(super) fn forget_schema(database: &Database) -> Result<(), StoreError> {
    database.batch("PRAGMA writable_schema = RESET")
}

/// Changes what the pages of the index are in the schema, and reads the schema again. Its version
/// changes too, so that SQLite finds out after a rollback.
fn redefine(
    database: &Database,
    [from, to]: [&str; 2],
    table: &str,
    sql: &str,
) -> Result<(), StoreError> {
    let version: i64 = database.value("PRAGMA schema_version", [])?;
    database.batch("PRAGMA writable_schema = ON")?;
    let update = "UPDATE sqlite_schema SET type = ?2, tbl_name = ?3, sql = ?4
                  WHERE type = ?1 AND name = 'customers_uid'";
    let updated = database.execute(update, params![from, to, table, sql]);
    // If it fails, SQLite may have rolled back, and the version would be that of another program.
    let updated =
        updated.and_then(|_| database.batch(&format!("PRAGMA schema_version = {}", version + 1)));
    let reset = forget_schema(database);
    updated.and(reset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_set;
    use proptest::prelude::*;
    use rusqlite::Connection;
    use std::path::Path;

    fn store() -> Database {
        let database = Database::new(Connection::open_in_memory().unwrap(), Path::new("s.db"));
        schema::create_tables(&database).unwrap();
        schema::create_indexes(&database).unwrap();
        database.batch("PRAGMA foreign_keys = OFF; BEGIN").unwrap();
        database
    }

    fn insert(database: &Database, id: u32, uid: &str) -> Result<u64, StoreError> {
        let sql = "INSERT INTO customers VALUES (?1, ?2, NULL, NULL, NULL, NULL, '{}', 't', 't',
                                                 NULL, 1)";
        database.execute(sql, params![id, uid])
    }

    /// The rows and the schema as SQLite reads them through the index, which it checks too.
    fn state(database: &Database) -> Vec<String> {
        let sql = "SELECT integrity_check FROM pragma_integrity_check
                   UNION ALL SELECT concat_ws('|', type, name, tbl_name, rootpage, sql)
                   FROM sqlite_schema
                   UNION ALL SELECT uid || '|' || id FROM customers INDEXED BY customers_uid
                   WHERE uid > ''";
        let state: Vec<String> = database.rows(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(state[0], "ok");
        state
    }

    proptest! {
        #[test]
        fn an_index_is_the_same_as_if_it_had_not_been_detached(
            uids in btree_set("[a-cé]{1,6}|[a-c]{900,2000}", 1..60),
            order in any::<prop::sample::Index>(),
            before in any::<prop::sample::Index>(),
        ) {
            let mut uids: Vec<String> = uids.into_iter().collect();
            let length = uids.len();
            uids.rotate_left(order.index(length));
            uids.swap(0, length / 2);
            let (first, new) = uids.split_at(before.index(length));
            let (plain, detached) = (store(), store());
            let mut ids = 1_u32..;
            for uid in first {
                insert(&detached, ids.next().unwrap(), uid).unwrap();
            }
            let mut index = DetachedIndex::detach(&detached).unwrap().unwrap();
            for (uid, id) in new.iter().zip(ids) {
                insert(&detached, id, uid).unwrap();
                index.add(&detached, uid, id).unwrap();
            }
            for (uid, id) in uids.iter().zip(1..) {
                insert(&plain, id, uid).unwrap();
            }
            index.attach(&detached, &Interrupt::default()).unwrap();
            prop_assert_eq!(state(&detached), state(&plain));
            detached.batch("COMMIT").unwrap();
            prop_assert_eq!(state(&detached), state(&plain));
        }
    }

    #[test]
    fn a_rollback_restores_the_index() {
        let database = store();
        insert(&database, 1, "a").unwrap();
        database.batch("COMMIT").unwrap();
        let before = state(&database);
        for attaches in [false, true] {
            database.batch("BEGIN").unwrap();
            let mut index = DetachedIndex::detach(&database).unwrap().unwrap();
            insert(&database, 2, "b").unwrap();
            index.add(&database, "b", 2).unwrap();
            if attaches {
                index.attach(&database, &Interrupt::default()).unwrap();
            }
            database.batch("ROLLBACK").unwrap();
            assert_eq!(state(&database), before);
            insert(&database, 2, "a").unwrap_err();
            insert(&database, 2, "b").unwrap();
            assert_eq!(state(&database).len(), before.len() + 1);
            database.batch("DELETE FROM customers WHERE id = 2").unwrap();
        }
    }

    #[test]
    fn a_uid_is_not_added_twice() {
        let database = store();
        insert(&database, 1, "a").unwrap();
        let mut index = DetachedIndex::detach(&database).unwrap().unwrap();
        insert(&database, 2, "a").unwrap();
        index.add(&database, "a", 2).unwrap();
        index.attach(&database, &Interrupt::default()).unwrap_err();
    }

    #[test]
    fn an_interruption_ends_it() {
        let (database, interrupt) = (store(), Interrupt::default());
        interrupt.begin().unwrap();
        let mut index = DetachedIndex::detach(&database).unwrap().unwrap();
        insert(&database, 1, "a").unwrap();
        index.add(&database, "a", 1).unwrap();
        interrupt.request();
        let ended = index.attach(&database, &interrupt);
        assert!(matches!(ended, Err(StoreError::Interrupted)), "{ended:?}");
    }

    #[test]
    fn an_index_that_others_rely_on_is_not_detached() {
        for more in [
            "CREATE TRIGGER t AFTER INSERT ON customers BEGIN
                 UPDATE customers SET uid = 'x' || uid WHERE id = NEW.id; END",
            "CREATE TRIGGER customers_uid AFTER INSERT ON devices BEGIN
                 DELETE FROM customers; END",
            "CREATE TEMP TRIGGER t AFTER INSERT ON customers BEGIN SELECT 1; END",
            "CREATE TABLE notes (note TEXT, of TEXT REFERENCES customers (UID))",
            "DROP INDEX customers_uid",
            "DROP INDEX customers_uid; CREATE UNIQUE INDEX customers_uid ON customers (uid DESC)",
            "DROP INDEX customers_uid; CREATE UNIQUE INDEX customers_uid ON customers (uid, email)",
            "DROP INDEX customers_uid;
             CREATE UNIQUE INDEX customers_uid ON customers (uid COLLATE NOCASE)",
            "DROP INDEX customers_uid;
             CREATE UNIQUE INDEX customers_uid ON customers (uid) WHERE archived_at IS NULL",
            "DROP INDEX customers_uid; CREATE INDEX customers_uid ON customers (email)",
        ] {
            let database = store();
            database.batch(more).unwrap();
            let sql = "SELECT group_concat(concat_ws('|', type, name, sql)) FROM sqlite_schema";
            let schema = || database.value::<String>(sql, []).unwrap();
            let before = schema();
            assert!(DetachedIndex::detach(&database).unwrap().is_none(), "{more}");
            assert_eq!(schema(), before);
        }
    }

    #[test]
    fn a_schema_that_changes_after_a_rollback_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let open = || Database::new(Connection::open(&path).unwrap(), &path);
        let (database, other) = (open(), open());
        schema::create_tables(&database).unwrap();
        schema::create_indexes(&database).unwrap();
        database.batch("PRAGMA foreign_keys = OFF; BEGIN").unwrap();
        DetachedIndex::detach(&database).unwrap().unwrap();
        insert(&database, 1, "a").unwrap();
        database.batch("ROLLBACK").unwrap();
        forget_schema(&database).unwrap();
        // Its version is the one that the rolled back transaction had.
        other.batch("CREATE INDEX by_email ON customers (email)").unwrap();
        insert(&database, 1, "a").unwrap();
        assert_eq!(state(&database).last().unwrap(), "a|1");
    }
}
