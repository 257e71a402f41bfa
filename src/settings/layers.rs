//! Merges the settings for an input: the command line overrides a mapping file, which overrides the
//! defaults.

use super::guards::Guards;
use crate::input::ReadOptions;
use crate::mapping::{ManualMapping, MappingOptions, NamedColumn, Origin};
use crate::value::region::Region;
use crate::value::typed::TypeSpec;
use crate::value::{BlankWords, DevicePlatform, Key};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

/// What a blank cell means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Blank {
    /// The stored value stays.
    #[default]
    Keep,
    /// The value is removed.
    Clear,
}

impl Blank {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Keep, Self::Clear];

    /// The option value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Clear => "clear",
        }
    }
}

/// What happens to a record with an invalid value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum OnInvalid {
    /// It is rejected.
    #[default]
    Reject,
    /// Only the value is left out, and reported.
    Drop,
}

impl OnInvalid {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Reject, Self::Drop];

    /// The option value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Drop => "drop",
        }
    }
}

/// A type that was declared for an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredType {
    /// The attribute, or the column that becomes it.
    pub attribute: String,
    /// Its type.
    pub spec: TypeSpec,
    /// Where it was declared.
    pub origin: Origin,
}

/// The options for reading values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueOptions {
    /// Country of phone numbers without a country code.
    pub region: Option<Region>,
    /// Column with the country of each number.
    pub region_column: Option<NamedColumn>,
    /// The platform of device tokens if no column has it.
    pub device_platform: Option<DevicePlatform>,
    /// What a blank cell means.
    pub blank: Blank,
    /// Texts that mean a missing value.
    pub nulls: Vec<String>,
    /// Words that exports write for a missing value.
    pub blank_words: BlankWords,
    /// What happens to a record with an invalid value.
    pub on_invalid: OnInvalid,
    /// Types that were declared; of two for one attribute the first wins.
    pub types: Vec<DeclaredType>,
}

/// The settings from one source: the command line, or a mapping file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SettingsLayer {
    /// What identifies a customer.
    pub key: Option<Key>,
    /// How the file is read.
    pub read: ReadOptions,
    /// What happens to columns.
    pub columns: ManualMapping,
    /// Whether every column that is neither standard nor mapped manually is left out.
    pub only_mapped: bool,
    /// Country of phone numbers without a country code.
    pub region: Option<Region>,
    /// Column with the country of each number.
    pub region_column: Option<String>,
    /// The platform of device tokens if no column has it.
    pub device_platform: Option<DevicePlatform>,
    /// What a blank cell means.
    pub blank: Option<Blank>,
    /// Texts that mean a missing value.
    pub nulls: Vec<String>,
    /// Words such as `NULL` that are kept as values.
    pub keep_text: Vec<String>,
    /// What happens to a record with an invalid value.
    pub on_invalid: Option<OnInvalid>,
    /// Types by attribute.
    pub types: Vec<(String, TypeSpec)>,
    /// Whether each record is the current state of a customer, even if it looks like an event.
    pub one_row_per_customer: bool,
    /// What may be wrong before the import is stopped.
    pub guards: Guards,
}

/// An option that has a value, and where it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplicitOption {
    /// The name of the option, as in a mapping file.
    #[serde(rename = "option")]
    pub name: Cow<'static, str>,
    /// Its value, in words.
    pub value: String,
    /// Where it was given.
    #[serde(rename = "how")]
    pub origin: Origin,
}

/// The merged settings of an import.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// What identifies a customer.
    pub key: Option<Key>,
    /// How the file is read.
    pub read: ReadOptions,
    /// What happens to columns.
    pub mapping: MappingOptions,
    /// How values are read.
    pub values: ValueOptions,
    /// Whether each record is the current state of a customer, even if it looks like an event.
    pub one_row_per_customer: bool,
    /// What may be wrong before the import is stopped.
    pub guards: Guards,
    /// The options that were given, except those for single columns.
    pub explicit: Vec<ExplicitOption>,
    /// The mapping file, if there is one.
    pub mapping_file: Option<PathBuf>,
}

