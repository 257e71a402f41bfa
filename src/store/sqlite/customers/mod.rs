//! Customers as rows: reading, inserting, updating, and what they were before.

mod archive_and_delete;
pub(crate) mod before_images;
pub(crate) mod fingerprints;
mod insert;
mod rows;

pub(crate) use archive_and_delete::Departed;
pub(crate) use before_images::WaitingImages;
pub(crate) use fingerprints::{Pending, strays};
pub(crate) use insert::NewCustomers;
pub use rows::{CustomerId, Found, Stored};
pub(crate) use rows::{id, load, save};
