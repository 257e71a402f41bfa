//! Reads a mapping file.

use super::error::{
    MAPPING_FILE_VERSION, MappingFileError, MappingFileProblem, MappingFileProblemKind,
};
use crate::input::{ReadOptions, delimiter_named, read_small_file};
use crate::mapping::parse_target;
use crate::settings::{Blank, Guards, OnInvalid, SettingsLayer};
use crate::text::closest_name;
use crate::value::typed::TypeSpec;
use std::fmt::Display;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;
use toml_edit::{Document, Item, Table, TableLike};

/// The maximum size of a mapping file, which is enough to map every column of the widest input.
const MOST_MIB: u64 = 8;

/// Every option of a mapping file, in the order in which they are written.
pub(crate) const OPTIONS: [&str; 19] = [
    "version",
    "key",
    "delimiter",
    "encoding",
    "header_line",
    "columns",
    "only_mapped",
    "skip",
    "region",
    "region_column",
    "device_platform",
    "blank",
    "null",
    "keep_text",
    "on_invalid",
    "map",
    "types",
    "one_row_per_customer",
    "guards",
];

/// Reads a mapping file.
pub fn read_mapping_file(path: &Path) -> Result<SettingsLayer, MappingFileError> {
    let text = read_small_file(path, MOST_MIB)
        .map_err(|source| MappingFileError::Unreadable { path: path.to_owned(), source })?;
    parse_mapping_file(&text)
        .map_err(|problem| MappingFileError::Invalid { path: path.to_owned(), problem })
}

/// Reads the text of a mapping file.
pub fn parse_mapping_file(text: &str) -> Result<SettingsLayer, MappingFileProblem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let written = Text { text };
    let document = Document::parse(text).map_err(|error| {
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        written.problem(error.span(), MappingFileProblemKind::Syntax(message))
    })?;
    written.layer(document.as_table())
}

struct Text<'t> {
    text: &'t str,
}

type Read<T> = Result<T, MappingFileProblem>;

