//! The types in which single values are written, for columns with values of several kinds.

use super::header_meaning::names_codes;
use crate::value::typed::{
    Amount, DecimalMark, Digits, TypeSpec, ValueType, date_formats, is_number,
};

/// How many values are looked at, and the maximum number of types that they suggest.
const LOOKED_AT: usize = 1000;
const MAX_TYPES: usize = 8;

/// The numbers and dates with their formats that trimmed, non-blank texts may be, those of most
/// texts first.
pub(crate) fn written_types<'v>(values: impl Iterator<Item = &'v str>) -> Vec<TypeSpec> {
    let mut counts: Vec<(TypeSpec, usize)> = Vec::new();
    for value in values.take(LOOKED_AT) {
        for spec in types_of(value) {
            match counts.iter_mut().find(|(known, _)| *known == spec) {
                Some((_, count)) => *count += 1,
                None => counts.push((spec, 1)),
            }
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().take(MAX_TYPES).map(|(spec, _)| spec).collect()
}

/// The type that at least half of the values of a text column fit, with how many. `None` if two
/// formats that contradict each other fit equally many, or if the digits are codes.
pub(super) fn type_of_half(header: &str, values: &[&str]) -> Option<(TypeSpec, usize)> {
    let are_codes = names_codes(header) || values.iter().any(|value| is_code(value));
    let specs = written_types(values.iter().copied());
    let specs = specs.into_iter().filter(|spec| spec.kind != ValueType::Number || !are_codes);
    let fitting = |spec: &TypeSpec| values.iter().filter(|it| spec.value(it).is_some()).count();
    let mut counted: Vec<(TypeSpec, usize)> =
        specs.map(|spec| (spec.clone(), fitting(&spec))).collect();
    counted.sort_by_key(|(_, fitting)| std::cmp::Reverse(*fitting));
    let (best, fitting) = counted.first()?;
    let is_undecided =
        counted[1..].iter().any(|(other, count)| count == fitting && best.contradicts(other));
    (!is_undecided && fitting * 2 >= values.len()).then(|| (best.clone(), *fitting))
}

/// Whether digits are a code or a phone number: a plus or a zero comes first.
fn is_code(value: &str) -> bool {
    let has_zero = value.len() > 1 && value.starts_with('0');
    value.starts_with('+') || has_zero && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// The types that one value may be.
fn types_of(value: &str) -> Vec<TypeSpec> {
    if !value.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    if is_number(value) {
        return vec![ValueType::Number.into()];
    }
    let dates = date_formats(value).into_iter().map(|format| {
        let kind = if format.has_time { ValueType::Datetime } else { ValueType::Date };
        TypeSpec::with_pattern(kind, format.pattern)
    });
    let dates: Vec<TypeSpec> = dates.filter(|spec| spec.value(value).is_some()).collect();
    if !dates.is_empty() {
        return dates;
    }
    let Some(amount) = Amount::read(value) else { return Vec::new() };
    let spec = |mark| match (mark, amount.unit) {
        (None, None) => ValueType::Number.into(),
        (mark, unit) => TypeSpec::number(mark, unit.map(str::to_owned)),
    };
    match Digits::read(amount.digits) {
        None => Vec::new(),
        Some(Digits::Either(_)) => vec![spec(None)],
        Some(Digits::Only(mark, _)) => vec![spec(Some(mark))],
        Some(Digits::Undecided) => {
            [DecimalMark::Point, DecimalMark::Comma].map(|mark| spec(Some(mark))).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(header: &str, values: &[&str]) -> Option<(String, usize)> {
        type_of_half(header, values).map(|(spec, fitting)| (spec.to_string(), fitting))
    }

    #[test]
    fn half_of_the_values_show_the_type_and_its_format() {
        for (values, expected, fitting) in [
            (&["931,64", "12", "4775.970,07", "1.203,50", "998.112,4.1"][..], "number:,", 3),
            (&["12", "7.5", "k.A."], "number", 2),
            (&["€ 12,50", "8,00 €", "free"], "number:,EUR", 2),
            (&["01.02.1990", "24.12.1985", "unbekannt"], "date:%d.%m.%Y", 2),
            (&["13/02/1990", "03/04/1990", "soon", "later"], "date:%d/%m/%Y", 2),
            (&["01.02.2024 10:30", "24.12.2023 08:15", "nie"], "datetime:%d.%m.%Y %H:%M", 2),
        ] {
            assert_eq!(half("x", values), Some((expected.to_owned(), fitting)), "{values:?}");
        }
    }

    #[test]
    fn other_columns_have_no_such_type() {
        for (header, values) in [
            ("x", &["12", "S", "M"][..]),
            ("x", &["03/04/1990", "05/06/1991", "soon"]),
            ("x", &["1,234", "2,345", "soon"]),
            ("x", &["007", "12", "soon"]),
            ("x", &["+49 30 1234567", "12", "13"]),
            ("zip code", &["12345", "54321", "none"]),
            ("x", &[]),
        ] {
            assert_eq!(half(header, values), None, "{header} {values:?}");
        }
        assert_eq!(half("zip", &["24.12.1985", "31.01.1990", "none"]).map(|it| it.1), Some(2));
    }
}
