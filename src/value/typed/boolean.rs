//! Booleans, and the pairs of words that stand for them.

/// Pairs of words for true and false, which inference accepts if both words occur. Short words that
/// are also codes, such as `S` and `N`, are left out.
pub(crate) const PAIRS: [(&str, &str); 24] = [
    ("true", "false"),
    ("yes", "no"),
    ("y", "n"),
    ("t", "f"),
    ("ja", "nein"),
    ("j", "n"),
    ("wahr", "falsch"),
    ("oui", "non"),
    ("vrai", "faux"),
    ("sí", "no"),
    ("si", "no"),
    ("sì", "no"),
    ("sim", "não"),
    ("tak", "nie"),
    ("ja", "nej"),
    ("ja", "nee"),
    ("kyllä", "ei"),
    ("ano", "ne"),
    ("áno", "nie"),
    ("igen", "nem"),
    ("da", "nu"),
    ("да", "нет"),
    ("evet", "hayır"),
    ("是", "否"),
];

/// `true` or `false`, in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Whether a text is `true` or `false`, in any case.
pub fn is_boolean(text: &str) -> bool {
    boolean(text).is_some()
}

/// A word of any pair, `1` and `0`, or `on` and `off`.
pub(super) fn declared_boolean(text: &str) -> Option<bool> {
    let word = text.to_lowercase();
    let is_true = matches!(word.as_str(), "1" | "on") || PAIRS.iter().any(|pair| pair.0 == word);
    let is_false = matches!(word.as_str(), "0" | "off") || PAIRS.iter().any(|pair| pair.1 == word);
    (is_true || is_false).then_some(is_true)
}

/// The two words of a column for true and false, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BooleanWords {
    pub(crate) yes: String,
    pub(crate) no: String,
}

impl BooleanWords {
    /// Reads `yes/no`; `None` if there are not two different words.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (yes, no) = text.split_once('/')?;
        let (yes, no) = (yes.trim().to_lowercase(), no.trim().to_lowercase());
        (!yes.is_empty() && !no.is_empty() && yes != no).then_some(Self { yes, no })
    }

    /// One of the two words, or `true` or `false`.
    pub(crate) fn read(&self, text: &str) -> Option<bool> {
        boolean(text).or_else(|| {
            let word = text.to_lowercase();
            if word == self.yes { Some(true) } else { (word == self.no).then_some(false) }
        })
    }
}
