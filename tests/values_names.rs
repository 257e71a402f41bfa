//! Names and identifiers are composed (NFC) and trimmed, but otherwise unchanged.

use engage::value::{Code, DeviceToken, Name, Uid};

fn name(text: &str) -> Result<Option<String>, Code> {
    let name = Name::parse(text).map_err(|reason| reason.code)?;
    Ok(name.map(|name| name.as_str().to_owned()))
}

#[test]
fn names_are_kept_as_they_are() {
    for text in [
        "Ada",
        "O'Brien",
        "D’Angelo",
        "Jean-Luc",
        "van der Berg",
        "Núñez",
        "Nguyễn",
        "Ọláńrewájú",
        "Ólafur Þór",
        "Łukasz",
        "محمد",
        "מֹשֶׁה",
        "علی‌رضا",
        "नरेन्द्र",
        "สมชาย",
        "田中",
        "ᠮᠣᠩᠭᠣᠯ",
        "Ада",
        "👩‍🚀 Ada",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "X Æ A-12",
        "\u{202b}שלום\u{202c}",
        "1234",
        "N/A",
        "Null",
        "-",
    ] {
        assert_eq!(name(text), Ok(Some(text.to_owned())), "{text}");
    }
}

#[test]
fn whitespace_of_every_kind_is_trimmed() {
    for space in [
        " ", "\t", "\n", "\r\n", "\u{a0}", "\u{85}", "\u{1680}", "\u{2003}", "\u{2028}",
        "\u{202f}", "\u{3000}", "\u{feff}", "\u{200b}",
    ] {
        assert_eq!(name(&format!("{space}Ada{space}")), Ok(Some("Ada".into())), "{space:?}");
        assert_eq!(name(&format!("{space}田中{space}")), Ok(Some("田中".into())), "{space:?}");
        assert_eq!(name(space), Ok(None), "{space:?}");
    }
    assert_eq!(name("Mary\u{a0}Ann  Evans"), Ok(Some("Mary\u{a0}Ann  Evans".into())));
}

#[test]
fn names_are_normalised_to_nfc() {
    for (typed, composed) in [
        ("Jose\u{301}", "José"),
        ("Nguye\u{302}\u{303}n", "Nguyễn"),
        ("\u{1112}\u{1161}\u{11ab}", "한"),
        ("A\u{30a}ngstro\u{308}m", "Ångström"),
        ("\u{212b}ngström", "Ångström"),
        ("a\u{323}\u{302}", "ậ"),
    ] {
        assert_eq!(name(typed), Ok(Some(composed.to_owned())), "{typed}");
        assert_eq!(name(composed), Ok(Some(composed.to_owned())));
    }
    // Only NFC, not NFKC: ligatures and full-width letters are kept.
    assert_eq!(name("ﬁ Ａ ²"), Ok(Some("ﬁ Ａ ²".into())));
}

#[test]
fn control_characters_are_refused() {
    for text in [
        "A\0da",
        "A\tda",
        "Ada\nLovelace",
        "A\u{7f}da",
        "A\u{85}da",
        "A\u{9b}31mda",
        "\u{1b}[31mAda",
    ] {
        assert_eq!(name(text), Err(Code::NameInvalid), "{text:?}");
        assert_eq!(Uid::parse(text).map_err(|reason| reason.code), Err(Code::UidInvalid));
    }
}

#[test]
fn limits_are_in_characters_of_the_composed_text() {
    for letter in ["a", "é", "字", "😀"] {
        assert!(name(&letter.repeat(255)).is_ok(), "{letter}");
        assert_eq!(name(&letter.repeat(256)), Err(Code::NameInvalid), "{letter}");
        assert!(Uid::parse(&letter.repeat(255)).is_ok(), "{letter}");
        assert!(Uid::parse(&letter.repeat(256)).is_err(), "{letter}");
        assert!(DeviceToken::parse(&letter.repeat(4096)).is_ok(), "{letter}");
        assert!(DeviceToken::parse(&letter.repeat(4097)).is_err(), "{letter}");
    }
    assert!(name(&"e\u{301}".repeat(255)).is_ok());
    assert_eq!(name(&"e\u{301}".repeat(256)), Err(Code::NameInvalid));
}
