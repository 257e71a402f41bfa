//! One customer, with everything that the store knows about it.

use crate::segment::Segment;
use crate::store::sql::Reader;
use crate::store::sql::customers::{ChangeKind, CustomerId, CustomerImages, load};
use crate::store::sql::history::{CustomerChange, deleted_customers};
use crate::store::sql::segment_sql::Predicate;
use crate::store::{DeliveryLine, StoreError, StoredCustomer, UndoLog};
use crate::value::Key;
use rusqlite::types::Value;
use std::collections::BTreeMap;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// This import.
    Import(i64),
    /// This import or an earlier one, whose before-images are not kept.
    NoLaterThan(i64),
}

/// A customer, the origin of its values, and how it changed.
#[derive(Debug, Clone)]
pub struct CustomerPage {
    /// Attributes and devices.
    pub stored: StoredCustomer,
    /// When it was first imported: UTC, RFC 3339.
    pub first_imported_at: String,
    /// The import that inserted it.
    pub inserted_by: i64,
    /// The origin of each value, as in [`Reader::provenance`].
    pub origins: BTreeMap<String, Origin>,
    /// How imports changed it, the newest first, as far as before-images are kept.
    pub steps: Vec<Step>,
    /// Its delivery status at each destination of `engage push`.
    pub deliveries: Vec<DeliveryLine>,
    /// The last import without before-images, if the customer existed then: how it and earlier
    /// imports changed the customer is not known.
    pub unknown_until: Option<i64>,
}

/// How one import changed a customer.
#[derive(Debug, Clone)]
pub struct Step {
    /// The import's number in the history.
    pub import: i64,
    /// When it began: UTC, RFC 3339.
    pub at: String,
    /// The customer before and after it.
    pub change: CustomerChange,
}

/// Where a customer came from, according to its row.
struct Insertion {
    customer: CustomerId,
    first_imported_at: String,
    import: i64,
}

impl Reader {
    /// Everything about the customer with this uid; `None` if there is none.
    pub fn customer_page(&self, uid: &str) -> Result<Option<CustomerPage>, StoreError> {
        let Some(insertion) = self.insertion_of(uid)? else { return Ok(None) };
        let Some(stored) = load(&self.database, insertion.customer)? else { return Ok(None) };
        let horizon = self.horizon()?;
        let is_complete = insertion.import > horizon;
        let inserted_by = is_complete.then_some(insertion.import);
        Ok(Some(CustomerPage {
            steps: self.steps(insertion.customer, &stored, inserted_by)?,
            origins: self.origins(&insertion, &stored, horizon)?,
            deliveries: self.delivery_lines(uid)?,
            stored,
            first_imported_at: insertion.first_imported_at,
            inserted_by: insertion.import,
            unknown_until: (!is_complete).then_some(horizon),
        }))
    }

    /// The origin of everything that a customer has: by the name of the attribute, `devices` for
    /// the ranking of its devices, `archived_at` for the archive mark. `None` if there is no such
    /// customer.
    ///
    /// A value that an undone import had changed has the origin that it had before.
    pub fn provenance(&self, uid: &str) -> Result<Option<BTreeMap<String, Origin>>, StoreError> {
        let Some(insertion) = self.insertion_of(uid)? else { return Ok(None) };
        let Some(stored) = load(&self.database, insertion.customer)? else { return Ok(None) };
        self.origins(&insertion, &stored, self.horizon()?).map(Some)
    }

    /// The uids of the customers with this value of the key, in the order of insertion. Emails are
    /// compared in lower case. Reads all customers, unless the key is the uid.
    pub fn uids_with(&self, key: Key, value: &str) -> Result<Vec<String>, StoreError> {
        let sql = match key {
            Key::Uid => "SELECT uid, uid FROM customers WHERE uid = ?1",
            // SQLite's own `lower` is for ASCII only, so emails are compared here.
            Key::Email => {
                "SELECT uid, email FROM customers WHERE coalesce(?1, email) IS NOT NULL AND email IS NOT NULL ORDER BY id"
            }
            Key::Number => "SELECT uid, number FROM customers WHERE number = ?1 ORDER BY id",
        };
        let wanted = key.compared(value);
        let mut uids = Vec::new();
        self.database.for_each(sql, [value], |row| {
            if key.compared(row.text(1)?) == wanted {
                uids.push(row.get(0)?);
            }
            Ok(())
        })?;
        Ok(uids)
    }

