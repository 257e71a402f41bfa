//! An SQL function that runs a segment's program for a customer. It reads the program once for each
//! statement, and each attribute once for each customer.

use super::bounds::number_key;
use super::matching::{CompiledText, broken, read};
use super::program::{Column, Kind, Node, Program, Question, Source};
use super::spans::Spans;
use crate::customer::each_attribute;
use crate::value::typed::ValueType;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error};
use std::borrow::Cow;
use std::collections::HashMap;

/// The name of the SQL function.
pub(crate) const IS_MEMBER: &str = "is_member";

/// The arguments after the program.
pub(crate) const ARGUMENTS: &str = "attributes, uid, first_name, last_name, number, lower(email), \
                                    first_imported_at, last_changed_at, archived_at";

/// The last argument: the devices.
pub(crate) const DEVICES: &str = "(SELECT json_group_array(json_array(token, platform)) \
                                  FROM devices WHERE customer_id = customers.id)";

const ATTRIBUTES: usize = 1;
const ARCHIVED: usize = 9;
const DEVICE_LIST: usize = 10;

impl Column {
    /// The index of its argument.
    fn argument(self) -> usize {
        match self {
            Self::Uid => 2,
            Self::FirstName => 3,
            Self::LastName => 4,
            Self::Number => 5,
            Self::Email => 6,
            Self::FirstImportedAt => 7,
            Self::LastChangedAt => 8,
        }
    }
}

/// Registers the function on a connection.
pub(crate) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(IS_MEMBER, 11, flags, |context| {
        let program = context.get_or_create_aux(0, |json| CompiledProgram::new(read(json)?))?;
        program.is_member(context)
    })
}

/// A customer's value of the type that the segment asks for.
enum Value<'c> {
    Missing,
    Text(Cow<'c, str>),
    /// The key of a number.
    Number(i64),
    Boolean(bool),
    /// The values of the devices.
    Texts(Vec<String>),
    /// A value of another type.
    Other,
}

struct CompiledProgram {
    sources: Vec<Source>,
    /// The indexes of the custom attributes among the sources. Each name may occur only once.
    attributes: HashMap<String, usize>,
    nodes: Vec<CompiledNode>,
}

enum CompiledNode {
    All(Vec<usize>),
    Any(Vec<usize>),
    TextCases(usize, HashMap<String, Vec<usize>>),
    NumberCases(usize, HashMap<i64, Vec<usize>>),
    Test { source: usize, negated: bool, question: CompiledQuestion },
}

enum CompiledQuestion {
    Present,
    True,
    Text(CompiledText),
    Number(Spans<i64>),
}

impl CompiledProgram {
    fn new(Program { sources, nodes }: Program) -> Result<Self, Error> {
        let attributes = sources.iter().enumerate().filter_map(|(place, source)| match source {
            Source::Attribute(name, _) => Some((name.clone(), place)),
            _ => None,
        });
        let attributes = attributes.collect();
        let nodes = nodes.into_iter().map(compiled).collect::<Result<_, Error>>()?;
        Ok(Self { sources, attributes, nodes })
    }

    fn is_member(&self, context: &Context<'_>) -> Result<bool, Error> {
        let customer = self.customer(context)?;
        Ok(self.nodes.len().checked_sub(1).is_some_and(|root| self.holds(root, &customer)))
    }

    fn customer<'c>(&self, context: &'c Context<'_>) -> Result<Vec<Value<'c>>, Error> {
        let mut devices: Vec<(String, String)> = Vec::new();
        if context.get_raw(DEVICE_LIST) != ValueRef::Null {
            devices = read(context.get_raw(DEVICE_LIST))?;
        }
        let mut values = Vec::with_capacity(self.sources.len());
        for source in &self.sources {
            values.push(match source {
                Source::Attribute(..) => Value::Missing,
                Source::Column(column) => match context.get_raw(column.argument()) {
                    ValueRef::Null => Value::Missing,
                    value => Value::Text(value.as_str()?.into()),
                },
                Source::Archived => Value::Boolean(context.get_raw(ARCHIVED) != ValueRef::Null),
                Source::HasDevice => Value::Boolean(!devices.is_empty()),
                Source::Tokens => {
                    Value::Texts(devices.iter().map(|(token, _)| token.clone()).collect())
                }
                Source::Platforms => {
                    Value::Texts(devices.iter().map(|(_, platform)| platform.clone()).collect())
                }
            });
        }
        if !self.attributes.is_empty() {
            let attributes = context.get_raw(ATTRIBUTES).as_str()?;
            self.read_attributes(attributes, &mut values).map_err(broken)?;
        }
        Ok(values)
    }

