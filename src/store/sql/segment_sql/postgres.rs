//! A segment as SQL of PostgreSQL.
//!
//! A custom attribute is tested only in its own type: a text is a JSON string, a number is compared
//! as `numeric`, exactly. Texts have the collation `C`, which orders them by bytes as SQLite does.

use super::bounds::{successor, time_bounds};
use super::compiler::literal;
use super::predicate::{Predicate, Term, joined};
use crate::segment::{
    Comparison, Condition, Field, NumberTest, Segment, Test, TextTest, TimeSpan, Tree,
};
use crate::value::Standard;
use crate::value::typed::ValueType;
use rusqlite::types::Value;
use std::collections::{BTreeSet, HashMap};

const DEVICES: &str = "SELECT 1 FROM devices d WHERE d.customer_id = customers.id";

/// How many characters of a text an index holds; a longer text is compared with the customer
/// itself.
pub(crate) const INDEXED_CHARACTERS: usize = 200;

/// The form of stored days and times.
const STORED_DATE: &str = "^\\d{4}-\\d{2}-\\d{2}$";
const STORED_TIME: &str = "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z?$";

/// Compiles a segment; `indexed` are the attributes that have an index.
pub(crate) fn predicate(segment: &Segment, indexed: &BTreeSet<String>) -> Predicate {
    let mut compiler = Compiler { indexed, values: Vec::new(), parameters: HashMap::new() };
    let Term { mut sql, .. } = compiler.tree(segment.tree());
    if !segment.names_archived() {
        sql.push_str(" AND archived_at IS NULL");
    }
    Predicate { sql, values: compiler.values }
}

/// A custom attribute as text, of any type.
pub(crate) fn text_of(name: &str) -> String {
    format!("(attributes ->> {}) COLLATE \"C\"", literal(name))
}

/// A custom attribute as a number; NULL if it is of another type.
pub(crate) fn number_of(name: &str) -> String {
    let name = literal(name);
    format!(
        "(CASE WHEN jsonb_typeof(attributes -> {name}) = 'number'
          THEN CAST(attributes ->> {name} AS numeric) END)"
    )
}

/// The expression that an index on a field holds.
pub(crate) fn indexed_expression(field: &Field) -> String {
    match field {
        Field::Custom(name, ValueType::Number) => number_of(name),
        Field::Custom(name, _) => format!("\"left\"({}, {INDEXED_CHARACTERS})", text_of(name)),
        field => format!("\"left\"({}, {INDEXED_CHARACTERS})", compared_column(field)),
    }
}

/// The SQL to compare a column of `customers`: an email is compared in lower case.
fn compared_column(field: &Field) -> &str {
    match field {
        Field::Standard(Standard::Email) => "lower(email COLLATE \"C\")",
        field => field.name(),
    }
}

/// Whether a custom attribute's value is of this type; NULL without a value.
pub(crate) fn is_typed(name: &str, kind: ValueType) -> String {
    let json = match kind {
        ValueType::Number => "number",
        ValueType::Boolean => "boolean",
        ValueType::String | ValueType::Date | ValueType::Datetime => "string",
    };
    format!("(jsonb_typeof(attributes -> {}) = '{json}')", literal(name))
}

/// Whether a custom attribute's value can be compared as this type: a date must also be in the form
/// in which dates are stored. NULL without a value.
pub(crate) fn is_comparable(name: &str, kind: ValueType) -> String {
    let is_typed = is_typed(name, kind);
    match kind {
        ValueType::Date | ValueType::Datetime => {
            format!("({is_typed} AND {} ~ '{}')", text_of(name), stored_form(kind))
        }
        _ => is_typed,
    }
}

/// The form of stored dates, or of stored times.
fn stored_form(kind: ValueType) -> &'static str {
    if kind == ValueType::Date { STORED_DATE } else { STORED_TIME }
}

/// A field's value as JSON.
pub(crate) fn json_value(field: &Field) -> String {
    match field {
        Field::Custom(name, _) => {
            format!("CAST(attributes -> {} AS text) COLLATE \"C\"", literal(name))
        }
        Field::Archived | Field::HasDevice => {
            format!("CASE WHEN {} THEN 'true' ELSE 'false' END", column(field))
        }
        _ => format!("CAST(to_jsonb({}) AS text) COLLATE \"C\"", column(field)),
    }
}

/// A field's value if it is a text, else NULL.
pub(crate) fn text_value(field: &Field) -> String {
    match field {
        Field::Custom(name, _) => format!(
            "(CASE WHEN jsonb_typeof(attributes -> {}) = 'string' THEN {} END)",
            literal(name),
            text_of(name)
        ),
        Field::Archived | Field::HasDevice => "CAST(NULL AS text)".to_owned(),
        _ => column(field),
    }
}

