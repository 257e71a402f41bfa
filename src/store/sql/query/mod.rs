//! Queries of a store: segments, one customer, exports, profiles.

mod customer_page;
mod export;
mod indexes;
mod lookup;
mod profiles;
mod segments;
mod similar;
mod stored_types;
mod values;

pub use customer_page::{CustomerPage, Origin, Step};
pub use export::{ChangedSince, ExportFilter, ExportedCustomer, ExportedDevices};
pub use lookup::{CustomerLookup, FoundCustomer};
pub use profiles::Profile;
pub use segments::{MemberQuery, Order, SavedSegment, StoredValue};
pub use stored_types::StoredType;
