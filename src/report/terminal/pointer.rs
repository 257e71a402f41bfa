//! A place in an expression, shown with carets beneath it.

use crate::input::escaped;
use crate::report::shortened;
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// How much is shown before the place, of it, and after it: in columns of a screen.
const BEFORE: usize = 36;
const WITHIN: usize = 30;
const AFTER: usize = 24;

/// The lines that show a place: the part of the text around it, and carets beneath it.
pub fn pointed(text: &str, span: &Range<usize>) -> Vec<String> {
    let (before, within, after) =
        (&text[..span.start], &text[span.start..span.end], &text[span.end..]);
    // The end of what comes before: as many characters as may fit, and one to see whether all do.
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
    fn carets_stand_beneath_the_place() {
        assert_eq!(pointed("plan = Pro", &(7..10)), ["plan = Pro", "       ^^^"]);
        assert_eq!(pointed("plan = ", &(7..7)), ["plan = ", "       ^"]);
        assert_eq!(pointed("中 = \u{1b}x", &(6..8)), ["中 = \\u{1b}x", "     ^^^^^^^"]);
        assert_eq!(pointed("", &(0..0)), ["", "^"]);
    }

    #[test]
    fn of_a_long_text_the_part_around_is_shown() {
        let text = format!("{}here{}", "a".repeat(100_000), "b".repeat(100_000));
        let lines = pointed(&text, &(100_000..100_004));
        assert_eq!(lines[0], format!("…{}here{}…", "a".repeat(36), "b".repeat(23)));
        assert_eq!(lines[1].trim_start(), "^^^^");
        let lines = pointed(&text, &(0..200_000));
        assert_eq!(lines[1].len(), 30);
    }
}
