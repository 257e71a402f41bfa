//! Parts that several reports for programs have, so that each reads the same in all of them.

use crate::import::Warning;
use crate::settings::Choice;
use serde::Serialize;

/// An option that was chosen, and where.
#[derive(Serialize)]
pub(crate) struct ChoiceReport<'a> {
    option: &'static str,
    value: &'a str,
    how: &'static str,
}

impl<'a> ChoiceReport<'a> {
    pub(crate) fn new(choice: &'a Choice) -> Self {
        Self { option: choice.option, value: &choice.value, how: choice.how.as_str() }
    }
}

/// Something that a person should know.
#[derive(Serialize)]
pub(crate) struct WarningReport<'a> {
    code: &'a str,
    message: &'a str,
    count: u64,
}

impl<'a> WarningReport<'a> {
    pub(crate) fn new(warning: &'a Warning) -> Self {
        Self { code: warning.code, message: &warning.message, count: warning.count }
    }
}

/// Why nothing came of it, and the ways out.
#[derive(Serialize)]
pub(crate) struct ErrorReport<'a> {
    pub(crate) message: &'a str,
    pub(crate) hints: &'a [String],
}
