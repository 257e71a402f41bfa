//! An import's outcome for people and for programs.

mod evidence;
mod json;
mod style;
mod summary;
mod text;

pub use evidence::evidence_lines;
pub use json::{SCHEMA, failure_report, import_report};
pub use style::{Palette, Screen};
pub use summary::summary;
pub use text::{counted, grouped, quoted};
