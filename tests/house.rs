//! Rules for the source tree: which folder may use which, no cyclic imports, the maximum size of
//! folders and files, where SQL may be, and that every fuzz target is built.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of `src`. Each may only use itself and those before it.
const ORDER: [&str; 17] = [
    "text",
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
    "push",
    "report",
    "cli",
];

/// The most files and folders in a folder, except `mod.rs`.
const MOST_ENTRIES: usize = 16;

/// The most lines of a file, without its tests.
const MOST_LINES: usize = 450;

/// Tables of words may be longer.
const TABLES: [&str; 1] = ["events/words.rs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

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

/// A file of `src` as a module.
struct Module {
    /// Its path, such as `["import", "plan", "drift"]`; for a `mod.rs`, that of its folder.
    path: Vec<String>,
    /// Whether it is a `mod.rs`. Its re-exports are resolved to the files that define the items.
    is_face: bool,
    /// The code without its tests and comments.
    code: String,
}

/// The modules that each module imports.
type Imports = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// A module by its path.
type Modules = BTreeMap<Vec<String>, Module>;

fn modules() -> Modules {
    let mut found = Vec::new();
    files(&root(), &mut found);
    found.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let module = |path: &PathBuf| {
        let place = path.strip_prefix(root()).unwrap().with_extension("");
        let mut parts: Vec<String> =
            place.components().map(|part| part.as_os_str().to_str().unwrap().to_owned()).collect();
        let is_face = parts.last().is_some_and(|name| name == "mod");
        if is_face || parts == ["lib"] {
            parts.pop();
        }
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
        let code = lines.collect::<Vec<_>>().join("\n");
        (parts.clone(), Module { path: parts, is_face, code })
    };
    let is_test = |path: &&PathBuf| path.file_stem().is_some_and(|name| name == "tests");
    found.iter().filter(|path| !is_test(path)).map(module).collect()
}

/// The paths that a `use` tree names, such as `a::{b, c::d as e}`.
fn expand(tree: &str, prefix: &[String], paths: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        let parts = path.split("::").map(|part| part.trim().to_owned());
        let parts = parts.filter(|part| !part.is_empty() && part != "self");
        paths.push(prefix.iter().cloned().chain(parts).collect());
        return;
    };
    let head = tree[..open].split("::").map(|part| part.trim().to_owned());
    let prefix: Vec<String> =
        prefix.iter().cloned().chain(head.filter(|part| !part.is_empty())).collect();
    let inner = &tree[open + 1..tree.rfind('}').unwrap()];
    let (mut depth, mut start) = (0, 0);
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&inner[start..at], &prefix, paths);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !inner[start..].trim().is_empty() {
        expand(&inner[start..], &prefix, paths);
    }
}

/// The paths in the `use` items of a module: re-exports if `exported`, otherwise the others.
fn uses(module: &Module, exported: bool) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut rest = module.code.as_str();
    while let Some(at) = rest.find("use ") {
        let line = rest[..at].rsplit('\n').next().unwrap_or_default().trim();
        let after = &rest[at + 4..];
        let end = after.find(';').unwrap_or(after.len());
        if (line.is_empty() && !exported) || (line.starts_with("pub") && exported) {
            expand(&after[..end], &[], &mut paths);
        }
        rest = &after[end..];
    }
    paths
}

/// Paths that begin with `crate::` anywhere in the code.
fn inline(module: &Module) -> Vec<Vec<String>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let starts = module.code.match_indices("crate::").map(|(at, _)| at);
    let path = |at: usize| module.code[at..].split(|c| !is_word(c)).next().unwrap_or_default();
    starts.map(|at| path(at).split("::").map(str::to_owned).collect()).collect()
}

/// The path from the root of the crate, if the path refers to the crate.
fn absolute(module: &Module, path: &[String], modules: &Modules) -> Option<Vec<String>> {
    let mut here = module.path.clone();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => return Some(path[1..].to_vec()),
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                here.pop();
                rest = &rest[1..];
            }
        }
        child => {
            here.push(child.to_owned());
            modules.get(&here)?;
            here.pop();
        }
    }
    here.extend(rest.iter().cloned());
    Some(here)
}

/// The module that defines the item of a path from the root, following re-exports.
fn definition(path: &[String], modules: &Modules, depth: usize) -> Option<Vec<String>> {
    let length = (0..=path.len()).rev().find(|length| modules.contains_key(&path[..*length]))?;
    let module = &modules[&path[..length]];
    let Some(name) = path.get(length).filter(|_| module.is_face && depth < 8) else {
        return Some(module.path.clone());
    };
    let exported = uses(module, true).into_iter().find(|path| path.last() == Some(name));
    let behind = exported.and_then(|path| absolute(module, &path, modules));
    match behind {
        Some(behind) if behind != path => definition(&behind, modules, depth + 1),
        _ => Some(module.path.clone()),
    }
}