/// A mapping file that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct MappingFile {
    /// Its path.
    pub path: PathBuf,
    /// Its settings.
    pub layer: SettingsLayer,
}

impl Settings {
    /// Merges the settings of the command line with those of a mapping file.
    pub fn merge(command_line: SettingsLayer, mapping_file: Option<MappingFile>) -> Self {
        let (mapping_file, mut file) = match mapping_file {
            Some(MappingFile { path, layer }) => (Some(path), layer),
            None => (None, SettingsLayer::default()),
        };
        let given = command_line;
        // The line of a header and the columns of a file without a header exclude each other.
        if given.read.header_line.is_some() || given.read.columns.is_some() {
            (file.read.header_line, file.read.columns) = (None, None);
        }
        let mut merge = Merge::default();
        Self {
            key: merge.option("key", given.key, file.key),
            read: merge.read_options(given.read, file.read),
            mapping: MappingOptions {
                only_mapped: merge.flag("only_mapped", given.only_mapped, file.only_mapped),
                command_line: given.columns,
                file: file.columns,
            },
            values: ValueOptions {
                region: merge.option("region", given.region, file.region),
                region_column: merge.region_column(given.region_column, file.region_column),
                device_platform: merge.option(
                    "device_platform",
                    given.device_platform,
                    file.device_platform,
                ),
                blank: merge.option("blank", given.blank, file.blank).unwrap_or_default(),
                nulls: merge.list("null", given.nulls, file.nulls),
                blank_words: BlankWords::without(merge.list(
                    "keep_text",
                    given.keep_text,
                    file.keep_text,
                )),
                on_invalid: merge
                    .option("on_invalid", given.on_invalid, file.on_invalid)
                    .unwrap_or_default(),
                types: merged_types(given.types, file.types),
            },
            one_row_per_customer: merge.flag(
                "one_row_per_customer",
                given.one_row_per_customer,
                file.one_row_per_customer,
            ),
            guards: file.guards,
            explicit: merge.explicit,
            mapping_file,
        }
    }

    /// Removes from the mapping file the columns that are not in a header, with the types of their
    /// attributes. Returns these columns.
    pub(crate) fn take_gone_columns(&mut self, header: &[String]) -> Vec<String> {
        let gone = self.mapping.file.take_gone(header);
        let is_left = |attribute: &str| {
            let maps = [&self.mapping.command_line.map, &self.mapping.file.map];
            maps.into_iter().flatten().any(|(_, other)| other == attribute)
        };
        let lost: Vec<&str> = gone
            .iter()
            .filter_map(|(_, attribute)| attribute.as_deref())
            .filter(|attribute| !is_left(attribute))
            .collect();
        self.values.types.retain(|declared| {
            declared.origin != Origin::MappingFile || !lost.contains(&declared.attribute.as_str())
        });
        gone.into_iter().map(|(name, _)| name).collect()
    }

    /// The option of that name, if it was given.
    pub fn explicit(&self, name: &str) -> Option<&ExplicitOption> {
        self.explicit.iter().find(|option| option.name == name)
    }
}

/// A merge in progress: the options that were given so far.
#[derive(Default)]
struct Merge {
    explicit: Vec<ExplicitOption>,
}

impl Merge {
    /// The value from the command line, or else from the file.
    fn option<T: fmt::Display>(
        &mut self,
        name: &'static str,
        given: Option<T>,
        file: Option<T>,
    ) -> Option<T> {
        let origin = if given.is_some() { Origin::CommandLine } else { Origin::MappingFile };
        let value = given.or(file)?;
        self.explicit.push(ExplicitOption { name: name.into(), value: value.to_string(), origin });
        Some(value)
    }

    fn flag(&mut self, name: &'static str, given: bool, file: bool) -> bool {
        self.option(name, given.then_some(true), file.then_some(true)).unwrap_or_default()
    }

