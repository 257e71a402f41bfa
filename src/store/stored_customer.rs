//! A customer as the store has it.

use crate::customer::{Customer, Diff};

/// A customer as stored.
#[derive(Debug, Clone)]
pub struct StoredCustomer {
    /// The identifier.
    pub uid: String,
    /// Attributes and devices.
    pub customer: Customer,
    /// When it last changed: UTC, RFC 3339.
    pub last_changed_at: String,
}

impl StoredCustomer {
    /// The customer before a change; `before` has the values that differed. Fails if engage did not
    /// write them.
    pub fn reverted(&self, before: &Diff) -> serde_json::Result<Self> {
        let last_changed_at = match before.columns.get("last_changed_at") {
            Some(Some(time)) => time.clone(),
            _ => self.last_changed_at.clone(),
        };
        let customer = self.customer.reverted(before)?;
        Ok(Self { uid: self.uid.clone(), customer, last_changed_at })
    }
}
