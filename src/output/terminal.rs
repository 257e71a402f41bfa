//! A writer that protects a terminal: control characters, and marks that change the direction of
//! text, are written as escapes, regardless of the source of the text.

use crate::text::{drives_terminal, escaped};
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

/// How a character that is unsafe for a terminal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// As `\u{202e}`, for people.
    Text,
    /// As `\u202e`, which JSON parsers read as the same character.
    Json,
}

/// The styles of the report's palette, as parameters of `ESC [ … m`.
const STYLES: [&[u8]; 7] = [b"0", b"1", b"2", b"31", b"32", b"33", b"36"];

/// Writes text to a terminal without control characters other than line feeds, and without
/// direction marks. For other streams it may pass everything through.
pub struct TerminalWriter<W: Write> {
    inner: W,
    /// `None` passes every byte through.
    notation: Option<Notation>,
    /// Whether the program's own styles pass.
    has_styles: bool,
    /// The beginning of a character or of a style, until the rest is written.
    held: Vec<u8>,
}

impl<W: Write> TerminalWriter<W> {
    /// Protects a terminal, and passes the bytes of any other stream through.
    pub fn new(inner: W, notation: Notation) -> Self
    where
        W: IsTerminal,
    {
        if inner.is_terminal() {
            Self::shielded(inner, notation, false)
        } else {
            Self::exact(inner)
        }
    }

    /// Writes bytes as they are.
    pub fn exact(inner: W) -> Self {
        Self { inner, notation: None, has_styles: false, held: Vec::new() }
    }

    /// Writes unsafe characters in this notation. With `has_styles`, the program's own styles pass.
    pub fn shielded(inner: W, notation: Notation, has_styles: bool) -> Self {
        Self { inner, notation: Some(notation), has_styles, held: Vec::new() }
    }

    /// Writes the buffered bytes. An incomplete character or style stays buffered unless this is
    /// the end.
    fn write_held(&mut self, notation: Notation, is_end: bool) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        let mut shown = String::with_capacity(held.len());
        let mut rest = held.as_slice();
        while !rest.is_empty() {
            let step = next(rest, self.has_styles);
            let taken = match step {
                Step::Incomplete if !is_end => break,
                Step::Style(length) => {
                    shown.push_str(&String::from_utf8_lossy(&rest[..length]));
                    length
                }
                Step::Character(c) => {
                    push(c, notation, &mut shown);
                    c.len_utf8()
                }
                Step::Incomplete if rest[0].is_ascii() => {
                    push(char::from(rest[0]), notation, &mut shown);
                    1
                }
                Step::Incomplete | Step::Byte => {
                    let _ = write!(shown, "\\x{:02x}", rest[0]);
                    1
                }
            };
            rest = &rest[taken..];
        }
        self.held = rest.to_vec();
        self.inner.write_all(shown.as_bytes())
    }
}

impl<W: Write> Write for TerminalWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(notation) = self.notation else { return self.inner.write(bytes) };
        self.held.extend_from_slice(bytes);
        self.write_held(notation, false)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(notation) = self.notation {
            self.write_held(notation, true)?;
        }
        self.inner.flush()
    }
}

/// What some bytes begin with.
enum Step {
    Character(char),
    /// A style of this many bytes.
    Style(usize),
    /// A byte that is not part of a character.
    Byte,
    Incomplete,
}

fn next(bytes: &[u8], has_styles: bool) -> Step {
    if has_styles && bytes[0] == 0x1b {
        return style(bytes);
    }
    let first = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(first) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() == 0 => {
            return if error.error_len().is_none() { Step::Incomplete } else { Step::Byte };
        }
        Err(error) => std::str::from_utf8(&first[..error.valid_up_to()]).unwrap_or_default(),
    };
    valid.chars().next().map_or(Step::Byte, Step::Character)
}

/// What an escape character begins: one of the styles, or nothing that may pass.
fn style(bytes: &[u8]) -> Step {
    for parameter in STYLES {
        let style = [b"\x1b[", parameter, b"m"].concat();
        if bytes.starts_with(&style) {
            return Step::Style(style.len());
        }
        if style.starts_with(bytes) {
            return Step::Incomplete;
        }
    }
    Step::Character('\u{1b}')
}

fn push(c: char, notation: Notation, shown: &mut String) {
    match (c, notation) {
        ('\n', _) => shown.push(c),
        (c, _) if !drives_terminal(c) => shown.push(c),
        (c, Notation::Text) => shown.push_str(&escaped(c.encode_utf8(&mut [0; 4]))),
        (c, Notation::Json) => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The output, for any division of the text into pieces.
    fn written(text: &[u8], notation: Notation, has_styles: bool) -> String {
        let of_pieces = |length: usize| {
            let mut out = Vec::new();
            let mut writer = TerminalWriter::shielded(&mut out, notation, has_styles);
            text.chunks(length).for_each(|piece| writer.write_all(piece).unwrap());
            writer.flush().unwrap();
            String::from_utf8(out).unwrap()
        };
        let whole = of_pieces(text.len());
        for length in 1..text.len() {
            assert_eq!(of_pieces(length), whole, "in pieces of {length}");
        }
        whole
    }

    #[test]
    fn nothing_that_drives_a_terminal_passes() {
        let text = "é\u{1b}[2J\u{9b}\u{7f}\t\r\n\u{202e}\u{2066}\u{61c}\u{200f}中\u{e0041}";
        assert_eq!(
            written(text.as_bytes(), Notation::Text, false),
            "é\\u{1b}[2J\\u{9b}\\u{7f}\\t\\r\n\\u{202e}\\u{2066}\\u{61c}\\u{200f}中\\u{e0041}"
        );
        assert_eq!(
            written(text.as_bytes(), Notation::Json, true),
            "é\\u001b[2J\\u009b\\u007f\\u0009\\u000d\n\\u202e\\u2066\\u061c\\u200f中\\udb40\\udc41"
        );
        assert_eq!(written(b"a\x9bb\xe4\xb8", Notation::Text, false), "a\\x9bb\\xe4\\xb8");
    }

    #[test]
    fn only_the_programs_own_styles_pass() {
        let text = "\u{1b}[1m\u{1b}[33mwarning:\u{1b}[0m \u{1b}[5m\u{1b}]0;x\u{7}\u{1b}[3";
        assert_eq!(
            written(text.as_bytes(), Notation::Text, true),
            "\u{1b}[1m\u{1b}[33mwarning:\u{1b}[0m \\u{1b}[5m\\u{1b}]0;x\\u{7}\\u{1b}[3"
        );
        assert!(!written(text.as_bytes(), Notation::Text, false).contains('\u{1b}'));
    }

    #[test]
    fn a_file_gets_every_byte() {
        let mut out = Vec::new();
        TerminalWriter::exact(&mut out).write_all(b"a\x1b[2J\xff\r\n").unwrap();
        assert_eq!(out, b"a\x1b[2J\xff\r\n");
    }
}
