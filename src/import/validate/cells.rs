//! Reads the cells of a record, and turns them into values of custom attributes.

use super::validation::{Note, NoteKind};
use crate::import::plan::{Plan, PlannedAttribute};
use crate::input::csv::Record;
use crate::input::unprotected;
use crate::own_export::RowMarker;
use crate::value::typed::{TypeSpec, Value, ValueType, is_spreadsheet_error};
use crate::value::{BlankContext, Code, RejectReason, Standard, trimmed, unwrapped};

/// A record's cells as the plan reads them.
pub(crate) struct Row<'r> {
    pub(crate) record: &'r Record,
    /// The texts that mean a missing value.
    pub(crate) nulls: &'r [String],
    /// Whether `\N` means a missing value too.
    pub(crate) null_marker: bool,
    /// The type marker of a row of engage's own export.
    pub(crate) marker: Option<RowMarker<'r>>,
}

/// The content of a cell.
pub(crate) enum Cell<'r> {
    Blank,
    Null,
    Text(&'r str),
}

impl<'r> Row<'r> {
    /// The exact text of a cell, without the prefix that keeps spreadsheets from computing it.
    pub(crate) fn exact(&self, column: usize) -> &'r str {
        let text = self.record.field(column);
        match self.marker {
            Some(marker) if marker.spreadsheet_safe => unprotected(text),
            _ => text,
        }
    }

    pub(crate) fn cell(&self, column: usize) -> Cell<'r> {
        let text = trimmed(self.exact(column));
        let text = if self.marker.is_some() { text } else { unwrapped(text) };
        if self.null_marker && self.record.is_null(column) {
            Cell::Null
        } else if text.is_empty() {
            Cell::Blank
        } else if self.nulls.iter().any(|null| null == text) {
            Cell::Null
        } else {
            Cell::Text(text)
        }
    }

    /// The cell of a standard attribute, in which a word such as `N/A` is blank.
    pub(crate) fn standard_cell(
        &self,
        column: usize,
        standard: Standard,
        plan: &Plan,
        notes: &mut Vec<Note>,
    ) -> Cell<'r> {
        let context = match standard {
            Standard::FirstName | Standard::LastName => BlankContext::Name,
            Standard::Number => BlankContext::Phone,
            Standard::Email => BlankContext::Typed,
            Standard::Uid | Standard::DeviceToken | Standard::DevicePlatform => {
                return self.cell(column);
            }
        };
        self.worded_cell(column, context, plan, notes)
    }

    /// The cell of a custom attribute. If the attribute is text, `N/A` is a value.
    pub(crate) fn attribute_cell(
        &self,
        attribute: &PlannedAttribute,
        plan: &Plan,
        notes: &mut Vec<Note>,
    ) -> Cell<'r> {
        match attribute.spec.kind {
            ValueType::String => self.cell(attribute.column),
            _ => self.worded_cell(attribute.column, BlankContext::Typed, plan, notes),
        }
    }

    /// A cell in which a word such as `N/A` is blank, and noted.
    fn worded_cell(
        &self,
        column: usize,
        context: BlankContext,
        plan: &Plan,
        notes: &mut Vec<Note>,
    ) -> Cell<'r> {
        let cell = self.cell(column);
        // In an own export every text is a value.
        if let Cell::Text(text) = cell
            && self.marker.is_none()
            && (plan.options.blank_words.contain(text, context)
                || (context == BlankContext::Name && plan.blank_names.contains(&(column, text))))
        {
            notes.push(Note { column, kind: NoteKind::BlankWord });
            return Cell::Blank;
        }
        cell
    }
}

/// Reads a trimmed, non-blank cell as its attribute's type. A value that does not fit an inferred
/// type is kept as a string, and noted. The cells of an own export have the form of stored values.
pub(crate) fn typed<'r>(
    attribute: &PlannedAttribute,
    text: &'r str,
    is_exported: bool,
    notes: &mut Vec<Note>,
) -> Result<Value<'r>, RejectReason> {
    let column = attribute.column;
    let declared = attribute.source.is_declared();
    let spec = &attribute.spec;
    let value = if attribute.source.reads_all_spellings() {
        spec.value(text)
    } else if is_exported {
        TypeSpec::stored_value(spec.kind, text)
    } else {
        spec.inferred_value(text)
    };
    if attribute.is_undecided() {
        for (place, reading) in attribute.readings.iter().enumerate() {
            if reading.value(text).is_none() {
                notes.push(Note { column, kind: NoteKind::OtherReading(place) });
            }
        }
    }
    let value = match value {
        Some(value) => value,
        None if declared => {
            let message = format!("not a {}", attribute.spec.kind);
            return Err(RejectReason::new(Code::ValueType, message));
        }
        None => {
            notes.push(Note { column, kind: NoteKind::Unfitting });
            Value::text(text)
        }
    };
    if !declared && is_spreadsheet_error(text) {
        notes.retain(|note| note.column != column);
        notes.push(Note { column, kind: NoteKind::SpreadsheetError });
    }
    Ok(value)
}
