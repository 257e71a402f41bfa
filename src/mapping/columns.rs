//! Which column becomes which attribute.

use super::error::MappingError;
use super::header::{HeaderIndex, RESERVED_NAMES, attribute_name, normalised};
use super::header_words;
use super::manual::by_hand;
use super::names::{Names, fitted};
use super::own_header::{StoreColumn, by_own_header, is_own_header};
use crate::value::Standard;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The name that `--map` takes for a column with a first and a last name in it.
pub const FULL_NAME: &str = "full_name";

/// Says that a custom attribute is meant, whatever else its name means: `custom:full_name` is a
/// whole name that is not split.
pub(crate) const CUSTOM_PREFIX: &str = "custom:";

/// What a column becomes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A standard attribute.
    Standard(Standard),
    /// A first and a last name, to be split.
    FullName,
    /// A custom attribute of this name.
    Custom(String),
    /// What the store keeps of a customer besides: in engage's own export alone.
    Store(StoreColumn),
    /// Nothing: it is left out.
    Skipped,
}

impl Target {
    /// The attribute's name; `None` where the column is left out.
    pub fn attribute(&self) -> Option<&str> {
        match self {
            Self::Standard(standard) => Some(standard.as_str()),
            Self::FullName => Some(FULL_NAME),
            Self::Custom(name) => Some(name),
            Self::Store(column) => Some(column.name()),
            Self::Skipped => None,
        }
    }

    /// What is said by hand to make this of a column; `None` where it is left out, or nobody can
    /// say so.
    pub fn as_said(&self) -> Option<String> {
        match self {
            Self::Store(_) => None,
            Self::Custom(name) if name == FULL_NAME || name.starts_with(CUSTOM_PREFIX) => {
                Some(format!("{CUSTOM_PREFIX}{name}"))
            }
            target => target.attribute().map(str::to_owned),
        }
    }
}

/// Why a column becomes what it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Its header is in the table of aliases.
    Alias,
    /// Somebody said so on the command line.
    Given,
    /// The mapping file says so.
    MappingFile,
    /// It is none of the standard attributes.
    Custom,
}

impl How {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alias => "alias",
            Self::Given => "given",
            Self::MappingFile => "mapping_file",
            Self::Custom => "custom",
        }
    }
}

/// A column and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its place in the file, from 0.
    pub index: usize,
    /// Its name as the file has it.
    pub header: String,
    /// What it becomes.
    pub target: Target,
    /// Why.
    pub how: How,
}

impl Column {
    /// What messages call the column: its header, or its number where that is blank.
    pub fn label(&self) -> String {
        if self.header.trim().is_empty() {
            format!("column {}", self.index + 1)
        } else {
            self.header.trim_start_matches('\u{feff}').to_owned()
        }
    }
}

/// A column that an option names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedColumn {
    /// The name as it was given.
    pub name: String,
    /// Where it was given.
    pub how: How,
}

/// What was said in one place of what becomes of columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnChoices {
    /// Columns and the attributes that they are to become.
    pub map: Vec<(String, String)>,
    /// Columns to leave out.
    pub skip: Vec<String>,
}

/// What a person says of the mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappingOptions {
    /// What was said on the command line.
    pub given: ColumnChoices,
    /// What the mapping file says; where the command line says something else, that holds.
    pub file: ColumnChoices,
    /// Whether every column that is neither standard nor mapped by hand is left out.
    pub only_mapped: bool,
}

/// Something about a mapping that a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingWarning {
    /// Two columns would have had one name.
    Renamed {
        /// The column.
        column: String,
        /// The name that it got.
        attribute: String,
    },
    /// The column would have taken a name of the store's own.
    Reserved {
        /// The column.
        column: String,
        /// The name that it got.
        attribute: String,
    },
    /// Columns that were not there before.
    New {
        /// The columns.
        columns: Vec<String>,
        /// What knows the columns from before: `the mapping file`.
        since: &'static str,
    },
    /// Columns that are there no more.
    Gone {
        /// The columns.
        columns: Vec<String>,
        /// What knows them: `the last import of such a file`.
        since: &'static str,
    },
    /// A space before a quote makes the quotes a part of what they were to enclose.
    SpacedQuote {
        /// The column.
        column: String,
    },
    /// A whole name in one column stays custom unless it is mapped by hand.
    WholeName {
        /// The column.
        column: String,
    },
}

/// What every column of a file becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// All columns in the file's order, those left out included.
    pub columns: Vec<Column>,
    /// What a person should know of it.
    pub warnings: Vec<MappingWarning>,
}

