//! Questions to a store: segments, one customer, exports, profiles.

mod customer_page;
mod customers_per_day;
mod export;
mod indexes;
mod profiles;
mod segments;
mod similar;

pub use customer_page::{CustomerPage, Step};
pub use export::{ExportedCustomer, ExportedDevices, Since, Wanted};
pub use profiles::Profile;
pub use segments::{Members, Order, SavedSegment, StoredValue};