    /// Whether a segment contains a customer.
    pub fn is_member(&self, segment: &Segment, uid: &str) -> Result<bool, StoreError> {
        let Predicate { sql, mut values } = self.predicate(segment)?;
        values.push(Value::Text(uid.to_owned()));
        let sql = format!("SELECT EXISTS (SELECT 1 FROM customers WHERE ({sql}) AND uid = ?)");
        self.database.value(&sql, values)
    }

    /// The newest import that deleted a customer with this uid, as far as before-images are kept.
    pub fn deleted_by(&self, uid: &str) -> Result<Option<i64>, StoreError> {
        let sql = format!(
            "SELECT max(import_id) FROM {} WHERE uid = ?1",
            deleted_customers(&self.database)
        );
        self.database.value(&sql, [uid])
    }

    /// The newest import that may have changed customers and has no before-images; 0 if there is
    /// none.
    fn horizon(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(id), 0) FROM imports WHERE trail NOT IN (?1, ?2)";
        self.database.value(sql, [UndoLog::Complete.as_str(), UndoLog::Undone.as_str()])
    }

    fn insertion_of(&self, uid: &str) -> Result<Option<Insertion>, StoreError> {
        let sql = "SELECT id, first_imported_at, inserted_by FROM customers WHERE uid = ?1";
        self.database.optional_row(sql, [uid], |row| {
            let (customer, first_imported_at) = (row.get(0)?, row.get(1)?);
            Ok(Insertion { customer, first_imported_at, import: row.get(2)? })
        })
    }

    fn origins(
        &self,
        insertion: &Insertion,
        stored: &StoredCustomer,
        horizon: i64,
    ) -> Result<BTreeMap<String, Origin>, StoreError> {
        let unchanged = if insertion.import > horizon {
            Origin::Import(insertion.import)
        } else {
            Origin::NoLaterThan(horizon)
        };
        let mut changed = BTreeMap::new();
        let mut images = CustomerImages::after(&self.database, 0);
        images.try_for_each(insertion.customer, |import, image| {
            let before = image.before;
            let devices = before.devices.map(|_| "devices".to_owned());
            let columns = before.columns.iter().map(|(name, _)| name.to_owned());
            let attributes = before.attributes.iter().map(|(name, _)| name.to_owned());
            for name in columns.chain(attributes).chain(devices) {
                // The newest import comes first.
                changed.entry(name).or_insert(Origin::Import(import));
            }
            Ok::<(), StoreError>(())
        })?;
        let names = stored.customer.names();
        let names =
            names.map_err(|_| self.database.damaged("a customer's attributes are not JSON"))?;
        let origins = names.into_iter().map(|name| {
            let origin = changed.get(&name).copied().unwrap_or(unchanged);
            (name, origin)
        });
        Ok(origins.collect())
    }

    fn steps(
        &self,
        customer: CustomerId,
        now: &StoredCustomer,
        inserted_by: Option<i64>,
    ) -> Result<Vec<Step>, StoreError> {
        let started_at = |import: i64| {
            self.database.value("SELECT started_at FROM imports WHERE id = ?1", [import])
        };
        let mut after = now.clone();
        let mut steps = Vec::new();
        let mut images = CustomerImages::after(&self.database, 0);
        images.try_for_each(customer, |import, image| {
            let before = self.before(&image, Some(&after))?;
            let after = Some(std::mem::replace(&mut after, before.clone()));
            let change = CustomerChange { kind: image.kind, before: Some(before), after };
            steps.push(Step { import, at: started_at(import)?, change });
            Ok::<(), StoreError>(())
        })?;
        if let Some(import) = inserted_by {
            let kind = ChangeKind::Insert;
            let change = CustomerChange { kind, before: None, after: Some(after) };
            steps.push(Step { import, at: started_at(import)?, change });
        }
        Ok(steps)
    }
}