/// The expressions to sort by: numbers and booleans come before texts.
pub(crate) fn sort_keys(field: &Field) -> Vec<String> {
    let Field::Custom(name, _) = field else { return vec![column(field)] };
    let value = format!("attributes -> {}", literal(name));
    vec![
        format!(
            "(CASE WHEN jsonb_typeof({value}) = 'string' THEN 1
                  WHEN jsonb_typeof({value}) IN ('number', 'boolean') THEN 0 END)"
        ),
        format!(
            "(CASE jsonb_typeof({value}) WHEN 'number' THEN CAST({value} AS numeric)
              WHEN 'boolean' THEN CASE WHEN CAST({value} AS boolean) THEN 1 ELSE 0 END END)"
        ),
        text_of(name),
    ]
}

/// The SQL expression of a column of a result.
pub(crate) fn selected(field: &Field) -> String {
    match field {
        Field::Custom(name, _) => {
            let value = format!("attributes -> {}", literal(name));
            format!("nullif({value}, CAST('null' AS jsonb))")
        }
        field => column(field),
    }
}

/// The SQL expression of a field that is not a custom attribute.
fn column(field: &Field) -> String {
    let last_device = |column: &str| {
        format!(
            "(SELECT d.{column} FROM devices d WHERE d.customer_id = customers.id AND d.rank = 1)"
        )
    };
    match field {
        Field::Standard(Standard::DeviceToken) => last_device("token"),
        Field::Standard(Standard::DevicePlatform) => last_device("platform"),
        Field::Archived => "archived_at IS NOT NULL".to_owned(),
        Field::HasDevice => format!("EXISTS ({DEVICES})"),
        field => field.name().to_owned(),
    }
}

struct Compiler<'a> {
    indexed: &'a BTreeSet<String>,
    values: Vec<Value>,
    /// The number of each value's parameter.
    parameters: HashMap<String, usize>,
}

