//! Reads a number as people, phones and spreadsheets write it: its digits, and whether there is a
//! plus before them.

use crate::value::typed::is_spreadsheet_error;
use crate::value::{Code, RejectReason};
use memchr::memchr;

/// The maximum digits that are read: a number has at most 15, and prefixes before them.
const MAX_DIGITS: usize = 40;

/// The digits of a number as it was written.
#[derive(Clone, Copy)]
pub(crate) struct WrittenNumber {
    /// Whether they were written with a plus.
    pub(crate) plus: bool,
    /// The index of the zero in brackets, as in `+44 (0)20 …`.
    trunk_zero: Option<usize>,
    length: usize,
    digits: [u8; MAX_DIGITS],
}

impl WrittenNumber {
    /// The digits.
    pub(crate) fn digits(&self) -> &str {
        std::str::from_utf8(&self.digits[..self.length]).unwrap_or_default()
    }

    /// The number without the zero in brackets of `+44 (0)20 …`; `None` if it has no such zero.
    pub(crate) fn without_trunk_zero(&self) -> Option<Self> {
        let zero = self.trunk_zero?;
        let mut without = *self;
        without.digits.copy_within(zero + 1..self.length, zero);
        without.length -= 1;
        without.trunk_zero = None;
        Some(without)
    }

    /// Reads a trimmed, non-blank cell.
    pub(crate) fn read(text: &str) -> Result<Self, RejectReason> {
        let mut written =
            Self { plus: false, trunk_zero: None, length: 0, digits: [0; MAX_DIGITS] };
        match text.bytes().try_for_each(|byte| written.take_plain(byte)) {
            Some(()) if written.length >= 5 && !has_trunk_zero(text) && !has_fraction(text) => {}
            _ => {
                written = Self { plus: false, trunk_zero: None, length: 0, ..written };
                written.read_slowly(text)?;
            }
        }
        Ok(written)
    }

    /// Takes a character that is common in numbers. `None` if the text has to be read slowly.
    fn take_plain(&mut self, byte: u8) -> Option<()> {
        match byte {
            b'0'..=b'9' => self.push(byte),
            b'+' if self.length == 0 => {
                self.plus = true;
                Some(())
            }
            b' ' | b'-' | b'.' | b'(' | b')' => Some(()),
            _ => None,
        }
    }

    fn push(&mut self, digit: u8) -> Option<()> {
        *self.digits.get_mut(self.length)? = digit;
        self.length += 1;
        Some(())
    }

    fn read_slowly(&mut self, text: &str) -> Result<(), RejectReason> {
        if is_spreadsheet_error(text) {
            return Err(invalid("a spreadsheet's error instead of a number"));
        }
        let text = without_wrapping(text);
        if is_scientific(text) {
            return Err(RejectReason::new(
                Code::NumberSpreadsheet,
                "a spreadsheet has rounded it and digits are lost: format the column as text and \
                 export it again",
            ));
        }
        for (index, c) in text.char_indices() {
            match c {
                '0'..='9' => {
                    if c == '0' && text[..index].ends_with('(') && text[index..].starts_with("0)") {
                        self.trunk_zero = Some(self.length);
                    }
                    self.digit(c)?;
                }
                // Like libphonenumber, ignores repeated plus signs before the digits.
                '+' | '\u{ff0b}' if self.length == 0 => self.plus = true,
                '+' | '\u{ff0b}' => return Err(several()),
                '\n' | '\r' if self.length > 0 => return Err(several()),
                '-' | '.' | '(' | ')' | '/' | '[' | ']' => {}
                _ if is_invisible(c) || is_dash(c) || c.is_whitespace() => {}
                ',' | ';' | '|' | '&' if self.length > 0 => return Err(several()),
                _ => match digit(c) {
                    Some(digit) => self.digit(digit)?,
                    None if c.is_alphabetic() && self.length > 0 => {
                        return Err(invalid("contains letters"));
                    }
                    None if c.is_alphabetic() => return Err(invalid("text instead of a number")),
                    None => return Err(invalid("contains more than a phone number")),
                },
            }
        }
        if self.length == 0 {
            return Err(invalid("contains no digits"));
        }
        // Two whole numbers separated by a slash; in a single number it may be `030/1234567`.
        if self.length > 15 && text.split('/').filter(|part| part.len() > 6).count() > 1 {
            return Err(several());
        }
        Ok(())
    }

    fn digit(&mut self, digit: char) -> Result<(), RejectReason> {
        u8::try_from(digit)
            .ok()
            .and_then(|digit| self.push(digit))
            .ok_or_else(|| invalid("more digits than a phone number can have"))
    }
}

fn invalid(message: &'static str) -> RejectReason {
    RejectReason::new(Code::NumberInvalid, message)
}

fn several() -> RejectReason {
    invalid("several numbers in one cell: keep one")
}

/// Removes what programs put around a number: `'…` and `="…"` (to keep a spreadsheet from rounding
/// it), `tel:`, and the `.0` of a number that was stored as a fraction.
fn without_wrapping(text: &str) -> &str {
    const SCHEMES: [&str; 6] = ["tel:", "callto:", "sms:", "whatsapp:", "phone:", "p:"];
    let mut rest = text;
    if let Some(formula) = rest.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        rest = formula;
    }
    rest = rest.strip_prefix(['\'', '’', '`']).unwrap_or(rest).trim_start();
    for scheme in SCHEMES {
        if rest.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)) {
            rest = rest[scheme.len()..].trim_start();
            break;
        }
    }
    if has_fraction(rest) { rest.trim_end_matches('0').trim_end_matches('.') } else { rest }
}

/// Whether a text has the zero in brackets of `+44 (0)20 …`.
fn has_trunk_zero(text: &str) -> bool {
    memchr(b'(', text.as_bytes()).is_some() && text.contains("(0)")
}

/// Whether bare digits end in `.0`, as in exports that store whole numbers as fractions. Read as a
/// digit, that zero would change the number.
fn has_fraction(text: &str) -> bool {
    text.ends_with('0')
        && text.split_once('.').is_some_and(|(whole, fraction)| {
            let whole = whole.strip_prefix('+').unwrap_or(whole);
            whole.len() > 4
                && whole.bytes().all(|b| b.is_ascii_digit())
                && fraction.len() < 3
                && fraction.bytes().all(|b| b == b'0')
        })
}

/// Whether a text is in Excel's notation of long numbers: `2.34802E+12`, with a decimal comma in
/// many countries.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa = mantissa.strip_prefix('+').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    digits(exponent) && digits(whole) && digits(fraction)
}

/// Bidi marks, joiners and the like, which address books and web pages leave in numbers.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Dashes, brackets and other separators outside ASCII.
fn is_dash(c: char) -> bool {
    matches!(
        c,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{b7}' | '\u{2022}'
            | '\u{ff08}' | '\u{ff09}' | '\u{ff0d}'..='\u{ff0f}' | '\u{ff3b}' | '\u{ff3d}'
    )
}

/// The ASCII digit for a decimal digit of any other script (Unicode's Nd, in contiguous runs of
/// ten).
pub(crate) fn digit(c: char) -> Option<char> {
    const ZEROS: [u32; 36] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
        0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
        0xff10,
    ];
    let zero = ZEROS.into_iter().rfind(|zero| *zero <= u32::from(c))?;
    char::from_digit(u32::from(c) - zero, 10)
}
