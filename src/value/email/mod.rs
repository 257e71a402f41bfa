//! Email addresses.
//!
//! `email_address` validates the local part by RFC 5321 and 5322. For whole addresses its defaults
//! also accept display names, address literals and hosts without a dot; with these off it still
//! accepts a domain label such as `b_c` and refuses one that ends in a Thai tone mark. So the
//! domain is validated here, by the rules of host names. Forms other than a plain address are
//! rejected before, with specific messages.

mod cleaning;
mod typos;

use crate::value::phone::digit;
use crate::value::{Code, RejectReason, trimmed};
use cleaning::{cleaned, first_of_several};
use email_address::EmailAddress;

/// A deliverable address: an addr-spec with a dotted domain; no display name, comment, quoted
/// local part or address literal. The local part is as given, the domain in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Validates a cell; a blank one is `None`. Text around an address is removed, and of
    /// several addresses the first is taken. Fails with `email.invalid`.
    pub fn parse(text: &str) -> Result<Option<Self>, RejectReason> {
        Ok(Self::parse_cell(text)?.map(|(email, _)| email))
    }

    /// Like [`Email::parse`], and also returns whether other addresses were left out.
    pub fn parse_cell(text: &str) -> Result<Option<(Self, bool)>, RejectReason> {
        let text = trimmed(text);
        if text.is_empty() {
            return Ok(None);
        }
        // The whole cell is tried first, so that cleaning removes nothing that is legal in an
        // address.
        let mut invalid = match Self::whole(text) {
            Ok(email) => return Ok(Some((email, false))),
            Err(invalid) => invalid,
        };
        let cleaned = cleaned(text);
        if cleaned != text {
            match Self::whole(cleaned) {
                Ok(email) => return Ok(Some((email, false))),
                Err(of_cleaned) => invalid = of_cleaned,
            }
        }
        match first_of_several(text).map(Self::whole) {
            Some(Ok(first)) => Ok(Some((first, true))),
            _ => Err(invalid),
        }
    }

    /// Validates an address with nothing around it.
    fn whole(text: &str) -> Result<Self, RejectReason> {
        let invalid = |message| RejectReason::new(Code::EmailInvalid, message);
        if let Some(message) = error_in(text) {
            return Err(invalid(message));
        }
        let address = with_lower_case_domain(text);
        // A letter outside ASCII may be longer in lower case, or become two letters.
        if !text.is_ascii()
            && let Some(message) = error_in(&address)
        {
            return Err(invalid(message));
        }
        Ok(Self(address))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain, in lower case.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The intended domain, if this one is a likely typo (`gmial.com`). The address is accepted
    /// anyway, since it may be correct.
    pub fn likely_domain(&self) -> Option<&'static str> {
        typos::likely_domain(self.domain())
    }

    /// The address in the form in which keys are compared: all in lower case.
    pub fn key(&self) -> String {
        key_of(&self.0)
    }
}

/// A stored address in the form in which keys are compared.
pub(crate) fn key_of(email: &str) -> String {
    if email.is_ascii() { email.to_ascii_lowercase() } else { email.to_lowercase() }
}

fn with_lower_case_domain(text: &str) -> String {
    let mut email = text.to_owned();
    if email.is_ascii() {
        let at = memchr::memrchr(b'@', email.as_bytes()).unwrap_or(email.len());
        email[at..].make_ascii_lowercase();
    } else if let Some((local, domain)) = text.rsplit_once('@') {
        email.truncate(local.len() + 1);
        email.push_str(&domain.to_lowercase());
    }
    email
}

/// RFC 3696's erratum 1690: a path of 256 octets holds an address of 254.
const MAX_OCTETS: usize = 254;

/// RFC 5321 §4.5.3.1.1.
const MAX_LOCAL_OCTETS: usize = 64;

/// RFC 1035 §2.3.4.
const MAX_LABEL_CHARACTERS: usize = 63;

/// What is wrong with an address, if anything.
fn error_in(text: &str) -> Option<&'static str> {
    let Some(at) = memchr::memrchr(b'@', text.as_bytes()) else {
        return Some("contains no @");
    };
    let (local, domain) = (&text[..at], &text[at + 1..]);
    if local.is_empty() {
        return Some("nothing before the @");
    }
    if domain.is_empty() {
        return Some("nothing after the @");
    }
    let found = marks(local.as_bytes()) | marks(domain.as_bytes());
    if found != 0 {
        let any = |marks: u8| found & marks != 0;
        return Some(if any(QUOTE) {
            "not a plain address (no display name, no quoted local part)"
        } else if any(AT) && (any(SPACE | SEPARATOR) || local.contains(['/', '|'])) {
            "several addresses in one cell: keep one"
        } else if any(AT) {
            "contains more than one @"
        } else if any(SPACE) {
            "contains a space"
        } else if any(COMMENT) {
            "contains a comment"
        } else if any(BRACKET) {
            "an address literal instead of a domain"
        } else {
            "contains a comma or semicolon"
        });
    }
    if !text.is_ascii() && text.contains(|c: char| c.is_whitespace() || is_invisible(c)) {
        return Some("contains a space or an invisible character");
    }
    if domain.ends_with('.') {
        return Some("ends with a dot");
    }
    if let Some(message) = error_in_domain(domain) {
        return Some(message);
    }
    if local.len() > MAX_LOCAL_OCTETS {
        return Some("more than 64 characters before the @");
    }
    if text.len() > MAX_OCTETS {
        return Some("longer than an email address can be");
    }
    (!EmailAddress::is_valid_local_part(local))
        .then_some("contains an invalid character, or a dot in the wrong place")
}

