//! Text of a file inside a message.

/// At most this many characters, without what could drive a terminal: control characters, and
/// marks that change the direction of writing, are written as escapes.
pub(super) fn excerpt(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == most {
            shown.push('…');
            break;
        }
        match c {
            '\u{200e}'
            | '\u{200f}'
            | '\u{61c}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                shown.extend(c.escape_unicode());
            }
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                shown.extend(c.escape_default());
            }
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_comes_through() {
        assert_eq!(excerpt("a\x1b[31m\u{202e}é\n", 40), "a\\u{1b}[31m\\u{202e}é\\n");
        assert_eq!(excerpt("abcdef", 3), "abc…");
    }
}
