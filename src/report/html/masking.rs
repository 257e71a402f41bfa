//! Masked values on pages.

use crate::text::{escaped, quoted, shortened};

/// The maximum width of a value.
const WIDTH: usize = 48;

/// A value, or only its shape, in which most typos are still visible.
pub(crate) fn masked(value: &str, show_values: bool) -> String {
    if show_values { quoted(value, WIDTH) } else { shortened(&shape(value), WIDTH) }
}

/// The shape of a value: letters become `x` or `X`, digits `0`, and other non-ASCII characters `·`.
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
    fn a_shape_shows_the_typo_but_not_the_value() {
        assert_eq!(masked("Anna@", false), "Xxxx@");
        assert_eq!(masked("0171 2345678", false), "0000 0000000");
        assert_eq!(masked("Ёлка\u{202e}٣\u{1b}", false), "Xxxx·0\\u{1b}");
        assert_eq!(masked(&"a".repeat(100_000), false).chars().count(), WIDTH);
        assert_eq!(masked("Anna@", true), "'Anna@'");
    }
}
