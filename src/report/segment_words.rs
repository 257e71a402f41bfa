//! A segment in words.

use crate::segment::{
    Comparison, Condition, Edge, Field, NumberTest, Test, TextTest, TimeSpan, Tree,
};
use crate::text::{escaped, quoted};
use crate::value::Standard;
use crate::value::typed::ValueType;
use jiff::civil::Time;

/// The maximum width of a text of the expression.
const TEXT_WIDTH: usize = 40;
/// The maximum number of values of a list.
const SHOWN_VALUES: usize = 5;
/// The maximum number of parts of an `and` or `or`.
const SHOWN_PARTS: usize = 20;

/// A segment in words, with each outermost part on its own line.
pub(crate) fn segment_lines(tree: &Tree) -> String {
    let (parts, joint) = match tree {
        Tree::All(parts) => (parts.as_slice(), "and "),
        Tree::Any(parts) => (parts.as_slice(), "or "),
        Tree::Is(_) => (std::slice::from_ref(tree), ""),
    };
    let shown =
        parts.iter().take(SHOWN_PARTS).enumerate().map(|(index, part)| {
            format!("  {}{}", if index == 0 { "" } else { joint }, inner(part))
        });
    let mut lines: Vec<String> = shown.collect();
    lines.extend(left_out(parts.len(), SHOWN_PARTS).map(|rest| format!("  {joint}{rest}")));
    lines.join("\n")
}

fn left_out(count: usize, shown: usize) -> Option<String> {
    (count > shown).then(|| format!("… {} more", count - shown))
}

/// A segment in words, on one line.
pub(crate) fn segment_words(tree: &Tree) -> String {
    let (parts, joint) = match tree {
        Tree::All(parts) => (parts, " and "),
        Tree::Any(parts) => (parts, " or "),
        Tree::Is(condition) => return condition_words(condition),
    };
    let shown = parts.iter().take(SHOWN_PARTS).map(inner);
    let parts: Vec<String> = shown.chain(left_out(parts.len(), SHOWN_PARTS)).collect();
    parts.join(joint)
}

/// A part, in parentheses if it has several parts itself.
fn inner(tree: &Tree) -> String {
    match tree {
        Tree::Is(_) => segment_words(tree),
        _ => format!("({})", segment_words(tree)),
    }
}

/// Whether a condition other than `is null` is negated.
pub(crate) fn has_negation(tree: &Tree) -> bool {
    match tree {
        Tree::All(parts) | Tree::Any(parts) => parts.iter().any(has_negation),
        Tree::Is(condition) => condition.negated && condition.test != Test::Present,
    }
}

fn condition_words(condition: &Condition) -> String {
    let Condition { field, test, negated } = condition;
    let is = |affirmed: &str, denied: &str| (if *negated { denied } else { affirmed }).to_owned();
    let name = escaped(field.name());
    let is_device =
        matches!(field, Field::Standard(Standard::DeviceToken | Standard::DevicePlatform));
    match (field, test) {
        (_, Test::Present) if is_device => is("they have a device", "they have no device"),
        (_, Test::Text(test)) if is_device => {
            let asked = text_words(test, false);
            if *negated {
                format!("they have devices, and for none of them {name} {asked}")
            } else {
                format!("{name} of a device {asked}")
            }
        }
        (Field::Archived, Test::True) => is("they are archived", "they are not archived"),
        (Field::HasDevice, Test::True) => is("they have a device", "they have no device"),
        (_, Test::Present) => format!("{name} {}", is("has a value", "has no value")),
        (_, Test::True) => format!("{name} {}", is("is true", "is false")),
        (_, Test::Text(test)) => format!("{name} {}", text_words(test, *negated)),
        (_, Test::Number(test)) => format!("{name} {}", number_words(test, *negated)),
        (_, Test::Time(span)) => format!("{name} {}", time_words(*span, field.kind(), *negated)),
    }
}

