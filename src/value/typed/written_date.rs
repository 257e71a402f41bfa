//! Dates and times as people and programs write them, and the formats that read them.

/// Which of two numbers is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayOrder {
    DayFirst,
    MonthFirst,
}

/// A format that a text may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DateFormat {
    /// The order that it assumes; `None` if the text leaves no doubt.
    pub(crate) order: Option<DayOrder>,
    /// The strftime format.
    pub(crate) pattern: String,
    /// Whether there is a time of day, and whether its zone is given.
    pub(crate) has_time: bool,
    pub(crate) has_zone: bool,
}

/// The order of day and month in a strftime format; `None` if the format has a month's name or
/// begins with the year.
pub(crate) fn day_order(pattern: &str) -> Option<DayOrder> {
    let (day, month) = (pattern.find("%d")?, pattern.find("%m")?);
    let is_year_first = pattern.find("%Y").is_some_and(|year| year < day.min(month));
    (!is_year_first).then_some(if day < month { DayOrder::DayFirst } else { DayOrder::MonthFirst })
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'t> {
    Digits(&'t str),
    Letters(&'t str),
    Other(&'t str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let kind = |c: char| {
        if c.is_ascii_digit() { 0 } else { 1 + u8::from(!c.is_alphabetic()) }
    };
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| kind(c) != kind(first)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push(match kind(first) {
            0 => Piece::Digits(piece),
            1 => Piece::Letters(piece),
            _ => Piece::Other(piece),
        });
        rest = after;
    }
    pieces
}

/// The formats that a trimmed text may have: none if it is not a date with a four-digit year, two
/// if either number may be the day or the month is May.
pub(crate) fn date_formats(text: &str) -> Vec<DateFormat> {
    // Longer texts are prose.
    if text.len() > 48 {
        return Vec::new();
    }
    let pieces = pieces(text);
    let Some((date, rest)) = pieces.split_at_checked(5) else { return Vec::new() };
    let Some((time, has_zone)) = time_pattern(rest) else { return Vec::new() };
    let has_time = !time.is_empty();
    let dates = date_patterns(date).into_iter();
    dates
        .map(|(order, date)| DateFormat {
            order,
            pattern: format!("{date}{time}"),
            has_time,
            has_zone,
        })
        .collect()
}

fn date_patterns(pieces: &[Piece<'_>]) -> Vec<(Option<DayOrder>, String)> {
    let short = |text: &str| text.len() <= 2;
    match *pieces {
        [
            Piece::Digits(first),
            Piece::Other(mark),
            Piece::Digits(middle),
            Piece::Other(again),
            Piece::Digits(last),
        ] if mark == again && matches!(mark, "/" | "." | "-") && short(middle) => {
            if first.len() == 4 && short(last) {
                vec![(None, format!("%Y{mark}%m{mark}%d"))]
            } else if short(first) && last.len() == 4 {
                vec![
                    (Some(DayOrder::DayFirst), format!("%d{mark}%m{mark}%Y")),
                    (Some(DayOrder::MonthFirst), format!("%m{mark}%d{mark}%Y")),
                ]
            } else {
                Vec::new()
            }
        }
        [
            Piece::Digits(day),
            Piece::Other(before),
            Piece::Letters(month),
            Piece::Other(after),
            Piece::Digits(year),
        ] if short(day) && year.len() == 4 && is_mark(before) && is_mark(after) => {
            month_specifiers(month)
                .map(|month| (None, format!("%d{before}{month}{after}%Y")))
                .collect()
        }
        [
            Piece::Letters(month),
            Piece::Other(before),
            Piece::Digits(day),
            Piece::Other(after),
            Piece::Digits(year),
        ] if short(day) && year.len() == 4 && is_mark(before) && is_mark(after) => {
            month_specifiers(month)
                .map(|month| (None, format!("{month}{before}%d{after}%Y")))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn is_mark(text: &str) -> bool {
    matches!(text, " " | "-" | "/" | "." | ". " | "," | ", ")
}

/// The specifiers that read a month's name; both for May, whose short name is its full one.
fn month_specifiers(name: &str) -> impl Iterator<Item = &'static str> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = name.to_ascii_lowercase();
    let is_short = MONTHS.iter().any(|month| month[..3] == name);
    let is_full = MONTHS.contains(&name.as_str());
    [("%b", is_short), ("%B", is_full)].into_iter().filter(|(_, fits)| *fits).map(|(s, _)| s)
}

/// The format of the text after a date, blank if the date ends the text, and whether it has a zone.
fn time_pattern(pieces: &[Piece<'_>]) -> Option<(String, bool)> {
    let (separator, clock) = match pieces {
        [] => return Some((String::new(), false)),
        [Piece::Other(" "), Piece::Letters("at"), Piece::Other(" "), rest @ ..] => (" at ", rest),
        [Piece::Other(mark @ (" " | ", ")) | Piece::Letters(mark @ "T"), rest @ ..] => {
            (*mark, rest)
        }
        _ => return None,
    };
    let [Piece::Digits(hour), Piece::Other(":"), Piece::Digits(minute), rest @ ..] = clock else {
        return None;
    };
    if hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let mut after = String::from(":%M");
    let mut rest = rest;
    if let [Piece::Other(":"), Piece::Digits(second), more @ ..] = rest {
        if second.len() != 2 {
            return None;
        }
        after.push_str(":%S");
        rest = more;
        if let [Piece::Other("."), Piece::Digits(fraction), more @ ..] = rest {
            if fraction.len() > 9 {
                return None;
            }
            after.push_str("%.f");
            rest = more;
        }
    }
    let is_half = |word: &str| word.eq_ignore_ascii_case("am") || word.eq_ignore_ascii_case("pm");
    let mut hours = "%H";
    match rest {
        [Piece::Other(" "), Piece::Letters(word), more @ ..] if is_half(word) => {
            (hours, rest) = ("%I", more);
            after.push_str(" %p");
        }
        [Piece::Letters(word), more @ ..] if is_half(word) => {
            (hours, rest) = ("%I", more);
            after.push_str("%p");
        }
        _ => {}
    }
    let zone = match rest {
        [] => "",
        [Piece::Other("+" | "-"), Piece::Digits(offset)] if offset.len() == 4 => "%z",
        [Piece::Other(" +" | " -"), Piece::Digits(offset)] if offset.len() == 4 => " %z",
        [Piece::Other("+" | "-"), Piece::Digits(_), Piece::Other(":"), Piece::Digits(_)] => "%:z",
        [Piece::Other(" +" | " -"), Piece::Digits(_), Piece::Other(":"), Piece::Digits(_)] => {
            " %:z"
        }
        [Piece::Letters("Z")] => "Z",
        [Piece::Other(" "), Piece::Letters("UTC")] => " UTC",
        [Piece::Other(" "), Piece::Letters("GMT")] => " GMT",
        _ => return None,
    };
    Some((format!("{separator}{hours}{after}{zone}"), !zone.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_shows_its_formats() {
        for (text, formats) in [
            ("13.03.2024", vec!["%d.%m.%Y", "%m.%d.%Y"]),
            ("2024/03/02", vec!["%Y/%m/%d"]),
            ("22-Sep-2024", vec!["%d-%b-%Y"]),
            ("May 9, 2024", vec!["%b %d, %Y", "%B %d, %Y"]),
            ("Jan 9, 2024 12:49 PM", vec!["%b %d, %Y %I:%M %p"]),
            ("1 January 2024 at 09:30:10", vec!["%d %B %Y at %H:%M:%S"]),
            ("08/15/2022 3:05 PM", vec!["%d/%m/%Y %I:%M %p", "%m/%d/%Y %I:%M %p"]),
            ("2024/03/02 10:00:00 UTC", vec!["%Y/%m/%d %H:%M:%S UTC"]),
            ("2024/03/02 10:00:00.25 +0100", vec!["%Y/%m/%d %H:%M:%S%.f %z"]),
            ("13.03.84", vec![]),
            ("1.2.3", vec![]),
            ("12:30", vec![]),
            ("9 lives in 2024", vec![]),
        ] {
            let found: Vec<String> = date_formats(text).into_iter().map(|f| f.pattern).collect();
            assert_eq!(found, formats, "{text}");
        }
    }

    #[test]
    fn the_order_is_that_of_the_numbers() {
        assert_eq!(day_order("%d/%m/%Y"), Some(DayOrder::DayFirst));
        assert_eq!(day_order("%m/%d/%Y %H:%M"), Some(DayOrder::MonthFirst));
        assert_eq!(day_order("%Y/%m/%d"), None);
        assert_eq!(day_order("%d %b %Y"), None);
    }
}
