//! Dates and times in ISO 8601's extended form, as databases write them.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use std::borrow::Cow;

/// Whether a text is a date in ISO 8601's extended form.
pub fn is_date(text: &str) -> bool {
    iso_date(text).is_some()
}

/// Whether a text is a date with a time in ISO 8601's extended form, as databases write it.
pub fn is_datetime(text: &str) -> bool {
    iso_datetime(text).is_some()
}

fn number_at(bytes: &[u8], from: usize, length: usize) -> Option<i16> {
    let digits = bytes.get(from..from + length)?;
    digits.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i16::from(b - b'0')))
}

pub(crate) fn iso_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let part = |from| number_at(bytes, from, 2).and_then(|part| i8::try_from(part).ok());
    Date::new(number_at(bytes, 0, 4)?, part(5)?, part(8)?).ok()
}

/// `2020-05-30T09:30[:10[.5]]` with `T` or a space, then nothing, `Z`, ` UTC` or an offset.
pub(crate) fn iso_datetime(text: &str) -> Option<Cow<'_, str>> {
    let bytes = text.as_bytes();
    if bytes.len() < 16 || !matches!(bytes[10], b'T' | b't' | b' ') || bytes[13] != b':' {
        return None;
    }
    let date = iso_date(text.get(..10)?)?;
    let part = |from| number_at(bytes, from, 2).and_then(|part| i8::try_from(part).ok());
    let (hour, minute) = (part(11)?, part(14)?);
    let mut end = 16;
    let mut second = 0;
    let mut nanosecond = 0;
    if bytes.get(end) == Some(&b':') {
        second = part(17)?;
        end = 19;
        if matches!(bytes.get(end), Some(b'.' | b',')) {
            let digits = bytes[20..].iter().take_while(|b| b.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            let fraction: i32 = text[20..20 + digits].parse().ok()?;
            nanosecond = fraction * 10_i32.pow(u32::try_from(9 - digits).ok()?);
            end = 20 + digits;
        }
    }
    let time = Time::new(hour, minute, second, nanosecond).ok()?;
    let offset = match text.get(end..)? {
        "" => None,
        "Z" | "z" | " UTC" | " Z" => Some(Offset::UTC),
        written => Some(offset(written.trim_start())?),
    };
    let plain = end == bytes.len() || (text[end..] == *"Z" && end >= 19);
    if plain && end >= 19 && bytes[10] == b'T' && !text.contains(',') {
        return Some(Cow::Borrowed(text));
    }
    write_datetime(DateTime::from_parts(date, time), offset).map(Cow::Owned)
}

/// `+01:00`, `+0100` or `+01`.
fn offset(text: &str) -> Option<Offset> {
    let bytes = text.as_bytes();
    let sign = match bytes.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = i32::from(number_at(bytes, 1, 2)?);
    let minutes = match &bytes[3..] {
        [] => 0,
        [b':', _, _] => i32::from(number_at(bytes, 4, 2)?),
        [_, _] => i32::from(number_at(bytes, 3, 2)?),
        _ => return None,
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

pub(crate) fn write_datetime(civil: DateTime, offset: Option<Offset>) -> Option<String> {
    match offset {
        None => Some(civil.to_string()),
        Some(offset) => {
            let utc = offset.to_timestamp(civil).ok()?.to_string();
            // Years before 0000 do not have four digits.
            (!utc.starts_with('-')).then_some(utc)
        }
    }
}
