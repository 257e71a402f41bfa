//! Numbers: which texts are one, and how exports write them. A number keeps the digits it came with.

use std::borrow::Cow;

/// Whether inference takes a text as a number: JSON's notation, at most 15 significant digits, no
/// leading zeros, no plus, no grouping, no `NaN`.
pub fn is_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let digits = |from: &[u8]| from.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(unsigned);
    if whole == 0 || (whole > 1 && unsigned[0] == b'0') {
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
    let significant = unsigned[..unsigned.len() - rest.len()]
        .iter()
        .filter(|b| b.is_ascii_digit())
        .skip_while(|b| **b == b'0')
        .count();
    if significant > 15 {
        return false;
    }
    if let Some(after) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let after = after.strip_prefix(b"+").or_else(|| after.strip_prefix(b"-")).unwrap_or(after);
        let exponent = digits(after);
        // Beyond these bounds, computing with the number loses digits.
        let kept = |number: f64| number.is_normal() || (number == 0.0 && significant == 0);
        return exponent > 0 && exponent == after.len() && text.parse().is_ok_and(kept);
    }
    rest.is_empty()
}

/// Whether a text is a number in JSON's notation, of whatever length.
pub fn is_json_number(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
        && text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

/// Takes the sign, the grouping and the zeros off a number that was declared to be one.
pub(crate) fn declared_number(text: &str, decimal_comma: bool) -> Option<Cow<'_, str>> {
    if !decimal_comma && is_number(text) {
        return Some(Cow::Borrowed(text));
    }
    let (group, decimal) = if decimal_comma { ('.', ',') } else { (',', '.') };
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

/// Takes out a grouping in threes, by this mark or by spaces or apostrophes.
fn ungrouped(whole: &str, mark: char) -> Option<String> {
    let is_mark =
        |c: char| c == mark || matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '’');
    let Some(mark) = whole.chars().find(|c| is_mark(*c)) else {
        return Some(whole.to_owned());
    };
    let mut groups = whole.split(mark);
    // No group leads with 0: `0,123` is a fraction, written where the comma is decimal.
    let leads = groups.next().is_some_and(|g| (1..=3).contains(&g.len()) && !g.starts_with('0'));
    (leads && groups.all(|group| group.len() == 3)).then(|| whole.replace(mark, ""))
}
