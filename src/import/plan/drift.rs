//! Columns that are new or gone, against the mapping file, or else against the last import of a file
//! of that name, digits aside.

use crate::import::ImportError;
use crate::mapping::{Column, Mapping, MappingError, MappingWarning, normalised};
use crate::outcome::Outcome;
use crate::settings::Chosen;
use crate::store::StoreError;
use std::collections::HashMap;
use std::path::Path;

/// What is known of a file's columns from before.
const MAPPING_FILE: &str = "the mapping file";
const LAST_IMPORT: &str = "the last import of such a file";

/// A mapping, with its columns that are new or gone among its warnings.
pub(crate) struct Drift {
    pub(crate) mapping: Mapping,
    /// What an import with `--strict` says of them.
    pub(crate) changed: Option<ImportError>,
}

/// Maps a header, and says which columns are new or gone. A column that was mapped by hand and is
/// gone is an error.
pub(crate) fn mapping(
    name: &str,
    header: &[String],
    chosen: &Chosen,
    store: &Path,
) -> Result<Drift, ImportError> {
    let in_file = chosen.mapping.file.map.iter().map(|(column, _)| column);
    let in_file: Vec<String> = in_file.chain(&chosen.mapping.file.skip).cloned().collect();
    let last: Option<Vec<String>> = last_report(store, name)?
        .map(|report| report.mapping.into_iter().map(|column| column.column).collect());
    let mut mapping = Mapping::new(header, &chosen.mapping)
        .map_err(|error| lost(error, last.as_deref().unwrap_or_default()))?;
    if mapping.is_own_export() {
        // Its columns follow from its store.
        return Ok(Drift { mapping, changed: None });
    }
    let known = match (in_file.is_empty(), last) {
        (false, _) => Some((in_file, MAPPING_FILE)),
        (true, Some(last)) => Some((last, LAST_IMPORT)),
        (true, None) => None,
    };
    let Some((known, since)) = known else { return Ok(Drift { mapping, changed: None }) };
    let columns: Vec<String> = mapping.columns.iter().map(Column::label).collect();
    // A mapping file names columns of one name once.
    let once = since == MAPPING_FILE;
    let (new, gone) = (missing(&columns, &known, once), missing(&known, &columns, once));
    if new.is_empty() && gone.is_empty() {
        return Ok(Drift { mapping, changed: None });
    }
    if !new.is_empty() {
        mapping.warnings.push(MappingWarning::New { columns: new.clone(), since });
    }
    if !gone.is_empty() {
        mapping.warnings.push(MappingWarning::Gone { columns: gone.clone(), since });
    }
    let changed = Some(ImportError::ColumnsChanged { name: name.to_owned(), since, new, gone });
    Ok(Drift { mapping, changed })
}

/// A column that was named by hand and that the last import had is not a slip of the hand.
fn lost(error: MappingError, last: &[String]) -> MappingError {
    match error {
        MappingError::UnknownColumn { name, nearest, columns }
            if last.iter().any(|column| normalised(column) == normalised(&name)) =>
        {
            let (names, known_from) = (vec![name], LAST_IMPORT);
            MappingError::GoneColumns { names, known_from, nearest, columns }
        }
        error => error,
    }
}

/// Those of `wanted` that `there` has not, names compared as headers are.
fn missing(wanted: &[String], there: &[String], once: bool) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for name in there {
        *counts.entry(normalised(name)).or_default() += 1;
    }
    let is_missing = |name: &&String| match counts.get_mut(&normalised(name)) {
        Some(_) if once => false,
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    wanted.iter().filter(is_missing).cloned().collect()
}

/// How many records the last import of a file of that name has read; `None` where there was none.
pub(crate) fn last_records(store: &Path, name: &str) -> Result<Option<u64>, ImportError> {
    Ok(last_report(store, name)?.map(|report| report.records.read))
}

/// The report of the last import of a file of that name; `None` where there was none.
fn last_report(store: &Path, name: &str) -> Result<Option<Outcome>, ImportError> {
    let wanted = without_digits(name);
    let is_such = |files: &[String]| files.iter().any(|file| without_digits(file) == wanted);
    match crate::store::sqlite::history::last_report(store, is_such) {
        Ok(report) => Ok(report),
        // Nothing was imported yet.
        Err(StoreError::Missing(_) | StoreError::BeingMade(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
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
    fn columns_of_one_name_are_counted() {
        let known = names(&["id", "Plan", "plan"]);
        assert_eq!(missing(&names(&["ID", "plan"]), &known, false), names(&[]));
        assert_eq!(missing(&known, &names(&["ID", "plan"]), false), names(&["plan"]));
        assert_eq!(missing(&known, &names(&["ID", "plan"]), true), names(&[]));
    }

    #[test]
    fn a_file_of_another_night_is_the_same_file() {
        assert_eq!(
            without_digits("/a/nightly-2026-11-02.csv"),
            without_digits("nightly-2026-11-03.csv")
        );
        assert_ne!(without_digits("nightly.csv"), without_digits("users.csv"));
    }
}
