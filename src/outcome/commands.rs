//! The reports of commands other than an import.

use super::counts::CustomerCounts;
use super::status::{SCHEMA, Status};
use crate::exit::Exit;
use crate::value::typed::ValueType;
use serde::{Deserialize, Serialize};

/// The report of a command: the fields that every report has, and the command's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CommandReport<T> {
    /// The version of the schema.
    #[serde(default)]
    pub schema: u32,
    /// The version of engage.
    #[serde(default)]
    pub engage: String,
    /// The command, such as `undo`.
    #[serde(default)]
    pub command: String,
    /// How it ended.
    #[serde(default)]
    pub status: Status,
    /// The exit code of the program.
    #[serde(default, rename = "exit_code")]
    pub exit: Exit,
    /// What the command did.
    #[serde(flatten)]
    pub outcome: T,
}

impl<T> CommandReport<T> {
    /// The report of a command of this version.
    pub fn new(command: &str, status: Status, exit: Exit, outcome: T) -> Self {
        Self {
            schema: SCHEMA,
            engage: env!("CARGO_PKG_VERSION").to_owned(),
            command: command.to_owned(),
            status,
            exit,
            outcome,
        }
    }
}

/// What an undo did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UndoOutcome {
    /// The import that was undone.
    #[serde(rename = "undone")]
    pub import: i64,
    /// Later imports that changed nothing and were undone with it, the newest first.
    #[serde(rename = "undone_unchanged", skip_serializing_if = "Vec::is_empty")]
    pub unchanged: Vec<i64>,
    /// Counts of customers.
    pub customers: UndoCounts,
    /// The attributes that left the catalogue.
    pub attributes: Vec<String>,
    /// The kind of change that was undone.
    #[serde(skip)]
    pub kind: UndoneKind,
    /// The change that the next undo would revert, if there is one.
    #[serde(skip)]
    pub next: Option<NextUndo>,
}

/// A change that an undo reverts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UndoneKind {
    /// An import.
    #[default]
    Import,
    /// A change of the types of attributes.
    Types,
}

/// The change that the next undo would revert.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NextUndo {
    /// Its number in the history.
    pub id: i64,
    /// Its kind.
    pub kind: UndoneKind,
    /// What it did to customers.
    pub customers: CustomerCounts,
}

/// Counts of customers by what an undo did to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UndoCounts {
    /// Customers that the import had deleted.
    pub inserted: u64,
    /// Customers that the import had updated or archived.
    pub updated: u64,
    /// Customers that the import had inserted.
    pub deleted: u64,
    /// Customers among `updated` that the import had archived.
    #[serde(skip)]
    pub unarchived: u64,
}

/// What `engage forget` erased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ForgetOutcome {
    /// Uids of customers, of deleted customers, or of deliveries.
    pub customers: DeletedCount,
    /// Their devices.
    pub devices: EvictedCount,
    /// Their before-images.
    pub before_images: u64,
    /// The records of what `engage push` delivered of them.
    #[serde(skip_serializing_if = "is_zero")]
    pub deliveries: u64,
    /// Lines of the history that had one of their values in a text.
    pub history_lines: u64,
    /// The saved segments that name one of their values; they are not changed.
    pub segments: Vec<String>,
    /// Whether their bytes are erased from the file.
    pub erased: bool,
    /// Uids that imports leave out from now on.
    #[serde(skip_serializing_if = "is_zero")]
    pub blocked: u64,
    /// Uids that imports accept again.
    #[serde(skip_serializing_if = "is_zero")]
    pub unblocked: u64,
    /// Customers that were deleted at Engage first.
    #[serde(skip_serializing_if = "is_zero")]
    pub deleted_remotely: u64,
    /// The uids that no customer has; never stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Vec<String>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A count of deleted customers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeletedCount {
    /// The count.
    pub deleted: u64,
}

/// A count of evicted devices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EvictedCount {
    /// The count.
    pub evicted: u64,
}

/// A count of updated customers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdatedCount {
    /// The count.
    pub updated: u64,
}

/// What a change of types did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetypeOutcome {
    /// Its number in the history.
    pub import_id: i64,
    /// Counts of customers.
    pub customers: UpdatedCount,
    /// The attributes.
    pub attributes: Vec<RetypedAttribute>,
}

/// What a change of type did to one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetypedAttribute {
    /// Its name.
    pub name: String,
    /// The type that it had.
    pub before: ValueType,
    /// The type that it has.
    #[serde(rename = "type")]
    pub after: ValueType,
    /// The type that it had with the format of its values, if they had one: `number:,`.
    #[serde(skip)]
    pub spec_before: Option<String>,
    /// The type that it has with the format of its values, if they have one.
    #[serde(skip)]
    pub spec_after: Option<String>,
    /// Values that were converted.
    pub converted: u64,
    /// Values that were of that type already.
    pub unchanged: u64,
    /// Values that do not fit the type and stay as they were.
    pub strays: u64,
    /// One of the strays, as JSON.
    #[serde(skip)]
    pub stray: Option<String>,
}

/// What a prune dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PruneOutcome {
    /// Imports whose changes can no longer be undone or shown.
    #[serde(rename = "pruned")]
    pub imports: u64,
    /// Before-images that were dropped.
    #[serde(rename = "before_images")]
    pub images: u64,
    /// Imports that keep their before-images.
    #[serde(rename = "kept")]
    pub left: u64,
}

/// What a restore did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RestoreOutcome {
    /// The store.
    pub store: String,
    /// The backup.
    pub backup: String,
    /// Where the replaced store is kept; `None` if there was none.
    pub kept: Option<String>,
    /// The customers in the store now.
    pub customers: u64,
    /// Customers of the backup that were forgotten with `--block` since then, and were erased
    /// again.
    pub blocked: u64,
}

/// What is in a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatusOutcome {
    /// The store.
    pub store: String,
    /// The number of customers, including archived ones.
    pub customers: u64,
    /// The number of archived customers.
    pub archived: u64,
    /// The last import, if there is one.
    pub last_import: Option<LastImport>,
    /// Rejects files with records that were not corrected yet.
    pub pending_rejects: Vec<PendingRejects>,
    /// Whether a check found no damage.
    pub sound: bool,
    /// How many kinds of damage it found.
    pub findings: u64,
}

/// The last import of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastImport {
    /// Its number.
    pub id: i64,
    /// When it began.
    pub started_at: String,
    /// How it ended.
    pub status: String,
    /// Its files.
    pub files: Vec<String>,
    /// New customers.
    pub inserted: u64,
    /// Changed customers.
    pub updated: u64,
}

/// A rejects file with records that were not corrected yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingRejects {
    /// Where it is.
    pub file: String,
    /// How many records it has.
    pub records: u64,
}

/// What a backup copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupOutcome {
    /// The store.
    pub store: String,
    /// The copy.
    pub file: String,
}

/// What a check of the store found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckOutcome {
    /// Whether nothing was found.
    pub sound: bool,
    /// The findings.
    pub findings: Vec<Finding>,
}

/// One kind of damage in a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The damage in one sentence, without a full stop.
    pub what: String,
    /// How often it was found.
    pub count: u64,
    /// Where it was found first, if that can be named: a uid, an attribute, the number of an
    /// import, or the row of a customer without a uid.
    pub first: Option<String>,
    /// Whether `engage check --repair` can rebuild it from the rest of the store.
    pub repairable: bool,
}
