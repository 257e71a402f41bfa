//! Whether a store is sound: SQLite's own check, and the laws that this program keeps.

use crate::customer::{Diff, each_attribute};
use crate::outcome::Finding;
use crate::store::StoreError;
use crate::store::sqlite::Reader;
use crate::store::sqlite::bound_cache;
use crate::store::sqlite::customers::strays;
use crate::value::typed::ValueType;
use crate::value::{Key, MAX_DEVICES};
use rusqlite::types::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What breaks a law: the first place, and how many there are.
type Broken = (Option<String>, u64);

/// A law as a query for what breaks it: the first place, and how many there are.
struct Law {
    what: &'static str,
    sql: &'static str,
}

const LAWS: &[Law] = &[
    Law {
        what: "customers have no uid",
        sql: "SELECT min(id), count(*) FROM customers WHERE uid = '' OR typeof(uid) <> 'text'",
    },
    Law {
        what: "customers have a time that is none",
        sql: "SELECT min(uid), count(*) FROM customers
              WHERE datetime(first_imported_at) IS NULL OR datetime(last_changed_at) IS NULL
                 OR (archived_at IS NOT NULL AND datetime(archived_at) IS NULL)",
    },
    Law {
        what: "customers came with an import that never was",
        sql: "SELECT min(uid), count(*) FROM customers
              WHERE inserted_by > coalesce((SELECT seq FROM sqlite_sequence
                                            WHERE name = 'imports'), 0)",
    },
    Law {
        what: "devices belong to nobody",
        sql: "SELECT min(customer_id), count(*) FROM devices
              WHERE customer_id NOT IN (SELECT id FROM customers)",
    },
    Law {
        what: "devices have a platform that is neither ios nor android",
        sql: "SELECT min(uid), count(*) FROM devices LEFT JOIN customers ON customer_id = id
              WHERE platform NOT IN ('ios', 'android')",
    },
    Law {
        what: "customers have one device token twice",
        sql: "SELECT min(uid), count(*) FROM
              (SELECT customer_id FROM devices GROUP BY customer_id, token HAVING count(*) > 1)
              LEFT JOIN customers ON customer_id = id",
    },
    Law {
        what: "lines of the history hold something that is not JSON",
        sql: "SELECT min(id), count(*) FROM imports
              WHERE NOT json_valid(options) OR NOT json_valid(files)
                 OR NOT json_valid(catalogue_before) OR (report <> '' AND NOT json_valid(report))",
    },
    Law {
        what: "attributes of the catalogue come from an import that never was",
        sql: "SELECT min(name), count(*) FROM attributes
              WHERE first_import > last_import
                 OR last_import > coalesce((SELECT seq FROM sqlite_sequence
                                            WHERE name = 'imports'), 0)",
    },
];

impl Reader {
    /// Looks for everything that is not as it should be; a sound store has none. Reads all of it.
    pub fn check(&self) -> Result<Vec<Finding>, StoreError> {
        // Where this cannot be read, the check itself tells why.
        let _ = self.bound_cache_to_longest();
        let findings = self.check_integrity().map_err(|error| self.sqlite(error))?;
        if !findings.is_empty() {
            // What SQLite itself cannot read is not asked about further.
            return Ok(findings);
        }
        let mut findings = Vec::new();
        for law in LAWS {
            findings.extend(finding(law.what, self.broken(law.sql)?, false));
        }
        let strays = strays(&self.connection).map_err(|error| self.sqlite(error))?;
        let strays = (strays.first().map(|customer| customer.0.to_string()), strays.len() as u64);
        findings.extend(finding("fingerprints prove something of nobody", strays, true));
        findings.extend(self.check_ranks()?);
        let (used, broken) = self.attributes_in_use().map_err(|error| self.sqlite(error))?;
        let what = "customers have attributes that are no JSON object";
        findings.extend(finding(what, broken, false));
        findings.extend(self.check_catalogue(used)?);
        findings.extend(self.check_before_images()?);
        findings.extend(self.check_derived()?);
        let implausible = self.implausible_outputs()?;
        findings.extend(named(
            "imports name files to rename that are not their rejects",
            implausible.iter().map(i64::to_string).collect(),
            true,
        ));
        Ok(findings)
    }

