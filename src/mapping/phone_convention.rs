//! How the bare phone numbers of a column are read. They do not contain their country, so the
//! column as a whole decides. docs/values.md has the rules.

use super::header::names::attribute_name;
use crate::text::shell_word;
use crate::value::phone::{
    BareNumber, BareReading, calling_code, calling_code_of, is_main_region, region_named,
};
use crate::value::region::Region;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// With fewer bare numbers, a few that are valid in another country by chance would decide.
const FEW: usize = 20;

/// A number with at least this many digits is rarely a national one.
const LONG: usize = 11;

/// The maximum number of phone numbers that regions are tried on, and of regions that are
/// suggested.
const TRIED: usize = 100;
const MAX_SUGGESTIONS: usize = 3;

/// A region is suggested if it reads this share of the numbers, in percent: numbers of many lengths
/// are valid in some countries by chance.
const READS_ENOUGH: usize = 90;

/// A phone number of a column's sample, with the region from its record or the options.
pub(crate) type SampledNumber<'v> = (&'v str, Option<Region>);

/// Bare numbers, most of which cannot be read because no region is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableNumbers {
    /// How many distinct bare numbers cannot be read.
    pub unreadable: usize,
    /// How many distinct bare numbers there are.
    pub of: usize,
    /// How many of them regions were tried on.
    pub tried: usize,
    /// The regions that read enough of the tried numbers, and how many each reads, most first.
    pub regions: Vec<(Region, usize)>,
}

impl UnreadableNumbers {
    /// The options that read the numbers of a column, or keep them as text. `region_columns` are
    /// the columns that may give their regions.
    pub fn hints(&self, column: &str, region_columns: &[String]) -> Vec<String> {
        let of_columns = region_columns.iter().take(MAX_SUGGESTIONS).map(|name| {
            let option = format!("--region-column {}", shell_word(name));
            format!("{option} reads each with the country of its record")
        });
        let of_regions = self.regions.iter().map(|(region, read)| {
            format!("--region {region} reads {read} of {} ({})", self.tried, region.name())
        });
        let mut hints: Vec<String> = of_columns.chain(of_regions).collect();
        // Numbers of one country may be valid in another one too, so the user has to decide.
        let which = if self.regions.is_empty() { "that" } else { "another" };
        hints.push(format!("--region CC (such as NG) reads them as numbers of {which} country"));
        let keep = shell_word(&format!("{column}=custom:{}", attribute_name(column)));
        hints.push(format!("-m {keep} keeps them as they are written"));
        hints
    }
}

