//! Reads customers and their deliveries to a destination, in short queries.

use super::destination::Destination;
use super::rows::{COLUMNS, FieldNames};
use crate::customer::Customer;
use crate::segment::Segment;
use crate::store::sql::Reader;
use crate::store::sql::customers::{CustomerId, load_devices};
use crate::store::sql::database::{Database, Row};
use crate::store::sql::segment_sql::Predicate;
use crate::store::{Delivery, DeliveryStatus, StoreError};
use rusqlite::types::Value;

/// The most customers of one query, and the bytes of attributes after which it ends.
const CHUNK: usize = 200;
const CHUNK_BYTES: usize = 1 << 20;

/// A customer that may have to be sent.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The uid.
    pub uid: String,
    /// The customer as the store has it, devices newest first; `None` if it is gone.
    pub customer: Option<Customer>,
    /// What the destination knows about it.
    pub delivery: Delivery,
}

/// The customers to look at.
#[derive(Debug, Clone, Default)]
pub struct CandidateFilter {
    /// Only the members of a segment.
    segment: Option<(String, Vec<Value>)>,
}

impl Reader {
    /// A filter for the members of a segment.
    pub fn candidate_filter(&self, segment: &Segment) -> Result<CandidateFilter, StoreError> {
        let Predicate { sql, values } = self.predicate(segment)?;
        Ok(CandidateFilter { segment: Some((sql, values)) })
    }

    /// Calls `each` with every customer that may have to be sent, in the snapshot of this reader.
    pub fn each_candidate<E: From<StoreError>>(
        &self,
        destination: &Destination,
        filter: &CandidateFilter,
        mut each: impl FnMut(Candidate) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut names = FieldNames::read(&self.database)?;
        let mut after = 0;
        loop {
            let chunk = read_chunk(&self.database, &mut names, destination, filter, after)?;
            let Some((last, _)) = chunk.last() else { return Ok(()) };
            after = *last;
            chunk.into_iter().try_for_each(|(_, candidate)| each(candidate))?;
        }
    }

    /// Calls `each` with all delivered uids that no customer of the store has.
    pub fn each_gone<E: From<StoreError>>(
        &self,
        destination: &Destination,
        mut each: impl FnMut(Candidate) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut names = FieldNames::read(&self.database)?;
        let mut after = String::new();
        loop {
            let chunk = read_gone(&self.database, &mut names, destination, &after)?;
            let Some(last) = chunk.last() else { return Ok(()) };
            after.clone_from(&last.uid);
            chunk.into_iter().try_for_each(&mut each)?;
        }
    }
}

impl CandidateFilter {
    /// Whether it selects all customers.
    pub fn takes_all(&self) -> bool {
        self.segment.is_none()
    }

    fn condition(&self) -> (String, Vec<Value>) {
        match &self.segment {
            Some((sql, values)) => (format!("({sql})"), values.clone()),
            None => ("1 = 1".to_owned(), Vec::new()),
        }
    }
}

/// The next customers after a row, each with its row.
pub(super) fn read_chunk(
    database: &Database,
    names: &mut FieldNames,
    destination: &Destination,
    filter: &CandidateFilter,
    after: u32,
) -> Result<Vec<(u32, Candidate)>, StoreError> {
    let (condition, mut values) = filter.condition();
    let sql = format!(
        "SELECT c.id, c.uid, c.first_name, c.last_name, c.number, c.email, c.attributes,
                c.archived_at, {COLUMNS}
         FROM (SELECT id, uid, first_name, last_name, number, email, attributes, archived_at
               FROM customers WHERE {condition} AND id > ?) c
         LEFT JOIN deliveries d ON d.destination_id = ? AND d.uid = c.uid
         ORDER BY c.id LIMIT {CHUNK}"
    );
    values.push(Value::Integer(after.into()));
    values.push(Value::Integer(destination.id));
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut bytes = 0;
    database.find_row(&sql, values, |row| {
        let (id, candidate) = candidate(database, names, row)?;
        bytes += candidate.customer.as_ref().map_or(0, |customer| customer.attributes.len());
        chunk.push((id.0, candidate));
        // A value ends the query.
        Ok((bytes >= CHUNK_BYTES).then_some(()))
    })?;
    for (id, candidate) in &mut chunk {
        if let Some(customer) = &mut candidate.customer {
            customer.devices = load_devices(database, CustomerId(*id))?;
        }
    }
    Ok(chunk)
}

/// The customer with a uid as it is now, if it still exists, and its delivery.
pub(super) fn read_one(
    database: &Database,
    names: &mut FieldNames,
    destination: &Destination,
    uid: &str,
) -> Result<Candidate, StoreError> {
    let sql = format!(
        "SELECT c.id, c.uid, c.first_name, c.last_name, c.number, c.email, c.attributes,
                c.archived_at, {COLUMNS}
         FROM customers c LEFT JOIN deliveries d ON d.destination_id = ?1 AND d.uid = c.uid
         WHERE c.uid = ?2"
    );
    let found = database
        .optional_row(&sql, (destination.id, uid), |row| candidate(database, names, row))?;
    if let Some((id, mut candidate)) = found {
        if let Some(customer) = &mut candidate.customer {
            customer.devices = load_devices(database, id)?;
        }
        return Ok(candidate);
    }
    let sql =
        format!("SELECT {COLUMNS} FROM deliveries d WHERE d.destination_id = ?1 AND d.uid = ?2");
    let delivery = database
        .optional_row(&sql, (destination.id, uid), |row| names.delivery(database, row, 0))?;
    Ok(Candidate { uid: uid.to_owned(), customer: None, delivery: delivery.unwrap_or_default() })
}

/// The next uids after a uid that no customer has, but that the destination knows.
pub(super) fn read_gone(
    database: &Database,
    names: &mut FieldNames,
    destination: &Destination,
    after: &str,
) -> Result<Vec<Candidate>, StoreError> {
    let sql = format!(
        "SELECT d.uid, {COLUMNS} FROM deliveries d
         WHERE d.destination_id = ?1 AND d.uid > ?2 AND d.status <> ?3
           AND NOT EXISTS (SELECT 1 FROM customers c WHERE c.uid = d.uid)
         ORDER BY d.uid LIMIT {CHUNK}"
    );
    let new = DeliveryStatus::New.as_str();
    database.rows(&sql, (destination.id, after, new), |row| {
        Ok(Candidate {
            uid: row.get(0)?,
            customer: None,
            delivery: names.delivery(database, row, 1)?,
        })
    })
}

fn candidate(
    database: &Database,
    names: &mut FieldNames,
    row: Row<'_>,
) -> Result<(CustomerId, Candidate), StoreError> {
    let customer = Customer {
        first_name: row.get(2)?,
        last_name: row.get(3)?,
        number: row.get(4)?,
        email: row.get(5)?,
        attributes: row.get(6)?,
        archived_at: row.get(7)?,
        devices: Vec::new(),
    };
    let delivery = names.delivery(database, row, 8)?;
    Ok((row.get(0)?, Candidate { uid: row.get(1)?, customer: Some(customer), delivery }))
}
