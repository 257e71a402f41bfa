//! Commands and options for the user to copy to a shell.

use super::words::null_options;
use crate::customer::RESERVED_NAMES;
use crate::import::InspectedColumn;
use crate::import::plan::is_sign_up_name;
use crate::mapping::{FULL_NAME, Origin, attribute_name, is_whole_name_header};
use crate::store::DEFAULT_PATH;
use crate::text::{shell_path, shell_word};
use crate::value::Standard;
use crate::value::typed::ValueType;
use std::path::Path;

/// The options that would change the mapping or type of a column, the most likely first. Options
/// for the mapping are left out if the user gave it.
pub(crate) fn overriding_options(column: &InspectedColumn) -> Vec<String> {
    let outcome = &column.outcome;
    let header = column.header.trim_start_matches('\u{feff}');
    let map = |attribute: &str| format!("-m {}", shell_word(&format!("{header}={attribute}")));
    let skip = format!("--skip {}", shell_word(header));
    let is_given = matches!(outcome.how, Origin::CommandLine | Origin::MappingFile);
    let attribute = match outcome.attribute.as_deref() {
        None if is_given => return Vec::new(),
        None => return vec![map(&own_name(header))],
        Some(_) if outcome.standard && is_given => return Vec::new(),
        Some(_) if outcome.standard => return vec![map(&own_name(header)), skip],
        Some(attribute) => attribute,
    };
    let declare = |spec: &str| format!("--type {}", shell_word(&format!("{attribute}={spec}")));
    let mut options = Vec::new();
    let is_date_or_time = matches!(outcome.kind, ValueType::Date | ValueType::Datetime);
    options.extend(
        (is_date_or_time && !is_given && is_sign_up_name(header)).then(|| map("created_at")),
    );
    options.extend(outcome.type_readings.iter().map(|spec| declare(&spec.to_string())));
    let likely = outcome.likely_type.as_ref();
    let words = likely.map(|likely| likely.words.as_slice()).filter(|words| !words.is_empty());
    options.extend(words.map(null_options));
    options.extend(likely.map(|likely| declare(&likely.spec.to_string())));
    if !is_given {
        options.extend(column.alias.map(|alias| map(alias.as_str())));
        options.extend(is_whole_name_header(header).then(|| map(FULL_NAME)));
    }
    if outcome.kind != ValueType::String {
        options.push(declare("string"));
    }
    if !is_given {
        options.push(skip);
    }
    options
}

/// The name for a column with an alias as its header, if it becomes a custom attribute instead.
fn own_name(header: &str) -> String {
    let name = attribute_name(header);
    let is_taken = Standard::from_name(&name).is_some() || RESERVED_NAMES.contains(&name.as_str());
    if is_taken || name.is_empty() { format!("custom_{name}") } else { name }
}

/// The command that imports these files with these options into a store.
pub(crate) fn import_command(
    files: &[impl AsRef<Path>],
    options: &[String],
    store: &Path,
) -> String {
    let mut words: Vec<String> = files.iter().map(|file| shell_path(file.as_ref())).collect();
    words.extend(options.iter().map(|option| shell_word(option)));
    format!("engage import {}{}", words.join(" "), store_option(store))
}

/// The option that names the store, after a space; empty for the default store.
pub(crate) fn store_option(store: &Path) -> String {
    if store == Path::new(DEFAULT_PATH) {
        return String::new();
    }
    format!(" --store {}", shell_path(store))
}

/// The commands with an option `--store` that messages mention.
const STORE_COMMANDS: [&str; 15] = [
    "attributes",
    "changes",
    "check",
    "forget",
    "history",
    "index",
    "inspect",
    "prune",
    "restore",
    "retype",
    "segment",
    "segments",
    "show",
    "status",
    "undo",
];

/// A message in which commands get the option `--store`, unless it is the default store.
pub(crate) fn with_store(message: &str, store: &Path) -> String {
    let option = store_option(store);
    if option.is_empty() || message.contains(&option) {
        return message.to_owned();
    }
    let mut parts = message.split("engage ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let length = part.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(part.len());
        let (command, rest) = part.split_at(length);
        let names_store = STORE_COMMANDS.contains(&command) && !rest.starts_with(" --help");
        let option = if names_store { option.as_str() } else { "" };
        text.extend(["engage ", command, option, rest]);
    }
    text
}

/// The command line for these arguments.
pub(crate) fn command_line(arguments: &[String]) -> String {
    let words: Vec<String> = arguments.iter().map(|argument| shell_word(argument)).collect();
    format!("engage {}", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_its_files_and_a_store_that_is_not_the_default() {
        let import = |store: &str| import_command(&["a b.csv", "c.csv"], &[], Path::new(store));
        assert_eq!(import("engage.db"), "engage import 'a b.csv' c.csv");
        assert_eq!(import("my store.db"), "engage import 'a b.csv' c.csv --store 'my store.db'");
    }

    #[test]
    fn commands_in_messages_name_a_store_that_is_not_the_default() {
        let message = "in this order: engage undo 3, engage undo 2; engage history lists them";
        assert_eq!(with_store(message, Path::new(DEFAULT_PATH)), message);
        assert_eq!(
            with_store(message, Path::new("b.db")),
            "in this order: engage undo --store b.db 3, engage undo --store b.db 2; \
             engage history --store b.db lists them"
        );
        let whole = "engage import c.csv --store b.db";
        assert_eq!(with_store(whole, Path::new("b.db")), whole);
    }

    #[test]
    fn a_command_has_its_options_quoted() {
        let options = ["-m".to_owned(), "Customer mail=email".to_owned()];
        let command = import_command(&["c.csv"], &options, Path::new(DEFAULT_PATH));
        assert_eq!(command, "engage import c.csv -m 'Customer mail=email'");
    }

    #[test]
    fn a_standard_name_gets_a_prefix() {
        assert_eq!(own_name("E-Mail"), "e_mail");
        assert_eq!(own_name("email"), "custom_email");
    }
}
