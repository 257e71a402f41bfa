//! Merges conditions on one field, so that thousands of them cost a customer one lookup, not
//! thousands of comparisons.

use super::bounds::{next_text, number_spans, successor, text_spans, time_bounds};
use super::like::Piece;
use super::matching::{NumberMatcher, TextMatcher, TextParts};
use super::spans::{Span, Spans};
use crate::segment::{Comparison, Condition, Field, NumberTest, Test, TextTest, Tree};
use crate::value::Standard;
use std::borrow::Cow;
use std::collections::HashMap;

/// At least this many conditions on one field become a group. Fewer are as fast on their own, and
/// may use an index.
const LEAST_GROUPED: usize = 16;

/// A tree whose conditions are merged where they can be.
pub(crate) enum Part<'s> {
    All(Vec<Part<'s>>),
    Any(Vec<Part<'s>>),
    Is(Cow<'s, Condition>),
    Group(Group<'s>),
}

/// Many tests of one field. One of them must be true; with `negated`, none of them, but there must
/// be a value of the field's type.
pub(crate) struct Group<'s> {
    pub(crate) field: &'s Field,
    pub(crate) negated: bool,
    pub(crate) matcher: Matcher,
}

#[derive(Clone)]
pub(crate) enum Matcher {
    Text(TextMatcher),
    Number(NumberMatcher),
}

impl Part<'_> {
    /// Calls `each` with the field of every test.
    pub(crate) fn fields<'p>(&'p self, each: &mut impl FnMut(&'p Field)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.fields(each)),
            Self::Is(condition) => each(&condition.field),
            Self::Group(group) => each(group.field),
        }
    }
}

/// The matcher of a single test of a field.
pub(crate) fn matcher(field: &Field, test: &Test) -> Matcher {
    let condition = Condition { field: field.clone(), test: test.clone(), negated: false };
    let mut group = GroupBuilder::default();
    group.add(&condition, true);
    group.into_matcher()
}

/// Merges the conditions of a tree.
pub(crate) fn merged(tree: &Tree) -> Part<'_> {
    match tree {
        Tree::All(parts) => Part::All(merged_parts(parts, false)),
        Tree::Any(parts) => Part::Any(merged_parts(parts, true)),
        Tree::Is(condition) => Part::Is(Cow::Borrowed(condition)),
    }
}

fn merged_parts(parts: &[Tree], is_any: bool) -> Vec<Part<'_>> {
    let mut fields = Fields { is_any, buckets: Vec::new(), places: HashMap::new() };
    let mut merged = Vec::new();
    fields.collect(parts, &mut merged);
    for bucket in fields.buckets {
        bucket.into_parts(is_any, &mut merged);
    }
    merged
}

/// The conditions of a node by field.
struct Fields<'s> {
    is_any: bool,
    buckets: Vec<Bucket<'s>>,
    places: HashMap<&'s Field, usize>,
}

impl<'s> Fields<'s> {
    fn collect(&mut self, parts: &'s [Tree], others: &mut Vec<Part<'s>>) {
        for part in parts {
            match part {
                Tree::Any(inner) if self.is_any => self.collect(inner, others),
                Tree::All(inner) if !self.is_any => self.collect(inner, others),
                Tree::Is(condition) => {
                    let is_any = self.is_any;
                    self.bucket(&condition.field).push(condition, is_any);
                }
                _ => others.push(merged(part)),
            }
        }
    }

    fn bucket(&mut self, field: &'s Field) -> &mut Bucket<'s> {
        let next = self.buckets.len();
        let place = *self.places.entry(field).or_insert(next);
        if place == next {
            self.buckets.push(Bucket { field, equal: Vec::new(), others: Vec::new() });
        }
        &mut self.buckets[place]
    }
}

/// The conditions of a node on one field.
struct Bucket<'s> {
    field: &'s Field,
    /// The conditions that become one list.
    equal: Vec<&'s Condition>,
    others: Vec<&'s Condition>,
}

/// Whether a condition is the opposite of what its node merges: `or` merges tests, and `and` merges
/// negated tests.
fn is_opposite(condition: &Condition, is_any: bool) -> bool {
    condition.negated == is_any
}

impl<'s> Bucket<'s> {
    fn push(&mut self, condition: &'s Condition, is_any: bool) {
        let is_equal = matches!(
            condition.test,
            Test::Text(TextTest::Compare(Comparison::Equal, _) | TextTest::OneOf(_))
                | Test::Number(NumberTest::Compare(Comparison::Equal, _) | NumberTest::OneOf(_))
        );
        if is_equal && !is_opposite(condition, is_any) {
            self.equal.push(condition);
        } else {
            self.others.push(condition);
        }
    }

    fn into_parts(self, is_any: bool, parts: &mut Vec<Part<'s>>) {
        let is = |condition: &'s Condition| Part::Is(Cow::Borrowed(condition));
        match self.equal.as_slice() {
            [] => {}
            [one] => parts.push(is(one)),
            several => {
                let (field, test) = (self.field.clone(), one_of(several));
                parts.push(Part::Is(Cow::Owned(Condition { field, test, negated: !is_any })));
            }
        }
        if self.others.len() < LEAST_GROUPED {
            parts.extend(self.others.into_iter().map(is));
            return;
        }
        let mut group = GroupBuilder::default();
        let alone: Vec<&Condition> =
            self.others.iter().copied().filter(|condition| !group.add(condition, is_any)).collect();
        if alone.len() < self.others.len() {
            let matcher = group.into_matcher();
            parts.push(Part::Group(Group { field: self.field, negated: !is_any, matcher }));
        }
        parts.extend(alone.into_iter().map(is));
    }
}

