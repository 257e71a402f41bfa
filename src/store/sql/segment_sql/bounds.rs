//! Tests of values as spans in their order: texts, numbers by a key, and stored days and times.

use super::spans::Span;
use crate::segment::{Comparison, Edge, NumberTest, TextTest, TimeSpan};
use crate::value::typed::ValueType;

/// The smallest and the greatest stored text of a day or time within a span.
pub(crate) fn time_bounds(span: TimeSpan, kind: ValueType) -> (String, String) {
    let low = match span.from {
        Edge::Beginning => String::new(),
        Edge::At(time) if kind == ValueType::Date => time.date().to_string(),
        Edge::At(time) => time.to_string(),
        Edge::End => AFTER_ALL.to_owned(),
    };
    // The day before, or a text after everything that begins with the second before.
    let high = match span.until {
        Edge::Beginning => Some(String::new()),
        Edge::At(time) if kind == ValueType::Date => {
            time.date().yesterday().ok().map(|day| day.to_string())
        }
        Edge::At(time) => {
            time.checked_sub(jiff::Span::new().seconds(1)).ok().map(|second| format!("{second}["))
        }
        Edge::End => Some(AFTER_ALL.to_owned()),
    };
    // A year before 0 begins with a minus, and is never stored.
    (low, high.filter(|high| !high.starts_with('-')).unwrap_or_default())
}

/// Sorts after all texts that begin with a digit.
const AFTER_ALL: &str = ":";

/// The smallest text greater than all that start with this one; `None` if there is none.
pub(crate) fn successor(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    while let Some(last) = text.pop() {
        // The next code point that is a character.
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            _ => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// An integer for each number, in the same order.
pub(crate) fn number_key(number: f64) -> i64 {
    // There are two zeros, and they are equal.
    let bits = if number == 0.0 { 0 } else { number.to_bits().cast_signed() };
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

/// The first text after this one.
pub(crate) fn next_text(text: &str) -> String {
    format!("{text}\0")
}

/// The spans of the keys of numbers for which a test is true.
pub(crate) fn number_spans(test: &NumberTest) -> Vec<Span<i64>> {
    let after = |high: f64| Some(number_key(high) + 1);
    match test {
        NumberTest::Compare(comparison, number) => vec![match comparison {
            Comparison::Equal => (number_key(*number), after(*number)),
            Comparison::Less => (i64::MIN, Some(number_key(*number))),
            Comparison::LessOrEqual => (i64::MIN, after(*number)),
            Comparison::Greater => (number_key(*number) + 1, None),
            Comparison::GreaterOrEqual => (number_key(*number), None),
        }],
        NumberTest::Between(low, high) => vec![(number_key(*low), after(*high))],
        NumberTest::OneOf(numbers) => numbers.iter().map(|n| (number_key(*n), after(*n))).collect(),
    }
}

/// The spans of the texts for which a test is true; `None` if the order of texts cannot answer it.
pub(crate) fn text_spans(test: &TextTest) -> Option<Vec<Span<String>>> {
    let just = |text: &String| (text.clone(), Some(next_text(text)));
    Some(match test {
        TextTest::Compare(comparison, value) => vec![match comparison {
            Comparison::Equal => just(value),
            Comparison::Less => (String::new(), Some(value.clone())),
            Comparison::LessOrEqual => (String::new(), Some(next_text(value))),
            Comparison::Greater => (next_text(value), None),
            Comparison::GreaterOrEqual => (value.clone(), None),
        }],
        TextTest::Between(low, high) => vec![(low.clone(), Some(next_text(high)))],
        TextTest::StartsWith(part) => vec![(part.clone(), successor(part))],
        TextTest::OneOf(texts) => texts.iter().map(just).collect(),
        TextTest::Like { .. } | TextTest::Contains(_) | TextTest::EndsWith(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_followed_by_the_next_that_does_not_start_with_it() {
        assert_eq!(successor("ab").as_deref(), Some("ac"));
        assert_eq!(successor("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(successor("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(successor("\u{10ffff}"), None);
    }

    #[test]
    fn keys_of_numbers_are_in_their_order() {
        let numbers = [f64::NEG_INFINITY, -1e300, -1.5, -1.0, -1e-300, 0.0, 1e-300, 1.0, 1e300];
        assert!(numbers.windows(2).all(|pair| number_key(pair[0]) < number_key(pair[1])));
        assert_eq!(number_key(-0.0), number_key(0.0));
        assert_eq!(number_key(1.0) + 1, number_key(1.0_f64.next_up()));
        assert_eq!(number_key(-1.0) + 1, number_key((-1.0_f64).next_up()));
    }
}
