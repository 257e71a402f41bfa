//! The evidence that a file is event data, as the details of an error.

use crate::events::EventEvidence;
use crate::text::{escaped, padded, quoted, shortened};
use unicode_width::UnicodeWidthStr;

/// The maximum width of the name of a column.
const NAME_WIDTH: usize = 24;
/// The maximum number of columns.
const SHOWN_COLUMNS: usize = 8;
/// The maximum width of a line.
const WIDTH: usize = 76;

/// The reason, the columns with their values, and that nothing was imported, one line each.
pub(super) fn evidence_lines(evidence: &EventEvidence) -> Vec<String> {
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
