//! Writes before-images.

use super::before_image::{BeforeImage, ChangeKind};
use super::group::{LAST_CHANGED_AT, block_of};
use crate::customer::Diff;
use crate::store::StoreError;
use crate::store::sql::customers::CustomerId;
use crate::store::sql::database::Database;
use rusqlite::params;
use serde_json::value::RawValue;
use std::io::Write as _;

/// An image with at least this many bytes has its own row.
const LONG_IMAGE: usize = 4 << 10;
/// A row with this many bytes gets no further images.
const LONG_ROW: usize = 8 << 10;

const NOT_JSON: &str = "its attributes are not JSON";

const INSERT: &str = "INSERT OR FAIL INTO before_images
                      (import_id, first_customer, kind, last_changed_at, images)
                      VALUES (?1, ?2, ?3, ?4, ?5)";

/// The rows of one block that are not written yet. If the customers come in the order of their ids,
/// each block is written once.
#[derive(Debug, Default)]
pub(crate) struct BeforeImageBuffer {
    block: u32,
    groups: Vec<NewGroup>,
    /// For the next image.
    scratch: Vec<u8>,
}

/// A row that is not written yet.
#[derive(Debug)]
struct NewGroup {
    first: CustomerId,
    kind: ChangeKind,
    last_changed_at: Option<String>,
    /// The images as JSON, without the brace at the end.
    json: Vec<u8>,
}

/// Writes the before-images of an earlier version, which are rows of an import, a customer, a kind
/// and an image, sorted by import and customer.
pub(crate) fn write_all(database: &Database, query: &str) -> Result<(), StoreError> {
    let mut buffer = BeforeImageBuffer::default();
    let mut last = 0;
    database.for_each(query, [], |row| {
        let import = row.get(0)?;
        if import != last {
            buffer.write(database, last)?;
            last = import;
        }
        let customer: CustomerId = row.get(1)?;
        let Ok(BeforeImage { kind, before }) = BeforeImage::read(row, 2) else {
            // An import must not fail because of damage. A string is not an image either, and is
            // the damage of this customer only.
            let damage = serde_json::Value::from(row.text(3).unwrap_or_default());
            let json = format!("{{\"{}\":{damage}}}", customer.0);
            let kind = ChangeKind::Update.as_str();
            let values = params![import, customer, kind, None::<String>, json];
            return database.execute(INSERT, values).map(|_| ());
        };
        buffer.add(database, import, customer, kind, before)
    })?;
    buffer.write(database, last)
}

impl BeforeImageBuffer {
    /// Adds a before-image.
    pub(crate) fn add(
        &mut self,
        database: &Database,
        import: i64,
        customer: CustomerId,
        kind: ChangeKind,
        mut before: Diff,
    ) -> Result<(), StoreError> {
        if block_of(customer) != self.block {
            self.write(database, import)?;
            self.block = block_of(customer);
        }
        let last_changed_at = before.columns.remove(LAST_CHANGED_AT).flatten();
        let mut json = std::mem::take(&mut self.scratch);
        json.clear();
        let values = before
            .attributes
            .iter()
            .flat_map(|(name, value)| [Some(name), value.as_deref().map(RawValue::get)]);
        json.reserve(values.flatten().map(|text| text.len() + 8).sum());
        write!(json, "{{\"{}\":", customer.0)
            .map_err(serde_json::Error::io)
            .and_then(|()| serde_json::to_writer(&mut json, &before))
            .map_err(|_| database.damaged(NOT_JSON))?;
        drop(before);
        let is_long = json.len() >= LONG_IMAGE;
        let open = self.groups.iter_mut().rfind(|group| {
            group.kind == kind
                && group.last_changed_at == last_changed_at
                && group.json.len() < LONG_ROW
        });
        if let Some(group) = open.filter(|_| !is_long) {
            group.first = group.first.min(customer);
            group.json.push(b',');
            group.json.extend_from_slice(&json[1..]);
            self.scratch = json;
            return Ok(());
        }
        self.groups.push(NewGroup { first: customer, kind, last_changed_at, json });
        if is_long { self.write(database, import) } else { Ok(()) }
    }

    /// Writes the rows.
    pub(crate) fn write(&mut self, database: &Database, import: i64) -> Result<(), StoreError> {
        for NewGroup { first, kind, last_changed_at, mut json } in self.groups.drain(..) {
            json.push(b'}');
            let images = str::from_utf8(&json).map_err(|_| database.damaged(NOT_JSON))?;
            database
                .execute(INSERT, params![import, first, kind.as_str(), last_changed_at, images])?;
        }
        Ok(())
    }
}
