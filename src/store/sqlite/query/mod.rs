//! Questions to a store: segments, one customer, exports, profiles.

mod conditions;
mod customer_page;
mod customers_per_day;
mod evaluation;
mod export;
mod indexes;
mod like;
mod matching;
mod merging;
mod predicate;
mod profiles;
mod program;
mod segments;
mod similar;
mod spans;

pub use customer_page::{CustomerPage, Step};
pub use export::{ExportedCustomer, ExportedDevices, Since, Wanted};
pub(crate) use predicate::{json_path, register_functions};
pub use profiles::Profile;
pub use segments::{Members, Order, SavedSegment, StoredValue};
