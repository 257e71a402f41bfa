//! Rejects files that are imported late: a newer export was imported since, and may have newer
//! values.

use super::own_outputs::is_number_of;
use super::rejects_file::default_path;
use crate::import::Layout;
use crate::import::plan::LastReport;
use crate::outcome::Warning;
use crate::store::{RejectsWriter, Session, StoreError};
use crate::text::escaped;
use std::path::{Path, absolute};

/// Warns of inputs that are rejects files of an import before the last one of the same source.
pub(crate) fn older_rejects_warnings(
    session: &dyn Session,
    layouts: &[Layout],
) -> Result<Vec<Warning>, StoreError> {
    let mut warnings = Vec::new();
    let rejects = layouts.iter().filter(|layout| layout.description.is_rejects_file);
    for path in rejects.filter_map(|layout| layout.path.as_deref()) {
        warnings.extend(older_rejects_warning(session, path)?);
    }
    Ok(warnings)
}

fn older_rejects_warning(
    session: &dyn Session,
    path: &Path,
) -> Result<Option<Warning>, StoreError> {
    let Some(writer) = writer_of(session, path)? else { return Ok(None) };
    for source in sources_of(&writer, path) {
        let last = LastReport::read(session, source)?;
        let newer = last.filter(|last| last.import() > Some(writer.import));
        if let Some((last, id)) = newer.and_then(|last| Some((last.input_name(), last.import()?))) {
            let message = format!(
                "{} has rejects of import {}, but import {id} of {} is newer: its values \
                 may be older than the stored ones",
                escaped(&path.display().to_string()),
                writer.import,
                escaped(&last),
            );
            return Ok(Some(Warning::new("rejects.older", message, 1)));
        }
    }
    Ok(None)
}

/// The import whose rejects a file has. Records that an import of the file itself has rejected
/// again still belong to that earlier import.
fn writer_of(session: &dyn Session, path: &Path) -> Result<Option<RejectsWriter>, StoreError> {
    let Some(name) = absolute(path).ok().and_then(|path| path.into_os_string().into_string().ok())
    else {
        return Ok(None);
    };
    let is_same = |file: &String| Path::new(file).file_name() == path.file_name();
    // A stopped import has written rejects too, and they age like others.
    let mut writers = session.rejects_writers(&name)?.into_iter();
    Ok(writers.find(|writer| !writer.files.iter().any(is_same)))
}

/// The inputs that the rejects of a file may come from: the one that it is named after, or all.
fn sources_of<'w>(writer: &'w RejectsWriter, path: &Path) -> Vec<&'w str> {
    let name = |path: &Path| path.file_name().map_or(path, Path::new).to_owned();
    let is_source =
        |file: &&String| is_number_of(&name(path), &name(&default_path(Some(Path::new(file)))));
    let named = writer.files.iter().find(is_source);
    match named {
        Some(source) => vec![source],
        None => writer.files.iter().map(String::as_str).collect(),
    }
}