/// Decides how the bare numbers of a column are read, from distinct values of its sample. `named`
/// are the regions in the file's country columns.
pub(crate) fn phone_convention(
    numbers: &[SampledNumber<'_>],
    named: &[Region],
) -> Result<BareReading, UnreadableNumbers> {
    let bare: Vec<(BareNumber<'_>, Option<Region>)> = numbers
        .iter()
        .filter_map(|(text, region)| Some((BareNumber::read(text)?, *region)))
        .collect();
    if bare.iter().any(|(_, region)| region.is_some()) {
        return Ok(reading_with_regions(&bare));
    }
    let bare: Vec<BareNumber<'_>> = bare.into_iter().map(|(number, _)| number).collect();
    let (reading, readable) = reading_without_region(&bare, numbers);
    let unreadable = bare.len() - readable;
    if bare.len() < 3 || unreadable * 2 <= bare.len() {
        return Ok(reading);
    }
    let tried = &bare[..bare.len().min(TRIED)];
    let own_codes: Vec<u16> = numbers.iter().filter_map(|(text, _)| calling_code(text)).collect();
    let regions = suggested_regions(tried, named, &own_codes);
    Err(UnreadableNumbers { unreadable, of: bare.len(), tried: tried.len(), regions })
}

/// The reading of numbers whose region is known: that of most numbers that are valid in only one
/// way.
fn reading_with_regions(bare: &[(BareNumber<'_>, Option<Region>)]) -> BareReading {
    let (mut national, mut international, mut with_code, mut of) = (0, 0, 0, 0);
    for (number, region) in bare {
        let Some(region) = *region else { continue };
        of += 1;
        with_code += usize::from(number.begins_with_code_of(region));
        match (number.is_national_in(region), number.calling_code().is_some()) {
            (true, false) => national += 1,
            (false, true) => international += 1,
            _ => {}
        }
    }
    let is_international = match (national, international) {
        (0, 0) => with_code * 5 >= of * 4,
        _ => international > national,
    };
    if is_international { BareReading::InternationalFirst } else { BareReading::NationalFirst }
}

/// The reading of numbers without a region, and how many it reads.
fn reading_without_region(
    bare: &[BareNumber<'_>],
    numbers: &[SampledNumber<'_>],
) -> (BareReading, usize) {
    let mut codes: Vec<(u16, usize)> =
        bare.iter().filter_map(|number| Some((number.calling_code()?, number.length()))).collect();
    let is_one_country = codes.windows(2).all(|two| two[0].0 == two[1].0);
    if bare.len() < FEW && !is_one_country {
        codes.retain(|(_, length)| *length >= LONG);
    }
    let readable = codes.len();
    if readable * 5 >= bare.len() * 4 {
        // Without a region, numbers are only ever read as international.
        return (BareReading::NationalFirst, readable);
    }
    if readable * 5 < bare.len() * 2 {
        return (BareReading::Unreadable, 0);
    }
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for (code, _) in codes {
        *counts.entry(code).or_default() += 1;
    }
    let proven: Vec<u16> = numbers.iter().filter_map(|(text, _)| calling_code(text)).collect();
    counts.retain(|code, count| *count * 2 >= readable || proven.contains(code));
    let read = counts.values().sum();
    (BareReading::OfCallingCodes(counts.into_keys().collect()), read)
}

/// The regions that read enough of the numbers, those that read most first. Only the most likely
/// ones are suggested: those of the column's own numbers with `+`, or else those that the file
/// names, or else the main regions of calling codes.
fn suggested_regions(
    numbers: &[BareNumber<'_>],
    named: &[Region],
    own_codes: &[u16],
) -> Vec<(Region, usize)> {
    let read = |region: Region| numbers.iter().filter(|n| n.is_readable_in(region)).count();
    let enough: Vec<(Region, usize)> = Region::all()
        .map(|region| (region, read(region)))
        .filter(|(_, count)| *count * 100 >= READS_ENOUGH * numbers.len())
        .collect();
    let is_own = |region: Region| {
        calling_code_of(region).is_some_and(|code| own_codes.contains(&code))
            && is_main_region(region)
    };
    let among = |is_preferred: &dyn Fn(Region) -> bool| -> Vec<(Region, usize)> {
        enough.iter().copied().filter(|(region, _)| is_preferred(*region)).collect()
    };
    let preferred =
        [among(&is_own), among(&|region| named.contains(&region)), among(&is_main_region)];
    let mut regions = preferred.into_iter().find(|found| !found.is_empty()).unwrap_or(enough);
    // The largest countries have the shortest codes.
    regions.sort_by_key(|(region, count)| (Reverse(*count), calling_code_of(*region)));
    regions.truncate(MAX_SUGGESTIONS);
    regions
}

/// Whether a column gives the regions of phone numbers: nine in ten of its cells are countries, and
/// these read four in five of the bare numbers. Takes pairs of a number and a country.
pub(crate) fn says_regions(pairs: &[(&str, &str)]) -> bool {
    let (mut filled, mut countries, mut bare, mut readable) = (0, 0, 0, 0);
    for (number, country) in pairs {
        let region = region_named(country);
        filled += usize::from(!country.is_empty());
        countries += usize::from(region.is_some());
        if let Some(number) = BareNumber::read(number) {
            bare += 1;
            readable += usize::from(region.is_some_and(|region| number.is_readable_in(region)));
        }
    }
    countries > 0 && bare > 0 && countries * 10 >= filled * 9 && readable * 5 >= bare * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(numbers: &[&str], region: Option<&str>) -> Result<BareReading, UnreadableNumbers> {
        let region = region.and_then(|code| code.parse().ok());
        let numbers: Vec<SampledNumber<'_>> = numbers.iter().map(|n| (*n, region)).collect();
        phone_convention(&numbers, &[])
    }

    fn british(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("4479111235{n:02}")).collect()
    }

    #[test]
    fn a_column_without_a_region_is_international_mixed_or_unreadable() {
        let texts = british(18);
        let mut numbers: Vec<&str> = texts.iter().map(String::as_str).collect();
        numbers.extend(["07911 123518", "07911 123519"]);
        assert_eq!(decided(&numbers, None), Ok(BareReading::NationalFirst));
        let mut mixed: Vec<&str> = numbers[..12].to_vec();
        let national: Vec<String> = (0..8).map(|n| format!("07911 1236{n:02}")).collect();
        mixed.extend(national.iter().map(String::as_str));
        assert_eq!(decided(&mixed, None), Ok(BareReading::OfCallingCodes(vec![44])));
        let american = ["(646) 555-0100", "(415) 555-0101", "(312) 555-0102"];
        let unreadable = decided(&american, None).unwrap_err();
        assert_eq!((unreadable.unreadable, unreadable.of), (3, 3));
        assert_eq!(unreadable.regions[0], ("US".parse().unwrap(), 3));
        assert_eq!(decided(&american[..2], None), Ok(BareReading::Unreadable));
    }

    #[test]
    fn few_numbers_of_several_countries_are_not_trusted() {
        let few = ["4520123456", "4740612345", "4520123457", "4740612346"];
        assert!(decided(&few, None).is_err());
        let one = ["4520123456", "4520123457", "4520123458"];
        assert_eq!(decided(&one, None), Ok(BareReading::NationalFirst));
        assert_eq!(decided(&[], None), Ok(BareReading::NationalFirst));
    }

    #[test]
    fn with_a_region_the_majority_decides() {
        let own = ["4915167903774", "4915108751350", "4915129566447"];
        assert_eq!(decided(&own, Some("DE")), Ok(BareReading::InternationalFirst));
        let national = ["0151 67903774", "0151 08751350"];
        assert_eq!(decided(&national, Some("DE")), Ok(BareReading::NationalFirst));
    }

    #[test]
    fn a_column_of_countries_must_read_the_numbers() {
        let fits = |pairs: &[(&str, &str)]| says_regions(pairs);
        assert!(fits(&[("(646) 555-0143", "US"), ("015167903774", "Germany"), ("", "FR")]));
        assert!(!fits(&[("(646) 555-0143", "FR"), ("(415) 555-0144", "DE")]));
        assert!(!fits(&[("(646) 555-0143", "North"), ("(415) 555-0144", "South")]));
        assert!(!fits(&[("+16465550143", "US")]));
    }
}
