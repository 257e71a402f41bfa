//! The one transaction that an import is.
//!
//! A rehearsal (a dry run) is one too, over a connection that cannot write: what it would store of a
//! customer goes to a temporary database beside it, so that a second record of the same customer
//! finds what the first would have made of them.

use super::error::StoreError;
use super::open::translated;
use super::schema;
use crate::attribute::{
    Change, Customer, Device, DevicePlatform, Differences, Key, Patch, ValueType,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// How many plans keep their fingerprints; the one that was not used for longest goes first.
const MAX_PLANS: i64 = 4;

/// A customer's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(pub u32);

/// What the store holds for a value of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nobody.
    Nobody,
    /// One customer.
    One(CustomerId),
    /// More than one: the value identifies nobody.
    Several,
}

/// A customer as stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The identifier.
    pub uid: String,
    /// Attributes and devices.
    pub customer: Customer,
    /// When they last changed.
    pub last_changed_at: String,
}

/// An attribute of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub kind: ValueType,
}

/// The line that an import leaves in the history.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    /// What was done: `import`.
    pub kind: &'static str,
    /// How it ended.
    pub status: &'static str,
    /// With which exit code.
    pub exit_code: u8,
    /// When it began: UTC, RFC 3339.
    pub started_at: String,
    /// When it ended.
    pub finished_at: String,
    /// Who ran it, where that is known.
    pub operator: Option<String>,
    /// The options that it was run with, as JSON.
    pub options: String,
    /// The names of its files, as JSON.
    pub files: String,
    /// What identified a customer.
    pub key: Option<Key>,
    /// The whole report, as JSON.
    pub report: String,
    /// Its rejects files as JSON: where each is to be, and its temporary name.
    pub rejects: Option<String>,
}

/// An import's transaction, or a rehearsal of it.
pub struct ImportTransaction {
    connection: Connection,
    path: PathBuf,
    new: bool,
    created: bool,
    rehearsal: Option<Connection>,
    import_id: i64,
    next_customer: u32,
    first_new_customer: u32,
    customers: u64,
    other_plans: Vec<i64>,
    plan: i64,
    catalogue_before: BTreeMap<String, Option<String>>,
}

