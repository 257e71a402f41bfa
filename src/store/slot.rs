//! A customer within one session.

/// A customer within one session: a number from 1, dense enough that a set of customers is a bitmap
/// and a table of them needs 32 bits for each. Nothing outside the session keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);
