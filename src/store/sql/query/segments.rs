//! The customers of a segment, and saved segments.

use super::indexes::indexed_attribute;
use crate::segment::{Field, Segment};
use crate::store::StoreError;
use crate::store::sql::database::Row;
use crate::store::sql::segment_sql::{
    Predicate, extract, is_stored_as, json_path, literal, postgres, predicate,
};
use crate::store::sql::{Reader, Writer};
use crate::value::Standard;
use crate::value::typed::ValueType;
use rusqlite::types::ValueRef;
use std::fmt::Write as _;

/// A saved segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSegment {
    /// The name.
    pub name: String,
    /// The expression.
    pub expression: String,
    /// When it was saved: UTC, RFC 3339.
    pub created_at: String,
}

/// The order of sorted customers. Those without a value of the field's type come last in both
/// orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The lowest value first.
    Ascending,
    /// The highest value first.
    Descending,
}

/// What to read of a segment's customers.
#[derive(Debug, Clone)]
pub struct MemberQuery<'a> {
    /// The columns. If a customer has several devices, they show the one seen last.
    pub columns: &'a [Field],
    /// The fields to sort by, the most significant first; then by the order of insertion.
    pub sort: &'a [(Field, Order)],
    /// The maximum number of customers.
    pub limit: Option<u64>,
}