impl Compiler<'_> {
    /// Binds a text; equal texts share a parameter.
    fn bind(&mut self, text: impl Into<String>) -> String {
        let text = text.into();
        let next = self.values.len() + 1;
        let parameter = *self.parameters.entry(text.clone()).or_insert(next);
        if parameter == next {
            self.values.push(Value::Text(text));
        }
        format!("CAST(?{parameter} AS text)")
    }

    fn bind_number(&mut self, number: f64) -> String {
        // The shortest decimal of this number, which is what the expression had.
        let text = self.bind(number.to_string());
        format!("CAST({text} AS numeric)")
    }

    fn tree(&mut self, tree: &Tree) -> Term {
        let (parts, operator) = match tree {
            Tree::All(parts) => (parts, "AND"),
            Tree::Any(parts) => (parts, "OR"),
            Tree::Is(condition) => {
                return Term { depth: 0, place: 0, sql: self.condition(condition) };
            }
        };
        if parts.is_empty() {
            let sql = if operator == "AND" { "true" } else { "false" };
            return Term { depth: 0, place: 0, sql: sql.to_owned() };
        }
        joined(parts.iter().map(|part| self.tree(part)).collect(), operator)
    }

    fn condition(&mut self, condition: &Condition) -> String {
        let Condition { field, test, negated } = condition;
        match field {
            Field::Standard(standard @ (Standard::DeviceToken | Standard::DevicePlatform)) => {
                self.device(*standard, test, *negated)
            }
            Field::Custom(name, kind) => self.custom(name, *kind, test, *negated),
            // These are never absent.
            Field::Archived | Field::HasDevice if *test == Test::Present => {
                (if *negated { "false" } else { "true" }).to_owned()
            }
            Field::Archived | Field::HasDevice => {
                let not = if *negated { "NOT " } else { "" };
                format!("({not}{})", column(field))
            }
            Field::Standard(_) | Field::FirstImportedAt | Field::LastChangedAt => {
                let column = compared_column(field);
                let holds = match test {
                    Test::Text(test) => self.indexed_text(column, field.name(), test, *negated),
                    Test::Time(span) => self.within(column, *span, ValueType::Datetime),
                    Test::Present | Test::True | Test::Number(_) => format!("{column} IS NOT NULL"),
                };
                if *negated { format!("(NOT {holds})") } else { holds }
            }
        }
    }

    /// A test that any device may pass.
    fn device(&mut self, standard: Standard, test: &Test, negated: bool) -> String {
        let column = match standard {
            Standard::DeviceToken => "d.token",
            _ => "d.platform",
        };
        let Test::Text(test) = test else {
            let not = if negated { "NOT " } else { "" };
            return format!("({not}EXISTS ({DEVICES}))");
        };
        let any = format!("EXISTS ({DEVICES} AND {})", self.text(column, test));
        if negated { format!("(EXISTS ({DEVICES}) AND NOT {any})") } else { any }
    }

    /// A test of a custom attribute, whose values may be of any type.
    fn custom(&mut self, name: &str, kind: ValueType, test: &Test, negated: bool) -> String {
        let not = if negated { "NOT " } else { "" };
        let type_of = format!("jsonb_typeof(attributes -> {})", literal(name));
        let value = text_of(name);
        match test {
            Test::Present => {
                let there = format!("coalesce({type_of}, 'null') <> 'null'");
                format!("({not}({there}))")
            }
            Test::True => {
                let wanted = if negated { "false" } else { "true" };
                format!("(attributes -> {} = CAST('{wanted}' AS jsonb))", literal(name))
            }
            Test::Text(test) => {
                let holds = self.indexed_text(&value, name, test, negated);
                format!("({type_of} = 'string' AND {not}{holds})")
            }
            Test::Number(test) => {
                let number = number_of(name);
                let holds = self.number(&number, test);
                format!("({not}{holds})")
            }
            Test::Time(span) => {
                let within = self.within(&value, *span, kind);
                let stored = stored_form(kind);
                format!("({type_of} = 'string' AND {value} ~ '{stored}' AND {not}{within})")
            }
        }
    }

    /// A test of a text. If an index can find it, what the index holds is tested first.
    fn indexed_text(&mut self, value: &str, name: &str, test: &TextTest, negated: bool) -> String {
        let holds = self.text(value, test);
        let TextTest::Compare(Comparison::Equal, wanted) = test else { return holds };
        if negated || !self.indexed.contains(name) {
            return holds;
        }
        let beginning: String = wanted.chars().take(INDEXED_CHARACTERS).collect();
        let beginning = self.bind(beginning);
        format!("(\"left\"({value}, {INDEXED_CHARACTERS}) = {beginning} AND {holds})")
    }

    fn text(&mut self, value: &str, test: &TextTest) -> String {
        match test {
            TextTest::Compare(comparison, other) => {
                format!("({value} {} {})", operator(*comparison), self.bind(other.as_str()))
            }
            TextTest::OneOf(texts) => {
                let list = serde_json::Value::from(texts.as_slice()).to_string();
                let list = self.bind(list);
                format!(
                    "({value} = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST({list} AS jsonb)))))"
                )
            }
            TextTest::Between(low, high) => {
                let (low, high) = (self.bind(low.as_str()), self.bind(high.as_str()));
                format!("({value} BETWEEN {low} AND {high})")
            }
            TextTest::Like { pattern, escape } => {
                // Case is ignored for ASCII, as in SQLite.
                let pattern = self.bind(like_pattern(pattern, *escape));
                format!("(lower({value} COLLATE \"C\") LIKE {pattern} ESCAPE '\\')")
            }
            TextTest::Contains(part) => {
                format!("(strpos({value}, {}) > 0)", self.bind(part.as_str()))
            }
            TextTest::StartsWith(part) => {
                let low = self.bind(part.as_str());
                match successor(part) {
                    Some(high) => format!("({value} >= {low} AND {value} < {})", self.bind(high)),
                    None => format!("({value} >= {low})"),
                }
            }
            TextTest::EndsWith(part) => {
                let length = part.chars().count();
                format!("(\"right\"({value}, {length}) = {})", self.bind(part.as_str()))
            }
        }
    }

    fn number(&mut self, value: &str, test: &NumberTest) -> String {
        match test {
            NumberTest::Compare(comparison, number) => {
                format!("({value} {} {})", operator(*comparison), self.bind_number(*number))
            }
            NumberTest::Between(low, high) => {
                let (low, high) = (self.bind_number(*low), self.bind_number(*high));
                format!("({value} BETWEEN {low} AND {high})")
            }
            NumberTest::OneOf(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
                let list = self.bind(format!("{{{}}}", numbers.join(",")));
                format!("({value} = ANY (CAST({list} AS numeric[])))")
            }
        }
    }

    /// Whether a stored day or time lies within a span.
    fn within(&mut self, value: &str, span: TimeSpan, kind: ValueType) -> String {
        let (low, high) = time_bounds(span, kind);
        format!("({value} BETWEEN {} AND {})", self.bind(low), self.bind(high))
    }
}

fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

/// A pattern in ASCII lower case, with `\` as its escape character.
fn like_pattern(pattern: &str, escape: Option<char>) -> String {
    let mut result = String::new();
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        match c {
            c if Some(c) == escape => {
                let Some(next) = characters.next() else { break };
                result.push('\\');
                result.push(next.to_ascii_lowercase());
            }
            '\\' => result.push_str("\\\\"),
            c => result.push(c.to_ascii_lowercase()),
        }
    }
    result
}
