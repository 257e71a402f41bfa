//! Days and times in expressions.
//!
//! A date means its whole day, a time to the minute that minute, and any other time a second. A
//! comparison uses the start and the end of that span: `last_login = '2024-06-01'` is true during
//! the whole day, and `<= '2024-06-01'` until its end. All times are in UTC.

use super::tree::{Comparison, Edge, TimeSpan};
use crate::value::typed::{TypeSpec, Value, ValueType};
use jiff::Span;
use jiff::civil::{Date, DateTime};

/// A day, or a time to the minute or second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Day(Date),
    Minute(DateTime),
    Second(DateTime),
}

/// The unit in `± N unit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    /// The unit of this word, in the singular or plural.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        Some(match word.strip_suffix('s').unwrap_or(&word) {
            "minute" => Self::Minute,
            "hour" => Self::Hour,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "year" => Self::Year,
            _ => return None,
        })
    }

    /// `count` of this unit; `None` if that is longer than the calendar.
    fn times(self, count: i64) -> Option<Span> {
        let none = Span::new();
        match self {
            Self::Minute => none.try_minutes(count),
            Self::Hour => none.try_hours(count),
            Self::Day => none.try_days(count),
            Self::Week => none.try_weeks(count),
            Self::Month => none.try_months(count),
            Self::Year => none.try_years(count),
        }
        .ok()
    }
}

/// Why a moment cannot be shifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unshiftable {
    /// A day cannot be shifted by hours or minutes.
    DayByHours,
    /// The result is outside the calendar.
    OffTheCalendar,
}

/// The error for a text that is not a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoMoment {
    /// It has fractions of a second.
    TooFine,
    /// It is neither a day nor a time.
    Other,
}

impl Moment {
    /// Reads `2024-06-01`, `2024-06-01T10:30` or `2024-06-01T10:30:15`, the latter two with an
    /// offset or without. A space may replace the `T`.
    pub(super) fn parse(text: &str) -> Result<Self, NoMoment> {
        let read = |kind: ValueType| match TypeSpec::from(kind).value(text) {
            Some(Value::Text(text)) => Some(text.into_owned()),
            _ => None,
        };
        if let Some(day) = read(ValueType::Date) {
            return day.parse().map(Self::Day).map_err(|_| NoMoment::Other);
        }
        let time = read(ValueType::Datetime).ok_or(NoMoment::Other)?;
        if text.get(19..20).is_some_and(|mark| matches!(mark, "." | ",")) {
            return Err(NoMoment::TooFine);
        }
        let time: DateTime = time.trim_end_matches('Z').parse().map_err(|_| NoMoment::Other)?;
        match text.as_bytes().get(16) {
            Some(b':') => Ok(Self::Second(time)),
            _ => Ok(Self::Minute(time)),
        }
    }

    pub(super) fn shifted(self, count: i64, unit: Unit) -> Result<Self, Unshiftable> {
        let by = unit.times(count).ok_or(Unshiftable::OffTheCalendar)?;
        let off = |_| Unshiftable::OffTheCalendar;
        Ok(match self {
            Self::Day(_) if matches!(unit, Unit::Minute | Unit::Hour) => {
                return Err(Unshiftable::DayByHours);
            }
            Self::Day(day) => Self::Day(day.checked_add(by).map_err(off)?),
            Self::Minute(time) => Self::Minute(time.checked_add(by).map_err(off)?),
            Self::Second(time) => Self::Second(time.checked_add(by).map_err(off)?),
        })
    }

    /// The span that it means for a field of this type. For a field of dates, a time means its day.
    pub(super) fn span(self, kind: ValueType) -> TimeSpan {
        let moment = match self {
            Self::Minute(time) | Self::Second(time) if kind == ValueType::Date => {
                Self::Day(time.date())
            }
            other => other,
        };
        let (start, length) = match moment {
            Self::Day(day) => (day.to_datetime(jiff::civil::Time::midnight()), Unit::Day.times(1)),
            Self::Minute(time) => (time, Unit::Minute.times(1)),
            Self::Second(time) => (time, Some(Span::new().seconds(1))),
        };
        let end = length.and_then(|length| start.checked_add(length).ok());
        let edge = |time: DateTime| if time.year() < 0 { Edge::Beginning } else { Edge::At(time) };
        TimeSpan { from: edge(start), until: end.map_or(Edge::End, edge) }
    }
}

impl TimeSpan {
    /// The span of all moments for which a comparison with this span is true.
    pub(super) fn compared(self, comparison: Comparison) -> Self {
        let (from, until) = match comparison {
            Comparison::Equal => (self.from, self.until),
            Comparison::Less => (Edge::Beginning, self.from),
            Comparison::LessOrEqual => (Edge::Beginning, self.until),
            Comparison::Greater => (self.until, Edge::End),
            Comparison::GreaterOrEqual => (self.from, Edge::End),
        };
        Self { from, until }
    }

    /// The span from the start of this one to the end of another.
    pub(super) fn to(self, other: Self) -> Self {
        Self { from: self.from, until: other.until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, kind: ValueType) -> String {
        let span = Moment::parse(text).unwrap().span(kind);
        let edge = |edge| match edge {
            Edge::At(time) => time.to_string(),
            other => format!("{other:?}"),
        };
        format!("{} {}", edge(span.from), edge(span.until))
    }

    #[test]
    fn a_date_means_its_whole_day() {
        let day = "2024-06-01T00:00:00 2024-06-02T00:00:00";
        assert_eq!(span("2024-06-01", ValueType::Datetime), day);
        assert_eq!(span("2024-06-01 23:30", ValueType::Date), day);
        assert_eq!(
            span("2024-06-01 23:30", ValueType::Datetime),
            "2024-06-01T23:30:00 2024-06-01T23:31:00"
        );
        assert_eq!(
            span("2024-06-01T23:30:59+02:00", ValueType::Datetime),
            "2024-06-01T21:30:59 2024-06-01T21:31:00"
        );
        assert_eq!(span("9999-12-31", ValueType::Date), "9999-12-31T00:00:00 End");
    }

    #[test]
    fn an_invalid_moment_is_rejected() {
        assert_eq!(Moment::parse("2024-02-30"), Err(NoMoment::Other));
        assert_eq!(Moment::parse("yesterday"), Err(NoMoment::Other));
        assert_eq!(Moment::parse("2024-06-01T10:00:00.5Z"), Err(NoMoment::TooFine));
    }

    #[test]
    fn shifts_follow_the_calendar() {
        let day = Moment::parse("2024-03-31").unwrap();
        assert_eq!(day.shifted(-1, Unit::Month), Ok(Moment::parse("2024-02-29").unwrap()));
        assert_eq!(day.shifted(-1, Unit::Hour), Err(Unshiftable::DayByHours));
        assert_eq!(day.shifted(i64::MAX, Unit::Year), Err(Unshiftable::OffTheCalendar));
        let early = day.shifted(-3000, Unit::Year).unwrap();
        assert_eq!(early.span(ValueType::Date).from, Edge::Beginning);
    }
}
