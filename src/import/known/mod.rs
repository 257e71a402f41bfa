//! The customers that the store has before the import, by the hash of their key.

mod known_customers;
mod load;

pub(crate) use known_customers::{Known, KnownCustomers};
pub(crate) use load::known_customers;
