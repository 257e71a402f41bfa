//! When the customers of a store came.

use crate::store::StoreError;
use crate::store::sqlite::Reader;

impl Reader {
    /// How many of today's customers came on each day that anybody did, as `2024-03-01` in UTC, the
    /// first day first.
    pub fn arrivals(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT substr(first_imported_at, 1, 10) AS day, count(*)
                   FROM customers GROUP BY day ORDER BY day";
        let sqlite = |error| self.sqlite(error);
        let mut statement = self.connection.prepare(sql).map_err(sqlite)?;
        let days = statement
            .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))
            .map_err(sqlite)?;
        days.collect::<Result<Vec<(String, u64)>, _>>().map_err(sqlite)
    }
}
