//! Numbering plans: what libphonenumber's metadata says about each region, ready for validation.
//!
//! The `phonenumber` crate caches only a hundred patterns, so a file with numbers of many countries
//! would compile them again and again. Here each pattern is compiled once, and only for countries
//! that occur in the file.

use crate::value::region::Region;
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

/// What the metadata says about a region: regular expressions of the digits after the country code.
struct Patterns {
    /// The region's code, or `001` for a country code that belongs to no region.
    region: &'static str,
    code: u16,
    /// The number of any type.
    general: &'static str,
    /// The types of numbers: their possible lengths, and their pattern.
    types: &'static [(u32, &'static str)],
    /// The lengths of all types.
    lengths: u32,
    /// The lengths of numbers that can be dialled only within an area.
    local_lengths: u32,
    /// The digits that assign a number to this one of the regions that share the country code.
    leading_digits: Option<&'static str>,
    international_prefix: Option<&'static str>,
    national_prefix: Option<&'static str>,
    /// What replaces a national prefix.
    transform: Option<&'static str>,
    /// A valid number without the country code, of a mobile phone if the region has any.
    example: Option<&'static str>,
}

/// By country code; the first of a code is its main region's.
#[expect(clippy::unreadable_literal, reason = "sets of lengths, which no one reads")]
static PATTERNS: &[Patterns] = &include!(concat!(env!("OUT_DIR"), "/numbering_plans.rs"));

static NUMBERING: LazyLock<Numbering> = LazyLock::new(Numbering::new);

/// All numbering plans.
struct Numbering {
    /// The plans by country code, that of the main region first.
    by_code: Vec<Vec<Entry>>,
    /// The place of each region's plan in `by_code`, by the index of the region's letters.
    by_region: Vec<Option<(u16, u8)>>,
}

impl Numbering {
    fn new() -> Self {
        let mut by_code: Vec<Vec<Entry>> = std::iter::repeat_with(Vec::new).take(1000).collect();
        let mut by_region = vec![None; 26 * 26];
        for patterns in PATTERNS {
            let entries = &mut by_code[usize::from(patterns.code)];
            if let Some(place) = letters(patterns.region.as_bytes()) {
                by_region[place] = u8::try_from(entries.len()).ok().map(|at| (patterns.code, at));
            }
            entries.push(Entry { patterns, plan: OnceLock::new() });
        }
        Self { by_code, by_region }
    }
}

/// The index of a region among all pairs of letters.
fn letters(region: &[u8]) -> Option<usize> {
    let letter = |byte: u8| byte.is_ascii_uppercase().then(|| usize::from(byte - b'A'));
    match *region {
        [first, second] => Some(letter(first)? * 26 + letter(second)?),
        _ => None,
    }
}

/// Splits off the country code. No code is a prefix of another one, so the first known one is
/// right.
pub(crate) fn country_code(digits: &str) -> Option<(u16, &str)> {
    let mut code = 0_u16;
    for (index, digit) in digits.bytes().enumerate().take(3) {
        code = code * 10 + u16::from(digit.wrapping_sub(b'0'));
        // No country code begins with 0.
        if code == 0 {
            return None;
        }
        if !NUMBERING.by_code.get(usize::from(code))?.is_empty() {
            return Some((code, &digits[index + 1..]));
        }
    }
    None
}

/// The plan of the main region of a country code.
pub(crate) fn main_plan(code: u16) -> Option<&'static Plan> {
    NUMBERING.by_code.get(usize::from(code))?.first().map(Entry::plan)
}

/// A region's country code and plan.
pub(crate) fn plan_of(region: Region) -> Option<(u16, &'static Plan)> {
    let (code, entry) = entry_of(region)?;
    Some((code, entry.plan()))
}

fn entry_of(region: Region) -> Option<(u16, &'static Entry)> {
    let (code, index) = (*NUMBERING.by_region.get(letters(region.as_str().as_bytes())?)?)?;
    Some((code, NUMBERING.by_code[usize::from(code)].get(usize::from(index))?))
}

/// An example of a region's numbers, with a plus and its country code.
pub fn example_number(region: Region) -> Option<String> {
    let (code, entry) = entry_of(region)?;
    Some(format!("+{code}{}", entry.patterns.example?))
}

/// The main region of a calling code.
pub(crate) fn main_region(code: u16) -> Option<Region> {
    NUMBERING.by_code.get(usize::from(code))?.first()?.patterns.region.parse().ok()
}

/// libphonenumber's `isValidNumber`: the first region whose leading digits match decides, or a
/// region without leading digits that accepts the number.
pub(crate) fn is_valid(code: u16, national: &str) -> bool {
    let Some(entries) = NUMBERING.by_code.get(usize::from(code)) else { return false };
    if let [entry] = entries.as_slice() {
        return entry.plan().is_valid(national);
    }
    for plan in entries.iter().map(Entry::plan) {
        let claimed = plan.leading_digits.as_ref().map(|leading| leading.is_match(national));
        if claimed == Some(true) {
            return plan.is_valid(national);
        }
        if claimed.is_none() && plan.is_valid(national) {
            return true;
        }
    }
    false
}

struct Entry {
    patterns: &'static Patterns,
    plan: OnceLock<Plan>,
}

impl Entry {
    fn plan(&self) -> &Plan {
        self.plan.get_or_init(|| Plan::compile(self.patterns))
    }
}

/// Whether the length of a national number fits a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Possible,
    LocalOnly,
    TooShort,
    TooLong,
    Invalid,
}

