//! Phone numbers.
//!
//! The verdict is libphonenumber's: the rules here are those of its `parse` and `isValidNumber`,
//! over the metadata that the `phonenumber` crate ships. The crate's own `parse` is not used. With
//! a default region it strips that region's national prefix even from numbers written with `+`,
//! it cannot read `+7 800 555 35 35` at all, and its cache of a hundred patterns is compiled over
//! and over by a file with numbers of many countries. So its patterns are compiled here, once each
//! and only for the countries that a file names.

use super::{Code, Fault, trimmed};
use phonenumber::Metadata;
use phonenumber::metadata::{DATABASE, Descriptor};
use regex::Regex;
use std::sync::{LazyLock, OnceLock};

/// A phone number that is valid by libphonenumber's metadata: international, digits only, without
/// `+`, as Engage takes it (`2348012345678`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Judges a cell; a blank one is `None`.
    ///
    /// A number written with `+` or `00` is read as international whatever the region. Bare digits
    /// are read as a number of the region first, then as international. Without a region bare
    /// digits must be international: a country is never guessed.
    ///
    /// Fails with `number.spreadsheet`, `number.extension`, `number.not_international` or
    /// `number.invalid`.
    pub fn parse(text: &str, region: Option<Region>) -> Result<Option<Self>, Fault> {
        let text = trimmed(text);
        if text.is_empty() {
            return Ok(None);
        }
        let written = Written::read(text)?;
        if written.international {
            return international(&written.digits)
                .map(Some)
                .ok_or_else(|| invalid_international(&written.digits));
        }
        if let Some(region) = region {
            if let Some(number) = of_region(&written.digits, region) {
                return Ok(Some(number));
            }
            return international(&written.digits).map(Some).ok_or_else(|| {
                Fault::new(Code::NumberInvalid, format!("not a number of {}", region.as_str()))
            });
        }
        international(&written.digits).map(Some).ok_or_else(|| {
            Fault::new(
                Code::NumberNotInternational,
                "its country is not known: --region CC reads it as a number of that country",
            )
        })
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Loads the metadata. It is loaded by the first number otherwise, which takes a while: a
    /// program that knows there will be one loads it beside other work.
    pub fn load_metadata() {
        LazyLock::force(&NUMBERING);
    }
}

/// A country or territory with a numbering plan of its own, by its ISO 3166 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region([u8; 2]);

/// What is said of a region that libphonenumber does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no region '{0}': an ISO 3166 code such as NG, US or DE")]
pub struct UnknownRegion(String);

impl Region {
    /// The code, in upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::str::FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = trimmed(text).to_ascii_uppercase();
        match *code.as_bytes() {
            [first, second] if DATABASE.by_id(code.as_str()).is_some() => Ok(Self([first, second])),
            _ => Err(UnknownRegion(text.to_owned())),
        }
    }
}

/// The digits of a number as it was written.
struct Written {
    international: bool,
    digits: String,
}

impl Written {
    fn read(text: &str) -> Result<Self, Fault> {
        let invalid = |message: &'static str| Err(Fault::new(Code::NumberInvalid, message));
        let mut rest = text.strip_prefix('\'').unwrap_or(text);
        if rest.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("tel:")) {
            rest = &rest[4..];
        }
        if is_scientific(rest) {
            return Err(Fault::new(
                Code::NumberSpreadsheet,
                "a spreadsheet has rounded it and digits are lost: export the column as text",
            ));
        }
        let mut international = false;
        let mut digits = String::with_capacity(16);
        for (index, c) in rest.char_indices() {
            match c {
                '0'..='9' => digits.push(c),
                '+' | '\u{ff0b}' if digits.is_empty() => international = true,
                '+' | '\u{ff0b}' => return invalid("several numbers in one cell"),
                '-' | '.' | '(' | ')' | '/' | '[' | ']' | '~' => {}
                _ if is_invisible(c) || is_dash(c) || c.is_whitespace() => {}
                ',' | ';' | '|' if !digits.is_empty() && !begins_extension(&rest[index..]) => {
                    return invalid("several numbers in one cell");
                }
                _ if !digits.is_empty() && begins_extension(&rest[index..]) => {
                    return Err(Fault::new(
                        Code::NumberExtension,
                        "it has an extension, which no message can reach",
                    ));
                }
                _ => match digit(c) {
                    Some(digit) => digits.push(digit),
                    None => return invalid("more than a phone number in it"),
                },
            }
        }
        if digits.is_empty() {
            return invalid("no digits in it");
        }
        if !international && digits.starts_with("00") {
            international = true;
            digits.drain(..2);
        }
        Ok(Self { international, digits })
    }
}

