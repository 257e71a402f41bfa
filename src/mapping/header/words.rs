//! Splits a header into words: `Billing E-Mail*` and `billingEmail` have the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Notes in a header that say nothing about the column: `Email [Required]`.
const NOTES: [&str; 6] =
    ["required", "optional", "pflichtfeld", "obligatoire", "obligatorio", "utc"];

/// The words of a header in lower case, without accents, marks such as `*`, and notes such as
/// `(required)`. `camelCase` is two words. A number at the end of a word is a separate word, and so
/// is `#`. Compounds such as `kundennummer` stay whole.
pub(crate) fn split(header: &str) -> Vec<String> {
    // One plain word, as nearly all known words, which are split whenever the program starts.
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return vec![header.to_owned()];
    }
    let letters = folded(header);
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, &c) in letters.iter().enumerate() {
        // This includes the apostrophe of `l'adresse`.
        if !c.is_alphanumeric() {
            end_word(&mut word, &mut words);
            if c == '#' {
                words.push("#".to_owned());
            }
            continue;
        }
        let before = at.checked_sub(1).map(|before| letters[before]);
        if before.is_some_and(|before| is_boundary(before, c, letters.get(at + 1).copied())) {
            end_word(&mut word, &mut words);
        }
        word.extend(c.to_lowercase());
    }
    end_word(&mut word, &mut words);
    join_e_mail(&mut words);
    if words.len() > 1 {
        words.retain(|word| !NOTES.contains(&word.as_str()));
    }
    words
}

/// The letters of a header without accents. The voicing marks of kana make other letters, so they
/// stay.
fn folded(header: &str) -> Vec<char> {
    if header.is_ascii() {
        return header.chars().collect();
    }
    let is_voicing = |c: char| matches!(c, '\u{3099}' | '\u{309a}');
    let plain = header
        .chars()
        .filter(|c| !matches!(c, '\u{feff}' | '\u{200b}' | 'º' | 'ª'))
        .nfkd()
        .filter(|c| !is_combining_mark(*c) || is_voicing(*c))
        .nfc();
    let mut letters = Vec::with_capacity(header.len());
    for c in plain {
        match c {
            'ß' => letters.extend(['s', 's']),
            'ł' => letters.push('l'),
            'Ł' => letters.push('L'),
            'ø' => letters.push('o'),
            'Ø' => letters.push('O'),
            'đ' => letters.push('d'),
            'ı' => letters.push('i'),
            c => letters.push(c),
        }
    }
    letters
}

/// Whether a word ends between two characters: `mobileNumber`, `HTTPMethod`, `phone2`.
fn is_boundary(before: char, c: char, after: Option<char>) -> bool {
    let is_number = c.is_ascii_digit() && before.is_alphabetic();
    let is_after_number = c.is_alphabetic() && before.is_ascii_digit();
    is_hump(before, c, after) || is_number || is_after_number
}

/// Whether a capital begins a word of `camelCase`, such as `mobileNumber` and `HTTPMethod`.
pub(crate) fn is_hump(before: char, c: char, after: Option<char>) -> bool {
    c.is_uppercase()
        && (before.is_lowercase()
            || before.is_numeric()
            || before.is_uppercase() && after.is_some_and(char::is_lowercase))
}

fn end_word(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// Joins `e` and the next word in `e-mail`, `e-post` and `e-mailadres`.
fn join_e_mail(words: &mut Vec<String>) {
    let begins = |word: &String| word.starts_with("mail") || word.starts_with("post");
    while let Some(at) = words.windows(2).position(|pair| pair[0] == "e" && begins(&pair[1])) {
        let rest = words.remove(at + 1);
        words[at].push_str(&rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoration_case_and_separators_do_not_matter() {
        for (header, words) in [
            ("\u{feff} Order ID ", "order id"),
            ("mobileNumber", "mobile number"),
            ("HTTPMethod", "http method"),
            ("Email Address [Required]", "email address"),
            ("Phone?", "phone"),
            ("E-Mail (optional)", "email"),
            ("e-mailadres", "emailadres"),
            ("E-post", "epost"),
            ("Email 1", "email 1"),
            ("phone2", "phone 2"),
            ("Customer #", "customer #"),
            ("Person - Name", "person name"),
            ("Prénom", "prenom"),
            ("Имя", "имя"),
            ("Straße", "strasse"),
            ("Imię", "imie"),
            ("Kunden-Nr.", "kunden nr"),
            ("メールアドレス", "メールアドレス"),
            ("が", "が"),
            ("required", "required"),
            ("", ""),
        ] {
            assert_eq!(split(header).join(" "), words, "{header}");
        }
    }
}
