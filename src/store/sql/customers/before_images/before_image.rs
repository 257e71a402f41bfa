//! What one import changed about one customer.

use crate::customer::Diff;
use crate::store::sql::customers::deleted_customer::DeletedCustomer;
use crate::store::sql::database::Row;
use crate::store::{StoreError, StoredCustomer};
use std::str::FromStr;

/// The before-image of a customer that is archived.
pub(crate) fn before_archiving(last_changed_at: String) -> Diff {
    let mut before = Diff::default();
    before.columns.insert("archived_at", None);
    before.columns.insert("last_changed_at", Some(last_changed_at));
    before
}

/// How an import changes a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It inserts the customer.
    Insert,
    /// It changes values, or brings the customer back from the archive.
    Update,
    /// It archives the customer.
    Archive,
    /// It deletes the customer.
    Delete,
}

impl ChangeKind {
    const ALL: [Self; 4] = [Self::Insert, Self::Update, Self::Archive, Self::Delete];

    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Archive => "archive",
            Self::Delete => "delete",
        }
    }
}

impl FromStr for ChangeKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// What one import changed about one customer.
#[derive(Debug)]
pub(crate) struct BeforeImage {
    pub(crate) kind: ChangeKind,
    /// The values that differed before the import.
    pub(crate) before: Diff,
}

impl BeforeImage {
    /// Reads the columns `kind` and `before` of a row; `kind` is at `column`, and `before` follows
    /// it.
    pub(crate) fn read(row: Row<'_>, column: usize) -> Result<Self, StoreError> {
        let text = |at| row.text(at).ok();
        let kind = text(column).and_then(|kind| kind.parse().ok());
        let before = text(column + 1).and_then(|before| serde_json::from_str(before).ok());
        match (kind, before) {
            (Some(kind), Some(before)) => Ok(Self { kind, before }),
            _ => Err(row.damaged("a before-image is invalid")),
        }
    }

    /// The customer before the import; `after` is the customer after it, if it was not deleted.
    /// `None` if the two do not fit together.
    pub(crate) fn customer_before(&self, after: Option<&StoredCustomer>) -> Option<StoredCustomer> {
        match self.kind {
            ChangeKind::Delete => {
                DeletedCustomer::from_diff(&self.before).map(|deleted| deleted.stored)
            }
            _ => after?.reverted(&self.before).ok(),
        }
    }
}