    /// Leaves room in memory for the longest attributes and before-images there are.
    fn bound_cache_to_longest(&self) -> rusqlite::Result<()> {
        let sql = "SELECT max(coalesce((SELECT max(octet_length(attributes)) FROM customers), 0),
                              coalesce((SELECT max(octet_length(before)) FROM changes), 0))";
        let longest: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        bound_cache(&self.connection, usize::try_from(longest).unwrap_or(usize::MAX))
    }

    fn check_integrity(&self) -> rusqlite::Result<Vec<Finding>> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(20)")?;
        let lines: Vec<String> =
            statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let broken = lines.into_iter().filter(|line| line != "ok");
        // An index can be made anew from its table.
        Ok(broken
            .map(|line| Finding {
                repairable: line.contains(" index "),
                what: format!("SQLite: {line}"),
                count: 1,
                first: None,
            })
            .collect())
    }

    /// What a query for what breaks a law finds: the first place, and how many there are.
    fn broken(&self, sql: &str) -> Result<Broken, StoreError> {
        let found: rusqlite::Result<(Value, i64)> =
            self.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        let (first, count) = found.map_err(|error| self.sqlite(error))?;
        let first = match first {
            Value::Null | Value::Blob(_) => None,
            Value::Integer(number) => Some(number.to_string()),
            Value::Real(number) => Some(number.to_string()),
            Value::Text(text) => Some(text),
        };
        Ok((first, u64::try_from(count).unwrap_or_default()))
    }

    /// Ranks of devices go from 1 without a gap, and no further than the most that a customer may
    /// have.
    fn check_ranks(&self) -> Result<Option<Finding>, StoreError> {
        let sql = format!(
            "SELECT min(uid), count(*) FROM customers JOIN
             (SELECT customer_id, count(*) AS devices, min(rank) AS first, max(rank) AS last
              FROM devices GROUP BY customer_id) ON customer_id = id
             WHERE first <> 1 OR last <> devices OR devices > {MAX_DEVICES}"
        );
        let broken = self.broken(&sql)?;
        Ok(finding("customers have devices whose ranks are no ranking", broken, false))
    }

    /// The names of all attributes that customers have, and the customers whose attributes cannot be
    /// read: the first uid, and how many. SQLite's own functions would keep several parsed objects.
    fn attributes_in_use(&self) -> rusqlite::Result<(BTreeSet<String>, Broken)> {
        let mut used = BTreeSet::new();
        let (mut first, mut count) = (None, 0);
        let mut statement = self.connection.prepare("SELECT uid, attributes FROM customers")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let attributes = row.get_ref(1)?.as_str().unwrap_or_default();
            let mut names = Vec::new();
            let read = each_attribute(attributes, |name, _| {
                if !used.contains(name) {
                    names.push(name.to_owned());
                }
                Ok(())
            });
            if read.is_ok() {
                used.extend(names);
                continue;
            }
            count += 1;
            let uid = row.get_ref(0)?.as_str().unwrap_or_default();
            if first.as_deref().is_none_or(|first| uid < first) {
                first = Some(uid.to_owned());
            }
        }
        Ok((used, (first, count)))
    }

    /// Every attribute of a customer stands in the catalogue, and there with a type that is known.
    fn check_catalogue(&self, used: BTreeSet<String>) -> Result<Vec<Finding>, StoreError> {
        let read = || -> rusqlite::Result<BTreeMap<String, String>> {
            let mut types = self.connection.prepare("SELECT name, type FROM attributes")?;
            types.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let types = read().map_err(|error| self.sqlite(error))?;
        let unknown = used.into_iter().filter(|name| !types.contains_key(name));
        let odd = types.iter().filter(|(_, kind)| ValueType::from_name(kind).is_none());
        Ok([
            named("attributes are not in the catalogue", unknown.collect(), true),
            named(
                "attributes of the catalogue have a type that is not known",
                odd.map(|(name, _)| name.clone()).collect(),
                false,
            ),
        ]
        .into_iter()
        .flatten()
        .collect())
    }

    /// Every before-image can be read, and belongs to a line of the history.
    fn check_before_images(&self) -> Result<Vec<Finding>, StoreError> {
        let mut unreadable = BTreeSet::new();
        let read = |unreadable: &mut BTreeSet<String>| -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare("SELECT import_id, before FROM changes")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if serde_json::from_str::<Diff>(row.get_ref(1)?.as_str()?).is_err() {
                    unreadable.insert(row.get::<_, i64>(0)?.to_string());
                }
            }
            Ok(())
        };
        read(&mut unreadable).map_err(|error| self.sqlite(error))?;
        let sql = "SELECT min(import_id), count(*) FROM changes
                   WHERE import_id NOT IN (SELECT id FROM imports)
                      OR kind NOT IN ('update', 'archive', 'delete')";
        let stray = self.broken(sql)?;
        Ok([
            named("imports have before-images that cannot be read", unreadable, false),
            finding("before-images belong to no import", stray, false),
        ]
        .into_iter()
        .flatten()
        .collect())
    }

    /// What is made from all else is there, and the key is one.
    fn check_derived(&self) -> Result<Vec<Finding>, StoreError> {
        let has = |kind: &str, name: &str| -> Result<bool, StoreError> {
            let sql = "SELECT count(*) > 0 FROM sqlite_schema WHERE type = ?1 AND name = ?2";
            self.connection
                .query_row(sql, [kind, name], |row| row.get(0))
                .map_err(|error| self.sqlite(error))
        };
        let mut findings = Vec::new();
        for (kind, name) in [("index", "customers_uid"), ("view", "customer_profiles")] {
            if !has(kind, name)? {
                let what = format!("the {kind} {name} is not there");
                findings.push(Finding { what, count: 1, first: None, repairable: true });
            }
        }
        if self.is_erasing_pending()? {
            let what = "bytes of a forgotten customer may still be in the file".to_owned();
            findings.push(Finding { what, count: 1, first: None, repairable: true });
        }
        let sql = "SELECT min(value) FROM settings WHERE name = 'key'";
        let key: Option<String> = self
            .connection
            .query_row(sql, [], |row| row.get(0))
            .map_err(|error| self.sqlite(error))?;
        if key.as_ref().is_some_and(|key| key.parse::<Key>().is_err()) {
            let what = "the store's key is none that is known".to_owned();
            findings.push(Finding { what, count: 1, first: key, repairable: false });
        }
        Ok(findings)
    }
}

fn finding(what: &str, found: Broken, repairable: bool) -> Option<Finding> {
    let (first, count) = found;
    (count > 0).then(|| Finding { what: what.to_owned(), count, first, repairable })
}

fn named(what: &str, names: BTreeSet<String>, repairable: bool) -> Option<Finding> {
    let count = names.len() as u64;
    finding(what, (names.into_iter().next(), count), repairable)
}