/// One list of all values that conditions of one field ask for.
fn one_of(conditions: &[&Condition]) -> Test {
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    for condition in conditions {
        match &condition.test {
            Test::Text(TextTest::Compare(_, text)) => texts.push(text.clone()),
            Test::Text(TextTest::OneOf(some)) => texts.extend_from_slice(some),
            Test::Number(NumberTest::Compare(_, number)) => numbers.push(*number),
            Test::Number(NumberTest::OneOf(some)) => numbers.extend_from_slice(some),
            _ => {}
        }
    }
    if numbers.is_empty() {
        Test::Text(TextTest::OneOf(texts))
    } else {
        Test::Number(NumberTest::OneOf(numbers))
    }
}

/// Collects tests of one field, which are either all of numbers or all of texts.
#[derive(Default)]
struct GroupBuilder {
    text: TextMatcher,
    numbers: Option<Vec<Span<i64>>>,
}

impl GroupBuilder {
    /// Adds a condition; false if it must stay separate.
    fn add(&mut self, condition: &Condition, is_any: bool) -> bool {
        let Condition { field, test, .. } = condition;
        let is_opposite = is_opposite(condition, is_any);
        let is_of_device =
            matches!(field, Field::Standard(Standard::DeviceToken | Standard::DevicePlatform));
        if is_opposite && is_of_device {
            // A customer may have several devices, so what is false of one may be true of another.
            return false;
        }
        match test {
            Test::Number(test) => {
                let spans = sided(number_spans(test), is_opposite, i64::MIN);
                self.numbers.get_or_insert_default().extend(spans);
                true
            }
            Test::Text(test) => match text_spans(test) {
                Some(spans) => {
                    let spans = sided(spans, is_opposite, String::new());
                    self.text.exact.spans.extend(spans);
                    true
                }
                None => !is_opposite && self.add_part(test),
            },
            Test::Time(span) => {
                let (low, high) = time_bounds(*span, field.kind());
                let spans = vec![(low, Some(next_text(&high)))];
                self.text.exact.spans.extend(sided(spans, is_opposite, String::new()));
                true
            }
            Test::Present | Test::True => false,
        }
    }

    fn add_part(&mut self, test: &TextTest) -> bool {
        match test {
            TextTest::Contains(part) => self.text.exact.contained.push(part.clone()),
            TextTest::EndsWith(part) => self.text.exact.endings.push(part.clone()),
            TextTest::Like { pattern, escape } => {
                let pieces = pieces(pattern, *escape);
                let TextParts { spans, contained, endings, patterns } = &mut self.text.folded;
                let Some(like) = simple_like(&pieces) else {
                    patterns.push(pieces);
                    return true;
                };
                let SimpleLike { text, any_before, any_after } = like;
                match (any_before, any_after) {
                    _ if text.is_empty() && (any_before || any_after) => {
                        spans.push((String::new(), None));
                    }
                    (true, true) => contained.push(text),
                    (true, false) => endings.push(text),
                    (false, true) => spans.push((text.clone(), successor(&text))),
                    (false, false) => spans.push((text.clone(), Some(next_text(&text)))),
                }
            }
            _ => return false,
        }
        true
    }

    fn into_matcher(self) -> Matcher {
        match self.numbers {
            None => Matcher::Text(self.text),
            Some(numbers) => Matcher::Number(NumberMatcher(Spans::new(numbers))),
        }
    }
}

/// The spans, or with `is_outside` everything outside of them.
fn sided<T: Ord>(spans: Vec<Span<T>>, is_outside: bool, least: T) -> Vec<Span<T>> {
    let spans = Spans::new(spans);
    if is_outside { spans.complement(least) } else { spans.into_vec() }
}

/// A pattern whose only wildcards are `%` at its ends.
struct SimpleLike {
    text: String,
    any_before: bool,
    any_after: bool,
}

fn simple_like(pieces: &[Piece]) -> Option<SimpleLike> {
    let is_any = |piece: Option<&Piece>| piece == Some(&Piece::AnyText);
    let (any_before, any_after) = (is_any(pieces.first()), is_any(pieces.last()));
    let start = pieces.iter().position(|piece| *piece != Piece::AnyText).unwrap_or(pieces.len());
    let end = pieces.iter().rposition(|piece| *piece != Piece::AnyText).map_or(start, |at| at + 1);
    let text = pieces[start..end].iter().map(|piece| match piece {
        Piece::Character(c) => Some(*c),
        Piece::AnyText | Piece::AnyCharacter => None,
    });
    Some(SimpleLike { text: text.collect::<Option<_>>()?, any_before, any_after })
}

/// The pieces of a pattern, in ASCII lower case.
fn pieces(pattern: &str, escape: Option<char>) -> Vec<Piece> {
    let mut characters = pattern.chars();
    let mut pieces = Vec::new();
    while let Some(c) = characters.next() {
        pieces.push(match c {
            c if Some(c) == escape => match characters.next() {
                Some(literal) => Piece::Character(literal.to_ascii_lowercase()),
                None => break,
            },
            '%' => Piece::AnyText,
            '_' => Piece::AnyCharacter,
            c => Piece::Character(c.to_ascii_lowercase()),
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_with_wildcards_at_their_ends_are_simple() {
        let read = |pattern: &str| {
            simple_like(&pieces(pattern, Some('!'))).map(|l| (l.text, l.any_before, l.any_after))
        };
        let simple = |text: &str, before, after| Some((text.to_owned(), before, after));
        assert_eq!(read("A!%b"), simple("a%b", false, false));
        assert_eq!(read("%%ab%"), simple("ab", true, true));
        assert_eq!(read("ab%%"), simple("ab", false, true));
        assert_eq!(read("%"), simple("", true, true));
        assert_eq!(read(""), simple("", false, false));
        assert_eq!(read("a%b"), None);
        assert_eq!(read("a_"), None);
    }
}
