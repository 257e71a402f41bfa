//! The SQL functions that a predicate may call.

use super::{evaluation, matching};
use crate::value::typed::ValueType;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;

/// Registers the functions on a connection.
pub(crate) fn register_functions(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    for kind in [ValueType::Date, ValueType::Datetime] {
        connection.create_scalar_function(is_stored_as(kind), 1, flags, move |context| {
            Ok(match context.get_raw(0) {
                ValueRef::Text(text) => {
                    std::str::from_utf8(text).is_ok_and(|text| kind.is_stored_text(text))
                }
                _ => false,
            })
        })?;
    }
    matching::register(connection)?;
    evaluation::register(connection)
}

/// The SQL function that tests whether a text is a stored day, or a stored time.
pub(crate) fn is_stored_as(kind: ValueType) -> &'static str {
    match kind {
        ValueType::Date => "is_stored_date",
        _ => "is_stored_datetime",
    }
}
