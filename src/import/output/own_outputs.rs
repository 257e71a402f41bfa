//! Leaves out inputs that engage itself has written from other inputs: with `import dir/*.csv`, the
//! rejects of one night are among the inputs of the next.

use super::earlier_rejects::is_rejects;
use super::rejects_file::default_path;
use crate::output::{folder_of, is_same_file, resolved};
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

/// An input that is left out, because engage has written it from another input.
#[derive(Debug, PartialEq, Eq)]
pub enum OwnOutput {
    /// The rejects of an input.
    Rejects {
        /// The rejects file.
        file: PathBuf,
        /// The input.
        source: PathBuf,
    },
    /// The accepted records of inputs.
    Accepted {
        /// The file of accepted records.
        file: PathBuf,
    },
}

impl fmt::Display for OwnOutput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejects { file, source } => {
                let (file, source) = (file.display(), source.display());
                write!(formatter, "skipped {file}: it has the rejects of {source}")
            }
            Self::Accepted { file } => {
                let file = file.display();
                write!(formatter, "skipped {file}: it has accepted records of the other files")
            }
        }
    }
}

/// Leaves out inputs that engage has written from other inputs. `rejects` is where rejects go, if
/// that was given; `accepted` are the files of accepted records, each with its sources.
pub fn leave_out_own_outputs(
    inputs: &[PathBuf],
    rejects: Option<&Path>,
    accepted: &[(PathBuf, Vec<PathBuf>)],
) -> (Vec<PathBuf>, Vec<OwnOutput>) {
    let own_output = |file: &PathBuf| {
        let mut others = inputs.iter().filter(|other| *other != file);
        if let Some(source) = others.clone().find(|source| is_rejects_of(file, source, rejects)) {
            return Some(OwnOutput::Rejects { file: file.clone(), source: source.clone() });
        }
        let is_accepted = accepted.iter().any(|(path, sources)| {
            let is_source = |input: &PathBuf| sources.iter().any(|s| is_same_file(s, input));
            is_same_file(path, file) && (sources.is_empty() || others.any(is_source))
        });
        is_accepted.then(|| OwnOutput::Accepted { file: file.clone() })
    };
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for input in inputs {
        match own_output(input) {
            Some(output) => left_out.push(output),
            None => kept.push(input.clone()),
        }
    }
    if kept.is_empty() {
        return (inputs.to_vec(), Vec::new());
    }
    (kept, left_out)
}

/// Whether the name and the header of a file show that it has the rejects of a source.
fn is_rejects_of(file: &Path, source: &Path, rejects: Option<&Path>) -> bool {
    let sibling = default_path(Some(source));
    let given = rejects.map(|rejects| match sibling.file_name() {
        Some(name) if rejects.is_dir() => rejects.join(name),
        _ => rejects.to_owned(),
    });
    let is_named =
        [Some(sibling), given].into_iter().flatten().any(|path| is_number_of(file, &path));
    is_named && File::open(file).and_then(|file| is_rejects(&file)).unwrap_or(false)
}

/// Whether a file has the name of a rejects file, with or without a number.
pub(super) fn is_number_of(file: &Path, rejects: &Path) -> bool {
    if resolved(folder_of(file)) != resolved(folder_of(rejects)) {
        return false;
    }
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let (Some(file), Some(rejects)) = (name(file), name(rejects)) else { return false };
    let Some((stem, ending)) = rejects.rsplit_once('.') else { return file == rejects };
    let number = file.strip_prefix(stem).and_then(|rest| rest.strip_suffix(ending));
    let number = number.and_then(|rest| rest.strip_prefix('.'));
    file == rejects
        || number.and_then(|rest| rest.strip_suffix('.')).is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_rejects_files_are_recognised_by_name() {
        let is_number = |file: &str| is_number_of(Path::new(file), Path::new("u.rejects.csv"));
        assert!(is_number("u.rejects.csv") && is_number("u.rejects.12.csv"));
        assert!(!is_number("u.csv") && !is_number("u.rejects.b.csv"));
        assert!(!is_number("v.rejects.csv") && !is_number("a/u.rejects.csv"));
    }
}
