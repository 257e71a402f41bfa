//! Redacts a forgotten customer's values in texts that the history keeps.

use aho_corasick::AhoCorasick;
use serde_json::value::RawValue;
use std::cmp::Reverse;
use std::ops::Range;

/// What replaces a value.
pub(super) const FORGOTTEN: &str = "(forgotten)";

/// The fields of a report whose values are fixed words of engage.
const OWN_WORDS: [&str; 8] =
    ["status", "command", "how", "type", "type_from", "code", "key", "option"];

/// Finds the values to redact.
pub(crate) struct Redactor {
    searcher: AhoCorasick,
}

impl Redactor {
    /// A redactor of these values; `None` if there are too many of them to search for.
    pub(crate) fn new(values: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut values: Vec<String> =
            values.into_iter().filter(|value| !value.is_empty()).collect();
        values.sort_unstable();
        values.dedup();
        Some(Self { searcher: AhoCorasick::new(&values).ok()? })
    }

    /// A JSON text without the values; `None` if it has none of them. They are found as whole words
    /// of its strings. Numbers stay as they are.
    pub(crate) fn redacted(&self, json: &str) -> Option<String> {
        let mut redacted = String::with_capacity(json.len());
        let mut changed = false;
        let mut rest = json;
        let mut name = "";
        while let Some(start) = rest.find('"') {
            let (before, text) = rest.split_at(start);
            let (text, after) = text.split_at(string_length(text));
            redacted.push_str(before);
            // The name of a field is a fixed word too.
            let is_own = if after.trim_start().starts_with(':') {
                name = text.trim_matches('"');
                true
            } else {
                OWN_WORDS.contains(&name)
            };
            match self.without(text).filter(|_| !is_own) {
                Some(clean) => {
                    changed = true;
                    redacted.push_str(&clean);
                }
                None => redacted.push_str(text),
            }
            rest = after;
        }
        redacted.push_str(rest);
        changed.then_some(redacted)
    }

    /// Whether a text has one of the values, as a whole word.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.words(text).next().is_some()
    }

    /// Where a text has one of the values as a whole word; the ranges may overlap. A search for
    /// only the longest match would miss `Ann` in `Ann Smithers` if `Ann Smith` is a value too.
    fn words(&self, text: &str) -> impl Iterator<Item = Range<usize>> {
        let found = self.searcher.find_overlapping_iter(text).map(|found| found.range());
        found.filter(|found| is_word(text, found))
    }

    /// A JSON string without the values; `None` if it has none of them.
    fn without(&self, literal: &str) -> Option<String> {
        let text: String = serde_json::from_str(literal).ok()?;
        let mut clean = String::new();
        let mut end = 0;
        let mut words: Vec<Range<usize>> = self.words(&text).collect();
        words.sort_by_key(|word| (word.start, Reverse(word.end)));
        for word in &words {
            if word.start >= end {
                clean.push_str(&text[end..word.start]);
                clean.push_str(FORGOTTEN);
            }
            end = end.max(word.end);
        }
        if words.is_empty() {
            return None;
        }
        clean.push_str(&text[end..]);
        serde_json::to_string(&clean).ok()
    }
}

/// The length of the JSON string at the beginning of a text.
fn string_length(json: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in json.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    json.len()
}

/// The bytes of the longest string in a JSON text, its quotes included.
pub(crate) fn longest_string(json: &str) -> usize {
    let mut longest = 0;
    let mut rest = json;
    while let Some(start) = rest.find('"') {
        let (text, after) = rest[start..].split_at(string_length(&rest[start..]));
        longest = longest.max(text.len());
        rest = after;
    }
    longest
}

fn is_word(text: &str, place: &Range<usize>) -> bool {
    let before = text[..place.start].chars().next_back();
    let after = text[place.end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// The strings among the values of a JSON object.
pub(crate) fn strings_of(attributes: &str) -> Vec<String> {
    let object: std::collections::BTreeMap<String, &RawValue> =
        serde_json::from_str(attributes).unwrap_or_default();
    object.values().filter_map(|value| serde_json::from_str(value.get()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_redacted_as_whole_words() {
        let values = ["ann@example.com", "u-1", "Zoë", "say \"hi\""].map(str::to_owned);
        let redactor = Redactor::new(values).unwrap();
        let json = r#"{"u-1":1,"files":["a/ann@example.com.csv","u-12"],"n":12.50,"w":"'Zoë', say \"hi\"!"}"#;
        assert_eq!(
            redactor.redacted(json).unwrap(),
            r#"{"u-1":1,"files":["a/(forgotten).csv","u-12"],"n":12.50,"w":"'(forgotten)', (forgotten)!"}"#
        );
        assert_eq!(redactor.redacted(r#"["Zo","u-11",{"\\":"\""}]"#), None);
    }

    #[test]
    fn a_value_is_redacted_where_a_longer_one_only_begins() {
        let redactor = Redactor::new(["Ann", "Ann Smith", "Smith"].map(str::to_owned)).unwrap();
        let without = |json: &str| redactor.redacted(json).unwrap();
        assert_eq!(without(r#"["Ann Smithers.csv"]"#), r#"["(forgotten) Smithers.csv"]"#);
        assert_eq!(without(r#"["Ann Smith.csv"]"#), r#"["(forgotten).csv"]"#);
        let overlapping = Redactor::new(["a b", "b c"].map(str::to_owned)).unwrap();
        assert_eq!(overlapping.redacted(r#"["a b c d"]"#).unwrap(), r#"["(forgotten) d"]"#);
        assert!(redactor.matches("Ann Smithers") && !redactor.matches("Annette"));
    }
}
