//! An import's outcome for people and for programs.

mod aliases;
mod evidence;
mod inspection;
mod inspection_json;
mod json;
mod overrule;
mod reasons;
mod style;
mod summary;
mod text;

pub use aliases::{alias_report, alias_table};
pub use evidence::evidence_lines;
pub use inspection::inspection_page;
pub use inspection_json::{INSPECTION_SCHEMA, inspection_report};
pub use json::{SCHEMA, failure_report, import_report};
pub use style::{Palette, Screen};
pub use summary::summary;
pub use text::{counted, grouped, quoted};