impl ImportTransaction {
    pub(super) fn begin(
        connection: Connection,
        path: PathBuf,
        new: bool,
        created: bool,
    ) -> Result<Self, StoreError> {
        connection.set_prepared_statement_cache_capacity(64);
        let read = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let translate = |source| translated(&path, source);
        let last: i64 = read("SELECT coalesce(max(id), 0) FROM customers").map_err(translate)?;
        let customers: i64 = read("SELECT count(*) FROM customers").map_err(translate)?;
        let import_id: i64 = read(
            "SELECT 1 + max(coalesce((SELECT max(id) FROM imports), 0),
                            coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'imports'), 0))",
        )
        .map_err(translate)?;
        let first_new_customer = u32::try_from(last + 1).map_err(|_| too_many(&path))?;
        Ok(Self {
            new,
            created,
            rehearsal: None,
            import_id,
            next_customer: first_new_customer,
            first_new_customer,
            customers: customers.try_into().unwrap_or_default(),
            other_plans: Vec::new(),
            plan: 0,
            catalogue_before: BTreeMap::new(),
            connection,
            path,
        })
    }

    pub(super) fn rehearse(connection: Connection, path: PathBuf) -> Result<Self, StoreError> {
        let translate = |source| translated(&path, source);
        let overlay = Connection::open("").map_err(translate)?;
        overlay
            .execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;
                 CREATE TABLE overlay (id INTEGER PRIMARY KEY, stored TEXT NOT NULL); BEGIN;",
            )
            .map_err(translate)?;
        let mut transaction = Self::begin(connection, path, false, false)?;
        transaction.rehearsal = Some(overlay);
        Ok(transaction)
    }

    fn sqlite(&self, source: rusqlite::Error) -> StoreError {
        translated(&self.path, source)
    }

    fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: what.to_owned() }
    }

    /// The store's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nothing is written.
    pub fn is_rehearsal(&self) -> bool {
        self.rehearsal.is_some()
    }

    /// The number that the import has in the history.
    pub fn import_id(&self) -> i64 {
        self.import_id
    }

    /// How many customers there were before the import, archived ones included.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// The first customer that this import makes.
    pub fn first_new_customer(&self) -> CustomerId {
        CustomerId(self.first_new_customer)
    }

    /// What identifies the store's customers, where an import has set it.
    pub fn key(&self) -> Result<Option<Key>, StoreError> {
        let sql = "SELECT value FROM settings WHERE name = 'key'";
        let key: Option<String> = self
            .connection
            .query_row(sql, [], |row| row.get(0))
            .optional()
            .map_err(|error| self.sqlite(error))?;
        key.map(|key| key.parse().map_err(|_| self.damaged("it has no key that is known")))
            .transpose()
    }

    /// Sets what identifies the store's customers.
    pub fn set_key(&self, key: Key) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        let sql = "INSERT INTO settings (name, value, import_id) VALUES ('key', ?1, ?2)";
        self.connection
            .execute(sql, params![key.as_str(), self.import_id])
            .map_err(|error| self.sqlite(error))?;
        Ok(())
    }

    /// The catalogue: every custom attribute that a customer ever had.
    pub fn catalogue(&self) -> Result<BTreeMap<String, ValueType>, StoreError> {
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            self.connection
                .prepare("SELECT name, type FROM attributes")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        };
        let rows = read().map_err(|error| self.sqlite(error))?;
        rows.into_iter()
            .map(|(name, kind)| {
                let kind = ValueType::from_name(&kind)
                    .ok_or_else(|| self.damaged("an attribute has a type that is not known"))?;
                Ok((name, kind))
            })
            .collect()
    }

    /// Enters attributes that the import has seen values of into the catalogue.
    pub fn see_attributes(&mut self, seen: &[Attribute]) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        let before = self.catalogue()?;
        for attribute in seen {
            let old = before.get(&attribute.name);
            if old != Some(&attribute.kind) {
                let old = old.map(|kind| kind.as_str().to_owned());
                self.catalogue_before.insert(attribute.name.clone(), old);
            }
            let sql = "INSERT INTO attributes (name, type, first_import, last_import)
                       VALUES (?1, ?2, ?3, ?3)
                       ON CONFLICT (name) DO UPDATE SET type = ?2, last_import = ?3";
            self.connection
                .execute(sql, params![attribute.name, attribute.kind.as_str(), self.import_id])
                .map_err(|error| self.sqlite(error))?;
        }
        if seen.iter().any(|attribute| !before.contains_key(&attribute.name)) || before.is_empty() {
            let names: Vec<String> = self.catalogue()?.into_keys().collect();
            schema::create_profiles(&self.connection, &names)
                .map_err(|error| self.sqlite(error))?;
        }
        Ok(())
    }

    /// Chooses the plan whose fingerprints are read and written: its digest covers all that shapes
    /// a value.
    pub fn choose_plan(&mut self, digest: &[u8]) -> Result<(), StoreError> {
        let sql = "SELECT id FROM plans WHERE digest = ?1";
        let known: Option<i64> = self
            .connection
            .query_row(sql, [digest], |row| row.get(0))
            .optional()
            .map_err(|error| self.sqlite(error))?;
        if self.rehearsal.is_some() {
            self.plan = known.unwrap_or_default();
            return Ok(());
        }
        let choose = || -> rusqlite::Result<(i64, Vec<i64>)> {
            let sql = "INSERT INTO plans (digest, last_import) VALUES (?1, ?2)
                       ON CONFLICT (digest) DO UPDATE SET last_import = ?2 RETURNING id";
            let plan = self
                .connection
                .query_row(sql, params![digest, self.import_id], |row| row.get(0))?;
            let sql = "SELECT id FROM plans WHERE id <> ?1 ORDER BY last_import DESC, id DESC";
            let others: Vec<i64> = self
                .connection
                .prepare(sql)?
                .query_map([plan], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let kept = usize::try_from(MAX_PLANS - 1).unwrap_or_default().min(others.len());
            for old in &others[kept..] {
                self.connection.execute("DELETE FROM fingerprints WHERE plan_id = ?1", [old])?;
                self.connection.execute("DELETE FROM plans WHERE id = ?1", [old])?;
            }
            Ok((plan, others[..kept].to_vec()))
        };
        (self.plan, self.other_plans) = choose().map_err(|error| self.sqlite(error))?;
        Ok(())
    }

    /// Hands over every fingerprint of the plan: customer, hash of the key, hash of the record.
    pub fn fingerprints(
        &self,
        mut each: impl FnMut(CustomerId, u64, u64),
    ) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let sql = "SELECT customer_id, key_hash, record_hash FROM fingerprints
                       WHERE plan_id = ?1";
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([self.plan])?;
            while let Some(row) = rows.next()? {
                each(id(row, 0)?, hash(row, 1)?, hash(row, 2)?);
            }
            Ok(())
        };
        read().map_err(|error| self.sqlite(error))
    }

    /// Hands over the key's value of every customer that has one.
    pub fn keys(&self, key: Key, mut each: impl FnMut(CustomerId, &str)) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let sql = match key {
                Key::Uid => "SELECT id, uid FROM customers INDEXED BY customers_uid",
                Key::Email => "SELECT id, email FROM customers WHERE email IS NOT NULL",
                Key::Number => "SELECT id, number FROM customers WHERE number IS NOT NULL",
            };
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                each(id(row, 0)?, row.get_ref(1)?.as_str()?);
            }
            Ok(())
        };
        if self.customers == 0 {
            return Ok(());
        }
        read().map_err(|error| self.sqlite(error))
    }

    /// Looks a customer up by the value of a key; an email is compared in lower case.
    pub fn find(&self, key: Key, value: &str) -> Result<Found, StoreError> {
        let read = || -> rusqlite::Result<Found> {
            // An email's lower case is Unicode's, which SQLite's own `lower` is not.
            let sql = match key {
                Key::Uid => "SELECT id, uid FROM customers WHERE uid = ?1",
                Key::Email => "SELECT id, email FROM customers WHERE email IS NOT NULL",
                Key::Number => "SELECT id, number FROM customers WHERE number = ?1",
            };
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = match key {
                Key::Email => statement.query([])?,
                Key::Uid | Key::Number => statement.query([value])?,
            };
            let mut found = Found::Nobody;
            while let Some(row) = rows.next()? {
                let stored = row.get_ref(1)?.as_str()?;
                if key == Key::Email && crate::attribute::email_key(stored) != value {
                    continue;
                }
                found = match found {
                    Found::Nobody => Found::One(id(row, 0)?),
                    _ => return Ok(Found::Several),
                };
            }
            Ok(found)
        };
        read().map_err(|error| self.sqlite(error))
    }

    /// A customer as they are now, by this import's earlier records too. In a rehearsal a customer
    /// that the import would make has what earlier records gave them, as far as it was kept.
    pub fn load(&self, customer: CustomerId) -> Result<Option<Stored>, StoreError> {
        if let Some(overlay) = &self.rehearsal {
            let stored: Option<String> = overlay
                .prepare_cached("SELECT stored FROM overlay WHERE id = ?1")
                .and_then(|mut sql| sql.query_row([customer.0], |row| row.get(0)).optional())
                .map_err(|error| self.sqlite(error))?;
            if let Some(stored) = stored {
                return decode(&stored).map(Some).ok_or_else(|| self.damaged("the rehearsal"));
            }
        }
        self.load_stored(customer)
    }

    /// A customer as the store has them.
    pub fn load_stored(&self, customer: CustomerId) -> Result<Option<Stored>, StoreError> {
        let read = || -> rusqlite::Result<Option<Stored>> {
            let sql = "SELECT uid, first_name, last_name, number, email, attributes, archived_at,
                       last_changed_at FROM customers WHERE id = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            let stored = statement
                .query_row([customer.0], |row| {
                    Ok(Stored {
                        uid: row.get(0)?,
                        customer: Customer {
                            first_name: row.get(1)?,
                            last_name: row.get(2)?,
                            number: row.get(3)?,
                            email: row.get(4)?,
                            attributes: row.get(5)?,
                            archived_at: row.get(6)?,
                            devices: Vec::new(),
                        },
                        last_changed_at: row.get(7)?,
                    })
                })
                .optional()?;
            let Some(mut stored) = stored else { return Ok(None) };
            let sql = "SELECT token, platform FROM devices WHERE customer_id = ?1 ORDER BY rank";
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([customer.0])?;
            while let Some(row) = rows.next()? {
                let platform: DevicePlatform =
                    row.get_ref(1)?.as_str()?.parse().map_err(|_| rusqlite::Error::InvalidQuery)?;
                stored.customer.devices.push(Device { token: row.get(0)?, platform });
            }
            Ok(Some(stored))
        };
        read().map_err(|error| self.sqlite(error))
    }

    /// Makes a customer of a first record.
    pub fn insert(
        &mut self,
        uid: &str,
        patch: &Patch<'_>,
        now: &str,
    ) -> Result<CustomerId, StoreError> {
        let customer = CustomerId(self.next_customer);
        self.next_customer =
            self.next_customer.checked_add(1).ok_or_else(|| too_many(&self.path))?;
        if self.rehearsal.is_some() {
            // Of a customer who would be new only the devices matter to what is reported.
            if patch.device.is_some() {
                let stored = Stored {
                    uid: uid.to_owned(),
                    customer: Customer {
                        attributes: "{}".to_owned(),
                        devices: Customer::from_patch(patch).devices,
                        ..Customer::default()
                    },
                    last_changed_at: String::new(),
                };
                self.keep_in_overlay(customer, &stored)?;
            }
            return Ok(customer);
        }
        let write = || -> rusqlite::Result<()> {
            let sql = "INSERT INTO customers (id, uid, first_name, last_name, number, email,
                       attributes, first_imported_at, last_changed_at, archived_at, inserted_by)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, NULL, ?9)";
            self.connection.prepare_cached(sql)?.execute(params![
                customer.0,
                uid,
                set_to(patch.first_name),
                set_to(patch.last_name),
                set_to(patch.number),
                set_to(patch.email),
                patch.attributes,
                now,
                self.import_id,
            ])?;
            if let Some((token, platform)) = patch.device {
                self.insert_device(customer, 1, token, platform)?;
            }
            Ok(())
        };
        write().map_err(|error| self.sqlite(error))?;
        Ok(customer)
    }

    fn insert_device(
        &self,
        customer: CustomerId,
        rank: u8,
        token: &str,
        platform: DevicePlatform,
    ) -> rusqlite::Result<()> {
        let sql =
            "INSERT INTO devices (customer_id, rank, token, platform) VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute(params![
            customer.0,
            rank,
            token,
            platform.as_str()
        ])?;
        Ok(())
    }

    /// Stores a customer that was changed; `before` is what the store has of them.
    pub fn save(
        &self,
        customer: CustomerId,
        before: &Customer,
        after: &Stored,
    ) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return self.keep_in_overlay(customer, after);
        }
        let write = || -> rusqlite::Result<()> {
            let sql = "UPDATE customers SET first_name = ?2, last_name = ?3, number = ?4,
                       email = ?5, attributes = ?6, archived_at = ?7, last_changed_at = ?8
                       WHERE id = ?1";
            let values = &after.customer;
            self.connection.prepare_cached(sql)?.execute(params![
                customer.0,
                values.first_name,
                values.last_name,
                values.number,
                values.email,
                values.attributes,
                values.archived_at,
                after.last_changed_at,
            ])?;
            if before.devices != values.devices {
                let sql = "DELETE FROM devices WHERE customer_id = ?1";
                self.connection.prepare_cached(sql)?.execute([customer.0])?;
                for (rank, device) in (1..).zip(&values.devices) {
                    self.insert_device(customer, rank, &device.token, device.platform)?;
                }
            }
            Ok(())
        };
        write().map_err(|error| self.sqlite(error))
    }

    fn keep_in_overlay(&self, customer: CustomerId, stored: &Stored) -> Result<(), StoreError> {
        let Some(overlay) = &self.rehearsal else { return Ok(()) };
        let text = encode(stored).map_err(|_| self.damaged("its attributes are not JSON"))?;
        overlay
            .prepare_cached("INSERT OR REPLACE INTO overlay (id, stored) VALUES (?1, ?2)")
            .and_then(|mut sql| sql.execute(params![customer.0, text]))
            .map_err(|error| self.sqlite(error))?;
        Ok(())
    }

    /// Keeps what a customer was before this import, so that it can be explained and taken back.
    pub fn keep_before(
        &self,
        customer: CustomerId,
        kind: &str,
        before: &Differences,
    ) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        let text = serde_json::to_string(before)
            .map_err(|_| self.damaged("its attributes are not JSON"))?;
        let sql = "INSERT OR REPLACE INTO changes (import_id, customer_id, kind, before)
                   VALUES (?1, ?2, ?3, ?4)";
        self.connection
            .prepare_cached(sql)
            .and_then(|mut sql| sql.execute(params![self.import_id, customer.0, kind, text]))
            .map_err(|error| self.sqlite(error))?;
        Ok(())
    }

    /// What a customer was before this import, where an earlier record of it has changed them.
    pub fn before(&self, customer: CustomerId) -> Result<Option<Differences>, StoreError> {
        let sql = "SELECT before FROM changes WHERE import_id = ?1 AND customer_id = ?2";
        let text: Option<String> = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut sql| {
                sql.query_row(params![self.import_id, customer.0], |row| row.get(0)).optional()
            })
            .map_err(|error| self.sqlite(error))?;
        text.map(|text| {
            serde_json::from_str(&text).map_err(|_| self.damaged("a before-image is not JSON"))
        })
        .transpose()
    }

    /// Forgets what a customer was: later records have brought them back to just that.
    pub fn drop_before(&self, customer: CustomerId) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        let sql = "DELETE FROM changes WHERE import_id = ?1 AND customer_id = ?2";
        self.connection
            .prepare_cached(sql)
            .and_then(|mut sql| sql.execute(params![self.import_id, customer.0]))
            .map_err(|error| self.sqlite(error))?;
        Ok(())
    }

    /// Keeps the proof that a record of this plan has nothing to do.
    pub fn keep_fingerprint(
        &self,
        customer: CustomerId,
        key_hash: u64,
        record_hash: u64,
    ) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        let sql = "INSERT OR REPLACE INTO fingerprints
                   (plan_id, customer_id, key_hash, record_hash) VALUES (?1, ?2, ?3, ?4)";
        self.connection
            .prepare_cached(sql)
            .and_then(|mut sql| {
                sql.execute(params![
                    self.plan,
                    customer.0,
                    key_hash.cast_signed(),
                    record_hash.cast_signed()
                ])
            })
            .map_err(|error| self.sqlite(error))?;
        Ok(())
    }

    /// Drops the proof of this plan for a customer.
    pub fn drop_fingerprint(&self, customer: CustomerId) -> Result<(), StoreError> {
        self.delete_fingerprint(self.plan, customer)
    }

    /// Drops the proofs of all other plans for a customer who has changed.
    pub fn drop_other_fingerprints(&self, customer: CustomerId) -> Result<(), StoreError> {
        self.other_plans.iter().try_for_each(|plan| self.delete_fingerprint(*plan, customer))
    }

    fn delete_fingerprint(&self, plan: i64, customer: CustomerId) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        let sql = "DELETE FROM fingerprints WHERE plan_id = ?1 AND customer_id = ?2";
        self.connection
            .prepare_cached(sql)
            .and_then(|mut sql| sql.execute(params![plan, customer.0]))
            .map_err(|error| self.sqlite(error))?;
        Ok(())
    }

    /// Makes what a first import leaves to its end: the index, and the view where no attribute has
    /// made it yet.
    pub fn complete(&self) -> Result<(), StoreError> {
        if !self.new {
            return Ok(());
        }
        schema::create_indexes(&self.connection).map_err(|error| self.sqlite(error))
    }

    /// Writes the history line and makes all of the import lasting at once. Then a new store turns
    /// to a write-ahead log, so that its readers are not blocked by later imports; a reader in the
    /// way is no failure, the next import tries again.
    pub fn commit(self, line: &HistoryLine) -> Result<(), StoreError> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        let before = serde_json::to_string(&self.catalogue_before).unwrap_or_default();
        write_line(&self.connection, Some(self.import_id), Some(self.plan), line, &before)
            .and_then(|_| self.connection.execute_batch("COMMIT"))
            .map_err(|error| self.sqlite(error))?;
        let _ = self.connection.execute_batch("PRAGMA locking_mode = NORMAL");
        let _ = self.connection.execute_batch("PRAGMA journal_mode = WAL");
        Ok(())
    }

    /// Takes everything back. A file that was made for this import goes, while it is still locked;
    /// an existing store gets a history line, where one is given, and the import's number is told.
    pub fn roll_back(self, line: Option<&HistoryLine>) -> Result<Option<i64>, StoreError> {
        if self.rehearsal.is_some() {
            return Ok(None);
        }
        self.connection.execute_batch("ROLLBACK").map_err(|error| self.sqlite(error))?;
        if self.new {
            if self.created && fs::metadata(&self.path).is_ok_and(|file| file.len() == 0) {
                let _ = fs::remove_file(&self.path);
            }
            return Ok(None);
        }
        let Some(line) = line else { return Ok(None) };
        write_line(&self.connection, None, None, line, "{}")
            .map(Some)
            .map_err(|error| self.sqlite(error))
    }
}

