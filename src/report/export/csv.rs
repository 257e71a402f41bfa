//! Customers as CSV that an import takes for what it is: the store comes back as it was.

use super::{Exporter, cell};
use crate::customer::attribute_values;
use crate::input::protected;
use crate::mapping::{StoreColumn, Target, custom_header};
use crate::own_export::{Mark, Reading, row_letters};
use crate::store::sqlite::query::ExportedCustomer;
use crate::value::Key;
use crate::value::typed::ValueType;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A column on its way out.
enum Source {
    /// The custom attribute at this place of the names.
    Custom(usize),
    /// Any other.
    Other(Target),
}

/// Writes customers as CSV.
pub struct CsvExport {
    header: Vec<String>,
    columns: Vec<Source>,
    /// The custom attributes of the columns, sorted, and their types.
    names: Vec<String>,
    kinds: Vec<ValueType>,
    /// How the cells of the row are read.
    readings: Vec<Reading>,
    mark: String,
    spreadsheet_safe: bool,
}

impl CsvExport {
    /// Writes these columns of a store with this key and catalogue. In a spreadsheet-safe export an
    /// apostrophe stands before each text that a spreadsheet may take for a formula.
    pub fn new(
        columns: &[Target],
        key: Key,
        attributes: &BTreeMap<String, ValueType>,
        spreadsheet_safe: bool,
    ) -> Self {
        let wanted: BTreeSet<&String> = columns
            .iter()
            .filter_map(|column| match column {
                Target::Custom(name) => Some(name),
                _ => None,
            })
            .collect();
        let (names, kinds): (Vec<String>, Vec<ValueType>) = attributes
            .iter()
            .filter(|(name, _)| wanted.contains(name))
            .map(|(name, kind)| (name.clone(), *kind))
            .unzip();
        let mut header = Vec::with_capacity(columns.len());
        let mut sources = Vec::with_capacity(columns.len());
        for column in columns {
            let (name, source) = match column {
                Target::Custom(name) => match names.binary_search(name) {
                    Ok(at) => (custom_header(name), Source::Custom(at)),
                    Err(_) => continue,
                },
                other => match other.attribute() {
                    Some(name) => (name.into(), Source::Other(other.clone())),
                    None => continue,
                },
            };
            header.push(name.into_owned());
            sources.push(source);
        }
        let mark = Mark::new(key, names.iter().map(String::as_str).zip(kinds.iter().copied()));
        Self {
            header,
            columns: sources,
            readings: vec![Reading::Typed; names.len()],
            names,
            kinds,
            mark: mark.text(spreadsheet_safe),
            spreadsheet_safe,
        }
    }

    /// Writes a custom attribute's value, and keeps in mind how it has to be read to be the same.
    fn custom(&mut self, at: usize, value: Option<&str>, text: &mut Vec<u8>) {
        let kind = self.kinds[at];
        let Some(json) = value else { return };
        self.readings[at] = match json.as_bytes() {
            [b'"', .., b'"'] => {
                let value = unescaped(json);
                self.text(&value, text);
                Reading::of_text(kind, &value)
            }
            [b'-' | b'0'..=b'9', ..] => {
                field(json, text);
                Reading::of_number(kind, json)
            }
            b"true" | b"false" => {
                field(json, text);
                Reading::of_boolean(kind)
            }
            b"null" => Reading::Typed,
            // Only another tool can have put it there.
            _ => {
                self.text(json, text);
                Reading::Text
            }
        };
    }

    fn mark(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(self.mark.as_bytes());
        if self.readings.iter().any(|reading| *reading != Reading::Typed) {
            text.push(b'/');
            text.extend(row_letters(&self.readings).map(|letter| letter as u8));
        }
    }

    /// Writes a text, an apostrophe before it where a spreadsheet may take it for a formula.
    fn text(&self, value: &str, text: &mut Vec<u8>) {
        match self.spreadsheet_safe {
            true => field(&protected(value), text),
            false => field(value, text),
        }
    }
}

impl Exporter for CsvExport {
    fn begin(&mut self, text: &mut Vec<u8>) {
        for (index, name) in self.header.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            field(name, text);
        }
        text.push(b'\n');
    }

    fn customer(
        &mut self,
        customer: &ExportedCustomer<'_>,
        text: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        let values = attribute_values(customer.attributes, &self.names)?;
        self.readings.fill(Reading::Typed);
        let columns = std::mem::take(&mut self.columns);
        let start = text.len();
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            match column {
                Source::Custom(at) => self.custom(*at, values[*at], text),
                Source::Other(Target::Store(StoreColumn::Mark)) => self.mark(text),
                Source::Other(column) => {
                    self.text(cell(column, customer).unwrap_or_default(), text);
                }
            }
        }
        if text.len() == start {
            // One blank cell: a blank line would be none.
            text.extend_from_slice(b"\"\"");
        }
        self.columns = columns;
        text.push(b'\n');
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) {}
}

/// The text of a JSON string.
fn unescaped(json: &str) -> Cow<'_, str> {
    let inside = &json[1..json.len() - 1];
    match inside.contains('\\') {
        false => Cow::Borrowed(inside),
        true => serde_json::from_str(json).map_or(Cow::Borrowed(inside), Cow::Owned),
    }
}

/// Writes a field, in quotes where it needs them.
fn field(value: &str, text: &mut Vec<u8>) {
    let bytes = value.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        text.extend_from_slice(bytes);
        return;
    }
    text.push(b'"');
    for (index, part) in bytes.split(|byte| *byte == b'"').enumerate() {
        if index > 0 {
            text.extend_from_slice(b"\"\"");
        }
        text.extend_from_slice(part);
    }
    text.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str) -> String {
        let mut text = Vec::new();
        field(value, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn fields_are_quoted_where_they_have_to_be() {
        for (value, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("\"", "\"\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("a\rb", "\"a\rb\""),
            (" space ", " space "),
        ] {
            assert_eq!(written(value), expected);
        }
    }
}
