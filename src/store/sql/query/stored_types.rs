//! The type that most stored values of an attribute fit.

use super::values::json_value;
use crate::mapping::written_types;
use crate::segment::Field;
use crate::store::StoreError;
use crate::store::sql::Reader;
use crate::store::sql::segment_sql::postgres;
use crate::value::typed::{DecimalMark, TypeSpec, ValueType};

/// How many different values show the formats that are tried.
const SAMPLED: i64 = 1000;

/// How many stored values fit a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredType {
    /// The type that most values fit, with its format; `None` if none fits.
    pub spec: Option<TypeSpec>,
    /// How many values fit it, which `retype` would convert or leave as they are.
    pub fitting: u64,
    /// The number of values.
    pub of: u64,
    /// A format that reads as many values, but differently: the other order of day and month.
    pub other: Option<TypeSpec>,
}

impl Reader {
    /// The format of numbers, of dates and times, or of booleans that most values of a custom
    /// attribute fit. Reads the attribute of every customer twice.
    pub fn stored_type(&self, name: &str, wanted: ValueType) -> Result<StoredType, StoreError> {
        let field = Field::Custom(name.to_owned(), ValueType::String);
        let value = match self.database.is_postgres() {
            true => postgres::json_value(&field),
            false => json_value(&field),
        };
        let sql = format!(
            "SELECT value, count(*) FROM (SELECT {value} AS value FROM customers) AS found
             WHERE value IS NOT NULL GROUP BY value LIMIT ?1"
        );
        let mut texts: Vec<String> = Vec::new();
        self.database.for_each(&sql, [SAMPLED], |row| {
            texts.extend(serde_json::from_str::<String>(row.text(0)?).ok());
            Ok(())
        })?;
        let kinds: &[ValueType] = match wanted {
            ValueType::Date | ValueType::Datetime => &[ValueType::Date, ValueType::Datetime],
            _ => &[wanted],
        };
        let written = written_types(texts.iter().map(|text| text.trim()));
        let written = written.into_iter().filter(|spec| kinds.contains(&spec.kind));
        let mut counted: Vec<(TypeSpec, u64)> =
            kinds.iter().map(|kind| (TypeSpec::from(*kind), 0)).collect();
        counted.extend(written.map(|spec| (spec, 0)));
        let mut of = 0;
        self.database.for_each(&sql, [i64::MAX], |row| {
            let (value, customers) = (row.text(0)?, row.get::<i64>(1)?.unsigned_abs());
            of += customers;
            for (spec, fitting) in &mut counted {
                *fitting += if spec.converted(value).is_some() { customers } else { 0 };
            }
            Ok(())
        })?;
        // The sort is stable, so a type without a format comes first.
        counted.sort_by_key(|(_, fitting)| std::cmp::Reverse(*fitting));
        counted.retain(|(_, fitting)| *fitting > 0);
        let mut counted = counted.into_iter();
        let Some((spec, fitting)) = counted.next() else {
            return Ok(StoredType { spec: None, fitting: 0, of, other: None });
        };
        let other = counted.find(|(other, count)| *count == fitting && differs(&spec, other));
        let other = other.map(|(other, _)| other);
        Ok(StoredType { spec: Some(spec), fitting, of, other })
    }
}

/// Whether two formats read the same values differently. Without a format, numbers have a point.
fn differs(spec: &TypeSpec, other: &TypeSpec) -> bool {
    let pointed = TypeSpec::number(Some(DecimalMark::Point), None);
    spec.contradicts(other) || *spec == ValueType::Number.into() && pointed.contradicts(other)
}
