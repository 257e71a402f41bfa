//! Any text as a mapping file: no panic, a fault on a line that is there, and what was read is, written
//! and read again, the same.

#![no_main]

use engage::value::Key;
use engage::mapping::Mapping;
use engage::settings::MappingFile;
use engage::settings::file::{SavedMapping, parse_mapping_file};
use engage::input::csv::{DelimiterEvidence, Escape};
use engage::input::Description;
use engage::input::encoding::EncodingEvidence;
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;

fuzz_target!(|text: &str| {
    let choices = match parse_mapping_file(text) {
        Ok(choices) => choices,
        Err(fault) => {
            assert!(fault.line >= 1 && fault.line <= text.lines().count() + 1, "{fault:?}");
            return;
        }
    };
    let header: Vec<String> =
        choices.columns.map.iter().map(|(c, _)| c).chain(&choices.columns.skip).cloned().collect();
    let file = MappingFile { path: PathBuf::from("m.toml"), choices };
    let chosen = file.choices.clone().over(None);
    let Ok(mapping) = Mapping::new(&header, &chosen.mapping) else { return };
    let saved = SavedMapping {
        name: text,
        chosen: &chosen,
        description: &Description {
            encoding: "UTF-8".to_owned(),
            encoding_evidence: EncodingEvidence::Valid,
            compression: None,
            delimiter: ',',
            delimiter_evidence: DelimiterEvidence::Consistent,
            escape: Escape::Doubled,
            has_spaced_quotes: false,
            nulls: false,
            header_line: 1,
            is_rejects_file: false,
            is_protected: false,
        },
        key: Key::Uid,
        mapping: &mapping,
        types: Vec::new(),
    };
    let read = parse_mapping_file(&saved.text()).expect("what is written is read");
    assert_eq!(read.key, file.choices.key);
    assert_eq!(read.read, file.choices.read);
    assert_eq!(read.nulls, file.choices.nulls);
    assert_eq!((read.region, read.blank), (file.choices.region, file.choices.blank));
    let again = Mapping::new(&header, &read.clone().over(Some(file)).mapping);
    assert!(again.is_ok(), "{again:?}");
});
