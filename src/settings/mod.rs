//! The settings for reading, mapping and validating an input. Options override a mapping file,
//! which overrides defaults.

pub mod file;
mod guards;
mod layers;

pub use guards::{Bound, Guards, InvalidBound};
pub use layers::{
    Blank, DeclaredType, ExplicitOption, MappingFile, OnInvalid, Settings, SettingsLayer,
    ValueOptions,
};
