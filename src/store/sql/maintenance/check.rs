//! Checks a store for damage: SQLite's own check, and the rules that engage follows.

use crate::customer::each_attribute;
use crate::outcome::Finding;
use crate::store::StoreError;
use crate::store::sql::Reader;
use crate::store::sql::customers::{before_images, fingerprints};
use crate::store::sql::database::Database;
use crate::store::sql::delivery;
use crate::store::sql::history::pending_outputs;
use crate::value::typed::ValueType;
use crate::value::{Key, MAX_DEVICES};
use rusqlite::types::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The violations of a rule: the first customer, import or attribute, and their number.
type Violations = (Option<String>, u64);

/// A rule as a query for its [`Violations`].
struct Rule {
    what: &'static str,
    sql: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        what: "customers have no uid",
        sql: "SELECT min(id), count(*) FROM customers WHERE uid = '' OR typeof(uid) <> 'text'",
    },
    Rule {
        what: "customers have an invalid time",
        sql: "SELECT min(uid), count(*) FROM customers
              WHERE datetime(first_imported_at) IS NULL OR datetime(last_changed_at) IS NULL
                 OR (archived_at IS NOT NULL AND datetime(archived_at) IS NULL)",
    },
    Rule {
        what: "customers refer to an import that does not exist",
        sql: "SELECT min(uid), count(*) FROM customers
              WHERE inserted_by > coalesce((SELECT seq FROM sqlite_sequence
                                            WHERE name = 'imports'), 0)",
    },
    Rule {
        what: "devices have no customer",
        sql: "SELECT min(customer_id), count(*) FROM devices
              WHERE customer_id NOT IN (SELECT id FROM customers)",
    },
    Rule {
        what: "devices have a platform that is neither ios nor android",
        sql: "SELECT min(uid), count(*) FROM devices LEFT JOIN customers ON customer_id = id
              WHERE platform NOT IN ('ios', 'android')",
    },
    Rule {
        what: "customers have a device token twice",
        sql: "SELECT min(uid), count(*) FROM
              (SELECT customer_id FROM devices GROUP BY customer_id, token HAVING count(*) > 1)
              LEFT JOIN customers ON customer_id = id",
    },
    Rule {
        what: "history entries have invalid JSON",
        sql: "SELECT min(id), count(*) FROM imports
              WHERE NOT json_valid(options) OR NOT json_valid(files)
                 OR NOT json_valid(catalogue_before) OR (report <> '' AND NOT json_valid(report))",
    },
    Rule {
        what: "attributes of the catalogue refer to an import that does not exist",
        sql: "SELECT min(name), count(*) FROM attributes
              WHERE first_import > last_import
                 OR last_import > coalesce((SELECT seq FROM sqlite_sequence
                                            WHERE name = 'imports'), 0)",
    },
];

/// The same rules as SQL of PostgreSQL. Rules that its types and keys enforce are not checked.
const POSTGRES_RULES: &[Rule] = &[
    Rule {
        what: "customers have no uid",
        sql: "SELECT min(id), count(*) FROM customers WHERE uid = ''",
    },
    Rule {
        what: "customers have an invalid time",
        sql: "SELECT min(uid), count(*) FROM customers
              WHERE NOT first_imported_at ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d'
                 OR NOT last_changed_at ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d'
                 OR NOT archived_at ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d'",
    },
    Rule {
        what: "customers refer to an import that does not exist",
        sql: "SELECT min(uid), count(*) FROM customers
              WHERE inserted_by > coalesce((SELECT max(id) FROM imports), 0)",
    },
    Rule {
        what: "devices have no customer",
        sql: "SELECT min(uid), count(*) FROM devices d WHERE NOT EXISTS
              (SELECT 1 FROM customers c WHERE c.uid = d.uid AND c.id = d.customer_id)",
    },
    Rule {
        what: "devices have a platform that is neither ios nor android",
        sql: "SELECT min(uid), count(*) FROM devices WHERE platform NOT IN ('ios', 'android')",
    },
    Rule {
        what: "customers have a device token twice",
        sql: "SELECT min(uid), count(*) FROM
              (SELECT uid FROM devices GROUP BY uid, token HAVING count(*) > 1) AS twice",
    },
    Rule {
        what: "attributes of the catalogue refer to an import that does not exist",
        sql: "SELECT min(name), count(*) FROM attributes
              WHERE first_import > last_import
                 OR last_import > coalesce((SELECT max(id) FROM imports), 0)",
    },
];

