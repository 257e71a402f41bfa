//! The values that a statement binds.

use rusqlite::ToSql;
use rusqlite::types::Value;

/// The values that a statement binds, in their order.
pub(crate) trait Parameters {
    /// Calls `call` with all of them.
    fn with_all<T>(self, call: impl FnOnce(&[&dyn ToSql]) -> T) -> T;
}

impl Parameters for [&dyn ToSql; 0] {
    fn with_all<T>(self, call: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        call(&[])
    }
}

impl Parameters for &[&dyn ToSql] {
    fn with_all<T>(self, call: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        call(self)
    }
}

impl Parameters for Vec<Value> {
    fn with_all<T>(self, call: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        let values: Vec<&dyn ToSql> = self.iter().map(|value| value as &dyn ToSql).collect();
        call(&values)
    }
}

macro_rules! of_arrays {
    ($($count:literal)*) => {$(
        impl<V: ToSql> Parameters for [V; $count] {
            fn with_all<T>(self, call: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
                call(&self.each_ref().map(|value| value as &dyn ToSql))
            }
        }
    )*};
}

of_arrays!(1 2 3 4);

impl<A: ToSql, B: ToSql> Parameters for (A, B) {
    fn with_all<T>(self, call: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        call(&[&self.0, &self.1])
    }
}

impl<A: ToSql, B: ToSql, C: ToSql> Parameters for (A, B, C) {
    fn with_all<T>(self, call: impl FnOnce(&[&dyn ToSql]) -> T) -> T {
        call(&[&self.0, &self.1, &self.2])
    }
}
