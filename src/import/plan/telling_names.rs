//! Columns whose names call for a decision on the first import: secrets, and the sign-up date.

use super::import_plan::{Plan, PlannedAttribute};
use crate::mapping::attribute_name;
use crate::outcome::Warning;
use crate::text::{escaped, shell_word};
use crate::value::typed::ValueType;
use std::collections::BTreeMap;

/// The attribute that Engage reads as the sign-up date.
const CREATED_AT: &str = "created_at";

/// Attribute names of the sign-up date.
const SIGN_UP_NAMES: [&str; 21] = [
    "signup_date",
    "sign_up_date",
    "signup_at",
    "sign_up_at",
    "signed_up_at",
    "signed_up_on",
    "signed_up",
    "signup",
    "registered_at",
    "registered_on",
    "registration_date",
    "date_registered",
    "date_joined",
    "joined_at",
    "joined_on",
    "join_date",
    "creation_date",
    "date_created",
    "created_on",
    "customer_since",
    "member_since",
];

/// Words that mark a column as a secret.
const SECRET_WORDS: [&str; 7] =
    ["password", "passwd", "pwd", "passhash", "totp", "otp", "passphrase"];

/// Endings of names of secrets.
const SECRET_ENDINGS: [&str; 14] = [
    "secret",
    "salt",
    "remember_token",
    "reset_token",
    "access_token",
    "refresh_token",
    "auth_token",
    "session_token",
    "confirmation_token",
    "verification_token",
    "api_token",
    "api_key",
    "recovery_codes",
    "recovery_code",
];

/// Whether a header names the sign-up date.
pub(crate) fn is_sign_up_name(header: &str) -> bool {
    SIGN_UP_NAMES.contains(&attribute_name(header).as_str())
}

fn is_secret(attribute: &PlannedAttribute) -> bool {
    let name = attribute.name.to_ascii_lowercase();
    // A date or a flag, such as when a password was changed, is not secret.
    let may_be = matches!(attribute.spec.kind, ValueType::String | ValueType::Number);
    may_be
        && (name.split('_').any(|word| SECRET_WORDS.contains(&word))
            || SECRET_ENDINGS.iter().any(|ending| {
                name.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
            }))
}

/// Warns of secrets among the attributes that the store does not have yet and no option names.
pub(crate) fn secrets_warning(plan: &Plan, known: &BTreeMap<String, ValueType>) -> Option<Warning> {
    let new = plan.attributes.iter().filter(|it| it.in_sample && !known.contains_key(&it.name));
    let is_named = |it: &&PlannedAttribute| plan.mapping.columns[it.column].origin.is_manual();
    let columns: Vec<String> = new
        .filter(|attribute| is_secret(attribute) && !is_named(attribute))
        .map(|attribute| plan.mapping.columns[attribute.column].label())
        .collect();
    let skips: Vec<String> =
        columns.iter().map(|column| format!("--skip {}", shell_word(column))).collect();
    let (look, them) = if columns.len() == 1 { ("looks", "it") } else { ("look", "them") };
    let message = format!(
        "{} {look} like a secret that no campaign needs: {} skips {them}",
        columns.join(", "),
        skips.join(" ")
    );
    let count = columns.len() as u64;
    (count > 0).then(|| Warning::new("mapping.secret", message, count).about(&columns.join(", ")))
}

/// Warns of attributes whose declared type differs from that of the stored values.
pub(crate) fn retyped_warnings(plan: &Plan, known: &BTreeMap<String, ValueType>) -> Vec<Warning> {
    let declared = plan.attributes.iter().filter(|attribute| attribute.source.is_declared());
    let retyped = declared.filter_map(|PlannedAttribute { name, spec, .. }| {
        let before = known.get(name).filter(|before| **before != spec.kind)?;
        let option = shell_word(&format!("{name}={spec}"));
        let message = format!(
            "{} was a {before} until now: engage retype {option} converts the values that are stored",
            escaped(name)
        );
        Some(Warning::new("type.changed", message, 1).about(name))
    });
    retyped.collect()
}

/// Suggests a column for the sign-up date on the import that adds it.
pub(crate) fn sign_up_hint(plan: &Plan, known: &BTreeMap<String, ValueType>) -> Option<String> {
    let has_created_at = known.contains_key(CREATED_AT)
        || plan.attributes.iter().any(|attribute| attribute.name == CREATED_AT);
    if has_created_at {
        return None;
    }
    let is_date_or_time = |attribute: &&PlannedAttribute| {
        matches!(attribute.spec.kind, ValueType::Date | ValueType::Datetime)
    };
    let new =
        plan.attributes.iter().filter(|it| !known.contains_key(&it.name)).filter(is_date_or_time);
    let columns = new.map(|attribute| &plan.mapping.columns[attribute.column]);
    let column = columns.into_iter().find(|column| is_sign_up_name(&column.header))?;
    let option = shell_word(&format!("{}={CREATED_AT}", column.label()));
    Some(format!("Engage reads {CREATED_AT} as the sign-up date: set it with -m {option}"))
}
