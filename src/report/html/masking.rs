//! Values on a page that others may come to see.

use crate::text::{escaped, quoted, shortened};

/// How much of a value is shown.
const WIDTH: usize = 48;

/// A value: as it is where it may be shown, else its shape alone, in which most slips still show.
pub(crate) fn shown(value: &str, show_values: bool) -> String {
    match show_values {
        true => quoted(value, WIDTH),
        false => shortened(&shape(value), WIDTH),
    }
}

/// A letter is `x`, a digit `0`, a mark of ASCII itself, and anything else `·`.
fn shape(value: &str) -> String {
    let shape: String = value
        .chars()
        .take(WIDTH * 2)
        .map(|c| match c {
            _ if c.is_uppercase() => 'X',
            _ if c.is_alphabetic() => 'x',
            _ if c.is_numeric() => '0',
            _ if c.is_ascii() => c,
            _ => '·',
        })
        .collect();
    escaped(&shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_tells_the_slip_and_not_the_value() {
        assert_eq!(shown("Anna@", false), "Xxxx@");
        assert_eq!(shown("0171 2345678", false), "0000 0000000");
        assert_eq!(shown("Ёлка\u{202e}٣\u{1b}", false), "Xxxx·0\\u{1b}");
        assert_eq!(shown(&"a".repeat(100_000), false).chars().count(), WIDTH);
        assert_eq!(shown("Anna@", true), "'Anna@'");
    }
}
