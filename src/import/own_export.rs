//! Engage's own export coming back: its columns are known to the letter, and each row says what its
//! cells are.

use crate::input::csv::Record;
use crate::mapping::{Mapping, StoreColumn, custom_names, is_attribute_name};
use crate::own_export::{Mark, MarkFault, Reading};
use crate::value::typed::ValueType;
use crate::value::{Code, Key, MAX_DEVICES, RejectReason};
use std::collections::HashMap;

/// What is known of an own export from its header and its first marks.
#[derive(Debug, Clone)]
pub(crate) struct OwnExport {
    mark: Option<Mark>,
    /// The mark of plain rows, and of rows in which texts that look like formulas are marked.
    texts: [String; 2],
    mark_column: usize,
    /// The custom attributes' columns, in the order in which a mark has their letters.
    columns: Vec<usize>,
    /// The place of each column in that order.
    places: HashMap<usize, usize>,
    /// The letter of each attribute of the plan.
    letters: Vec<usize>,
    /// The columns of the devices of lower ranks: token and platform.
    pub(crate) devices: Vec<(usize, Option<usize>)>,
    pub(crate) archived_at: Option<usize>,
    pub(crate) first_imported_at: Option<usize>,
    pub(crate) last_changed_at: Option<usize>,
}

/// What a row's mark says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marked<'r> {
    /// Whether an apostrophe stands before texts that look like formulas.
    pub(crate) spreadsheet_safe: bool,
    /// A letter for each custom attribute, where some cells are not what their types say.
    letters: Option<&'r [u8]>,
}

impl OwnExport {
    /// What the first rows say of an own export; `None` where the mapping is of no such file.
    pub(crate) fn of(mapping: &Mapping, sample: &[&Record]) -> Result<Option<Self>, MarkFault> {
        let Some(mark_column) = mapping.store_column(StoreColumn::Mark) else { return Ok(None) };
        let names = custom_names(mapping);
        if !names.iter().all(|(name, _)| is_attribute_name(name)) {
            return Err(MarkFault::Columns);
        }
        let mut marks = sample.iter().map(|record| record.field(mark_column).trim());
        let mark = match marks.find(|text| !text.is_empty()) {
            Some(text) => Some(Mark::parse(text, names.iter().map(|(name, _)| name.as_str()))?),
            None if sample.is_empty() => None,
            None => return Err(MarkFault::Missing),
        };
        let column = |column| mapping.store_column(column);
        let device = |rank| {
            let platform = column(StoreColumn::DevicePlatform(rank));
            Some((column(StoreColumn::DeviceToken(rank))?, platform))
        };
        let columns: Vec<usize> = names.into_iter().map(|(_, column)| column).collect();
        Ok(Some(Self {
            texts: [false, true]
                .map(|safe| mark.as_ref().map_or(String::new(), |mark| mark.text(safe))),
            mark,
            mark_column,
            places: columns.iter().enumerate().map(|(place, column)| (*column, place)).collect(),
            columns,
            letters: Vec::new(),
            devices: (2..=MAX_DEVICES).filter_map(device).collect(),
            archived_at: column(StoreColumn::ArchivedAt),
            first_imported_at: column(StoreColumn::FirstImportedAt),
            last_changed_at: column(StoreColumn::LastChangedAt),
        }))
    }

    /// Finds the letters of a plan's attributes, given by their columns.
    pub(crate) fn settle(&mut self, columns: impl Iterator<Item = usize>) {
        // A column that is there twice has no letter, and is read as its type says.
        let letter = |column| self.places.get(&column).copied().unwrap_or(usize::MAX);
        self.letters = columns.map(letter).collect();
    }

    /// The key of the store that was exported.
    pub(crate) fn key(&self) -> Option<Key> {
        self.mark.as_ref().map(|mark| mark.key)
    }

    /// The type of the custom attribute of a column.
    pub(crate) fn kind(&self, column: usize) -> Option<ValueType> {
        self.mark.as_ref()?.types.get(*self.places.get(&column)?).copied()
    }

    /// The mark that plain rows have.
    pub(crate) fn mark(&self) -> &str {
        &self.texts[0]
    }

    /// Reads a row's mark. A row without one was added by hand, and is read as its types say.
    pub(crate) fn marked<'r>(
        &self,
        record: &'r Record,
    ) -> Result<Marked<'r>, (usize, RejectReason)> {
        let text = record.field(self.mark_column).trim();
        if text.is_empty() {
            return Ok(Marked { spreadsheet_safe: false, letters: None });
        }
        let [plain, safe] = &self.texts;
        let of = |mark: &str| -> Option<Option<&'r [u8]>> {
            let rest = text.strip_prefix(mark)?;
            if rest.is_empty() {
                return Some(None);
            }
            let letters = rest.strip_prefix('/')?.as_bytes();
            let all = letters.iter().all(|letter| Reading::of_letter(*letter).is_some());
            (all && letters.len() == self.columns.len()).then_some(Some(letters))
        };
        let read = of(plain).map(|letters| (false, letters));
        let read = read.or_else(|| of(safe).map(|letters| (true, letters)));
        let (spreadsheet_safe, letters) = read.ok_or_else(|| {
            let message = "not the mark of the first records: it is of another export";
            (self.mark_column, RejectReason::new(Code::RecordMark, message))
        })?;
        Ok(Marked { spreadsheet_safe, letters })
    }

    /// How the cell of an attribute of the plan is read.
    pub(crate) fn reading(&self, marked: Marked<'_>, attribute: usize) -> Reading {
        let letter = marked.letters.and_then(|letters| letters.get(self.letters[attribute]));
        letter.and_then(|letter| Reading::of_letter(*letter)).unwrap_or(Reading::Typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::MappingOptions;

    #[test]
    fn what_no_attribute_can_be_called_was_not_exported() {
        let read = |column: &str| {
            let header = ["uid", column, "_engage"].map(str::to_owned);
            let mapping = Mapping::new(&header, &MappingOptions::default()).unwrap();
            OwnExport::of(&mapping, &[]).map(|own| own.is_some())
        };
        assert_eq!(read("custom:email_2"), Ok(true));
        for column in
            ["custom:", "custom: plan", "custom:archived_at", "custom:a\u{7}b", "custom:uid"]
        {
            assert_eq!(read(column), Err(MarkFault::Columns), "{column}");
        }
    }
}
