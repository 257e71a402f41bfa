//! The options for reading, mapping and validating a file.

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
pub(crate) const READING: &str = "File format";
const COLUMNS: &str = "Column mapping";
const VALUES: &str = "Values";

/// How a file is read, mapped and validated.
#[derive(Debug, clap::Args)]
pub(crate) struct SettingsArgs {
    /// Read the mapping and its options from a file
    #[arg(long, value_name = "FILE", help_heading = COLUMNS)]
    pub(super) mapping: Option<PathBuf>,
    /// Write the mapping and its options to a file, for --mapping
    #[arg(long, value_name = "FILE", help_heading = COLUMNS)]
    pub(crate) save_mapping: Option<PathBuf>,
    /// Refuse a file with new or missing columns since the last import
    #[arg(long, help_heading = COLUMNS)]
    pub(crate) strict: bool,
    /// Map a column to an attribute; `Name=full_name` splits a full name
    #[arg(short, long, value_name = "COLUMN=ATTRIBUTE", value_parser = pair, help_heading = COLUMNS)]
    pub(super) map: Vec<(String, String)>,
    /// Skip a column
    #[arg(long, value_name = "COLUMN", help_heading = COLUMNS)]
    pub(super) skip: Vec<String>,
    /// Skip columns that are neither standard attributes nor mapped explicitly
    #[arg(hide_short_help = true, long, help_heading = COLUMNS)]
    pub(super) only_mapped: bool,
    /// Treat each record as the current state of one customer
    #[arg(hide_short_help = true, long, help_heading = COLUMNS)]
    pub(super) one_row_per_customer: bool,
    /// What identifies a customer [default: the store's key]
    #[arg(long, value_name = "uid|email|number", help_heading = COLUMNS)]
    pub(super) key: Option<Key>,
    /// Country of phone numbers without a country code
    #[arg(long, value_name = "CC", help_heading = VALUES)]
    pub(super) region: Option<Region>,
    /// Column with the country of each number; --region applies if it is blank
    #[arg(hide_short_help = true, long, value_name = "COLUMN", help_heading = VALUES)]
    pub(super) region_column: Option<String>,
    /// string, number[:,], boolean, date[:%d/%m/%Y] or datetime[:FORMAT]
    #[arg(long = "type", value_name = "ATTRIBUTE=TYPE", value_parser = declared_type, help_heading = VALUES)]
    pub(super) types: Vec<(String, TypeSpec)>,
    /// Platform of device tokens if no column has it
    #[arg(hide_short_help = true, long, value_name = "ios|android", help_heading = VALUES)]
    pub(super) device_platform: Option<DevicePlatform>,
    /// Whether an empty cell keeps or clears the stored value [default: keep]
    #[arg(hide_short_help = true, long, value_enum, value_name = "keep|clear", hide_possible_values = true, help_heading = VALUES)]
    pub(super) blank: Option<Blank>,
    /// Text that means a missing value
    #[arg(long, value_name = "TEXT", help_heading = VALUES)]
    pub(super) null: Vec<String>,
    /// Word such as NULL to keep as a value
    #[arg(hide_short_help = true, long, value_name = "WORD", help_heading = VALUES)]
    pub(super) keep_text: Vec<String>,
    /// If invalid: reject the record, or drop the value [default: reject]
    #[arg(long, value_enum, value_name = "ACTION", hide_possible_values = true, help_heading = VALUES)]
    pub(super) on_invalid: Option<OnInvalid>,
    /// Field delimiter [default: detected]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter_named, help_heading = READING)]
    pub(super) delimiter: Option<u8>,
    /// Encoding, such as windows-1252 [default: detected]
    #[arg(long, value_name = "NAME", help_heading = READING)]
    pub(super) encoding: Option<Encoding>,
    /// Line number of the header, if other lines precede it
    #[arg(hide_short_help = true, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = READING)]
    pub(super) header_line: Option<u64>,
    /// Column names, for a file without a header
    #[arg(hide_short_help = true, long, value_name = "A,B,C", value_delimiter = ',', conflicts_with = "header_line", help_heading = READING)]
    pub(super) columns: Option<Vec<String>>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    // A column's name may contain `=`; an attribute's rarely does.
    match text.rsplit_once('=') {
        Some((column, attribute)) if !column.is_empty() && !attribute.is_empty() => {
            Ok((column.to_owned(), attribute.trim().to_owned()))
        }
        _ => Err("expected COLUMN=ATTRIBUTE, such as -m 'Customer mail=email'".to_owned()),
    }
}

pub(crate) fn declared_type(text: &str) -> Result<(String, TypeSpec), String> {
    let (attribute, spec) = text
        .split_once('=')
        .filter(|(attribute, _)| !attribute.is_empty())
        .ok_or("expected ATTRIBUTE=TYPE, such as --type born=date:%d/%m/%Y")?;
    let spec = spec.parse().map_err(|error| format!("{error}"))?;
    Ok((attribute.to_owned(), spec))
}

impl SettingsArgs {
    /// The settings of these options and of their mapping file, which the options override.
    pub(crate) fn into_settings(self) -> Result<Settings, CommandError> {
        let file = match &self.mapping {
            Some(path) => Some(MappingFile { path: path.clone(), layer: read_mapping_file(path)? }),
            None => None,
        };
        Ok(Settings::merge(self.into_layer(), file))
    }

    /// The options that override the detected format of the file.
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
