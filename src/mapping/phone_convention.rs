//! How the bare phone numbers of a column are read. They do not contain their country, so the
//! column as a whole decides. docs/values.md has the rules.

use super::header::names::attribute_name;
use crate::text::shell_word;
use crate::value::phone::{
    BareNumber, BareReading, calling_code, calling_code_of, international_code, is_main_region,
    region_named,
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

/// With fewer international numbers of one region, other regions are suggested too.
const MIN_CERTAIN: usize = 3;

/// A phone number of a column's sample, with the region from its record or the options.
pub(crate) type SampledNumber<'v> = (&'v str, Option<Region>);

/// Bare numbers, most of which cannot be read because no region is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableNumbers {
    /// How many distinct bare numbers cannot be read.
    pub unreadable: usize,
    /// How many distinct bare numbers there are.
    pub of: usize,
    /// The regions that may read them, the most likely first.
    pub regions: Vec<SuggestedRegion>,
}

/// A region that may read the bare numbers of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestedRegion {
    /// The region.
    pub region: Region,
    /// How many of the bare numbers it reads.
    pub reads: usize,
    /// How many it was tried on.
    pub tried: usize,
    /// How many international numbers of the file have its calling code.
    pub international: usize,
}

impl SuggestedRegion {
    /// Tries a region on bare numbers.
    fn tried_on(numbers: &[BareNumber<'_>], region: Region, international: usize) -> Self {
        let reads = numbers.iter().filter(|number| number.is_readable_in(region)).count();
        Self { region, reads, tried: numbers.len(), international }
    }

    fn reads_percent(&self, percent: usize) -> bool {
        self.reads > 0 && self.reads * 100 >= percent * self.tried
    }

    /// Whether the international numbers of the region are not exceptions among the bare ones.
    fn is_proven(&self, bare: &[BareNumber<'_>]) -> bool {
        self.international * 10 >= bare.len()
    }

    /// The option with its evidence.
    fn hint(&self) -> String {
        let Self { region, reads, tried, international } = self;
        let name = region.name();
        let option = format!("--region {region} reads {reads} of {tried} ({name})");
        match (international, calling_code_of(*region)) {
            (1, Some(code)) => format!("{option}; 1 other valid number begins with +{code}"),
            (2.., Some(code)) => {
                format!("{option}; {international} other valid numbers begin with +{code}")
            }
            _ => option,
        }
    }
}

/// What else the file says about the regions of its numbers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RegionEvidence<'a> {
    /// The regions in the file's country columns.
    pub(crate) named: &'a [Region],
    /// The calling codes of international numbers in other phone columns.
    pub(crate) codes: &'a [u16],
}

impl UnreadableNumbers {
    /// The options that read the numbers of a column, or keep them as text. `region_columns` are
    /// the columns that may give their regions.
    pub fn hints(&self, column: &str, region_columns: &[String]) -> Vec<String> {
        let of_columns = region_columns.iter().take(MAX_SUGGESTIONS).map(|name| {
            let option = format!("--region-column {}", shell_word(name));
            format!("{option} reads each with the country of its record")
        });
        let of_regions = self.regions.iter().map(SuggestedRegion::hint);
        let mut hints: Vec<String> = of_columns.chain(of_regions).collect();
        // Numbers of one country may be valid in another one too, so the user has to decide.
        let which = if self.regions.is_empty() { "that" } else { "another" };
        hints.push(format!("--region CC (such as NG) reads them as numbers of {which} country"));
        let keep = shell_word(&format!("{column}=custom:{}", attribute_name(column)));
        hints.push(format!("-m {keep} keeps them as they are written"));
        hints
    }
}

/// Decides how the bare numbers of a column are read, from distinct values of its sample.
pub(crate) fn phone_convention(
    numbers: &[SampledNumber<'_>],
    evidence: RegionEvidence<'_>,
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
    let own_codes = numbers.iter().filter_map(|(text, _)| international_code(text));
    let codes: Vec<u16> = own_codes.chain(evidence.codes.iter().copied()).collect();
    let regions = suggested_regions(&bare, evidence.named, &codes);
    Err(UnreadableNumbers { unreadable, of: bare.len(), regions })
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

/// The most likely regions of the numbers. `codes` are the calling codes of the file's
/// international numbers: their regions come first. If nearly all have one code, and its region
/// reads most numbers, no other region is suggested.
fn suggested_regions(
    numbers: &[BareNumber<'_>],
    named: &[Region],
    codes: &[u16],
) -> Vec<SuggestedRegion> {
    let mut regions = regions_of_codes(numbers, named, codes);
    let is_certain = regions.first().is_some_and(|first| {
        first.international >= MIN_CERTAIN
            && first.is_proven(numbers)
            && first.international * 10 >= codes.len() * 9
            && first.reads_percent(50)
    });
    if is_certain {
        regions.truncate(1);
        return regions;
    }
    let others = regions_that_read_enough(&numbers[..numbers.len().min(TRIED)], named);
    for other in others {
        if regions.iter().all(|known| known.region != other.region) {
            regions.push(other);
        }
    }
    regions.truncate(MAX_SUGGESTIONS);
    regions
}

/// The regions of the calling codes that read any of the numbers, those with most international
/// numbers first. A rare code counts only if its region reads enough of the numbers.
fn regions_of_codes(
    numbers: &[BareNumber<'_>],
    named: &[Region],
    codes: &[u16],
) -> Vec<SuggestedRegion> {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for code in codes {
        *counts.entry(*code).or_default() += 1;
    }
    let suggested = counts.into_iter().filter_map(|(code, international)| {
        let sharing = Region::all().filter(|region| calling_code_of(*region) == Some(code));
        let suggested =
            sharing.map(|region| SuggestedRegion::tried_on(numbers, region, international));
        suggested.max_by_key(|it| (it.reads, named.contains(&it.region), is_main_region(it.region)))
    });
    let mut suggested: Vec<SuggestedRegion> = suggested
        .filter(|it| it.reads_percent(if it.is_proven(numbers) { 0 } else { READS_ENOUGH }))
        .collect();
    suggested.sort_by_key(|it| Reverse(it.international));
    suggested
}

/// The regions that read enough of the numbers, those that read most first: those that the file
/// names, or else the main regions of calling codes.
fn regions_that_read_enough(numbers: &[BareNumber<'_>], named: &[Region]) -> Vec<SuggestedRegion> {
    let enough: Vec<SuggestedRegion> = Region::all()
        .map(|region| SuggestedRegion::tried_on(numbers, region, 0))
        .filter(|suggested| suggested.reads_percent(READS_ENOUGH))
        .collect();
    let among = |is_preferred: &dyn Fn(Region) -> bool| -> Vec<SuggestedRegion> {
        enough.iter().filter(|it| is_preferred(it.region)).cloned().collect()
    };
    let preferred = [among(&|region| named.contains(&region)), among(&is_main_region)];
    let mut regions = preferred.into_iter().find(|found| !found.is_empty()).unwrap_or(enough);
    // The largest countries have the shortest codes.
    regions.sort_by_key(|it| (Reverse(it.reads), calling_code_of(it.region)));
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
        phone_convention(&numbers, RegionEvidence::default())
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
        assert_eq!(unreadable.regions[0].hint(), "--region US reads 3 of 3 (United States)");
        assert_eq!(decided(&american[..2], None), Ok(BareReading::Unreadable));
    }

    #[test]
    fn international_numbers_show_the_region_of_the_others() {
        let suggested = |numbers: &[&str], named: &[&str], codes: &[u16]| -> Vec<String> {
            let named: Vec<Region> = named.iter().map(|code| code.parse().unwrap()).collect();
            let numbers: Vec<SampledNumber<'_>> = numbers.iter().map(|n| (*n, None)).collect();
            let evidence = RegionEvidence { named: &named, codes };
            let unreadable = phone_convention(&numbers, evidence).unwrap_err();
            unreadable.regions.iter().map(SuggestedRegion::hint).collect()
        };
        let german = ["0151 67903774", "0176 3420198", "0151 08751350", "030 1234567"];
        let mut numbers = german.to_vec();
        numbers.extend(["+49 151 67903775", "+49 151 67903776", "0049 151 67903777"]);
        let only = ["--region DE reads 4 of 4 (Germany); 3 other valid numbers begin with +49"];
        assert_eq!(suggested(&numbers, &[], &[]), only);
        assert_eq!(suggested(&german, &[], &[49, 49, 49]), only, "another column");
        // Two of five codes are not clear, so other regions are suggested after these.
        let unclear = suggested(&german, &[], &[43, 49, 49, 49, 43]);
        assert!(unclear[0].starts_with("--region DE reads 4 of 4"), "{unclear:?}");
        assert!(unclear[1].starts_with("--region AT reads 3 of 4"), "{unclear:?}");
        // A few German numbers do not keep the region of the others from being suggested.
        let american: Vec<String> = (0..40).map(|n| format!("(646) 555-01{n:02}")).collect();
        let american: Vec<&str> = american.iter().map(String::as_str).collect();
        let rare = suggested(&american, &[], &[49, 49, 49]);
        assert!(
            rare.contains(&"--region US reads 40 of 40 (United States)".to_owned()),
            "{rare:?}"
        );
        let canadian = ["(416) 555-0143", "(604) 555-0144", "(514) 555-0145"];
        let canadian = suggested(&canadian, &["CA"], &[1, 1, 1]);
        assert_eq!(
            canadian,
            ["--region CA reads 3 of 3 (Canada); 3 other valid numbers begin with +1"]
        );
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
