//! Guards: how much may be wrong before an import is stopped.

use std::fmt;
use std::str::FromStr;

/// The bounds of a mapping file's `[guards]`. The command line overrides them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Guards {
    /// How many records may be rejected.
    pub max_rejects: Option<Bound>,
    /// How many customers may be missing from a snapshot.
    pub max_missing: Option<Bound>,
    /// How many records may contradict an earlier record of the same customer.
    pub max_merged: Option<Bound>,
}

/// A bound, given as a count or as a share: `100` or `5%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// This many.
    Count(u64),
    /// This many percent.
    Percent(f64),
}

/// The text is not a bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is neither a count such as 100 nor a share such as 5%")]
pub struct InvalidBound(String);

impl Bound {
    /// Whether `count` of `total` is more than the bound allows.
    pub fn is_exceeded(self, count: u64, total: u64) -> bool {
        match self {
            Self::Count(most) => count > most,
            Self::Percent(share) => count as f64 * 100.0 > share * total as f64,
        }
    }
}

impl FromStr for Bound {
    type Err = InvalidBound;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidBound(text.to_owned());
        match text.strip_suffix('%') {
            Some(share) => match share.trim().parse() {
                Ok(share) if (0.0..=100.0).contains(&share) => Ok(Self::Percent(share)),
                _ => Err(invalid()),
            },
            None => text.parse().map(Self::Count).map_err(|_| invalid()),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(formatter),
            Self::Percent(share) => write!(formatter, "{share}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_count_or_a_share() {
        let bound = |text: &str| text.parse::<Bound>().unwrap();
        assert!(!bound("3").is_exceeded(3, 4));
        assert!(bound("3").is_exceeded(4, 1000));
        assert!(!bound("20%").is_exceeded(2, 10));
        assert!(bound("19.9%").is_exceeded(2, 10));
        for text in ["", "%", "-1", "101%", "many", "nan%"] {
            assert!(text.parse::<Bound>().is_err(), "{text}");
        }
    }
}
