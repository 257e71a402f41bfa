//! Customers as rows, what they were before an import, and the fingerprints of their records.

pub(crate) mod before_images;
mod deleted_customer;
pub(crate) mod fingerprints;
mod new_customers;
mod stored_customer;

pub use before_images::ChangeKind;
pub(crate) use before_images::{BeforeImage, BeforeImageBuffer};
pub(crate) use deleted_customer::DeletedCustomer;
pub(crate) use fingerprints::FingerprintChanges;
pub(crate) use new_customers::NewCustomers;
pub use stored_customer::{CustomerId, StoredCustomer};
pub(crate) use stored_customer::{load, load_without_devices, parse_platform, save};
