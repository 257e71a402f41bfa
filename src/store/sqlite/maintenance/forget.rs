//! Forgets customers: they go, and every trace of them.

use super::purge;
use super::redact::{Scrubber, longest_text, texts_of};
use crate::customer::Diff;
use crate::outcome::ForgetOutcome;
use crate::store::StoreError;
use crate::store::sqlite::Reader;
use crate::store::sqlite::Writer;
use crate::store::sqlite::customers::fingerprints;
use crate::store::sqlite::customers::{CustomerId, Stored, load};
use crate::store::sqlite::history::Image;
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet};

/// The shortest text that is looked for in the history; a shorter one says nothing of anybody.
const SHORTEST: usize = 3;

/// The texts of customers who are forgotten.
#[derive(Debug, Default)]
struct Texts {
    /// What is one customer's alone.
    identifiers: BTreeSet<String>,
    /// Names and custom values. What might be a word of the history's own is left out: that says
    /// nothing of anybody.
    others: BTreeSet<String>,
    /// The bytes of the longest text in the history: no longer one can be in it.
    longest: usize,
}

impl Texts {
    fn identifier(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        if text.chars().count() >= SHORTEST {
            self.identifiers.insert(text);
        }
    }

    fn other(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        let is_plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
        if text.len() > self.longest {
            return;
        }
        if text.chars().count() >= SHORTEST && !text.chars().all(is_plain) {
            self.others.insert(text);
        }
    }

    fn of(&mut self, stored: &Stored) {
        let customer = &stored.customer;
        self.identifier(&stored.uid);
        for text in [&customer.number, &customer.email].into_iter().flatten() {
            self.identifier(text);
        }
        for device in &customer.devices {
            self.identifier(&device.token);
        }
        for text in [&customer.first_name, &customer.last_name].into_iter().flatten() {
            self.other(text);
        }
        for text in texts_of(&customer.attributes) {
            self.other(text);
        }
    }

    fn of_before(&mut self, before: &Diff) {
        let column = |name: &str| before.columns.get(name).cloned().flatten();
        for text in ["uid", "number", "email"].into_iter().filter_map(column) {
            self.identifier(text);
        }
        for text in ["first_name", "last_name"].into_iter().filter_map(column) {
            self.other(text);
        }
        for (token, _) in before.devices.iter().flatten() {
            self.identifier(token);
        }
        for value in before.attributes.values().flatten() {
            if let Ok(text) = serde_json::from_str::<String>(value.get()) {
                self.other(text);
            }
        }
    }
}

impl Reader {
    /// Whether bytes of forgotten customers may still be in the file.
    pub fn is_erasing_pending(&self) -> Result<bool, StoreError> {
        purge::is_pending(&self.connection).map_err(|source| self.sqlite(source))
    }

    /// The uids of customers who were deleted, as far as the trail keeps them.
    fn departed(&self) -> Result<BTreeMap<String, Vec<CustomerId>>, StoreError> {
        let read = || -> rusqlite::Result<BTreeMap<String, Vec<CustomerId>>> {
            let sql = "SELECT json_extract(before, '$.columns.uid'), customer_id FROM changes
                       WHERE kind = 'delete'";
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            let mut departed: BTreeMap<String, Vec<CustomerId>> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                departed.entry(row.get(0)?).or_default().push(CustomerId(row.get(1)?));
            }
            Ok(departed)
        };
        read().map_err(|source| self.sqlite(source))
    }

    /// The bytes of the longest text literal in the history.
    fn longest_history_text(&self) -> Result<usize, StoreError> {
        let sqlite = |source| self.sqlite(source);
        let sql = "SELECT options, files, report, coalesce(rejects, '') FROM imports";
        let mut statement = self.connection.prepare(sql).map_err(sqlite)?;
        let mut rows = statement.query([]).map_err(sqlite)?;
        let mut longest = 0;
        while let Some(row) = rows.next().map_err(sqlite)? {
            for column in 0..4 {
                let text = row.get_ref(column).and_then(|value| Ok(value.as_str()?));
                longest = longest.max(longest_text(text.map_err(sqlite)?));
            }
        }
        Ok(longest)
    }

    /// Hands over the before-images of a customer, one after the other: each may be long.
    fn images(&self, customer: CustomerId, mut each: impl FnMut(&Image)) -> Result<(), StoreError> {
        let sqlite = |source| self.sqlite(source);
        let sql = "SELECT kind, before FROM changes WHERE customer_id = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(sqlite)?;
        let mut rows = statement.query([customer.0]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            each(&self.image_of(row, 0)?);
        }
        Ok(())
    }
}

