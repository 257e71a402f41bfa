//! Words that exports write for a missing value: `N/A`, `NULL`, `-` and the like.

/// The kind of values in a column, which decides what is blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlankContext {
    /// Email addresses, numbers, dates or booleans: none of the words can be a value.
    Typed,
    /// Phone numbers, where `0` means a missing value too.
    Phone,
    /// Names: people are called Null, so only words that are written as programs write them.
    Name,
}

/// The length of the longest word.
const MAX_LENGTH: usize = "unknown".len();

/// Words in any case.
const WORDS: [&str; 9] = ["n/a", "na", "null", "none", "nan", "-", "--", "unknown", "#n/a"];

/// Words in a column of names, in exactly this case.
const WORDS_FOR_NAMES: [&str; 11] =
    ["N/A", "n/a", "#N/A", "-", "--", "NULL", "null", "none", "nan", "NaN", "unknown"];

/// Words that may also be names.
const POSSIBLE_NAMES: [&str; 4] = ["Null", "None", "Nan", "Unknown"];

/// The blank words, except for those that the user turned off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlankWords {
    kept: Vec<String>,
}

impl BlankWords {
    /// All words except for these, which are kept as text.
    pub fn without(kept: Vec<String>) -> Self {
        Self { kept }
    }

    /// The words that were turned off.
    pub fn kept(&self) -> &[String] {
        &self.kept
    }

    /// Whether a trimmed text means a missing value.
    pub fn contain(&self, text: &str, context: BlankContext) -> bool {
        // Every word begins with one of these characters, and most cells do not.
        let may_be_word = |first: &u8| b"nN-uU#0".contains(first);
        if text.len() > MAX_LENGTH || !text.as_bytes().first().is_some_and(may_be_word) {
            return false;
        }
        let is_word = match context {
            BlankContext::Typed => WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)),
            BlankContext::Phone => {
                text == "0" || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
            }
            BlankContext::Name => WORDS_FOR_NAMES.contains(&text),
        };
        is_word && !self.keep(text)
    }

    /// The possible names that are too frequent in a column of names, so that they mean blank: at
    /// least three cells, and 1 % of the cells with text.
    pub fn frequent_in<'t>(&self, names: impl Iterator<Item = &'t str>) -> Vec<&'static str> {
        let mut counts = [0_usize; POSSIBLE_NAMES.len()];
        let mut of = 0;
        for name in names {
            of += 1;
            if let Some(place) = POSSIBLE_NAMES.iter().position(|word| *word == name) {
                counts[place] += 1;
            }
        }
        let words = POSSIBLE_NAMES.into_iter().zip(counts);
        words
            .filter(|(word, count)| *count >= 3 && count * 100 >= of && !self.keep(word))
            .map(|(word, _)| word)
            .collect()
    }

    fn keep(&self, text: &str) -> bool {
        self.kept.iter().any(|kept| kept.eq_ignore_ascii_case(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_words_depend_on_the_column() {
        let words = BlankWords::default();
        for (text, typed, phone, name) in [
            ("N/A", true, true, true),
            ("n/A", true, true, false),
            ("NULL", true, true, true),
            ("Null", true, true, false),
            ("0", false, true, false),
            ("-", true, true, true),
            ("Na", true, true, false),
            ("unknown", true, true, true),
            ("Noor", false, false, false),
            ("not known", false, false, false),
        ] {
            assert_eq!(words.contain(text, BlankContext::Typed), typed, "{text}");
            assert_eq!(words.contain(text, BlankContext::Phone), phone, "{text}");
            assert_eq!(words.contain(text, BlankContext::Name), name, "{text}");
        }
        let words = BlankWords::without(vec!["null".to_owned()]);
        assert!(!words.contain("NULL", BlankContext::Name));
        assert!(words.contain("N/A", BlankContext::Name));
    }

    #[test]
    fn a_possible_name_is_blank_if_it_is_frequent() {
        let words = BlankWords::default();
        let frequent = |names: &[&'static str]| words.frequent_in(names.iter().copied());
        assert_eq!(frequent(&["Null", "Unknown", "Unknown", "Unknown", "Ada"]), ["Unknown"]);
        assert_eq!(frequent(&["Unknown", "Unknown", "Ada"]), [""; 0]);
        let mut many = vec!["Ada"; 400];
        many.extend(["Unknown"; 3]);
        assert_eq!(frequent(&many), [""; 0]);
    }
}