impl Reader {
    /// Checks the whole store for damage; an undamaged store has no findings.
    pub fn check(&self) -> Result<Vec<Finding>, StoreError> {
        // If this fails, the check itself reports why.
        let _ = self.bound_cache_to_longest();
        let rules = if self.database.is_postgres() {
            POSTGRES_RULES
        } else {
            let findings = self.check_integrity()?;
            if !findings.is_empty() {
                // The rules cannot be checked in a file that SQLite cannot read.
                return Ok(findings);
            }
            RULES
        };
        let mut findings = Vec::new();
        for rule in rules {
            findings.extend(finding(rule.what, self.violations(rule.sql)?, false));
        }
        let orphans = fingerprints::orphans(&self.database)?;
        let orphans =
            (orphans.first().map(|customer| customer.0.to_string()), orphans.len() as u64);
        findings.extend(finding("fingerprints have no customer or no plan", orphans, true));
        findings.extend(self.check_ranks()?);
        let (used, unreadable) = self.attributes_in_use()?;
        let what = "customers have attributes that are not a JSON object";
        findings.extend(finding(what, unreadable, false));
        findings.extend(self.check_catalogue(used)?);
        findings.extend(self.check_before_images()?);
        findings.extend(self.check_derived()?);
        let what = "deliveries are invalid";
        findings.extend(finding(what, delivery::check(&self.database)?, true));
        let implausible = pending_outputs::implausible(&self.database)?;
        findings.extend(named(
            "imports have pending files that are not their rejects",
            implausible.iter().map(i64::to_string).collect(),
            true,
        ));
        Ok(findings)
    }

