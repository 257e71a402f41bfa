//! Counts of records, customers and devices, and their format in text.

use indicatif::HumanCount;
use serde::{Deserialize, Serialize};

/// Counts of records. `read` = `accepted` + `rejected` + `skipped`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordCounts {
    /// All records.
    pub read: u64,
    /// Records that were stored, or had nothing new.
    pub accepted: u64,
    /// Records that are not valid.
    pub rejected: u64,
    /// Records that `--mode` leaves out.
    pub skipped: u64,
    /// Accepted records beyond the first of their customer.
    pub merged: u64,
}

/// Counts of customers by their state before and after the command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerCounts {
    /// New customers.
    pub inserted: u64,
    /// Customers with another value, device or archive mark than before.
    pub updated: u64,
    /// Customers with a record that changed nothing.
    pub unchanged: u64,
    /// Customers that a snapshot does not contain.
    pub missing: u64,
    /// Missing customers that were archived.
    pub archived: u64,
    /// Missing customers that were deleted.
    pub deleted: u64,
}

/// Counts of devices by their state before and after the command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceCounts {
    /// Devices that are new to their customer.
    pub added: u64,
    /// Devices that moved up, or changed their platform.
    pub refreshed: u64,
    /// Devices that their customer no longer has.
    pub evicted: u64,
}

/// A number with its thousands grouped: `48,210`.
pub fn grouped(number: u64) -> String {
    HumanCount(number).to_string()
}

/// A number with its noun: `1 record`, `1,204 records`.
pub fn counted(number: u64, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", grouped(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_counted() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(counted(1, "record"), "1 record");
        assert_eq!(counted(1000, "record"), "1,000 records");
    }
}
