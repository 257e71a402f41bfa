//! JSON strings, read and written.

use std::borrow::Cow;

/// The text inside a JSON string; `None` for any other JSON value.
pub(super) fn json_text(json: &str) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        serde_json::from_str(json).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inside))
    }
}

/// Appends a JSON string.
pub(crate) fn write_json_string(text: &str, json: &mut String) {
    json.push('"');
    // Without a branch for each byte, as most texts have nothing to escape.
    let is_escaped = |byte: u8| byte < 0x20 || matches!(byte, b'"' | b'\\' | 0x7f);
    if !text.bytes().fold(false, |found, byte| found | is_escaped(byte)) {
        json.push_str(text);
        json.push('"');
        return;
    }
    let mut plain = 0;
    for (index, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f | 0x7f => {
                json.push_str(&text[plain..index]);
                json.push_str("\\u00");
                json.extend(
                    [byte >> 4, byte & 15]
                        .map(|half| char::from(b"0123456789abcdef"[usize::from(half)])),
                );
                plain = index + 1;
                continue;
            }
            _ => continue,
        };
        json.push_str(&text[plain..index]);
        json.push_str(escape);
        plain = index + 1;
    }
    json.push_str(&text[plain..]);
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_as_json() {
        let text = "a\"b\\c\n\u{1}é";
        let mut written = String::new();
        write_json_string(text, &mut written);
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
