//! Tests of the program as a whole, with one file per topic. They are one binary, so that it links
//! once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what fails here fails the test")]

mod sandbox;

mod accepted_records;
mod after_commit;
mod attributes;
mod bad_input;
mod blocked_uids;
mod changes;
#[cfg(feature = "postgres")]
mod citus;
mod commands_to_paste;
mod concurrency;
mod crashes;
mod customers_by_key;
mod dialect;
mod dialect_properties;
mod documented_commands;
mod documents;
mod dry_runs;
#[cfg(feature = "push")]
mod engage_api;
mod errors;
mod event_data;
mod event_tables;
mod exporting;
mod exporting_elsewhere;
mod exports;
mod first_guesses;
mod first_import;
mod forgetting;
mod hints;
mod histories;
mod history;
mod history_bounds;
mod hostile_stores;
mod house;
mod importing_again;
mod inspecting;
mod interruptions;
mod kills;
mod kinds_of_files;
mod large_headers_and_segments;
mod laws;
mod long_cells;
mod manners;
mod many_new_customers;
mod mapping_by_hand;
mod mapping_files;
mod memory;
mod mixed_columns;
mod model;
mod modes_and_guards;
mod new_stores;
mod nightly_snapshots;
mod nights;
mod older_stores;
mod outputs;
mod pages;
mod plain_words;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod postgres_server;
#[cfg(feature = "postgres")]
mod postgres_tls;
#[cfg(feature = "push")]
mod pushing;
#[cfg(feature = "push")]
mod pushing_events;
#[cfg(feature = "push")]
mod pushing_faults;
#[cfg(feature = "push")]
mod pushing_kills;
#[cfg(feature = "push")]
mod pushing_lifecycle;
#[cfg(feature = "push")]
mod pushing_memory;
mod quiet_nights;
mod readme;
mod rejects;
mod rejects_kept;
mod reports;
mod restoring;
mod round_trips;
mod segment_laws;
mod segment_oracle;
mod segments;
mod sessions;
mod several_columns;
mod several_files;
mod showing;
mod store_health;
mod terminals;
mod uids_next_to_keys;
mod undoing;
mod uploads;
mod values;
mod values_emails;
mod values_names;
mod values_numbers;
mod values_oracle;
mod values_types;

/// A test file that is not listed above would never run.
#[test]
fn every_test_file_is_named() {
    let this = include_str!("main.rs");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_test = path.extension().is_some_and(|extension| extension == "rs");
        if is_test && name != "main" {
            assert!(this.contains(&format!("mod {name};")), "{name} is not named");
        }
    }
}
