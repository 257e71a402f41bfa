//! When to send a request again.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// How many times a request may fail before its customer is left for the next push.
pub(crate) const MAX_ATTEMPTS: u32 = 6;

/// If a server asks for a longer wait, the request is left for the next push.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(600);

const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// Parses the header `Retry-After`, which has seconds or a date.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that overflows is longer than any wait that is accepted.
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::MAX)));
    }
    let date = PARSER.parse_timestamp(header).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

/// The wait after this number of attempts. It doubles from half a second to a minute, with jitter
/// so that connections that failed together do not retry together.
pub(crate) fn backoff(attempts: u32) -> Duration {
    let doubled = FIRST_BACKOFF.saturating_mul(1 << (attempts.saturating_sub(1)).min(16));
    let whole = doubled.min(LONGEST_BACKOFF);
    whole.mul_f64(0.75 + random_share() / 4.0)
}

/// The wait that a server asked for, but at least the shortest backoff.
pub(crate) fn requested_wait(asked: Duration) -> Duration {
    asked.max(FIRST_BACKOFF)
}

/// A number from 0 to 1.
fn random_share() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_has_seconds_or_a_date() {
        let now: Timestamp = "2026-11-28T09:00:00Z".parse().unwrap();
        let after = |header| retry_after(header, now);
        assert_eq!(after(" 120 "), Some(Duration::from_secs(120)));
        assert_eq!(after("99999999999999999999999"), Some(Duration::from_secs(u64::MAX)));
        assert_eq!(after("Sat, 28 Nov 2026 09:00:05 GMT"), Some(Duration::from_secs(5)));
        assert_eq!(after("Sat, 28 Nov 2026 08:00:05 GMT"), Some(Duration::ZERO));
        for header in ["", "soon", "-1", "1.5"] {
            assert_eq!(after(header), None, "{header}");
        }
    }

    #[test]
    fn waits_double_up_to_a_minute() {
        for (attempts, most) in [(1, 0.5), (2, 1.0), (5, 8.0), (8, 60.0), (40, 60.0)] {
            let wait = backoff(attempts).as_secs_f64();
            assert!((most * 0.74..=most).contains(&wait), "{attempts}: {wait}");
        }
    }
}