impl Text<'_> {
    fn problem(
        &self,
        span: Option<Range<usize>>,
        kind: MappingFileProblemKind,
    ) -> MappingFileProblem {
        let start = span.map_or(0, |span| span.start).min(self.text.len());
        let line = 1 + memchr::memchr_iter(b'\n', &self.text.as_bytes()[..start]).count();
        MappingFileProblem { line, kind }
    }

    fn value(&self, item: &Item, key: &str, reason: impl Display) -> MappingFileProblem {
        let kind =
            MappingFileProblemKind::Value { key: key.to_owned(), reason: reason.to_string() };
        self.problem(item.span(), kind)
    }

    fn layer(&self, table: &Table) -> Read<SettingsLayer> {
        self.version(table)?;
        let mut layer = SettingsLayer::default();
        for (key, item) in table {
            match key {
                "version" => {}
                "key" => layer.key = Some(self.parsed(item, key)?),
                "delimiter" => {
                    let delimiter = delimiter_named(self.text(item, key)?);
                    layer.read.delimiter =
                        Some(delimiter.map_err(|error| self.value(item, key, error))?);
                }
                "encoding" => layer.read.encoding = Some(self.parsed(item, key)?),
                "header_line" => layer.read.header_line = Some(self.line(item, key)?),
                "columns" => layer.read.columns = Some(self.texts(item, key)?),
                "only_mapped" => {
                    let flag = item.as_bool();
                    layer.only_mapped =
                        flag.ok_or_else(|| self.value(item, key, "true or false"))?;
                }
                "skip" => layer.columns.skip = self.texts(item, key)?,
                "region" => layer.region = Some(self.parsed(item, key)?),
                "region_column" => layer.region_column = Some(self.text(item, key)?.to_owned()),
                "device_platform" => layer.device_platform = Some(self.parsed(item, key)?),
                "blank" => {
                    layer.blank = Some(self.word(item, key, &Blank::ALL, Blank::as_str)?);
                }
                "null" => layer.nulls = self.texts(item, key)?,
                "keep_text" => layer.keep_text = self.texts(item, key)?,
                "on_invalid" => {
                    layer.on_invalid =
                        Some(self.word(item, key, &OnInvalid::ALL, OnInvalid::as_str)?);
                }
                "map" => layer.columns.map = self.map(item)?,
                "types" => layer.types = self.types(item)?,
                "one_row_per_customer" => {
                    let flag = item.as_bool();
                    layer.one_row_per_customer =
                        flag.ok_or_else(|| self.value(item, key, "true or false"))?;
                }
                "guards" => layer.guards = self.guards(item)?,
                _ => return Err(self.unknown(table, key)),
            }
        }
        let ReadOptions { header_line, columns, .. } = &layer.read;
        if header_line.is_some()
            && columns.is_some()
            && let Some(item) = table.get("columns")
        {
            return Err(self.value(item, "columns", "header_line cannot be used with columns"));
        }
        Ok(layer)
    }

    fn version(&self, table: &Table) -> Read<()> {
        let Some(item) = table.get("version") else {
            return Err(self.problem(None, MappingFileProblemKind::NoVersion));
        };
        match item.as_integer() {
            Some(MAPPING_FILE_VERSION) => Ok(()),
            Some(found) if found > MAPPING_FILE_VERSION => {
                Err(self.problem(item.span(), MappingFileProblemKind::Newer { found }))
            }
            _ => Err(self.value(item, "version", "a version is a number such as 1")),
        }
    }

    fn unknown(&self, table: &Table, key: &str) -> MappingFileProblem {
        let known = OPTIONS.map(str::to_owned);
        // The option may be written as on the command line, with hyphens.
        let wanted = key.replace('-', "_");
        let nearest = closest_name(&wanted, &known, str::to_owned).cloned();
        let span = table.key(key).and_then(toml_edit::Key::span);
        let kind = MappingFileProblemKind::UnknownKey { key: key.to_owned(), nearest };
        self.problem(span.or_else(|| table.get(key).and_then(Item::span)), kind)
    }

    fn text<'i>(&self, item: &'i Item, key: &str) -> Read<&'i str> {
        item.as_str().ok_or_else(|| self.value(item, key, "a text in quotes"))
    }

    fn texts(&self, item: &Item, key: &str) -> Read<Vec<String>> {
        let wrong = || self.value(item, key, "a list of texts such as [\"a\", \"b\"]");
        let array = item.as_array().ok_or_else(wrong)?;
        array.iter().map(|text| text.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
    }

    fn parsed<T: FromStr<Err: Display>>(&self, item: &Item, key: &str) -> Read<T> {
        self.text(item, key)?.parse().map_err(|error| self.value(item, key, error))
    }

    fn line(&self, item: &Item, key: &str) -> Read<u64> {
        item.as_integer()
            .and_then(|line| u64::try_from(line).ok())
            .filter(|line| *line > 0)
            .ok_or_else(|| self.value(item, key, "a line, from 1"))
    }

    fn word<T: Copy>(
        &self,
        item: &Item,
        key: &str,
        all: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Read<T> {
        let text = self.text(item, key)?;
        all.iter().copied().find(|word| name(*word) == text).ok_or_else(|| {
            let words: Vec<&str> = all.iter().map(|word| name(*word)).collect();
            self.value(item, key, format!("'{text}' is neither {}", words.join(" nor ")))
        })
    }

    fn pairs<'i>(&self, item: &'i Item, key: &str, of: &str) -> Read<&'i dyn TableLike> {
        item.as_table_like()
            .ok_or_else(|| self.value(item, key, format!("a table [{key}] of {of}")))
    }

    fn map(&self, item: &Item) -> Read<Vec<(String, String)>> {
        let pairs = self.pairs(item, "map", "column = \"attribute\"")?;
        pairs
            .iter()
            .map(|(column, item)| {
                let reason = "an attribute in quotes; skip = [\"COLUMN\"] leaves a column out";
                let attribute = item.as_str().ok_or_else(|| self.value(item, column, reason))?;
                parse_target(attribute).map_err(|error| self.value(item, column, error))?;
                Ok((column.to_owned(), attribute.to_owned()))
            })
            .collect()
    }

    fn guards(&self, item: &Item) -> Read<Guards> {
        let mut guards = Guards::default();
        for (key, item) in self.pairs(item, "guards", "guard = \"bound\"")?.iter() {
            let bound = match item.as_integer() {
                Some(count) => count.to_string().parse().map_err(|e| self.value(item, key, e))?,
                None => self.parsed(item, key)?,
            };
            match key {
                "max_rejects" => guards.max_rejects = Some(bound),
                "max_missing" => guards.max_missing = Some(bound),
                "max_merged" => guards.max_merged = Some(bound),
                _ => {
                    let reason = "unknown guard: expected max_rejects, max_missing or max_merged";
                    return Err(self.value(item, key, reason));
                }
            }
        }
        Ok(guards)
    }

    fn types(&self, item: &Item) -> Read<Vec<(String, TypeSpec)>> {
        let pairs = self.pairs(item, "types", "attribute = \"type\"")?;
        pairs
            .iter()
            .map(|(attribute, item)| Ok((attribute.to_owned(), self.parsed(item, attribute)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> (usize, String) {
        let reason = parse_mapping_file(text).unwrap_err();
        (reason.line, reason.kind.to_string())
    }

    #[test]
    fn every_option_is_read() {
        let text = r#"
            version = 1
            key = "email"
            delimiter = "tab"
            encoding = "latin1"
            header_line = 3
            only_mapped = true
            skip = ["Notes"]
            region = "NG"
            region_column = "Country"
            device_platform = "ios"
            blank = "clear"
            null = ["-", "N/A"]
            keep_text = ["unknown"]
            on_invalid = "drop"
            [map]
            "E-Mail" = "email"
            Plan = "plan"
            [types]
            born = "date:%d/%m/%Y"
        "#;
        let layer = parse_mapping_file(text).unwrap();
        assert_eq!(layer.read.delimiter, Some(b'\t'));
        assert_eq!(layer.read.encoding.unwrap().name(), "windows-1252");
        assert_eq!(layer.columns.map[0], ("E-Mail".to_owned(), "email".to_owned()));
        assert_eq!(layer.types[0].1.to_string(), "date:%d/%m/%Y");
        assert_eq!((layer.blank, layer.on_invalid), (Some(Blank::Clear), Some(OnInvalid::Drop)));
    }

    #[test]
    fn an_error_names_its_line() {
        assert_eq!(reason(""), (1, "it has no version".to_owned()));
        assert_eq!(reason("version = 1\n\nregoin = \"NG\"").0, 3);
        let unknown = parse_mapping_file("version = 1\non-invalid = \"drop\"").unwrap_err();
        assert!(matches!(
            unknown.kind,
            MappingFileProblemKind::UnknownKey { nearest: Some(ref near), .. } if near == "on_invalid"
        ));
        assert_eq!(reason("version = 2").1, MappingFileProblemKind::Newer { found: 2 }.to_string());
        for (line, said) in [
            ("key = \"phone\"", "unknown key 'phone'"),
            ("key = 1", "in quotes"),
            ("region = \"Atlantis\"", "not a region"),
            ("blank = \"no\"", "'no' is neither keep nor clear"),
            ("null = \"-\"", "a list of texts"),
            ("header_line = 0", "a line, from 1"),
            ("delimiter = \";;\"", "one ASCII character"),
            ("encoding = \"klingon\"", "unknown encoding"),
            ("only_mapped = \"yes\"", "true or false"),
            ("map = 3", "a table [map]"),
            ("map.Notes = false", "skip = "),
            ("map.Notes = \"devices\"", "uses that name itself"),
            ("types.born = \"day\"", "unknown type 'day'"),
            ("a b", "not TOML"),
        ] {
            let (at, message) = reason(&format!("version = 1\n{line}\n"));
            assert_eq!(at, 2, "{line}");
            assert!(message.contains(said), "{line}: {message}");
        }
        assert_eq!(reason("version = 1\nheader_line = 2\ncolumns = [\"a\"]").0, 3);
    }
}