/// The words for a comparison. If it is negated, they are those of the opposite: `is at most`, not
/// `is not more than`.
fn comparison_words(comparison: Comparison, negated: bool) -> &'static str {
    match (comparison, negated) {
        (Comparison::Equal, false) => "is",
        (Comparison::Equal, true) => "is not",
        (Comparison::Less, false) | (Comparison::GreaterOrEqual, true) => "is less than",
        (Comparison::LessOrEqual, false) | (Comparison::Greater, true) => "is at most",
        (Comparison::Greater, false) | (Comparison::LessOrEqual, true) => "is more than",
        (Comparison::GreaterOrEqual, false) | (Comparison::Less, true) => "is at least",
    }
}

fn text_words(test: &TextTest, negated: bool) -> String {
    let not = if negated { "not " } else { "" };
    let part = |verb: &str, verbs: &str, part: &str| match negated {
        true => format!("does not {verb} {}", quoted(part, TEXT_WIDTH)),
        false => format!("{verbs} {}", quoted(part, TEXT_WIDTH)),
    };
    match test {
        TextTest::Compare(comparison, other) => {
            format!("{} {}", comparison_words(*comparison, negated), quoted(other, TEXT_WIDTH))
        }
        TextTest::OneOf(texts) => one_of(texts, |text| quoted(text, TEXT_WIDTH), negated),
        TextTest::Between(low, high) => {
            let (low, high) = (quoted(low, TEXT_WIDTH), quoted(high, TEXT_WIDTH));
            format!("is {not}between {low} and {high}")
        }
        TextTest::Like { pattern, escape } => {
            let escape = escape.map_or(String::new(), |escape| {
                format!(" with the escape {}", quoted(&escape.to_string(), TEXT_WIDTH))
            });
            format!("is {not}like {}{escape}", quoted(pattern, TEXT_WIDTH))
        }
        TextTest::Contains(other) => part("contain", "contains", other),
        TextTest::StartsWith(other) => part("start with", "starts with", other),
        TextTest::EndsWith(other) => part("end with", "ends with", other),
    }
}

fn number_words(test: &NumberTest, negated: bool) -> String {
    let not = if negated { "not " } else { "" };
    match test {
        NumberTest::Compare(comparison, number) => {
            format!("{} {number}", comparison_words(*comparison, negated))
        }
        NumberTest::OneOf(numbers) => one_of(numbers, f64::to_string, negated),
        NumberTest::Between(low, high) => format!("is {not}between {low} and {high}"),
    }
}

fn one_of<T>(values: &[T], shown: impl Fn(&T) -> String, negated: bool) -> String {
    let listed = values.iter().take(SHOWN_VALUES).map(shown);
    let listed: Vec<String> = listed.chain(left_out(values.len(), SHOWN_VALUES)).collect();
    format!("is {} of {}", if negated { "none" } else { "one" }, listed.join(", "))
}

fn time_words(span: TimeSpan, kind: ValueType, negated: bool) -> String {
    let not = if negated { "not " } else { "" };
    match (span.from, span.until) {
        (Edge::Beginning, Edge::End) => format!("is {not}any day"),
        (Edge::End, _) | (_, Edge::Beginning) => {
            format!("is {not}outside the years 0 to 9999")
        }
        (Edge::Beginning, Edge::At(until)) if negated => {
            format!("is {} or later", edge(until, kind))
        }
        (Edge::Beginning, Edge::At(until)) => format!("is before {}", edge(until, kind)),
        (Edge::At(from), Edge::End) if negated => format!("is before {}", edge(from, kind)),
        (Edge::At(from), Edge::End) => format!("is {} or later", edge(from, kind)),
        (Edge::At(from), Edge::At(until)) => {
            let is_day = from.time() == Time::midnight()
                && from
                    .date()
                    .tomorrow()
                    .is_ok_and(|day| until == day.to_datetime(Time::midnight()));
            match is_day {
                true if kind == ValueType::Date => format!("is {not}{}", from.date()),
                true => format!("is {not}on {} (UTC)", from.date()),
                false => {
                    format!("is {not}from {} until before {}", edge(from, kind), edge(until, kind))
                }
            }
        }
    }
}

fn edge(time: jiff::civil::DateTime, kind: ValueType) -> String {
    match kind {
        ValueType::Date => time.date().to_string(),
        _ => format!("{} {} UTC", time.date(), time.time()),
    }
}