    /// The first of the two lists that is not empty.
    fn list(&mut self, name: &'static str, given: Vec<String>, file: Vec<String>) -> Vec<String> {
        let list = |list: Vec<String>| (!list.is_empty()).then_some(List(list));
        self.option(name, list(given), list(file)).unwrap_or_default().0
    }

    fn read_options(&mut self, given: ReadOptions, file: ReadOptions) -> ReadOptions {
        let (delimiter, columns) = (given.delimiter.map(Delimiter), given.columns.map(List));
        ReadOptions {
            delimiter: self
                .option("delimiter", delimiter, file.delimiter.map(Delimiter))
                .map(|delimiter| delimiter.0),
            encoding: self.option("encoding", given.encoding, file.encoding),
            header_line: self.option("header_line", given.header_line, file.header_line),
            columns: self
                .option("columns", columns, file.columns.map(List))
                .map(|columns| columns.0),
        }
    }

    fn region_column(
        &mut self,
        given: Option<String>,
        file: Option<String>,
    ) -> Option<NamedColumn> {
        let given = given.map(|name| NamedColumn { name, origin: Origin::CommandLine });
        let file = file.map(|name| NamedColumn { name, origin: Origin::MappingFile });
        self.option("region_column", given, file)
    }
}

/// The types of the command line, then those of the file. The first type of an attribute counts.
fn merged_types(
    given: Vec<(String, TypeSpec)>,
    file: Vec<(String, TypeSpec)>,
) -> Vec<DeclaredType> {
    let given = given.into_iter().map(|declared| (declared, Origin::CommandLine));
    let file = file.into_iter().map(|declared| (declared, Origin::MappingFile));
    let all = given.chain(file);
    all.map(|((attribute, spec), origin)| DeclaredType { attribute, spec, origin }).collect()
}

/// A delimiter as it is reported.
struct Delimiter(u8);

impl fmt::Display for Delimiter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        char::from(self.0).fmt(formatter)
    }
}

/// A list as it is reported.
#[derive(Default)]
struct List(Vec<String>);

impl fmt::Display for List {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(","))
    }
}

impl fmt::Display for NamedColumn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl fmt::Display for Blank {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Display for OnInvalid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wins_over_the_mapping_file() {
        let given = SettingsLayer {
            region: "NG".parse().ok(),
            types: vec![("born".to_owned(), "date".parse().unwrap())],
            ..SettingsLayer::default()
        };
        let file = SettingsLayer {
            region: "DE".parse().ok(),
            key: Some(Key::Email),
            types: vec![("born".to_owned(), "string".parse().unwrap())],
            ..SettingsLayer::default()
        };
        let file = MappingFile { path: PathBuf::from("m.toml"), layer: file };
        let settings = Settings::merge(given, Some(file));
        assert_eq!(settings.values.region, "NG".parse().ok());
        assert_eq!(settings.key, Some(Key::Email));
        assert_eq!(settings.values.types[0].origin, Origin::CommandLine);
        let explicit: Vec<(&str, &str, Origin)> =
            settings.explicit.iter().map(|o| (&*o.name, o.value.as_str(), o.origin)).collect();
        assert_eq!(
            explicit,
            [("key", "email", Origin::MappingFile), ("region", "NG", Origin::CommandLine)]
        );
    }

    #[test]
    fn a_given_header_line_replaces_columns_in_the_file() {
        let read = |header_line, columns: Option<&[&str]>| SettingsLayer {
            read: ReadOptions {
                header_line,
                columns: columns.map(|names| names.iter().map(|n| (*n).to_owned()).collect()),
                ..ReadOptions::default()
            },
            ..SettingsLayer::default()
        };
        let in_file = |layer| Some(MappingFile { path: PathBuf::from("m.toml"), layer });
        let settings = Settings::merge(read(Some(3), None), in_file(read(None, Some(&["a", "b"]))));
        assert_eq!((settings.read.header_line, settings.read.columns), (Some(3), None));
        let settings = Settings::merge(read(None, Some(&["a"])), in_file(read(Some(3), None)));
        assert_eq!(settings.read.header_line, None);
    }
}
