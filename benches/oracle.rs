//! Compares our validation of generated phone numbers with libphonenumber's:
//! `cargo bench --bench oracle -- 10000000 [SEED]`. Prints the first 200 disagreements and totals.

#[path = "../tests/values_oracle/mod.rs"]
mod values_oracle;

use engage::value::phone::PhoneNumber;
use engage::value::region::Region;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use std::io::Write;
use std::time::Instant;
use values_oracle::{Example, examples, promised, regions};

/// Marsaglia's xorshift: reproducible, and without a dependency.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % sides
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b"0123456789"[self.throw(10)])).collect()
    }
}

/// A national number similar to an example, with digits changed, added or removed.
fn national(example: &Example, dice: &mut Dice) -> String {
    let mut digits = example.national.clone();
    match dice.throw(16) {
        0 => digits.truncate(digits.len() - 1),
        1 => digits.push_str(&dice.digits(1)),
        2 => digits.replace_range(..1, &dice.digits(1)),
        3 => digits.replace_range(..2, &dice.digits(2)),
        4 => {
            let count = 2 + dice.throw(14);
            digits = dice.digits(count);
        }
        5 => digits.insert_str(0, &dice.digits(1)),
        _ => {}
    }
    let random = dice.throw(digits.len());
    let kept = digits.len() - random;
    digits.truncate(kept);
    digits + &dice.digits(random)
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let mut number = |default| arguments.next().and_then(|n| n.parse().ok()).unwrap_or(default);
    let (count, seed) = (number(100_000), number(7));
    let mut dice = Dice(seed | 1);
    let (examples, regions) = (examples(), regions());
    let mut out = std::io::stdout().lock();
    let (mut accepted, mut disagreements) = (0_u64, 0_u64);
    let start = Instant::now();
    for _ in 0..count {
        let example = &examples[dice.throw(examples.len())];
        let (code, national) = (&example.country_code, national(example, &mut dice));
        let own = example.region();
        let other = regions[dice.throw(regions.len())].as_str();
        let format = [PhoneNumberFormat::International, PhoneNumberFormat::National][dice.throw(2)];
        let (text, region) = match dice.throw(40) {
            0..8 => (format!("+{code}{national}"), None),
            8..12 => (format!("+{code} {national}"), Some(other)),
            12..16 => (format!("00{code}{national}"), None),
            16..20 => (format!("{code}{national}"), None),
            20..24 => (format!("{code}{national}"), own),
            24..28 => (national, own),
            28..32 => (format!("{}{national}", ["0", "1", "8", "00", "011"][dice.throw(5)]), own),
            32..36 => (format!("{code}{national}"), Some(other)),
            36 => (PHONE_NUMBER_UTIL.format(&example.number, format).into_owned(), Some(other)),
            37 => (PHONE_NUMBER_UTIL.format(&example.number, format).into_owned(), own),
            38 => (example.digits(), Some(other)),
            _ => (dice.digits(14), Some(other)),
        };
        let ours = region.and_then(|code| code.parse::<Region>().ok());
        let ours = PhoneNumber::parse(&text, ours).ok().flatten();
        let ours = ours.as_ref().map(PhoneNumber::as_str);
        let theirs = promised(&text, region);
        accepted += u64::from(theirs.is_some());
        if ours != theirs.as_deref() {
            disagreements += 1;
            if disagreements <= 200 {
                writeln!(out, "{text} in {region:?}: {ours:?}, libphonenumber {theirs:?}").ok();
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        out,
        "{count} numbers, {accepted} of them valid, {disagreements} disagreements, {seconds:.0} s"
    )
    .ok();
}
