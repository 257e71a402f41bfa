//! The hash of keys, for finding customers and for proofs.

/// The hash of a key's value, in the form in which keys are compared. Two keys may share a hash, so
/// the keys themselves are compared before a customer is changed.
pub fn key_hash(key: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(key.as_bytes())
}
