//! Why a file is taken for event data, as a person reads it.

use crate::events::EventEvidence;
use crate::input::escaped;
use crate::report::{padded, quoted, shortened};
use unicode_width::UnicodeWidthStr;

/// The widest that a column's name is shown.
const NAME_WIDTH: usize = 24;
/// The most columns that are shown.
const SHOWN_COLUMNS: usize = 8;
/// The width that all of it fits.
const WIDTH: usize = 76;

/// What was seen, a line each: the reason, the columns with their values, the outcome.
pub fn evidence_lines(evidence: &EventEvidence) -> Vec<String> {
    let mut lines = vec![format!("{}:", evidence.reason)];
    let columns = &evidence.columns[..evidence.columns.len().min(SHOWN_COLUMNS)];
    let name = |column: &str| shortened(&escaped(column), NAME_WIDTH);
    let width = columns.iter().map(|column| name(&column.column).width()).max().unwrap_or(0);
    for column in columns {
        let room = WIDTH.saturating_sub(width + 4);
        let mut seen = column.note.clone().unwrap_or_default();
        for sample in &column.samples {
            let sample = quoted(sample, 24);
            if seen.width() + sample.width() + 3 > room {
                break;
            }
            if !seen.is_empty() {
                seen.push_str(", ");
            }
            seen.push_str(&sample);
        }
        lines.push(format!("  {}  {seen}", padded(&name(&column.column), width)));
    }
    lines.push("Nothing was imported.".to_owned());
    lines
}
