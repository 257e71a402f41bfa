//! Parses any cell as a phone number, with any region: no panic, and an accepted number parses to
//! itself in international form, with and without the region.

#![no_main]

use engage::value::phone::PhoneNumber;
use engage::value::region::Region;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = input;
    let region = (choice > 0).then(|| Region::all().nth(usize::from(choice) - 1)).flatten();
    if let Ok(Some(number)) = PhoneNumber::parse(text, region) {
        let digits = number.as_str();
        assert!((4..=20).contains(&digits.len()), "{digits}");
        assert!(digits.bytes().all(|b| b.is_ascii_digit()), "{digits}");
        for again in [format!("+{digits}"), format!("00{digits}")] {
            assert_eq!(PhoneNumber::parse(&again, None), Ok(Some(number.clone())), "{again}");
        }
        let written = format!("+{digits}");
        assert_eq!(PhoneNumber::parse(&written, region), Ok(Some(number)), "{written} {region:?}");
    }
    if let Ok(region) = text.parse::<Region>() {
        assert_eq!(region.as_str().parse(), Ok(region));
    }
});
