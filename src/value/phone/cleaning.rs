//! Removes what people write next to a phone number: labels, an extension, a second number.

use crate::value::trimmed;

/// Words that say what kind of number it is. `fax` is missing, since a fax is not a phone.
const LABELS: [&str; 44] = [
    "home",
    "mobile",
    "mob",
    "cell",
    "cellphone",
    "cellular",
    "work",
    "office",
    "business",
    "private",
    "personal",
    "main",
    "primary",
    "other",
    "phone",
    "tel",
    "telephone",
    "number",
    "no",
    "whatsapp",
    "sms",
    "m",
    "h",
    "w",
    "p",
    "t",
    "c",
    "handy",
    "mobil",
    "privat",
    "telefon",
    "festnetz",
    "geschäftlich",
    "dienstlich",
    "büro",
    "portable",
    "domicile",
    "bureau",
    "móvil",
    "movil",
    "celular",
    "casa",
    "oficina",
    "trabajo",
];

/// The words before the number of an extension.
const EXTENSION_WORDS: [&str; 12] = [
    "x",
    "xt",
    "ex",
    "ext",
    "extn",
    "extension",
    "int",
    "anexo",
    "ramal",
    "poste",
    "доб",
    "durchwahl",
];

/// The minimum digits of a number before an extension, and the maximum digits of an extension.
const MIN_DIGITS: usize = 5;
const MAX_EXTENSION_DIGITS: usize = 7;

/// The number without the text around it, and whether an extension was removed.
pub(super) fn cleaned(text: &str) -> (&str, bool) {
    let text = without_labels(text);
    match without_extension(text) {
        Some(number) => (without_labels(number), true),
        None => (text, false),
    }
}

/// Removes labels such as `(home)` and `Mobile:` at both ends.
fn without_labels(text: &str) -> &str {
    let mut rest = text;
    loop {
        let before = rest;
        let is_edge = |c: char| c.is_whitespace() || matches!(c, ':' | '.' | '-' | ',' | ';' | '=');
        let start = rest.trim_start_matches(['(', '[']);
        let after = start.trim_start_matches(char::is_alphabetic);
        if is_label(&start[..start.len() - after.len()]) {
            rest = after.trim_start_matches([')', ']']).trim_start_matches(is_edge);
        }
        let end = rest.trim_end_matches([')', ']']).trim_end_matches(['.', ':']);
        let front = end.trim_end_matches(char::is_alphabetic);
        if is_label(&end[front.len()..]) {
            rest = front.trim_end_matches(['(', '[']).trim_end_matches(is_edge);
        }
        if rest == before {
            return rest;
        }
    }
}

fn is_label(word: &str) -> bool {
    !word.is_empty() && LABELS.contains(&word.to_lowercase().as_str())
}

/// The text before an extension; `None` if it does not end with one.
fn without_extension(text: &str) -> Option<&str> {
    let mut digits = 0;
    for (index, c) in text.char_indices() {
        if c.is_ascii_digit() {
            digits += 1;
        } else if digits >= MIN_DIGITS && is_extension(&text[index..]) {
            return Some(trimmed(&text[..index]));
        }
    }
    None
}

/// Whether all of a text is an extension: `ext. 12`, `x7`, `#12`, `;ext=123`.
fn is_extension(text: &str) -> bool {
    let rest = text.trim_start_matches([' ', ';', ',', '(', '/']);
    let number = if let Some(number) = rest.strip_prefix(['#', '~']) {
        number
    } else {
        let after = rest.trim_start_matches(char::is_alphabetic);
        let word = rest[..rest.len() - after.len()].to_lowercase();
        if !EXTENSION_WORDS.contains(&word.as_str()) {
            return false;
        }
        after.trim_start_matches(['.', '=', ' ', ':', '#'])
    };
    let number = number.trim_matches([' ', ')', '.']);
    (1..=MAX_EXTENSION_DIGITS).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
}

/// The numbers of a cell with several; empty if it has only one.
pub(super) fn several(text: &str) -> Vec<&str> {
    let is_mark = |c: char| matches!(c, ',' | ';' | '|' | '&' | '\n' | '\r');
    let marked: Vec<&str> = text.split(is_mark).map(trimmed).collect();
    if has_several(&marked, 4) {
        return marked;
    }
    // A slash may also be part of a number: `030/1234567`.
    let slashed: Vec<&str> = text.split('/').map(trimmed).collect();
    if has_several(&slashed, 7) {
        return slashed;
    }
    let mut spelled = vec![text];
    for word in [" or ", " and ", " oder ", " und ", " ou ", " et "] {
        spelled = spelled.iter().flat_map(|piece| piece.split(word)).map(trimmed).collect();
    }
    if has_several(&spelled, 7) { spelled } else { Vec::new() }
}

/// Whether more than one piece has at least `least` digits.
fn has_several(pieces: &[&str], least: usize) -> bool {
    let digits = |piece: &str| piece.bytes().filter(u8::is_ascii_digit).count();
    pieces.iter().filter(|piece| digits(piece) >= least).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_extensions_are_removed() {
        for (text, number, has_extension) in [
            ("+1 646 555 0144 (home)", "+1 646 555 0144", false),
            ("(mobile) +1 646 555 0145", "+1 646 555 0145", false),
            ("Work phone: (646) 555-0145", "(646) 555-0145", false),
            ("M: +44 7911 123456", "+44 7911 123456", false),
            ("+1 646 555 0143 ext. 12", "+1 646 555 0143", true),
            ("+1 646 555 0144x7", "+1 646 555 0144", true),
            ("+1 646 555 0145 #12 (work)", "+1 646 555 0145", true),
            ("+1 650-253-0000;ext=123", "+1 650-253-0000", true),
            ("Fax: 030 1234567", "Fax: 030 1234567", false),
            ("1-800-FLOWERS", "1-800-FLOWERS", false),
            ("call 5pm", "call 5pm", false),
        ] {
            assert_eq!(cleaned(text), (number, has_extension), "{text}");
        }
    }

    #[test]
    fn several_numbers_are_split() {
        assert_eq!(several("+1 646 555 0143 / +1 646 555 0153").len(), 2);
        assert_eq!(several("+1 646, +1 646 555 0145"), ["+1 646", "+1 646 555 0145"]);
        assert_eq!(several("0801 234 5678 or 0802 345 6789").len(), 2);
        for text in ["030/1234567", "+1 646 555 0145", "12, 13", "2,34802E+12"] {
            assert!(several(text).is_empty(), "{text}");
        }
    }
}
