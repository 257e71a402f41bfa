//! Parses any text as any type: no panic, the JSON of a value can be read back, and a stored text
//! parses to itself.

#![no_main]

use engage::value::{FullName, Name, Uid};
use engage::value::typed::{TypeSpec, Value, is_date, is_datetime, is_number};
use libfuzzer_sys::fuzz_target;

const SPECS: [&str; 10] = [
    "string",
    "number",
    "number:,",
    "boolean",
    "date",
    "datetime",
    "date:%d/%m/%Y",
    "date:%b %d, %y",
    "datetime:%d/%m/%Y %H:%M %z",
    "datetime:%s",
];

fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = input;
    let _ = Uid::parse(text);
    let _ = FullName::parse(text);
    if let Ok(Some(name)) = Name::parse(text) {
        assert_eq!(Name::parse(name.as_str()), Ok(Some(name.clone())));
    }
    let _ = text.parse::<TypeSpec>();
    assert!(u8::from(is_number(text)) + u8::from(is_date(text)) + u8::from(is_datetime(text)) < 2);
    let Ok(spec) = SPECS[usize::from(choice) % SPECS.len()].parse::<TypeSpec>() else { return };
    for value in [spec.value(text), spec.inferred_value(text)].into_iter().flatten() {
        let mut json = String::new();
        value.write_json(&mut json);
        let back: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        match &value {
            Value::Text(stored) => {
                assert_eq!(back.as_str(), Some(stored.as_ref()));
                let plain = TypeSpec::from(spec.kind);
                assert_eq!(plain.value(stored), Some(Value::Text(stored.as_ref().into())));
            }
            Value::Number(digits) => {
                assert!(is_number(digits), "{digits}");
                assert!(back.is_number());
            }
            Value::Boolean(boolean) => assert_eq!(back.as_bool(), Some(*boolean)),
        }
    }
});
