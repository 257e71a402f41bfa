//! A segment of many conditions as a program for one SQL function, which runs once for each
//! customer.

use super::bounds::number_key;
use super::matching::{NumberMatcher, TextMatcher};
use super::merge::{Group, Matcher, Part, matcher};
use crate::segment::{Comparison, Condition, Field, NumberTest, Test, TextTest};
use crate::value::Standard;
use crate::value::typed::ValueType;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::slice;

/// If at least this many alternatives ask for a value of the same field, they are found by that
/// value.
const LEAST_CASES: usize = 16;

/// The nodes refer to each other by index, so that any depth is possible; the last is the root.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Program {
    pub(crate) sources: Vec<Source>,
    pub(crate) nodes: Vec<Node>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Source {
    /// A custom attribute, and the type that its values must have.
    Attribute(String, Kind),
    /// A column of the customers.
    Column(Column),
    Archived,
    HasDevice,
    Tokens,
    Platforms,
}

/// The type of a custom attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Kind {
    String,
    Number,
    Boolean,
    Date,
    Datetime,
}

/// A column whose values are texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Column {
    Uid,
    FirstName,
    LastName,
    Number,
    Email,
    FirstImportedAt,
    LastChangedAt,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Node {
    All(Vec<usize>),
    Any(Vec<usize>),
    /// One of the nodes for the text of a source must be true.
    TextCases(usize, BTreeMap<String, Vec<usize>>),
    /// The same for the key of its number.
    NumberCases(usize, BTreeMap<i64, Vec<usize>>),
    Test {
        source: usize,
        negated: bool,
        question: Question,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Question {
    Present,
    True,
    Text(TextMatcher),
    Number(NumberMatcher),
}

impl From<ValueType> for Kind {
    fn from(kind: ValueType) -> Self {
        match kind {
            ValueType::String => Self::String,
            ValueType::Number => Self::Number,
            ValueType::Boolean => Self::Boolean,
            ValueType::Date => Self::Date,
            ValueType::Datetime => Self::Datetime,
        }
    }
}

impl From<&Field> for Source {
    fn from(field: &Field) -> Self {
        match field {
            Field::Custom(name, kind) => Self::Attribute(name.clone(), (*kind).into()),
            Field::Archived => Self::Archived,
            Field::HasDevice => Self::HasDevice,
            Field::FirstImportedAt => Self::Column(Column::FirstImportedAt),
            Field::LastChangedAt => Self::Column(Column::LastChangedAt),
            Field::Standard(standard) => match standard {
                Standard::Uid => Self::Column(Column::Uid),
                Standard::FirstName => Self::Column(Column::FirstName),
                Standard::LastName => Self::Column(Column::LastName),
                Standard::Number => Self::Column(Column::Number),
                Standard::Email => Self::Column(Column::Email),
                Standard::DeviceToken => Self::Tokens,
                Standard::DevicePlatform => Self::Platforms,
            },
        }
    }
}

impl Program {
    /// The program of parts that must all be true.
    pub(crate) fn new(parts: Vec<&Part<'_>>) -> Self {
        let mut builder = Builder::default();
        let nodes = parts.into_iter().map(|part| builder.part(part)).collect();
        builder.add(Node::All(nodes));
        builder.program
    }

    /// Whether it needs the devices.
    pub(crate) fn has_devices(&self) -> bool {
        let is_of_devices = |source: &Source| {
            matches!(source, Source::HasDevice | Source::Tokens | Source::Platforms)
        };
        self.sources.iter().any(is_of_devices)
    }
}

#[derive(Default)]
struct Builder {
    program: Program,
    places: HashMap<Source, usize>,
}

impl Builder {
    fn add(&mut self, node: Node) -> usize {
        self.program.nodes.push(node);
        self.program.nodes.len() - 1
    }

    fn source(&mut self, field: &Field) -> usize {
        let source = Source::from(field);
        let next = self.program.sources.len();
        let place = *self.places.entry(source.clone()).or_insert(next);
        if place == next {
            self.program.sources.push(source);
        }
        place
    }

    fn part(&mut self, part: &Part<'_>) -> usize {
        match part {
            Part::All(parts) => {
                let nodes = parts.iter().map(|part| self.part(part)).collect();
                self.add(Node::All(nodes))
            }
            Part::Any(parts) => self.any(parts),
            Part::Is(condition) => {
                let Condition { field, test, negated } = &**condition;
                let question = match test {
                    Test::Present => Question::Present,
                    Test::True => Question::True,
                    test => matcher(field, test).into(),
                };
                self.test(field, *negated, question)
            }
            Part::Group(Group { field, negated, matcher }) => {
                self.test(field, *negated, matcher.clone().into())
            }
        }
    }

    fn test(&mut self, field: &Field, negated: bool, question: Question) -> usize {
        let source = self.source(field);
        self.add(Node::Test { source, negated, question })
    }

    /// Alternatives. If many of them ask for a value of one field, that value leads to the few that
    /// a customer may satisfy.
    fn any(&mut self, parts: &[Part<'_>]) -> usize {
        let field = Self::common_field(parts);
        let mut texts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut numbers: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        let mut others = Vec::new();
        for part in parts {
            let node = self.part(part);
            match field.as_ref().and_then(|field| asked(part).find(|(f, _)| *f == field)) {
                Some((_, Values::Texts(values))) => {
                    for value in values {
                        texts.entry(value.clone()).or_default().push(node);
                    }
                }
                Some((_, Values::Numbers(values))) => {
                    for value in values {
                        numbers.entry(number_key(*value)).or_default().push(node);
                    }
                }
                None => others.push(node),
            }
        }
        if let Some(field) = field {
            let source = self.source(&field);
            if !texts.is_empty() {
                others.push(self.add(Node::TextCases(source, texts)));
            }
            if !numbers.is_empty() {
                others.push(self.add(Node::NumberCases(source, numbers)));
            }
        }
        self.add(Node::Any(others))
    }

    /// The field that most alternatives ask for a value of, if there are at least [`LEAST_CASES`]
    /// of them.
    fn common_field(parts: &[Part<'_>]) -> Option<Field> {
        let mut asking: HashMap<&Field, usize> = HashMap::new();
        for (field, _) in parts.iter().flat_map(asked) {
            *asking.entry(field).or_default() += 1;
        }
        let most = asking.into_iter().max_by_key(|(field, count)| (*count, field.name()))?;
        (most.1 >= LEAST_CASES).then(|| most.0.clone())
    }
}

enum Values<'p> {
    Texts(&'p [String]),
    Numbers(&'p [f64]),
}

/// The fields for which a part requires one of some values, each with these values.
fn asked<'p>(part: &'p Part<'_>) -> impl Iterator<Item = (&'p Field, Values<'p>)> {
    let parts = match part {
        Part::All(parts) => parts.as_slice(),
        _ => &[],
    };
    parts.iter().filter_map(|part| {
        let Part::Is(condition) = part else { return None };
        let Condition { field, test, negated: false } = &**condition else { return None };
        let is_of_device =
            matches!(field, Field::Standard(Standard::DeviceToken | Standard::DevicePlatform));
        match test {
            _ if is_of_device => None,
            Test::Text(TextTest::Compare(Comparison::Equal, text)) => {
                Some((field, Values::Texts(slice::from_ref(text))))
            }
            Test::Text(TextTest::OneOf(texts)) => Some((field, Values::Texts(texts))),
            Test::Number(NumberTest::Compare(Comparison::Equal, number)) => {
                Some((field, Values::Numbers(slice::from_ref(number))))
            }
            Test::Number(NumberTest::OneOf(numbers)) => Some((field, Values::Numbers(numbers))),
            _ => None,
        }
    })
}

impl From<Matcher> for Question {
    fn from(matcher: Matcher) -> Self {
        match matcher {
            Matcher::Text(matcher) => Self::Text(matcher),
            Matcher::Number(matcher) => Self::Number(matcher),
        }
    }
}
