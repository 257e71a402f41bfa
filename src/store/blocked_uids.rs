//! Uids that imports leave out because their customers were forgotten with `--block`.
//!
//! Only a digest of each is kept. It is pseudonymous personal data: given a uid, it tells whether
//! that customer was forgotten.

use sha2::{Digest as _, Sha256};
use std::collections::HashSet;

/// Hashed before the uid, so that the digest is not the plain SHA-256 of the uid.
const PREFIX: &[u8] = b"engage forget --block\0";

/// The uids that an import leaves out.
#[derive(Debug, Default)]
pub struct BlockedUids {
    digests: HashSet<Vec<u8>>,
}

impl BlockedUids {
    /// The uids with these digests.
    pub fn new(digests: HashSet<Vec<u8>>) -> Self {
        Self { digests }
    }

    /// Whether a uid is left out.
    pub fn contains(&self, uid: &str) -> bool {
        !self.digests.is_empty() && self.digests.contains(&digest_of(uid))
    }

    /// Whether no uid is left out.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }
}

/// The digest that is kept in place of a uid.
pub(crate) fn digest_of(uid: &str) -> Vec<u8> {
    let mut sha256 = Sha256::new();
    sha256.update(PREFIX);
    sha256.update(uid.as_bytes());
    sha256.finalize().to_vec()
}
