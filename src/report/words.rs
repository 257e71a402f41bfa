//! Times, sizes, delimiters and advice on types, in words.

use crate::mapping::LikelyType;
use crate::outcome::{ColumnOutcome, grouped};
use crate::text::{quoted, shell_word};
use crate::value::typed::ValueType;
use indicatif::DecimalBytes;

/// A number of bytes in the largest unit that it fills: `154.90 MB`.
pub(crate) fn bytes(count: u64) -> String {
    DecimalBytes(count).to_string()
}

/// The name of a delimiter.
pub(crate) fn delimiter_name(delimiter: char) -> String {
    match delimiter {
        ',' => "comma".to_owned(),
        ';' => "semicolon".to_owned(),
        '\t' => "tab".to_owned(),
        '|' => "pipe".to_owned(),
        other => quoted(&other.to_string(), 4),
    }
}

/// A stored time, to the minute and without its `T`; not escaped.
pub(crate) fn to_the_minute(time: &str) -> String {
    time.chars().take(16).collect::<String>().replace('T', " ")
}

/// Advice on the type of a column: the `--type` options that would read all its values, or how many
/// of its values are of another type.
pub(crate) fn type_advice(column: &ColumnOutcome) -> Vec<String> {
    let attribute = column.attribute.as_deref().unwrap_or_default();
    let option = |spec: &str| shell_word(&format!("{attribute}={spec}"));
    let reading = column
        .type_readings
        .first()
        .map(|spec| format!("--type {} makes it a {}", option(&spec.to_string()), spec.kind));
    let likely = column.likely_type.as_ref().and_then(|likely| {
        let LikelyType { kind, spec, fitting, of, words, .. } = likely;
        let are_others = not_of_type(likely);
        match kind {
            _ if fitting == of => {
                Some(format!("--type {} reads all {}", option(&spec.to_string()), grouped(*of)))
            }
            // Two of many words, such as codes of provinces, may look like booleans by chance.
            ValueType::Boolean => None,
            _ if !words.is_empty() => {
                let options = null_options(words);
                Some(format!("{are_others}, but words: {options} reads these as blank"))
            }
            // The type would reject the other values, so it is not proposed.
            _ => Some(are_others),
        }
    });
    reading.into_iter().chain(likely).collect()
}

/// How many values of a column are not of the type that most values fit.
pub(crate) fn not_of_type(likely: &LikelyType) -> String {
    let LikelyType { spec, fitting, of, .. } = likely;
    let others = of - fitting;
    let are = if others == 1 { "is" } else { "are" };
    format!("{} of {} {are} not of type '{spec}'", grouped(others), grouped(*of))
}

/// The options that read these words as blank.
pub(crate) fn null_options(words: &[String]) -> String {
    let options: Vec<String> =
        words.iter().map(|word| format!("--null {}", shell_word(word))).collect();
    options.join(" ")
}
