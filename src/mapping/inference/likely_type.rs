//! The type that most values of a text column would fit.

use super::header_meaning::names_a_thing;
use crate::value::typed::{TypeSpec, ValueType};
use serde::Serialize;

/// A type that most values of a column would fit if it were declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LikelyType {
    /// The type.
    #[serde(rename = "type")]
    pub kind: ValueType,
    /// The number of values that it reads.
    #[serde(rename = "values")]
    pub fitting: u64,
    /// The number of values.
    #[serde(skip)]
    pub of: u64,
}

/// The type that at least nine of ten values of a text column would fit; `yes` and `no` are a
/// boolean, and thousands separators are read. `None` where the digits are a name.
pub fn likely_type<'v>(header: &str, values: impl Iterator<Item = &'v str>) -> Option<LikelyType> {
    if names_a_thing(header) {
        return None;
    }
    let kinds = [ValueType::Boolean, ValueType::Number, ValueType::Date, ValueType::Datetime];
    let mut fitting = [0_u64; 4];
    let mut of = 0;
    for value in values {
        of += 1;
        if value.starts_with('+')
            || (value.starts_with('0') && value.len() > 1 && !value.contains('.'))
        {
            return None;
        }
        for (kind, fitting) in kinds.iter().zip(&mut fitting) {
            *fitting += u64::from(TypeSpec::from(*kind).value(value).is_some());
        }
    }
    let best = kinds.into_iter().zip(fitting).max_by_key(|(_, fitting)| *fitting)?;
    (of > 0 && best.1 * 10 >= of * 9).then_some(LikelyType { kind: best.0, fitting: best.1, of })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_likely_type_fits_nine_of_ten_values() {
        let likely = |header: &str, values: &[&str]| {
            likely_type(header, values.iter().copied()).map(|n| (n.kind, n.fitting, n.of))
        };
        let mut usage = vec!["12.5"; 19];
        usage.push("n/a");
        assert_eq!(likely("usage", &usage), Some((ValueType::Number, 19, 20)));
        assert_eq!(likely("vip", &["yes", "no"]), Some((ValueType::Boolean, 2, 2)));
        assert_eq!(likely("revenue", &["1,234.50"]), Some((ValueType::Number, 1, 1)));
        assert_eq!(likely("plan", &["Pro", "Free"]), None);
        assert_eq!(likely("zip code", &["10115"]), None);
        assert_eq!(likely("house", &["007", "12"]), None);
        assert_eq!(likely("usage", &[]), None);
    }
}
