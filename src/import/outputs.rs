//! What an import writes besides the store, and that none of it is an input, the store, or each
//! other.

use super::error::ImportError;
use super::files::{TemporaryFiles, check_writable, resolved};
use super::inputs::Layout;
use super::options::ImportOptions;
use super::rejects::{RejectsFile, default_path};
use std::collections::HashMap;
use std::path::PathBuf;

/// The rejects file of each input, none of them written yet.
pub(super) fn rejects_files(
    options: &ImportOptions,
    layouts: &[Layout],
    temporary: &TemporaryFiles,
) -> Result<Vec<RejectsFile>, ImportError> {
    let rejects: Vec<PathBuf> =
        layouts.iter().map(|layout| rejects_path(options, layout, layouts.len())).collect();
    check(options, layouts, &rejects)?;
    rejects
        .into_iter()
        .zip(layouts)
        .map(|(path, layout)| Ok(RejectsFile::new(path, layout, temporary)?))
        .collect()
}

fn rejects_path(options: &ImportOptions, layout: &Layout, inputs: usize) -> PathBuf {
    let beside = default_path(layout.path.as_deref());
    match &options.rejects {
        None => beside,
        Some(file) if inputs == 1 => file.clone(),
        Some(folder) => folder.join(beside.file_name().unwrap_or_default()),
    }
}

/// That the report is written over nothing that is read, and can be written: before anything is
/// read, since a report tells of what cannot be read too.
pub(super) fn check_report(options: &ImportOptions) -> Result<(), ImportError> {
    let Some(report) = &options.report else { return Ok(()) };
    let place = resolved(report);
    let inputs = options.inputs.iter().map(|input| (input, "an input"));
    let mapping = options.chosen.mapping_file.iter();
    let mapping = mapping.map(|file| (file, "the mapping file that is read"));
    let store = [(&options.store, "the store")];
    match inputs.chain(mapping).chain(store).find(|(path, _)| resolved(path) == place) {
        None => check_writable(report)
            .map_err(|source| ImportError::Report { path: report.clone(), source }),
        Some((_, other)) => {
            Err(ImportError::Overwrites { what: "the report", path: report.clone(), other })
        }
    }
}

fn check(
    options: &ImportOptions,
    layouts: &[Layout],
    rejects: &[PathBuf],
) -> Result<(), ImportError> {
    let mut taken: HashMap<PathBuf, &'static str> = HashMap::new();
    for input in layouts.iter().filter_map(|layout| layout.path.as_deref()) {
        taken.insert(resolved(input), "an input");
    }
    if let Some(path) = &options.chosen.mapping_file {
        taken.insert(resolved(path), "the mapping file that is read");
    }
    let others = [
        ("the store", Some(&options.store)),
        ("the mapping file", options.save_mapping.as_ref()),
        ("the file of accepted records", options.accepted.as_ref().map(|file| &file.path)),
        ("the report", options.report.as_ref()),
    ];
    let others = others.into_iter().filter_map(|(what, path)| Some((what, path?)));
    let rejects = rejects.iter().map(|path| ("a rejects file", path));
    for (what, path) in others.chain(rejects) {
        if let Some(other) = taken.insert(resolved(path), what) {
            return Err(ImportError::Overwrites { what, path: path.clone(), other });
        }
    }
    Ok(())
}