impl Mapping {
    /// Maps a header: what was said by hand first, then the aliases; the rest is custom.
    pub fn new(header: &[String], options: &MappingOptions) -> Result<Self, MappingError> {
        let mut targets: Vec<Option<(Target, How)>> = vec![None; header.len()];
        by_hand(header, options, &mut targets)?;
        let is_own = is_own_header(header) && targets.last() == Some(&None);
        match is_own {
            true => by_own_header(header, options.only_mapped, &mut targets),
            false => by_alias(header, &mut targets),
        }
        let mut warnings = Vec::new();
        let taken = targets.iter().flatten().filter_map(|(target, _)| target.attribute());
        let mut names = Names::new(taken.map(str::to_owned).collect());
        let has_names = [FULL_NAME, Standard::FirstName.as_str(), Standard::LastName.as_str()]
            .into_iter()
            .any(|name| names.are_taken(name));
        let mut columns = Vec::with_capacity(header.len());
        for (index, (header, target)) in header.iter().zip(targets).enumerate() {
            let mut column =
                Column { index, header: header.clone(), target: Target::Skipped, how: How::Custom };
            if let Some((target, how)) = target {
                column.target = target;
                column.how = how;
            } else if !options.only_mapped {
                let name = custom_name(&column, &mut names, &mut warnings);
                if header.starts_with([' ', '\t']) && header.trim_start().starts_with('"') {
                    warnings.push(MappingWarning::SpacedQuote { column: column.label() });
                }
                if header_words::is_full_name(header) && !has_names {
                    warnings.push(MappingWarning::WholeName { column: column.label() });
                }
                column.target = Target::Custom(name);
            }
            columns.push(column);
        }
        Ok(Self { columns, warnings })
    }

    /// Whether it is that of engage's own export, whose columns are known to the letter.
    pub fn is_own_export(&self) -> bool {
        self.store_column(StoreColumn::Mark).is_some()
    }

    /// The place of a column of engage's own export.
    pub fn store_column(&self, wanted: StoreColumn) -> Option<usize> {
        let target = Target::Store(wanted);
        self.columns.iter().find(|column| column.target == target).map(|column| column.index)
    }

    /// The column that becomes a standard attribute.
    pub fn standard(&self, standard: Standard) -> Option<&Column> {
        self.columns.iter().find(|column| column.target == Target::Standard(standard))
    }

    /// The column of a name that somebody gave, compared as headers are.
    pub fn column(&self, named: &NamedColumn) -> Result<&Column, MappingError> {
        let header: Vec<String> = self.columns.iter().map(|column| column.header.clone()).collect();
        match HeaderIndex::new(&header).find(&named.name) {
            Some(index) => Ok(&self.columns[index]),
            None => {
                Err(MappingError::absent(std::slice::from_ref(&named.name), named.how, &header))
            }
        }
    }

    /// The names of the custom attributes.
    pub fn custom(&self) -> impl Iterator<Item = (&Column, &str)> {
        self.columns.iter().filter_map(|column| match &column.target {
            Target::Custom(name) => Some((column, name.as_str())),
            _ => None,
        })
    }
}

fn by_alias(header: &[String], targets: &mut [Option<(Target, How)>]) {
    let full_name = targets.iter().flatten().any(|(target, _)| *target == Target::FullName);
    let names: Vec<String> = header.iter().map(|name| normalised(name)).collect();
    let known: HashSet<&str> = names.iter().map(String::as_str).collect();
    for standard in Standard::ALL {
        let given = targets.iter().flatten().any(|(t, _)| *t == Target::Standard(standard));
        let part = matches!(standard, Standard::FirstName | Standard::LastName);
        if given || (full_name && part) {
            continue;
        }
        let best = (0..header.len())
            .filter(|index| targets[*index].is_none())
            .filter_map(|index| {
                let alias = header_words::find(&names[index]);
                let rank = alias.filter(|a| a.standard == standard).map(|alias| alias.rank);
                let part = header_words::part_of_name(&names[index], &known);
                // A name that says it by itself comes before one that says it beside another.
                let rank = rank.or((part == Some(standard)).then_some(u8::MAX))?;
                Some((rank, index))
            })
            .min();
        if let Some((_, index)) = best {
            targets[index] = Some((Target::Standard(standard), How::Alias));
        }
    }
}

