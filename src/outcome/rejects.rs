//! Rejected records: where they are, and why they were rejected.

use crate::value::Code;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The rejected records of an import.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rejects {
    /// The rejects files, one for each input with rejects.
    #[serde(flatten, with = "file_names")]
    pub files: Vec<PathBuf>,
    /// The SHA-256 of each of these files, in hexadecimal: to detect later edits.
    pub sha256: Vec<String>,
    /// The reasons, the most frequent first.
    #[serde(rename = "by_code")]
    pub groups: Vec<RejectGroup>,
    /// Rejects files of earlier imports that were removed.
    #[serde(skip)]
    pub removed: Vec<PathBuf>,
}

/// Rejected records with one reason in one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectGroup {
    /// The reason.
    pub code: Code,
    /// The column, if the reason is about one.
    pub column: Option<String>,
    /// How many records it has.
    pub count: u64,
    /// The index of the source with its first record.
    #[serde(default)]
    pub first_source: usize,
    /// The number of its first record.
    #[serde(default)]
    pub first_record: u64,
    /// Its first few records, in the order of the files; none in a stored report.
    #[serde(skip)]
    pub examples: Vec<RejectExample>,
}

/// A rejected record of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectExample {
    /// The index of its source.
    pub source: usize,
    /// The number of the record.
    pub record: u64,
    /// The line it begins on.
    pub line: u64,
    /// What is wrong with it.
    pub message: String,
    /// The value: complete for the first record, only its beginning for others.
    pub value: Option<String>,
}

/// Reports had only `file`, the first of the files, before they had `files`. It is kept for
/// programs that read it.
mod file_names {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::path::PathBuf;

    #[derive(Default, Serialize, Deserialize)]
    #[serde(default)]
    struct FileNames {
        file: Option<String>,
        files: Vec<String>,
    }

    pub(super) fn serialize<S: Serializer>(
        paths: &[PathBuf],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let files: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        FileNames { file: files.first().cloned(), files }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<PathBuf>, D::Error> {
        let FileNames { file, files } = FileNames::deserialize(deserializer)?;
        let files = if files.is_empty() { Vec::from_iter(file) } else { files };
        Ok(files.into_iter().map(PathBuf::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_file_is_separate_and_is_enough() {
        let rejects = Rejects { files: vec!["a.csv".into(), "b.csv".into()], ..Rejects::default() };
        let json =
            json!({ "file": "a.csv", "files": ["a.csv", "b.csv"], "sha256": [], "by_code": [] });
        assert_eq!(serde_json::to_value(&rejects).unwrap(), json);
        let read = |json| serde_json::from_value::<Rejects>(json).unwrap().files;
        assert_eq!(read(json), rejects.files);
        assert_eq!(read(json!({ "file": "a.csv" })), [PathBuf::from("a.csv")]);
        assert!(read(json!({ "file": null })).is_empty());
    }
}
