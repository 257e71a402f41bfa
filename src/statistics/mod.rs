//! Counts of what a column or an attribute holds: profiles of values, and days as a histogram.

mod column;
mod date_histogram;

pub use column::{Tally, ValueSummary};
pub use date_histogram::{Months, PeriodLength, Periods};
