//! The files that an import will write, checked before it begins: none of them is an input, the
//! store, or another output.

use super::earlier_rejects::{EarlierRejects, RejectsOrigin};
use super::rejects_file::{RejectsFile, default_path, has_rejects_name};
use crate::import::error::{AcceptedError, FileRole, ImportError};
use crate::import::{ImportOptions, Layout};
use crate::output::{
    Destination, PlannedOutput, Purpose, TemporaryFiles, check_writable, is_same_file,
    is_store_file,
};
use crate::store::StoreError;
use std::path::{Path, PathBuf};

/// The output files of an import, none of them written yet.
pub(crate) struct PlannedOutputs {
    /// The rejects file of each input.
    pub(crate) rejects: Vec<RejectsFile>,
    /// The file of accepted records.
    pub(crate) accepted: Option<PlannedOutput>,
}

impl PlannedOutputs {
    /// The paths of the files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        let rejects = self.rejects.iter().filter_map(RejectsFile::path);
        rejects.chain(self.accepted.as_ref().map(PlannedOutput::path))
    }

    /// Keeps rejects files that were edited since an import wrote them. `origin` returns where a
    /// file of a given SHA-256 comes from.
    pub(crate) fn keep_edited(
        mut self,
        origin: impl Fn(&str) -> Result<RejectsOrigin, StoreError>,
    ) -> Result<Self, ImportError> {
        for file in &mut self.rejects {
            file.keep_edited(&origin)?;
        }
        Ok(self)
    }
}

/// Plans the output files, and fails if one of them cannot be written or would replace another
/// file.
pub(crate) fn plan_outputs(
    options: &ImportOptions,
    layouts: &[Layout],
    temporary: &TemporaryFiles,
) -> Result<PlannedOutputs, ImportError> {
    let rejects: Vec<Option<PathBuf>> =
        layouts.iter().map(|layout| rejects_path(options, layout, layouts.len())).collect();
    check(options, layouts, &rejects)?;
    let purpose = if options.dry_run { Purpose::Copy } else { Purpose::Import };
    let earlier = match options.limit {
        Some(_) => EarlierRejects::Keep,
        None => EarlierRejects::Replace,
    };
    let rejects = rejects
        .into_iter()
        .zip(layouts)
        .map(|(path, layout)| Ok(RejectsFile::new(path, layout, temporary, purpose, earlier)?))
        .collect::<Result<_, ImportError>>()?;
    let accepted = options.accepted.as_ref().map(|asked| {
        let path = asked.path.clone();
        PlannedOutput::new(path.clone(), temporary, purpose)
            .map_err(|source| AcceptedError { path, source })
    });
    Ok(PlannedOutputs { rejects, accepted: accepted.transpose()? })
}

/// Where the rejects of an input go. A dry run writes none unless a path is given.
fn rejects_path(options: &ImportOptions, layout: &Layout, inputs: usize) -> Option<PathBuf> {
    let is_rewritten = layout.description.is_rejects_file && options.limit.is_none();
    let sibling = rejects_next_to(layout, is_rewritten);
    match &options.rejects {
        None => (!options.dry_run).then_some(sibling),
        Some(file) if inputs == 1 => Some(file.clone()),
        Some(folder) => Some(folder.join(sibling.file_name().unwrap_or_default())),
    }
}

/// Where the rejects of an input go by default. If a rejects file `is_rewritten`, its new rejects
/// replace it, unless the user has given it another name.
fn rejects_next_to(layout: &Layout, is_rewritten: bool) -> PathBuf {
    let input = layout.path.as_deref();
    match input.filter(|input| is_rewritten && has_rejects_name(input)) {
        Some(input) => input.to_owned(),
        None => default_path(layout.path.as_deref()),
    }
}

