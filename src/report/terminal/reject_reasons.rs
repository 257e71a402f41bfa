//! The reasons for rejected records.

use crate::outcome::{RejectGroup, grouped};
use crate::report::Screen;
use crate::text::{escaped, hanging, padded, quoted, shortened};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// The most reasons that are listed.
const LISTED_REASONS: usize = 12;

/// The reasons, each with its count and its first record. If there are several `sources`, the
/// source of the record is named.
pub(crate) fn reject_reasons(
    groups: &[RejectGroup],
    sources: &[&str],
    screen: Screen,
    text: &mut String,
) {
    let palette = screen.palette();
    let listed = &groups[..groups.len().min(LISTED_REASONS)];
    let width = |of: fn(&RejectGroup) -> String| listed.iter().map(|g| of(g).width()).max();
    let counts = width(|group| grouped(group.count)).unwrap_or_default();
    let codes = width(|group| group.code.to_string()).unwrap_or_default();
    for group in listed {
        let count = grouped(group.count);
        let indent = " ".repeat(4 + counts - count.width());
        let column = group
            .column
            .as_deref()
            .map_or(String::new(), |column| format!("  {}", shortened(&escaped(column), 24)));
        let _ = writeln!(text, "{indent}{count}  {}{column}", padded(group.code.as_str(), codes));
        let Some(first) = group.examples.first() else { continue };
        let value = first
            .value
            .as_deref()
            .map_or(String::new(), |value| format!("{}: ", quoted(value, 24)));
        let place = match sources {
            [_] => String::new(),
            sources => format!("{}, ", escaped(sources[group.first_source])),
        };
        let detail = format!(
            "first in {place}record {} (line {}): {value}{}",
            grouped(group.first_record),
            grouped(first.line),
            escaped(&first.message)
        );
        let before = 6 + counts;
        let detail = hanging(&detail, screen.width.saturating_sub(before).max(24), before);
        let _ = writeln!(text, "{}{}", " ".repeat(before), palette.dim(&detail));
    }
    if groups.len() > listed.len() {
        let _ = writeln!(text, "    … {} more reasons", groups.len() - listed.len());
    }
}