    fn read_attributes(&self, json: &str, values: &mut [Value<'_>]) -> serde_json::Result<()> {
        each_attribute(json, |name, value| {
            let Some(place) = self.attributes.get(name) else { return Ok(()) };
            if let (Source::Attribute(_, kind), Value::Missing) =
                (&self.sources[*place], &values[*place])
            {
                values[*place] = typed(value, *kind)?;
            }
            Ok(())
        })
    }

    fn holds(&self, node: usize, customer: &[Value<'_>]) -> bool {
        let hold = |node: &usize| self.holds(*node, customer);
        match &self.nodes[node] {
            CompiledNode::All(nodes) => nodes.iter().all(hold),
            CompiledNode::Any(nodes) => nodes.iter().any(hold),
            CompiledNode::TextCases(source, cases) => match &customer[*source] {
                Value::Text(text) => cases.get(&**text).is_some_and(|nodes| nodes.iter().any(hold)),
                _ => false,
            },
            CompiledNode::NumberCases(source, cases) => match &customer[*source] {
                Value::Number(number) => {
                    cases.get(number).is_some_and(|nodes| nodes.iter().any(hold))
                }
                _ => false,
            },
            CompiledNode::Test { source, negated, question } => {
                answer(question, &customer[*source], *negated)
            }
        }
    }
}

fn compiled(node: Node) -> Result<CompiledNode, Error> {
    Ok(match node {
        Node::All(nodes) => CompiledNode::All(nodes),
        Node::Any(nodes) => CompiledNode::Any(nodes),
        Node::TextCases(source, cases) => {
            CompiledNode::TextCases(source, cases.into_iter().collect())
        }
        Node::NumberCases(source, cases) => {
            CompiledNode::NumberCases(source, cases.into_iter().collect())
        }
        Node::Test { source, negated, question } => {
            let question = match question {
                Question::Present => CompiledQuestion::Present,
                Question::True => CompiledQuestion::True,
                Question::Text(matcher) => CompiledQuestion::Text(CompiledText::new(matcher)?),
                Question::Number(matcher) => CompiledQuestion::Number(matcher.0),
            };
            CompiledNode::Test { source, negated, question }
        }
    })
}

/// Whether a test is true, or with `negated` false, for a value of the right type.
fn answer(question: &CompiledQuestion, value: &Value<'_>, negated: bool) -> bool {
    match (question, value) {
        (CompiledQuestion::Present, Value::Missing) => negated,
        (CompiledQuestion::Present, Value::Texts(texts)) => texts.is_empty() == negated,
        (CompiledQuestion::Present, _) => !negated,
        (CompiledQuestion::True, Value::Boolean(boolean)) => *boolean != negated,
        (CompiledQuestion::Text(matcher), Value::Text(text)) => matcher.matches(text) != negated,
        (CompiledQuestion::Text(matcher), Value::Texts(texts)) => {
            !texts.is_empty() && texts.iter().any(|text| matcher.matches(text)) != negated
        }
        (CompiledQuestion::Number(spans), Value::Number(number)) => {
            spans.contains(number) != negated
        }
        _ => false,
    }
}

/// The value of a custom attribute, if it is of its type.
fn typed(json: &str, kind: Kind) -> serde_json::Result<Value<'static>> {
    let first = json.as_bytes().first();
    Ok(match (first, kind) {
        (Some(b'n'), _) => Value::Missing,
        (Some(b't' | b'f'), Kind::Boolean) => Value::Boolean(json == "true"),
        (Some(b'-' | b'0'..=b'9'), Kind::Number) => {
            json.parse().map_or(Value::Other, |number| Value::Number(number_key(number)))
        }
        (Some(b'"'), Kind::String | Kind::Date | Kind::Datetime) => {
            let text: String = serde_json::from_str(json)?;
            let is_typed = match kind {
                Kind::Date => ValueType::Date.is_stored_text(&text),
                Kind::Datetime => ValueType::Datetime.is_stored_text(&text),
                _ => true,
            };
            if is_typed { Value::Text(text.into()) } else { Value::Other }
        }
        // Only another tool can have written this. SQLite extracts it as a text, so it is one here
        // too.
        (Some(b'[' | b'{'), Kind::String) => Value::Text(json.to_owned().into()),
        _ => Value::Other,
    })
}