/// Plans the rejects file of a conversion that changes no store, and fails if it, or the output,
/// would replace another file. Existing rejects that were edited are kept.
pub(crate) fn planned_rejects(
    given: Option<PathBuf>,
    layout: &Layout,
    store: &Path,
    output: Option<&Path>,
    temporary: &TemporaryFiles,
) -> Result<RejectsFile, ImportError> {
    let path = given.unwrap_or_else(|| rejects_next_to(layout, layout.description.is_rejects_file));
    let mut taken: Vec<Taken<'_>> =
        layout.path.as_deref().map(|input| (input, FileRole::Input)).into_iter().collect();
    if let Some(output) = output {
        check_output(FileRole::Events, output, store, &taken)?;
        taken.push((output, FileRole::Events));
    }
    taken.retain(|(other, _)| !layout.description.is_rejects_file || *other != path.as_path());
    check_output(FileRole::Rejects, &path, store, &taken)?;
    let (purpose, earlier) = (Purpose::Copy, EarlierRejects::Replace);
    let mut file = RejectsFile::new(Some(path), layout, temporary, purpose, earlier)?;
    // No history knows what such a command has written.
    file.keep_edited(&|_: &str| Ok(RejectsOrigin::Unknown))?;
    Ok(file)
}

/// A path that is in use, and for what.
type Taken<'a> = (&'a Path, FileRole);

/// The files that an import reads.
fn read_files<'a>(
    inputs: impl Iterator<Item = &'a Path>,
    options: &'a ImportOptions,
) -> Vec<Taken<'a>> {
    let mapping = options.settings.mapping_file.iter();
    inputs
        .map(|input| (input, FileRole::Input))
        .chain(mapping.map(|file| (file.as_path(), FileRole::ReadMapping)))
        .collect()
}

/// Refuses an output that would replace the store, one of its files, or one of the files that are
/// taken. Streams are not replaced, so several outputs may go to `/dev/null`.
pub(crate) fn check_output(
    output: FileRole,
    path: &Path,
    store: &Path,
    taken: &[Taken<'_>],
) -> Result<(), ImportError> {
    let overwrites = |other| ImportError::Overwrites { output, path: path.to_owned(), other };
    let destination = Destination::of(path);
    if is_store_file(store, path) {
        return Err(overwrites(FileRole::StoreFile));
    }
    let is_taken = |other: &Path| match &destination {
        Destination::File(path) => is_same_file(other, path),
        Destination::StandardOutput => Destination::of(other) == Destination::StandardOutput,
        Destination::Stream(_) => false,
    };
    match taken.iter().find(|(other, _)| is_taken(other)) {
        Some((_, other)) => Err(overwrites(*other)),
        None => Ok(()),
    }
}

/// Checks that the report can be written and replaces no input. This comes before the inputs are
/// opened, because the report also covers inputs that cannot be read.
pub(crate) fn check_report(
    options: &ImportOptions,
    temporary: &TemporaryFiles,
) -> Result<(), ImportError> {
    let Some(report) = &options.report else { return Ok(()) };
    let taken = read_files(options.inputs.iter().map(PathBuf::as_path), options);
    check_output(FileRole::Report, report, &options.store, &taken)?;
    check_writable(report, temporary)
        .map_err(|source| ImportError::Report { path: report.clone(), source })
}

fn check(
    options: &ImportOptions,
    layouts: &[Layout],
    rejects: &[Option<PathBuf>],
) -> Result<(), ImportError> {
    let inputs = layouts.iter().filter_map(|layout| layout.path.as_deref());
    let mut taken = read_files(inputs, options);
    if let Some((_, other)) = taken.iter().find(|(read, _)| is_store_file(&options.store, read)) {
        let (output, path) = (FileRole::Store, options.store.to_path_buf());
        return Err(ImportError::Overwrites { output, path, other: *other });
    }
    let others = [
        (FileRole::SavedMapping, options.save_mapping.as_ref()),
        (FileRole::Accepted, options.accepted.as_ref().map(|file| &file.path)),
        (FileRole::Report, options.report.as_ref()),
    ];
    let others = others.into_iter().filter_map(|(role, path)| Some((role, path?)));
    for (role, path) in others {
        check_output(role, path, &options.store, &taken)?;
        taken.push((path, role));
    }
    for (path, layout) in rejects.iter().zip(layouts) {
        let Some(path) = path else { continue };
        // Only an imported rejects file may be replaced by its own new rejects.
        let others: Vec<Taken> = taken
            .iter()
            .filter(|(other, _)| !layout.description.is_rejects_file || *other != path.as_path())
            .copied()
            .collect();
        check_output(FileRole::Rejects, path, &options.store, &others)?;
        taken.push((path, FileRole::Rejects));
    }
    Ok(())
}