/// One region's rules, with compiled patterns.
pub(crate) struct Plan {
    code: String,
    general: Regex,
    types: Vec<(Lengths, Regex)>,
    lengths: Lengths,
    local_lengths: Lengths,
    leading_digits: Option<Regex>,
    international_prefix: Option<Regex>,
    national_prefix: Option<Regex>,
    transform: Option<&'static str>,
}

/// A set of lengths: one bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Lengths(u32);

impl Lengths {
    fn contains(self, length: usize) -> bool {
        length < 32 && self.0 & (1 << length) != 0
    }
}

impl Plan {
    fn compile(patterns: &'static Patterns) -> Self {
        let types = patterns.types.iter();
        Self {
            code: patterns.code.to_string(),
            general: whole(patterns.general),
            types: types.map(|(lengths, pattern)| (Lengths(*lengths), whole(pattern))).collect(),
            lengths: Lengths(patterns.lengths),
            local_lengths: Lengths(patterns.local_lengths),
            leading_digits: patterns.leading_digits.map(at_start),
            international_prefix: patterns.international_prefix.map(at_start),
            national_prefix: patterns.national_prefix.map(at_start),
            transform: patterns.transform,
        }
    }

    fn is_valid(&self, national: &str) -> bool {
        let fits =
            |lengths: Lengths| lengths == Lengths::default() || lengths.contains(national.len());
        self.types.iter().any(|(lengths, pattern)| fits(*lengths) && pattern.is_match(national))
            && self.general.is_match(national)
    }

    pub(crate) fn length(&self, national: &str) -> Length {
        let length = national.len();
        if self.lengths.contains(length) {
            return Length::Possible;
        }
        if self.local_lengths.contains(length) {
            return Length::LocalOnly;
        }
        let bits = self.lengths.0;
        if length < bits.trailing_zeros() as usize {
            Length::TooShort
        } else if length >= 32 - bits.leading_zeros() as usize {
            Length::TooLong
        } else {
            Length::Invalid
        }
    }

    /// The digits after the international prefix, if they begin with it.
    pub(crate) fn without_international_prefix<'d>(&self, digits: &'d str) -> Option<&'d str> {
        let rest = &digits[self.international_prefix.as_ref()?.find(digits)?.end()..];
        (!rest.starts_with('0')).then_some(rest)
    }

    /// The digits after this plan's country code, if they begin with it: they match the plan only
    /// without the code, or are too long with it.
    pub(crate) fn without_own_code<'d>(&self, digits: &'d str) -> Option<Cow<'d, str>> {
        let rest = digits.strip_prefix(self.code.as_str())?;
        let (rest, _) = self.stripped(rest);
        let better = !self.general.is_match(digits) && self.general.is_match(&rest);
        (better || self.length(digits) == Length::TooLong).then_some(rest)
    }

    /// libphonenumber's `maybeStripNationalPrefixAndCarrierCode`, and its caller's check that the
    /// rest still has a possible length.
    pub(crate) fn without_national_prefix<'d>(&self, digits: &'d str) -> Cow<'d, str> {
        let (stripped, changed) = self.stripped(digits);
        if !changed || matches!(self.length(&stripped), Length::Possible | Length::TooLong) {
            stripped
        } else {
            Cow::Borrowed(digits)
        }
    }

    fn stripped<'d>(&self, digits: &'d str) -> (Cow<'d, str>, bool) {
        let unchanged = (Cow::Borrowed(digits), false);
        let Some(prefix) = &self.national_prefix else {
            return unchanged;
        };
        let (end, stripped) = if let Some(transform) = self.transform {
            let Some(captures) = prefix.captures(digits) else {
                return unchanged;
            };
            let end = captures.get(0).map_or(0, |found| found.end());
            let last_group = (captures.len() > 1).then(|| captures.get(captures.len() - 1));
            if last_group.flatten().is_some() {
                let mut expanded = String::new();
                captures.expand(transform, &mut expanded);
                expanded.push_str(&digits[end..]);
                (end, Cow::Owned(expanded))
            } else {
                (end, Cow::Borrowed(&digits[end..]))
            }
        } else {
            let Some(found) = prefix.find(digits) else {
                return unchanged;
            };
            (found.end(), Cow::Borrowed(&digits[found.end()..]))
        };
        if self.general.is_match(digits) && !self.general.is_match(&stripped) {
            return unchanged;
        }
        (stripped, end > 0)
    }
}

fn whole(pattern: &str) -> Regex {
    compiled(&format!("^(?:{pattern})$"))
}

fn at_start(pattern: &str) -> Regex {
    compiled(&format!("^(?:{pattern})"))
}

/// White space is removed, because the metadata splits long patterns into lines.
#[expect(clippy::expect_used, reason = "the patterns are compiled in; a test compiles them all")]
fn compiled(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).build().expect("libphonenumber's patterns are regular")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_metadata_compiles() {
        for entry in NUMBERING.by_code.iter().flatten() {
            entry.plan();
        }
    }

    #[test]
    fn every_region_has_its_plan_and_no_other() {
        let ids = PATTERNS.iter().map(|patterns| patterns.region);
        let mut known: Vec<&str> = ids.filter(|id| *id != "001").collect();
        known.sort_unstable();
        let codes: Vec<String> = Region::all().map(|region| region.to_string()).collect();
        assert_eq!(codes, known, "the table of regions lacks one, or has one too many");
        for region in Region::all() {
            let (code, _) = plan_of(region).unwrap();
            let metadata = phonenumber::metadata::DATABASE.by_id(region.as_str()).unwrap();
            assert_eq!(code, metadata.country_code(), "{region:?}");
            let example = example_number(region).unwrap();
            let number = crate::value::phone::PhoneNumber::parse(&example, None);
            assert!(matches!(number, Ok(Some(_))), "{region:?}: {example}");
        }
    }
}
