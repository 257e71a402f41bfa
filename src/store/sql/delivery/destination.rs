//! Destinations of a push. A destination is the URL of an API with the public key of an account.

use crate::store::sql::Reader;
use crate::store::sql::database::Database;
use crate::store::{DeliveryLine, DeliveryStatus, StoreError, now};
use rusqlite::params;
use sha2::{Digest as _, Sha256};

use super::rows::refusal;

/// Identifies a destination in the store: a digest of its URL and the public key.
pub type DestinationDigest = [u8; 32];

/// A destination of `engage push`, as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Its id in the store; 0 if the store does not have it.
    pub(crate) id: i64,
    /// The URL of the API.
    pub url: String,
    /// The digest of the URL and the public key.
    pub digest: DestinationDigest,
}

impl Destination {
    /// The digest of a URL and a public key.
    pub fn digest_of(url: &str, public_key: &str) -> DestinationDigest {
        let mut digest = Sha256::new();
        // The length marks where the URL ends and the key begins.
        digest.update((url.len() as u64).to_le_bytes());
        digest.update(url);
        digest.update(public_key);
        digest.finalize().into()
    }

    /// A destination that is not in the store, because nothing was ever pushed there.
    pub fn unknown(url: &str, digest: DestinationDigest) -> Self {
        Self { id: 0, url: url.to_owned(), digest }
    }
}

/// Finds a destination by its digest; `None` if nothing was ever pushed there.
pub(crate) fn find(
    database: &Database,
    digest: &DestinationDigest,
) -> Result<Option<Destination>, StoreError> {
    let sql = "SELECT id, url FROM destinations WHERE digest = ?1";
    database.optional_row(sql, [digest.as_slice()], |row| {
        Ok(Destination { id: row.get(0)?, url: row.get(1)?, digest: *digest })
    })
}

/// Records that a push to the destination begins, and adds the destination if it is new.
pub(super) fn begin(
    database: &Database,
    url: &str,
    digest: &DestinationDigest,
) -> Result<Destination, StoreError> {
    let sql = "INSERT INTO destinations (digest, url, last_push_at) VALUES (?1, ?2, ?3)
               ON CONFLICT (digest) DO UPDATE SET last_push_at = excluded.last_push_at";
    database.execute(sql, params![digest.as_slice(), url, now()])?;
    let found = find(database, digest)?;
    found.ok_or_else(|| database.damaged("a destination is gone"))
}

impl Reader {
    /// The destination with this digest. If it is not in the store, it has no deliveries.
    pub fn destination(
        &self,
        url: &str,
        digest: DestinationDigest,
    ) -> Result<Destination, StoreError> {
        let found = find(&self.database, &digest)?;
        Ok(found.unwrap_or_else(|| Destination::unknown(url, digest)))
    }

    /// The delivery status of a customer at each destination.
    pub fn delivery_lines(&self, uid: &str) -> Result<Vec<DeliveryLine>, StoreError> {
        // In SQLite, `CROSS JOIN` fixes the join order, so that the primary key of `deliveries`
        // finds the few rows.
        let join = if self.database.is_postgres() { "JOIN" } else { "CROSS JOIN" };
        let sql = format!(
            "SELECT url, status, changed_at, refused_status, refused_text, refused_state
             FROM destinations {join} deliveries ON destination_id = id AND uid = ?1 ORDER BY id"
        );
        self.database.rows(&sql, [uid], |row| {
            let status = DeliveryStatus::from_name(row.text(1)?);
            Ok(DeliveryLine {
                destination: row.get(0)?,
                status: status.ok_or_else(|| row.damaged("a delivery has an unknown status"))?,
                changed_at: row.get(2)?,
                refusal: refusal(row, 3)?,
            })
        })
    }
}
