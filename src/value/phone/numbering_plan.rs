//! Numbering plans: what libphonenumber's metadata says about each region, ready for validation.
//!
//! The `phonenumber` crate's own cache of a hundred patterns is compiled over and over by a file
//! with numbers of many countries. Here each pattern is compiled once, and only for the countries
//! that a file names.

use crate::value::region::Region;
use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};

/// All numbering plans. The first use loads the metadata.
static NUMBERING: LazyLock<Numbering> = LazyLock::new(Numbering::load);

struct Numbering {
    /// By country code; the first of a code is its main region's.
    by_code: Vec<Vec<Entry>>,
    /// Where a region's plan is found, by the letters of its code.
    by_region: Vec<Option<(u16, u8)>>,
}

impl Numbering {
    fn load() -> Self {
        let by_code: Vec<Vec<Entry>> = (0..1000_u16)
            .map(|code| {
                let regions = DATABASE.by_code(&code).unwrap_or_default();
                let entry = |metadata| Entry { metadata, plan: OnceLock::new() };
                regions.into_iter().map(entry).collect()
            })
            .collect();
        let mut by_region = vec![None; 26 * 26];
        for (code, entries) in (0..).zip(&by_code) {
            for (index, entry) in (0..).zip(entries) {
                if let Some(place) = letters(entry.metadata.id().as_bytes()) {
                    by_region[place] = Some((code, index));
                }
            }
        }
        Self { by_code, by_region }
    }
}

/// Loads the metadata, if nothing has yet.
pub(crate) fn load() {
    LazyLock::force(&NUMBERING);
}

/// The place of a region among all pairs of letters.
fn letters(region: &[u8]) -> Option<usize> {
    let letter = |byte: u8| byte.is_ascii_uppercase().then(|| usize::from(byte - b'A'));
    match *region {
        [first, second] => Some(letter(first)? * 26 + letter(second)?),
        _ => None,
    }
}

/// Splits off the country code: no code is the beginning of another, so the first known wins.
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
    let (code, index) = (*NUMBERING.by_region.get(letters(region.as_str().as_bytes())?)?)?;
    Some((code, NUMBERING.by_code[usize::from(code)].get(usize::from(index))?.plan()))
}

/// The main region of a calling code.
pub(crate) fn main_region(code: u16) -> Option<Region> {
    NUMBERING.by_code.get(usize::from(code))?.first()?.metadata.id().parse().ok()
}

/// libphonenumber's `isValidNumber`: the first region of the code that claims the number by its
/// leading digits, or else has such a number, decides.
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
    metadata: &'static Metadata,
    plan: OnceLock<Plan>,
}

impl Entry {
    fn plan(&self) -> &Plan {
        self.plan.get_or_init(|| Plan::compile(self.metadata))
    }
}

/// How many digits a national number has, measured by a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Possible,
    LocalOnly,
    TooShort,
    TooLong,
    Invalid,
}

/// One region's rules, its patterns compiled.
pub(crate) struct Plan {
    code: String,
    general: Regex,
    types: Vec<(Lengths, Regex)>,
    lengths: Lengths,
    local_lengths: Lengths,
    leading_digits: Option<Regex>,
    international_prefix: Option<Regex>,
    national_prefix: Option<Regex>,
    transform: Option<String>,
}

/// A set of lengths, a bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Lengths(u32);

impl Lengths {
    fn of(lengths: &[u16]) -> Self {
        Self(lengths.iter().filter(|length| **length < 32).fold(0, |set, l| set | 1 << l))
    }

    fn contains(self, length: usize) -> bool {
        length < 32 && self.0 & (1 << length) != 0
    }
}