/// What Excel makes of a long number: `2.34802E+12`, with a decimal comma in many countries.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa = mantissa.strip_prefix('+').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    digits(exponent) && digits(whole) && digits(fraction)
}

/// Bidi marks, joiners and the like, which address books and web pages leave in numbers.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{ff0e}' | '\u{ff08}' | '\u{ff09}'
    )
}

fn begins_extension(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', ';', ',']);
    let mark = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let word = &rest[..rest.len() - mark.len()];
    let known = ["x", "xt", "ext", "extn", "extension", "ex"];
    let after = mark.trim_start_matches(['.', '=', ' ', ':']);
    let numbered = after.starts_with(|c: char| c.is_ascii_digit());
    (rest.starts_with('#') && rest[1..].trim_start().starts_with(|c: char| c.is_ascii_digit()))
        || (numbered && known.iter().any(|name| word.eq_ignore_ascii_case(name)))
}

/// The value of a decimal digit of any script (Unicode's Nd, whose runs of ten are contiguous).
fn digit(c: char) -> Option<char> {
    const ZEROS: [u32; 36] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
        0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
        0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
        0xff10,
    ];
    let zero = ZEROS.into_iter().rfind(|zero| *zero <= u32::from(c))?;
    char::from_digit(u32::from(c) - zero, 10)
}

fn invalid_international(digits: &str) -> Fault {
    let message = match country_code(digits) {
        Some((code, _)) => format!("not a number of country code +{code}"),
        None => "no country has its country code".to_owned(),
    };
    Fault::new(Code::NumberInvalid, message)
}

/// The longest national number that libphonenumber reads.
const MAX_NATIONAL_DIGITS: usize = 17;

fn international(digits: &str) -> Option<PhoneNumber> {
    let (code, national) = country_code(digits)?;
    let plans = &NUMBERING[usize::from(code)];
    let national = plans.first()?.plan().without_national_prefix(national);
    accepted(code, &national)
}

fn of_region(digits: &str, region: Region) -> Option<PhoneNumber> {
    let code = DATABASE.by_id(region.as_str())?.country_code();
    let plan = NUMBERING[usize::from(code)]
        .iter()
        .find(|entry| entry.metadata.id() == region.as_str())?
        .plan();
    if let Some(rest) = plan.without_international_prefix(digits) {
        return international(rest);
    }
    // The country code may stand there without a plus.
    if let Some(rest) = digits.strip_prefix(&code.to_string()) {
        let (rest, _) = plan.stripped(rest);
        let general = |text: &str| plan.general.is_match(text);
        if (!general(digits) && general(&rest)) || plan.length(digits) == Length::TooLong {
            return accepted(code, &plan.without_national_prefix(&rest));
        }
    }
    accepted(code, &plan.without_national_prefix(digits))
}

fn accepted(code: u16, national: &str) -> Option<PhoneNumber> {
    if national.len() < 2 || national.len() > MAX_NATIONAL_DIGITS {
        return None;
    }
    let entries = &NUMBERING[usize::from(code)];
    let valid = match entries.as_slice() {
        [entry] => entry.plan().is_valid(national),
        // The first region of a shared code that claims the number judges it.
        _ => entries.iter().any(|entry| {
            entry.plan().leads(national).unwrap_or(true) && entry.plan().is_valid(national)
        }),
    };
    valid.then(|| PhoneNumber(format!("{code}{national}")))
}

/// Splits off the country code: no code is the beginning of another, so the shortest known wins.
fn country_code(digits: &str) -> Option<(u16, &str)> {
    if digits.starts_with('0') {
        return None;
    }
    (1..=3).find_map(|length| {
        let code: u16 = digits.get(..length)?.parse().ok()?;
        (!NUMBERING[usize::from(code)].is_empty()).then(|| (code, &digits[length..]))
    })
}

/// The numbering plans by country code; the first of a code is its main region's.
static NUMBERING: LazyLock<Vec<Vec<Entry>>> = LazyLock::new(|| {
    (0..1000_u16)
        .map(|code| {
            let regions = DATABASE.by_code(&code).unwrap_or_default();
            regions.into_iter().map(|metadata| Entry { metadata, plan: OnceLock::new() }).collect()
        })
        .collect()
});

struct Entry {
    metadata: &'static Metadata,
    plan: OnceLock<Plan>,
}

