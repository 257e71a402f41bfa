//! Phone numbers.
//!
//! Numbers are read as by libphonenumber, with the rules of its `parse` and `isValidNumber` and the
//! metadata in the `phonenumber` crate. The crate's own `parse` is not used. With a default region
//! it strips that region's national prefix even from numbers written with `+`, and it cannot read
//! `+7 800 555 35 35` at all.

mod bare;
mod cleaning;
mod number;
mod numbering_plan;
mod written_form;

pub(crate) use bare::international_code;
pub use bare::{
    BareNumber, BareReading, calling_code, calling_code_of, is_main_region, region_named,
};
pub use number::PhoneNumber;
pub use numbering_plan::example_number;
pub(crate) use written_form::digit;

use crate::value::region::Region;
use crate::value::{Code, RejectReason, trimmed};
use number::{MAX_NATIONAL_DIGITS, read_dialled, without_zeros};
use numbering_plan::Length;
use written_form::WrittenNumber;

/// What was left out of a cell to read its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberCleaning {
    /// An extension, which messages cannot reach.
    Extension,
    /// Other numbers.
    FurtherNumbers,
}

impl PhoneNumber {
    /// Validates a single cell; a blank one is `None`.
    ///
    /// A number written with `+` is read as international, regardless of the region. Other digits
    /// are read as they would be dialled in the region first, then as international. Without a
    /// region they must be international: a country is never guessed.
    ///
    /// Fails with `number.spreadsheet`, `number.not_international` or `number.invalid`.
    pub fn parse(text: &str, region: Option<Region>) -> Result<Option<Self>, RejectReason> {
        let cell = Self::parse_cell(text, region, &BareReading::NationalFirst)?;
        Ok(cell.map(|(number, _)| number))
    }

    /// Validates a cell of a column whose bare numbers are read in the given way. Also returns what
    /// was left out.
    pub fn parse_cell(
        text: &str,
        region: Option<Region>,
        bare: &BareReading,
    ) -> Result<Option<(Self, Option<NumberCleaning>)>, RejectReason> {
        let text = trimmed(text);
        if text.is_empty() {
            return Ok(None);
        }
        // The whole cell is tried first, because a seeming extension may be part of the number.
        let mut reason = match Self::whole(text, region, bare) {
            Ok(number) => return Ok(Some((number, None))),
            Err(reason) => reason,
        };
        if reason.code == Code::NumberSpreadsheet {
            return Err(reason);
        }
        let (cleaned, has_extension) = cleaning::cleaned(text);
        if cleaned != text && !cleaned.is_empty() {
            match Self::whole(cleaned, region, bare) {
                Ok(number) => {
                    let cleaning = has_extension.then_some(NumberCleaning::Extension);
                    return Ok(Some((number, cleaning)));
                }
                Err(of_cleaned) => reason = of_cleaned,
            }
        }
        for piece in cleaning::several(text) {
            let (piece, _) = cleaning::cleaned(piece);
            if let Ok(number) = Self::whole(piece, region, bare) {
                return Ok(Some((number, Some(NumberCleaning::FurtherNumbers))));
            }
        }
        Err(reason)
    }

    /// Validates a number with nothing next to it.
    fn whole(text: &str, region: Option<Region>, bare: &BareReading) -> Result<Self, RejectReason> {
        let written = WrittenNumber::read(text)?;
        let read = |written: &WrittenNumber| match BareNumber::of(text, *written) {
            Some(number) => bare.read(&number, region),
            None => read_dialled(written, region),
        };
        read(&written)
            .or_else(|| read(&written.without_trunk_zero()?))
            .ok_or_else(|| reject_reason(&written, region))
    }
}

/// Why digits are not a valid number, with a fix if it is obvious.
fn reject_reason(written: &WrittenNumber, region: Option<Region>) -> RejectReason {
    let digits = written.digits();
    let invalid = |message: String| RejectReason::new(Code::NumberInvalid, message);
    if digits.len() > 4 && digits.bytes().all(|b| digits.as_bytes().first() == Some(&b)) {
        return invalid("the same digit repeated".to_owned());
    }
    if written.plus || digits.starts_with("00") {
        let digits = without_zeros(digits).unwrap_or(digits);
        return invalid(match numbering_plan::country_code(digits) {
            None => "its country code does not exist".to_owned(),
            Some((code, national)) => {
                let length = numbering_plan::main_plan(code).map(|plan| plan.length(national));
                explained(length, &format!("country code +{code}"))
            }
        });
    }
    if let Some(region) = region {
        let length = numbering_plan::plan_of(region)
            .map(|(_, plan)| plan.length(&plan.without_national_prefix(digits)));
        return invalid(explained(length, region.as_str()));
    }
    if digits.len() > MAX_NATIONAL_DIGITS {
        return invalid("more digits than a phone number can have".to_owned());
    }
    RejectReason::new(
        Code::NumberNotInternational,
        "no country code and no known region: --region CC (such as NG) reads it as a \
         number of that country",
    )
}

