//! Numbers and dates that are written as in other countries or programs: `1.234,50`, `01.02.1990`.

use super::error::Span;
use super::moment::Moment;
use crate::value::typed::{Amount, Digits, TypeSpec, Value, ValueType, date_formats};

/// The number in the form of expressions: `500,00` and `€ 500.00` are `500.00`. `None` if it is in
/// that form already, or may be two different numbers.
pub(super) fn number_of(text: &str) -> Option<String> {
    let amount = Amount::read(text)?;
    let mark = match Digits::read(amount.digits)? {
        Digits::Only(mark, _) => Some(mark),
        Digits::Either(_) => None,
        Digits::Undecided => return None,
    };
    let spec = TypeSpec::number(mark, amount.unit.map(str::to_owned));
    match spec.value(text)? {
        Value::Number(number) if number != text => Some(number.into_owned()),
        _ => None,
    }
}

/// The day or time in the form of expressions: `01.02.1990` is `1990-02-01`. `None` if it is not
/// one, or may be two different days.
pub(super) fn moment_of(text: &str) -> Option<String> {
    if Moment::parse(text).is_ok() {
        return None;
    }
    let readings = date_formats(text).into_iter().filter_map(|format| {
        let kind = if format.has_time { ValueType::Datetime } else { ValueType::Date };
        match TypeSpec::with_pattern(kind, format.pattern).value(text)? {
            Value::Text(moment) => Some(moment.into_owned()),
            _ => None,
        }
    });
    let mut readings: Vec<String> = readings.collect();
    readings.dedup();
    // Dates with dots have the day first, and that reading comes first.
    let is_certain = readings.len() == 1 || text.split('.').count() == 3;
    readings.into_iter().next().filter(|_| is_certain)
}

/// A hint for an error at a date in another form, such as `1/2/90`.
pub(super) fn day_hint(text: &str, span: &Span) -> Option<&'static str> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '/' | '-');
    let (before, after) = (text.get(..span.start)?, text.get(span.start..)?);
    let after = after.trim_start_matches('\'');
    let start = before.rfind(|c| !is_part(c)).map_or(0, |at| at + 1);
    let before = before.get(start..)?;
    let end = after.find(|c| !is_part(c)).unwrap_or(after.len());
    let word = format!("{before}{}", &after[..end]);
    let parts: Vec<&str> = word.split(['.', '/', '-']).collect();
    let is_date = parts.len() == 3
        && parts[0].len() < 4
        && parts.iter().all(|part| matches!(part.len(), 1 | 2 | 4))
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    is_date.then_some("write a date as year, month and day, in quotes: '2024-06-01'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_other_countries_are_read() {
        for (text, number) in [
            ("500,00", Some("500.00")),
            ("-1.234,5", Some("-1234.5")),
            ("1,234.50", Some("1234.50")),
            ("500 €", Some("500")),
            ("1,234", None),
            ("500", None),
            ("1.2.3,4", None),
            ("many", None),
        ] {
            assert_eq!(number_of(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn dates_in_other_forms_are_read_unless_they_are_ambiguous() {
        for (text, moment) in [
            ("01.02.1990", Some("1990-02-01")),
            ("13/02/1990", Some("1990-02-13")),
            ("02/13/1990", Some("1990-02-13")),
            ("May 3, 1990", Some("1990-05-03")),
            ("01.02.1990 10:30", Some("1990-02-01T10:30:00")),
            ("01/02/1990", None),
            ("1990-02-01", None),
            ("31.02.1990", None),
        ] {
            assert_eq!(moment_of(text).as_deref(), moment, "{text}");
        }
    }

    #[test]
    fn only_a_date_gets_a_hint_about_dates() {
        assert!(day_hint("born < 1/2/90", &(8..9)).is_some());
        assert!(day_hint("born < '1/2/90'", &(7..15)).is_some());
        assert!(day_hint("born < '1/2/90' and x <", &(23..23)).is_none());
        assert!(day_hint("born < '2024-06-01T10:30:00.5'", &(7..30)).is_none());
        assert!(day_hint("é/2", &(0..2)).is_none());
    }
}