impl Entry {
    fn plan(&self) -> &Plan {
        self.plan.get_or_init(|| Plan::compile(self.metadata))
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Length {
    Possible,
    LocalOnly,
    TooShort,
    TooLong,
    Invalid,
}

/// One region's rules, its patterns compiled.
struct Plan {
    general: Regex,
    types: Vec<(Vec<u16>, Regex)>,
    lengths: Vec<u16>,
    local_lengths: Vec<u16>,
    leading_digits: Option<Regex>,
    international_prefix: Option<Regex>,
    national_prefix: Option<Regex>,
    transform: Option<String>,
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
        let lengths = |of: fn(&Descriptor) -> &[u16]| {
            let mut all: Vec<u16> = described.iter().flat_map(|d| of(d)).copied().collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let mut seen = Vec::new();
        let mut types = Vec::new();
        for descriptor in &described {
            let pattern = descriptor.national_number().as_str().to_owned();
            let key = (descriptor.possible_length().to_vec(), pattern);
            if !seen.contains(&key) {
                types.push((key.0.clone(), whole(&key.1)));
                seen.push(key);
            }
        }
        let prefix = metadata
            .national_prefix_for_parsing()
            .map(|pattern| pattern.as_str().to_owned())
            .or_else(|| metadata.national_prefix().map(str::to_owned));
        Self {
            general: whole(descriptors.general().national_number().as_str()),
            types,
            lengths: lengths(Descriptor::possible_length),
            local_lengths: lengths(Descriptor::possible_local_length),
            leading_digits: metadata.leading_digits().map(|p| at_start(p.as_str())),
            international_prefix: metadata.international_prefix().map(|p| at_start(p.as_str())),
            national_prefix: prefix.as_deref().map(at_start),
            transform: metadata.national_prefix_transform_rule().map(braced_groups),
        }
    }

    fn is_valid(&self, national: &str) -> bool {
        self.general.is_match(national)
            && self.types.iter().any(|(lengths, pattern)| {
                (lengths.is_empty() || lengths.iter().any(|l| usize::from(*l) == national.len()))
                    && pattern.is_match(national)
            })
    }

    /// Whether the leading digits are this region's; `None` where the metadata names none.
    fn leads(&self, national: &str) -> Option<bool> {
        self.leading_digits.as_ref().map(|pattern| pattern.is_match(national))
    }

    fn length(&self, digits: &str) -> Length {
        let length = u16::try_from(digits.len()).unwrap_or(u16::MAX);
        if self.lengths.contains(&length) {
            return Length::Possible;
        }
        if self.local_lengths.contains(&length) {
            return Length::LocalOnly;
        }
        match (self.lengths.first(), self.lengths.last()) {
            (Some(least), _) if length < *least => Length::TooShort,
            (_, Some(most)) if length > *most => Length::TooLong,
            _ => Length::Invalid,
        }
    }

    /// What follows the prefix that is dialled to call abroad, where the digits begin with it.
    fn without_international_prefix<'d>(&self, digits: &'d str) -> Option<&'d str> {
        let rest = &digits[self.international_prefix.as_ref()?.find(digits)?.end()..];
        (!rest.starts_with('0')).then_some(rest)
    }

    /// libphonenumber's `maybeStripNationalPrefixAndCarrierCode`, and its caller's test that what
    /// is left still has a length that a number may have.
    fn without_national_prefix(&self, digits: &str) -> String {
        let (stripped, changed) = self.stripped(digits);
        let acceptable =
            !changed || matches!(self.length(&stripped), Length::Possible | Length::TooLong);
        if acceptable { stripped } else { digits.to_owned() }
    }

    fn stripped(&self, digits: &str) -> (String, bool) {
        let unchanged = (digits.to_owned(), false);
        let Some(prefix) = &self.national_prefix else {
            return unchanged;
        };
        let Some(captures) = prefix.captures(digits) else {
            return unchanged;
        };
        let end = captures.get(0).map_or(0, |found| found.end());
        let last_group = (captures.len() > 1).then(|| captures.get(captures.len() - 1)).flatten();
        let stripped = match (&self.transform, last_group) {
            (Some(transform), Some(_)) => {
                let mut expanded = String::new();
                captures.expand(transform, &mut expanded);
                expanded + &digits[end..]
            }
            _ => digits[end..].to_owned(),
        };
        if self.general.is_match(digits) && !self.general.is_match(&stripped) {
            return unchanged;
        }
        (stripped, end > 0)
    }
}

