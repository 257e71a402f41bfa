//! A rejects file that a committed import may not have renamed yet.
//!
//! The history line of an import names it until it is renamed. A store is untrusted input, so the
//! names are checked before a file is renamed.

use crate::output::{TemporaryFiles, folder_of};
use std::path::{Path, PathBuf};

/// A rejects file and its final name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingOutput {
    /// The import that wrote it.
    pub import: i64,
    /// The temporary name.
    pub temporary: PathBuf,
    /// The final name.
    pub target: PathBuf,
}

impl PendingOutput {
    /// Whether an import can have written it: the temporary file is in the folder of its target.
    pub fn is_plausible(&self) -> bool {
        let Self { temporary, target, .. } = self;
        temporary.is_absolute()
            && folder_of(temporary) == folder_of(target)
            && target.file_name().is_some()
            && TemporaryFiles::is_any_name(temporary)
    }

    /// Whether an import into the store at this path can have written it. A store that was copied
    /// or moved still has the names of its former path.
    pub fn is_of_store(&self, store: &Path) -> bool {
        self.is_plausible() && TemporaryFiles::of_store(store).is_name(&self.temporary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_store_in_the_targets_own_folder_are_plausible() {
        let store = Path::new("/data/s.db");
        let name = |word: &str| {
            let files = TemporaryFiles::of_store(store);
            let folder = tempfile::tempdir().unwrap();
            let file = files.create(crate::output::Purpose::Import, &folder.path().join("x"));
            let name = file.unwrap().path().file_name().unwrap().to_string_lossy().into_owned();
            name.replace("import", word)
        };
        let plausible = |temporary: &str, target: &str| {
            let (temporary, target) = (temporary.into(), target.into());
            PendingOutput { import: 1, temporary, target }.is_of_store(store)
        };
        let ours = name("import");
        assert!(plausible(&format!("/in/{ours}"), "/in/users.rejects.csv"));
        assert!(!plausible(&format!("/in/{ours}"), "/etc/users.rejects.csv"));
        assert!(!plausible(&format!("/in/../etc/{ours}"), "/etc/users.rejects.csv"));
        assert!(!plausible(&ours, "users.rejects.csv"));
        assert!(!plausible("/in/payload", "/in/target"));
        assert!(!plausible("/in/.engage-0000000000000000-import-a.part", "/in/target"));
    }
}
