//! JSON other than the reports of commands: a customer, a line of the history, a segment, the
//! header words, and how an import would read a file.

mod aliases;
mod customer;
mod history;
mod inspection;
mod segment;

pub use aliases::aliases_json;
pub use customer::customer_json;
pub use history::history_json;
pub use inspection::inspection_json;
pub use segment::segment_explanation_json;
