//! Before-images: what customers were before an import changed them.
//!
//! In PostgreSQL, each is a row of the table `changes`. In SQLite, a row of the table
//! `before_images` has those of several customers, and the view `changes` shows them one by one:
//! writing a row for each took a tenth of an import that changes every customer, and three times
//! the space.

mod before_image;
mod group;
mod read;
mod remove;
#[cfg(test)]
mod tests;
mod write;

pub use before_image::ChangeKind;
pub(crate) use before_image::{BeforeImage, before_archiving};
pub(crate) use group::{check, each_with};
pub(crate) use read::{CustomerImages, counts, customers_of, each_of_import, of_import};
pub(crate) use remove::{make_final, remove, remove_customer, remove_import, remove_up_to, table};
pub(crate) use write::{BeforeImageBuffer, write_all};
