//! Writes accepted records as events, and the others to the rejects file.

use super::event_plan::{EVENT, EventPlan, TIMESTAMP, VALUE};
use crate::customer::each_attribute;
use crate::import::output::{RejectCounts, RejectsFile};
use crate::import::validate::{AcceptedRecord, RecordError, Validation, Validations};
use crate::import::{Batch, ImportError, Warnings};
use crate::input::csv::Record;
use crate::outcome::RecordCounts;
use crate::store::{CustomerLookup, FoundCustomer};
use crate::value::typed::write_json_string;
use crate::value::{Code, RejectReason};
use std::io::{self, Write};

/// Names from this length on may be rejected by Engage.
const LONG_NAME: usize = 32;

/// Writes batches of validated records, one after the other.
pub(super) struct LineWriter<'a> {
    pub(super) plan: &'a EventPlan,
    /// The name of all events, if no column has it.
    pub(super) event: Option<&'a str>,
    /// Finds customers by email or number; `None` if the file has their uids.
    pub(super) lookup: Option<&'a CustomerLookup>,
    pub(super) rejects: Option<RejectsFile>,
    pub(super) writer: &'a mut dyn Write,
    pub(super) records: RecordCounts,
    pub(super) counts: RejectCounts,
    pub(super) warnings: Warnings,
    pub(super) values: Vec<u64>,
    /// The number of times without an offset.
    pub(super) without_offset: u64,
    /// The number of events with a long name, and the first such name.
    pub(super) long_names: (u64, Option<String>),
    line: String,
}

impl<'a> LineWriter<'a> {
    pub(super) fn new(
        plan: &'a EventPlan,
        event: Option<&'a str>,
        lookup: Option<&'a CustomerLookup>,
        rejects: RejectsFile,
        writer: &'a mut dyn Write,
    ) -> Self {
        Self {
            plan,
            event,
            lookup,
            rejects: Some(rejects),
            writer,
            records: RecordCounts::default(),
            counts: RejectCounts::default(),
            warnings: Warnings::default(),
            values: vec![0; plan.plan.attributes.len()],
            without_offset: 0,
            long_names: (0, None),
            line: String::new(),
        }
    }

    pub(super) fn write(&mut self, batch: &Batch) -> Result<(), ImportError> {
        let validations = &batch.validations;
        for (sum, count) in self.values.iter_mut().zip(&validations.values) {
            *sum += count;
        }
        for (record, result) in batch.records().iter().zip(&validations.results) {
            self.records.read += 1;
            match result {
                Validation::Accepted(accepted) => self.accept(record, accepted, validations)?,
                Validation::Rejected(rejected) => self.reject(record, &rejected.errors)?,
                Validation::Unchanged(_) => {}
            }
        }
        Ok(())
    }

    fn accept(
        &mut self,
        record: &Record,
        accepted: &AcceptedRecord,
        validations: &Validations,
    ) -> Result<(), ImportError> {
        match self.line(accepted, validations)? {
            Ok(()) => {}
            Err(reason) => return self.reject(record, &[reason]),
        }
        self.records.accepted += 1;
        self.warnings.count(0, record, &accepted.notes);
        self.line.push('\n');
        let written = self.writer.write_all(self.line.as_bytes());
        written.map_err(ImportError::EventOutput)
    }

