//! Writes customers as the CSV that an import reads back exactly.

use super::columns::{ExportColumn, StoreColumn};
use super::type_marker::{CellType, TypeMarker};
use crate::customer::attribute_values;
use crate::input::protected;
use crate::value::Key;
use crate::value::typed::ValueType;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The source of a column's cells.
enum CellSource {
    /// The custom attribute at this index of the writer's attributes.
    Attribute(usize),
    /// The row's type marker.
    TypeMarker,
    /// Any other column. The caller provides its text.
    Text(ExportColumn),
}

/// Writes the header and the rows of an export.
pub struct ExportWriter {
    header: Vec<String>,
    columns: Vec<CellSource>,
    /// The names of the custom attributes of the columns, sorted.
    names: Vec<String>,
    attributes: AttributeCells,
    marker: String,
}

/// Writes the cells of custom attributes.
struct AttributeCells {
    types: Vec<ValueType>,
    /// The types of the cells of the current row.
    cell_types: Vec<CellType>,
    spreadsheet_safe: bool,
}

impl ExportWriter {
    /// Writes these columns of a store with this key and these custom attributes. In a
    /// spreadsheet-safe export each text that a spreadsheet may take for a formula has an
    /// apostrophe before it.
    pub fn new(
        columns: &[ExportColumn],
        key: Key,
        attributes: &BTreeMap<String, ValueType>,
        spreadsheet_safe: bool,
    ) -> Self {
        let wanted: BTreeSet<&str> = columns.iter().filter_map(ExportColumn::custom_name).collect();
        let (names, types): (Vec<String>, Vec<ValueType>) = attributes
            .iter()
            .filter(|(name, _)| wanted.contains(name.as_str()))
            .map(|(name, kind)| (name.clone(), *kind))
            .unzip();
        let mut header = Vec::with_capacity(columns.len());
        let mut sources = Vec::with_capacity(columns.len());
        for column in columns {
            let source = match column {
                ExportColumn::Custom(name) => match names.binary_search(name) {
                    Ok(index) => CellSource::Attribute(index),
                    Err(_) => continue,
                },
                ExportColumn::Store(StoreColumn::TypeMarker) => CellSource::TypeMarker,
                other => CellSource::Text(other.clone()),
            };
            header.push(column.header().into_owned());
            sources.push(source);
        }
        let typed_names = names.iter().map(String::as_str).zip(types.iter().copied());
        let marker = TypeMarker::new(key, typed_names).text(spreadsheet_safe);
        let cell_types = vec![CellType::Attribute; names.len()];
        Self {
            header,
            columns: sources,
            names,
            attributes: AttributeCells { types, cell_types, spreadsheet_safe },
            marker,
        }
    }

    /// Writes the header.
    pub(crate) fn write_header(&self, text: &mut Vec<u8>) {
        for (index, name) in self.header.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            write_field(name, text);
        }
        text.push(b'\n');
    }

    /// Writes a customer's row: the custom attributes from a JSON object, every other cell from
    /// `cell`, which returns `None` if there is no value.
    ///
    /// Fails if the attributes are not a JSON object.
    pub(crate) fn write_row<'c>(
        &mut self,
        attributes: &str,
        cell: impl Fn(&ExportColumn) -> Option<&'c str>,
        text: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        let values = attribute_values(attributes, &self.names)?;
        self.attributes.cell_types.fill(CellType::Attribute);
        let start = text.len();
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            match column {
                CellSource::Attribute(index) => {
                    self.attributes.write(*index, values[*index], text);
                }
                CellSource::TypeMarker => {
                    text.extend_from_slice(self.marker.as_bytes());
                    self.attributes.write_letters(text);
                }
                CellSource::Text(column) => {
                    self.attributes.write_text(cell(column).unwrap_or_default(), text);
                }
            }
        }
        if text.len() == start {
            // A row of one blank cell: readers would skip a blank line.
            text.extend_from_slice(b"\"\"");
        }
        text.push(b'\n');
        Ok(())
    }
}

impl AttributeCells {
    /// Writes an attribute's value, given as JSON, and keeps the type that its cell needs to be
    /// read back unchanged.
    fn write(&mut self, index: usize, value: Option<&str>, text: &mut Vec<u8>) {
        let kind = self.types[index];
        let Some(json) = value else { return };
        self.cell_types[index] = match json.as_bytes() {
            [b'"', .., b'"'] => {
                let value = unescaped(json);
                self.write_text(&value, text);
                CellType::of_text(kind, &value)
            }
            [b'-' | b'0'..=b'9', ..] => {
                write_field(json, text);
                CellType::of_number(kind, json)
            }
            b"true" | b"false" => {
                write_field(json, text);
                CellType::of_boolean(kind)
            }
            b"null" => CellType::Attribute,
            // An array or object, which only another program can have stored.
            _ => {
                self.write_text(json, text);
                CellType::Text
            }
        };
    }

    /// Writes the types of the row's cells, if some differ from those of their attributes.
    fn write_letters(&self, text: &mut Vec<u8>) {
        if self.cell_types.iter().any(|cell_type| *cell_type != CellType::Attribute) {
            text.push(b'/');
            text.extend(self.cell_types.iter().map(|cell_type| cell_type.letter()));
        }
    }

    /// Writes a text, with an apostrophe before it if a spreadsheet may take it for a formula.
    fn write_text(&self, value: &str, text: &mut Vec<u8>) {
        if self.spreadsheet_safe {
            write_field(&protected(value), text);
        } else {
            write_field(value, text);
        }
    }
}

/// The text of a JSON string.
fn unescaped(json: &str) -> Cow<'_, str> {
    let inside = &json[1..json.len() - 1];
    if inside.contains('\\') {
        serde_json::from_str(json).map_or(Cow::Borrowed(inside), Cow::Owned)
    } else {
        Cow::Borrowed(inside)
    }
}

/// Writes a field, in quotes where necessary.
fn write_field(value: &str, text: &mut Vec<u8>) {
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
        write_field(value, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn fields_are_quoted_where_necessary() {
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
