//! The number of a customer within one session.

/// The number of a customer within one session, from 1. Numbers are dense, so that a set of
/// customers can be a bitmap, and a table of them needs 32 bits for each. Nothing outside the
/// session keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);
