//! A report as the history keeps it. What a newer or older program has not written is empty.

use serde::Deserialize;

/// A report of an import, read again. `docs/report.md` says what each field means.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredReport {
    pub(super) engage: String,
    pub(super) status: String,
    pub(super) exit_code: u8,
    pub(super) import_id: Option<i64>,
    pub(super) key: Option<String>,
    pub(super) sources: Vec<StoredSource>,
    pub(super) mapping: Vec<StoredColumn>,
    pub(super) choices: Vec<StoredChoice>,
    pub(super) records: StoredRecords,
    pub(super) customers: StoredCustomers,
    pub(super) devices: StoredDevices,
    pub(super) rejects: StoredRejects,
    pub(super) warnings: Vec<StoredWarning>,
    pub(super) timing: StoredTiming,
    pub(super) error: Option<StoredError>,
    /// The import that an undo took back.
    pub(super) undone: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredSource {
    pub(super) path: String,
    pub(super) bytes: Option<u64>,
    pub(super) sha256: Option<String>,
    pub(super) encoding: Option<String>,
    pub(super) compression: Option<String>,
    pub(super) delimiter: Option<String>,
    pub(super) header_line: Option<u64>,
    pub(super) records: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredColumn {
    pub(super) column: String,
    pub(super) attribute: Option<String>,
    pub(super) standard: bool,
    pub(super) r#type: String,
    pub(super) how: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredChoice {
    pub(super) option: String,
    pub(super) value: String,
    pub(super) how: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredRecords {
    pub(super) read: u64,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) skipped: u64,
    pub(super) merged: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredCustomers {
    pub(super) inserted: u64,
    pub(super) updated: u64,
    pub(super) unchanged: u64,
    pub(super) missing: u64,
    pub(super) archived: u64,
    pub(super) deleted: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredDevices {
    pub(super) added: u64,
    pub(super) refreshed: u64,
    pub(super) evicted: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredRejects {
    pub(super) file: Option<String>,
    pub(super) files: Vec<String>,
    pub(super) by_code: Vec<StoredGroup>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredGroup {
    pub(super) code: String,
    pub(super) column: Option<String>,
    pub(super) count: u64,
    pub(super) first_source: usize,
    pub(super) first_record: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredWarning {
    pub(super) message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredTiming {
    pub(super) seconds: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StoredError {
    pub(super) message: String,
    pub(super) hints: Vec<String>,
}

impl StoredReport {
    /// Reads a report. One that is none at all is as good as empty: the history's own line says
    /// what matters.
    pub(super) fn read(report: &str) -> Self {
        serde_json::from_str(report).unwrap_or_default()
    }
}
