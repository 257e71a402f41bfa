//! Distinguishes headers from rows of values.

use std::collections::HashSet;

/// The first cell that cannot be the name of a column: an email address, a number, a date, an
/// identifier. Years may be names, and numbers that count up from column to column.
pub(crate) fn value_in_header<'cells>(cells: &[&'cells str]) -> Option<&'cells str> {
    if let Some(email) = cells.iter().find(|cell| is_email(cell)) {
        return Some(email);
    }
    let numbers = cells.iter().filter(|cell| is_number(cell)).count();
    let counts = |at: usize| {
        let number = |at: usize| cells.get(at)?.trim().parse::<u32>().ok();
        let this = number(at);
        let next = this.is_some() && number(at + 1) == this.map(|n| n.saturating_add(1));
        let before = at.checked_sub(1).and_then(number);
        next || (before.is_some() && this == before.map(|n| n.saturating_add(1)))
    };
    let is_value = |at: usize, cell: &str| {
        is_date(cell)
            || is_identifier(cell)
            || (is_number(cell) && (numbers == cells.len() || !counts(at)))
    };
    cells.iter().enumerate().find(|(at, cell)| is_value(*at, cell)).map(|(_, cell)| *cell)
}

/// Whether cells may be the names of columns: none is blank, and none is a value.
pub(crate) fn looks_like_header(cells: &[String]) -> bool {
    let names: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
    names.iter().all(|name| !name.is_empty() && name.chars().count() <= 100)
        && value_in_header(&names).is_none()
        && names.iter().any(|name| name.chars().any(char::is_alphabetic))
}

/// Whether two of the cells are equal.
pub(crate) fn has_repeated_name(cells: &[String]) -> bool {
    let mut seen = HashSet::new();
    !cells.iter().all(|cell| seen.insert(cell.trim()))
}

/// Whether a row cannot be a title, because all its cells are values.
pub(crate) fn nothing_but_data(cells: &[String]) -> bool {
    let mut filled = cells.iter().filter(|cell| !cell.trim().is_empty()).peekable();
    filled.peek().is_some() && filled.all(|c| is_email(c) || is_number(c) || is_identifier(c))
}

fn is_email(cell: &str) -> bool {
    let cell = cell.trim();
    let Some((local, domain)) = cell.split_once('@') else { return false };
    let no_space = !cell.contains(char::is_whitespace) && !domain.contains('@');
    let dotted = domain.split_once('.').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
    !local.is_empty() && no_space && dotted
}

/// Digits with the usual punctuation, but not a year, a month or a span of years.
fn is_number(cell: &str) -> bool {
    let cell = cell.trim();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let is_numeric = digits > 0
        && cell.bytes().all(|b| b.is_ascii_digit() || b"+-.,()' ".contains(&b))
        && !cell.starts_with(['.', ',']);
    let is_period = cell.split('-').count() <= 2
        && cell
            .split('-')
            .enumerate()
            .all(|(at, part)| is_year(part) || (at == 1 && part.len() <= 2));
    is_numeric && !is_period
}

fn is_year(text: &str) -> bool {
    text.len() == 4
        && (text.starts_with("19") || text.starts_with("20"))
        && text.parse::<u16>().is_ok()
}

/// A full date, with or without a time after it.
fn is_date(cell: &str) -> bool {
    let bytes = cell.trim().as_bytes();
    let pattern = b"0000-00-00";
    bytes.len() >= pattern.len()
        && bytes.iter().zip(pattern).all(|(b, p)| match p {
            b'0' => b.is_ascii_digit(),
            _ => matches!(b, b'-' | b'/' | b'.'),
        })
        && !bytes[10..].iter().any(|b| b.is_ascii_alphabetic() && !matches!(b, b'T' | b'Z'))
}

/// A UUID.
fn is_identifier(cell: &str) -> bool {
    let cell = cell.trim();
    let lengths = [8, 4, 4, 4, 12];
    cell.len() == 36
        && cell.split('-').count() == 5
        && cell.split('-').zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_distinguished_from_names() {
        let value = |row: &str| {
            let cells: Vec<&str> = row.split('|').collect();
            value_in_header(&cells).map(str::to_owned)
        };
        assert_eq!(value("id|email|first_name"), None);
        assert_eq!(value("id|2023|2024|2023-2024|2024-01"), None);
        assert_eq!(value("id|1|2|3"), None);
        assert_eq!(value("id|e-mail @ work|no.|a@b"), None);
        assert_eq!(value("|email"), None);
        assert_eq!(value("Ann|ann@example.com|x").as_deref(), Some("ann@example.com"));
        assert_eq!(value("1|Ann|Lagos").as_deref(), Some("1"));
        assert_eq!(value("1|2|3").as_deref(), Some("1"));
        assert_eq!(value("Ann|+234 802 345 6789").as_deref(), Some("+234 802 345 6789"));
        assert_eq!(value("Ann|2024-01-31T10:00:00Z").as_deref(), Some("2024-01-31T10:00:00Z"));
        assert_eq!(value("Ann|12,50").as_deref(), Some("12,50"));
        let uuid = "0b0f2c3e-6d0a-4a8e-9c58-1a2b3c4d5e6f";
        assert_eq!(value(&format!("{uuid}|Ann")).as_deref(), Some(uuid));
    }
}
