//! Bare numbers: phone numbers that begin with neither a plus nor `00`. Such a number does not show
//! whether it begins with a country code, so its column decides.

use super::cleaning::cleaned;
use super::number::{PhoneNumber, accepted, international, of_region};
use super::numbering_plan;
use super::written_form::WrittenNumber;
use crate::value::region::Region;
use crate::value::trimmed;

/// The minimum digits of a bare number.
const MIN_DIGITS: usize = 7;

/// How the bare numbers of a column are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BareReading {
    /// As dialled in their region, or else as international.
    #[default]
    NationalFirst,
    /// As international, or else as dialled in their region.
    InternationalFirst,
    /// As international, if they begin with one of these calling codes.
    OfCallingCodes(Vec<u16>),
    /// Not at all.
    Unreadable,
}

impl BareReading {
    pub(super) fn read(
        &self,
        number: &BareNumber<'_>,
        region: Option<Region>,
    ) -> Option<PhoneNumber> {
        let national = || region.and_then(|region| of_region(number.digits(), region));
        match self {
            Self::NationalFirst => national().or_else(|| number.as_international()),
            Self::InternationalFirst => number.as_international().or_else(national),
            Self::OfCallingCodes(codes) => {
                let code = number.calling_code()?;
                codes.contains(&code).then(|| number.as_international()).flatten()
            }
            Self::Unreadable => None,
        }
    }
}

/// A bare number.
#[derive(Clone, Copy)]
pub struct BareNumber<'t> {
    text: &'t str,
    written: WrittenNumber,
}

impl<'t> BareNumber<'t> {
    /// The bare number in a text; `None` if it begins with a plus or `00`.
    pub(super) fn of(text: &'t str, written: WrittenNumber) -> Option<Self> {
        let is_bare = !written.plus && !written.digits().starts_with("00");
        is_bare.then_some(Self { text, written })
    }

    /// Reads a cell, without the text around the number. `None` if it is not a bare number of
    /// at least seven digits.
    pub fn read(text: &'t str) -> Option<Self> {
        let (text, _) = cleaned(trimmed(text));
        let number = Self::of(text, WrittenNumber::read(text).ok()?)?;
        (number.length() >= MIN_DIGITS).then_some(number)
    }

    fn digits(&self) -> &str {
        self.written.digits()
    }

    /// How many digits it has.
    pub fn length(&self) -> usize {
        self.digits().len()
    }

    /// Its calling code, if it is a valid international number and not written in a national
    /// format.
    pub fn calling_code(&self) -> Option<u16> {
        self.as_international()?;
        numbering_plan::country_code(self.digits()).map(|(code, _)| code)
    }

    /// Whether it is a valid number as dialled in a region, without a country code.
    pub fn is_national_in(&self, region: Region) -> bool {
        numbering_plan::plan_of(region)
            .is_some_and(|(code, plan)| accepted(code, plan, self.digits()).is_some())
    }

    /// Whether it is valid when dialled in a region, with or without its country code.
    pub fn is_readable_in(&self, region: Region) -> bool {
        of_region(self.digits(), region).is_some()
    }

    /// Whether it begins with a region's calling code.
    pub fn begins_with_code_of(&self, region: Region) -> bool {
        calling_code_of(region).is_some_and(|code| self.digits().starts_with(&code.to_string()))
    }

    fn as_international(&self) -> Option<PhoneNumber> {
        (!self.is_national_writing()).then(|| international(self.digits())).flatten()
    }

    /// Whether it is written in a national format: with a bracketed area code, a leading zero, or
    /// groups of 3-3-4 without a country code.
    fn is_national_writing(&self) -> bool {
        if self.digits().starts_with('0') || self.text.trim_start().starts_with('(') {
            return true;
        }
        let groups = self.text.split(|c: char| !c.is_ascii_digit());
        groups.map(str::len).filter(|length| *length > 0).eq([3, 3, 4])
    }
}

/// The calling code of a valid number that is written with a plus.
pub fn calling_code(text: &str) -> Option<u16> {
    let (text, _) = cleaned(trimmed(text));
    let written = WrittenNumber::read(text).ok().filter(|written| written.plus)?;
    international(written.digits())?;
    numbering_plan::country_code(written.digits()).map(|(code, _)| code)
}

/// The calling code of a valid number that begins with a plus or `00`.
pub(crate) fn international_code(text: &str) -> Option<u16> {
    calling_code(text).or_else(|| {
        let digits = trimmed(text).strip_prefix("00")?;
        calling_code(&format!("+{digits}"))
    })
}

/// The region that a text names: by a code, a name, or a calling code such as `+49`.
pub fn region_named(text: &str) -> Option<Region> {
    let text = trimmed(text);
    text.parse().ok().or_else(|| {
        let digits = text.strip_prefix('+').or_else(|| text.strip_prefix("00")).unwrap_or(text);
        let is_code = digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit());
        is_code.then(|| numbering_plan::main_region(digits.parse().ok()?)).flatten()
    })
}

/// The calling code of a region.
pub fn calling_code_of(region: Region) -> Option<u16> {
    numbering_plan::plan_of(region).map(|(code, _)| code)
}

/// Whether a region is the main one of its calling code.
pub fn is_main_region(region: Region) -> bool {
    calling_code_of(region).is_some_and(|code| numbering_plan::main_region(code) == Some(region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_national_format_is_never_international() {
        for (text, code) in [
            ("(646) 555-0143", None),
            ("646-555-0143", None),
            ("08036660121", None),
            ("1-646-555-0143", Some(1)),
            ("44 7911 123450", Some(44)),
            ("2348035623012", Some(234)),
            ("447911123450 (work)", Some(44)),
        ] {
            assert_eq!(BareNumber::read(text).unwrap().calling_code(), code, "{text}");
        }
        for text in ["+447911123450", "00447911123450", "123456", "N/A"] {
            assert!(BareNumber::read(text).is_none(), "{text}");
        }
        assert_eq!(calling_code("+44 7911 123450"), Some(44));
        let region = |text| region_named(text).map(|region| region.to_string());
        assert_eq!(region("+49").as_deref(), Some("DE"));
        assert_eq!(region("1").as_deref(), Some("US"));
        assert_eq!(region("Nigeria").as_deref(), Some("NG"));
        assert_eq!(region("South"), None);
    }

    #[test]
    fn a_column_decides_how_a_bare_number_is_read() {
        let read = |text: &str, region: &str, bare: BareReading| {
            let number = PhoneNumber::parse_cell(text, region.parse().ok(), &bare).ok().flatten();
            number.map(|(number, _)| number.as_str().to_owned())
        };
        let brazilian = "5540041234";
        let (national, international) = ("555540041234", "5540041234");
        let read_br = |bare| read(brazilian, "BR", bare);
        assert_eq!(read_br(BareReading::NationalFirst).as_deref(), Some(national));
        let first = read_br(BareReading::InternationalFirst);
        assert!(first.as_deref() == Some(international) || first.as_deref() == Some(national));
        assert_eq!(read_br(BareReading::Unreadable), None);
        let codes = || BareReading::OfCallingCodes(vec![44]);
        assert_eq!(read("447911123450", "", codes()).as_deref(), Some("447911123450"));
        assert_eq!(read("2348035623012", "", codes()), None);
    }
}