impl Plan {
    fn compile(metadata: &Metadata) -> Self {
        let descriptors = metadata.descriptors();
        let described: Vec<&Descriptor> = [
            descriptors.mobile(),
            descriptors.fixed_line(),
            descriptors.toll_free(),
            descriptors.premium_rate(),
            descriptors.shared_cost(),
            descriptors.voip(),
            descriptors.personal_number(),
            descriptors.pager(),
            descriptors.uan(),
            descriptors.voicemail(),
        ]
        .into_iter()
        .flatten()
        .collect();
        // The crate keeps no lengths of the general descriptor; they are those of all types.
        let all = |of: fn(&Descriptor) -> &[u16]| {
            described
                .iter()
                .fold(Lengths::default(), |all, d| Lengths(all.0 | Lengths::of(of(d)).0))
        };
        let mut seen = Vec::new();
        let mut types = Vec::new();
        for descriptor in &described {
            let lengths = Lengths::of(descriptor.possible_length());
            let pattern = descriptor.national_number().as_str();
            if !seen.contains(&(lengths, pattern)) {
                types.push((lengths, whole(pattern)));
                seen.push((lengths, pattern));
            }
        }
        let prefix = metadata
            .national_prefix_for_parsing()
            .map(|pattern| pattern.as_str().to_owned())
            .or_else(|| metadata.national_prefix().map(str::to_owned));
        Self {
            code: metadata.country_code().to_string(),
            general: whole(descriptors.general().national_number().as_str()),
            types,
            lengths: all(Descriptor::possible_length),
            local_lengths: all(Descriptor::possible_local_length),
            leading_digits: metadata.leading_digits().map(|p| at_start(p.as_str())),
            international_prefix: metadata.international_prefix().map(|p| at_start(p.as_str())),
            national_prefix: prefix.as_deref().map(at_start),
            transform: metadata.national_prefix_transform_rule().map(braced_groups),
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

    /// What follows the prefix that is dialled to call abroad, where the digits begin with it.
    pub(crate) fn without_international_prefix<'d>(&self, digits: &'d str) -> Option<&'d str> {
        let rest = &digits[self.international_prefix.as_ref()?.find(digits)?.end()..];
        (!rest.starts_with('0')).then_some(rest)
    }

    /// What follows this plan's own country code, if it appears there without a plus: where the
    /// digits are not a number with it but would be one without, or are too long with it.
    pub(crate) fn without_own_code<'d>(&self, digits: &'d str) -> Option<Cow<'d, str>> {
        let rest = digits.strip_prefix(self.code.as_str())?;
        let (rest, _) = self.stripped(rest);
        let better = !self.general.is_match(digits) && self.general.is_match(&rest);
        (better || self.length(digits) == Length::TooLong).then_some(rest)
    }

    /// libphonenumber's `maybeStripNationalPrefixAndCarrierCode`, and its caller's test that what
    /// is left still has a length that a number may have.
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
        let (end, stripped) = if let Some(transform) = &self.transform {
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

/// `$1` may precede a digit in the metadata's rules; the `regex` crate needs braces there.
fn braced_groups(rule: &str) -> String {
    let mut braced = String::with_capacity(rule.len() + 4);
    let mut characters = rule.chars();
    while let Some(c) = characters.next() {
        braced.push(c);
        if c == '$' {
            braced.extend(['{'].into_iter().chain(characters.next()).chain(['}']));
        }
    }
    braced
}

fn whole(pattern: &str) -> Regex {
    compiled(&format!("^(?:{pattern})$"))
}

fn at_start(pattern: &str) -> Regex {
    compiled(&format!("^(?:{pattern})"))
}

/// The metadata writes long patterns over several lines, white space to be ignored.
#[expect(clippy::expect_used, reason = "the patterns are compiled in; a test compiles them all")]
fn compiled(pattern: &str) -> Regex {
    let pattern: String = pattern.chars().filter(|c| !c.is_whitespace()).collect();
    RegexBuilder::new(&pattern.replace("\\d", "[0-9]"))
        .build()
        .expect("libphonenumber's patterns are regular")
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
        let ids = NUMBERING.by_code.iter().flatten().map(|entry| entry.metadata.id());
        let mut known: Vec<&str> = ids.filter(|id| *id != "001").collect();
        known.sort_unstable();
        let codes: Vec<String> = Region::all().map(|region| region.to_string()).collect();
        assert_eq!(codes, known, "the table of regions lacks one, or has one too many");
        for region in Region::all() {
            let (code, _) = plan_of(region).unwrap();
            let metadata = DATABASE.by_id(region.as_str()).unwrap();
            assert_eq!(code, metadata.country_code(), "{region:?}");
        }
    }
}
