//! What the attributes of a store look like: one pass over all customers.

use crate::statistics::{ColumnStatistics, ValueSummary};
use crate::store::StoreError;
use crate::store::sqlite::Reader;
use crate::store::sqlite::entries;
use crate::value::Standard;
use crate::value::typed::ValueType;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// An attribute, and what its values look like.
#[derive(Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its type; `None` for a standard attribute, which has rules of its own.
    pub kind: Option<ValueType>,
    /// The imports that it came with, and the last whose files had its column; `None` for a standard attribute.
    pub imports: Option<(i64, i64)>,
    /// Its values.
    pub values: ValueSummary,
}

impl Reader {
    /// How many customers are archived.
    pub fn archived(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM customers WHERE archived_at IS NOT NULL";
        self.connection
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .map(|count| count.try_into().unwrap_or_default())
            .map_err(|error| self.sqlite(error))
    }

    /// Every attribute, the standard ones first, and how many customers there are, archived ones
    /// included. Of several devices it is the one seen last.
    pub fn profiles(&self) -> Result<(Vec<Profile>, u64), StoreError> {
        let sqlite = |error| self.sqlite(error);
        let entries = entries(&self.connection).map_err(sqlite)?;
        let mut standard: Vec<(Standard, ColumnStatistics)> = Standard::ALL
            .map(|standard| (standard, ColumnStatistics::new(ValueType::String)))
            .into();
        let mut custom: BTreeMap<&str, ColumnStatistics> = BTreeMap::new();
        for (name, entry) in &entries {
            let kind = ValueType::from_name(&entry.r#type)
                .ok_or_else(|| self.damaged("an attribute has a type that is not known"))?;
            custom.insert(name, ColumnStatistics::new(kind));
        }
        let mut customers = 0;
        // In the order of the standard attributes.
        let sql = "SELECT uid, first_name, last_name, number, email, token, platform, attributes
                   FROM customers LEFT JOIN devices ON customer_id = customers.id AND rank = 1";
        let mut statement = self.connection.prepare(sql).map_err(sqlite)?;
        let mut rows = statement.query([]).map_err(sqlite)?;
        let mut json = String::new();
        while let Some(row) = rows.next().map_err(sqlite)? {
            customers += 1;
            for (column, (_, statistics)) in standard.iter_mut().enumerate() {
                let text = row.get_ref(column).and_then(|value| Ok(value.as_str_or_null()?));
                if let Some(text) = text.map_err(sqlite)? {
                    json.clear();
                    crate::value::typed::write_json_string(text, &mut json);
                    statistics.add(&json);
                }
            }
            let attributes = row.get_ref(7).and_then(|value| Ok(value.as_str()?));
            let attributes: BTreeMap<String, &RawValue> =
                serde_json::from_str(attributes.map_err(sqlite)?)
                    .map_err(|_| self.damaged("attributes that are not JSON"))?;
            for (name, value) in attributes {
                if let Some(statistics) = custom.get_mut(name.as_str()) {
                    statistics.add(value.get());
                }
            }
        }
        let standard = standard.into_iter().map(|(standard, statistics)| Profile {
            name: standard.as_str().to_owned(),
            kind: None,
            imports: None,
            values: statistics.summary(),
        });
        let custom = entries.iter().filter_map(|(name, entry)| {
            Some(Profile {
                name: name.clone(),
                kind: ValueType::from_name(&entry.r#type),
                imports: Some((entry.first_import, entry.last_import)),
                values: custom.remove(name.as_str())?.summary(),
            })
        });
        Ok((standard.chain(custom).collect(), customers))
    }
}
