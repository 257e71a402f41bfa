//! Protection of CSV cells against formula injection: an apostrophe before each text that a
//! spreadsheet may take for a formula. The protection can be undone exactly.

use std::borrow::Cow;

/// The last column of a CSV file with protected texts, unless another column marks them. It has
/// [`IS_PROTECTED`] in every row with a protected text.
pub const PROTECTION_COLUMN: &str = "_engage_protected";

/// The value of [`PROTECTION_COLUMN`] in a row with protected texts.
pub const IS_PROTECTED: &str = "yes";

/// Marks protected texts in a rejects file. It follows the record number of a row that has any, and
/// the name of that column if names of columns are protected.
pub const PROTECTION_MARK: char = '\'';

/// The text, with an apostrophe before it if a spreadsheet may take it for a formula.
pub fn protected(text: &str) -> Cow<'_, str> {
    if looks_like_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Undoes [`protected`]. A text that it cannot have written stays as it is, such as `'tis`.
pub fn unprotected(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| looks_like_formula(rest)).unwrap_or(text)
}

/// Whether a spreadsheet may take a text for a formula. A text that begins with an apostrophe
/// counts too: without a second one, it would look like a protected text.
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
