//! A condition as SQL.
//!
//! A custom attribute is read by `json_extract`, which returns numbers, texts and, for booleans, 1
//! and 0. SQLite compares values of any types with each other, and every number is less than every
//! text, so each test is limited to values of the attribute's own type: a number lies between two
//! numbers, a text is not less than the empty text, and a day or time is in the stored form.

use super::bounds::{successor, time_bounds};
use super::compiler::{Compiler, json};
use super::functions::is_stored_as;
use super::matching::{MATCHES_NUMBER, MATCHES_TEXT};
use super::merge::{Group, Matcher};
use crate::segment::{Comparison, Condition, Field, NumberTest, Test, TextTest, TimeSpan};
use crate::value::Standard;
use crate::value::typed::ValueType;

const DEVICES: &str = "SELECT 1 FROM devices WHERE customer_id = customers.id";

impl Compiler<'_> {
    pub(crate) fn condition(&mut self, condition: &Condition) -> String {
        let Condition { field, test, negated } = condition;
        match field {
            Field::Standard(standard @ (Standard::DeviceToken | Standard::DevicePlatform)) => {
                self.device(*standard, test, *negated)
            }
            Field::Standard(standard) => self.plain(compared_column(*standard), test, *negated),
            Field::Custom(name, kind) => self.custom(name, *kind, test, *negated),
            Field::FirstImportedAt | Field::LastChangedAt => {
                self.plain(field.name(), test, *negated)
            }
            // These are never absent.
            Field::Archived | Field::HasDevice if *test == Test::Present => {
                u8::from(!negated).to_string()
            }
            Field::Archived if *negated => "archived_at IS NULL".to_owned(),
            Field::Archived => "archived_at IS NOT NULL".to_owned(),
            Field::HasDevice if *negated => format!("NOT EXISTS ({DEVICES})"),
            Field::HasDevice => format!("EXISTS ({DEVICES})"),
        }
    }

    /// A test that any device may pass.
    fn device(&mut self, standard: Standard, test: &Test, negated: bool) -> String {
        let column = device_column(standard);
        let Test::Text(test) = test else {
            let not = if negated { "NOT " } else { "" };
            return format!("{not}EXISTS ({DEVICES})");
        };
        let any = format!("EXISTS ({DEVICES} AND {})", self.text(column, test));
        if negated { format!("(EXISTS ({DEVICES}) AND NOT {any})") } else { any }
    }

    /// A test of a column, whose values are all of its type.
    fn plain(&mut self, column: &str, test: &Test, negated: bool) -> String {
        let holds = match test {
            Test::Text(test) => self.text(column, test),
            Test::Time(span) => self.within(column, *span, ValueType::Datetime),
            Test::Present | Test::True | Test::Number(_) => format!("{column} IS NOT NULL"),
        };
        if negated { format!("NOT ({holds})") } else { holds }
    }

    /// A test of a custom attribute, whose values may be of any type.
    fn custom(&mut self, name: &str, kind: ValueType, test: &Test, negated: bool) -> String {
        let value = self.value(name);
        match test {
            Test::Present => format!("{value} IS {}NULL", if negated { "" } else { "NOT " }),
            Test::True => {
                let (number, boolean) = if negated { (0, "false") } else { (1, "true") };
                // The number would be enough, except for values of other types.
                format!("({value} = {number} AND {} = '{boolean}')", self.json_type(name))
            }
            Test::Text(test) if negated => {
                format!("({value} >= '' AND NOT {})", self.text(&value, test))
            }
            Test::Text(test) => {
                let holds = self.text(&value, test);
                if excludes_numbers(test) { holds } else { format!("({holds} AND {value} >= '')") }
            }
            Test::Number(test) => self.number(&value, name, test, negated),
            Test::Time(span) => {
                let within = self.within(&value, *span, kind);
                let not = if negated { "NOT " } else { "" };
                format!("({not}{within} AND {}({value}))", is_stored_as(kind))
            }
        }
    }

    /// A test of a text.
    fn text(&mut self, value: &str, test: &TextTest) -> String {
        match test {
            TextTest::Compare(comparison, other) => {
                let operator = match comparison {
                    Comparison::Equal => "=",
                    Comparison::Less => "<",
                    Comparison::LessOrEqual => "<=",
                    Comparison::Greater => ">",
                    Comparison::GreaterOrEqual => ">=",
                };
                format!("({value} {operator} {})", self.bind(other.clone()))
            }
            TextTest::OneOf(texts) => {
                let list = serde_json::Value::from(texts.as_slice()).to_string();
                format!("({value} IN (SELECT value FROM json_each({})))", self.bind(list))
            }
            TextTest::Between(low, high) => {
                let (low, high) = (self.bind(low.clone()), self.bind(high.clone()));
                format!("({value} BETWEEN {low} AND {high})")
            }
            TextTest::Like { pattern, escape } => {
                let pattern = self.bind(pattern.clone());
                let escape = escape.map(|c| format!(" ESCAPE {}", self.bind(c.to_string())));
                format!("({value} LIKE {pattern}{})", escape.unwrap_or_default())
            }
            TextTest::Contains(part) => {
                format!("(instr({value}, {}) > 0)", self.bind(part.clone()))
            }
            TextTest::StartsWith(part) => {
                let low = self.bind(part.clone());
                match successor(part) {
                    Some(high) => {
                        format!("({value} >= {low} AND {value} < {})", self.bind(high))
                    }
                    None => format!("({value} >= {low})"),
                }
            }
            TextTest::EndsWith(part) => {
                // Compared as bytes, because a NUL would end a text. The length is tested too,
                // because a part of an empty blob is NULL.
                let length = part.len();
                let part = self.bind(part.as_bytes().to_vec());
                let bytes = format!("CAST({value} AS BLOB)");
                format!("(length({bytes}) >= {length} AND substr({bytes}, -{length}) = {part})")
            }
        }
    }

    fn number(&mut self, value: &str, name: &str, test: &NumberTest, negated: bool) -> String {
        let (low, high) = match test {
            NumberTest::Compare(Comparison::Equal, number) => (*number, *number),
            NumberTest::Compare(Comparison::Less, number) => {
                (f64::NEG_INFINITY, number.next_down())
            }
            NumberTest::Compare(Comparison::LessOrEqual, number) => (f64::NEG_INFINITY, *number),
            NumberTest::Compare(Comparison::Greater, number) => (number.next_up(), f64::INFINITY),
            NumberTest::Compare(Comparison::GreaterOrEqual, number) => (*number, f64::INFINITY),
            NumberTest::Between(low, high) => (*low, *high),
            NumberTest::OneOf(numbers) => {
                let list = serde_json::Value::from(numbers.as_slice()).to_string();
                let list = format!("(SELECT value FROM json_each({}))", self.bind(list));
                let holds = if negated {
                    let all = self.between(value, f64::NEG_INFINITY, f64::INFINITY);
                    format!("{all} AND {value} NOT IN {list}")
                } else {
                    format!("{value} IN {list}")
                };
                return format!("({holds} AND {})", self.no_boolean(name));
            }
        };
        let spans: &[(f64, f64)] = if negated {
            &[(f64::NEG_INFINITY, low.next_down()), (high.next_up(), f64::INFINITY)]
        } else {
            &[(low, high)]
        };
        let spans: Vec<(f64, f64)> = spans.iter().copied().filter(|span| is_span(*span)).collect();
        let holds: Vec<String> =
            spans.iter().map(|(low, high)| self.between(value, *low, *high)).collect();
        let holds = match holds.len() {
            0 => "0".to_owned(),
            _ => format!("({})", holds.join(" OR ")),
        };
        // A boolean is extracted as 1 or 0.
        if spans.iter().any(|(low, high)| [0.0, 1.0].iter().any(|n| low <= n && n <= high)) {
            format!("({holds} AND {})", self.no_boolean(name))
        } else {
            holds
        }
    }

    /// Every text is greater than every number, so the upper bound excludes texts.
    fn between(&mut self, value: &str, low: f64, high: f64) -> String {
        format!("{value} BETWEEN {} AND {}", self.bind(low), self.bind(high))
    }

    /// Whether a stored day or time lies within a span.
    fn within(&mut self, value: &str, span: TimeSpan, kind: ValueType) -> String {
        let (low, high) = time_bounds(span, kind);
        format!("({value} BETWEEN {} AND {})", self.bind(low), self.bind(high))
    }

    /// Many tests of one field in one call of a function, which returns NULL for values of other
    /// types.
    pub(crate) fn group(&mut self, group: &Group<'_>) -> String {
        let Group { field, negated, matcher } = group;
        let (function, spec) = match matcher {
            Matcher::Text(matcher) => (MATCHES_TEXT, json(matcher)),
            Matcher::Number(matcher) => (MATCHES_NUMBER, json(matcher)),
        };
        let spec = self.bind(spec);
        let not = if *negated { "NOT " } else { "" };
        match field {
            Field::Standard(standard @ (Standard::DeviceToken | Standard::DevicePlatform)) => {
                let column = device_column(*standard);
                let any = format!("EXISTS ({DEVICES} AND {function}({column}, {spec}))");
                if *negated { format!("(EXISTS ({DEVICES}) AND NOT {any})") } else { any }
            }
            Field::Custom(name, kind) => {
                let value = self.value(name);
                let holds = format!("{not}{function}({value}, {spec})");
                match kind {
                    ValueType::Number => format!("({holds} AND {})", self.no_boolean(name)),
                    ValueType::Date | ValueType::Datetime => {
                        format!("({holds} AND {}({value}))", is_stored_as(*kind))
                    }
                    ValueType::String | ValueType::Boolean => format!("({holds})"),
                }
            }
            Field::Standard(standard) => {
                format!("({not}{function}({}, {spec}))", compared_column(*standard))
            }
            _ => format!("({not}{function}({}, {spec}))", field.name()),
        }
    }

    fn no_boolean(&mut self, name: &str) -> String {
        format!("{} NOT IN ('true', 'false')", self.json_type(name))
    }
}

fn device_column(standard: Standard) -> &'static str {
    match standard {
        Standard::DeviceToken => "token",
        _ => "platform",
    }
}

/// The SQL to compare a column of `customers`: an email is compared in lower case. The index on it
/// has the same expression.
pub(crate) fn compared_column(standard: Standard) -> &'static str {
    match standard {
        Standard::Email => "lower(email)",
        _ => standard.as_str(),
    }
}

fn is_span((low, high): (f64, f64)) -> bool {
    low <= high
}

/// Whether a test of a text is false for every number.
fn excludes_numbers(test: &TextTest) -> bool {
    match test {
        TextTest::Compare(comparison, _) => {
            !matches!(comparison, Comparison::Less | Comparison::LessOrEqual)
        }
        TextTest::OneOf(_) | TextTest::Between(..) | TextTest::StartsWith(_) => true,
        TextTest::Like { .. } | TextTest::Contains(_) | TextTest::EndsWith(_) => false,
    }
}
