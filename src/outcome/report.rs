//! The reports that the history keeps.

use super::commands::{CommandReport, ForgetOutcome, RestoreOutcome, RetypeOutcome, UndoOutcome};
use super::counts::{CustomerCounts, DeviceCounts};
use super::import::Outcome;
use super::push::PushOutcome;
use super::status::to_json;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A report that the history keeps.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// The report of an import.
    Import(Box<Outcome>),
    /// The report of an undo.
    Undo(CommandReport<UndoOutcome>),
    /// The report of a forget.
    Forget(CommandReport<ForgetOutcome>),
    /// The report of a change of types.
    Retype(CommandReport<RetypeOutcome>),
    /// The report of a restore.
    Restore(CommandReport<RestoreOutcome>),
    /// The report of a push.
    Push(Box<CommandReport<PushOutcome>>),
    /// JSON that this version cannot read.
    Unknown(Box<RawValue>),
}

impl Report {
    /// Reads a report of a command of that kind; `None` if it is not JSON.
    pub fn read(kind: &str, json: &str) -> Option<Self> {
        let report = match kind {
            "import" => serde_json::from_str(json).map(Self::Import).ok(),
            "undo" => serde_json::from_str(json).map(Self::Undo).ok(),
            "forget" => serde_json::from_str(json).map(Self::Forget).ok(),
            "attributes" => serde_json::from_str(json).map(Self::Retype).ok(),
            "restore" => serde_json::from_str(json).map(Self::Restore).ok(),
            "push" => serde_json::from_str(json).map(Self::Push).ok(),
            _ => None,
        };
        report.or_else(|| serde_json::from_str(json).map(Self::Unknown).ok())
    }

    /// The report as one JSON object, without a line end.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// The import that was undone.
    pub fn undone(&self) -> Option<i64> {
        match self {
            Self::Undo(report) => Some(report.outcome.import),
            _ => None,
        }
    }

    /// The report in the fields of an import. Other commands fill only the version, the status and
    /// the counts.
    pub fn as_import(&self) -> Cow<'_, Outcome> {
        Cow::Owned(match self {
            Self::Import(outcome) => return Cow::Borrowed(outcome),
            Self::Undo(report) => {
                let counts = report.outcome.customers;
                with_header(report, |outcome| {
                    outcome.customers.inserted = counts.inserted;
                    outcome.customers.updated = counts.updated;
                    outcome.customers.deleted = counts.deleted;
                })
            }
            Self::Forget(report) => with_header(report, |outcome| {
                let ForgetOutcome { customers, devices, .. } = &report.outcome;
                outcome.customers =
                    CustomerCounts { deleted: customers.deleted, ..CustomerCounts::default() };
                outcome.devices =
                    DeviceCounts { evicted: devices.evicted, ..DeviceCounts::default() };
            }),
            Self::Retype(report) => with_header(report, |outcome| {
                outcome.customers.updated = report.outcome.customers.updated;
            }),
            Self::Restore(report) => with_header(report, |_| ()),
            Self::Push(report) => with_header(report, |_| ()),
            Self::Unknown(json) => readable_fields(json),
        })
    }
}

/// The fields of a report that this version can read.
fn readable_fields(json: &RawValue) -> Outcome {
    let fields: Map<String, Value> = serde_json::from_str(json.get()).unwrap_or_default();
    let is_readable = |(name, value): &(String, Value)| {
        let field = Map::from_iter([(name.clone(), value.clone())]);
        serde_json::from_value::<Outcome>(field.into()).is_ok()
    };
    let readable = fields.into_iter().filter(is_readable).collect();
    serde_json::from_value(Value::Object(readable)).unwrap_or_default()
}

fn with_header<T>(report: &CommandReport<T>, fill: impl FnOnce(&mut Outcome)) -> Outcome {
    let CommandReport { schema, engage, command, status, exit, .. } = report;
    let mut outcome = Outcome {
        schema: *schema,
        engage: engage.clone(),
        command: command.clone(),
        status: *status,
        exit: *exit,
        ..Outcome::default()
    };
    fill(&mut outcome);
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_is_not_understood_keeps_its_text_and_its_readable_fields() {
        let json = r#"{"engage":"9.0.0","records":{"read":2,"dropped":1},"rejects":{"by_code":[
            {"code":"value.new","count":2}]}}"#;
        let report = Report::read("import", json).unwrap();
        assert!(matches!(report, Report::Unknown(_)));
        assert_eq!(report.to_json(), json);
        let outcome = report.as_import();
        assert_eq!((outcome.engage.as_str(), outcome.records.read), ("9.0.0", 2));
        assert!(outcome.rejects.groups.is_empty());
        assert!(Report::read("import", "").is_none());
    }

    #[test]
    fn an_undo_is_read_with_its_counts() {
        let json = r#"{"schema":1,"engage":"0.1.0","command":"undo","status":"undone","exit_code":0,
            "undone":2,"customers":{"inserted":0,"updated":3,"deleted":1},"attributes":["plan"]}"#;
        let report = Report::read("undo", json).unwrap();
        assert_eq!(report.undone(), Some(2));
        let customers = report.as_import().customers;
        assert_eq!((customers.updated, customers.deleted), (3, 1));
    }
}
