//! The typed syntax tree of a segment's expression.

use crate::value::typed::{TypeSpec, ValueType};
use crate::value::{Standard, composed};
use jiff::civil::DateTime;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

/// A parsed expression: which customers to select.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    pub(super) tree: Tree,
    pub(super) names_archived: bool,
}

impl Segment {
    /// The conditions. They do not exclude archived customers; [`Segment::names_archived`] says
    /// whether to exclude those.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Whether the expression mentions `archived`. If not, archived customers are left out.
    pub fn names_archived(&self) -> bool {
        self.names_archived
    }
}

/// Conditions combined with `and` and `or`. There is no `not`: the parser pushes it down into the
/// conditions.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// `and`: all of the parts hold.
    All(Vec<Tree>),
    /// `or`: at least one of the parts holds.
    Any(Vec<Tree>),
    /// A single condition holds.
    Is(Condition),
}

impl Tree {
    /// The number of conditions.
    pub fn count(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().map(Self::count).sum(),
            Self::Is(_) => 1,
        }
    }

    /// The texts after `=` or `in`, each with the field that is compared, in order.
    pub fn equal_texts(&self) -> Vec<(Field, String)> {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().flat_map(Self::equal_texts).collect()
            }
            Self::Is(Condition { field, test: Test::Text(test), .. }) => {
                let texts = match test {
                    TextTest::Compare(Comparison::Equal, only) => std::slice::from_ref(only),
                    TextTest::OneOf(several) => several,
                    _ => &[],
                };
                texts.iter().map(|text| (field.clone(), text.clone())).collect()
            }
            Self::Is(_) => Vec::new(),
        }
    }

    /// The text attributes that are compared with a number or date in quotes by anything but `=`,
    /// with the type of that value: `usage > '100'`. They are compared character by character.
    pub fn texts_compared_by_characters(&self) -> Vec<(Field, ValueType)> {
        let type_of = |text: &String| {
            if text.parse::<f64>().is_ok() {
                return Some(ValueType::Number);
            }
            TypeSpec::from(ValueType::Date).value(text).map(|_| ValueType::Date)
        };
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().flat_map(Self::texts_compared_by_characters).collect()
            }
            Self::Is(Condition {
                field: field @ Field::Custom(..),
                test: Test::Text(test),
                ..
            }) => {
                let compared = match test {
                    TextTest::Compare(Comparison::Equal, _) => None,
                    TextTest::Compare(_, value) | TextTest::Between(value, _) => type_of(value),
                    _ => None,
                };
                compared.map(|kind| (field.clone(), kind)).into_iter().collect()
            }
            Self::Is(_) => Vec::new(),
        }
    }

    /// The fields in this tree whose values are compared, each once: all but those that are only
    /// tested for a value.
    pub fn compared_fields(&self) -> Vec<Field> {
        let mut compared = Vec::new();
        let mut waiting = vec![self];
        while let Some(tree) = waiting.pop() {
            match tree {
                Self::All(parts) | Self::Any(parts) => waiting.extend(parts.iter().rev()),
                Self::Is(Condition { field, test, .. })
                    if *test != Test::Present && !compared.contains(field) =>
                {
                    compared.push(field.clone());
                }
                Self::Is(_) => {}
            }
        }
        compared
    }

    /// Adds the fields in this tree to `fields`, each once.
    pub fn fields(&self, fields: &mut Vec<Field>) {
        let mut known: HashSet<Field> = fields.iter().cloned().collect();
        self.new_fields(&mut known, fields);
    }

    fn new_fields(&self, known: &mut HashSet<Field>, fields: &mut Vec<Field>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.new_fields(known, fields);
                }
            }
            Self::Is(condition) if known.contains(&condition.field) => {}
            Self::Is(condition) => {
                known.insert(condition.field.clone());
                fields.push(condition.field.clone());
            }
        }
    }
}

/// A condition: a test of one field.
///
/// It holds if the customer has a value of the field's type and the test is true for this value (or
/// false, with `negated`). For a customer without a value, or with a value of another type, neither
/// the condition nor its negation holds. A test of devices is true if it is true for any device.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The field that is tested.
    pub field: Field,
    /// The test.
    pub test: Test,
    /// Whether the test must be false.
    pub negated: bool,
}

