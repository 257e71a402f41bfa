//! What was delivered to Engage, by destination and customer.

mod candidates;
mod connection;
mod damage;
mod destination;
mod event_lines;
mod forgotten;
mod rows;

pub use candidates::{Candidate, CandidateFilter};
pub use connection::{Change, DeliveryStore, StoreVersion};
pub(crate) use damage::{check, drop_unreadable};
pub use destination::{Destination, DestinationDigest};
pub use event_lines::{EventProgress, LineStatus};
pub use forgotten::DeliveredTo;
pub(crate) use forgotten::{forget_deliveries, redact_refusals};
