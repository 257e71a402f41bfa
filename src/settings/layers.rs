//! What a person chooses of how a file is read, mapped and judged: on the command line, in a
//! mapping file, or nowhere. The command line wins.

use super::guards::Guards;
use crate::input::ReadOptions;
use crate::mapping::{ManualMapping, MappingOptions, NamedColumn, Origin};
use crate::value::region::Region;
use crate::value::typed::TypeSpec;
use crate::value::{BlankWords, DevicePlatform, Key};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

/// What a blank cell means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Clear => "clear",
        }
    }
}

/// What becomes of a record with a value that is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnInvalid {
    /// It is rejected.
    #[default]
    Reject,
    /// The value alone is left out, and reported.
    Drop,
}

impl OnInvalid {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Reject, Self::Drop];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Drop => "drop",
        }
    }
}

/// A type that somebody declared for an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredType {
    /// The attribute, or the column that becomes it.
    pub attribute: String,
    /// Its type.
    pub spec: TypeSpec,
    /// Where that was said.
    pub how: Origin,
}

/// The options that shape values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueOptions {
    /// The country of numbers written without one.
    pub region: Option<Region>,
    /// The column with that country.
    pub region_column: Option<NamedColumn>,
    /// The platform of tokens where no column says it.
    pub device_platform: Option<DevicePlatform>,
    /// What a blank cell means.
    pub blank: Blank,
    /// Texts that say that there is no value.
    pub nulls: Vec<String>,
    /// Words that exports write where there is no value.
    pub blank_words: BlankWords,
    /// What becomes of a record with an invalid value.
    pub on_invalid: OnInvalid,
    /// Types that were declared; of two for one attribute the first holds.
    pub types: Vec<DeclaredType>,
}

/// What was chosen in one place; what is absent was not spoken of there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    /// What identifies a customer.
    pub key: Option<Key>,
    /// How the file is read.
    pub read: ReadOptions,
    /// What becomes of columns.
    pub columns: ManualMapping,
    /// Whether every column that is neither standard nor mapped by hand is left out.
    pub only_mapped: bool,
    /// The country of numbers written without one.
    pub region: Option<Region>,
    /// The column with that country.
    pub region_column: Option<String>,
    /// The platform of tokens where no column says it.
    pub device_platform: Option<DevicePlatform>,
    /// What a blank cell means.
    pub blank: Option<Blank>,
    /// Texts that say that there is no value.
    pub nulls: Vec<String>,
    /// Words such as `NULL` that are values like any other.
    pub keep_text: Vec<String>,
    /// What becomes of a record with an invalid value.
    pub on_invalid: Option<OnInvalid>,
    /// Types by attribute.
    pub types: Vec<(String, TypeSpec)>,
    /// Whether each record is a customer's present state, whatever it looks like.
    pub one_row_per_customer: bool,
    /// What may be wrong before the import is stopped.
    pub guards: Guards,
}

/// An option that was chosen, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The option's name, as in a mapping file.
    pub option: Cow<'static, str>,
    /// Its value, in words.
    pub value: String,
    /// Where it was chosen.
    pub how: Origin,
}

/// All that was chosen, wherever.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chosen {
    /// What identifies a customer.
    pub key: Option<Key>,
    /// How the file is read.
    pub read: ReadOptions,
    /// What becomes of columns.
    pub mapping: MappingOptions,
    /// What shapes values.
    pub values: ValueOptions,
    /// Whether each record is a customer's present state, whatever it looks like.
    pub one_row_per_customer: bool,
    /// What may be wrong before the import is stopped.
    pub guards: Guards,
    /// Where each option that is not a column's was chosen.
    pub choices: Vec<Choice>,
    /// The mapping file, where there is one.
    pub mapping_file: Option<PathBuf>,
}

/// A mapping file that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct MappingFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it says.
    pub choices: Choices,
}

