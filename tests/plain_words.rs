//! Code, comments, docs and messages are plain English. The words here belong to an older style
//! that is hard to read; each has the words to use instead.

use std::fs;
use std::path::{Path, PathBuf};

/// A phrase, and what to write instead. Words are compared without case; names are split into
/// words.
const OLD_WORDS: &[(&str, &str)] = &[
    ("somebody", "the user, another process: name them"),
    ("nobody", "no customer, no user: name them"),
    ("whom", "that, or name the person"),
    ("whoever", "name the person"),
    ("who has no", "customers without"),
    ("is none", "is not one, is missing"),
    ("are none", "are not, are missing"),
    ("was none", "was missing"),
    ("is no", "is not a"),
    ("are no", "are not"),
    ("was no", "was not a"),
    ("were no", "were not"),
    ("any more", "any longer"),
    ("heed", "handle"),
    ("lest", "so that … not"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("unmended", "not fixed"),
    ("taken back", "undone, reverted"),
    ("take back", "undo, revert"),
    ("takes back", "undoes, reverts"),
    ("told apart", "distinguished"),
    ("tell apart", "distinguish"),
    ("tells apart", "distinguishes"),
    ("speaks of", "mentions"),
    ("speak of", "mention"),
    ("says of", "says about"),
    ("as it stands", "unchanged"),
    ("stands", "is, is at, follows"),
    ("stand in", "are in"),
    ("come to stand", "end up"),
    ("comes to", "results in"),
    ("come to", "result in"),
    ("by itself", "on its own, separately"),
    ("such a one", "name it"),
    ("at hand", "available"),
    ("judge", "validate, check"),
    ("judges", "validates, checks"),
    ("judged", "validated, checked"),
    ("judging", "validating, checking"),
    ("fault", "error"),
    ("faults", "errors"),
    ("takes in", "adds, accepts"),
    ("take in", "add, accept"),
    ("in the way", "blocks it"),
    ("is otherwise", "differs"),
    ("was otherwise", "differed"),
    ("what there is", "name it"),
    ("whatever", "any, regardless of"),
    ("holds of", "applies to"),
    ("hold of", "apply to"),
    ("anew", "again"),
    ("overrules", "overrides"),
    ("overruled", "overridden"),
    ("beside", "next to"),
    ("hardly ever", "rarely"),
    ("rehearsal", "dry run"),
    ("all the same", "anyway"),
    ("so many", "this many, at most"),
    ("in vain", "without success: say what failed"),
    ("to the letter", "exactly"),
    ("over and over", "repeatedly"),
    ("superfluous", "extra"),
    ("is told", "is named, is shown"),
    ("are told", "are named, are shown"),
    ("is said", "is shown, is reported"),
    ("are said", "are shown, are reported"),
    ("had it not been", "without"),
    ("comes of", "results in"),
    ("there again", "restored"),
    ("goes on", "continues"),
    ("thus", "so"),
    ("passed over", "skipped"),
    ("pushed out", "evicted, removed"),
    ("brings in", "imports"),
    ("bring in", "import"),
    ("kept apart", "separate"),
    ("for ever", "without end"),
    ("be had", "be obtained, be installed"),
    ("with a word", "with a message"),
    ("besides", "in addition to, except"),
    ("fewest", "minimum"),
    ("stranger", "name it: another process, an unknown column"),
];

/// Phrases in which such a word has another sense.
const ALLOWED: &[(&str, &str)] = &[
    ("stands for", "an abbreviation stands for its meaning"),
    ("is no longer", "plain English"),
    ("are no longer", "plain English"),
    ("was no longer", "plain English"),
    ("were no longer", "plain English"),
    ("there is no", "plain English, before a noun"),
    ("there are no", "plain English, before a noun"),
    ("there was no", "plain English, before a noun"),
    ("there were no", "plain English, before a noun"),
    ("there is none", "plain English"),
    ("there are none", "plain English"),
    ("there was none", "plain English"),
    ("is no 1", "`No.` as a header"),
    ("page faults", "the term of operating systems"),
];

/// Files that use such a word in another sense: the start of the path, the word (empty for all),
/// why.
const EXEMPT: &[(&str, &str, &str)] = &[
    ("tests/plain_words.rs", "", "the list itself"),
    ("tests/engage_api", "fault", "faults are injected into the API"),
    ("tests/pushing", "fault", "faults are injected into the API"),
    ("tests/main.rs", "fault", "names those files"),
    ("tests/crashes.rs", "fault", "faults are injected into system calls"),
    ("tests/kills.rs", "fault", "faults are injected into system calls"),
    ("tests/older_stores.rs", "fault", "faults are injected into system calls"),
    ("tests/histories.rs", "is none", "a variable named `is`"),
    ("tests/model/mod.rs", "is said", "variants of an enum"),
    ("src/mapping/header/table.rs", "", "words of headers"),
    ("src/value/region/names.rs", "", "names of countries"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        let is_text =
            path.extension().is_some_and(|extension| extension == "rs" || extension == "md");
        if is_text {
            found.push(path.to_owned());
        }
        return;
    }
    for entry in fs::read_dir(path).unwrap() {
        files(&entry.unwrap().path(), found);
    }
}

/// The words of a text in lower case, each with its line. `snake_case` and `camelCase` are split,
/// except those of `Option`.
fn words(text: &str) -> Vec<(String, usize)> {
    let mut words = Vec::new();
    for (number, line) in text.replace("is_none", "").replace("`None`", "").lines().enumerate() {
        let mut word = String::new();
        let mut was_lower = false;
        for c in line.chars().chain([' ']) {
            if !word.is_empty() && (!c.is_alphanumeric() || (was_lower && c.is_uppercase())) {
                words.push((std::mem::take(&mut word), number + 1));
            }
            if c.is_alphanumeric() {
                word.extend(c.to_lowercase());
            }
            was_lower = c.is_lowercase();
        }
    }
    words
}

fn is_at(words: &[(String, usize)], at: usize, phrase: &str) -> bool {
    phrase
        .split(' ')
        .enumerate()
        .all(|(offset, expected)| words.get(at + offset).is_some_and(|(word, _)| word == expected))
}

/// Whether an allowed phrase covers the word. The phrase may begin up to three words before it.
fn is_allowed(words: &[(String, usize)], at: usize) -> bool {
    (at.saturating_sub(3)..=at).any(|start| {
        ALLOWED.iter().any(|(phrase, _)| {
            start + phrase.split(' ').count() > at && is_at(words, start, phrase)
        })
    })
}

/// The old words of a text: line, phrase and replacement.
fn findings(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let words = words(text);
    let mut found = Vec::new();
    for (at, (_, line)) in words.iter().enumerate() {
        for (phrase, instead) in OLD_WORDS {
            if is_at(&words, at, phrase) && !is_allowed(&words, at) {
                found.push((*line, *phrase, *instead));
            }
        }
    }
    found
}

#[test]
fn the_project_uses_plain_words() {
    let mut found = Vec::new();
    for place in
        ["src", "tests", "docs", "fuzz/fuzz_targets", "benches", "README.md", "CONTRIBUTING.md"]
    {
        files(&root().join(place), &mut found);
    }
    let mut lines = Vec::new();
    for file in found {
        let path = file.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        let is_exempt = |phrase: &str| {
            EXEMPT
                .iter()
                .any(|(place, word, _)| path.starts_with(*place) && phrase.starts_with(*word))
        };
        for (line, phrase, instead) in findings(&fs::read_to_string(&file).unwrap()) {
            if !is_exempt(phrase) {
                lines.push(format!("{path}:{line}: \"{phrase}\"; better: {instead}"));
            }
        }
    }
    assert!(lines.is_empty(), "{}\n{} old words", lines.join("\n"), lines.len());
}

#[test]
fn old_words_are_found_across_lines_and_in_names() {
    let found = |text| {
        findings(text).into_iter().map(|(line, phrase, _)| (line, phrase)).collect::<Vec<_>>()
    };
    assert_eq!(found("/// It is\n/// no text."), [(1, "is no")]);
    assert_eq!(found("fn nobody_asks() {}"), [(1, "nobody")]);
    assert_eq!(found("struct RecordFault;"), [(1, "fault")]);
    assert_eq!(found("It is no longer there, and there is no other."), []);
}
