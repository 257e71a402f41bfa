//! Customers in PostgreSQL, many in one round trip.

mod blocks;
mod copy;
mod load;
mod save;

pub(crate) use blocks::{read_blocks, write_blocks};
pub(crate) use copy::CopyBuffer;
pub(crate) use load::{array, load_many};
pub(crate) use save::{push_device, save_together};
