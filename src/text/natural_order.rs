//! The order in which people expect names: `usage_2` before `usage_10`.

use std::cmp::Ordering;

/// Compares names; runs of digits compare as numbers.
pub(crate) fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (pieces(a), pieces(b));
    loop {
        let ordering = match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some((true, a)), Some((true, b))) => {
                let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
                a.len().cmp(&b.len()).then_with(|| a.cmp(b))
            }
            (Some((_, a)), Some((_, b))) => a.cmp(b),
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
}

/// Splits a text into runs of digits and runs of other characters, each with whether it has digits.
fn pieces(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_digits = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_digits).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some((is_digits, piece))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_compare_as_numbers() {
        let mut names = ["usage_10", "usage_2", "usage", "a9b10", "a9b9", "usage_02", "b"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["a9b9", "a9b10", "b", "usage", "usage_02", "usage_2", "usage_10"]);
    }
}
