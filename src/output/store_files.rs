//! Recognises the files of a store, so that no output replaces them.

use super::destination::{FilePlace, resolved};
use std::path::{Path, PathBuf, absolute};

/// What SQLite appends to the name of a database for the files next to it.
pub const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The path of a file that SQLite keeps next to a database.
pub fn companion(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Whether a path is the store or one of the files that SQLite keeps next to it, by any spelling,
/// link or hard link. The file need not exist.
pub fn is_store_file(store: &Path, path: &Path) -> bool {
    if is_store_url(store) {
        return false;
    }
    let file = FilePlace::of(path);
    let is_of = |store: &Path| {
        let mut endings = COMPANIONS.iter().chain(&[""]);
        endings.any(|ending| FilePlace::of(&companion(store, ending)).is_same(&file))
    };
    // SQLite puts its files next to the store that a link leads to.
    let target = resolved(store);
    let is_link = absolute(store).map_or(true, |store| store != target);
    is_of(&target) || (is_link && is_of(store))
}

/// Whether a store is named by the URL of a PostgreSQL database rather than by a path.
pub fn is_store_url(store: &Path) -> bool {
    let name = store.as_os_str().as_encoded_bytes();
    ["postgres://", "postgresql://"].iter().any(|scheme| name.starts_with(scheme.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_known_by_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("s.db"), "").unwrap();
        std::os::unix::fs::symlink(at("s.db"), at("link.db")).unwrap();
        std::fs::hard_link(at("s.db"), at("hard.db")).unwrap();
        for name in ["s.db", "s.db-wal", "s.db-shm", "s.db-journal", "link.db", "hard.db"] {
            assert!(is_store_file(&at("s.db"), &at(name)), "{name}");
            assert!(is_store_file(&at("link.db"), &at(name)), "{name} by the link");
        }
        assert!(is_store_file(&at("link.db"), &at("link.db-wal")));
        assert!(!is_store_file(&at("s.db"), &at("s.db-other")));
    }
}
