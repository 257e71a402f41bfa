//! `engage events`: a CSV file of events becomes bodies for the Engage API, one JSON object per
//! line. Records are read, validated and rejected as those of an import; nothing is stored.

mod convert;
mod event_plan;
mod line_writer;
mod options;

pub use convert::convert_events;
pub use options::EventOptions;
