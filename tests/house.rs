//! The house: who may import whom, where SQL is, and that every fuzz target is built.

use std::fs;
use std::path::{Path, PathBuf};

/// A module, and the modules that it may use.
const MAY_IMPORT: [(&str, &[&str]); 8] = [
    ("source", &[]),
    ("attribute", &[]),
    ("mapping", &["source", "attribute"]),
    ("segment", &["attribute"]),
    ("store", &["attribute", "segment"]),
    ("import", &["source", "attribute", "mapping", "segment", "store"]),
    ("report", &["source", "attribute", "mapping", "segment", "store", "import"]),
    ("cli", &["source", "attribute", "mapping", "segment", "store", "import", "report"]),
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
fn modules_import_only_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (module, allowed) in MAY_IMPORT {
        let mut found = Vec::new();
        if root.join(module).exists() {
            files(&root.join(module), &mut found);
        }
        for file in found {
            let text = fs::read_to_string(&file).unwrap();
            for (other, _) in MAY_IMPORT {
                let uses = text.contains(&format!("crate::{other}"));
                let may = other == module || allowed.contains(&other);
                assert!(!uses || may, "{} uses {other}", file.display());
            }
            assert!(!text.contains("crate::{"), "{}: one line per module", file.display());
        }
    }
}

#[test]
fn sql_lives_in_the_store_alone() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    for file in found {
        let in_store = file.components().any(|part| part.as_os_str() == "store");
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
