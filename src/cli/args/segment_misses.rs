//! Prints hints about conditions that match no customer, or other customers than intended.

use crate::cli::error::CommandError;
use crate::cli::output::Output;
use crate::report::terminal::{compared_as_text, nearest_values, stray_values};
use crate::segment::{Field, Segment};
use crate::store::Reader;
use crate::value::phone::PhoneNumber;
use crate::value::typed::ValueType;
use crate::value::{Key, Standard};

/// The maximum number of conditions that get a hint of one kind.
const MAX_HINTS: usize = 3;
/// The maximum number of similar values in a hint.
const MAX_NEAREST: usize = 3;

/// Prints hints about four things: numbers without a country code; texts that no customer has; text
/// attributes that are compared with a number or date, but character by character; and values that
/// do not have the type of the attribute that is compared. The last takes a scan: if customers
/// match, it is left out for texts and booleans, and if an index finds the segment without one.
pub(crate) fn hint_unmatched_values(
    reader: &Reader,
    segment: &Segment,
    is_empty: bool,
    output: &mut Output,
) -> Result<(), CommandError> {
    for (field, text) in segment.tree().equal_texts().into_iter().take(MAX_HINTS) {
        if field == Field::Standard(Standard::Number) {
            explain_national_number(reader, &text, output)?;
        }
        let nearest = reader.nearest_values(&field, &text, MAX_NEAREST)?;
        if let Some(words) = nearest_values(&field, &text, &nearest) {
            output.hint(&words);
        }
    }
    for (field, kind) in segment.tree().texts_compared_by_characters().iter().take(MAX_HINTS) {
        let stored = reader.stored_type(field.name(), *kind)?;
        output.hint(&compared_as_text(field.name(), *kind, &stored));
    }
    if !is_empty && !reader.indexes_of(segment)?.is_empty() {
        return Ok(());
    }
    for field in segment.tree().compared_fields().into_iter().take(MAX_HINTS) {
        let Field::Custom(name, kind) = field else { continue };
        let is_plain = matches!(kind, ValueType::String | ValueType::Boolean);
        if is_plain && !is_empty {
            continue;
        }
        let strays = reader.count_strays(&name, kind)?;
        if strays > 0 {
            output.hint(&stray_values(&name, kind, strays));
        }
    }
    Ok(())
}

/// Prints the stored form of a number that no customer has, if it is one of a region in which the
/// store's imports read numbers.
fn explain_national_number(
    reader: &Reader,
    text: &str,
    output: &mut Output,
) -> Result<(), CommandError> {
    if !reader.uids_with(Key::Number, text)?.is_empty() {
        return Ok(());
    }
    for region in reader.phone_regions()? {
        if let Ok(Some(number)) = PhoneNumber::parse(text, Some(region))
            && number.as_str() != text
        {
            let number = number.as_str();
            output.hint(&format!(
                "numbers are stored with their country code: number = '{number}' is that of {region}"
            ));
        }
    }
    Ok(())
}
