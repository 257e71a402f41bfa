//! Maps any header: no panic, no attribute is used twice, no name is reserved or blank, and the
//! resulting mapping, given as a mapping file, results in the same mapping.

#![no_main]

use engage::customer::RESERVED_NAMES;
use engage::mapping::{ManualMapping, Mapping, MappingOptions, Target};
use engage::value::Standard;
use libfuzzer_sys::fuzz_target;
use std::collections::HashSet;

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let header: Vec<String> =
        lines.next().unwrap_or_default().split(',').map(str::to_owned).take(64).collect();
    // The manual mapping: `column=attribute`, or a column to skip.
    let mut given = ManualMapping::default();
    for line in lines.take(8) {
        match line.rsplit_once('=') {
            Some((column, attribute)) => given.map.push((column.to_owned(), attribute.to_owned())),
            None => given.skip.push(line.to_owned()),
        }
    }
    let plain = Mapping::new(&header, &MappingOptions::default()).expect("nothing was said");
    check(&plain);
    let options = MappingOptions { command_line: given, ..MappingOptions::default() };
    let Ok(mapping) = Mapping::new(&header, &options) else { return };
    check(&mapping);
    // The resulting names, given in a mapping file, result in the same mapping.
    let mut seen = HashSet::new();
    let mut file = ManualMapping::default();
    for column in mapping.columns.iter().filter(|column| seen.insert(&column.header)) {
        match column.target.option_value() {
            Some(said) => file.map.push((column.header.clone(), said)),
            None => file.skip.push(column.header.clone()),
        }
    }
    let again = Mapping::new(&header, &MappingOptions { file, ..MappingOptions::default() })
        .expect("what was mapped can be mapped");
    for (before, after) in mapping.columns.iter().zip(&again.columns) {
        assert_eq!(before.target, after.target, "{header:?}");
    }
});

fn check(mapping: &Mapping) {
    let mut taken = HashSet::new();
    for column in &mapping.columns {
        let Some(attribute) = column.target.attribute() else { continue };
        assert!(taken.insert(attribute), "{attribute} twice");
        // Names in engage's own export are used unchanged, and an import refuses invalid ones.
        if let Target::Custom(name) = &column.target
            && !mapping.is_own_export()
        {
            assert!(!name.trim().is_empty() && !name.chars().any(char::is_control), "{name:?}");
            assert!(!RESERVED_NAMES.contains(&name.as_str()) && name.chars().count() <= 255);
            assert!(Standard::from_name(name).is_none(), "{name}");
        }
    }
}
