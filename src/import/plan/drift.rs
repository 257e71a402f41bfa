//! Columns that were added or removed since the mapping file was written or, without one, since the
//! last import of a file with the same name. Digits in names are ignored.

use crate::import::ImportError;
use crate::import::error::NewMapping;
use crate::mapping::{Column, KnownFrom, Mapping, MappingError, MappingWarning, normalised};
use crate::outcome::{Outcome, Warning};
use crate::settings::Settings;
use crate::store::{Session, StoreError, StoreLocation, last_report};
use std::collections::HashMap;
use std::path::Path;

/// The report of the last import of a file with the same name. Later imports are compared with it.
pub(crate) struct LastReport(Outcome);

impl LastReport {
    /// Reads the report from the session of an import.
    pub(crate) fn read(session: &dyn Session, name: &str) -> Result<Option<Self>, StoreError> {
        let name = without_digits(name);
        Ok(session.last_report(&|files| has_name(files, &name))?.map(Self))
    }

    /// Reads the report from a store that may not exist yet, for commands that do not import.
    pub(crate) fn read_from(store: &StoreLocation, name: &str) -> Result<Option<Self>, StoreError> {
        let name = without_digits(name);
        match last_report(store, |files| has_name(files, &name)) {
            Ok(report) => Ok(report.map(Self)),
            Err(StoreError::Missing(_) | StoreError::BeingCreated(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The number of the import in the history.
    pub(crate) fn import(&self) -> Option<i64> {
        self.0.import_id
    }

    /// The name of its first input.
    pub(crate) fn input_name(&self) -> String {
        self.0.sources.first().map_or_else(String::new, |source| source.path.clone())
    }

    /// How many records it read.
    pub(crate) fn records(&self) -> u64 {
        self.0.records.read
    }

    /// The columns that it had.
    pub(crate) fn columns(&self) -> Vec<String> {
        self.0.mapping.iter().map(|column| column.column.clone()).collect()
    }

    /// The columns that the next file is compared with: those that were last accepted.
    pub(crate) fn expected_columns(&self) -> Vec<String> {
        self.0.expected_columns.clone().unwrap_or_else(|| self.columns())
    }

    /// The columns that the next file is compared with, if they are not those of the current file.
    /// `warnings` are those of the current mapping, and show whether its columns are new or gone.
    pub(crate) fn still_expected(&self, warnings: &[MappingWarning]) -> Option<Vec<String>> {
        let has_drift = warnings.iter().any(|warning| {
            matches!(
                warning,
                MappingWarning::New { since: KnownFrom::LastImport, .. }
                    | MappingWarning::Gone { since: KnownFrom::LastImport, .. }
            )
        });
        has_drift.then(|| self.expected_columns())
    }

    /// Marks the warnings that the last import had too.
    pub(crate) fn mark_repeated(&self, warnings: &mut [Warning]) {
        for warning in warnings {
            warning.is_repeated = self.0.warnings.iter().any(|earlier| warning.repeats(earlier));
        }
    }
}

/// The error for a column that an option names but the file lacks. If the last import of such a
/// file had the column, it was removed rather than misspelt.
pub(crate) fn known_as_gone(
    column: String,
    nearest: Option<String>,
    columns: Vec<String>,
    columns_before: &[String],
) -> ImportError {
    if columns_before.iter().any(|known| normalised(known) == normalised(&column)) {
        let (names, known_from) = (vec![column], KnownFrom::LastImport);
        MappingError::GoneColumns { names, known_from, nearest, columns }.into()
    } else {
        MappingError::UnknownColumn { name: column, nearest, columns }.into()
    }
}

/// The columns of a file that were added or removed.
pub(crate) struct ColumnDrift {
    since: KnownFrom,
    new: Vec<String>,
    gone: Vec<String>,
}

impl ColumnDrift {
    /// Compares a mapping with the mapping file. `None` if nothing has changed or there is no such
    /// file.
    pub(crate) fn from_mapping_file(mapping: &Mapping, settings: &Settings) -> Option<Self> {
        let known = columns_of_file(settings);
        if known.is_empty() {
            return None;
        }
        // A mapping file names columns that share a name only once.
        Self::between(mapping, &known, KnownFrom::MappingFile, true)
    }

    /// Compares a mapping with the last import of such a file. `None` if nothing has changed, or if
    /// the columns are compared with a mapping file instead.
    pub(crate) fn from_last_import(
        mapping: &Mapping,
        settings: &Settings,
        last: Option<&LastReport>,
    ) -> Option<Self> {
        if !columns_of_file(settings).is_empty() {
            return None;
        }
        Self::between(mapping, &last?.expected_columns(), KnownFrom::LastImport, false)
    }

    fn between(
        mapping: &Mapping,
        known: &[String],
        since: KnownFrom,
        names_once: bool,
    ) -> Option<Self> {
        // The columns of an own export depend on its store.
        if mapping.is_own_export() {
            return None;
        }
        let columns: Vec<String> = mapping.columns.iter().map(Column::label).collect();
        let new = missing(&columns, known, names_once);
        let gone = missing(known, &columns, names_once);
        (!new.is_empty() || !gone.is_empty()).then_some(Self { since, new, gone })
    }

    /// Adds the warnings, if the import continues.
    pub(crate) fn warn(self, mapping: &mut Mapping) {
        let Self { since, new, gone } = self;
        if !new.is_empty() {
            mapping.warnings.push(MappingWarning::New { columns: new, since });
        }
        if !gone.is_empty() {
            mapping.warnings.push(MappingWarning::Gone { columns: gone, since });
        }
    }

    /// The error of an import with `--strict`.
    pub(crate) fn error(&self, name: &str, settings: &Settings) -> ImportError {
        ImportError::ColumnsChanged {
            name: name.to_owned(),
            since: self.since,
            new: self.new.clone(),
            gone: self.gone.clone(),
            new_mapping: NewMapping::of(name, settings).map(Box::new),
        }
    }
}

/// The columns that the mapping file names.
fn columns_of_file(settings: &Settings) -> Vec<String> {
    let file = &settings.mapping.file;
    file.map.iter().map(|(column, _)| column).chain(&file.skip).cloned().collect()
}

/// The names in `wanted` that are not in `present`, compared as headers are. Each name in `present`
/// counts for one column, or, with `names_once`, for all columns of that name.
fn missing(wanted: &[String], present: &[String], names_once: bool) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for name in present {
        *counts.entry(normalised(name)).or_default() += 1;
    }
    let is_missing = |name: &&String| match counts.get_mut(&normalised(name)) {
        Some(_) if names_once => false,
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    wanted.iter().filter(is_missing).cloned().collect()
}

/// Whether a file of that name is among those of an import.
fn has_name(files: &[String], name: &str) -> bool {
    files.iter().any(|file| without_digits(file) == name)
}

/// A file's name without its folder and without the digits of a date.
fn without_digits(path: &str) -> String {
    let name = Path::new(path).file_name().map_or(path.into(), |name| name.to_string_lossy());
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn columns_that_share_a_name_are_counted() {
        let known = names(&["id", "Plan", "plan"]);
        assert_eq!(missing(&names(&["ID", "plan"]), &known, false), names(&[]));
        assert_eq!(missing(&known, &names(&["ID", "plan"]), false), names(&["plan"]));
        assert_eq!(missing(&known, &names(&["ID", "plan"]), true), names(&[]));
    }

    #[test]
    fn digits_in_names_are_ignored() {
        assert_eq!(
            without_digits("/a/nightly-2026-11-02.csv"),
            without_digits("nightly-2026-11-03.csv")
        );
        assert_ne!(without_digits("nightly.csv"), without_digits("users.csv"));
    }
}
