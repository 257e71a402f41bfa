//! Commands and options that are to be copied, to the letter.

use crate::customer::RESERVED_NAMES;
use crate::import::InspectedColumn;
use crate::input::shell_word as word;
use crate::mapping::{FULL_NAME, Origin, attribute_name, is_whole_name_header};
use crate::store::sqlite::DEFAULT_PATH;
use crate::value::Standard;
use crate::value::typed::ValueType;
use std::path::Path;

/// The options that would make something else of a column, the likeliest first. None where it is
/// what somebody said already.
pub(crate) fn overruling(column: &InspectedColumn) -> Vec<String> {
    let outcome = &column.outcome;
    let header = column.header.trim_start_matches('\u{feff}');
    let map = |attribute: &str| format!("-m {}", word(&format!("{header}={attribute}")));
    let skip = format!("--skip {}", word(header));
    let said = matches!(outcome.how, Origin::CommandLine | Origin::MappingFile);
    let attribute = match outcome.attribute.as_deref() {
        None if said => return Vec::new(),
        None => return vec![map(&own_name(header))],
        Some(_) if outcome.standard && said => return Vec::new(),
        Some(_) if outcome.standard => return vec![map(&own_name(header)), skip],
        Some(attribute) => attribute,
    };
    let declare = |spec: &str| format!("--type {}", word(&format!("{attribute}={spec}")));
    let mut options = Vec::new();
    options.extend(outcome.type_readings.iter().map(|spec| declare(&spec.to_string())));
    options.extend(column.likely_type.map(|likely| declare(likely.kind.as_str())));
    if !said {
        options.extend(column.alias.map(|alias| map(alias.as_str())));
        options.extend(is_whole_name_header(header).then(|| map(FULL_NAME)));
    }
    if outcome.kind != ValueType::String {
        options.push(declare("string"));
    }
    if !said {
        options.push(skip);
    }
    options
}

/// The name of the custom attribute that a column makes whose header is an alias.
fn own_name(header: &str) -> String {
    let name = attribute_name(header);
    let is_taken = Standard::from_name(&name).is_some() || RESERVED_NAMES.contains(&name.as_str());
    if is_taken || name.is_empty() { format!("custom_{name}") } else { name }
}

/// The command that imports these files into that store.
pub(crate) fn import_command(files: &[impl AsRef<Path>], store: &Path) -> String {
    let files: Vec<String> = files.iter().map(|file| path_word(file.as_ref())).collect();
    format!("engage import {}{}", files.join(" "), store_option(store))
}

/// The option that names the store, after a space; nothing where it is the one that is meant
/// without it.
pub(crate) fn store_option(store: &Path) -> String {
    if store == Path::new(DEFAULT_PATH) {
        return String::new();
    }
    format!(" --store {}", path_word(store))
}

/// The command line of a command that was run with these arguments.
pub(crate) fn command_line(arguments: &[String]) -> String {
    let words: Vec<String> = arguments.iter().map(|argument| word(argument)).collect();
    format!("engage {}", words.join(" "))
}

/// A path as one word of a command line.
pub(crate) fn path_word(path: &Path) -> String {
    word(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_its_files_and_the_store_that_is_not_meant_anyway() {
        let import = |store: &str| import_command(&["a b.csv", "c.csv"], Path::new(store));
        assert_eq!(import("engage.db"), "engage import 'a b.csv' c.csv");
        assert_eq!(import("my store.db"), "engage import 'a b.csv' c.csv --store 'my store.db'");
    }

    #[test]
    fn what_would_be_a_standard_name_gets_another() {
        assert_eq!(own_name("E-Mail"), "e_mail");
        assert_eq!(own_name("email"), "custom_email");
    }
}
