//! How a plan reads the phone numbers of a file: their regions and the format of bare numbers.

use crate::import::ImportError;
use crate::input::csv::Record;
use crate::mapping::{
    Mapping, RegionEvidence, RememberedColumns, SampledNumber, UnreadableNumbers, attribute_name,
    phone_convention, proposed_standard, says_regions,
};
use crate::settings::ValueOptions;
use crate::value::phone::{BareReading, international_code, region_named};
use crate::value::region::Region;
use crate::value::{BlankContext, Standard, trimmed, unwrapped};
use std::collections::HashSet;

/// The maximum number of distinct numbers that are looked at.
const DISTINCT_NUMBERS: usize = 1000;

/// Words in the header of a country column.
const COUNTRY_WORDS: [&str; 16] = [
    "country",
    "countrycode",
    "land",
    "pays",
    "país",
    "pais",
    "paese",
    "kraj",
    "ülke",
    "ulke",
    "nation",
    "region",
    "iso",
    "iso2",
    "国",
    "страна",
];

/// How a plan reads phone numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct NumberRules {
    /// The column with the region of each record's number.
    pub(crate) region_column: Option<usize>,
    /// Whether that column was found by its values and not given.
    is_column_found: bool,
    /// The region of numbers if no column gives one.
    pub(crate) region: Option<Region>,
    /// How numbers without a country code are read.
    pub(crate) bare: BareReading,
    /// Why an import is refused: most numbers cannot be read.
    unreadable: Option<UnreadableNumbers>,
    /// The columns that could give the regions.
    fitting_columns: Vec<String>,
}

impl NumberRules {
    /// Decides from the sample, the options and what the store remembers.
    pub(crate) fn decide(
        mapping: &Mapping,
        sample: &[&Record],
        values: &ValueOptions,
        remembered: &RememberedColumns,
    ) -> Result<Self, ImportError> {
        let given = match &values.region_column {
            Some(named) => Some(mapping.column(named)?.index),
            None => None,
        };
        let given_only = Self { region_column: given, region: values.region, ..Self::default() };
        let Some(column) = mapping.standard(Standard::Number) else { return Ok(given_only) };
        if mapping.is_own_export() {
            return Ok(given_only);
        }
        let before = remembered.find(&column.header).and_then(|column| column.phones.as_deref());
        let region = values.region.or_else(|| before?.parse().ok());
        let columns = mapping.columns_of(Standard::Number);
        let numbers = NumberSample { sample, columns: &columns, values, region };
        let countries = mapping.columns.iter().filter(|column| is_country_header(&column.header));
        let countries: Vec<usize> = countries.map(|column| column.index).collect();
        let is_unknown = given.is_none() && values.region.is_none();
        let found = countries.iter().copied().find(|c| is_unknown && numbers.are_read_by(*c));
        let rules = Self {
            region_column: given.or(found),
            is_column_found: found.is_some(),
            region,
            ..Self::default()
        };
        let named: Vec<Region> =
            countries.iter().flat_map(|column| numbers.regions_in(*column)).collect();
        let other_phones = mapping.columns.iter().filter(|other| {
            !columns.contains(&other.index)
                && proposed_standard(&other.header) == Some(Standard::Number)
        });
        let codes: Vec<u16> =
            other_phones.flat_map(|other| numbers.codes_in(other.index)).collect();
        let evidence = RegionEvidence { named: &named, codes: &codes };
        Ok(match phone_convention(&numbers.distinct(rules.region_column), evidence) {
            Ok(bare) => Self { bare, ..rules },
            Err(unreadable) => {
                let others = mapping.columns.iter().filter(|other| !columns.contains(&other.index));
                let fitting = others.filter(|other| numbers.are_read_by(other.index));
                Self {
                    bare: BareReading::Unreadable,
                    unreadable: Some(unreadable),
                    fitting_columns: fitting.map(|column| column.header.clone()).collect(),
                    ..rules
                }
            }
        })
    }

    /// Adds the source of the regions to the evidence of the number column.
    pub(crate) fn explain(&self, mapping: &mut Mapping) {
        let Some(column) = mapping.standard(Standard::Number).map(|column| column.index) else {
            return;
        };
        let Some(region) = self.region_column.filter(|_| self.is_column_found) else { return };
        let said = format!("its country is read from {}", mapping.columns[region].label());
        let evidence = &mut mapping.columns[column].evidence;
        *evidence = Some(match evidence.take() {
            Some(before) => format!("{before}, {said}"),
            None => said,
        });
    }

    /// The error of an import whose numbers cannot be read.
    pub(crate) fn error(&self, name: &str, mapping: &Mapping) -> Option<ImportError> {
        let numbers = Box::new(self.unreadable.clone()?);
        let column = mapping.standard(Standard::Number)?.header.clone();
        let (name, region_columns) = (name.to_owned(), self.fitting_columns.clone());
        Some(ImportError::UnreadableNumbers { name, column, numbers, region_columns })
    }
}

fn is_country_header(header: &str) -> bool {
    attribute_name(header).split('_').any(|word| COUNTRY_WORDS.contains(&word))
}

/// The numbers of a sample.
struct NumberSample<'a> {
    sample: &'a [&'a Record],
    /// The number columns. All are read the same way.
    columns: &'a [usize],
    values: &'a ValueOptions,
    /// The region of numbers if no column gives one.
    region: Option<Region>,
}

impl<'a> NumberSample<'a> {
    fn cell(&self, record: &'a Record, column: usize) -> &'a str {
        let text = unwrapped(trimmed(record.field(column)));
        if self.values.nulls.iter().any(|null| null == text) { "" } else { text }
    }

    /// The distinct pairs of a number and the cell of another column.
    fn pairs(&self, other: Option<usize>) -> Vec<(&'a str, &'a str)> {
        let mut seen = HashSet::new();
        let numbers = self
            .sample
            .iter()
            .flat_map(|record| self.columns.iter().map(|column| (*record, *column)));
        numbers
            .map(|(record, column)| {
                let other = other.map_or("", |other| self.cell(record, other));
                (self.cell(record, column), other)
            })
            .filter(|(number, _)| !self.values.blank_words.contain(number, BlankContext::Phone))
            .filter(|pair| seen.insert(*pair))
            .take(DISTINCT_NUMBERS)
            .collect()
    }

    fn are_read_by(&self, region_column: usize) -> bool {
        says_regions(&self.pairs(Some(region_column)))
    }

    /// The calling codes of the international numbers in another column.
    fn codes_in(&self, column: usize) -> Vec<u16> {
        let mut seen = HashSet::new();
        let cells = self.sample.iter().map(|record| self.cell(record, column));
        let distinct = cells.filter(|cell| !cell.is_empty() && seen.insert(*cell));
        distinct.take(DISTINCT_NUMBERS).filter_map(international_code).collect()
    }

    fn regions_in(&self, column: usize) -> Vec<Region> {
        self.pairs(Some(column)).iter().filter_map(|(_, country)| region_named(country)).collect()
    }

    /// The distinct numbers with their regions.
    fn distinct(&self, region_column: Option<usize>) -> Vec<SampledNumber<'a>> {
        let fallback = self.region;
        let pairs = self.pairs(region_column);
        let with_region = pairs.into_iter().map(|(number, country)| match region_column {
            Some(_) => (number, region_named(country).or(fallback)),
            None => (number, fallback),
        });
        with_region.filter(|(number, _)| !number.is_empty()).collect()
    }
}
