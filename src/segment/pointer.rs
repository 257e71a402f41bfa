//! The place of an error in an expression, with carets below it.

use crate::text::{escaped, shortened};
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// The maximum widths of the texts before the place, in it, and after it.
const BEFORE: usize = 36;
const WITHIN: usize = 30;
const AFTER: usize = 24;

/// Two lines: the text around the place, and carets below the place.
pub(super) fn caret_lines(text: &str, span: &Range<usize>) -> Vec<String> {
    let (before, within, after) =
        (&text[..span.start], &text[span.start..span.end], &text[span.end..]);
    // Only the last characters before the place are shown.
    let start = before.char_indices().rev().nth(BEFORE - 1).map_or(0, |(index, _)| index);
    let mut before = escaped(&before[start..]);
    if start > 0 {
        before.insert(0, '…');
    }
    let within = shortened(&escaped(within), WITHIN);
    let after = shortened(&escaped(after), AFTER);
    let carets = "^".repeat(within.width().max(1));
    vec![format!("{before}{within}{after}"), format!("{}{carets}", " ".repeat(before.width()))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_are_below_the_place() {
        assert_eq!(caret_lines("plan = Pro", &(7..10)), ["plan = Pro", "       ^^^"]);
        assert_eq!(caret_lines("plan = ", &(7..7)), ["plan = ", "       ^"]);
        assert_eq!(caret_lines("中 = \u{1b}x", &(6..8)), ["中 = \\u{1b}x", "     ^^^^^^^"]);
        assert_eq!(caret_lines("", &(0..0)), ["", "^"]);
    }

    #[test]
    fn a_long_text_is_cut_around_the_place() {
        let text = format!("{}here{}", "a".repeat(100_000), "b".repeat(100_000));
        let lines = caret_lines(&text, &(100_000..100_004));
        assert_eq!(lines[0], format!("…{}here{}…", "a".repeat(36), "b".repeat(23)));
        assert_eq!(lines[1].trim_start(), "^^^^");
        let lines = caret_lines(&text, &(0..200_000));
        assert_eq!(lines[1].len(), 30);
    }
}
