//! A plain evaluator of the typed tree, which finds the customers of a segment without SQL.

use engage::segment::{
    Comparison, Condition, Edge, Field, NumberTest, Segment, Test, TextTest, TimeSpan, Tree,
};
use engage::value::Standard;
use engage::value::typed::ValueType;
use jiff::civil::DateTime;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The fields of a customer that a segment can query.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) uid: String,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) attributes: BTreeMap<String, Value>,
    /// Tokens and platforms.
    pub(crate) devices: Vec<(String, String)>,
    pub(crate) first_imported_at: String,
    pub(crate) last_changed_at: String,
    pub(crate) is_archived: bool,
}

pub(crate) fn is_member(segment: &Segment, person: &Person) -> bool {
    (segment.names_archived() || !person.is_archived) && holds(segment.tree(), person)
}

fn holds(tree: &Tree, person: &Person) -> bool {
    match tree {
        Tree::All(parts) => parts.iter().all(|part| holds(part, person)),
        Tree::Any(parts) => parts.iter().any(|part| holds(part, person)),
        Tree::Is(condition) => is(condition, person),
    }
}

fn is(condition: &Condition, person: &Person) -> bool {
    let Condition { field, test, negated } = condition;
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let value = match field {
        Field::Standard(Standard::DeviceToken) => {
            return is_of_any(person.devices.iter().map(|(token, _)| token), test, *negated);
        }
        Field::Standard(Standard::DevicePlatform) => {
            return is_of_any(person.devices.iter().map(|(_, platform)| platform), test, *negated);
        }
        Field::Standard(Standard::Uid) => Some(Value::from(person.uid.as_str())),
        Field::Standard(Standard::FirstName) => text(&person.first_name),
        Field::Standard(Standard::LastName) => text(&person.last_name),
        Field::Standard(Standard::Number) => text(&person.number),
        // Emails are compared in lower case.
        Field::Standard(Standard::Email) => {
            text(&person.email.as_ref().map(|email| email.to_ascii_lowercase()))
        }
        Field::Custom(name, _) => person.attributes.get(name).cloned(),
        Field::Archived => Some(Value::from(person.is_archived)),
        Field::HasDevice => Some(Value::from(!person.devices.is_empty())),
        Field::FirstImportedAt => Some(Value::from(person.first_imported_at.as_str())),
        Field::LastChangedAt => Some(Value::from(person.last_changed_at.as_str())),
    };
    match test {
        Test::Present => value.is_some() != *negated,
        _ => value.and_then(|value| answer(test, &value, field.kind())) == Some(!negated),
    }
}

fn is_of_any<'p>(
    mut values: impl Iterator<Item = &'p String> + Clone,
    test: &Test,
    negated: bool,
) -> bool {
    let has_some = values.clone().next().is_some();
    let any = match test {
        Test::Text(test) => values.any(|value| text_answer(test, value)),
        _ => has_some,
    };
    match test {
        Test::Present => any != negated,
        _ => has_some && any != negated,
    }
}

/// The result of a test; `None` if the value does not have the type of the field.
fn answer(test: &Test, value: &Value, kind: ValueType) -> Option<bool> {
    match test {
        Test::Present => Some(true),
        Test::True => value.as_bool(),
        Test::Text(test) => value.as_str().map(|text| text_answer(test, text)),
        Test::Number(test) => value.as_f64().map(|number| number_answer(test, number)),
        Test::Time(span) => {
            let written = value.as_str().filter(|written| kind.is_stored_text(written))?;
            let time: DateTime = match kind {
                ValueType::Date => format!("{written}T00:00:00").parse().unwrap(),
                _ => written.trim_end_matches('Z').parse().unwrap(),
            };
            Some(is_within(*span, time))
        }
    }
}

fn is_within(span: TimeSpan, time: DateTime) -> bool {
    span.from <= Edge::At(time) && Edge::At(time) < span.until
}

fn compares(comparison: Comparison, ordering: Ordering) -> bool {
    match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
    }
}

fn number_answer(test: &NumberTest, number: f64) -> bool {
    match test {
        NumberTest::Compare(comparison, other) => {
            compares(*comparison, number.partial_cmp(other).unwrap())
        }
        NumberTest::OneOf(others) => others.contains(&number),
        NumberTest::Between(low, high) => *low <= number && number <= *high,
    }
}

fn text_answer(test: &TextTest, value: &str) -> bool {
    match test {
        TextTest::Compare(comparison, other) => compares(*comparison, value.cmp(other.as_str())),
        TextTest::OneOf(others) => others.iter().any(|other| other == value),
        TextTest::Between(low, high) => low.as_str() <= value && value <= high.as_str(),
        TextTest::Like { pattern, escape } => {
            let characters: Vec<char> = value.chars().collect();
            is_like(&parsed(pattern, *escape), &characters)
        }
        TextTest::Contains(part) => value.contains(part.as_str()),
        TextTest::StartsWith(part) => value.starts_with(part.as_str()),
        TextTest::EndsWith(part) => value.ends_with(part.as_str()),
    }
}

enum Piece {
    AnyText,
    AnyCharacter,
    Character(char),
}

fn parsed(pattern: &str, escape: Option<char>) -> Vec<Piece> {
    let mut characters = pattern.chars();
    let mut pieces = Vec::new();
    while let Some(c) = characters.next() {
        pieces.push(match c {
            _ if Some(c) == escape => Piece::Character(characters.next().unwrap()),
            '%' => Piece::AnyText,
            '_' => Piece::AnyCharacter,
            _ => Piece::Character(c),
        });
    }
    pieces
}

fn is_like(pattern: &[Piece], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, _) => text.is_empty(),
        (Some((Piece::AnyText, rest)), _) => {
            (0..=text.len()).any(|skipped| is_like(rest, &text[skipped..]))
        }
        (Some(_), None) => false,
        (Some((Piece::AnyCharacter, rest)), Some((_, text))) => is_like(rest, text),
        (Some((Piece::Character(expected), rest)), Some((c, text))) => {
            c.eq_ignore_ascii_case(expected) && is_like(rest, text)
        }
    }
}
