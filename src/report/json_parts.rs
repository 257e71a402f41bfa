//! Parts that several reports for programs have, so that each reads the same in all of them.

use crate::import::Warning;
use crate::mapping::Choice;
use serde::Serialize;

/// An option that was chosen, and where.
#[derive(Serialize)]
pub(super) struct ChoiceReport<'a> {
    option: &'static str,
    value: &'a str,
    how: &'static str,
}

impl<'a> ChoiceReport<'a> {
    pub(super) fn new(choice: &'a Choice) -> Self {
        Self { option: choice.option, value: &choice.value, how: choice.how.as_str() }
    }
}

/// Something that a person should know.
#[derive(Serialize)]
pub(super) struct WarningReport<'a> {
    code: &'a str,
    message: &'a str,
    count: u64,
}

impl<'a> WarningReport<'a> {
    pub(super) fn new(warning: &'a Warning) -> Self {
        Self { code: warning.code, message: &warning.message, count: warning.count }
    }
}

/// Why nothing came of it, and the ways out.
#[derive(Serialize)]
pub(super) struct ErrorReport<'a> {
    pub(super) message: &'a str,
    pub(super) hints: &'a [String],
}
