//! Tests many patterns of `LIKE` at once.

use aho_corasick::{AhoCorasick, BuildError};
use serde::{Deserialize, Serialize};

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Piece {
    AnyText,
    AnyCharacter,
    Character(char),
}

/// Patterns, and the longest text in each: a text is compared only with the patterns whose longest
/// text it contains.
pub(crate) struct LikeSet {
    texts: AhoCorasick,
    patterns: Vec<Vec<Piece>>,
}

impl LikeSet {
    pub(crate) fn new(patterns: Vec<Vec<Piece>>) -> Result<Self, BuildError> {
        // A pattern of only wildcards has the empty text, which every text contains.
        let texts = AhoCorasick::new(patterns.iter().map(|pattern| longest_text(pattern)))?;
        Ok(Self { texts, patterns })
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut is_tried = vec![false; self.patterns.len()];
        self.texts.find_overlapping_iter(text).any(|found| {
            let pattern = found.pattern().as_usize();
            !std::mem::replace(&mut is_tried[pattern], true)
                && is_like(&self.patterns[pattern], text)
        })
    }
}

fn longest_text(pattern: &[Piece]) -> String {
    let texts = pattern.split(|piece| !matches!(piece, Piece::Character(_)));
    let longest = texts.max_by_key(|text| text.len()).unwrap_or_default();
    let characters = longest.iter().filter_map(|piece| match piece {
        Piece::Character(c) => Some(*c),
        Piece::AnyText | Piece::AnyCharacter => None,
    });
    characters.collect()
}

/// Whether a text is like a pattern. After a mismatch only the last `%` matches one more character,
/// so the work is bounded by the product of the lengths.
fn is_like(pattern: &[Piece], text: &str) -> bool {
    let (mut at, mut rest) = (0, text.chars());
    let mut retry = None;
    loop {
        let mut after = rest.clone();
        match (pattern.get(at), after.next()) {
            (Some(Piece::AnyText), _) => {
                at += 1;
                retry = Some((at, rest.clone()));
                continue;
            }
            (Some(Piece::AnyCharacter), Some(_)) => {
                (at, rest) = (at + 1, after);
                continue;
            }
            (Some(Piece::Character(wanted)), Some(c)) if *wanted == c => {
                (at, rest) = (at + 1, after);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        let Some((after_any, taken)) = &mut retry else { return false };
        if taken.next().is_none() {
            return false;
        }
        (at, rest) = (*after_any, taken.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_like_does() {
        use Piece::{AnyCharacter, AnyText, Character};
        let pattern = [AnyText, Character('a'), AnyCharacter, AnyText, Character('c')];
        for text in ["abc", "xxaéc", "aabbcc", "acacac"] {
            assert!(is_like(&pattern, text), "{text}");
        }
        for text in ["", "ac", "abcd", "xbc"] {
            assert!(!is_like(&pattern, text), "{text}");
        }
        assert!(is_like(&[AnyText], "") && is_like(&[], "") && !is_like(&[], "a"));
    }

    #[test]
    fn one_of_several_patterns_is_enough() {
        use Piece::{AnyCharacter, AnyText, Character};
        let patterns = vec![
            vec![Character('a'), AnyText, Character('b'), Character('c')],
            vec![Character('x'), AnyCharacter],
            vec![AnyCharacter, AnyCharacter, AnyCharacter],
        ];
        let set = LikeSet::new(patterns).unwrap();
        for text in ["abc", "a bc", "xy", "éàü"] {
            assert!(set.matches(text), "{text}");
        }
        for text in ["", "bc", "x", "bcbc"] {
            assert!(!set.matches(text), "{text}");
        }
    }
}
