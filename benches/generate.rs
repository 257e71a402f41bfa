//! Generates the export that the benchmarks import. It is deterministic, so results are comparable.
//!
//! `cargo bench --bench generate -- RECORDS [OPTIONS] > users.csv`
//!
//! Thirteen columns: a uid, names, an email and a number (2 % of each are invalid), six custom
//! attributes, one of them an RFC 3339 time, and a device for 40 % of the customers.
//!
//! - `--changed PERCENT` changes the plan of this share of the customers.
//! - `--offset N` generates different customers.
//! - `--ordered` writes the uids in order, not shuffled.

use std::io::{self, BufWriter, Write};

const FIRST: [&str; 16] = [
    "Ada", "Chidi", "João", "Mei", "Olu", "Anna", "Kwame", "Sofia", "Yusuf", "Ines", "Tom",
    "Ngozi", "Lars", "Fatima", "Ken", "Zoë",
];
const LAST: [&str; 16] = [
    "Okafor", "Silva", "Nguyen", "Müller", "Smith", "Adeyemi", "Rossi", "Garcia", "Mensah", "Kim",
    "Dubois", "Novak", "Hansen", "Bello", "O'Brien", "van Dijk",
];
const CITIES: [&str; 8] =
    ["Lagos", "Abuja", "São Paulo", "Berlin", "Accra", "Nairobi", "London", "Washington, D.C."];
const COUNTRIES: [&str; 5] = ["NG", "BR", "DE", "GH", "GB"];
const PLANS: [&str; 4] = ["Free", "Basic", "Pro", "Enterprise"];

/// `SplitMix64`, seeded with the number of the customer, so a record does not depend on others.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let index = self.below(list.len() as u64);
        list[usize::try_from(index).unwrap_or_default()]
    }
}

fn main() -> io::Result<()> {
    let mut records = 1_000_000_u64;
    let (mut changed, mut offset, mut ordered) = (0_u64, 0_u64, false);
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|value| value.parse().ok()).unwrap_or(0);
        match argument.as_str() {
            "--changed" => changed = number(),
            "--offset" => offset = number(),
            "--ordered" => ordered = true,
            count => records = count.parse().unwrap_or(records),
        }
    }
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    writeln!(
        out,
        "id,first_name,last_name,email,number,plan,city,country,monthly_usage,vip,signup_date,\
         device_token,device_platform"
    )?;
    for index in 0..records {
        let customer = offset + if ordered { index } else { shuffled(index, records) };
        record(&mut out, customer, changed)?;
    }
    out.flush()
}

/// A permutation of the numbers below `records`: a bijection on the numbers below the next power of
/// two, repeated until the result is below `records`.
fn shuffled(index: u64, records: u64) -> u64 {
    let mask = records.next_power_of_two() - 1;
    let mut number = index;
    loop {
        number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15 | 1) & mask;
        number ^= number >> (mask.count_ones() / 2 + 1);
        number = number.wrapping_mul(0xd6e8_feb8_6659_fd93 | 1) & mask;
        if number < records {
            return number;
        }
    }
}

fn record(out: &mut impl Write, customer: u64, changed: u64) -> io::Result<()> {
    let random = &mut Random(customer.wrapping_mul(0xa076_1d64_78bd_642f));
    let (first, last) = (random.of(&FIRST), random.of(&LAST));
    let plain = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase()
    };
    let email = match random.below(50) {
        0 => format!("{}@", plain(first)),
        _ => format!("{}.{}{customer}@example.com", plain(first), plain(last)),
    };
    let number = match random.below(50) {
        0 => format!("+234{}", random.below(1000)),
        n if n % 2 == 0 => format!("+234803{:07}", random.below(10_000_000)),
        _ => format!("+4915112{:06}", random.below(1_000_000)),
    };
    let mut tariff = random.of(&PLANS);
    let is_changed = random.below(100) < changed;
    if is_changed {
        tariff = if tariff == "Pro" { "Basic" } else { "Pro" };
    }
    let (city, country) = (random.of(&CITIES), random.of(&COUNTRIES));
    let quote = if city.contains(',') { "\"" } else { "" };
    let usage = random.below(100_000);
    let vip = random.below(10) == 0;
    let (year, month, day) = (2018 + random.below(8), 1 + random.below(12), 1 + random.below(28));
    let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
    write!(
        out,
        "u-{customer:08},{first},{last},{email},{number},{tariff},{quote}{city}{quote},{country},\
         {}.{:02},{vip},{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z,",
        usage / 100,
        usage % 100,
    )?;
    match random.below(5) {
        0 | 1 => {
            let platform = if random.below(2) == 0 { "ios" } else { "android" };
            writeln!(out, "{:016x}{:016x},{platform}", random.next(), random.next())
        }
        _ => writeln!(out, ","),
    }
}
