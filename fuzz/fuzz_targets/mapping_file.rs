//! Parses any text as a mapping file: no panic, errors have existing lines, and a parsed file that
//! is saved and read again has the same settings.

#![no_main]

use engage::value::Key;
use engage::mapping::Mapping;
use engage::settings::{MappingFile, Settings};
use engage::settings::file::{SavedMapping, parse_mapping_file};
use engage::input::csv::{DelimiterEvidence, Escape};
use engage::input::Description;
use engage::input::encoding::EncodingEvidence;
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;

fuzz_target!(|text: &str| {
    let layer = match parse_mapping_file(text) {
        Ok(layer) => layer,
        Err(problem) => {
            assert!(problem.line >= 1 && problem.line <= text.lines().count() + 1, "{problem:?}");
            return;
        }
    };
    let header: Vec<String> =
        layer.columns.map.iter().map(|(c, _)| c).chain(&layer.columns.skip).cloned().collect();
    let file = MappingFile { path: PathBuf::from("m.toml"), layer: layer.clone() };
    let settings = Settings::merge(layer.clone(), None);
    let Ok(mapping) = Mapping::new(&header, &settings.mapping) else { return };
    let saved = SavedMapping {
        name: text,
        settings: &settings,
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
    assert_eq!(read.key, layer.key);
    assert_eq!(read.read, layer.read);
    assert_eq!(read.nulls, layer.nulls);
    assert_eq!((read.region, read.blank), (layer.region, layer.blank));
    let again = Mapping::new(&header, &Settings::merge(read, Some(file)).mapping);
    assert!(again.is_ok(), "{again:?}");
});
