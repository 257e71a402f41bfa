//! Reads before-images: those of an import, or those of a customer.

use super::before_image::{BeforeImage, ChangeKind};
use super::group::{Group, block_of, block_range, complete, each_row, each_with};
use crate::store::StoreError;
use crate::store::sql::customers::CustomerId;
use crate::store::sql::database::{Database, Row};
use rusqlite::params;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

/// An image with at least this many bytes is not kept in memory.
const LONG_IMAGE: usize = 16 << 10;
/// If the images of a block have more bytes, the rest is read again when it is needed.
const MAX_KEPT_BYTES: usize = 16 << 20;

/// Calls `each` with the before-images of an import, in the order of the customers' ids.
pub(crate) fn each_of_import<E: From<StoreError>>(
    database: &Database,
    import: i64,
    mut each: impl FnMut(CustomerId, BeforeImage) -> Result<(), E>,
) -> Result<(), E> {
    if database.is_postgres() {
        let sql = "SELECT customer_id, kind, before FROM changes WHERE import_id = ?1
                   ORDER BY customer_id";
        return database
            .try_for_each(sql, [import], |row| each(row.get(0)?, BeforeImage::read(row, 1)?));
    }
    let sql = "SELECT first_customer FROM before_images WHERE import_id = ?1
               ORDER BY first_customer";
    let mut images = CustomerImages::of(database, import..=import);
    let mut block = None;
    database.try_for_each(sql, [import], |row| {
        let first = row.get(0)?;
        if block.replace(block_of(first)) == Some(block_of(first)) {
            return Ok(());
        }
        images.keep_block(first)?;
        let customers: Vec<_> = images.kept.keys().map(|(customer, _)| *customer).collect();
        for customer in customers {
            images.try_for_each(customer, |_, image| each(customer, image))?;
        }
        Ok(())
    })
}

/// How many before-images of each kind an import has.
pub(crate) fn counts(
    database: &Database,
    import: i64,
) -> Result<HashMap<ChangeKind, u64>, StoreError> {
    let mut counts = HashMap::new();
    if database.is_postgres() {
        let sql = "SELECT kind, count(*) FROM changes WHERE import_id = ?1 GROUP BY kind";
        database.for_each(sql, [import], |row| {
            let kind = row.text(0)?.parse();
            let kind = kind.map_err(|()| row.damaged("a before-image is invalid"))?;
            counts.insert(kind, row.get::<i64>(1)?.unsigned_abs());
            Ok(())
        })?;
        return Ok(counts);
    }
    each_row(database, import, |group| {
        *counts.entry(group.kind).or_default() += group.images.len() as u64;
    })?;
    Ok(counts)
}

/// The customers of which an import has before-images.
pub(crate) fn customers_of(
    database: &Database,
    import: i64,
) -> Result<Vec<CustomerId>, StoreError> {
    if database.is_postgres() {
        let sql = "SELECT customer_id FROM changes WHERE import_id = ?1";
        return database.rows(sql, [import], |row| row.get(0));
    }
    let mut customers = Vec::new();
    each_row(database, import, |group| {
        customers.extend(group.images.keys().copied().map(CustomerId));
    })?;
    Ok(customers)
}

/// The before-image of a customer, if the import has changed it.
pub(crate) fn of_import(
    database: &Database,
    import: i64,
    customer: CustomerId,
) -> Result<Option<BeforeImage>, StoreError> {
    let mut found = None;
    CustomerImages::of(database, import..=import).try_for_each(customer, |_, image| {
        found = Some(image);
        Ok::<(), StoreError>(())
    })?;
    Ok(found)
}

/// The before-images of customers from some imports. In SQLite, those of neighbouring customers are
/// read together, so they should be asked for in the order of their ids.
pub(crate) struct CustomerImages<'d> {
    database: &'d Database,
    imports: RangeInclusive<i64>,
    /// The block whose images are kept.
    block: Option<u32>,
    /// By customer; the newest import first.
    kept: BTreeMap<(CustomerId, Reverse<i64>), Kept>,
}

/// An image of the block.
enum Kept {
    Image {
        kind: ChangeKind,
        last_changed_at: Option<String>,
        json: String,
    },
    /// It is only in the store.
    Stored,
}

impl<'d> CustomerImages<'d> {
    /// Those of imports in a range.
    fn of(database: &'d Database, imports: RangeInclusive<i64>) -> Self {
        Self { database, imports, block: None, kept: BTreeMap::new() }
    }

    /// Those of all imports after this one; 0 for all.
    pub(crate) fn after(database: &'d Database, import: i64) -> Self {
        Self::of(database, import + 1..=i64::MAX)
    }

    /// Calls `each` with every import that changed the customer, the newest first, and with what
    /// the customer was before.
    pub(crate) fn try_for_each<E: From<StoreError>>(
        &mut self,
        customer: CustomerId,
        mut each: impl FnMut(i64, BeforeImage) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.database.is_postgres() {
            let sql = "SELECT import_id, kind, before FROM changes
                       WHERE customer_id = ?1 AND import_id BETWEEN ?2 AND ?3
                       ORDER BY import_id DESC";
            let values = params![customer, self.imports.start(), self.imports.end()];
            return self
                .database
                .try_for_each(sql, values, |row| each(row.get(0)?, BeforeImage::read(row, 1)?));
        }
        if self.block != Some(block_of(customer)) {
            self.keep_block(customer)?;
        }
        let all = (customer, Reverse(i64::MAX))..=(customer, Reverse(i64::MIN));
        for ((_, Reverse(import)), kept) in self.kept.range(all) {
            let image = match kept {
                Kept::Image { kind, last_changed_at, json } => {
                    complete(*kind, last_changed_at.as_deref(), json)
                }
                Kept::Stored => {
                    let mut image = None;
                    each_with(self.database, *import, &[customer], |group, _| {
                        image = group.image(customer);
                        Ok(())
                    })?;
                    image
                }
            };
            let damaged = || self.database.damaged("a before-image is invalid");
            each(*import, image.ok_or_else(damaged)?)?;
        }
        Ok(())
    }

    /// Reads the images of a customer's block.
    fn keep_block(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        self.kept.clear();
        self.block = Some(block_of(customer));
        // The `+` keeps SQLite from searching by import, which would read all of its images.
        let sql = format!(
            "SELECT import_id, {} FROM before_images
             WHERE first_customer BETWEEN ?1 AND ?2 AND +import_id BETWEEN ?3 AND ?4",
            Group::COLUMNS
        );
        let (first, last) = block_range(customer).into_inner();
        let (oldest, newest) = self.imports.clone().into_inner();
        let values = params![first, last, oldest, newest];
        let mut bytes = 0;
        self.database.for_each(&sql, values, |row| self.keep_row(row, &mut bytes))
    }

    /// Adds the images of a row: an import, and the columns of a group. `bytes` counts those of the
    /// kept images.
    fn keep_row(&mut self, row: Row<'_>, bytes: &mut usize) -> Result<(), StoreError> {
        let import = Reverse(row.get(0)?);
        let group = Group::read(row, 1)?;
        for (id, image) in &group.images {
            let length = image.get().len();
            let kept = if length >= LONG_IMAGE || *bytes > MAX_KEPT_BYTES {
                Kept::Stored
            } else {
                *bytes += length;
                let last_changed_at = group.last_changed_at.map(str::to_owned);
                let json = image.get().to_owned();
                Kept::Image { kind: group.kind, last_changed_at, json }
            };
            self.kept.insert((CustomerId(*id), import), kept);
        }
        Ok(())
    }
}
