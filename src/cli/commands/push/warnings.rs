//! Warns about customers that may not want messages.

use crate::cli::{CommandError, Output};
use crate::outcome::counted;
use crate::store::Reader;
use crate::text::{quoted, shell_word};
use crate::value::typed::ValueType;
use std::collections::BTreeMap;

/// Names of attributes that say that a customer must not be messaged.
const CONSENT_NAMES: [&str; 9] = [
    "unsubscribed",
    "opt_out",
    "opted_out",
    "do_not_contact",
    "do_not_email",
    "bounced",
    "suppressed",
    "blacklisted",
    "complained",
];

/// Warns if an attribute says that customers must not be messaged, because Engage does not know
/// that it means this.
pub(super) fn warn_of_consent(reader: &Reader, output: &mut Output) -> Result<(), CommandError> {
    let types = reader.catalogue()?;
    let is_consent = |name: &str| {
        let name = name.to_lowercase().replace(['-', ' '], "_");
        CONSENT_NAMES.contains(&name.as_str())
    };
    let names: Vec<String> = types.keys().filter(|name| is_consent(name)).cloned().collect();
    let counts: Vec<(String, u64)> =
        reader.count_true(&names)?.into_iter().filter(|(_, count)| *count > 0).collect();
    if counts.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = counts
        .iter()
        .map(|(name, count)| {
            format!("{} is true for {}", quoted(name, 40), counted(*count, "customer"))
        })
        .collect();
    let condition: Vec<String> = counts.iter().map(|(name, _)| condition(name, &types)).collect();
    let segment = shell_word(&condition.join(" and "));
    output.warning(&format!(
        "{}, but Engage may still message them: --segment {segment} leaves them out",
        said.join(", ")
    ));
    Ok(())
}

/// The condition that an attribute is not true.
fn condition(name: &str, types: &BTreeMap<String, ValueType>) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let field =
        if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) };
    let other = match types.get(name) {
        Some(ValueType::Boolean) => "= false",
        Some(ValueType::Number) => "!= 1",
        _ => "!= 'true'",
    };
    format!("({field} {other} or {field} is null)")
}
