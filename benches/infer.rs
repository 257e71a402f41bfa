//! Measures inferring the type of a column from a sample: `cargo bench --bench infer`.

use engage::mapping::infer;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

/// The number of records in a sample.
const SAMPLE_RECORDS: usize = 10_000;

/// Prints the median of eleven rounds over a whole sample.
fn measure(header: &str, value: impl Fn(usize) -> String) {
    let values: Vec<String> = (0..SAMPLE_RECORDS).map(value).collect();
    let mut rounds: Vec<Duration> = (0..11)
        .map(|_| {
            let start = Instant::now();
            black_box(infer(header, black_box(&values).iter().map(String::as_str)));
            start.elapsed()
        })
        .collect();
    rounds.sort_unstable();
    let kind = infer(header, values.iter().map(String::as_str)).spec.kind;
    let seconds = rounds[5].as_secs_f64();
    writeln!(
        std::io::stdout(),
        "{header:<16} {:<10} {:>8.2} ms {:>8.0} ns a value",
        kind.as_str(),
        seconds * 1e3,
        seconds * 1e9 / values.len() as f64
    )
    .ok();
}

fn main() {
    measure("plan", |row| ["Free", "Pro", "Team"][row % 3].to_owned());
    measure("monthly_usage", |row| format!("{}.{}", row * 7 % 1000, row % 10));
    measure("newsletter", |row| (row % 3 == 0).to_string());
    measure("signup_date", |row| format!("2025-{:02}-{:02}", 1 + row % 12, 1 + row % 28));
    measure("last_login_at", |row| {
        format!("2026-{:02}-{:02}T10:{:02}:09Z", 1 + row % 12, 1 + row % 28, row % 60)
    });
    measure("birthday", |row| format!("{:02}/{:02}/19{:02}", 1 + row % 12, 1 + row % 28, row % 99));
    measure("postcode", |row| format!("{:05}", row * 31 % 99_999));
    measure("note", |row| format!("Called on a Monday, {row} minutes; will call again"));
}
