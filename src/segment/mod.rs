//! Segments: an expression such as `plan = 'Pro' and monthly_usage > 100`, read into a typed tree.
//!
//! An expression is split into tokens and parsed into a syntax tree, which is then checked against
//! the catalogue: every name must be an attribute, and every value must have its type. The check
//! also pushes `not` down to the conditions. SQL's logic has three values, and *unknown* is never a
//! match; without a `not` above a condition, unknown and false are equivalent, so two values are
//! enough to evaluate the tree.

mod check;
mod condition;
mod correction;
mod error;
mod grammar;
mod moment;
mod other_forms;
mod pointer;
mod sql_dialects;
mod syntax;
mod token;
mod tree;

pub use check::{MAX_CONDITIONS, MAX_LENGTH, Terms, is_segment_name, read};
pub use error::{Problem, SegmentError, Span};
pub use tree::{
    Comparison, Condition, Edge, Field, NumberTest, Segment, Test, TextTest, TimeSpan, Tree,
};
