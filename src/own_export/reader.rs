//! Reads an export back: what each column is, and the type of every cell.

use super::columns::{ExportColumn, StoreColumn};
use super::type_marker::{CellType, TypeMarker, TypeMarkerError};
use crate::customer::invalid_name_reason;
use crate::input::csv::Record;
use crate::value::typed::ValueType;
use crate::value::{Code, Key, MAX_DEVICES, RejectReason};
use std::collections::HashMap;

/// An export that is imported: what its header and its first type markers say about every row.
#[derive(Debug, Clone)]
pub(crate) struct ExportReader {
    /// `None` for a file without records.
    marker: Option<TypeMarker>,
    plain_text: String,
    spreadsheet_safe_text: String,
    marker_column: usize,
    /// For each column of a custom attribute, the place of its letter in the markers.
    places: HashMap<usize, usize>,
    /// The place of the letter of each attribute of the plan; `None` for a column that held no
    /// custom attribute in the export.
    attribute_places: Vec<Option<usize>>,
    /// The columns of the devices of rank 2 and below: token and platform.
    pub(crate) devices: Vec<(usize, Option<usize>)>,
    pub(crate) archived_at: Option<usize>,
    pub(crate) first_imported_at: Option<usize>,
    pub(crate) last_changed_at: Option<usize>,
}

/// The type marker of one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowMarker<'r> {
    /// Whether texts that look like formulas have an apostrophe before them.
    pub(crate) spreadsheet_safe: bool,
    /// A letter for each custom attribute, if some cells have another type than their attribute.
    letters: Option<&'r [u8]>,
}

impl ExportReader {
    /// Reads the header and the type marker of the first row that has one; `None` for a file that
    /// is not an export. `store_column` finds the columns that are mapped to a [`StoreColumn`];
    /// columns of attributes are taken from the header, regardless of their mapping.
    pub(crate) fn new<'h>(
        header: impl Iterator<Item = &'h str>,
        store_column: impl Fn(StoreColumn) -> Option<usize>,
        rows: &[&Record],
    ) -> Result<Option<Self>, TypeMarkerError> {
        let Some(marker_column) = store_column(StoreColumn::TypeMarker) else { return Ok(None) };
        let attributes = custom_attributes(header);
        if attributes.iter().any(|(name, _)| invalid_name_reason(name).is_some()) {
            return Err(TypeMarkerError::Columns);
        }
        let mut markers = rows.iter().map(|row| row.field(marker_column).trim());
        let marker = match markers.find(|text| !text.is_empty()) {
            Some(text) => {
                let names = attributes.iter().map(|(name, _)| name.as_str());
                Some(TypeMarker::parse(text, names)?)
            }
            None if rows.is_empty() => None,
            None => return Err(TypeMarkerError::Missing),
        };
        let device = |rank| {
            let token = store_column(StoreColumn::DeviceToken(rank))?;
            Some((token, store_column(StoreColumn::DevicePlatform(rank))))
        };
        let text = |spreadsheet_safe| {
            marker.as_ref().map_or_else(String::new, |marker| marker.text(spreadsheet_safe))
        };
        let places = attributes.iter().enumerate().map(|(place, (_, column))| (*column, place));
        Ok(Some(Self {
            plain_text: text(false),
            spreadsheet_safe_text: text(true),
            marker,
            marker_column,
            places: places.collect(),
            attribute_places: Vec::new(),
            devices: (2..=MAX_DEVICES).filter_map(device).collect(),
            archived_at: store_column(StoreColumn::ArchivedAt),
            first_imported_at: store_column(StoreColumn::FirstImportedAt),
            last_changed_at: store_column(StoreColumn::LastChangedAt),
        }))
    }

    /// Sets the columns of the plan's attributes, so that [`Self::cell_type`] finds their letters.
    pub(crate) fn set_attributes(&mut self, columns: impl Iterator<Item = usize>) {
        self.attribute_places = columns.map(|column| self.places.get(&column).copied()).collect();
    }

    /// The key of the store that was exported.
    pub(crate) fn key(&self) -> Option<Key> {
        self.marker.as_ref().map(|marker| marker.key)
    }

    /// The type of the custom attribute in a column.
    pub(crate) fn attribute_type(&self, column: usize) -> Option<ValueType> {
        self.marker.as_ref()?.types.get(*self.places.get(&column)?).copied()
    }

    /// The type marker of rows whose cells all have their attributes' types.
    pub(crate) fn marker_text(&self) -> &str {
        &self.plain_text
    }

    /// Reads a row's type marker. A row without one was added later: its cells have their
    /// attributes' types. Fails with the marker's column and what is wrong with it.
    pub(crate) fn row_marker<'r>(
        &self,
        record: &'r Record,
    ) -> Result<RowMarker<'r>, (usize, RejectReason)> {
        let text = record.field(self.marker_column).trim();
        if text.is_empty() {
            return Ok(RowMarker { spreadsheet_safe: false, letters: None });
        }
        // The marker of a spreadsheet-safe row has an apostrophe where the other has a slash.
        for (marker, spreadsheet_safe) in
            [(&self.plain_text, false), (&self.spreadsheet_safe_text, true)]
        {
            let Some(rest) = text.strip_prefix(marker.as_str()) else { continue };
            if rest.is_empty() {
                return Ok(RowMarker { spreadsheet_safe, letters: None });
            }
            let letters = rest.strip_prefix('/').map(str::as_bytes);
            if letters.is_some_and(|letters| self.are_cell_types(letters)) {
                return Ok(RowMarker { spreadsheet_safe, letters });
            }
        }
        let message =
            "the type marker differs from that of the first records: it belongs to another export";
        Err((self.marker_column, RejectReason::new(Code::RecordMark, message)))
    }

    fn are_cell_types(&self, letters: &[u8]) -> bool {
        letters.len() == self.places.len()
            && letters.iter().all(|letter| CellType::of_letter(*letter).is_some())
    }

    /// The type of the cell of an attribute of the plan.
    pub(crate) fn cell_type(&self, marker: RowMarker<'_>, attribute: usize) -> CellType {
        let Some(letters) = marker.letters else { return CellType::Attribute };
        let place = self.attribute_places.get(attribute).copied().flatten();
        let letter = place.and_then(|place| letters.get(place));
        letter.and_then(|letter| CellType::of_letter(*letter)).unwrap_or(CellType::Attribute)
    }
}

/// The custom attributes of an export and their columns, sorted by name.
fn custom_attributes<'h>(header: impl Iterator<Item = &'h str>) -> Vec<(String, usize)> {
    let mut attributes: Vec<(String, usize)> = header
        .enumerate()
        .filter_map(|(column, header)| match ExportColumn::of_header(header) {
            ExportColumn::Custom(name) => Some((name, column)),
            _ => None,
        })
        .collect();
    attributes.sort();
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_has_only_valid_attribute_names() {
        let read = |column: &str| {
            let marker_column = |column| (column == StoreColumn::TypeMarker).then_some(2);
            let header = ["uid", column, "_engage"].into_iter();
            ExportReader::new(header, marker_column, &[]).map(|reader| reader.is_some())
        };
        assert_eq!(read("custom:email_2"), Ok(true));
        for column in
            ["custom:", "custom: plan", "custom:archived_at", "custom:a\u{7}b", "custom:uid"]
        {
            assert_eq!(read(column), Err(TypeMarkerError::Columns), "{column}");
        }
    }
}
