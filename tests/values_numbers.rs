//! Phone numbers are validated like libphonenumber does, in every region and notation.
//! `benches/oracle.rs` compares millions of numbers.

use crate::values_oracle::{Example, examples, libphonenumber, promised, regions};
use engage::value::phone::PhoneNumber;
use engage::value::region::Region;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

fn validated(text: &str, region: Option<&str>) -> Option<String> {
    let region = region.and_then(|code| code.parse::<Region>().ok());
    PhoneNumber::parse(text, region).ok().flatten().map(|number| number.as_str().to_owned())
}

fn same(text: &str, region: Option<&str>) {
    assert_eq!(validated(text, region), promised(text, region), "{text:?} in {region:?}");
}

#[test]
fn our_regions_are_those_of_the_oracle() {
    let ours: Vec<String> = Region::all().map(|region| region.as_str().to_owned()).collect();
    assert_eq!(ours, regions());
}

#[test]
fn every_example_number_is_valid_internationally_in_any_region() {
    let examples = examples();
    assert!(examples.len() > 1_100, "{}", examples.len());
    let regions = regions();
    for (index, example) in examples.iter().enumerate() {
        let Example { country_code: code, national, .. } = example;
        let digits = example.digits();
        assert_eq!(libphonenumber(&format!("+{digits}"), None).as_deref(), Some(&*digits));
        let spaced = PHONE_NUMBER_UTIL.format(&example.number, PhoneNumberFormat::International);
        for text in [
            format!("+{digits}"),
            spaced.to_string(),
            spaced.replace(' ', "\u{a0}"),
            format!("\u{202a}{spaced}\u{202c}"),
            format!("00{digits}"),
            format!("00 {code} {national}"),
            digits.clone(),
            format!("tel:+{digits}"),
            format!("'+{digits}"),
        ] {
            assert_eq!(validated(&text, None).as_deref(), Some(&*digits), "{text}");
        }
        // All regions for each number would be half a million cases, so each gets every seventh.
        for region in regions.iter().skip(index % 7).step_by(7) {
            let text = format!("+{digits}");
            assert_eq!(
                validated(&text, Some(region)).as_deref(),
                Some(&*digits),
                "{text} {region}"
            );
        }
    }
}

#[test]
fn every_example_number_is_valid_in_its_own_region() {
    for example in examples() {
        let Some(region) = example.region() else { continue };
        let digits = example.digits();
        let national = PHONE_NUMBER_UTIL.format(&example.number, PhoneNumberFormat::National);
        // The national reading takes precedence: in BR, 5540041234 is a number in area 55.
        for text in [national.to_string(), example.national.clone(), digits.clone()] {
            same(&text, Some(region));
        }
        let own = libphonenumber(&example.national, Some(region));
        assert_eq!(own.as_deref(), Some(&*digits), "{} {region}", example.national);
    }
}

#[test]
fn bare_digits_in_any_other_region_are_validated_like_the_oracle() {
    let regions = regions();
    for (index, example) in examples().iter().enumerate() {
        for region in regions.iter().skip(index % 5).step_by(5) {
            same(&example.digits(), Some(region));
            same(&example.national, Some(region));
            same(&format!("00{}", example.digits()), Some(region));
        }
    }
}

#[test]
fn neighbours_of_every_example_number_are_validated_like_the_oracle() {
    let mut refused = 0;
    for Example { country_code: code, national, region, .. } in examples() {
        let region = (region != "001").then_some(region.as_str());
        let mut neighbours = vec![
            national[..national.len() - 1].to_owned(),
            format!("{national}0"),
            format!("{national}55"),
            format!("0{national}"),
        ];
        let leads = (0..10).map(|lead| format!("{lead}{}", &national[1..]));
        neighbours.extend(leads);
        for national in neighbours {
            for text in [format!("+{code}{national}"), format!("{code}{national}")] {
                same(&text, None);
                refused += usize::from(validated(&text, None).is_none());
            }
            same(&national, region);
            same(&format!("0{national}"), region);
            same(&format!("{code}{national}"), region);
        }
    }
    assert!(refused > 5_000, "{refused}");
}

#[test]
fn unknown_country_codes_are_refused() {
    let known = PHONE_NUMBER_UTIL.get_supported_calling_codes().collect::<Vec<_>>();
    for code in (1..1000).filter(|code| !known.contains(code)) {
        same(&format!("+{code}23456789"), None);
        same(&format!("{code}23456789"), None);
        same(&format!("{code}23456789"), Some("NG"));
    }
}

type Difference =
    (&'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>, &'static str);

/// Intended differences from the oracle, which was made for dialled numbers: the cell, the region,
/// our result, its result and the reason.
#[rustfmt::skip]
const DIFFERENCES: [Difference; 7] = [
    ("1-800-FLOWERS", Some("US"), None, Some("18003569377"), "no customer's phone is a word; a word in a cell is a note"),
    ("Fax: 0801 234 5678", Some("NG"), None, Some("2348012345678"), "no message reaches a fax"),
    ("2348012345678", None, Some("2348012345678"), None, "most exports leave the plus out"),
    ("0044 20 8366 1177", None, Some("442083661177"), None, "00 is a plus"),
    ("0044 20 8366 1177", Some("US"), Some("442083661177"), None, "even where 011 is dialled"),
    ("+34 (0)91 123 45 67", None, Some("34911234567"), None, "Spain has no trunk zero, but people write it"),
    ("+4930123456.0", None, Some("4930123456"), Some("49301234560"), "a table's fraction; its zero as a digit would be another number"),
];

#[test]
fn every_difference_from_the_oracle_is_intended() {
    for (text, region, ours, theirs, why) in DIFFERENCES {
        assert_eq!(validated(text, region).as_deref(), ours, "{text}: {why}");
        assert_eq!(libphonenumber(text, region).as_deref(), theirs, "{text}: {why}");
    }
}
