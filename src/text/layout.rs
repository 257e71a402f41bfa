//! Text fitted to a screen: shortened, padded, wrapped. Widths are columns of a screen.

use super::escape::escaped;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A value from a file, in quotes, escaped for a terminal and shortened to `width` columns.
pub(crate) fn quoted(value: &str, width: usize) -> String {
    format!("'{}'", shortened(&escaped(value), width))
}

/// Shortens a text to at most `width` columns, with `…` if something is missing.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or_default();
        if used + 1 > width {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

/// A text of several lines as one line.
pub(crate) fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("; ")
}

/// Pads a text with spaces to `width` columns.
pub(crate) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// Stands for a space at which no line is broken.
const UNBROKEN: &str = "\u{e000}";

/// A command or an option to copy as a whole: no line is broken within it.
pub(crate) fn unbroken(words: &str) -> String {
    words.replace(' ', UNBROKEN)
}

/// Wraps a text at `width` columns, with each line indented.
pub(crate) fn paragraph(text: &str, width: usize, indent: usize) -> String {
    let margin = " ".repeat(indent);
    format!("{margin}{}", hanging(text, width.saturating_sub(indent).max(16), indent))
}

/// Wraps a text at `width` columns after an indent, which the caller has written for the first
/// line.
pub(crate) fn hanging(text: &str, width: usize, indent: usize) -> String {
    let lines = textwrap::wrap(text, between_words(width));
    lines.join(&format!("\n{}", " ".repeat(indent))).replace(UNBROKEN, " ")
}

/// Wraps a text at `width` columns; all lines but the first are indented.
pub(crate) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let options = between_words(width).subsequent_indent(&margin);
    textwrap::fill(text, options).replace(UNBROKEN, " ")
}

/// Breaks lines at spaces only, as soon as they are full.
fn between_words<'o>(width: usize) -> Options<'o> {
    Options::new(width)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .break_words(false)
}

/// Breaks a text into lines of at most `width` columns, even within words, and ends it with `…`
/// after `most` lines. There is at least one line.
pub(crate) fn folded(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for letter in text.chars() {
        let needed = letter.width().unwrap_or_default();
        if used + needed > width && used > 0 {
            if lines.len() == most {
                lines.push("…".to_owned());
                return lines;
            }
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push(letter);
        }
        used += needed;
    }
    lines
}

/// A word with its first letter in upper case.
pub(crate) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_drives_a_terminal() {
        assert_eq!(quoted("a\u{1b}[2Jb\u{202e}c", 40), "'a\\u{1b}[2Jb\\u{202e}c'");
        assert_eq!(quoted("中村中村中村", 7), "'中村中…'");
        assert_eq!(padded("中村", 6), "中村  ");
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 7, 2), "one two\n  three");
        assert_eq!(paragraph("say one two three or four", 18, 2), "  say one two\n  three or four");
        let whole = format!("say {} or four", unbroken("one two three"));
        assert_eq!(wrapped(&whole, 16, 0), "say\none two three or\nfour");
    }
}