fn explained(length: Option<Length>, place: &str) -> String {
    match length {
        Some(Length::TooShort) => format!("too short for a number of {place}"),
        Some(Length::TooLong) => format!("too long for a number of {place}"),
        Some(Length::LocalOnly) => format!("no area code for a number of {place}"),
        Some(Length::Possible | Length::Invalid) | None => format!("not a number of {place}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, region: Option<&str>) -> Result<String, Code> {
        let region = region.map(|code| code.parse().unwrap());
        match PhoneNumber::parse(text, region) {
            Ok(number) => Ok(number.map_or(String::new(), |number| number.as_str().to_owned())),
            Err(reason) => Err(reason.code),
        }
    }

    #[test]
    fn numbers_that_the_crates_own_parser_misreads() {
        assert_eq!(parse("+33 1 42 68 53 00", Some("US")), Ok("33142685300".into()));
        assert_eq!(parse("+7 800 555 35 35", None), Ok("78005553535".into()));
        // By the fast path, and by the slow one.
        assert_eq!(parse("++7 800 555 35 35", None), Ok("78005553535".into()));
        assert_eq!(parse("++7 800 555\u{2013}35\u{2013}35", None), Ok("78005553535".into()));
        let wrong = phonenumber::parse(Some(phonenumber::country::US), "+33 1 42 68 53 00");
        let digits = wrong.map(|number| number.national().to_string());
        assert_ne!(digits.ok().as_deref(), Some("142685300"), "fixed upstream: simplify");
    }

    #[test]
    fn a_reason_says_how_to_fix_the_number() {
        let said = |text: &str, region: Option<&str>| {
            let region = region.map(|code| code.parse().unwrap());
            PhoneNumber::parse(text, region).unwrap_err().message.into_owned()
        };
        assert!(said("0801 234 5678", None).contains("--region CC"));
        assert!(said("2.34802E+12", None).contains("format the column as text"));
        assert_eq!(said("+234 801", None), "too short for a number of country code +234");
        assert_eq!(said("0801", Some("NG")), "too short for a number of NG");
        assert_eq!(said("+1 650 253 00000", None), "too long for a number of country code +1");
        assert_eq!(said("253 0000", Some("US")), "no area code for a number of US");
        assert_eq!(said("+999 123 4567", None), "its country code does not exist");
        assert_eq!(said("+1 650 25; +44 20 83", None), MANY);
        assert_eq!(said("0000000000", Some("NG")), "the same digit repeated");
        assert_eq!(said("N/A", Some("NG")), "text instead of a number");
        assert_eq!(said("-", Some("NG")), "contains no digits");
        assert_eq!(said("#REF!", None), "a spreadsheet's error instead of a number");
    }

    const MANY: &str = "several numbers in one cell: keep one";

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
            ("+0044 20 8366 1177", None, Ok("442083661177")),
            ("+011 44 20 8366 1177", Some("US"), Ok("442083661177")),
            ("+34 (0)91 123 45 67", None, Ok("34911234567")),
            ("2348012345678.0", None, Ok("2348012345678")),
            ("8012345678.0", Some("NG"), Ok("2348012345678")),
            ("=\"2348012345678\"", None, Ok("2348012345678")),
            ("p:+2348012345678", None, Ok("2348012345678")),
            ("whatsapp:+2348012345678", None, Ok("2348012345678")),
            ("+234\u{2011}801\u{2011}234\u{2011}5678", None, Ok("2348012345678")),
            ("+234 801 234 5678 (mobile)", None, Ok("2348012345678")),
            ("1-800-FLOWERS", Some("US"), Err(Code::NumberInvalid)),
            ("0801 234 5678 / 0802 345 6789", Some("NG"), Ok("2348012345678")),
            ("0801 234 5678\n0802 345 6789", Some("NG"), Ok("2348012345678")),
            ("#ERROR!", Some("NG"), Err(Code::NumberInvalid)),
            ("22222", Some("SH"), Ok("29022222")),
            ("112", Some("DE"), Err(Code::NumberInvalid)),
            ("+1 649 704 5219", Some("TD"), Err(Code::NumberInvalid)),
            ("+7 916 123 45 67 доб. 12", None, Ok("79161234567")),
            ("+234 801 234 5678~12", None, Ok("2348012345678")),
            ("234801234567823480123456782348012345678234801", None, Err(Code::NumberInvalid)),
            ("2.34802E+12", None, Err(Code::NumberSpreadsheet)),
            ("2,34802E+12", Some("NG"), Err(Code::NumberSpreadsheet)),
            ("0171 2345678", None, Err(Code::NumberNotInternational)),
            ("+1 650-253-0000 x123", None, Ok("16502530000")),
            ("+1 650-253-0000;ext=123", None, Ok("16502530000")),
            ("+1 650 253 0000; +44 20 8366 1177", None, Ok("16502530000")),
            ("+1 650 25; +44 20 8366 1177", None, Ok("442083661177")),
            ("+1 650 25; +44 20 83", None, Err(Code::NumberInvalid)),
            ("(646) 555-0143", None, Err(Code::NumberNotInternational)),
            ("646 555 0143", Some("FR"), Err(Code::NumberInvalid)),
            ("1-646-555-0143", None, Ok("16465550143")),
            ("0000000000", None, Err(Code::NumberInvalid)),
            ("N/A", Some("NG"), Err(Code::NumberInvalid)),
            ("-", None, Err(Code::NumberInvalid)),
            ("12345", Some("NG"), Err(Code::NumberInvalid)),
        ] {
            assert_eq!(parse(text, region), expected.map(str::to_owned), "{text} {region:?}");
        }
    }
}
