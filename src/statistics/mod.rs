//! Statistics of the values of an attribute, and histograms of dates.

mod column;
mod date_histogram;

pub use column::{ColumnStatistics, ValueSummary};
pub use date_histogram::{DateHistogram, MonthCounts, PeriodLength};