impl Writer {
    /// Forgets the customers with these uids: they, their devices, their fingerprints, what the
    /// trail keeps of them, and their values in the history's texts. The store is marked until
    /// [`Writer::commit_and_wait`] has erased their bytes as well.
    pub fn forget(&self, uids: &[String]) -> Result<ForgetOutcome, StoreError> {
        let reader = self.reader();
        let mut departed = reader.departed()?;
        let mut forgotten = ForgetOutcome::default();
        let mut unknown = Vec::new();
        let mut texts = Texts { longest: reader.longest_history_text()?, ..Texts::default() };
        let mut gone = Vec::new();
        let uids: BTreeSet<&String> = uids.iter().collect();
        for uid in uids {
            let mut customers = departed.remove(uid).unwrap_or_default();
            let sql = "SELECT id FROM customers WHERE uid = ?1";
            let mut find = reader.connection.prepare_cached(sql).map_err(|e| reader.sqlite(e))?;
            let found = find.query_map([uid], |row| row.get(0).map(CustomerId));
            let found: rusqlite::Result<Vec<CustomerId>> = found.and_then(Iterator::collect);
            customers.extend(found.map_err(|source| reader.sqlite(source))?);
            if customers.is_empty() {
                unknown.push(uid.clone());
            } else {
                forgotten.customers.deleted += 1;
            }
            for customer in customers {
                self.collect_texts(customer, &mut texts)?;
                let sql = "DELETE FROM devices WHERE customer_id = ?1";
                forgotten.devices.evicted += self.execute(sql, [customer.0])?;
                let sql = "DELETE FROM changes WHERE customer_id = ?1";
                forgotten.before_images += self.execute(sql, [customer.0])?;
                self.execute("DELETE FROM customers WHERE id = ?1", [customer.0])?;
                gone.push(customer);
            }
        }
        fingerprints::void_all_of(&reader.connection, gone)
            .map_err(|source| reader.sqlite(source))?;
        if forgotten.customers.deleted > 0 {
            let Texts { identifiers, others, .. } = texts;
            let too_many = || reader.damaged("too many are to be forgotten at once");
            let identifying = Scrubber::new(identifiers.clone()).ok_or_else(too_many)?;
            forgotten.segments = self.segments_naming(&identifying)?;
            let all = Scrubber::new(identifiers.into_iter().chain(others)).ok_or_else(too_many)?;
            forgotten.history_lines = self.scrub_history(&all)?;
            purge::mark(&reader.connection).map_err(|source| reader.sqlite(source))?;
        }
        forgotten.unknown = Some(unknown);
        Ok(forgotten)
    }

    /// Every text that a customer has or had.
    fn collect_texts(&self, customer: CustomerId, texts: &mut Texts) -> Result<(), StoreError> {
        let reader = self.reader();
        let stored = load(&reader.connection, customer).map_err(|error| reader.sqlite(error))?;
        if let Some(stored) = stored {
            texts.of(&stored);
        }
        reader.images(customer, |image| texts.of_before(&image.before))
    }

    fn scrub_history(&self, scrubber: &Scrubber) -> Result<u64, StoreError> {
        let reader = self.reader();
        let sqlite = |source| reader.sqlite(source);
        let sql = "SELECT id, options, files, report, coalesce(rejects, '') FROM imports";
        let mut statement = reader.connection.prepare(sql).map_err(sqlite)?;
        let mut rows = statement.query([]).map_err(sqlite)?;
        let mut lines = 0;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let id: i64 = row.get(0).map_err(sqlite)?;
            let mut changed = false;
            for (column, sql) in [
                (1, "UPDATE imports SET options = ?2 WHERE id = ?1"),
                (2, "UPDATE imports SET files = ?2 WHERE id = ?1"),
                (3, "UPDATE imports SET report = ?2 WHERE id = ?1"),
                (4, "UPDATE imports SET rejects = ?2 WHERE id = ?1"),
            ] {
                let text: String = row.get(column).map_err(sqlite)?;
                if let Some(clean) = scrubber.scrubbed(&text) {
                    self.execute(sql, params![id, clean])?;
                    changed = true;
                }
            }
            lines += u64::from(changed);
        }
        Ok(lines)
    }

    fn segments_naming(&self, scrubber: &Scrubber) -> Result<Vec<String>, StoreError> {
        let read = || -> rusqlite::Result<Vec<(String, String)>> {
            let sql = "SELECT name, expression FROM segments ORDER BY name";
            let connection = &self.reader().connection;
            let rows = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            connection.prepare(sql)?.query_map([], rows)?.collect()
        };
        let segments = read().map_err(|source| self.reader().sqlite(source))?;
        let naming = segments.into_iter().filter(|(_, text)| scrubber.is_in(text));
        Ok(naming.map(|(name, _)| name).collect())
    }
}