fn custom_name(column: &Column, names: &mut Names, warnings: &mut Vec<MappingWarning>) -> String {
    let mut name = attribute_name(&column.header);
    if name.is_empty() {
        name = format!("column_{}", column.index + 1);
    }
    name = fitted(&name, "");
    let mut warning = None;
    if RESERVED_NAMES.contains(&name.as_str()) || Standard::from_name(&name).is_some() {
        let standard_is_taken = names.are_taken(&name);
        name = format!("custom_{name}");
        let (column, attribute) = (column.label(), name.clone());
        warning = Some(match standard_is_taken {
            true => MappingWarning::Renamed { column, attribute },
            false => MappingWarning::Reserved { column, attribute },
        });
    }
    let free = names.take(&name);
    if free != name {
        warning = Some(MappingWarning::Renamed { column: column.label(), attribute: free.clone() });
    }
    warnings.extend(warning);
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(header: &[&str], map: &[(&str, &str)]) -> Result<Mapping, MappingError> {
        let header: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
        let map = map.iter().map(|(c, a)| ((*c).to_owned(), (*a).to_owned())).collect();
        let given = ColumnChoices { map, skip: Vec::new() };
        Mapping::new(&header, &MappingOptions { given, ..MappingOptions::default() })
    }

    fn attributes(mapping: &Mapping) -> Vec<&str> {
        mapping.columns.iter().map(|c| c.target.attribute().unwrap_or("-")).collect()
    }

    #[test]
    fn the_first_alias_takes_the_attribute_and_a_mobile_number_comes_before_others() {
        let mapping =
            map(&["Phone", "Mobile", "E-Mail", "email", "id", "Customer ID"], &[]).unwrap();
        assert_eq!(attributes(&mapping), ["phone", "number", "email", "custom_email", "id", "uid"]);
        assert_eq!(mapping.columns[1].how, How::Alias);
    }

    #[test]
    fn half_a_name_is_known_by_the_other_half() {
        for (header, expected) in [
            (["prenom", "nom"], ["first_name", "last_name"]),
            (["Nom", "Prénom"], ["last_name", "first_name"]),
            (["Nom", "Pre\u{301}nom"], ["last_name", "first_name"]),
            (["nome", "cognome"], ["first_name", "last_name"]),
            (["Nome", "Sobrenome"], ["first_name", "last_name"]),
            (["nombre", "apellidos"], ["first_name", "last_name"]),
            (["Name", "Vorname"], ["last_name", "first_name"]),
            (["naam", "voornaam"], ["last_name", "first_name"]),
            (["nom", "ville"], ["nom", "ville"]),
            (["name", "cognome"], ["name", "last_name"]),
        ] {
            assert_eq!(attributes(&map(&header, &[]).unwrap()), expected, "{header:?}");
        }
        let mapping = map(&["nom", "prenom", "nom de famille"], &[]).unwrap();
        assert_eq!(attributes(&mapping), ["nom", "first_name", "last_name"]);
    }

    #[test]
    fn names_are_never_taken_twice() {
        let mapping = map(&["Plan", "plan", "archived at", "", "Devices"], &[]).unwrap();
        assert_eq!(
            attributes(&mapping),
            ["plan", "plan_2", "custom_archived_at", "column_4", "custom_devices"]
        );
        assert_eq!(mapping.warnings.len(), 3);
    }

    #[test]
    fn what_is_said_by_hand_comes_first() {
        let mapping = map(
            &["Name", "email", "work_email"],
            &[("name", "full_name"), ("work email", "email")],
        );
        let mapping = mapping.unwrap();
        assert_eq!(attributes(&mapping), ["full_name", "custom_email", "email"]);
        assert!(mapping.warnings.iter().all(|w| !matches!(w, MappingWarning::WholeName { .. })));
    }

    #[test]
    fn a_whole_name_can_be_kept_whole_under_its_own_name() {
        let kept = map(&["Full Name"], &[("Full Name", "custom:full_name")]).unwrap();
        assert_eq!(kept.columns[0].target, Target::Custom("full_name".to_owned()));
        assert_eq!(kept.columns[0].target, map(&["Full Name"], &[]).unwrap().columns[0].target);
        assert_eq!(kept.columns[0].target.as_said().as_deref(), Some("custom:full_name"));
        assert!(map(&["a"], &[("a", "custom:email")]).is_err());
        assert!(map(&["a"], &[("a", "custom:devices")]).is_err());
    }

    #[test]
    fn what_cannot_be_mapped_says_why() {
        let error = map(&["email", "plan"], &[("emial", "email")]).unwrap_err();
        assert!(
            matches!(error, MappingError::UnknownColumn { nearest: Some(ref n), .. } if n == "email")
        );
        let error = map(&["a", "b"], &[("a", "email"), ("b", "email")]).unwrap_err();
        assert!(matches!(error, MappingError::TwoColumns { .. }));
        assert!(map(&["a"], &[("a", "devices")]).is_err());
    }
}
