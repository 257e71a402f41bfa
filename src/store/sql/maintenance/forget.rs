//! Forgets customers: erases them and every trace of them.

use super::redact::{FORGOTTEN, Redactor, longest_string, strings_of};
use crate::customer::Diff;
use crate::outcome::ForgetOutcome;
use crate::store::sql::Writer;
use crate::store::sql::customers::{CustomerId, CustomerImages, before_images, fingerprints, load};
use crate::store::sql::delivery::{forget_deliveries, redact_refusals};
use crate::store::sql::history::deleted_customers;
use crate::store::sql::purge;
use crate::store::{StoreError, StoredCustomer};
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet};

/// The shortest text that is redacted in the history: shorter ones do not identify a customer.
const SHORTEST: usize = 3;

/// The texts of forgotten customers.
#[derive(Debug, Default)]
struct Texts {
    /// Texts that only one customer has.
    identifiers: BTreeSet<String>,
    /// Names and custom values, except those that may be words of the history itself, which do not
    /// identify a customer.
    others: BTreeSet<String>,
    /// The bytes of the longest string in the history; longer texts cannot be in it.
    longest: usize,
}

impl Texts {
    fn add_identifier(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        if text.chars().count() >= SHORTEST {
            self.identifiers.insert(text);
        }
    }

    fn add_other(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        let is_plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
        if text.len() > self.longest {
            return;
        }
        if text.chars().count() >= SHORTEST && !text.chars().all(is_plain) {
            self.others.insert(text);
        }
    }

    fn add_customer(&mut self, stored: &StoredCustomer) {
        let customer = &stored.customer;
        self.add_identifier(&stored.uid);
        for text in [&customer.number, &customer.email].into_iter().flatten() {
            self.add_identifier(text);
        }
        for device in &customer.devices {
            self.add_identifier(&device.token);
        }
        for text in [&customer.first_name, &customer.last_name].into_iter().flatten() {
            self.add_other(text);
        }
        for text in strings_of(&customer.attributes) {
            self.add_other(text);
        }
    }

    fn add_before_image(&mut self, before: &Diff) {
        let column = |name: &str| before.columns.get(name).cloned().flatten();
        for text in ["uid", "number", "email"].into_iter().filter_map(column) {
            self.add_identifier(text);
        }
        for text in ["first_name", "last_name"].into_iter().filter_map(column) {
            self.add_other(text);
        }
        for (token, _) in before.devices.iter().flatten() {
            self.add_identifier(token);
        }
        for value in before.attributes.values().flatten() {
            if let Ok(text) = serde_json::from_str::<String>(value.get()) {
                self.add_other(text);
            }
        }
    }
}