/// Characters that a plain address does not have: one bit for each kind.
const QUOTE: u8 = 1;
const COMMENT: u8 = 2;
const BRACKET: u8 = 4;
const SPACE: u8 = 8;
const SEPARATOR: u8 = 16;
const AT: u8 = 32;

/// The kinds of such characters in a text.
fn marks(bytes: &[u8]) -> u8 {
    const KINDS: [u8; 256] = {
        let mut kinds = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            kinds[byte] = match byte {
                0x3c | 0x3e | 0x22 => QUOTE,
                0x28 | 0x29 => COMMENT,
                0x5b | 0x5d => BRACKET,
                0x09 | 0x0a | 0x0d | 0x20 => SPACE,
                0x2c | 0x3b => SEPARATOR,
                0x40 => AT,
                _ => 0,
            };
            byte += 1;
        }
        kinds
    };
    bytes.iter().fold(0, |found, byte| found | KINDS[usize::from(*byte)])
}

/// Control and formatting characters, which mail systems refuse.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}')
}

fn error_in_domain(domain: &str) -> Option<&'static str> {
    let mut labels = 0;
    let mut last = "";
    for label in domain.split('.') {
        if label.is_empty() {
            return Some("its domain has an extra dot");
        }
        // RFC 1035 §2.3.1, and letters of any script for internationalised domains (RFC 5890).
        let plain = |byte: u8| byte == b'-' || byte.is_ascii_alphanumeric();
        if label.starts_with('-')
            || label.ends_with('-')
            || !(label.bytes().all(plain) || label.chars().all(is_label_character))
        {
            return Some("its domain is not a valid domain name");
        }
        if label.len() > MAX_LABEL_CHARACTERS && label.chars().count() > MAX_LABEL_CHARACTERS {
            return Some("its domain is too long");
        }
        labels += 1;
        last = label;
    }
    if labels < 2 {
        return Some("its domain has no dot");
    }
    // RFC 3696 §2: a top-level domain is not all digits.
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return Some("its domain ends in a number");
    }
    None
}

/// Letters, digits, the hyphen, the joiners that some scripts need and combining marks.
fn is_label_character(c: char) -> bool {
    c == '-'
        || c.is_alphabetic()
        || c.is_ascii_digit()
        || digit(c).is_some()
        || matches!(c, '\u{200c}' | '\u{200d}' | '·' | '・')
        || is_mark(c)
}

/// Combining marks, which many scripts need inside a label.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An accepted address is accepted again in its stored form, which exports contain.
    #[test]
    fn the_stored_form_is_within_the_limits_too() {
        // `Ⱦ` has two bytes, and `ⱦ` three.
        let domain = |letters: usize| {
            let labels: Vec<String> = (0..3).map(|_| "Ⱦ".repeat(letters)).collect();
            format!("ann@{}.example.com", labels.join("."))
        };
        let short = Email::parse(&domain(24)).unwrap().unwrap();
        assert_eq!(Email::parse(short.as_str()), Ok(Some(short.clone())));
        let long = domain(30);
        assert!(long.len() < MAX_OCTETS);
        assert_eq!(Email::parse(&long).unwrap_err().code, Code::EmailInvalid);
        // `İ` becomes two characters.
        assert!(Email::parse(&format!("ann@{}.com", "İ".repeat(40))).is_err());
    }

    #[test]
    fn only_the_domain_is_lowercased() {
        let email = Email::parse(" Ada.L@Example.COM ").unwrap().unwrap();
        assert_eq!(email.as_str(), "Ada.L@example.com");
        assert_eq!(email.key(), "ada.l@example.com");
    }

    #[test]
    fn deliverable_addresses_pass() {
        for text in ["a@b.co", "o'hara+tag@sub.example.org", "用户@例子.公司", "x@xn--fsq.com"]
        {
            assert!(Email::parse(text).unwrap().is_some(), "{text}");
        }
    }

    /// The crate accepts these by default, and we do not. If this fails after an upgrade, the
    /// workaround above may be unnecessary.
    #[test]
    fn some_addresses_that_the_crate_accepts_are_rejected() {
        for text in ["a@b", "a@[127.0.0.1]", "a@b_c.co", "\"a b\"@c.co"] {
            assert!(EmailAddress::is_valid(text), "{text}");
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn undeliverable_addresses_have_a_reason() {
        for (text, why) in [
            ("anna@", "nothing after the @"),
            ("anna", "contains no @"),
            ("a b@c.co", "contains a space"),
            ("a@c, d@e.co", "several addresses in one cell: keep one"),
            ("Ann <anna@>", "nothing after the @"),
            ("a@c..co", "its domain has an extra dot"),
            ("a@-c.co", "its domain is not a valid domain name"),
            ("a@1.2.3.4", "its domain ends in a number"),
            ("a..b@c.co", "contains an invalid character, or a dot in the wrong place"),
        ] {
            assert_eq!(Email::parse(text).unwrap_err().message, why, "{text}");
        }
    }
}
