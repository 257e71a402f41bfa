//! How an input is read, mapped and validated: options over a mapping file over defaults.

pub mod file;
mod guards;
mod layers;

pub use guards::{Bound, Guards, InvalidBound};
pub use layers::{
    Blank, DeclaredType, ExplicitOption, MappingFile, OnInvalid, Settings, SettingsLayer,
    ValueOptions,
};
