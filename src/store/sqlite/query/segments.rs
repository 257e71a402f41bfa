//! The customers of a segment, and the segments that were saved.

use super::indexes::indexed;
use crate::segment::{Field, Segment};
use crate::store::StoreError;
use crate::store::sqlite::Reader;
use crate::store::sqlite::Writer;
use crate::store::sqlite::segment_sql::{Predicate, extract, json_path, literal, predicate};
use crate::value::Standard;
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};
use std::fmt::Write as _;

/// A segment under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSegment {
    /// The name.
    pub name: String,
    /// The expression.
    pub expression: String,
    /// When it was saved: UTC, RFC 3339.
    pub created_at: String,
}

/// Which way a sorting goes. Customers without a value come last both ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// What is wanted of a segment's customers.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    /// What of them. Of devices, it is the one seen last.
    pub columns: &'a [Field],
    /// By what they are sorted; in the order in which they came to the store where by nothing.
    pub sort: Option<(&'a Field, Order)>,
    /// How many of them at most.
    pub limit: Option<u64>,
}

/// A value as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredValue<'a> {
    /// There is none.
    Missing,
    /// A text.
    Text(&'a str),
    /// A boolean.
    Boolean(bool),
    /// A custom attribute's value, as JSON.
    Json(&'a str),
}

impl Reader {
    /// How many customers a segment has.
    pub fn count(&self, segment: &Segment) -> Result<u64, StoreError> {
        let Predicate { sql, values } = self.predicate(segment)?;
        let sql = format!("SELECT count(*) FROM customers WHERE {sql}");
        self.connection
            .query_row(&sql, params_from_iter(values), |row| row.get::<_, i64>(0))
            .map(|count| count.try_into().unwrap_or_default())
            .map_err(|error| self.sqlite(error))
    }

    /// Hands over the customers of a segment, a value for each column that is wanted.
    pub fn members<E: From<StoreError>>(
        &self,
        segment: &Segment,
        wanted: &Members<'_>,
        mut each: impl FnMut(&[StoredValue<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let sqlite = |error| self.sqlite(error);
        let Predicate { sql, values } = self.predicate(segment)?;
        let columns: Vec<String> = wanted.columns.iter().map(shown).collect();
        let mut sql = format!("SELECT {} FROM customers WHERE {sql}", columns.join(", "));
        if let Some((field, order)) = wanted.sort {
            let order = match order {
                Order::Ascending => "ASC",
                Order::Descending => "DESC",
            };
            let _ = write!(sql, " ORDER BY {} {order} NULLS LAST, id", sorted_by(field));
        }
        let limit = wanted.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let _ = write!(sql, " LIMIT {limit}");
        let mut statement = self.connection.prepare(&sql).map_err(sqlite)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let values: Vec<StoredValue<'_>> = wanted
                .columns
                .iter()
                .enumerate()
                .map(|(index, field)| value(row, index, field))
                .collect::<rusqlite::Result<_>>()
                .map_err(sqlite)?;
            each(&values)?;
        }
        Ok(())
    }

    /// The indexes that a count of the segment reads instead of all customers; none where it reads
    /// all of them.
    pub fn indexes_of(&self, segment: &Segment) -> Result<Vec<String>, StoreError> {
        let Predicate { sql, values } = self.predicate(segment)?;
        let sql = format!("EXPLAIN QUERY PLAN SELECT count(*) FROM customers WHERE {sql}");
        let read = || -> rusqlite::Result<Vec<String>> {
            self.connection
                .prepare(&sql)?
                .query_map(params_from_iter(values), |row| row.get(3))?
                .collect()
        };
        let plan = read().map_err(|error| self.sqlite(error))?;
        Ok(plan.iter().filter_map(|step| index_of_search(step)).collect())
    }

    pub(crate) fn predicate(&self, segment: &Segment) -> Result<Predicate, StoreError> {
        let indexed = indexed(&self.connection).map_err(|error| self.sqlite(error))?;
        Ok(predicate(segment, &indexed))
    }

    /// The saved segments, by name.
    pub fn saved_segments(&self) -> Result<Vec<SavedSegment>, StoreError> {
        let read = || -> rusqlite::Result<Vec<SavedSegment>> {
            self.connection
                .prepare("SELECT name, expression, created_at FROM segments ORDER BY name")?
                .query_map([], |row| {
                    Ok(SavedSegment {
                        name: row.get(0)?,
                        expression: row.get(1)?,
                        created_at: row.get(2)?,
                    })
                })?
                .collect()
        };
        read().map_err(|error| self.sqlite(error))
    }
}

/// The attribute whose index a step of SQLite's plan searches for customers.
fn index_of_search(step: &str) -> Option<String> {
    let (_, index) = step.strip_prefix("SEARCH customers USING ")?.split_once("INDEX ")?;
    let index = index.rsplit_once(" (").map_or(index, |(index, _)| index);
    Some(match index {
        "customers_uid" => Standard::Uid.as_str().to_owned(),
        _ => index.strip_prefix("attribute ")?.to_owned(),
    })
}

/// What is selected for a column.
fn shown(field: &Field) -> String {
    match field {
        Field::Custom(name, _) => {
            format!("attributes -> {}", literal(&json_path(name)))
        }
        _ => sorted_by(field),
    }
}

/// What customers are sorted by.
fn sorted_by(field: &Field) -> String {
    match field {
        Field::Custom(name, _) => extract(name),
        Field::Standard(Standard::DeviceToken) => last_device("token"),
        Field::Standard(Standard::DevicePlatform) => last_device("platform"),
        Field::Archived => "archived_at IS NOT NULL".to_owned(),
        Field::HasDevice => {
            "EXISTS (SELECT 1 FROM devices WHERE customer_id = customers.id)".to_owned()
        }
        Field::Standard(_) | Field::FirstImportedAt | Field::LastChangedAt => {
            field.name().to_owned()
        }
    }
}

fn last_device(column: &str) -> String {
    format!("(SELECT {column} FROM devices WHERE customer_id = customers.id AND rank = 1)")
}

fn value<'r>(row: &'r Row<'_>, index: usize, field: &Field) -> rusqlite::Result<StoredValue<'r>> {
    Ok(match (row.get_ref(index)?, field) {
        (ValueRef::Null, _) => StoredValue::Missing,
        (ValueRef::Integer(number), _) => StoredValue::Boolean(number != 0),
        (value, Field::Custom(..)) => StoredValue::Json(value.as_str()?),
        (value, _) => StoredValue::Text(value.as_str()?),
    })
}

impl Writer {
    /// Saves a segment under a name; one that has the name already is replaced. Says whether one
    /// was.
    pub fn save_segment(&self, segment: &SavedSegment) -> Result<bool, StoreError> {
        let SavedSegment { name, expression, created_at } = segment;
        let save = || -> rusqlite::Result<bool> {
            let sql = "SELECT 1 FROM segments WHERE name = ?1";
            let is_known =
                self.reader().connection.query_row(sql, [name], |_| Ok(())).optional()?.is_some();
            let sql = "INSERT OR REPLACE INTO segments (name, expression, created_at)
                       VALUES (?1, ?2, ?3)";
            self.reader().connection.execute(sql, params![name, expression, created_at])?;
            Ok(is_known)
        };
        save().map_err(|error| self.reader().sqlite(error))
    }

    /// Deletes a saved segment. Says whether there was one.
    pub fn delete_segment(&self, name: &str) -> Result<bool, StoreError> {
        self.reader()
            .connection
            .execute("DELETE FROM segments WHERE name = ?1", [name])
            .map(|rows| rows > 0)
            .map_err(|error| self.reader().sqlite(error))
    }
}
