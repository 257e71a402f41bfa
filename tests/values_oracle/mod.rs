//! The results of libphonenumber, from a port that shares no code with ours, and the example
//! numbers of its metadata.

#![expect(clippy::expect_used, reason = "an error here is the test's own")]

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberType, Region, get_national_significant_number_owned,
};

/// An example number of a region, or of a country code without a region.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    /// The code of the region; `001` if the number has no region.
    pub(crate) region: String,
    pub(crate) country_code: String,
    pub(crate) national: String,
    pub(crate) number: PhoneNumber,
}

impl Example {
    fn new(region: &str, number: PhoneNumber) -> Self {
        Self {
            region: region.to_owned(),
            country_code: number.country_code.to_string(),
            national: get_national_significant_number_owned(&number),
            number,
        }
    }

    pub(crate) fn digits(&self) -> String {
        format!("{}{}", self.country_code, self.national)
    }

    /// The region; `None` for a country code without one.
    pub(crate) fn region(&self) -> Option<&str> {
        (self.region != "001").then_some(self.region.as_str())
    }
}

const TYPES: [PhoneNumberType; 10] = [
    PhoneNumberType::FixedLine,
    PhoneNumberType::Mobile,
    PhoneNumberType::TollFree,
    PhoneNumberType::PremiumRate,
    PhoneNumberType::SharedCost,
    PhoneNumberType::VoIP,
    PhoneNumberType::PersonalNumber,
    PhoneNumberType::Pager,
    PhoneNumberType::UAN,
    PhoneNumberType::VoiceMail,
];

/// The codes of all regions.
pub(crate) fn regions() -> Vec<String> {
    let regions = PHONE_NUMBER_UTIL.get_supported_regions();
    let mut codes: Vec<String> = regions.map(|region| region.to_string()).collect();
    codes.sort_unstable();
    codes
}

/// Every example number of the metadata.
pub(crate) fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    for code in regions() {
        let region: Region = code.parse().expect("a region's code");
        for kind in TYPES {
            let number = PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind);
            examples.extend(number.ok().map(|number| Example::new(&code, number)));
        }
    }
    for code in PHONE_NUMBER_UTIL.get_supported_global_network_calling_codes() {
        let number = PHONE_NUMBER_UTIL.get_example_number_for_non_geo_entity(code);
        examples.extend(number.ok().map(|number| Example::new("001", number)));
    }
    examples
}

/// The digits of a number that libphonenumber accepts.
pub(crate) fn libphonenumber(text: &str, region: Option<&str>) -> Option<String> {
    let region = region.map(|code| code.parse().expect("a region's code"));
    let number = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
    PHONE_NUMBER_UTIL.is_valid_number(&number).then(|| {
        format!("{}{}", number.country_code, get_national_significant_number_owned(&number))
    })
}

/// The result that engage promises, based on libphonenumber: first the national reading in the
/// region, then the international one, in which `00` counts as a plus.
pub(crate) fn promised(text: &str, region: Option<&str>) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let abroad = digits.strip_prefix("00").unwrap_or(&digits);
    if text.starts_with('+') {
        let dialled = || libphonenumber(&format!("+{abroad}"), None);
        return libphonenumber(text, region).or_else(dialled);
    }
    let international = || {
        // A number with an area code in brackets is always national.
        if text.starts_with('(') { None } else { libphonenumber(&format!("+{abroad}"), None) }
    };
    region.and_then(|region| libphonenumber(text, Some(region))).or_else(international)
}
