//! Numbers: which texts are numbers, and how exports write them. A number is stored as plain
//! decimal digits, so that every store keeps it unchanged.

use super::unit::{Amount, unit_named};
use std::borrow::Cow;
use std::fmt;

/// The maximum digits before the decimal mark: a longer integer is an identifier, which
/// calculations would round.
const MAX_WHOLE_DIGITS: usize = 15;

/// The maximum digits of a number, written without an exponent.
const MAX_DIGITS: usize = 30;

/// Whether inference accepts a text as a number: JSON's notation, at most 15 digits before the
/// point, no leading zeros, no plus, no grouping, no `NaN`, and at most 30 digits without an
/// exponent.
pub fn is_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let digits = |from: &[u8]| from.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(unsigned);
    if whole == 0 || whole > MAX_WHOLE_DIGITS || (whole > 1 && unsigned[0] == b'0') {
        return false;
    }
    let mut rest = &unsigned[whole..];
    if let Some(after) = rest.strip_prefix(b".") {
        let fraction = digits(after);
        if fraction == 0 {
            return false;
        }
        rest = &after[fraction..];
    }
    let mantissa = &unsigned[..unsigned.len() - rest.len()];
    if let Some(after) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let after = after.strip_prefix(b"+").or_else(|| after.strip_prefix(b"-")).unwrap_or(after);
        let exponent = digits(after);
        let is_zero = mantissa.iter().all(|byte| matches!(byte, b'0' | b'.'));
        // Beyond these bounds, calculations with the number lose digits.
        let is_kept = |number: f64| number.is_normal() || (number == 0.0 && is_zero);
        return exponent > 0
            && exponent == after.len()
            && text.parse().is_ok_and(is_kept)
            && plain_number(text).is_some();
    }
    rest.is_empty() && (mantissa.len() <= MAX_DIGITS || plain_number(text).is_some())
}

/// A number in JSON's notation as plain decimal digits: `1e5` is `100000` and `-0` is `0`, while
/// `1.10` stays. `None` if this has more than 30 digits.
pub fn plain_number(text: &str) -> Option<Cow<'_, str>> {
    // Fast path for nearly all numbers in exports.
    if text.len() <= MAX_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Some(Cow::Borrowed(text));
    }
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        // An exponent that does not fit makes too many digits.
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_zero = mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let is_plain = unsigned.len() == mantissa.len() && (sign.is_empty() || !is_zero);
    if is_plain {
        return (whole.len() + fraction.len() <= MAX_DIGITS).then_some(Cow::Borrowed(text));
    }
    let shift = usize::from(exponent.unsigned_abs());
    if shift > MAX_DIGITS && !is_zero {
        return None;
    }
    let shift = shift.min(MAX_DIGITS);
    let digits = [whole, fraction].concat();
    // The digits, padded with zeros up to the decimal point, and the position of the point in them.
    let (digits, point) = if exponent >= 0 {
        let zeros = shift.saturating_sub(fraction.len());
        (digits + &"0".repeat(zeros), whole.len() + shift)
    } else {
        let zeros = (shift + 1).saturating_sub(whole.len());
        ("0".repeat(zeros) + &digits, whole.len() + zeros - shift)
    };
    let (whole, fraction) = digits.split_at(point);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if whole.len() + fraction.len() > MAX_DIGITS {
        return None;
    }
    let sign = if is_zero { "" } else { sign };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(Cow::Owned([sign, whole, point, fraction].concat()))
}

/// Applies [`plain_number`] to a number that was read.
fn plain(number: Cow<'_, str>) -> Option<Cow<'_, str>> {
    match number {
        Cow::Borrowed(number) => plain_number(number),
        Cow::Owned(number) => plain_number(&number).map(|plain| Cow::Owned(plain.into_owned())),
    }
}

/// Whether a text is a number in JSON's notation, of any length.
pub fn is_json_number(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
        && text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

/// The character before a number's fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecimalMark {
    Point,
    Comma,
}

impl DecimalMark {
    fn characters(self) -> (char, char) {
        match self {
            Self::Point => ('.', ','),
            Self::Comma => (',', '.'),
        }
    }
}

/// How the numbers of a column are written: `,` and `.EUR` in `number:,` and `number:.EUR`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NumberFormat {
    /// The decimal mark. If it is `None`, declared numbers have a point, and inferred ones are read
    /// only if they cannot mean two different numbers.
    pub(crate) mark: Option<DecimalMark>,
    /// The unit that values may be written with.
    pub(crate) unit: Option<String>,
}

