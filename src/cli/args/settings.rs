//! The options of how a file is read, mapped and validated.

use crate::cli::error::CommandError;
use crate::input::encoding::Encoding;
use crate::input::{ReadOptions, delimiter_named};
use crate::mapping::ManualMapping;
use crate::settings::file::read_mapping_file;
use crate::settings::{Blank, Guards, MappingFile, OnInvalid, Settings, SettingsLayer};
use crate::value::region::Region;
use crate::value::typed::TypeSpec;
use crate::value::{DevicePlatform, Key};
use std::path::PathBuf;

/// The headings of these options in `--help`.
pub(crate) const READING: &str = "How the file is read";
const COLUMNS: &str = "What its columns become";
const VALUES: &str = "What its values are";

/// How a file is read, mapped and validated.
#[derive(Debug, clap::Args)]
pub(crate) struct SettingsArgs {
    /// Read the mapping and its options from a file
    #[arg(long, value_name = "FILE", help_heading = COLUMNS)]
    pub(super) mapping: Option<PathBuf>,
    /// Write the mapping and its options to a file, for --mapping
    #[arg(long, value_name = "FILE", help_heading = COLUMNS)]
    pub(crate) save_mapping: Option<PathBuf>,
    /// Stop at a column that is new or gone since the last import
    #[arg(long, help_heading = COLUMNS)]
    pub(crate) strict: bool,
    /// Map a column by hand; `Name=full_name` splits a whole name
    #[arg(short, long, value_name = "COLUMN=ATTRIBUTE", value_parser = pair, help_heading = COLUMNS)]
    pub(super) map: Vec<(String, String)>,
    /// Leave a column out
    #[arg(long, value_name = "COLUMN", help_heading = COLUMNS)]
    pub(super) skip: Vec<String>,
    /// Leave out every column that is neither standard nor mapped by hand
    #[arg(hide_short_help = true, long, help_heading = COLUMNS)]
    pub(super) only_mapped: bool,
    /// Take each record for a customer's present state
    #[arg(hide_short_help = true, long, help_heading = COLUMNS)]
    pub(super) one_row_per_customer: bool,
    /// What identifies a customer [default: the store's key]
    #[arg(long, value_name = "uid|email|number", help_heading = COLUMNS)]
    pub(super) key: Option<Key>,
    /// The country of numbers written without one
    #[arg(long, value_name = "CC", help_heading = VALUES)]
    pub(super) region: Option<Region>,
    /// The column with that country
    #[arg(hide_short_help = true, long, value_name = "COLUMN", help_heading = VALUES)]
    pub(super) region_column: Option<String>,
    /// string, number[:,], boolean, date[:%d/%m/%Y] or datetime[:FORMAT]
    #[arg(long = "type", value_name = "ATTRIBUTE=TYPE", value_parser = declared_type, help_heading = VALUES)]
    pub(super) types: Vec<(String, TypeSpec)>,
    /// The platform of device tokens where no column says it
    #[arg(hide_short_help = true, long, value_name = "ios|android", help_heading = VALUES)]
    pub(super) device_platform: Option<DevicePlatform>,
    /// An empty cell keeps the stored value, or clears it [default: keep]
    #[arg(hide_short_help = true, long, value_enum, value_name = "keep|clear", hide_possible_values = true, help_heading = VALUES)]
    pub(super) blank: Option<Blank>,
    /// A text that stands for a missing value
    #[arg(long, value_name = "TEXT", help_heading = VALUES)]
    pub(super) null: Vec<String>,
    /// A word such as NULL that is a value like any other
    #[arg(hide_short_help = true, long, value_name = "WORD", help_heading = VALUES)]
    pub(super) keep_text: Vec<String>,
    /// Reject its record, or drop the invalid value alone [default: reject]
    #[arg(long, value_enum, value_name = "ACTION", hide_possible_values = true, help_heading = VALUES)]
    pub(super) on_invalid: Option<OnInvalid>,
    /// The character between two fields [default: detected]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter_named, help_heading = READING)]
    pub(super) delimiter: Option<u8>,
    /// The encoding, such as windows-1252 [default: detected]
    #[arg(long, value_name = "NAME", help_heading = READING)]
    pub(super) encoding: Option<Encoding>,
    /// The line of the header, where others stand above it
    #[arg(hide_short_help = true, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = READING)]
    pub(super) header_line: Option<u64>,
    /// The columns, where the file has no header
    #[arg(hide_short_help = true, long, value_name = "A,B,C", value_delimiter = ',', conflicts_with = "header_line", help_heading = READING)]
    pub(super) columns: Option<Vec<String>>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    // A column's name may have the sign in it, an attribute's hardly ever.
    match text.rsplit_once('=') {
        Some((column, attribute)) if !column.is_empty() && !attribute.is_empty() => {
            Ok((column.to_owned(), attribute.trim().to_owned()))
        }
        _ => Err("COLUMN=ATTRIBUTE, such as -m 'Customer mail=email'".to_owned()),
    }
}

pub(crate) fn declared_type(text: &str) -> Result<(String, TypeSpec), String> {
    let (attribute, spec) = text
        .split_once('=')
        .filter(|(attribute, _)| !attribute.is_empty())
        .ok_or("ATTRIBUTE=TYPE, such as --type born=date:%d/%m/%Y")?;
    let spec = spec.parse().map_err(|error| format!("{error}"))?;
    Ok((attribute.to_owned(), spec))
}

impl SettingsArgs {
    /// The settings of these options over those of the mapping file that they name.
    pub(crate) fn into_settings(self) -> Result<Settings, CommandError> {
        let file = match &self.mapping {
            Some(path) => Some(MappingFile { path: path.clone(), layer: read_mapping_file(path)? }),
            None => None,
        };
        Ok(Settings::merge(self.into_layer(), file))
    }

    /// What overrules the detection of how the file is written.
    pub(crate) fn read_options(&self) -> ReadOptions {
        ReadOptions {
            delimiter: self.delimiter,
            encoding: self.encoding,
            header_line: self.header_line,
            columns: self.columns.clone(),
        }
    }

    fn into_layer(self) -> SettingsLayer {
        SettingsLayer {
            key: self.key,
            read: self.read_options(),
            columns: ManualMapping { map: self.map, skip: self.skip },
            only_mapped: self.only_mapped,
            region: self.region,
            region_column: self.region_column,
            device_platform: self.device_platform,
            blank: self.blank,
            nulls: self.null,
            keep_text: self.keep_text,
            on_invalid: self.on_invalid,
            types: self.types,
            one_row_per_customer: self.one_row_per_customer,
            guards: Guards::default(),
        }
    }
}
