//! The values of an attribute: how many customers have each, and which are similar to a value that
//! no customer has.

use super::segments::sort_key;
use crate::segment::Field;
use crate::store::StoreError;
use crate::store::sql::Reader;
use crate::store::sql::segment_sql::{json_path, literal, postgres};
use crate::value::Standard;
use std::cmp::Reverse;

/// If no value is similar, the most frequent ones of a field with at most this many different
/// values are suggested.
const FEW: usize = 8;

impl Reader {
    /// Calls `each` with the values of a field, as JSON, and how many customers have each, the most
    /// frequent first, at most `most` values. Archived customers are left out. Returns how many
    /// different values there are.
    pub fn values<E: From<StoreError>>(
        &self,
        field: &Field,
        most: u64,
        mut each: impl FnMut(&str, u64) -> Result<(), E>,
    ) -> Result<u64, E> {
        let value = match self.database.is_postgres() {
            true => postgres::json_value(field),
            false => json_value(field),
        };
        let sql = format!(
            "SELECT value, count(*) AS customers, count(*) OVER () FROM
                 (SELECT {value} AS value FROM customers WHERE archived_at IS NULL) AS found
             WHERE value IS NOT NULL GROUP BY value ORDER BY customers DESC, value LIMIT ?1"
        );
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let mut different = 0;
        self.database.try_for_each(&sql, [limit], |row| {
            different = row.get::<i64>(2)?.unsigned_abs();
            each(row.text(0)?, row.get::<i64>(1)?.unsigned_abs())
        })?;
        Ok(different)
    }

    /// At most `most` values of a text field that are most similar to this one, each with its
    /// number of customers. If none is similar and the field has few values, the most frequent
    /// ones. Empty if a customer has exactly this value. Reads the field of every customer.
    pub fn nearest_values(
        &self,
        field: &Field,
        text: &str,
        most: usize,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        if matches!(field, Field::Standard(Standard::Number | Standard::DeviceToken)) {
            return Ok(Vec::new());
        }
        let (value, is_text) = match self.database.is_postgres() {
            true => (postgres::text_value(field), "value IS NOT NULL"),
            false => (sort_key(field), "typeof(value) = 'text'"),
        };
        let compared = match field {
            Field::Standard(Standard::Email) => format!("lower({value})"),
            _ => value.clone(),
        };
        let sql = format!(
            "SELECT 1 FROM customers WHERE {compared} = ?1 AND archived_at IS NULL LIMIT 1"
        );
        if self.database.optional_row(&sql, [text], |_| Ok(()))?.is_some() {
            return Ok(Vec::new());
        }
        if *field == Field::Standard(Standard::Uid) {
            let similar = self.similar_uids(text, most)?;
            return Ok(similar.into_iter().map(|uid| (uid, 1)).collect());
        }
        let sql = format!(
            "SELECT value, count(*) FROM (SELECT {value} AS value FROM customers
                                          WHERE archived_at IS NULL) AS found
             WHERE {is_text} GROUP BY value"
        );
        let wanted = text.to_lowercase();
        let (mut similar, mut frequent) = (Vec::new(), Vec::new());
        let mut different = 0_usize;
        self.database.for_each(&sql, [], |row| {
            let (value, customers) = (row.text(0)?, row.get::<i64>(1)?.cast_unsigned());
            different += 1;
            if different <= FEW {
                frequent.push((Reverse(customers), value.to_owned()));
            }
            if let Some(distance) = distance(&wanted, &value.to_lowercase()) {
                similar.push((distance, Reverse(customers), value.to_owned()));
                similar.sort_unstable();
                similar.truncate(most);
            }
            Ok(())
        })?;
        if similar.is_empty() && different <= FEW {
            frequent.sort_unstable();
            frequent.truncate(most);
            return Ok(frequent.into_iter().map(|(count, value)| (value, count.0)).collect());
        }
        Ok(similar.into_iter().map(|(_, count, value)| (value, count.0)).collect())
    }
}

/// The SQL of a field's value as JSON.
pub(super) fn json_value(field: &Field) -> String {
    match field {
        Field::Custom(name, _) => format!("attributes -> {}", literal(&json_path(name))),
        Field::Archived | Field::HasDevice => {
            format!("CASE WHEN {} THEN 'true' ELSE 'false' END", sort_key(field))
        }
        _ => format!("json_quote({})", sort_key(field)),
    }
}

/// How many characters have to change; `None` if the two are not similar. Both are in lower case.
fn distance(wanted: &str, value: &str) -> Option<usize> {
    let length = wanted.chars().count();
    // The distance of long texts is slow to compute, and means little.
    if length > 60 || value.chars().count().abs_diff(length) > length {
        return None;
    }
    let distance = strsim::osa_distance(wanted, value);
    (distance <= (length / 3).max(1)).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_are_similar_and_other_words_are_not() {
        assert_eq!(distance("pro", "pro"), Some(0));
        assert_eq!(distance("lagso", "lagos"), Some(1));
        assert_eq!(distance("pro", "free"), None);
        assert_eq!(distance("a", "abcdef"), None);
    }
}
