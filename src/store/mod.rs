//! The customer store, and the session in which an import meets it. All SQL of the program is in this
//! module.

mod blocked_uids;
mod change_set;
mod delivery;
mod dry_run;
mod error;
mod history_line;
mod interrupt;
mod key_hash;
mod pending_output;
mod session;
mod settings;
mod slot;
pub mod sqlite;
mod stored_customer;
mod undo_log;

pub use blocked_uids::BlockedUids;
pub use change_set::{BeforeImage, ChangeSet, CustomerUpdate, NewCustomer, Proof, ProofChange};
pub use delivery::{DeliveredFields, Delivery, DeliveryLine, DeliveryStatus, Refusal};
pub use dry_run::DryRun;
pub use error::StoreError;
pub use history_line::{HistoryKind, HistoryLine, days_ago, now};
pub use interrupt::{Interrupt, Interrupted};
pub use key_hash::key_hash;
pub use pending_output::PendingOutput;
pub(crate) use session::CustomerSet;
pub use session::{
    EachKnown, KeyMatch, LOADED_BYTES, LoadBefore, Loaded, Removal, Session, SessionStart, Wanted,
    WriteBehind,
};
pub use settings::{Attribute, StoreSettings};
pub use slot::Slot;
pub use stored_customer::StoredCustomer;
pub use undo_log::UndoLog;
