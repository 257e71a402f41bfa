//! Measures validating one value: `cargo bench --bench values`.

use engage::value::Name;
use engage::value::email::Email;
use engage::value::phone::PhoneNumber;
use engage::value::region::Region;
use engage::value::typed::{TypeSpec, ValueType, is_datetime, is_number};
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

/// Prints the median of eleven rounds, each long enough to be measured by the clock.
fn measure(name: &str, values: &[&str], mut validate: impl FnMut(&str)) {
    let mut round = |times: u32| {
        let start = Instant::now();
        for _ in 0..times {
            for value in values {
                validate(black_box(value));
            }
        }
        start.elapsed()
    };
    let mut times = 16;
    while round(times) < Duration::from_millis(20) {
        times *= 2;
    }
    let mut rounds: Vec<Duration> = (0..11).map(|_| round(times)).collect();
    rounds.sort_unstable();
    let each = rounds[5].as_secs_f64() * 1e9 / f64::from(times) / values.len() as f64;
    writeln!(std::io::stdout(), "{name:<44} {each:>8.0} ns").ok();
}

/// Numbers of twelve countries. The first has the country code with the most regions.
const INTERNATIONAL: [&str; 12] = [
    "+16502530000",
    "+2348012345678",
    "+442083661177",
    "+491712345678",
    "+33612345678",
    "+919876543210",
    "+5511961234567",
    "+8613912345678",
    "+6281234567890",
    "+27821234567",
    "+254712345678",
    "+34612345678",
];

fn main() {
    let number = |region: Option<Region>| {
        move |text: &str| {
            black_box(PhoneNumber::parse(text, region)).ok();
        }
    };
    measure("number, international, +1", &INTERNATIONAL[..1], number(None));
    measure("number, international, +234", &INTERNATIONAL[1..2], number(None));
    measure("number, international, 12 countries", &INTERNATIONAL, number(None));
    let spaced = ["+234 801 234 5678", "+44 (20) 8366-1177", "+1 650-253-0000"];
    measure("number, international, with spaces", &spaced, number(None));
    let bare = INTERNATIONAL.map(|text| &text[1..]);
    measure("number, bare digits, international", &bare, number(None));
    let region = |code: &str| code.parse::<Region>().ok();
    measure("number, national, NG", &["08012345678", "0803 123 4567"], number(region("NG")));
    measure("number, national, US", &["(650) 253-0000", "6502530000"], number(region("US")));
    measure("number, invalid", &["12345", "+999123456"], number(None));

    let emails = ["ada.lovelace@example.com", "bob+tag@Mail.Example.org", "c@gmail.com"];
    measure("email", &emails, |text| {
        black_box(Email::parse(text)).ok();
    });
    measure("email, its domain a slip?", &["ada@gmial.com", "ada@gmail.com"], |text| {
        if let Ok(Some(email)) = Email::parse(text) {
            black_box(email.likely_domain());
        }
    });
    measure("email, another script", &["伊昭傑@郵件.商務", "ada@bücher.example"], |text| {
        black_box(Email::parse(text)).ok();
    });
    measure("name", &["Ada", "Lovelace", "José", "Nguyễn"], |text| {
        black_box(Name::parse(text)).ok();
    });
    measure("region, by code and by name", &["NG", "Nigeria"], |text| {
        black_box(text.parse::<Region>()).ok();
    });
    measure("is it a number?", &["12.50", "1000", "Pro"], |text| {
        black_box(is_number(text));
    });
    measure("is it a time?", &["2020-05-30T09:30:10Z", "Pro"], |text| {
        black_box(is_datetime(text));
    });
    let time = TypeSpec::from(ValueType::Datetime);
    measure("time with an offset, into UTC", &["2020-05-30T09:30:10+01:00"], |text| {
        black_box(time.value(text));
    });
}
