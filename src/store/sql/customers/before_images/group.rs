//! The rows of the table `before_images`. Each has the images of one import and some customers of
//! one block, which have the same kind and the same time of the last change.

use super::before_image::{BeforeImage, ChangeKind};
use crate::customer::Diff;
use crate::store::StoreError;
use crate::store::sql::customers::CustomerId;
use crate::store::sql::database::{Database, Row};
use rusqlite::params;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The customers of a block: those with the ids from `block * BLOCK` on.
const BLOCK: u32 = 128;

/// The column that all customers of a row share, so it is not in the images.
pub(super) const LAST_CHANGED_AT: &str = "last_changed_at";

/// The number of a customer's block.
pub(super) fn block_of(customer: CustomerId) -> u32 {
    customer.0 / BLOCK
}

/// The ids of a customer's block.
pub(super) fn block_range(customer: CustomerId) -> RangeInclusive<u32> {
    let first = block_of(customer) * BLOCK;
    first..=first + (BLOCK - 1)
}

/// Images by customer, as JSON without what they share.
pub(super) type Images<'r> = BTreeMap<u32, &'r RawValue>;

/// A row.
pub(crate) struct Group<'r> {
    /// The row; `None` in a store of an earlier version.
    pub(super) id: Option<i64>,
    pub(super) kind: ChangeKind,
    pub(super) last_changed_at: Option<&'r str>,
    pub(super) images: Images<'r>,
}

impl<'r> Group<'r> {
    /// The columns that [`Group::read`] needs.
    pub(super) const COLUMNS: &'static str = "id, kind, last_changed_at, images";

    /// Reads the columns of a row, the first of which is at `column`.
    pub(super) fn read(row: Row<'r>, column: usize) -> Result<Self, StoreError> {
        let damaged = || row.damaged("a before-image is invalid");
        let kind = row.text(column + 1)?.parse().map_err(|()| damaged())?;
        let images = read_images(row, column + 3).ok_or_else(damaged)?;
        let last_changed_at = row.optional_text(column + 2)?;
        Ok(Self { id: row.get(column)?, kind, last_changed_at, images })
    }

    /// The image of a customer; `None` if it is not in this row, or is damaged.
    pub(crate) fn image(&self, customer: CustomerId) -> Option<BeforeImage> {
        complete(self.kind, self.last_changed_at, self.images.get(&customer.0)?.get())
    }
}

/// The images of a row; `None` if they are damaged.
pub(super) fn read_images(row: Row<'_>, column: usize) -> Option<Images<'_>> {
    serde_json::from_str(row.text(column).ok()?).ok()
}

/// An image with what it shares with others; `None` if it is damaged.
pub(super) fn complete(
    kind: ChangeKind,
    last_changed_at: Option<&str>,
    json: &str,
) -> Option<BeforeImage> {
    let mut before: Diff = serde_json::from_str(json).ok()?;
    if let Some(time) = last_changed_at {
        before.columns.insert(LAST_CHANGED_AT, Some(time.to_owned()));
    }
    Some(BeforeImage { kind, before })
}

/// Calls `each` with the rows that have an import's images of these customers, and with the
/// customers of the row. The customers are sorted.
pub(crate) fn each_with(
    database: &Database,
    import: i64,
    customers: &[CustomerId],
    mut each: impl FnMut(&Group<'_>, &[CustomerId]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT {} FROM before_images
         WHERE import_id = ?1 AND first_customer BETWEEN ?2 AND ?3 ORDER BY first_customer DESC",
        Group::COLUMNS
    );
    for near in customers.chunk_by(|one, next| block_of(*one) == block_of(*next)) {
        let mut missing = near.to_vec();
        // A row with an image begins with this customer or an earlier one.
        let (first, last) = (*block_range(near[0]).start(), near[near.len() - 1]);
        database.find_row(&sql, params![import, first, last], |row| {
            let group = Group::read(row, 0)?;
            let is_in = |customer: &CustomerId| group.images.contains_key(&customer.0);
            let found: Vec<CustomerId> = missing.iter().copied().filter(is_in).collect();
            if !found.is_empty() {
                each(&group, &found)?;
                missing.retain(|customer| !is_in(customer));
            }
            Ok(missing.is_empty().then_some(()))
        })?;
    }
    Ok(())
}

/// Calls `each` with the rows of an import.
pub(super) fn each_row(
    database: &Database,
    import: i64,
    mut each: impl FnMut(&Group<'_>),
) -> Result<(), StoreError> {
    let sql = format!("SELECT {} FROM before_images WHERE import_id = ?1", Group::COLUMNS);
    database.for_each(&sql, [import], |row| {
        each(&Group::read(row, 0)?);
        Ok(())
    })
}

/// Calls `each` with the import of every row, and whether all of its images can be read.
pub(crate) fn check(
    database: &Database,
    mut each: impl FnMut(i64, bool),
) -> Result<(), StoreError> {
    if database.is_postgres() {
        return database.for_each("SELECT import_id, before FROM changes", [], |row| {
            each(row.get(0)?, serde_json::from_str::<Diff>(row.text(1)?).is_ok());
            Ok(())
        });
    }
    let sql = format!("SELECT import_id, first_customer, {} FROM before_images", Group::COLUMNS);
    database.for_each(&sql, [], |row| {
        let first: CustomerId = row.get(1)?;
        let is_valid = Group::read(row, 2).is_ok_and(|group| {
            group.images.first_key_value().is_some_and(|(id, _)| *id == first.0)
                && group.images.keys().all(|id| block_of(CustomerId(*id)) == block_of(first))
                && group
                    .images
                    .values()
                    .all(|image| complete(group.kind, None, image.get()).is_some())
        });
        each(row.get(0)?, is_valid);
        Ok(())
    })
}
