//! The customer's identifier.

use super::reject::{Code, RejectReason};
use super::text::trimmed;

/// A customer's identifier in the user's own application: 1 to 255 characters of printable text,
/// trimmed. Engage's guide mentions letters and digits, but its examples have others (`user_123`,
/// an email address), so all printable text is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uid<'a>(&'a str);

impl<'a> Uid<'a> {
    /// The maximum number of characters in a uid.
    const MAX_CHARACTERS: usize = 255;

    /// Validates a cell.
    ///
    /// Fails with `uid.missing` if nothing is left after trimming, with `uid.invalid` for control
    /// characters and for texts that are too long, and with `uid.spreadsheet` for rounded numbers.
    pub fn parse(text: &'a str) -> Result<Self, RejectReason> {
        let text = trimmed(text);
        if text.is_empty() {
            return Err(RejectReason::new(Code::UidMissing, "the record has no identifier"));
        }
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain && text.chars().any(char::is_control) {
            return Err(RejectReason::new(Code::UidInvalid, "contains a control character"));
        }
        if text.len() > Self::MAX_CHARACTERS && text.chars().count() > Self::MAX_CHARACTERS {
            return Err(RejectReason::new(Code::UidInvalid, "longer than 255 characters"));
        }
        if is_rounded(text) {
            let message = "a spreadsheet has rounded it: export it as text";
            return Err(RejectReason::new(Code::UidSpreadsheet, message));
        }
        Ok(Self(text))
    }

    /// The identifier, trimmed.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// Whether a text is a long number as spreadsheets shorten it: `4.68769E+17`.
fn is_rounded(text: &str) -> bool {
    if !matches!(text.as_bytes(), [b'0'..=b'9', b'.' | b',' | b'E', ..]) {
        return false;
    }
    let Some((digits, exponent)) = text.split_once("E+") else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    whole.len() == 1 && is_number(whole) && is_number(fraction) && is_number(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_printable_text_is_a_uid() {
        for (cell, uid) in
            [(" u-1 ", "u-1"), ("ada@example.com", "ada@example.com"), ("客户 7", "客户 7")]
        {
            assert_eq!(Uid::parse(cell).map(Uid::as_str), Ok(uid));
        }
    }

    #[test]
    fn limits_are_counted_in_characters() {
        assert!(Uid::parse(&"é".repeat(255)).is_ok());
        assert_eq!(Uid::parse(&"é".repeat(256)).unwrap_err().code, Code::UidInvalid);
        assert_eq!(Uid::parse("a\tb").unwrap_err().code, Code::UidInvalid);
        assert_eq!(Uid::parse(" \u{a0}").unwrap_err().code, Code::UidMissing);
    }
}
