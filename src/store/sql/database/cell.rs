//! Converts values between PostgreSQL and the shared queries.

use crate::value::typed::write_json_string;
use bytes::BytesMut;
use postgres::types::{Format, FromSql, IsNull, ToSql as PostgresToSql, Type};
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;

type AnyError = Box<dyn Error + Sync + Send>;

/// A value that a statement binds, as text; the server infers its type.
#[derive(Debug)]
pub(crate) struct Bound(Option<String>);

impl Bound {
    pub(crate) fn new(value: &dyn ToSql) -> rusqlite::Result<Self> {
        let output = value.to_sql()?;
        let value = match &output {
            ToSqlOutput::Borrowed(value) => *value,
            ToSqlOutput::Owned(value) => ValueRef::from(value),
            _ => return Err(rusqlite::Error::InvalidQuery),
        };
        Ok(Self(match value {
            ValueRef::Null => None,
            ValueRef::Integer(integer) => Some(integer.to_string()),
            ValueRef::Real(real) => Some(real.to_string()),
            ValueRef::Text(_) => Some(value.as_str()?.to_owned()),
            ValueRef::Blob(bytes) => {
                let mut text = "\\x".to_owned();
                for byte in bytes {
                    let _ = write!(text, "{byte:02x}");
                }
                Some(text)
            }
        }))
    }
}

impl PostgresToSql for Bound {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        Ok(match &self.0 {
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                IsNull::No
            }
            None => IsNull::Yes,
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, AnyError> {
        self.to_sql(ty, out)
    }
}

/// A value of a row.
pub(crate) struct Cell(pub(crate) Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, AnyError> {
        let value = match *ty {
            Type::BOOL => Value::Integer(bool::from_sql(ty, raw)?.into()),
            Type::INT2 => Value::Integer(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Value::Integer(i32::from_sql(ty, raw)?.into()),
            Type::OID => Value::Integer(u32::from_sql(ty, raw)?.into()),
            Type::INT8 => Value::Integer(i64::from_sql(ty, raw)?),
            Type::FLOAT8 => Value::Real(f64::from_sql(ty, raw)?),
            Type::BYTEA => Value::Blob(raw.to_vec()),
            Type::JSONB => match raw.split_first() {
                Some((1, json)) => Value::Text(canonical(std::str::from_utf8(json)?)?),
                _ => return Err("an unknown version of jsonb".into()),
            },
            _ => Value::Text(std::str::from_utf8(raw)?.to_owned()),
        };
        Ok(Self(value))
    }

    fn from_sql_null(_: &Type) -> Result<Self, AnyError> {
        Ok(Self(Value::Null))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::BOOL
                | Type::INT2
                | Type::INT4
                | Type::INT8
                | Type::OID
                | Type::FLOAT8
                | Type::BYTEA
                | Type::JSON
                | Type::JSONB
                | Type::TEXT
                | Type::VARCHAR
                | Type::NAME
                | Type::UNKNOWN
        )
    }
}

/// A JSON text as engage writes it: sorted names, no whitespace.
pub(crate) fn canonical(json: &str) -> serde_json::Result<String> {
    let mut text = String::with_capacity(json.len());
    write_canonical(json, &mut text)?;
    Ok(text)
}

fn write_canonical(json: &str, text: &mut String) -> serde_json::Result<()> {
    match json.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(json)?;
            for (place, (name, value)) in members.iter().enumerate() {
                text.push(if place == 0 { '{' } else { ',' });
                write_json_string(name, text);
                text.push(':');
                write_canonical(value.get(), text)?;
            }
            text.push_str(if members.is_empty() { "{}" } else { "}" });
        }
        Some(b'[') => {
            let values: Vec<&RawValue> = serde_json::from_str(json)?;
            for (place, value) in values.iter().enumerate() {
                text.push(if place == 0 { '[' } else { ',' });
                write_canonical(value.get(), text)?;
            }
            text.push_str(if values.is_empty() { "[]" } else { "]" });
        }
        Some(b'"') if json.contains('\\') || json.contains('\u{7f}') => {
            write_json_string(&serde_json::from_str::<String>(json)?, text);
        }
        _ => text.push_str(json),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jsonb_reads_as_it_was_written() {
        let read = |json| canonical(json).unwrap();
        assert_eq!(read(r#"{"b": 1.10, "aa": "x", "a": true}"#), r#"{"a":true,"aa":"x","b":1.10}"#);
        assert_eq!(read(r#"{"a": "x\u0001\b é"}"#), r#"{"a":"x\u0001\u0008 é"}"#);
        assert_eq!(read("{}"), "{}");
        assert_eq!(read(r#"[1, {"b": 2, "a": []}]"#), r#"[1,{"a":[],"b":2}]"#);
    }
}
