//! The house: who may import whom, where SQL is, and that every fuzz target is built.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders of `src`, each of which may use those before it alone.
const ORDER: [&str; 15] = [
    "input",
    "output",
    "value",
    "customer",
    "statistics",
    "own_export",
    "mapping",
    "events",
    "settings",
    "outcome",
    "segment",
    "store",
    "import",
    "report",
    "cli",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn every_folder_of_src_is_held() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let entries = fs::read_dir(root).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut folders: Vec<String> =
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    folders.sort();
    let mut held = ORDER;
    held.sort_unstable();
    assert_eq!(folders, held);
}

#[test]
fn modules_import_only_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (place, module) in ORDER.into_iter().enumerate() {
        let mut found = Vec::new();
        files(&root.join(module), &mut found);
        for file in found {
            let text = fs::read_to_string(&file).unwrap();
            for other in &ORDER[place + 1..] {
                let uses = text.contains(&format!("crate::{other}::"));
                assert!(!uses, "{} uses {other}", file.display());
            }
            assert!(!text.contains("crate::{"), "{}: one line per module", file.display());
        }
    }
}

/// `super` would lead from one folder to another unseen.
#[test]
fn no_path_leaves_its_folder_by_super() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    for file in found {
        let place = file.strip_prefix(&root).unwrap().with_extension("");
        let depth = place.components().filter(|part| part.as_os_str() != "mod").count();
        let text = fs::read_to_string(&file).unwrap();
        let (code, tests) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        assert!(!code.contains(&"super::".repeat(depth)), "{}", file.display());
        // A file's tests are a module below it.
        assert!(!tests.contains(&"super::".repeat(depth + 1)), "{}", file.display());
    }
}

#[test]
fn sql_lives_in_the_store_alone() {
    let mut found = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    files(&root, &mut found);
    for file in found {
        let in_store = file.strip_prefix(&root).unwrap().starts_with("store");
        let text = fs::read_to_string(&file).unwrap();
        assert!(in_store || !text.contains("rusqlite"), "{}", file.display());
    }
}

/// A fuzz target that the manifest does not name is never built.
#[test]
fn every_fuzz_target_is_named() {
    let manifest = include_str!("../fuzz/Cargo.toml");
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets"), &mut found);
    assert!(!found.is_empty());
    for file in found {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let path = format!("path = \"fuzz_targets/{name}.rs\"");
        let is_named = manifest.contains(&format!("name = \"{name}\"")) && manifest.contains(&path);
        assert!(is_named, "{name} is not named");
    }
}
