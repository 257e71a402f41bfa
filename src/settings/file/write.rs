//! Writes a mapping file.

use super::error::{MAPPING_FILE_VERSION, MappingFileError};
use super::read::{parse_mapping_file, read_mapping_file};
use crate::input::Description;
use crate::mapping::{Mapping, Origin, Target};
use crate::output::{Destination, Notation, TemporaryFiles, write};
use crate::settings::{Guards, Settings};
use crate::value::Key;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// The settings and the mapping of a plan, to be saved.
#[derive(Debug)]
pub struct SavedMapping<'a> {
    /// The name of the input that it was made for.
    pub name: &'a str,
    /// The settings that it was made with.
    pub settings: &'a Settings,
    /// How the file is read.
    pub description: &'a Description,
    /// What identifies a customer.
    pub key: Key,
    /// What happens to every column.
    pub mapping: &'a Mapping,
    /// The types of the custom attributes.
    pub types: Vec<SavedType<'a>>,
}

/// The type of a custom attribute.
#[derive(Debug)]
pub struct SavedType<'a> {
    /// The attribute.
    pub attribute: &'a str,
    /// The type as it is declared: `date:%d/%m/%Y`.
    pub spec: String,
    /// Whether it was declared. An inferred type is written as a comment: a later value that does
    /// not fit it is not an error.
    pub declared: bool,
    /// Why it has that type, in words.
    pub reason: &'a str,
}

