//! A segment in words, the indexes that its query uses, and hints about its values.

use crate::outcome::{counted, grouped};
use crate::report::{has_negation, segment_lines};
use crate::segment::{Field, Segment};
use crate::store::StoredType;
use crate::text::{escaped, quoted, shell_word};
use crate::value::typed::ValueType;
use std::path::Path;

/// A segment in words and the indexes that its query uses, line ends included.
pub fn segment_explanation(segment: &Segment, indexes: &[String], store: &Path) -> String {
    let mut text = format!("Customers that match:\n{}\n", segment_lines(segment.tree()));
    text.push_str(if segment.names_archived() {
        "Archived customers are included: the expression mentions them.\n"
    } else {
        "Archived customers are left out.\n"
    });
    if has_negation(segment.tree()) {
        text.push_str(
            "Customers without a value match no comparison, not even != or not: add or NAME is null.\n",
        );
    }
    text.push_str(&search(indexes, store));
    text
}

fn search(indexes: &[String], store: &Path) -> String {
    let names: Vec<String> = indexes.iter().map(|name| escaped(name)).collect();
    match names.as_slice() {
        [] => {
            let store = escaped(&store.display().to_string());
            format!("No index of {store} applies: all customers are scanned.\n")
        }
        [name] => format!("Uses the index on {name}.\n"),
        names => format!("Uses the indexes on {}.\n", names.join(", ")),
    }
}

/// A hint for a text that no customer has, with the nearest values; `None` if there is nothing to
/// say.
pub fn nearest_values(field: &Field, text: &str, nearest: &[(String, u64)]) -> Option<String> {
    const WIDTH: usize = 40;
    let shown = nearest.iter().map(|(value, customers)| {
        format!("{} ({})", quoted(value, WIDTH), counted(*customers, "customer"))
    });
    let shown: Vec<String> = shown.collect();
    let name = escaped(field.name());
    if text.is_empty() {
        return Some(format!(
            "values are never empty texts: use {name} is null to find customers without a value"
        ));
    }
    (!shown.is_empty()).then(|| {
        let others = shown.join(", ");
        format!("no customer has {name} {}, but {others}", quoted(text, WIDTH))
    })
}

/// A hint for an attribute of text that is ordered against a number or a date in quotes.
pub fn compared_as_text(name: &str, kind: ValueType, stored: &StoredType) -> String {
    let hint = retype_hint(name, kind, stored);
    format!("{} is a text, which is compared by its characters: {hint}", escaped(name))
}

/// The command that converts the values of an attribute of text to the type of the value that it is
/// compared with, or that none of them has this type.
pub fn retype_hint(name: &str, wanted: ValueType, stored: &StoredType) -> String {
    let field = Field::Custom(name.to_owned(), ValueType::String);
    let StoredType { spec, fitting, of, other } = stored;
    let Some(spec) = spec else {
        let wanted = match wanted {
            ValueType::String => "a text",
            ValueType::Number => "a number",
            ValueType::Boolean => "true or false",
            ValueType::Date | ValueType::Datetime => "a date",
        };
        let command = format!("engage attributes {}", shell_word(&field.option_name()));
        return format!("none of its values is {wanted}: {command} lists them");
    };
    let command =
        format!("engage retype {}", shell_word(&format!("{}={spec}", field.option_name())));
    let values = if fitting == of {
        format!("all {} of its values", grouped(*of))
    } else {
        format!("{} of its {} values", grouped(*fitting), grouped(*of))
    };
    let other = other.as_ref().map(|other| format!(", but so would {other}"));
    format!("{command} converts {values}{}", other.unwrap_or_default())
}

/// A hint that customers have values that are not of the attribute's type.
pub fn stray_values(name: &str, kind: ValueType, customers: u64) -> String {
    let they = if customers == 1 { "it matches" } else { "they match" };
    let customers = counted(customers, "customer");
    format!("{} of {customers} is not a {kind}; {they} no comparison", escaped(name))
}

/// The number of customers in a segment and how many of them were shown, without a line end.
pub fn member_count(count: u64, shown: u64) -> String {
    let customers = counted(count, "customer");
    if shown >= count {
        return customers;
    }
    format!("{} of {customers}: --limit N shows more, --format csv all", grouped(shown))
}