impl Choices {
    /// Brings the command line (`self`) and a mapping file together.
    pub fn over(self, file: Option<MappingFile>) -> Chosen {
        let mut choices = Vec::new();
        let (mapping_file, file) = match file {
            Some(MappingFile { path, choices }) => (Some(path), choices),
            None => (None, Self::default()),
        };
        let mut chosen = Chosen {
            key: first(&mut choices, "key", self.key, file.key),
            mapping_file,
            ..Chosen::default()
        };
        let read = &mut chosen.read;
        // The line of a header and names for a file without one exclude each other.
        let (mut header_line, mut columns) = (file.read.header_line, file.read.columns);
        if self.read.header_line.is_some() || self.read.columns.is_some() {
            (header_line, columns) = (None, None);
        }
        let characters = |byte: Option<u8>| byte.map(char::from);
        let (given, in_file) = (characters(self.read.delimiter), characters(file.read.delimiter));
        read.delimiter =
            first(&mut choices, "delimiter", given, in_file).and_then(|c| u8::try_from(c).ok());
        read.encoding = first(&mut choices, "encoding", self.read.encoding, file.read.encoding);
        read.header_line = first(&mut choices, "header_line", self.read.header_line, header_line);
        let (given, in_file) = (self.read.columns.map(Names), columns.map(Names));
        read.columns = first(&mut choices, "columns", given, in_file).map(|Names(names)| names);
        let flag = |set: bool| set.then_some(true);
        let only_mapped = (flag(self.only_mapped), flag(file.only_mapped));
        chosen.mapping = MappingOptions {
            command_line: self.columns,
            file: file.columns,
            only_mapped: first(&mut choices, "only_mapped", only_mapped.0, only_mapped.1)
                .unwrap_or_default(),
        };
        let list = |texts: Vec<String>| Some(Names(texts)).filter(|Names(n)| !n.is_empty());
        let types = self.types.into_iter().map(|declared| (declared, Origin::CommandLine));
        let types = types.chain(file.types.into_iter().map(|t| (t, Origin::MappingFile)));
        chosen.values = ValueOptions {
            region: first(&mut choices, "region", self.region, file.region),
            region_column: first(
                &mut choices,
                "region_column",
                self.region_column.map(|name| NamedColumn { name, origin: Origin::CommandLine }),
                file.region_column.map(|name| NamedColumn { name, origin: Origin::MappingFile }),
            ),
            device_platform: first(
                &mut choices,
                "device_platform",
                self.device_platform,
                file.device_platform,
            ),
            blank: first(&mut choices, "blank", self.blank, file.blank).unwrap_or_default(),
            nulls: first(&mut choices, "null", list(self.nulls), list(file.nulls))
                .map_or(Vec::new(), |Names(nulls)| nulls),
            blank_words: first(
                &mut choices,
                "keep_text",
                list(self.keep_text),
                list(file.keep_text),
            )
            .map_or_else(BlankWords::default, |Names(words)| BlankWords::without(words)),
            on_invalid: first(&mut choices, "on_invalid", self.on_invalid, file.on_invalid)
                .unwrap_or_default(),
            types: types
                .map(|((attribute, spec), how)| DeclaredType { attribute, spec, how })
                .collect(),
        };
        let one_row = (flag(self.one_row_per_customer), flag(file.one_row_per_customer));
        chosen.one_row_per_customer =
            first(&mut choices, "one_row_per_customer", one_row.0, one_row.1).unwrap_or_default();
        chosen.guards = file.guards;
        chosen.choices = choices;
        chosen
    }
}

/// The value that holds, noted down with where it was chosen.
fn first<T: fmt::Display>(
    choices: &mut Vec<Choice>,
    option: &'static str,
    given: Option<T>,
    file: Option<T>,
) -> Option<T> {
    let how = if given.is_some() { Origin::CommandLine } else { Origin::MappingFile };
    let value = given.or(file)?;
    choices.push(Choice { option: option.into(), value: value.to_string(), how });
    Some(value)
}

/// Several texts, as one is told of them.
struct Names(Vec<String>);

impl fmt::Display for Names {
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
        let given = Choices {
            region: "NG".parse().ok(),
            types: vec![("born".to_owned(), "date".parse().unwrap())],
            ..Choices::default()
        };
        let file = Choices {
            region: "DE".parse().ok(),
            key: Some(Key::Email),
            types: vec![("born".to_owned(), "string".parse().unwrap())],
            ..Choices::default()
        };
        let chosen = given.over(Some(MappingFile { path: PathBuf::from("m.toml"), choices: file }));
        assert_eq!(chosen.values.region, "NG".parse().ok());
        assert_eq!(chosen.key, Some(Key::Email));
        assert_eq!(chosen.values.types[0].how, Origin::CommandLine);
        let told: Vec<(&str, &str, Origin)> =
            chosen.choices.iter().map(|c| (&*c.option, c.value.as_str(), c.how)).collect();
        assert_eq!(
            told,
            [("key", "email", Origin::MappingFile), ("region", "NG", Origin::CommandLine)]
        );
    }

    #[test]
    fn a_header_line_given_takes_the_place_of_columns_in_the_file() {
        let read = |header_line, columns: Option<&[&str]>| Choices {
            read: ReadOptions {
                header_line,
                columns: columns.map(|names| names.iter().map(|n| (*n).to_owned()).collect()),
                ..ReadOptions::default()
            },
            ..Choices::default()
        };
        let in_file = |choices| Some(MappingFile { path: PathBuf::from("m.toml"), choices });
        let chosen = read(Some(3), None).over(in_file(read(None, Some(&["a", "b"]))));
        assert_eq!((chosen.read.header_line, chosen.read.columns), (Some(3), None));
        let chosen = read(None, Some(&["a"])).over(in_file(read(Some(3), None)));
        assert_eq!(chosen.read.header_line, None);
    }
}
