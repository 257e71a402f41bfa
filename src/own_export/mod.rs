//! The round-trip format: the CSV that `engage export` writes and an import reads back exactly.
//!
//! [`columns`](ExportColumn) are recognised by their exact headers, [`ExportWriter`] writes rows,
//! and `ExportReader` reads their [type markers](TypeMarker).

mod columns;
mod reader;
mod type_marker;
mod writer;

pub(crate) use columns::is_export_header;
pub use columns::{ExportColumn, StoreColumn, export_columns};
pub(crate) use reader::{ExportReader, RowMarker};
pub(crate) use type_marker::CellType;
pub use type_marker::{TypeMarker, TypeMarkerError};
pub use writer::ExportWriter;
