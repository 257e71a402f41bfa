//! Whether a cell looks like a time, in any usual notation. This only distinguishes times from
//! names, amounts and words; it does not parse the time.

/// The form of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A date, with or without a time of day: `2026-11-02`, `14.03.24 09:12`, `Mar 14, 2026`.
    Written,
    /// What may be a Unix time, a packed date or only a time of day: `1602611311`, `20261102`,
    /// `09:12`. It counts as a time only if the header says so.
    Bare,
}

/// The first letters of the month names in the languages of the header names.
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
    "dec", // English
    "fév", "fev", "avr", "mai", "jui", "aoû", "aou", "déc", // French
    "jän", "mär", "okt", "dez", // German
    "ene", "abr", "ago", "dic", // Spanish
    "set", "out", // Portuguese
    "gen", "mag", "giu", "lug", "ott", // Italian
    "maa", "mrt", "mei", // Dutch
];

/// Longer cells are not times, in bytes.
const LONGEST: usize = 64;

/// Whether a cell is a time, and in which form.
pub(crate) fn moment(cell: &str) -> Option<Moment> {
    let cell = cell.trim().trim_start_matches('\'');
    if cell.len() < 4 || cell.len() > LONGEST || !cell.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && cell.matches('.').count() < 2
    {
        return bare_number(cell).then_some(Moment::Bare);
    }
    if dated_by_numbers(cell) || dated_by_month(cell) {
        return Some(Moment::Written);
    }
    time_of_day(cell).then_some(Moment::Bare)
}

/// Whether a number may be seconds, milliseconds or microseconds since 1970 (between 2001 and
/// 2065), or a packed date.
fn bare_number(cell: &str) -> bool {
    let whole = cell.split('.').next().unwrap_or_default();
    match whole.len() {
        8 | 14 => whole.starts_with("19") || whole.starts_with("20"),
        10 | 13 | 16 => whole.starts_with('1') || whole.starts_with('2'),
        _ => false,
    }
}

/// `2026-11-02…`, `2/11/2026…`, `14.03.24…`: three numbers with the same separator.
fn dated_by_numbers(cell: &str) -> bool {
    let end = cell
        .find(|char: char| !(char.is_ascii_digit() || matches!(char, '-' | '/' | '.')))
        .unwrap_or(cell.len());
    let (date, rest) = cell.split_at(end);
    if rest.chars().next().is_some_and(char::is_alphabetic)
        && !rest.starts_with(['T', 't', 'Z', 'z'])
    {
        return false;
    }
    ['-', '/', '.'].into_iter().any(|mark| {
        let date = date.trim_end_matches(['.', '/', '-']);
        let parts: Vec<&str> = date.split(mark).collect();
        let [first, second, third] = parts.as_slice() else { return false };
        let small = |part: &str, most: u32| {
            part.len() <= 2 && part.parse::<u32>().is_ok_and(|number| (1..=most).contains(&number))
        };
        let year =
            |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
        let day_and_month = |one: &str, two: &str| {
            (small(one, 31) && small(two, 12)) || (small(one, 12) && small(two, 31))
        };
        (year(first) && small(second, 12) && small(third, 31))
            || (day_and_month(first, second)
                && (year(third)
                    || third.len() == 2 && third.bytes().all(|byte| byte.is_ascii_digit())))
    })
}

/// `Mar 14, 2026`, `14-Mar-2026 10:00`, `Thu, 14 Mar 2026 …`, `14. März 2026`.
fn dated_by_month(cell: &str) -> bool {
    let tokens: Vec<&str> = cell
        .split(|char: char| !char.is_alphanumeric())
        .filter(|token| !token.is_empty())
        .collect();
    if tokens.len() > 10 {
        return false;
    }
    let month = tokens.iter().any(|token| {
        let token = token.to_lowercase();
        (3..=10).contains(&token.chars().count())
            && MONTHS.iter().any(|month| token.starts_with(month))
    });
    let number =
        |token: &str| token.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']).parse::<u32>();
    let day = tokens.iter().any(|token| number(token).is_ok_and(|day| (1..=31).contains(&day)));
    let year =
        tokens.iter().any(|token| number(token).is_ok_and(|year| (1900..2100).contains(&year)));
    month && day && year
}

/// `09:12`, `9:12:04`, `09:12 PM`.
fn time_of_day(cell: &str) -> bool {
    let clock = cell.split_whitespace().next().unwrap_or_default();
    let mut parts = clock.split(':');
    let (Some(hour), Some(minute)) = (parts.next(), parts.next()) else { return false };
    let below = |part: &str, bound: u32| {
        (1..=2).contains(&part.len()) && part.parse::<u32>().is_ok_and(|number| number < bound)
    };
    below(hour, 24) && below(&minute.chars().take(2).collect::<String>(), 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_dates_are_recognised_in_every_usual_notation() {
        for cell in [
            "2026-11-02",
            "2026-11-02T10:14:00Z",
            "2026-11-02 10:14:00 +0200",
            "2026/11/02 10:14",
            "02/11/2026",
            "11/02/2026 10:14 PM",
            "02.11.2026",
            "14.03.24 09:12",
            "1/5/26, 9:03 AM",
            "Mar 14, 2026",
            "14-Mar-2026 10:00:00",
            "Thu, 14 Mar 2026 10:00:00 +0000",
            "14. März 2026",
            "3 de marzo de 2026",
            "14th March 2026",
        ] {
            assert_eq!(moment(cell), Some(Moment::Written), "{cell}");
        }
    }

    #[test]
    fn bare_numbers_and_times_of_day_are_times_only_with_a_header() {
        for cell in
            ["1602611311", "1696470452486466", "1602611311.123", "20261102", "09:12", "9:12:04 PM"]
        {
            assert_eq!(moment(cell), Some(Moment::Bare), "{cell}");
        }
    }

    #[test]
    fn names_amounts_phones_and_versions_are_not_times() {
        for cell in [
            "",
            "3",
            "Pro",
            "12.50",
            "1,250.00",
            "+2348012345678",
            "192.168.1.1",
            "ORD-2026-0001",
            "2026",
            "marketing 3",
            "u-00017",
            "5.0.2",
            "Marie 12",
            "10115",
            "99/99/2026",
            "1:2",
            "12-34-56-78",
            "a@b.co 2026-01-01 is later than this text ever should be, so it does not count",
        ] {
            assert_eq!(moment(cell), None, "{cell}");
        }
    }
}
