//! Turns digits into a valid number: as international, or as dialled in a region.

use super::numbering_plan::{self, Plan};
use super::written_form::WrittenNumber;
use crate::value::region::Region;

/// A phone number that is valid by libphonenumber's metadata: international, digits only, without
/// `+`, as Engage expects it (`2348012345678`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a number that begins with a plus or `00`.
pub(super) fn read_dialled(written: &WrittenNumber, region: Option<Region>) -> Option<PhoneNumber> {
    let digits = written.digits();
    if !written.plus {
        return region
            .and_then(|region| of_region(digits, region))
            .or_else(|| international(without_zeros(digits).unwrap_or(digits)));
    }
    // Some programs put a plus before the dialled digits: `+0044 20 …`. The prefix is removed only
    // if the digits do not begin with a country code: without Chad's prefix 16, `+1 649 …` would
    // become a number of +49.
    if numbering_plan::country_code(digits).is_some() {
        international(digits)
    } else {
        region
            .map_or_else(|| without_zeros(digits), |region| idd_off(digits, region))
            .and_then(international)
    }
}

/// The digits after `00`, the most common international prefix.
pub(super) fn without_zeros(digits: &str) -> Option<&str> {
    digits.strip_prefix("00")
}

/// The digits after the region's international prefix, or else after `00`.
fn idd_off(digits: &str, region: Region) -> Option<&str> {
    let (_, plan) = numbering_plan::plan_of(region)?;
    plan.without_international_prefix(digits).or_else(|| without_zeros(digits))
}

pub(super) fn international(digits: &str) -> Option<PhoneNumber> {
    let (code, national) = numbering_plan::country_code(digits)?;
    accepted(code, numbering_plan::main_plan(code)?, national)
}

/// libphonenumber's `parse` of digits without a plus, with this default region.
pub(super) fn of_region(digits: &str, region: Region) -> Option<PhoneNumber> {
    let (code, plan) = numbering_plan::plan_of(region)?;
    if let Some(rest) = plan.without_international_prefix(digits) {
        return international(rest);
    }
    if let Some(rest) = plan.without_own_code(digits) {
        return accepted(code, numbering_plan::main_plan(code)?, &rest);
    }
    accepted(code, plan, digits)
}

/// The maximum digits of a national number in libphonenumber.
pub(super) const MAX_NATIONAL_DIGITS: usize = 17;

/// The number, without this plan's national prefix, if it is valid in its country.
pub(super) fn accepted(code: u16, plan: &Plan, national: &str) -> Option<PhoneNumber> {
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
