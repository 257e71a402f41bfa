//! Customers as rows, what they were before an import, and the fingerprints of their records.

pub(crate) mod before_images;
mod deleted_customer;
mod fingerprint_changes;
pub(crate) mod fingerprints;
mod load_many;
mod new_customers;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod stored_customer;

pub use before_images::ChangeKind;
pub(crate) use before_images::{BeforeImage, BeforeImageBuffer, CustomerImages, before_archiving};
pub(crate) use deleted_customer::DeletedCustomer;
pub(crate) use fingerprint_changes::FingerprintChanges;
pub(crate) use load_many::{LongCustomers, load_many};
pub(crate) use new_customers::insert_customers;
pub(crate) use stored_customer::CustomerId;
pub(crate) use stored_customer::{
    load, load_devices, parse_platform, save, save_all, save_devices,
};