/// A field of a customer that expressions can test.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    /// A standard attribute. `device_token` and `device_platform` match any device; `email` is
    /// compared in lower case.
    Standard(Standard),
    /// A custom attribute, and its type in the catalogue.
    Custom(String, ValueType),
    /// Whether the customer is archived. Never absent.
    Archived,
    /// Whether the customer has a device. Never absent.
    HasDevice,
    /// When the customer was first imported. Never absent.
    FirstImportedAt,
    /// When the customer last changed. Never absent.
    LastChangedAt,
}

impl Field {
    /// The type of its values.
    pub fn kind(&self) -> ValueType {
        match self {
            Self::Standard(_) => ValueType::String,
            Self::Custom(_, kind) => *kind,
            Self::Archived | Self::HasDevice => ValueType::Boolean,
            Self::FirstImportedAt | Self::LastChangedAt => ValueType::Datetime,
        }
    }

    /// Its name in expressions.
    pub fn name(&self) -> &str {
        match self {
            Self::Standard(standard) => standard.as_str(),
            Self::Custom(name, _) => name,
            Self::Archived => "archived",
            Self::HasDevice => "has_device",
            Self::FirstImportedAt => "first_imported_at",
            Self::LastChangedAt => "last_changed_at",
        }
    }

    /// Its name in an option of a command: a custom attribute with the name of another field is in
    /// double quotes.
    pub fn option_name(&self) -> Cow<'_, str> {
        match self {
            Self::Custom(name, _) if Self::named(name, &BTreeMap::new()).is_some() => {
                Cow::Owned(format!("\"{name}\""))
            }
            field => Cow::Borrowed(field.name()),
        }
    }

    /// The field with this name: a field of the store, a standard attribute, or a custom attribute.
    pub fn named(name: &str, attributes: &BTreeMap<String, ValueType>) -> Option<Self> {
        let own = OWN.into_iter().find(|field| field.name() == name);
        own.or_else(|| Standard::from_name(name).map(Self::Standard))
            .or_else(|| Self::custom(name, attributes))
    }

    /// The custom attribute with exactly this name, or else with the NFC form of it.
    pub fn custom(name: &str, attributes: &BTreeMap<String, ValueType>) -> Option<Self> {
        let (name, kind) = attributes
            .get_key_value(name)
            .or_else(|| attributes.get_key_value(&*composed(name)))?;
        Some(Self::Custom(name.clone(), *kind))
    }

    /// The names of all fields, custom attributes first.
    pub fn names(attributes: &BTreeMap<String, ValueType>) -> Vec<String> {
        let standard = Standard::ALL.into_iter().map(Standard::as_str);
        let own = OWN.iter().map(Self::name);
        let own = standard.chain(own).map(str::to_owned);
        attributes.keys().cloned().chain(own).collect()
    }
}

/// The fields that the store itself has for every customer.
const OWN: [Field; 4] =
    [Field::Archived, Field::HasDevice, Field::FirstImportedAt, Field::LastChangedAt];

/// A test of a field's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `is not null`: the customer has a value of any type.
    Present,
    /// The boolean is true.
    True,
    /// A test of a text.
    Text(TextTest),
    /// A test of a number.
    Number(NumberTest),
    /// The date or time is in this span.
    Time(TimeSpan),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The same comparison with its sides swapped.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

/// A test of a text. Texts are ordered by code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// The text compares with this one as the operator says.
    Compare(Comparison, String),
    /// The text is one of these.
    OneOf(Vec<String>),
    /// The text is between these two, both included.
    Between(String, String),
    /// SQL's `LIKE`: `%` is any text, `_` is any character, and the case of ASCII letters is
    /// ignored.
    Like {
        /// The pattern.
        pattern: String,
        /// The escape character: a `%`, `_` or escape character after it is literal.
        escape: Option<char>,
    },
    /// The text contains this one.
    Contains(String),
    /// The text starts with this one.
    StartsWith(String),
    /// The text ends with this one.
    EndsWith(String),
}

/// A test of a number. All numbers are finite.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberTest {
    /// The number compares with this one as the operator says.
    Compare(Comparison, f64),
    /// The number is one of these.
    OneOf(Vec<f64>),
    /// The number is between these two, both included.
    Between(f64, f64),
}

/// A half-open span of time: it includes `from`, but not `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSpan {
    /// The first moment in the span.
    pub from: Edge,
    /// The first moment after the span.
    pub until: Edge,
}

/// The start or end of a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edge {
    /// Before all times: the span has no start.
    Beginning,
    /// A time in UTC, to the second; for a date field, midnight.
    At(DateTime),
    /// After all times: the span has no end.
    End,
}
