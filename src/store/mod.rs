//! The customer store, and the session through which an import uses it. All SQL of the program is
//! in this module.

mod blocked_uids;
mod change_set;
mod delivery;
mod dry_run;
mod error;
mod history_line;
mod interrupt;
mod key_hash;
mod location;
mod pending_output;
mod session;
mod settings;
mod slot;
mod sql;
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
pub use location::{DEFAULT_PATH, StoreLocation};
pub use pending_output::PendingOutput;
pub(crate) use session::CustomerSet;
pub use session::{
    EachKnown, KeyMatch, LOADED_BYTES, LoadBefore, Loaded, RejectsWriter, Removal, Session,
    SessionStart, Wanted, WriteBehind,
};
pub use settings::{Attribute, StoreSettings};
pub use slot::Slot;
pub use sql::customers::ChangeKind;
pub use sql::delivery::{
    Candidate, CandidateFilter, Change, DeliveredTo, DeliveryStore, Destination, DestinationDigest,
    EventProgress, LineStatus, StoreVersion,
};
pub use sql::history::{CustomerChange, HistoryEntry, last_report};
pub use sql::maintenance::{
    BlockedDigests, RestoreAttempt, Retention, check_backup_file, repair, restore,
};
pub use sql::query::{
    ChangedSince, CustomerLookup, CustomerPage, ExportFilter, ExportedCustomer, ExportedDevices,
    FoundCustomer, MemberQuery, Order, Origin, Profile, SavedSegment, Step, StoredType,
    StoredValue,
};
pub use sql::{
    Purge, Reader, Writer, begin_dry_run, begin_import, open_for_reading, open_for_writing,
    store_settings,
};
pub use stored_customer::StoredCustomer;
pub use undo_log::UndoLog;
