//! The values that a statement binds, and how SQL reads a custom attribute.

use rusqlite::types::Value;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// Collects the values that the SQL of a segment binds.
pub(crate) struct Compiler<'a> {
    /// The custom attributes that have an index.
    pub(crate) indexed: &'a BTreeSet<String>,
    pub(crate) values: Vec<Value>,
    /// The number of each value's parameter, by the value as text.
    parameters: HashMap<String, usize>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(indexed: &'a BTreeSet<String>) -> Self {
        Self { indexed, values: Vec::new(), parameters: HashMap::new() }
    }

    /// Binds a value; equal values share a parameter. SQLite compares each parameter with all
    /// before it, which is slow with many thousands of them.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> String {
        let value = value.into();
        let next = self.values.len() + 1;
        let parameter = *self.parameters.entry(format!("{value:?}")).or_insert(next);
        if parameter == next {
            self.values.push(value);
        }
        format!("?{parameter}")
    }

    /// The value of a custom attribute.
    pub(crate) fn value(&mut self, name: &str) -> String {
        format!("json_extract(attributes, {})", self.path(name))
    }

    /// The JSON type of a custom attribute.
    pub(crate) fn json_type(&mut self, name: &str) -> String {
        format!("json_type(attributes, {})", self.path(name))
    }

    /// The path of an attribute: a literal if an index may be used, else bound.
    fn path(&mut self, name: &str) -> String {
        if self.indexed.contains(name) {
            return literal(&json_path(name));
        }
        self.bind(json_path(name))
    }
}

/// The path of a custom attribute in the JSON of a customer's attributes.
pub(crate) fn json_path(name: &str) -> String {
    format!("$.{}", serde_json::Value::from(name))
}

/// The SQL expression of a custom attribute's value, with its path as a literal.
pub(crate) fn extract(name: &str) -> String {
    format!("json_extract(attributes, {})", literal(&json_path(name)))
}

/// A text as an SQL literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The argument of an SQL function, as JSON.
pub(crate) fn json(value: &impl Serialize) -> String {
    #[expect(clippy::expect_used, reason = "no map in it has keys other than texts and integers")]
    serde_json::to_string(value).expect("texts, numbers and lists of them are JSON")
}