    /// Shrinks the page cache if attributes or before-images are long.
    fn bound_cache_to_longest(&self) -> Result<(), StoreError> {
        if self.database.is_postgres() {
            return Ok(());
        }
        let sql = "SELECT max(coalesce((SELECT max(octet_length(attributes)) FROM customers), 0),
                              coalesce((SELECT max(octet_length(images)) FROM before_images), 0))";
        let longest = self.database.count(sql, [])?;
        self.database.bound_cache(usize::try_from(longest).unwrap_or(usize::MAX))
    }

    fn check_integrity(&self) -> Result<Vec<Finding>, StoreError> {
        let errors = errors_of_sqlite(&self.database, "PRAGMA integrity_check(20)")?.into_iter();
        // An index can be rebuilt from its table.
        let finding = |line: String| Finding {
            repairable: line.contains(" index "),
            what: format!("SQLite: {line}"),
            count: 1,
            first: None,
        };
        Ok(errors.map(finding).collect())
    }

    /// Runs a query for the violations of a rule.
    fn violations(&self, sql: &str) -> Result<Violations, StoreError> {
        self.database.row(sql, [], |row| {
            let first = match row.get(0)? {
                Value::Null | Value::Blob(_) => None,
                Value::Integer(number) => Some(number.to_string()),
                Value::Real(number) => Some(number.to_string()),
                Value::Text(text) => Some(text),
            };
            Ok((first, row.get::<i64>(1)?.unsigned_abs()))
        })
    }

    /// Checks that the ranks of devices count up from 1 without a gap, and that no customer has too
    /// many.
    fn check_ranks(&self) -> Result<Option<Finding>, StoreError> {
        // In PostgreSQL the devices have the uid, which Citus needs to count them where they are.
        let (key, owner) =
            if self.database.is_postgres() { ("uid", "uid") } else { ("customer_id", "id") };
        let sql = format!(
            "SELECT min(uid), count(*) FROM customers JOIN
             (SELECT {key} AS owner, count(*) AS devices, min(rank) AS first, max(rank) AS last
              FROM devices GROUP BY {key}) AS ranked ON ranked.owner = customers.{owner}
             WHERE first <> 1 OR last <> devices OR devices > {MAX_DEVICES}"
        );
        let violations = self.violations(&sql)?;
        Ok(finding(
            "customers have devices with ranks that do not count up from 1",
            violations,
            false,
        ))
    }

    /// The names of all attributes that customers have, and the customers whose attributes cannot
    /// be read. They are parsed here because SQLite's own functions would keep several parsed
    /// objects in memory.
    fn attributes_in_use(&self) -> Result<(BTreeSet<String>, Violations), StoreError> {
        let mut used = BTreeSet::new();
        let (mut first, mut count) = (None, 0);
        self.database.for_each("SELECT uid, attributes FROM customers", [], |row| {
            let attributes = row.text(1).unwrap_or_default();
            let mut names = Vec::new();
            let read = each_attribute(attributes, |name, _| {
                if !used.contains(name) {
                    names.push(name.to_owned());
                }
                Ok(())
            });
            if read.is_ok() {
                used.extend(names);
                return Ok(());
            }
            count += 1;
            let uid = row.text(0).unwrap_or_default();
            if first.as_deref().is_none_or(|first| uid < first) {
                first = Some(uid.to_owned());
            }
            Ok(())
        })?;
        Ok((used, (first, count)))
    }

    /// Checks that every attribute of a customer is in the catalogue, and that all types are known.
    fn check_catalogue(
        &self,
        used: BTreeSet<String>,
    ) -> Result<impl Iterator<Item = Finding>, StoreError> {
        let sql = "SELECT name, type FROM attributes";
        let types: BTreeMap<String, String> =
            self.database.rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let unknown = used.into_iter().filter(|name| !types.contains_key(name)).collect();
        let untyped = types.iter().filter(|(_, kind)| ValueType::from_name(kind).is_none());
        let untyped = untyped.map(|(name, _)| name.clone()).collect();
        let findings = [
            named("attributes are not in the catalogue", unknown, true),
            named("attributes of the catalogue have an unknown type", untyped, false),
        ];
        Ok(findings.into_iter().flatten())
    }

    /// Checks that every before-image can be read, and belongs to an import.
    fn check_before_images(&self) -> Result<impl Iterator<Item = Finding>, StoreError> {
        let mut unreadable = BTreeSet::new();
        before_images::check(&self.database, |import, is_valid| {
            if !is_valid {
                unreadable.insert(import.to_string());
            }
        })?;
        let table = before_images::table(&self.database);
        let sql = format!(
            "SELECT min(import_id), count(*) FROM {table}
             WHERE import_id NOT IN (SELECT id FROM imports)
                OR kind NOT IN ('update', 'archive', 'delete')"
        );
        let findings = [
            named("imports have before-images that cannot be read", unreadable, false),
            finding("before-images do not belong to an import", self.violations(&sql)?, false),
        ];
        Ok(findings.into_iter().flatten())
    }

    /// Checks that the index and the view exist, no purge is pending, and the key is known.
    fn check_derived(&self) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        let mut add = |what: String, first, repairable| {
            findings.push(Finding { what, count: 1, first, repairable });
        };
        let derived =
            [("index", "customers_uid"), ("view", "customer_profiles"), ("view", "changes")];
        // PostgreSQL keeps the key of a table itself, and a store without its view is not opened.
        let derived = if self.database.is_postgres() { &[] } else { derived.as_slice() };
        for (kind, name) in derived {
            // In a store of an earlier version, `changes` is a table.
            let sql = "SELECT count(*) FROM sqlite_schema WHERE name = ?1";
            if self.database.count(sql, [*name])? == 0 {
                add(format!("the {kind} {name} is missing"), None, true);
            }
        }
        if self.is_purge_pending()? {
            add("bytes of a forgotten customer may still be in the file".to_owned(), None, true);
        }
        let sql = "SELECT min(value) FROM settings WHERE name = 'key'";
        let key: Option<String> = self.database.value(sql, [])?;
        if key.as_ref().is_some_and(|key| key.parse::<Key>().is_err()) {
            add("the store's key is unknown".to_owned(), key, false);
        }
        Ok(findings)
    }
}

/// The errors that SQLite's own check finds, one line each. SQLite puts several into one text,
/// under a heading such as `*** in database main ***`.
pub(super) fn errors_of_sqlite(
    database: &Database,
    check: &str,
) -> Result<Vec<String>, StoreError> {
    let texts: Vec<String> = database.rows(check, [], |row| row.get(0))?;
    let lines = texts.iter().flat_map(|text| text.lines()).map(str::trim);
    let errors = lines.filter(|line| *line != "ok" && !line.is_empty() && !line.starts_with("***"));
    Ok(errors.map(str::to_owned).collect())
}

fn finding(what: &str, violations: Violations, repairable: bool) -> Option<Finding> {
    let (first, count) = violations;
    (count > 0).then(|| Finding { what: what.to_owned(), count, first, repairable })
}

fn named(what: &str, names: BTreeSet<String>, repairable: bool) -> Option<Finding> {
    let count = names.len() as u64;
    finding(what, (names.into_iter().next(), count), repairable)
}
