//! Files that the program writes: where an output goes, temporary files, and atomic replacement.
//!
//! A regular file is written under a temporary name, readable only by its owner, and renamed once
//! it is complete. Everything else (a pipe, a device, `-`) is a stream: it is written directly and
//! never replaced.

mod destination;
mod file_identity;
mod sibling;
mod staged;
mod store_files;
mod temporary;
mod terminal;
mod write;

pub use destination::{Destination, folder_of, is_same_file, named_from_here, resolved};
pub use file_identity::FileIdentity;
pub(crate) use sibling::sibling;
pub use staged::{PlannedOutput, PublishError, StagedOutput};
pub use store_files::{COMPANIONS, companion, is_store_file, is_store_url};
pub use temporary::{
    PersistError, PrivateFile, Purpose, TemporaryFiles, is_own_regular_file, remove_unfinished,
};
pub use terminal::{Notation, TerminalWriter};
pub use write::{check_writable, replace_file, write};
