//! How an input is read, mapped and validated: options over a mapping file over defaults.

pub mod file;
mod layers;

pub use layers::{
    Blank, Choice, Choices, Chosen, DeclaredType, MappingFile, OnInvalid, ValueOptions,
};