impl NumberFormat {
    /// Reads the text form; `None` if it is invalid.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mark, unit) = match text.chars().next()? {
            '.' => (Some(DecimalMark::Point), &text[1..]),
            ',' => (Some(DecimalMark::Comma), &text[1..]),
            _ => (None, text),
        };
        let unit = match unit {
            "" => None,
            unit => Some(unit_named(unit)?.to_owned()),
        };
        Some(Self { mark, unit })
    }

    /// Reads a text as a number of a column that was declared to have numbers, with signs, grouping
    /// and leading zeros as exports write them.
    pub(crate) fn declared<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        plain(self.read_declared(text)?)
    }

    fn read_declared<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let is_comma = self.mark == Some(DecimalMark::Comma);
        let Some(unit) = &self.unit else { return declared_number(text, is_comma) };
        if let Some(amount) = Amount::read(text)
            && amount.unit.is_none_or(|written| written == unit)
        {
            return signed(amount, declared_number(amount.digits, is_comma)?);
        }
        declared_number(text, is_comma)
    }

    /// Reads a text as a number of a column whose format was inferred: grouping is strict, and a
    /// value of another unit does not fit.
    pub(crate) fn inferred<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        plain(self.read_inferred(text)?)
    }

    fn read_inferred<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        if self.mark.is_none() && self.unit.is_none() {
            return is_number(text).then_some(Cow::Borrowed(text));
        }
        let amount = Amount::read(text)?;
        let has_unit = self.unit.is_some();
        if (amount.unit.is_some() && amount.unit != self.unit.as_deref())
            || (amount.is_bracketed && !has_unit)
        {
            return None;
        }
        let number = match self.mark {
            Some(mark) => strict_number(amount.digits, mark)?,
            None => match Digits::read(amount.digits)? {
                Digits::Either(number) | Digits::Only(_, number) => number,
                Digits::Undecided => return None,
            },
        };
        signed(amount, Cow::Owned(number))
    }
}

impl fmt::Display for NumberFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.mark {
            None => "",
            Some(DecimalMark::Point) => ".",
            Some(DecimalMark::Comma) => ",",
        })?;
        formatter.write_str(self.unit.as_deref().unwrap_or_default())
    }
}

fn signed<'t>(amount: Amount<'_>, number: Cow<'t, str>) -> Option<Cow<'t, str>> {
    match (amount.is_negative, number.starts_with('-')) {
        (false, _) => Some(number),
        (true, false) => Some(Cow::Owned(format!("-{number}"))),
        (true, true) => None,
    }
}

/// What digits and their separators prove about the decimal mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Digits {
    /// Both marks give this number: it has no separator, or only a neutral one such as a space.
    Either(String),
    /// A number only with this mark.
    Only(DecimalMark, String),
    /// Each mark gives a different number: three digits follow the only separator.
    Undecided,
}

impl Digits {
    /// Reads unsigned digits; `None` if they are not a number with either decimal mark.
    pub(crate) fn read(digits: &str) -> Option<Self> {
        let by = |mark| strict_number(digits, mark);
        match (by(DecimalMark::Point), by(DecimalMark::Comma)) {
            (Some(point), Some(comma)) if point == comma => Some(Self::Either(point)),
            (Some(_), Some(_)) => Some(Self::Undecided),
            (Some(number), None) => Some(Self::Only(DecimalMark::Point, number)),
            (None, Some(number)) => Some(Self::Only(DecimalMark::Comma, number)),
            (None, None) => None,
        }
    }
}

/// The digits as a number in JSON's notation, if they are valid with this mark and grouped in
/// threes or not at all.
fn strict_number(digits: &str, mark: DecimalMark) -> Option<String> {
    let (decimal, group) = mark.characters();
    let (whole, fraction) =
        digits.split_once(decimal).map_or((digits, None), |(w, f)| (w, Some(f)));
    let whole = ungrouped(whole, group)?;
    let number = match fraction {
        Some(fraction) => format!("{whole}.{fraction}"),
        None => whole,
    };
    is_number(&number).then_some(number)
}

/// Reads a declared number, and removes a plus sign, grouping and leading zeros.
fn declared_number(text: &str, decimal_comma: bool) -> Option<Cow<'_, str>> {
    if !decimal_comma && is_number(text) {
        return Some(Cow::Borrowed(text));
    }
    let (decimal, group) =
        if decimal_comma { DecimalMark::Comma } else { DecimalMark::Point }.characters();
    let (sign, unsigned) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) =
        unsigned.split_once(decimal).map_or((unsigned, None), |(w, f)| (w, Some(f)));
    if whole.is_empty() && fraction.is_none() {
        return None;
    }
    let whole = ungrouped(whole, group)?;
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let number = match fraction {
        Some(fraction) if !fraction.is_empty() => format!("{sign}{whole}.{fraction}"),
        Some(_) => return None,
        None => format!("{sign}{whole}"),
    };
    is_number(&number).then_some(Cow::Owned(number))
}

/// Removes grouping in threes by this mark, spaces or apostrophes; `None` if it is invalid.
fn ungrouped(whole: &str, mark: char) -> Option<String> {
    let is_mark =
        |c: char| c == mark || matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '’');
    let Some(mark) = whole.chars().find(|c| is_mark(*c)) else {
        return Some(whole.to_owned());
    };
    let mut groups = whole.split(mark);
    // The first group does not begin with 0: `0,123` is a fraction with a decimal comma.
    let leads = groups.next().is_some_and(|g| (1..=3).contains(&g.len()) && !g.starts_with('0'));
    (leads && groups.all(|group| group.len() == 3)).then(|| whole.replace(mark, ""))
}
