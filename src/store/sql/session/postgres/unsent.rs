//! Rows that a session buffers, so that each `COPY` has many.

use crate::store::sql::customers::postgres::CopyBuffer;

/// Rows of a session that are not sent yet, by table.
#[derive(Default)]
pub(super) struct Unsent {
    /// New customers.
    pub(super) customers: CopyBuffer,
    /// Devices of new customers.
    pub(super) devices: CopyBuffer,
    /// Before-images.
    pub(super) images: CopyBuffer,
}