fn write_line(
    connection: &Connection,
    import_id: Option<i64>,
    plan: Option<i64>,
    line: &HistoryLine,
    catalogue_before: &str,
) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO imports (id, kind, status, exit_code, started_at, finished_at, operator,
               options, files, key, report, plan_id, rejects, catalogue_before)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    connection.execute(
        sql,
        params![
            import_id,
            line.kind,
            line.status,
            line.exit_code,
            line.started_at,
            line.finished_at,
            line.operator,
            line.options,
            line.files,
            line.key.map(Key::as_str),
            line.report,
            plan,
            line.rejects,
            catalogue_before,
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

fn set_to(change: Change<&str>) -> Option<&str> {
    match change {
        Change::Set(value) => Some(value),
        Change::Keep | Change::Clear => None,
    }
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<CustomerId> {
    row.get(column).map(CustomerId)
}

fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

fn too_many(path: &Path) -> StoreError {
    let what = "it has more customers than this program can count".to_owned();
    StoreError::Damaged { path: path.to_owned(), what }
}

type Encoded =
    (String, [Option<String>; 5], Box<serde_json::value::RawValue>, Vec<(String, String)>, String);

fn encode(stored: &Stored) -> serde_json::Result<String> {
    let Customer { first_name, last_name, number, email, attributes, devices, archived_at } =
        &stored.customer;
    let columns = [first_name, last_name, number, email, archived_at];
    let attributes: &serde_json::value::RawValue = serde_json::from_str(attributes)?;
    let devices: Vec<(&str, &str)> =
        devices.iter().map(|device| (device.token.as_str(), device.platform.as_str())).collect();
    serde_json::to_string(&(&stored.uid, columns, attributes, devices, &stored.last_changed_at))
}

fn decode(text: &str) -> Option<Stored> {
    let (uid, columns, attributes, devices, last_changed_at): Encoded =
        serde_json::from_str(text).ok()?;
    let [first_name, last_name, number, email, archived_at] = columns;
    let devices = devices
        .into_iter()
        .map(|(token, platform)| Some(Device { token, platform: platform.parse().ok()? }))
        .collect::<Option<_>>()?;
    let attributes = attributes.get().to_owned();
    let customer =
        Customer { first_name, last_name, number, email, attributes, devices, archived_at };
    Some(Stored { uid, customer, last_changed_at })
}
