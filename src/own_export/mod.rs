//! The round-trip format: what `engage export` writes and an import reads back exactly.

mod type_marker;

pub use type_marker::{Mark, MarkFault, Reading, row_letters};
