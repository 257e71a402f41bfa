//! The before-images of an import, from which its changes are explained and undone.

use super::transaction::ImportTransaction;
use crate::customer::Diff;
use crate::store::StoreError;
use crate::store::sqlite::customers::{ChangeKind, CustomerId};
use rusqlite::params;

impl ImportTransaction {
    /// Records what a customer was before this import.
    pub fn record_before_image(
        &mut self,
        customer: CustomerId,
        kind: ChangeKind,
        before: Diff,
    ) -> Result<(), StoreError> {
        if self.is_dry_run() {
            return Ok(());
        }
        let added = self.before_images.add(customer, kind, &before);
        added.map_err(|_| self.database.damaged("its attributes are not JSON"))?;
        // A long one is in memory only once while it is written.
        drop(before);
        if self.before_images.is_full() { self.write_before_images() } else { Ok(()) }
    }

    /// Writes the before-images that are still buffered.
    pub(super) fn write_before_images(&mut self) -> Result<(), StoreError> {
        self.database.with(|connection| self.before_images.write(connection, self.import_id))
    }

    /// What a customer was before this import, if an earlier record has changed it.
    pub fn before_image(&mut self, customer: CustomerId) -> Result<Option<Diff>, StoreError> {
        self.write_before_image_of(customer)?;
        let sql = "SELECT before FROM changes WHERE import_id = ?1 AND customer_id = ?2";
        self.database.optional_row(sql, params![self.import_id, customer], |row| {
            serde_json::from_str(row.text(0)?)
                .map_err(|_| row.damaged("a before-image is not JSON"))
        })
    }

    /// Withdraws the before-image of a customer that is again as it was before this import.
    pub fn drop_before_image(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        self.write_before_image_of(customer)?;
        let sql = "DELETE FROM changes WHERE import_id = ?1 AND customer_id = ?2";
        self.write(sql, params![self.import_id, customer])
    }

    fn write_before_image_of(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        if self.before_images.contains(customer) { self.write_before_images() } else { Ok(()) }
    }
}
