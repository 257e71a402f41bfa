//! A report as the history keeps it. What a newer or older program has not written is empty.

use serde::Deserialize;

/// A report of an import, read again. `docs/report.md` says what each field means.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredReport {
    pub(crate) engage: String,
    pub(crate) status: String,
    pub(crate) exit_code: u8,
    pub(crate) import_id: Option<i64>,
    pub(crate) key: Option<String>,
    pub(crate) sources: Vec<StoredSource>,
    pub(crate) mapping: Vec<StoredColumn>,
    pub(crate) choices: Vec<StoredChoice>,
    pub(crate) records: StoredRecords,
    pub(crate) customers: StoredCustomers,
    pub(crate) devices: StoredDevices,
    pub(crate) rejects: StoredRejects,
    pub(crate) warnings: Vec<StoredWarning>,
    pub(crate) timing: StoredTiming,
    pub(crate) error: Option<StoredError>,
    /// The import that an undo took back.
    pub(crate) undone: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredSource {
    pub(crate) path: String,
    pub(crate) bytes: Option<u64>,
    pub(crate) sha256: Option<String>,
    pub(crate) encoding: Option<String>,
    pub(crate) compression: Option<String>,
    pub(crate) delimiter: Option<String>,
    pub(crate) header_line: Option<u64>,
    pub(crate) records: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredColumn {
    pub(crate) column: String,
    pub(crate) attribute: Option<String>,
    pub(crate) standard: bool,
    pub(crate) r#type: String,
    pub(crate) how: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredChoice {
    pub(crate) option: String,
    pub(crate) value: String,
    pub(crate) how: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredRecords {
    pub(crate) read: u64,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    pub(crate) skipped: u64,
    pub(crate) merged: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredCustomers {
    pub(crate) inserted: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) missing: u64,
    pub(crate) archived: u64,
    pub(crate) deleted: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredDevices {
    pub(crate) added: u64,
    pub(crate) refreshed: u64,
    pub(crate) evicted: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredRejects {
    pub(crate) file: Option<String>,
    pub(crate) files: Vec<String>,
    pub(crate) by_code: Vec<StoredGroup>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredGroup {
    pub(crate) code: String,
    pub(crate) column: Option<String>,
    pub(crate) count: u64,
    pub(crate) first_source: usize,
    pub(crate) first_record: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredWarning {
    pub(crate) message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredTiming {
    pub(crate) seconds: f64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StoredError {
    pub(crate) message: String,
    pub(crate) hints: Vec<String>,
}

impl StoredReport {
    /// Reads a report. One that is none at all is as good as empty: the history's own line says
    /// what matters.
    pub(crate) fn read(report: &str) -> Self {
        serde_json::from_str(report).unwrap_or_default()
    }
}
