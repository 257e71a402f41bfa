//! First and last names.

use super::reject::{Code, RejectReason};
use super::text::{composed, trimmed};
use std::borrow::Cow;

/// A name: at most 255 characters, no control characters, trimmed, in Unicode's form NFC, so that
/// the same name typed on two systems is the same text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name<'a>(Cow<'a, str>);

impl<'a> Name<'a> {
    /// The maximum number of characters in a name.
    const MAX_CHARACTERS: usize = 255;

    /// Validates a cell; a blank one is `None`. Fails with `name.invalid`.
    pub fn parse(text: &'a str) -> Result<Option<Self>, RejectReason> {
        let text = trimmed(text);
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().any(char::is_control) {
            return Err(RejectReason::new(Code::NameInvalid, "contains a control character"));
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

/// Whether two names belong to different people: neither is a prefix of the other, ignoring case.
/// `Rob` and `Robert` may be one person, and a blank name contradicts no other.
pub fn names_contradict(first: &str, second: &str) -> bool {
    if first == second {
        return false;
    }
    let (first, second) = (trimmed(first).to_lowercase(), trimmed(second).to_lowercase());
    !first.starts_with(&second) && !second.starts_with(&first)
}

/// A first and a last name from one cell. Titles and suffixes are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullName<'a> {
    /// The part before the last name, or after a comma.
    pub first: Option<Name<'a>>,
    /// The last word with the particles before it, or the part before a comma; in Han, kana or
    /// Hangul, the first word. A single word is a first name.
    pub last: Option<Name<'a>>,
}

impl<'a> FullName<'a> {
    /// Splits `First Middle Last`, `Anna van der Berg`, `Last, First`, `Dr. Ada Marsh Jr.` and
    /// `山田 太郎`. Fails with `name.invalid`.
    pub fn parse(text: &'a str) -> Result<Self, RejectReason> {
        let text = without_titles(trimmed(text));
        let (first, last) = match text.split_once(',') {
            Some((name, suffixes)) if are_suffixes(suffixes) => {
                match split(without_suffixes(trimmed(name))) {
                    // A single word before suffixes is the last name.
                    (last, "") => ("", last),
                    parts => parts,
                }
            }
            Some((last, first)) => {
                let first = match first.split_once(',') {
                    Some((first, suffixes)) if are_suffixes(suffixes) => first,
                    _ => first,
                };
                (without_titles(trimmed(first)), last)
            }
            None => split(without_suffixes(text)),
        };
        Ok(Self { first: Name::parse(first)?, last: Name::parse(last)? })
    }
}

/// Splits a name without a comma into the first and the last name.
fn split(name: &str) -> (&str, &str) {
    let starts: Vec<usize> = word_starts(name).collect();
    if starts.len() < 2 {
        return (name, "");
    }
    if name.chars().filter(|c| c.is_alphabetic()).all(is_east_asian) {
        let (last, first) = name.split_at(starts[1]);
        return (first, last);
    }
    let word = |at: usize| word_at(name, starts[at]);
    let mut at = starts.len() - 1;
    loop {
        if at > 1 && is_particle(word(at - 1), [word(at - 2), word(at)]) {
            at -= 1;
        } else if at > 2 && ["y", "e", "i"].contains(&word(at - 1)) {
            // Two family names: `Ortega y Gasset`.
            at -= 2;
        } else {
            return name.split_at(starts[at]);
        }
    }
}

/// The positions at which the words of a text begin.
fn word_starts(text: &str) -> impl Iterator<Item = usize> {
    let is_start = |(at, c): &(usize, char)| {
        let before = text[..*at].chars().next_back();
        !c.is_whitespace() && before.is_none_or(char::is_whitespace)
    };
    text.char_indices().filter(is_start).map(|(at, _)| at)
}

fn word_at(text: &str, start: usize) -> &str {
    text[start..].split(char::is_whitespace).next().unwrap_or_default()
}

/// Whether a letter belongs to a script in which the family name comes first.
fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// Whether a word belongs to the last name that follows it. With a capital, most particles may be
/// first names, such as `Van`, unless they are next to another one: `Van Der Berg`.
fn is_particle(word: &str, neighbours: [&str; 2]) -> bool {
    const PARTICLES: [&str; 34] = [
        "van", "den", "da", "do", "du", "la", "le", "los", "las", "bin", "ibn", "bint", "ben",
        "abu", "al", "el", "ter", "ten", "te", "'t", "’t", "op", "in", "und", "zu", "zum", "zur",
        "vom", "af", "av", "dal", "dalla", "lo", "st",
    ];
    // These are rarely first names.
    const CERTAIN: [&str; 10] =
        ["von", "de", "der", "del", "della", "di", "dos", "das", "des", "degli"];
    let is_one_of =
        |words: &[&str], word: &str| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    let is_certain = is_one_of(&CERTAIN, word);
    let is_known = |word: &str| is_one_of(&PARTICLES, word) || is_one_of(&CERTAIN, word);
    let is_lower = !word.chars().any(char::is_uppercase);
    is_certain || is_known(word) && (is_lower || neighbours.into_iter().any(is_known))
}

/// A name without leading titles. A title with nothing after it is kept.
fn without_titles(mut name: &str) -> &str {
    const TITLES: [&str; 36] = [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "rev",
        "hon",
        "herr",
        "frau",
        "mme",
        "mlle",
        "monsieur",
        "madame",
        "sra",
        "srta",
        "dott",
        "dipl.-ing",
        "mx",
        "sig",
        "sr.a",
        "sr",
        "ing",
        "mag",
        "med",
        "jur",
        "phil",
        "rer",
        "nat",
        "h.c",
        "dott.ssa",
        "capt",
        "col",
        "lt",
        "sgt",
    ];
    loop {
        let first = word_at(name, 0);
        let rest = name[first.len()..].trim_start();
        let title = first.trim_end_matches('.');
        if rest.is_empty() || !TITLES.iter().any(|known| title.eq_ignore_ascii_case(known)) {
            return name;
        }
        name = rest;
    }
}

/// A name without suffixes such as `Jr.` that follow at least two words.
fn without_suffixes(mut name: &str) -> &str {
    while let Some(start) = word_starts(name).last() {
        let rest = name[..start].trim_end();
        // A single letter may be an initial.
        let is_long = name[start..].trim_end_matches('.').chars().count() > 1;
        let is_whole = rest.contains(char::is_whitespace);
        if !(is_whole && is_long && is_suffix(&name[start..])) {
            break;
        }
        name = rest;
    }
    name
}

/// Whether the text after a comma consists of suffixes: `PhD, MBA`.
fn are_suffixes(text: &str) -> bool {
    let mut words = text.split([',', ' ']).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(is_suffix)
}

/// Whether a text is a suffix of a whole name.
fn is_suffix(text: &str) -> bool {
    const SUFFIXES: [&str; 23] = [
        "jr", "sr", "junior", "senior", "ii", "iii", "iv", "v", "2nd", "3rd", "md", "m.d", "phd",
        "ph.d", "esq", "cpa", "mba", "dds", "dvm", "obe", "msc", "bsc", "llm",
    ];
    let text = trimmed(text).trim_end_matches('.');
    SUFFIXES.iter().any(|suffix| text.eq_ignore_ascii_case(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
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
    fn a_full_name_is_split() {
        assert_eq!(parts("Ada Lovelace"), ("Ada".into(), "Lovelace".into()));
        assert_eq!(parts("Mary Ann  Evans"), ("Mary Ann".into(), "Evans".into()));
        assert_eq!(parts("Evans, Mary Ann"), ("Mary Ann".into(), "Evans".into()));
        assert_eq!(parts("Sammy Davis, Jr."), ("Sammy".into(), "Davis".into()));
        assert_eq!(parts("Davis, Sammy"), ("Sammy".into(), "Davis".into()));
        assert_eq!(parts("Davis,"), (String::new(), "Davis".into()));
        assert_eq!(parts("Davis, III"), (String::new(), "Davis".into()));
        assert_eq!(parts("Sukarno"), ("Sukarno".into(), String::new()));
        assert_eq!(parts(" "), (String::new(), String::new()));
    }

    #[test]
    fn titles_and_suffixes_are_left_out_and_particles_go_with_the_last_name() {
        for (name, first, last) in [
            ("Dr. Anna van der Berg", "Anna", "van der Berg"),
            ("Prof. Dr. Max Muster", "Max", "Muster"),
            ("Ada Marsh Jr.", "Ada", "Marsh"),
            ("Maria de la Cruz", "Maria", "de la Cruz"),
            ("Piet Van Der Meer", "Piet", "Van Der Meer"),
            ("Mary Van Dyke", "Mary Van", "Dyke"),
            ("Roberta De Nardo", "Roberta", "De Nardo"),
            ("Jan van 't Hek", "Jan", "van 't Hek"),
            ("Karl von und zu Arnsberg", "Karl", "von und zu Arnsberg"),
            ("Amina al Rashid", "Amina", "al Rashid"),
            ("José Marín y Prado", "José", "Marín y Prado"),
            ("Dr. med. Lena Vogt", "Lena", "Vogt"),
            ("Sr. Luis Prado", "Luis", "Prado"),
            ("Ada Marsh, PhD, MBA", "Ada", "Marsh"),
            ("Ada Marsh MD PhD", "Ada", "Marsh"),
            ("Marsh, Dr. Ada, Jr.", "Ada", "Marsh"),
            ("Marsh, Ada", "Ada", "Marsh"),
            ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
            ("van Dyke", "van", "Dyke"),
            ("Malcolm X", "Malcolm", "X"),
            ("Ada Lee V", "Ada Lee", "V"),
            ("山田 太郎", "太郎", "山田"),
            ("김 민수", "민수", "김"),
            ("山田", "山田", ""),
            ("Dr.", "Dr.", ""),
        ] {
            assert_eq!(parts(name), (first.to_owned(), last.to_owned()), "{name}");
        }
    }
}
