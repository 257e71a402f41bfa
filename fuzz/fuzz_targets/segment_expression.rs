//! Parses any expression: no panic and no hang. It becomes a tree within the limits, or an error
//! with a valid span of its text.

#![no_main]

use engage::explain::Explain as _;
use engage::segment::{MAX_CONDITIONS, Terms, read};
use engage::value::typed::ValueType;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let attributes = [
        ("plan", ValueType::String),
        ("usage", ValueType::Number),
        ("vip", ValueType::Boolean),
        ("born", ValueType::Date),
        ("seen", ValueType::Datetime),
    ];
    let attributes = attributes.map(|(name, kind)| (name.to_owned(), kind)).into();
    // The text is also a saved segment, so that it can refer to itself.
    let saved = [("a", "vip or @b"), ("b", text), ("c", "not (usage > 1 and plan like '%')")];
    let segments = saved.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let now = "2026-11-25T02:00:00Z".parse().expect("a time");
    let terms = Terms { attributes: &attributes, segments: &segments, now };
    match read(text, None, &terms) {
        Ok(segment) => assert!((1..=MAX_CONDITIONS).contains(&segment.tree().count())),
        Err(error) => {
            assert!(error.text.get(error.span.clone()).is_some(), "{error:?}");
            assert!(error.details().len() >= 2, "{error:?}");
            assert!(!error.to_string().is_empty());
        }
    }
});