/// `$1` may stand before a digit in the metadata's rules; the `regex` crate needs braces there.
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
    Regex::new(&pattern.replace("\\d", "[0-9]")).expect("libphonenumber's patterns are regular")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, region: Option<&str>) -> Result<String, Code> {
        let region = region.map(|code| code.parse().unwrap());
        match PhoneNumber::parse(text, region) {
            Ok(number) => Ok(number.map_or(String::new(), |number| number.0)),
            Err(fault) => Err(fault.code),
        }
    }

    #[test]
    fn every_pattern_of_the_metadata_compiles() {
        for entry in NUMBERING.iter().flatten() {
            entry.plan();
        }
    }

    #[test]
    fn every_example_number_is_valid_however_it_is_written() {
        let mut tried = 0;
        for metadata in NUMBERING.iter().flatten().map(|entry| entry.metadata) {
            let descriptors = metadata.descriptors();
            let code = metadata.country_code();
            for descriptor in [
                descriptors.fixed_line(),
                descriptors.mobile(),
                descriptors.toll_free(),
                descriptors.premium_rate(),
                descriptors.shared_cost(),
                descriptors.personal_number(),
                descriptors.voip(),
                descriptors.pager(),
                descriptors.uan(),
                descriptors.voicemail(),
            ]
            .into_iter()
            .flatten()
            {
                let Some(national) = descriptor.example() else { continue };
                let expected = Ok(format!("{code}{national}"));
                for written in [
                    format!("+{code}{national}"),
                    format!("00{code} {national}"),
                    format!("{code}{national}"),
                ] {
                    assert_eq!(parse(&written, None), expected, "{written}");
                }
                for region in ["US", "RU", "DE", "NG"] {
                    assert_eq!(parse(&format!("+{code} {national}"), Some(region)), expected);
                }
                tried += 1;
            }
        }
        assert!(tried > 1_000, "{tried}");
    }

    #[test]
    fn numbers_that_the_crates_own_parser_reads_wrongly() {
        assert_eq!(parse("+33 1 42 68 53 00", Some("US")), Ok("33142685300".into()));
        assert_eq!(parse("+7 800 555 35 35", None), Ok("78005553535".into()));
        let wrong = phonenumber::parse(Some(phonenumber::country::US), "+33 1 42 68 53 00");
        let digits = wrong.map(|number| number.national().to_string());
        assert_ne!(digits.ok().as_deref(), Some("142685300"), "mended upstream: simplify");
    }

    #[test]
    fn numbers_as_exports_write_them() {
        for (text, region, expected) in [
            ("0801 234 5678", Some("NG"), Ok("2348012345678")),
            ("2348012345678", Some("NG"), Ok("2348012345678")),
            ("8012345678", Some("NG"), Ok("2348012345678")),
            ("0171/2345678", Some("DE"), Ok("491712345678")),
            ("+44 (0)20 8366 1177", None, Ok("442083661177")),
            ("'+2348012345678", None, Ok("2348012345678")),
            ("tel:+234-801-234-5678", None, Ok("2348012345678")),
            ("\u{202a}+234\u{a0}801\u{a0}234\u{a0}5678\u{202c}", None, Ok("2348012345678")),
            ("＋２３４８０１２３４５６７８", None, Ok("2348012345678")),
            ("٠٨٠١٢٣٤٥٦٧٨", Some("NG"), Ok("2348012345678")),
            ("011 44 20 8366 1177", Some("US"), Ok("442083661177")),
            ("+39 06 698 83145", None, Ok("390669883145")),
            ("2.34802E+12", None, Err(Code::NumberSpreadsheet)),
            ("2,34802E+12", Some("NG"), Err(Code::NumberSpreadsheet)),
            ("0171 2345678", None, Err(Code::NumberNotInternational)),
            ("+1 650-253-0000 x123", None, Err(Code::NumberExtension)),
            ("+1 650-253-0000;ext=123", None, Err(Code::NumberExtension)),
            ("+1 650 253 0000; +44 20 8366 1177", None, Err(Code::NumberInvalid)),
            ("0000000000", None, Err(Code::NumberInvalid)),
            ("N/A", Some("NG"), Err(Code::NumberInvalid)),
            ("-", None, Err(Code::NumberInvalid)),
            ("12345", Some("NG"), Err(Code::NumberInvalid)),
        ] {
            assert_eq!(parse(text, region), expected.map(str::to_owned), "{text} {region:?}");
        }
    }
}
