//! First and last names.

use super::reject::{Code, RejectReason};
use super::text::{composed, trimmed};
use std::borrow::Cow;

/// A name: at most 255 characters, no control characters, trimmed, in Unicode's form NFC, so that
/// the same name typed on two systems is the same text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name<'a>(Cow<'a, str>);

impl<'a> Name<'a> {
    /// The most characters that a name may have.
    const MAX_CHARACTERS: usize = 255;

    /// Validates a cell; a blank one is `None`. Fails with `name.invalid`.
    pub fn parse(text: &'a str) -> Result<Option<Self>, RejectReason> {
        let text = trimmed(text);
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().any(char::is_control) {
            return Err(RejectReason::new(Code::NameInvalid, "a control character in it"));
        }
        let name = composed(text);
        if name.len() > Self::MAX_CHARACTERS && name.chars().count() > Self::MAX_CHARACTERS {
            return Err(RejectReason::new(Code::NameInvalid, "longer than 255 characters"));
        }
        Ok(Some(Self(name)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether two names are those of different people: neither begins the other, whatever the case.
/// `Rob` and `Robert` may be one person; a blank name says nothing.
pub fn names_contradict(first: &str, second: &str) -> bool {
    let (first, second) = (trimmed(first).to_lowercase(), trimmed(second).to_lowercase());
    !first.starts_with(&second) && !second.starts_with(&first)
}

/// A first and a last name that came in one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullName<'a> {
    /// What stands before the last space, or after a comma.
    pub first: Option<Name<'a>>,
    /// The last word, or what stands before a comma. A single word is a first name.
    pub last: Option<Name<'a>>,
}

impl<'a> FullName<'a> {
    /// Splits `First Middle Last` at its last space and `Last, First` at its comma, if no `Jr.` or
    /// the like stands behind it. Fails with
    /// `name.invalid`.
    pub fn parse(text: &'a str) -> Result<Self, RejectReason> {
        let text = trimmed(text);
        let last_word = |name: &str| name.trim_end().rfind(char::is_whitespace);
        let (first, last) = match text.split_once(',') {
            // `Sammy Davis, Jr.`: what stands behind the comma goes with the last name.
            Some((name, suffix)) if is_suffix(suffix) => {
                text.split_at(last_word(name).unwrap_or(0))
            }
            Some((last, first)) => (first, last),
            None => last_word(text).map_or((text, ""), |space| text.split_at(space)),
        };
        Ok(Self { first: Name::parse(first)?, last: Name::parse(last)? })
    }
}

/// What may follow a whole name behind a comma.
fn is_suffix(text: &str) -> bool {
    const SUFFIXES: [&str; 14] = [
        "jr", "sr", "junior", "senior", "ii", "iii", "iv", "v", "md", "m.d", "phd", "ph.d", "esq",
        "cpa",
    ];
    let text = trimmed(text).trim_end_matches('.');
    SUFFIXES.iter().any(|suffix| text.eq_ignore_ascii_case(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (String, String) {
        let name = FullName::parse(text).unwrap();
        let text = |name: Option<Name>| name.map_or(String::new(), |name| name.as_str().to_owned());
        (text(name.first), text(name.last))
    }

    #[test]
    fn a_decomposed_name_is_composed() {
        let name = Name::parse(" Jose\u{301} ").unwrap().unwrap();
        assert_eq!(name.as_str(), "José");
    }

    #[test]
    fn a_full_name_is_split_where_people_split_it() {
        assert_eq!(split("Ada Lovelace"), ("Ada".into(), "Lovelace".into()));
        assert_eq!(split("Mary Ann  Evans"), ("Mary Ann".into(), "Evans".into()));
        assert_eq!(split("Evans, Mary Ann"), ("Mary Ann".into(), "Evans".into()));
        assert_eq!(split("Sammy Davis, Jr."), ("Sammy".into(), "Davis, Jr.".into()));
        assert_eq!(split("Davis, Sammy"), ("Sammy".into(), "Davis".into()));
        assert_eq!(split("Davis,"), (String::new(), "Davis".into()));
        assert_eq!(split("Davis, III"), (String::new(), "Davis, III".into()));
        assert_eq!(split("Sukarno"), ("Sukarno".into(), String::new()));
        assert_eq!(split(" "), (String::new(), String::new()));
    }
}