impl SavedMapping<'_> {
    /// Writes the mapping file. An existing file is not replaced: a mapping file with the same
    /// settings stays as it is, with any comments that the user added.
    pub(crate) fn save(&self, path: &Path, files: &TemporaryFiles) -> Result<(), MappingFileError> {
        if matches!(Destination::of(path), Destination::File(_)) && self.is_saved(path)? {
            return Ok(());
        }
        write(path, files, Notation::Text, |writer| writer.write_all(self.text().as_bytes()))
            .map_err(|source| MappingFileError::Unwritable { path: path.to_owned(), source })
    }

    /// Whether the file exists with the same settings. Fails if it has other contents.
    fn is_saved(&self, path: &Path) -> Result<bool, MappingFileError> {
        match read_mapping_file(path) {
            Ok(there) if parse_mapping_file(&self.text()).is_ok_and(|own| own == there) => Ok(true),
            Ok(_) => Err(MappingFileError::Exists(path.to_owned())),
            Err(MappingFileError::Unreadable { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                Ok(false)
            }
            Err(_) => Err(MappingFileError::NotOurs(path.to_owned())),
        }
    }

    /// The text of the file. An explicit option is a line, a detected one is a comment; only the
    /// mapping of the columns is always written as lines.
    pub fn text(&self) -> String {
        let mut text = format!(
            "# How engage reads exports like {}:  engage import FILE --mapping THIS\n\
             # Options on the command line override the lines here. docs/mapping.md describes\n\
             # every line.\n\
             version = {MAPPING_FILE_VERSION}\n",
            comment(self.name)
        );
        self.options(&mut text);
        self.columns(&mut text);
        self.types(&mut text);
        self.guards(&mut text);
        text
    }

    fn options(&self, text: &mut String) {
        let Settings { key, read, mapping, values, .. } = self.settings;
        let description = self.description;
        text.push_str("\n# What identifies a customer. Without it: the store's key.\n");
        option("key", key.map(|key| quoted(key.as_str())), &quoted(self.key.as_str()), text);

        text.push_str("\n# The file format. Detected in each file if not set.\n");
        let delimiter = |delimiter: char| match delimiter {
            '\t' => quoted("tab"),
            other => quoted(&other.to_string()),
        };
        let given = read.delimiter.map(|byte| delimiter(char::from(byte)));
        option("delimiter", given, &delimiter(description.delimiter), text);
        let given = read.encoding.map(|encoding| quoted(encoding.name()));
        option("encoding", given, &quoted(&description.encoding), text);
        if let Some(columns) = &read.columns {
            option("columns", Some(list(columns)), "", text);
        } else {
            let given = read.header_line.map(|line| line.to_string());
            option("header_line", given, &description.header_line.to_string(), text);
        }

        text.push_str(
            "\n# Country of phone numbers without a country code, and the column with it.\n",
        );
        let given = values.region.map(|region| quoted(region.as_str()));
        option("region", given, "\"NG\"", text);
        let given = values.region_column.as_ref().map(|column| quoted(&column.name));
        option("region_column", given, "\"Country\"", text);
        text.push_str("# Platform of device tokens if no column has it: ios or android.\n");
        let given = values.device_platform.map(|platform| quoted(platform.as_str()));
        option("device_platform", given, "\"ios\"", text);

        let is_explicit = |name: &str| self.settings.explicit(name).is_some();
        text.push_str("\n# Whether an empty cell keeps or clears the stored value.\n");
        let blank = quoted(values.blank.as_str());
        option("blank", is_explicit("blank").then(|| blank.clone()), &blank, text);
        text.push_str("# Texts that mean a missing value.\n");
        let nulls = Some(&values.nulls).filter(|nulls| !nulls.is_empty());
        option("null", nulls.map(|nulls| list(nulls)), "[\"N/A\"]", text);
        text.push_str("# Words such as NULL and N/A to keep as values.\n");
        let kept = Some(values.blank_words.kept()).filter(|words| !words.is_empty());
        option("keep_text", kept.map(list), "[\"NULL\"]", text);
        text.push_str("# For an invalid value, reject the record or drop only the value.\n");
        let on_invalid = quoted(values.on_invalid.as_str());
        option(
            "on_invalid",
            is_explicit("on_invalid").then(|| on_invalid.clone()),
            &on_invalid,
            text,
        );

        text.push_str("\n# Skip columns that are neither standard attributes nor mapped below.\n");
        option("only_mapped", mapping.only_mapped.then(|| "true".to_owned()), "true", text);
        if self.settings.one_row_per_customer {
            text.push_str("one_row_per_customer = true\n");
        }
    }

    fn columns(&self, text: &mut String) {
        let mut written = HashSet::new();
        // If columns share a name, a file can refer only to the first; the others follow from it.
        let mut columns: Vec<_> = self
            .mapping
            .columns
            .iter()
            .filter(|column| written.insert(column.header.as_str()))
            .collect();
        let skipped: Vec<String> = columns
            .iter()
            .filter(|column| column.target == Target::Skipped)
            .map(|column| column.header.clone())
            .collect();
        text.push_str("# Skip these columns.\n");
        option("skip", (!skipped.is_empty()).then(|| list(&skipped)), "[\"Notes\"]", text);

        text.push_str("\n# Every column, and the attribute that it becomes.\n[map]\n");
        let parts = self.mapping.uid_columns();
        if parts.len() > 1 {
            let headers = parts.iter().map(|part| self.mapping.columns[*part].header.as_str());
            let name: Vec<&str> = headers.collect();
            let _ = writeln!(text, "{} = \"uid\"", bare_or_quoted(&name.join("+")));
        }
        // The order determines which column of an attribute comes first.
        columns.sort_by_key(|column| match column.target {
            Target::Fallback(_, place) => place,
            _ => 0,
        });
        for column in columns {
            let Some(attribute) = column.target.option_value() else { continue };
            let why = match column.origin {
                Origin::Alias => "  # alias",
                Origin::CommandLine => "  # given",
                Origin::MappingFile | Origin::Remembered => "  # as before",
                Origin::Values => "  # its values",
                Origin::Custom => "",
            };
            let (column, attribute) = (bare_or_quoted(&column.header), quoted(&attribute));
            let _ = writeln!(text, "{column} = {attribute}{why}");
        }
    }

    fn guards(&self, text: &mut String) {
        let Guards { max_rejects, max_missing, max_merged } = self.settings.guards;
        let bounds = [
            ("max_rejects", max_rejects, "1%"),
            ("max_missing", max_missing, "20%"),
            ("max_merged", max_merged, "10%"),
        ];
        text.push_str("\n# Stop the import above these limits.\n[guards]\n");
        for (name, bound, example) in bounds {
            let bound = bound.map(|bound| quoted(&bound.to_string()));
            option(name, bound, &quoted(example), text);
        }
    }

    fn types(&self, text: &mut String) {
        text.push_str(
            "\n# Types: a value that does not fit is an error. Inferred types are in comments: values\n\
             # that do not fit those are kept as text, with a warning.\n[types]\n",
        );
        for SavedType { attribute, spec, declared, reason } in &self.types {
            let mark = if *declared { "" } else { "# " };
            let (attribute, spec) = (bare_or_quoted(attribute), quoted(spec));
            let _ = writeln!(text, "{mark}{attribute} = {spec}  # {}", comment(reason));
        }
    }
}

/// A line, or a comment that shows one.
fn option(name: &str, value: Option<String>, example: &str, text: &mut String) {
    let _ = match value {
        Some(value) => writeln!(text, "{name} = {value}"),
        None => writeln!(text, "# {name} = {example}"),
    };
}

/// A text that stays within its comment.
fn comment(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A text as TOML, on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || c == '\u{feff}' => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn bare_or_quoted(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { quoted(key) }
}

fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}
