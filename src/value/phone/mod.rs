//! Phone numbers.
//!
//! The result is that of libphonenumber: the rules here are those of its `parse` and `isValidNumber`,
//! over the metadata that the `phonenumber` crate ships. The crate's own `parse` is not used. With
//! a default region it strips that region's national prefix even from numbers written with `+`,
//! and it cannot read `+7 800 555 35 35` at all.

mod numbering_plan;
mod written_form;

pub(crate) use written_form::digit;

use crate::value::region::Region;
use crate::value::{Code, RejectReason, trimmed};
use numbering_plan::{Length, Plan};
use written_form::WrittenNumber;

/// A phone number that is valid by libphonenumber's metadata: international, digits only, without
/// `+`, as Engage takes it (`2348012345678`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Validates a cell; a blank one is `None`.
    ///
    /// A number written with `+` is read as international whatever the region. Other digits are
    /// read as they would be dialled in the region first, then as international. Without a region
    /// they must be international: a country is never guessed.
    ///
    /// Fails with `number.spreadsheet`, `number.extension`, `number.not_international` or
    /// `number.invalid`.
    pub fn parse(text: &str, region: Option<Region>) -> Result<Option<Self>, RejectReason> {
        let text = trimmed(text);
        if text.is_empty() {
            return Ok(None);
        }
        let written = WrittenNumber::read(text)?;
        read(&written, region)
            .or_else(|| read(&written.without_trunk_zero()?, region))
            .map(Some)
            .ok_or_else(|| reject_reason(&written, region))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Loads the metadata. It is loaded by the first number otherwise, which takes a while: a
    /// program that knows there will be one loads it beside other work.
    pub fn load_metadata() {
        numbering_plan::load();
    }
}

fn read(written: &WrittenNumber, region: Option<Region>) -> Option<PhoneNumber> {
    let digits = written.digits();
    if written.plus {
        // Some programs put a plus before whatever was dialled: `+0044 20 …`. Only where no
        // country has that code: with Chad's 16 taken off, +1 649 … would be a number of +49.
        return if numbering_plan::country_code(digits).is_some() {
            international(digits)
        } else {
            region
                .map_or_else(|| zeros_off(digits), |region| idd_off(digits, region))
                .and_then(international)
        };
    }
    region
        .and_then(|region| of_region(digits, region))
        .or_else(|| international(zeros_off(digits).unwrap_or(digits)))
}

/// What follows `00`, which most of the world dials to call abroad and all of it understands.
fn zeros_off(digits: &str) -> Option<&str> {
    digits.strip_prefix("00")
}

/// What follows the prefix that the region dials to call abroad, or else `00`.
fn idd_off(digits: &str, region: Region) -> Option<&str> {
    let (_, plan) = numbering_plan::plan_of(region)?;
    plan.without_international_prefix(digits).or_else(|| zeros_off(digits))
}

fn international(digits: &str) -> Option<PhoneNumber> {
    let (code, national) = numbering_plan::country_code(digits)?;
    accepted(code, numbering_plan::main_plan(code)?, national)
}

/// libphonenumber's `parse` of digits without a plus, with this default region.
fn of_region(digits: &str, region: Region) -> Option<PhoneNumber> {
    let (code, plan) = numbering_plan::plan_of(region)?;
    if let Some(rest) = plan.without_international_prefix(digits) {
        return international(rest);
    }
    if let Some(rest) = plan.without_own_code(digits) {
        return accepted(code, numbering_plan::main_plan(code)?, &rest);
    }
    accepted(code, plan, digits)
}

/// The most digits of a national number that libphonenumber reads.
const MAX_NATIONAL_DIGITS: usize = 17;

