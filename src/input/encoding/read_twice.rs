//! Detects UTF-8 text that was decoded as windows-1252 and then encoded as UTF-8 again: `JÃ¼rgen`
//! instead of `Jürgen`.

use encoding_rs::WINDOWS_1252;

/// Whether a text has letters that are valid UTF-8 when they are encoded as windows-1252. Those of
/// names such as `São` and `JOÃO` are not: UTF-8 needs at least two bytes beyond ASCII in a row.
pub fn is_read_twice(text: &str) -> bool {
    !text.is_ascii()
        && text.split(|c: char| c.is_ascii()).any(|letters| {
            let (bytes, _, is_foreign) = WINDOWS_1252.encode(letters);
            !letters.is_empty() && !is_foreign && std::str::from_utf8(&bytes).is_ok()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_damaged_text_is_detected() {
        for text in ["JÃ¼rgen", "KÃ¶ln", "ZoÃ«", "donâ€™t", "Ã–sterreich", "50\u{c2}\u{a0}%"]
        {
            assert!(is_read_twice(text), "{text}");
        }
        for text in ["Jürgen", "JOÃO", "São Paulo", "CONCEIÇÃO", "Łódź", "東京", "“quoted”", "Ada"]
        {
            assert!(!is_read_twice(text), "{text}");
        }
    }
}