    /// Makes the line of a record, or returns why it is rejected.
    fn line(
        &mut self,
        accepted: &AcceptedRecord,
        validations: &Validations,
    ) -> Result<Result<(), RecordError>, ImportError> {
        let key = validations.text(accepted.key);
        let attribute = self.plan.plan.key.attribute();
        let column = self.plan.plan.mapping.standard(attribute).map(|column| column.index);
        let reason = |code, message: &'static str| {
            Ok(Err(RecordError { column, reason: RejectReason::new(code, message) }))
        };
        let found = match self.lookup {
            None => FoundCustomer::One(key.to_owned()),
            Some(lookup) => lookup.find(key)?,
        };
        let uid = match found {
            FoundCustomer::One(uid) => uid,
            FoundCustomer::None => {
                return reason(Code::KeyUnknown, "no stored customer has this key");
            }
            FoundCustomer::Several => {
                return reason(Code::KeyAmbiguous, "several stored customers have this key");
            }
        };
        let mut event = None;
        let (mut head, mut properties) = (String::new(), String::new());
        let mut timestamp = None;
        let members = each_attribute(validations.text(accepted.attributes), |name, json| {
            match name {
                EVENT => event = Some(json.to_owned()),
                TIMESTAMP => {
                    let time = timestamp.insert(TimeWithOffset::of(json));
                    head.push_str(",\"timestamp\":");
                    head.push_str(&time.json);
                }
                VALUE => {
                    head.push_str(",\"value\":");
                    head.push_str(json);
                }
                name => {
                    properties.push(if properties.is_empty() { '{' } else { ',' });
                    write_json_string(name, &mut properties);
                    properties.push(':');
                    properties.push_str(json);
                }
            }
            Ok(())
        });
        members.map_err(|error| ImportError::EventOutput(io::Error::other(error)))?;
        if let Some(column) = self.plan.timestamp
            && timestamp.is_none()
        {
            let reason = RejectReason::new(Code::EventTimeMissing, "the event has no time");
            return Ok(Err(RecordError { column: Some(column), reason }));
        }
        let name = match (event, self.event) {
            (Some(json), _) => json,
            (None, Some(name)) => {
                let mut json = String::new();
                write_json_string(name, &mut json);
                json
            }
            (None, None) => {
                let reason = RejectReason::new(Code::EventMissing, "the event has no name");
                return Ok(Err(RecordError { column: self.plan.event, reason }));
            }
        };
        self.note(timestamp.as_ref(), &name);
        self.line.clear();
        self.line.push_str("{\"uid\":");
        write_json_string(&uid, &mut self.line);
        self.line.push_str(",\"body\":{\"event\":");
        self.line.push_str(&name);
        self.line.push_str(&head);
        if !properties.is_empty() {
            self.line.push_str(",\"properties\":");
            self.line.push_str(&properties);
            self.line.push('}');
        }
        self.line.push_str("}}");
        Ok(Ok(()))
    }

    /// Counts what the report mentions about an event: a time without an offset, and a long name.
    fn note(&mut self, timestamp: Option<&TimeWithOffset>, name: &str) {
        self.without_offset += u64::from(timestamp.is_some_and(|time| time.is_offset_assumed));
        let name: String = serde_json::from_str(name).unwrap_or_default();
        if name.chars().count() >= LONG_NAME {
            self.long_names.0 += 1;
            self.long_names.1.get_or_insert(name);
        }
    }

    fn reject(&mut self, record: &Record, errors: &[RecordError]) -> Result<(), ImportError> {
        let columns = &self.plan.plan.mapping.columns;
        self.records.rejected += 1;
        self.counts.count(0, record, columns, errors);
        match &mut self.rejects {
            Some(file) => Ok(file.write(record, columns, errors)?),
            None => Ok(()),
        }
    }
}

/// A stored time with its offset, as JSON.
struct TimeWithOffset {
    json: String,
    /// Whether it had none, so that it is UTC by default.
    is_offset_assumed: bool,
}

impl TimeWithOffset {
    /// Adds the offset to a stored time. A date without a time becomes midnight.
    fn of(json: &str) -> Self {
        let text = json.trim_matches('"');
        let time = text.get(10..).unwrap_or_default();
        if time.ends_with('Z') || time.contains(['+', '-']) {
            return Self { json: json.to_owned(), is_offset_assumed: false };
        }
        let midnight = if text.contains('T') { "" } else { "T00:00:00" };
        Self { json: format!("\"{text}{midnight}Z\""), is_offset_assumed: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_gets_an_offset() {
        for (json, expected, is_offset_assumed) in [
            ("\"2026-11-02T10:14:00\"", "\"2026-11-02T10:14:00Z\"", true),
            ("\"2026-11-02T10:14:00+01:00\"", "\"2026-11-02T10:14:00+01:00\"", false),
            ("\"2026-11-02T10:14:00Z\"", "\"2026-11-02T10:14:00Z\"", false),
            ("\"2026-11-02\"", "\"2026-11-02T00:00:00Z\"", true),
        ] {
            let time = TimeWithOffset::of(json);
            assert_eq!((&*time.json, time.is_offset_assumed), (expected, is_offset_assumed));
        }
    }
}