/// The number, without the national prefix of this plan, if its country has such a number.
fn accepted(code: u16, plan: &Plan, national: &str) -> Option<PhoneNumber> {
    let national = plan.without_national_prefix(national);
    if !(2..=MAX_NATIONAL_DIGITS).contains(&national.len())
        || !numbering_plan::is_valid(code, &national)
    {
        return None;
    }
    let mut number = String::with_capacity(3 + national.len());
    for place in [100, 10, 1] {
        if code >= place {
            let digit = u8::try_from(code / place % 10).unwrap_or_default();
            number.push(char::from(b'0' + digit));
        }
    }
    number.push_str(&national);
    Some(PhoneNumber(number))
}

/// Why digits are no number, and what would make it right where that is plain.
fn reject_reason(written: &WrittenNumber, region: Option<Region>) -> RejectReason {
    let digits = written.digits();
    let invalid = |message: String| RejectReason::new(Code::NumberInvalid, message);
    if digits.len() > 4 && digits.bytes().all(|b| digits.as_bytes().first() == Some(&b)) {
        return invalid("the same digit over and over".to_owned());
    }
    if written.plus || digits.starts_with("00") {
        let digits = zeros_off(digits).unwrap_or(digits);
        return invalid(match numbering_plan::country_code(digits) {
            None => "no country has its country code".to_owned(),
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
        return invalid("more digits than a number has".to_owned());
    }
    RejectReason::new(
        Code::NumberNotInternational,
        "neither its country nor a region is known: --region CC (such as NG) reads it as a number \
         of that country",
    )
}

fn explained(length: Option<Length>, place: &str) -> String {
    match length {
        Some(Length::TooShort) => format!("too short for a number of {place}"),
        Some(Length::TooLong) => format!("too long for a number of {place}"),
        Some(Length::LocalOnly) => format!("its area code is missing, as a number of {place}"),
        Some(Length::Possible | Length::Invalid) | None => format!("not a number of {place}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, region: Option<&str>) -> Result<String, Code> {
        let region = region.map(|code| code.parse().unwrap());
        match PhoneNumber::parse(text, region) {
            Ok(number) => Ok(number.map_or(String::new(), |number| number.0)),
            Err(reason) => Err(reason.code),
        }
    }

    #[test]
    fn numbers_that_the_crates_own_parser_reads_wrongly() {
        assert_eq!(parse("+33 1 42 68 53 00", Some("US")), Ok("33142685300".into()));
        assert_eq!(parse("+7 800 555 35 35", None), Ok("78005553535".into()));
        // Plainly written, and as it takes a closer look to read.
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
        assert_eq!(said("253 0000", Some("US")), "its area code is missing, as a number of US");
        assert_eq!(said("+999 123 4567", None), "no country has its country code");
        assert_eq!(said("+1 650 253 0000; +44 20 8366 1177", None), MANY);
        assert_eq!(said("0801 234 5678 / 0802 345 6789", Some("NG")), MANY);
        assert_eq!(said("0000000000", Some("NG")), "the same digit over and over");
        assert_eq!(said("N/A", Some("NG")), "text instead of a number");
        assert_eq!(said("-", Some("NG")), "no digits in it");
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
            ("+234 801 234 5678 (mobile)", None, Err(Code::NumberInvalid)),
            ("1-800-FLOWERS", Some("US"), Err(Code::NumberInvalid)),
            ("0801 234 5678 / 0802 345 6789", Some("NG"), Err(Code::NumberInvalid)),
            ("0801 234 5678\n0802 345 6789", Some("NG"), Err(Code::NumberInvalid)),
            ("#ERROR!", Some("NG"), Err(Code::NumberInvalid)),
            ("22222", Some("SH"), Ok("29022222")),
            ("112", Some("DE"), Err(Code::NumberInvalid)),
            ("+1 649 704 5219", Some("TD"), Err(Code::NumberInvalid)),
            ("+7 916 123 45 67 доб. 12", None, Err(Code::NumberExtension)),
            ("+234 801 234 5678~12", None, Err(Code::NumberExtension)),
            ("234801234567823480123456782348012345678234801", None, Err(Code::NumberInvalid)),
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
