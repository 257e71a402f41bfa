//! Warns about customers that may not want messages.

use crate::cli::{CommandError, Output};
use crate::mapping::{Consent, consent_named};
use crate::outcome::counted;
use crate::segment::Field;
use crate::store::{Reader, StoreError};
use crate::text::{quoted, shell_word};
use crate::value::typed::{TypeSpec, Value, ValueType};

/// How many distinct values of an attribute are looked at, the most frequent first.
const LOOKED_AT: u64 = 50;

/// An attribute that says that some customers must not be messaged.
struct Refusals {
    name: String,
    kind: ValueType,
    /// The boolean that says so.
    refusing: bool,
    /// The texts that stand for it.
    texts: Vec<String>,
    /// Whether there are numbers other than 0 and 1, which count something.
    is_count: bool,
    customers: u64,
}

/// Warns if an attribute says that customers must not be messaged, because Engage does not know
/// that it means this.
pub(super) fn warn_of_consent(reader: &Reader, output: &mut Output) -> Result<(), CommandError> {
    let types = reader.catalogue()?;
    let mut found: Vec<Refusals> = Vec::new();
    for (name, kind) in &types {
        let refusing = match consent_named(name) {
            Some(Consent::Given) => false,
            Some(Consent::Refused) => true,
            None => continue,
        };
        let Some(field) = Field::custom(name, &types) else { continue };
        let (name, kind) = (name.clone(), *kind);
        let mut refusals =
            Refusals { name, kind, refusing, texts: Vec::new(), is_count: false, customers: 0 };
        reader.values::<StoreError>(&field, LOOKED_AT, |value, customers| {
            refusals.count(value, customers);
            Ok(())
        })?;
        found.extend((refusals.customers > 0 && !refusals.is_count).then_some(refusals));
    }
    if found.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = found.iter().map(Refusals::words).collect();
    let conditions: Vec<String> = found.iter().map(Refusals::condition_without).collect();
    let segment = shell_word(&conditions.join(" and "));
    output.warning(&format!(
        "{}, but Engage may still message them: --segment {segment} leaves them out",
        said.join(", ")
    ));
    Ok(())
}

impl Refusals {
    /// Counts the customers with a value, as JSON, if it is the refusing one.
    fn count(&mut self, json: &str, customers: u64) {
        let text: Option<String> = serde_json::from_str(json).ok();
        let boolean = match (text.as_deref(), json) {
            (None, "true" | "1") => Some(true),
            (None, "false" | "0") => Some(false),
            (Some(text), _) => match TypeSpec::from(ValueType::Boolean).value(text) {
                Some(Value::Boolean(boolean)) => Some(boolean),
                _ => None,
            },
            (None, _) => None,
        };
        self.is_count |= text.is_none() && boolean.is_none();
        if boolean == Some(self.refusing) {
            self.customers += customers;
            self.texts.extend(text);
        }
    }

    fn words(&self) -> String {
        let (name, customers) = (quoted(&self.name, 40), counted(self.customers, "customer"));
        format!("{name} is {} for {customers}", self.refusing)
    }

    /// The condition of the customers that the attribute says nothing against.
    fn condition_without(&self) -> String {
        let name = &self.name;
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let field =
            if is_plain { name.clone() } else { format!("\"{}\"", name.replace('"', "\"\"")) };
        let other = match self.kind {
            ValueType::Boolean => format!("= {}", !self.refusing),
            ValueType::Number => format!("!= {}", u8::from(self.refusing)),
            _ => {
                let texts = self.texts.iter().map(|text| format!("'{}'", text.replace('\'', "''")));
                format!("not in ({})", texts.collect::<Vec<String>>().join(", "))
            }
        };
        format!("({field} {other} or {field} is null)")
    }
}
