//! Text from a file or a person, made safe to show.

use std::fmt::Write as _;

/// The most characters of a text that are shown.
const MOST: usize = 4096;

/// Makes a text from a file safe for a terminal: control characters, and marks that change how
/// other text is shown, become escapes. Keeps only the first 4,096 characters.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MOST));
    for c in text.chars().take(MOST) {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if drives_terminal(c) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            _ => shown.push(c),
        }
    }
    shown
}

/// Whether a character could control a terminal, or change how other text is shown.
pub(crate) fn drives_terminal(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// Marks that change how other text is shown: its direction, joining or language.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The first `most` characters of a text, escaped, with `…` if there are more.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
        None => escaped(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_comes_through() {
        assert_eq!(excerpt("a\x1b[31m\u{202e}é\n", 40), "a\\u{1b}[31m\\u{202e}é\\n");
        assert_eq!(excerpt("a\u{200b}b\u{e0041}", 40), "a\\u{200b}b\\u{e0041}");
        assert_eq!(excerpt("abcdef", 3), "abc…");
        assert_eq!(excerpt("abc", 3), "abc");
    }
}
