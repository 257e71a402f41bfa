use super::*;
use crate::input::csv::{DelimiterEvidence, Escape};
use crate::input::encoding::EncodingEvidence;
use crate::input::{Description, ReadOptions};
use crate::mapping::{ManualMapping, Mapping, normalised};
use crate::settings::{Blank, MappingFile, OnInvalid, Settings, SettingsLayer};
use crate::value::Key;
use proptest::prelude::*;
use std::path::PathBuf;

fn description() -> Description {
    Description {
        encoding: "UTF-8".to_owned(),
        encoding_evidence: EncodingEvidence::Valid,
        has_byte_order_mark: false,
        compression: None,
        delimiter: ',',
        delimiter_evidence: DelimiterEvidence::Consistent,
        escape: Escape::Doubled,
        has_spaced_quotes: false,
        nulls: false,
        header_line: 1,
        is_rejects_file: false,
        is_protected: false,
    }
}

prop_compose! {
    fn layer()(
        key in prop::option::of(prop::sample::select(Key::ALL.to_vec())),
        delimiter in prop::option::of(prop::sample::select(b",;\t|".to_vec())),
        encoding in prop::option::of(prop::sample::select(vec!["utf-8", "windows-1252"])),
        header_line in prop::option::of(1_u64..9),
        only_mapped: bool,
        region in prop::option::of(prop::sample::select(vec!["NG", "DE"])),
        blank in prop::option::of(prop::sample::select(Blank::ALL.to_vec())),
        on_invalid in prop::option::of(prop::sample::select(OnInvalid::ALL.to_vec())),
        nulls in prop::collection::vec(any::<String>(), 0..3),
        keep_text in prop::collection::vec(any::<String>(), 0..3),
    ) -> SettingsLayer {
        SettingsLayer {
            key,
            read: ReadOptions {
                delimiter,
                encoding: encoding.map(|name| name.parse().unwrap()),
                header_line,
                columns: None,
            },
            only_mapped,
            region: region.map(|code| code.parse().unwrap()),
            blank,
            on_invalid,
            nulls,
            keep_text,
            ..SettingsLayer::default()
        }
    }
}

/// A header as in real files: known names, similar names, any text.
fn header() -> impl Strategy<Value = Vec<String>> {
    let known = prop::sample::select(vec![
        "Email",
        "e-mail",
        "id",
        "Name",
        "full_name",
        "Plan",
        "plan",
        "",
        "ID 2",
    ]);
    let name = prop_oneof![known.prop_map(str::to_owned), any::<String>()];
    prop::collection::vec(name, 1..8)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_and_maps_the_same(
        header in header(), layer in layer(), skipped: prop::sample::Index, mapped: prop::sample::Index,
    ) {
        let mut given = layer.clone();
        let (skip, map) = (skipped.get(&header).clone(), mapped.get(&header).clone());
        if normalised(&skip) != normalised(&map) {
            let columns = ManualMapping { map: vec![(map, "tariff".to_owned())], skip: vec![skip] };
            given.columns = columns;
        }
        let settings = Settings::merge(given, None);
        let mapping = Mapping::new(&header, &settings.mapping).unwrap();
        let saved = SavedMapping {
            name: "u.csv",
            settings: &settings,
            description: &description(),
            key: Key::Uid,
            mapping: &mapping,
            types: Vec::new(),
        };
        let text = saved.text();
        let read = parse_mapping_file(&text).map_err(|reason| {
            TestCaseError::fail(format!("{reason:?} in\n{text}"))
        })?;
        let file = MappingFile { path: PathBuf::from("m.toml"), layer: read.clone() };
        let settings = Settings::merge(SettingsLayer::default(), Some(file));
        let again = Mapping::new(&header, &settings.mapping).unwrap();
        for (before, after) in mapping.columns.iter().zip(&again.columns) {
            prop_assert_eq!(&before.target, &after.target, "{}", text);
        }
        prop_assert_eq!(SettingsLayer { columns: ManualMapping::default(), ..read }, layer);
    }

    #[test]
    fn no_text_makes_it_panic(text: String, name in "[a-z_]{0,12}", value: String) {
        let _ = parse_mapping_file(&text);
        let _ = parse_mapping_file(&format!("version = 1\n{name} = {value:?}\n"));
    }
}
