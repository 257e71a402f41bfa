//! Values: which ones each attribute accepts, and why others are rejected.
//!
//! The code here does not know about files, columns or SQLite. Each kind of validated value has its
//! own type.

mod blank_words;
mod device;
pub mod email;
mod name;
pub mod phone;
pub mod region;
mod reject;
mod standard;
mod text;
pub mod typed;
mod uid;

pub use blank_words::{BlankContext, BlankWords};
pub use device::{Device, DevicePlatform, DeviceToken, MAX_DEVICES};
pub use name::{FullName, Name, names_contradict};
pub use reject::{Code, RULES_VERSION, RejectReason};
pub use standard::{Key, Standard};
pub(crate) use text::{composed, trimmed, unwrapped};
pub use uid::Uid;