/// A value as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredValue<'a> {
    /// No value.
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
        self.database.count(&sql, values)
    }

    /// Calls `each` with the customers of a segment: a value for each wanted column.
    pub fn members<E: From<StoreError>>(
        &self,
        segment: &Segment,
        query: &MemberQuery<'_>,
        mut each: impl FnMut(&[StoredValue<'_>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Predicate { sql, values } = self.predicate(segment)?;
        let select = if self.database.is_postgres() { postgres::selected } else { selected };
        let columns: Vec<String> = query.columns.iter().map(select).collect();
        let mut sql = format!("SELECT {} FROM customers WHERE {sql}", columns.join(", "));
        if !query.sort.is_empty() {
            sql.push_str(" ORDER BY ");
            for (field, order) in query.sort {
                let order = match order {
                    Order::Ascending => "ASC",
                    Order::Descending => "DESC",
                };
                if let Field::Custom(name, kind) = field {
                    let _ = write!(sql, "{} DESC NULLS LAST, ", self.is_typed(name, *kind));
                }
                let keys = match self.database.is_postgres() {
                    true => postgres::sort_keys(field),
                    false => vec![sort_key(field)],
                };
                for key in keys {
                    let _ = write!(sql, "{key} {order} NULLS LAST, ");
                }
            }
            sql.push_str("id");
        } else if self.database.is_postgres() {
            sql.push_str(" ORDER BY id");
        }
        let limit = query.limit.map_or(i64::MAX, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let _ = write!(sql, " LIMIT {limit}");
        self.database.try_for_each(&sql, values, |row| {
            let fields = query.columns.iter().enumerate();
            let values: Result<Vec<StoredValue<'_>>, StoreError> =
                fields.map(|(column, field)| stored_value(row, column, field)).collect();
            each(&values?)
        })
    }

    /// How many customers have a value of a custom attribute that is not of its type, so that no
    /// comparison finds it.
    pub fn count_strays(&self, name: &str, kind: ValueType) -> Result<u64, StoreError> {
        let is_comparable = match self.database.is_postgres() {
            true => postgres::is_comparable(name, kind),
            false => is_comparable(name, kind),
        };
        let sql = format!(
            "SELECT count(*) FROM customers WHERE archived_at IS NULL AND NOT {is_comparable}"
        );
        self.database.count(&sql, [])
    }

    fn is_typed(&self, name: &str, kind: ValueType) -> String {
        match self.database.is_postgres() {
            true => postgres::is_typed(name, kind),
            false => is_typed(name, kind),
        }
    }

    /// The indexes that counting the segment uses; empty if it reads all customers.
    pub fn indexes_of(&self, segment: &Segment) -> Result<Vec<String>, StoreError> {
        if self.database.is_postgres() {
            return self.indexes_in_plan(segment);
        }
        let Predicate { sql, values } = self.predicate(segment)?;
        let sql = format!("EXPLAIN QUERY PLAN SELECT count(*) FROM customers WHERE {sql}");
        let plan: Vec<Option<String>> =
            self.database.rows(&sql, values, |row| Ok(index_of_search(row.text(3)?)))?;
        Ok(plan.into_iter().flatten().collect())
    }

    pub(crate) fn predicate(&self, segment: &Segment) -> Result<Predicate, StoreError> {
        let indexed = self.indexed()?;
        Ok(match self.database.is_postgres() {
            true => postgres::predicate(segment, &indexed),
            false => predicate(segment, &indexed),
        })
    }

    /// The indexes that PostgreSQL's plan for a count names.
    fn indexes_in_plan(&self, segment: &Segment) -> Result<Vec<String>, StoreError> {
        let Predicate { sql, values } = self.predicate(segment)?;
        let sql = format!("EXPLAIN SELECT count(*) FROM customers WHERE {sql}");
        let lines: Vec<String> = self.database.rows(&sql, values, |row| row.get(0))?;
        let indexed = self.index_names()?;
        // A shard's index has the name of the table's index and the number of the shard.
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_index_of = |word: &str, index: &str| {
            let number = word.strip_prefix(index);
            number.is_some_and(|it| it.is_empty() || it.strip_prefix('_').is_some_and(is_number))
        };
        let mut words = Vec::new();
        for line in &lines {
            words.extend(line.split_whitespace());
        }
        let is_used = |index: &str| words.iter().any(|word| is_index_of(word, index));
        let mut used: Vec<String> =
            indexed.into_iter().filter(|(index, _)| is_used(index)).map(|(_, name)| name).collect();
        if is_used("customers_pkey") {
            used.push(Standard::Uid.as_str().to_owned());
        }
        Ok(used)
    }

    /// The saved segments, by name.
    pub fn saved_segments(&self) -> Result<Vec<SavedSegment>, StoreError> {
        let sql = "SELECT name, expression, created_at FROM segments ORDER BY name";
        self.database.rows(sql, [], |row| {
            let (name, expression) = (row.get(0)?, row.get(1)?);
            Ok(SavedSegment { name, expression, created_at: row.get(2)? })
        })
    }
}

/// The attribute whose index a step of SQLite's plan searches for customers.
fn index_of_search(step: &str) -> Option<String> {
    let (_, index) = step.strip_prefix("SEARCH customers USING ")?.split_once("INDEX ")?;
    let index = index.rsplit_once(" (").map_or(index, |(index, _)| index);
    Some(match index {
        "customers_uid" => Standard::Uid.as_str().to_owned(),
        _ => indexed_attribute(index)?.to_owned(),
    })
}

/// The SQL expression of a column.
fn selected(field: &Field) -> String {
    match field {
        Field::Custom(name, _) => {
            format!("attributes -> {}", literal(&json_path(name)))
        }
        _ => sort_key(field),
    }
}

/// SQL that tests whether a custom attribute's value is of this type; NULL without a value.
fn is_typed(name: &str, kind: ValueType) -> String {
    let types = match kind {
        ValueType::Number => "'integer', 'real'",
        ValueType::Boolean => "'true', 'false'",
        ValueType::String | ValueType::Date | ValueType::Datetime => "'text'",
    };
    format!("(json_type(attributes, {}) IN ({types}))", literal(&json_path(name)))
}

/// SQL that tests whether a custom attribute's value can be compared as this type: a date must also
/// be in the form in which dates are stored. NULL without a value.
fn is_comparable(name: &str, kind: ValueType) -> String {
    let is_typed = is_typed(name, kind);
    match kind {
        ValueType::Date | ValueType::Datetime => {
            format!("({is_typed} AND {}({}))", is_stored_as(kind), extract(name))
        }
        _ => is_typed,
    }
}

/// The SQL expression to sort by.
pub(super) fn sort_key(field: &Field) -> String {
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

fn stored_value<'r>(
    row: Row<'r>,
    column: usize,
    field: &Field,
) -> Result<StoredValue<'r>, StoreError> {
    Ok(match (row.value(column)?, field) {
        (ValueRef::Null, _) => StoredValue::Missing,
        (ValueRef::Integer(number), _) => StoredValue::Boolean(number != 0),
        (_, Field::Custom(..)) => StoredValue::Json(row.text(column)?),
        _ => StoredValue::Text(row.text(column)?),
    })
}

impl Writer {
    /// Saves a segment under a name; `true` if it replaces one with that name.
    pub fn save_segment(&self, segment: &SavedSegment) -> Result<bool, StoreError> {
        let SavedSegment { name, expression, created_at } = segment;
        let is_replaced = self.delete_segment(name)?;
        let sql = "INSERT INTO segments (name, expression, created_at) VALUES (?1, ?2, ?3)";
        self.database().execute(sql, [name, expression, created_at])?;
        Ok(is_replaced)
    }

    /// Deletes a saved segment; `false` if there is none with that name.
    pub fn delete_segment(&self, name: &str) -> Result<bool, StoreError> {
        let deleted = self.database().execute("DELETE FROM segments WHERE name = ?1", [name])?;
        Ok(deleted > 0)
    }
}
