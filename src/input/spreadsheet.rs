//! Protection of CSV cells against formula injection: an apostrophe before each text that a
//! spreadsheet may take for a formula. Every protected text is undone exactly.

use std::borrow::Cow;

/// The last column of a CSV file whose texts are protected, unless another column says so: of a row
/// with a protected text it has [`IS_PROTECTED`].
pub const PROTECTION_COLUMN: &str = "_engage_protected";

/// What [`PROTECTION_COLUMN`] has of a row with protected texts.
pub const IS_PROTECTED: &str = "yes";

/// Follows the record number of a row of a rejects file that has protected texts, and
/// that column's name where names of columns are protected.
pub const PROTECTION_MARK: char = '\'';

/// The text with an apostrophe before it where a spreadsheet may take it for a formula.
pub fn protected(text: &str) -> Cow<'_, str> {
    if looks_like_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`protected`] was given. A text that it cannot have written stays as it is, such as
/// `'tis`, which a person entered later.
pub fn unprotected(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| looks_like_formula(rest)).unwrap_or(text)
}

/// Whether a spreadsheet may take a text for a formula. A text with an apostrophe at its beginning
/// counts as well: without one more, it would look like a protected text.
fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_protected_and_come_back() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'1", "''", "＝1"] {
            assert_eq!(protected(text), format!("'{text}"));
            assert_eq!(unprotected(&protected(text)), text);
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in ["", "a=1", " =1", "1-1", "ada@example.com"] {
            assert_eq!(protected(text), text);
            assert_eq!(unprotected(text), text);
        }
        assert_eq!(unprotected("'tis"), "'tis");
        assert_eq!(unprotected("'"), "'");
    }
}
