//! Removes what people and mail programs put around an address, and splits cells with several
//! addresses.

/// The address without what people and mail programs put around it: `Name <…>`, quotes, `mailto:`,
/// or a full stop, comma or semicolon at the end.
pub(super) fn cleaned(text: &str) -> &str {
    let mut rest = text;
    loop {
        let before = rest;
        rest = without_scheme(rest.trim_end_matches(['.', ',', ';']).trim());
        if let Some((_, address)) = rest.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
            rest = address.trim();
        }
        for (open, close) in [('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’')] {
            let inner = rest.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
            rest = inner.unwrap_or(rest).trim();
        }
        if rest == before {
            return rest;
        }
    }
}

/// The address in a `mailto:` link, without its parameters.
fn without_scheme(text: &str) -> &str {
    const SCHEME: &str = "mailto:";
    match text.get(..SCHEME.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(SCHEME) => {
            let address = text[SCHEME.len()..].trim_start();
            address.split_once('?').map_or(address, |(address, _)| address)
        }
        _ => text,
    }
}

/// The first of several addresses in a cell, cleaned; `None` if there are not several. A space
/// separates addresses only if no other mark does.
pub(super) fn first_of_several(text: &str) -> Option<&str> {
    let is_mark = |c: char| matches!(c, ',' | ';' | '|' | '/' | '\n' | '\r' | '\t');
    first_between(text, is_mark).or_else(|| first_between(text, char::is_whitespace))
}

fn first_between(text: &str, is_separator: impl Fn(char) -> bool) -> Option<&str> {
    let mut addresses = text.split(is_separator).filter(|piece| piece.contains('@'));
    let (first, second) = (addresses.next()?, addresses.next());
    second.is_some().then(|| cleaned(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_around_an_address_is_removed() {
        for text in [
            "a@b.co",
            "a@b.co.",
            "a@b.co,;",
            "<a@b.co>",
            "Ann <a@b.co>,",
            "\"Marsh, Ann\" <a@b.co>",
            "'a@b.co'",
            "\"<a@b.co>\"",
            "mailto:a@b.co?subject=x",
            "<MAILTO:a@b.co>",
        ] {
            assert_eq!(cleaned(text), "a@b.co", "{text}");
        }
    }

    #[test]
    fn the_first_of_several_is_found() {
        for text in [
            "a@b.co; c@d.co",
            "a@b.co / c@d.co",
            "a@b.co,c@d.co",
            "a@b.co and c@d.co",
            "Ann <a@b.co>, Bo <c@d.co>",
            "note; a@b.co; c@d.co",
        ] {
            assert_eq!(first_of_several(text), Some("a@b.co"), "{text}");
        }
        for text in ["a@b.co", "two@@b.co", "a@b.co; call first", "a@b@c.co"] {
            assert_eq!(first_of_several(text), None, "{text}");
        }
    }
}
