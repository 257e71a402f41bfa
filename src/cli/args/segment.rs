//! Finds the attributes and segments that a command line names.

use crate::cli::error::CommandError;
use crate::cli::output::Output;
use crate::report::terminal::retype_hint;
use crate::segment::{Field, Problem, Segment, Terms, is_segment_name, read};
use crate::store::{Reader, SavedSegment};
use crate::text::{escaped, quoted};
use crate::value::typed::ValueType;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Finds a field by its name. As in an expression, a name in double quotes is a custom attribute.
pub(crate) fn find_field(
    name: &str,
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Field, CommandError> {
    let in_quotes = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    let field = match in_quotes {
        Some(name) => Field::custom(&name.replace("\"\"", "\""), attributes),
        None => Field::named(name, attributes),
    };
    field.ok_or_else(|| {
        let known = Field::names(attributes);
        CommandError::unknown_name("attribute", name, &known, "the attributes are")
    })
}

/// The error if a command that takes only custom attributes was given a built-in field. If there is
/// a custom attribute of the same name, the hint is the command with that name in double quotes;
/// `command` builds it from the name.
pub(crate) fn not_custom_error(
    field: &Field,
    attributes: &BTreeMap<String, ValueType>,
    command: impl FnOnce(&str) -> String,
) -> CommandError {
    let name = field.name();
    let hint = match Field::custom(name, attributes) {
        Some(_) => {
            let command = command(&format!("\"{name}\""));
            format!("the custom attribute of that name needs double quotes: {command}")
        }
        None => "engage attributes lists the custom attributes".to_owned(),
    };
    CommandError::usage(format!("{name} is a field of every customer, not a custom attribute"))
        .hint(hint)
}

/// Parses an expression, or finds a saved segment by its name without `@`. If an attribute has that
/// name too, the attribute is meant.
pub(crate) fn find_segment(
    reader: &Reader,
    text: &str,
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Segment, CommandError> {
    let saved = reader.saved_segments()?;
    let is_saved = saved.iter().any(|saved| saved.name == text);
    if is_saved && Field::named(text, attributes).is_none() {
        return parse_segment(reader, &format!("@{text}"), None, attributes);
    }
    parse_segment(reader, text, None, attributes)
}

/// Parses an expression that can use the attributes and saved segments of the store. `saved_as` is
/// the name under which the expression is or will be saved, if any.
pub(crate) fn parse_segment(
    reader: &Reader,
    text: &str,
    saved_as: Option<&str>,
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Segment, CommandError> {
    if let Some(name) = saved_as.filter(|name| !is_segment_name(name)) {
        let message = format!("a segment cannot be saved as {}", quoted(name, 40));
        return Err(CommandError::usage(message)
            .hint("a name has at most 64 letters, digits, _ and -, such as big-spenders"));
    }
    let saved = reader.saved_segments()?;
    let segments = saved.into_iter().map(|saved| (saved.name, saved.expression)).collect();
    let terms = Terms { attributes, segments: &segments, now: Timestamp::now() };
    let mut error = match read(text, saved_as, &terms) {
        Ok(segment) => return Ok(segment),
        Err(error) => error,
    };
    if let Problem::TextAttribute { attribute, wanted, hint, .. } = &mut error.problem
        && error.corrected.is_none()
    {
        let stored = reader.stored_type(attribute, *wanted)?;
        *hint = Some(retype_hint(attribute, *wanted, &stored).into());
    }
    Err(error.into())
}

/// The saved segments, each with its number of customers. For a segment that cannot be parsed,
/// prints a warning and returns `None` as the number.
pub(crate) fn count_saved_segments(
    reader: &Reader,
    attributes: &BTreeMap<String, ValueType>,
    output: &mut Output,
) -> Result<Vec<(SavedSegment, Option<u64>)>, CommandError> {
    let mut counted = Vec::new();
    for saved in reader.saved_segments()? {
        let count = match parse_segment(reader, &saved.expression, Some(&saved.name), attributes) {
            Ok(segment) => Some(reader.count(&segment)?),
            Err(error) => {
                let name = escaped(&saved.name);
                output.warning(&format!("@{name} cannot be counted: {}", error.message));
                None
            }
        };
        counted.push((saved, count));
    }
    Ok(counted)
}
