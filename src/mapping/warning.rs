//! The warnings of a mapping.

use super::error::KnownFrom;
use crate::value::Standard;

/// A warning about a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingWarning {
    /// Two columns would have become one attribute.
    Renamed {
        /// The column.
        column: String,
        /// The attribute that it became.
        attribute: String,
    },
    /// The column's name is reserved for the store.
    Reserved {
        /// The column.
        column: String,
        /// The attribute that it became.
        attribute: String,
    },
    /// Columns that were not in the file before.
    New {
        /// The columns.
        columns: Vec<String>,
        /// What lists the columns that the file had before.
        since: KnownFrom,
    },
    /// Columns that are no longer in the file.
    Gone {
        /// The columns.
        columns: Vec<String>,
        /// What lists them.
        since: KnownFrom,
    },
    /// A space precedes the opening quote, so the quotes are part of the text.
    SpacedQuote {
        /// The column.
        column: String,
    },
    /// Values are UTF-8 that was read as another encoding before.
    ReadTwice {
        /// The columns.
        columns: Vec<String>,
        /// How many such values are in the sample.
        values: u64,
    },
    /// The column has whole names, and stays a custom attribute unless it is mapped.
    WholeName {
        /// The column.
        column: String,
    },
    /// The column's name is that of a standard attribute, but its values are not.
    Doubted {
        /// The column.
        column: String,
        /// The attribute that its name proposes.
        standard: Standard,
        /// How many of its values fit that attribute.
        fitting: usize,
        /// How many values were examined.
        values: usize,
    },
    /// All columns about a person are about a person other than the customer, such as a parent.
    OtherPersons {
        /// The word that they share.
        word: String,
    },
    /// The column that gave the uid before is gone. Another one gives it, because its values are
    /// uids in the store.
    UidMoved {
        /// The column that gave it before.
        before: String,
        /// The column that gives it now.
        column: String,
        /// How many of the sampled values are uids of customers.
        known: usize,
        /// How many values were sampled.
        of: usize,
    },
    /// All values of the key column are written as decimal fractions, `17.0`.
    DecimalUids {
        /// The column.
        column: String,
    },
    /// The uid column has email addresses.
    UidIsAddress {
        /// The column.
        column: String,
    },
    /// Each record has an identifier of its own next to the key.
    RecordHasOwnId {
        /// The column that is the key.
        key: String,
        /// The column that would be a key as well.
        column: String,
        /// How many customers the key names in the sample.
        customers: usize,
        /// How many records there are.
        records: usize,
    },
    /// A column named like a customer's identifier has repeated values, and another column is the
    /// key.
    CustomerRepeats {
        /// The column that is the key.
        key: String,
        /// The column with repeated values.
        column: String,
        /// How many customers it names in the sample.
        customers: usize,
        /// How many records there are.
        records: usize,
    },
}