impl Writer {
    /// Forgets the customers with these uids: the customers, their devices, fingerprints and
    /// before-images, and their values in the history's texts. The store is marked until
    /// [`Writer::commit_and_wait`] has purged their bytes as well.
    pub fn forget(&self, uids: &[String]) -> Result<ForgetOutcome, StoreError> {
        let database = self.database();
        let mut outcome = ForgetOutcome::default();
        let mut unknown = Vec::new();
        let mut texts = Texts { longest: self.longest_history_string()?, ..Texts::default() };
        let mut deleted = self.deleted_customers()?;
        let mut forgotten = Vec::new();
        for uid in uids.iter().collect::<BTreeSet<_>>() {
            let mut customers = deleted.remove(uid).unwrap_or_default();
            let sql = "SELECT id FROM customers WHERE uid = ?1";
            let stored: Vec<CustomerId> = database.rows(sql, [uid], |row| row.get(0))?;
            customers.extend(stored);
            // Deliveries may outlive the customer.
            let deliveries = forget_deliveries(database, uid)?;
            outcome.deliveries += deliveries;
            if customers.is_empty() {
                if deliveries > 0 {
                    texts.add_identifier(uid);
                    outcome.customers.deleted += 1;
                } else {
                    unknown.push(uid.clone());
                }
                continue;
            }
            outcome.customers.deleted += 1;
            for customer in customers {
                self.collect_texts(customer, &mut texts)?;
                let sql = "DELETE FROM devices WHERE customer_id = ?1";
                outcome.devices.evicted += database.execute(sql, [customer])?;
                outcome.before_images += before_images::remove_customer(database, customer)?;
                database.execute("DELETE FROM customers WHERE id = ?1", [customer])?;
                forgotten.push(customer);
            }
        }
        fingerprints::drop_all_of(database, forgotten)?;
        if outcome.customers.deleted > 0 {
            let Texts { identifiers, others, .. } = texts;
            let too_many = || database.damaged("too many customers to forget at once");
            let identifying = Redactor::new(identifiers.clone()).ok_or_else(too_many)?;
            outcome.segments = self.segments_naming(&identifying)?;
            redact_refusals(database, |text| identifying.matches(text), FORGOTTEN)?;
            let all = Redactor::new(identifiers.into_iter().chain(others)).ok_or_else(too_many)?;
            outcome.history_lines = self.redact_history(&all)?;
            purge::mark(database)?;
        }
        outcome.unknown = Some(unknown);
        Ok(outcome)
    }

    /// The deleted customers that before-images keep, by uid.
    fn deleted_customers(&self) -> Result<BTreeMap<String, Vec<CustomerId>>, StoreError> {
        let sql = format!("SELECT uid, customer_id FROM {}", deleted_customers(self.database()));
        let mut deleted: BTreeMap<String, Vec<CustomerId>> = BTreeMap::new();
        self.database().for_each(&sql, [], |row| {
            deleted.entry(row.get(0)?).or_default().push(row.get(1)?);
            Ok(())
        })?;
        Ok(deleted)
    }

    /// The bytes of the longest string in the history.
    fn longest_history_string(&self) -> Result<usize, StoreError> {
        let sql = "SELECT options, files, report, coalesce(rejects, '') FROM imports";
        let mut longest = 0;
        self.database().for_each(sql, [], |row| {
            for column in 0..4 {
                longest = longest.max(longest_string(row.text(column)?));
            }
            Ok(())
        })?;
        Ok(longest)
    }

    /// Collects every text that a customer has or had.
    fn collect_texts(&self, customer: CustomerId, texts: &mut Texts) -> Result<(), StoreError> {
        if let Some(stored) = load(self.database(), customer)? {
            texts.add_customer(&stored);
        }
        let mut images = CustomerImages::after(self.database(), 0);
        images.try_for_each(customer, |_, image| {
            texts.add_before_image(&image.before);
            Ok(())
        })
    }

    /// Redacts the history; returns the number of lines that changed.
    fn redact_history(&self, redactor: &Redactor) -> Result<u64, StoreError> {
        const COLUMNS: [&str; 4] = ["options", "files", "report", "rejects"];
        let sql = "SELECT options, files, report, coalesce(rejects, ''), id FROM imports";
        let mut lines = 0;
        self.database().for_each(sql, [], |row| {
            let mut is_changed = false;
            for (index, column) in COLUMNS.into_iter().enumerate() {
                if let Some(redacted) = redactor.redacted(row.text(index)?) {
                    let sql = format!("UPDATE imports SET {column} = ?2 WHERE id = ?1");
                    self.database().execute(&sql, params![row.get::<i64>(4)?, redacted])?;
                    is_changed = true;
                }
            }
            lines += u64::from(is_changed);
            Ok(())
        })?;
        Ok(lines)
    }

    fn segments_naming(&self, redactor: &Redactor) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT name, expression FROM segments ORDER BY name";
        let mut names = Vec::new();
        self.database().for_each(sql, [], |row| {
            if redactor.matches(row.text(1)?) {
                names.push(row.get(0)?);
            }
            Ok(())
        })?;
        Ok(names)
    }
}
