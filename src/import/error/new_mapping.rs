//! How to write a new mapping file if the columns of an input differ from those of the old one.

use crate::settings::Settings;
use crate::text::shell_path;
use std::path::{Path, PathBuf};

/// How to replace a mapping file whose columns differ from those of an input.
#[derive(Debug)]
pub struct NewMapping {
    /// The command that writes it. It keeps the other settings of the old mapping file.
    command: String,
    /// The new mapping file.
    path: PathBuf,
}

impl NewMapping {
    /// The new mapping of an input; `None` without a mapping file. `name` is the path of the input.
    pub(crate) fn of(name: &str, settings: &Settings) -> Option<Self> {
        let old = settings.mapping_file.as_deref()?;
        let stem = old.file_stem().unwrap_or_default().to_string_lossy();
        let numbers = (2..).map(|number: u64| format!("{stem}.new.{number}.toml"));
        let path = std::iter::once(format!("{stem}.new.toml"))
            .chain(numbers)
            .map(|name| old.with_file_name(name))
            .find(|path| path.symlink_metadata().is_err())?;
        let input = if name == "stdin" { "FILE".to_owned() } else { shell_path(Path::new(name)) };
        let (from, to) = (shell_path(old), shell_path(&path));
        let command = format!("engage inspect {input} --mapping {from} --save-mapping {to}");
        Some(Self { command, path })
    }

    /// Like [`of`](Self::of), for an input that lacks `columns`. `None` if the mapping file names
    /// one of them for something other than a mapping.
    pub(crate) fn without(columns: &[String], name: &str, settings: &Settings) -> Option<Self> {
        let file = &settings.mapping.file;
        let is_mapped = |column: &String| {
            file.skip.contains(column) || file.map.iter().any(|(mapped, _)| mapped == column)
        };
        columns.iter().all(is_mapped).then(|| Self::of(name, settings))?
    }

    /// The hints, one per line. `condition` says when they apply, such as `if the export is
    /// complete`.
    pub(crate) fn hints(&self, condition: &str) -> Vec<String> {
        vec![
            format!(
                "{condition}, write a new mapping file with the guards and types of the old one:"
            ),
            self.command.clone(),
            format!("then import with --mapping {}", shell_path(&self.path)),
        ]
    }
}
