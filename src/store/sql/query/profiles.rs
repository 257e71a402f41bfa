//! Summarises the attributes of a store in one pass over all customers.

use crate::statistics::{ColumnStatistics, ValueSummary};
use crate::store::StoreError;
use crate::store::sql::Reader;
use crate::store::sql::catalogue::entries;
use crate::value::Standard;
use crate::value::typed::{ValueType, write_json_string};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// An attribute, and a summary of its values.
#[derive(Debug)]
pub struct Profile {
    /// The name.
    pub name: String,
    /// The type; `None` for a standard attribute, which has its own rules.
    pub kind: Option<ValueType>,
    /// The first import with a value of it, and the last whose files had its column; `None` for a
    /// standard attribute.
    pub imports: Option<(i64, i64)>,
    /// A summary of the values.
    pub values: ValueSummary,
}

impl Reader {
    /// How many customers are archived.
    pub fn archived(&self) -> Result<u64, StoreError> {
        self.database.count("SELECT count(*) FROM customers WHERE archived_at IS NOT NULL", [])
    }

    /// How many of the customers were first imported on each day, as `2024-03-01` in UTC, the
    /// oldest first. Days without such customers are left out.
    pub fn customers_per_day(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT substr(first_imported_at, 1, 10) AS day, count(*)
                   FROM customers GROUP BY day ORDER BY day";
        self.database.rows(sql, [], |row| Ok((row.get(0)?, row.get::<i64>(1)?.unsigned_abs())))
    }

    /// Every attribute, the standard ones first, and how many customers there are, archived ones
    /// included. Of several devices, only the one seen last counts.
    pub fn profiles(&self) -> Result<(Vec<Profile>, u64), StoreError> {
        let entries = entries(&self.database)?;
        let mut standard: Vec<(Standard, ColumnStatistics)> = Standard::ALL
            .map(|standard| (standard, ColumnStatistics::new(ValueType::String)))
            .into();
        let mut custom: BTreeMap<&str, ColumnStatistics> = BTreeMap::new();
        for (name, entry) in &entries {
            let unknown = || self.database.damaged("an attribute has an unknown type");
            custom.insert(name, ColumnStatistics::new(entry.kind().ok_or_else(unknown)?));
        }
        let mut customers = 0;
        // The columns are in the order of the standard attributes.
        let sql = "SELECT customers.uid, first_name, last_name, number, email, token, platform, attributes
                   FROM customers LEFT JOIN devices d ON d.customer_id = customers.id AND d.rank = 1";
        let mut json = String::new();
        self.database.for_each(sql, [], |row| {
            customers += 1;
            for (column, (_, statistics)) in standard.iter_mut().enumerate() {
                if let Some(text) = row.optional_text(column)? {
                    json.clear();
                    write_json_string(text, &mut json);
                    statistics.add(&json);
                }
            }
            let attributes: BTreeMap<String, &RawValue> = serde_json::from_str(row.text(7)?)
                .map_err(|_| row.damaged("attributes that are not JSON"))?;
            for (name, value) in attributes {
                if let Some(statistics) = custom.get_mut(name.as_str()) {
                    statistics.add(value.get());
                }
            }
            Ok(())
        })?;
        let standard = standard.into_iter().map(|(standard, statistics)| Profile {
            name: standard.as_str().to_owned(),
            kind: None,
            imports: None,
            values: statistics.summary(),
        });
        let custom = entries.iter().filter_map(|(name, entry)| {
            Some(Profile {
                name: name.clone(),
                kind: entry.kind(),
                imports: Some((entry.first_import, entry.last_import)),
                values: custom.remove(name.as_str())?.summary(),
            })
        });
        Ok((standard.chain(custom).collect(), customers))
    }
}
