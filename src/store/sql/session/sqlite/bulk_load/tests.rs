//! The written pages, as SQLite reads them.

use super::page_file::{PAGE, PageFile};
use super::record::{Value, write_record};
use super::tree::{TreeKind, TreeWriter};
use proptest::prelude::*;
use rusqlite::Connection;
use rusqlite::types::Value as Stored;
use std::fs::{File, OpenOptions};
use tempfile::NamedTempFile;

const TABLES: &str = "PRAGMA page_size = 4096;
    CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT, number INTEGER, bytes BLOB);
    CREATE TABLE entries (key TEXT, number INTEGER, PRIMARY KEY (key, number)) WITHOUT ROWID;";

fn database() -> (NamedTempFile, Connection) {
    let file = NamedTempFile::new().unwrap();
    let connection = Connection::open(file.path()).unwrap();
    connection.execute_batch(TABLES).unwrap();
    (file, connection)
}

fn open(file: &NamedTempFile) -> File {
    OpenOptions::new().read(true).write(true).open(file.path()).unwrap()
}

fn root(connection: &Connection, name: &str) -> u32 {
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    connection.query_row(sql, [name], |row| row.get(0)).unwrap()
}

fn assert_sound(connection: &Connection) {
    let sound: String = connection.query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

/// A text of a length that may fill a page, need overflow pages, or be just at a limit.
fn text() -> impl Strategy<Value = String> {
    let length = prop_oneof![
        8 => 0_usize..60,
        2 => 60_usize..1100,
        2 => 4000_usize..4200,
        1 => 8100_usize..8300,
        1 => 0_usize..40_000,
    ];
    (length, "[a-zäß]").prop_map(|(length, c)| c.repeat(length / c.len()))
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![-2_i64..3, any::<i64>(), any::<i32>().prop_map(i64::from), -40_000_i64..40_000]
}

type Row = (u32, Option<String>, i64, Vec<u8>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (1_u32..300, proptest::option::of(text()), number(), text());
    proptest::collection::vec(row, 0..300).prop_map(|rows| {
        let mut id = 0;
        rows.into_iter()
            .map(|(step, text, number, bytes)| {
                id += step;
                (id, text, number, bytes.into_bytes())
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sqlite_reads_what_was_written(rows in rows(), keys in proptest::collection::btree_set((text(), number()), 0..400)) {
        let (file, connection) = database();
        let mut pages = PageFile::append_to(open(&file)).unwrap();
        let mut table = TreeWriter::new(TreeKind::Table, root(&connection, "rows"));
        let mut record = Vec::new();
        for (id, text, number, bytes) in &rows {
            let values = [Value::Null, text.as_deref().into(), Value::Integer(*number), Value::Blob(bytes)];
            write_record(&values, &mut record);
            table.add_row((*id).into(), &record, &mut pages).unwrap();
        }
        let mut index = TreeWriter::new(TreeKind::Index, root(&connection, "entries"));
        for (key, number) in &keys {
            write_record(&[Value::Text(key), Value::Integer(*number)], &mut record);
            index.add_entry(&record, &mut pages).unwrap();
        }
        table.finish(&mut pages).unwrap();
        index.finish(&mut pages).unwrap();
        pages.finish().unwrap();

        // The connection has read the file before.
        assert_sound(&connection);
        let mut statement = connection.prepare("SELECT * FROM rows").unwrap();
        let read = statement.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        });
        let read: Vec<Row> = read.unwrap().map(Result::unwrap).collect();
        prop_assert!(read == rows);
        let mut statement = connection.prepare("SELECT key, number FROM entries").unwrap();
        let read = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let read: Vec<(String, i64)> = read.unwrap().map(Result::unwrap).collect();
        prop_assert!(read == keys.iter().cloned().collect::<Vec<_>>());
        // SQLite can search in it, and change it.
        for (key, number) in &keys {
            let found = connection.execute("DELETE FROM entries WHERE key = ?1 AND number = ?2", (key, number));
            prop_assert_eq!(found.unwrap(), 1);
        }
        connection.execute("UPDATE rows SET text = text || text, number = -number WHERE id % 3 = 0 AND number > -9", []).unwrap();
        assert_sound(&connection);
    }
}

#[test]
fn no_data_is_in_the_page_with_sqlites_locks() {
    let (file, connection) = database();
    // The pages before it are a hole in the file.
    let before = (1_u64 << 30) / PAGE as u64 - 3;
    open(&file).set_len(before * PAGE as u64).unwrap();
    let mut pages = PageFile::append_to(open(&file)).unwrap();
    let mut table = TreeWriter::new(TreeKind::Table, root(&connection, "rows"));
    let mut record = Vec::new();
    for id in 1..40_u32 {
        let text = id.to_string().repeat(6000);
        write_record(&[Value::Null, Value::Text(&text), Value::Null, Value::Null], &mut record);
        table.add_row(id.into(), &record, &mut pages).unwrap();
    }
    table.finish(&mut pages).unwrap();
    pages.finish().unwrap();
    let mut statement = connection.prepare("SELECT id, text FROM rows").unwrap();
    let read: Vec<(u32, Stored)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(read.len(), 39);
    for (id, text) in read {
        assert_eq!(text, Stored::Text(id.to_string().repeat(6000)));
    }
}
