//! Text that was UTF-8, was read in an encoding of western Europe, and was written as UTF-8 again:
//! `JÃ¼rgen` instead of `Jürgen`.

use encoding_rs::WINDOWS_1252;

/// Whether a text has letters that are UTF-8 once more when they are written in windows-1252. Names
/// such as `São` and `JOÃO` are not: their letters are not followed by another of these signs.
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
    fn only_damage_is_damage() {
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
