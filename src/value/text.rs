//! Functions on text that all kinds of values use.

use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The text in Unicode's form NFC.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// The text without white space, byte order marks and zero-width spaces at its ends.
pub(crate) fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    // Nearly every cell begins and ends with a visible ASCII character.
    if let (Some(first), Some(last)) = (bytes.first(), bytes.last())
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return text;
    }
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}

/// A trimmed text without the marks that keep a spreadsheet from interpreting it: `="00123"`, and
/// an apostrophe before a digit or `+ - = @`. Before a letter, an apostrophe is part of the text:
/// `'s-Hertogenbosch`.
#[inline]
pub(crate) fn unwrapped(text: &str) -> &str {
    match text.as_bytes().first() {
        Some(b'=' | b'\'') => without_marks(text),
        _ => text,
    }
}

fn without_marks(text: &str) -> &str {
    match text.as_bytes() {
        [b'=', b'"', .., b'"'] if text.len() > 2 => {
            let inner = &text[2..text.len() - 1];
            if inner.contains('"') { text } else { trimmed(inner) }
        }
        [b'\'', b'0'..=b'9' | b'+' | b'-' | b'=' | b'@', ..] => &text[1..],
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marks_for_spreadsheets_are_removed() {
        for (text, value) in [
            ("=\"00123\"", "00123"),
            ("=\"\"", ""),
            ("'12", "12"),
            ("'+31612345678", "+31612345678"),
            ("'s-Hertogenbosch", "'s-Hertogenbosch"),
            ("'", "'"),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
            ("=\"", "=\""),
        ] {
            assert_eq!(unwrapped(text), value, "{text}");
        }
    }
}