/// The modules that each module imports items from. Re-exports do not count.
fn imports(modules: &Modules) -> Imports {
    let mut imports = BTreeMap::new();
    for module in modules.values() {
        let named = uses(module, false).into_iter().chain(inline(module));
        let named = named.filter_map(|path| absolute(module, &path, modules));
        let mut targets: BTreeSet<Vec<String>> =
            named.filter_map(|path| definition(&path, modules, 0)).collect();
        targets.remove(&module.path);
        targets.remove(&Vec::new());
        imports.insert(module.path.clone(), targets);
    }
    imports
}

/// The modules that can be reached from a module, in any number of steps.
fn reached(graph: &Imports, from: &[String]) -> BTreeSet<Vec<String>> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_vec()];
    while let Some(place) = open.pop() {
        for next in graph.get(&place).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    reached
}

/// The members of import cycles, each with the members of its cycle that it imports.
fn circles(graph: &Imports) -> Vec<String> {
    let reached: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> =
        graph.keys().map(|from| (from, reached(graph, from))).collect();
    let mut circles = Vec::new();
    for (from, targets) in graph {
        let back = |target: &&Vec<String>| reached.get(*target).is_some_and(|to| to.contains(from));
        let targets: Vec<String> = targets.iter().filter(back).map(|to| to.join("/")).collect();
        if !targets.is_empty() {
            circles.push(format!("{} -> {}", from.join("/"), targets.join(", ")));
        }
    }
    circles
}

#[test]
fn every_folder_of_src_has_a_place_in_the_order() {
    let entries = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut folders: Vec<String> =
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    folders.sort();
    let mut held = ORDER;
    held.sort_unstable();
    assert_eq!(folders, held);
}

#[test]
fn a_folder_uses_only_those_below_it() {
    for (from, targets) in imports(&modules()) {
        let place = |path: &[String]| {
            ORDER.iter().position(|folder| path.first().is_some_and(|top| top == folder))
        };
        let Some(own) = place(&from) else { continue };
        for target in targets {
            assert!(place(&target).is_none_or(|other| other <= own), "{from:?} uses {target:?}");
        }
    }
}

#[test]
fn no_files_import_each_other_in_a_cycle() {
    let circles = circles(&imports(&modules()));
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

/// A subfolder of a folder of `src` counts as one module; a file next to it is its own module.
#[test]
fn no_subfolders_import_each_other_in_a_cycle() {
    for depth in [2, 3] {
        let unit = |path: &[String]| path[..path.len().min(depth)].to_vec();
        let mut graph: Imports = BTreeMap::new();
        for (from, targets) in imports(&modules()) {
            let from = unit(&from);
            let targets = targets.iter().map(|target| unit(target)).filter(|to| *to != from);
            graph.entry(from.clone()).or_default().extend(targets.collect::<Vec<_>>());
        }
        let circles = circles(&graph);
        assert!(circles.is_empty(), "depth {depth}:\n{}", circles.join("\n"));
    }
}

/// The empty store, which is not a text.
fn is_database(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "db")
}

#[test]
fn folders_and_files_are_small() {
    let mut found = Vec::new();
    files(&root(), &mut found);
    let mut entries: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for file in &found {
        let mut child = file.as_path();
        while let Some(folder) = child.parent().filter(|folder| folder.starts_with(root())) {
            let is_face = child.file_name().is_some_and(|name| name == "mod.rs");
            if !is_face {
                entries.entry(folder.to_owned()).or_default().insert(child.with_extension(""));
            }
            child = folder;
        }
        if is_database(file) {
            continue;
        }
        let text = fs::read_to_string(file).unwrap();
        let lines = text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
        let is_tests = file.file_stem().is_some_and(|name| name == "tests");
        let is_table = TABLES.iter().any(|table| file.ends_with(table));
        let fits = is_tests || is_table || lines <= MOST_LINES;
        assert!(fits, "{} has {lines} lines", file.display());
    }
    for (folder, entries) in entries {
        let most = if folder == root() { ORDER.len() + 4 } else { MOST_ENTRIES };
        let commands = folder.ends_with("commands");
        assert!(commands || entries.len() <= most, "{} has {}", folder.display(), entries.len());
    }
}

#[test]
fn sql_is_only_in_the_store() {
    let mut found = Vec::new();
    files(&root(), &mut found);
    for file in found.into_iter().filter(|file| !is_database(file)) {
        let in_store = file.strip_prefix(root()).unwrap().starts_with("store");
        let text = fs::read_to_string(&file).unwrap();
        assert!(in_store || !text.contains("rusqlite"), "{}", file.display());
    }
}

/// A fuzz target that is not in the manifest is never built.
#[test]
fn every_fuzz_target_is_in_the_manifest() {
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
