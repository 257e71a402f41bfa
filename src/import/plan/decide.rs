//! Decides what the columns of the inputs are and what identifies a customer, from their header, a
//! sample, the options and what the store remembers. Event data is refused here.

use super::drift::known_as_gone;
use super::identity_check::check_identity;
use crate::events::{
    ColumnForEvidence, EventColumns, EventEvidence, event_evidence, names_action_id,
};
use crate::import::ImportError;
use crate::import::error::NewMapping;
use crate::input::ReadOptions;
use crate::input::csv::Record;
use crate::mapping::{
    KeyCandidates, KeyChoice, KeyHints, KnownFrom, KnownKey, Mapping, MappingError, MappingWarning,
    RememberedColumns, Roles, Sample, Target, alternative_key_warning, choose_key, find_roles,
    is_missing_key,
};
use crate::own_export::ExportReader;
use crate::settings::Settings;
use crate::store::{Session, StoreSettings};
use crate::value::{Key, Standard};
use std::path::Path;

/// What decisions need to know about the inputs.
#[derive(Clone, Copy)]
pub(crate) struct SampledInput<'a> {
    /// The name of the input in messages.
    pub(crate) name: &'a str,
    pub(crate) header: &'a [String],
    pub(crate) records: &'a [&'a Record],
}

/// The records of a sample that could be split into their fields.
pub(crate) fn whole_records<'r>(sample: &[&'r Record]) -> Vec<&'r Record> {
    sample.iter().copied().filter(|record| record.breakage.is_none()).collect()
}

/// The decisions about a set of inputs.
pub(crate) struct Decision {
    pub(crate) mapping: Mapping,
    /// `None` if no column identifies a customer.
    pub(crate) key: Option<KeyChoice>,
    pub(crate) own: Option<ExportReader>,
    /// The evidence that the input is event data.
    pub(crate) events: Option<EventEvidence>,
    /// The roles of its columns as events, if it is event data.
    pub(crate) event_columns: EventColumns,
    /// Whether the uids are written as decimals, such as `17.0`, and read as `17`.
    pub(crate) has_decimal_uids: bool,
    /// Further columns that are full and identify customers, for records without a key.
    pub(crate) other_keys: Vec<OtherKey>,
    /// What could identify customers, if no column does.
    pub(crate) hints: KeyHints,
}

/// A column that has a value in every record of the sample, and identifies customers there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OtherKey {
    pub(crate) column: usize,
    /// The option that makes it the key.
    pub(crate) option: OtherKeyOption,
}

/// How another column becomes the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OtherKeyOption {
    /// `-m COLUMN=uid`.
    Uid,
    /// `--key email` or `--key number`.
    Key(Key),
}

/// Adds how to write a new mapping file, if the input lacks columns that the old one names.
fn with_new_mapping(error: MappingError, name: &str, settings: &Settings) -> ImportError {
    let MappingError::GoneColumns { names, known_from: KnownFrom::MappingFile, .. } = &error else {
        return error.into();
    };
    let new_mapping = NewMapping::without(names, name, settings).map(Box::new);
    ImportError::MappedColumnsGone { error, new_mapping }
}

/// Decides for one set of inputs. Sampled keys are looked up in the session, if there is one.
/// `columns_before` returns the columns of the last import of such a file. It is called if an
/// option names a missing column.
pub(crate) fn decide(
    input: SampledInput<'_>,
    settings: &Settings,
    known: &StoreSettings,
    session: Option<&mut dyn Session>,
    columns_before: &mut dyn FnMut() -> Result<Vec<String>, ImportError>,
) -> Result<Decision, ImportError> {
    let cell = |record: usize, column: usize| input.records[record].field(column);
    let sample = Sample::new(input.records.len(), &cell);
    let remembered = &known.remembered;
    let mut roles = match find_roles(input.header, &sample, &settings.mapping, remembered) {
        Ok(roles) => roles,
        Err(MappingError::UnknownColumn { name, nearest, columns }) => {
            return Err(known_as_gone(name, nearest, columns, &columns_before()?));
        }
        Err(error) => return Err(with_new_mapping(error, input.name, settings)),
    };
    let is_own_export = roles.is_own_export();
    let placeholders = remembered_placeholders(remembered, input.header);
    let candidates = if is_own_export {
        KeyCandidates::none()
    } else {
        KeyCandidates::of(&roles, &sample, &placeholders)
    };
    let remembered_uid = if is_own_export { None } else { roles.follow_remembered_uid() };
    let has_uid = roles.has_uid();
    let known_key = KnownKey {
        given: settings.key.or((is_own_export && has_uid).then_some(Key::Uid)),
        stored: known.key,
        uid_column: remembered_uid,
        has_other_uids: !remembered.is_empty() && !has_uid && remembered_uid.is_none(),
    };
    let mut key = choose_key(&roles, &candidates, known_key);
    let is_uid_given = has_uid && remembered_uid.is_none();
    if let Some(choice) = &mut key
        && !is_own_export
        && !is_uid_given
        && settings.key.is_none()
    {
        let moved =
            check_identity(input.name, choice, &roles, &candidates, &sample, remembered, session)?;
        roles.warnings.extend(moved);
    }
    let uid_column = key.as_ref().and_then(|choice| choice.uid).map(|(column, _)| column);
    let uid_column = uid_column.or_else(|| roles.column_of(Standard::Uid));
    let is_key_uid = key.as_ref().is_some_and(|choice| choice.key == Key::Uid);
    let decimal =
        uid_column.filter(|column| is_key_uid && !is_own_export && has_decimals(&sample, *column));
    if let Some(column) = decimal {
        let column = input.header[column].clone();
        roles.warnings.push(MappingWarning::DecimalUids { column });
    }
    if let Some(column) = uid_column.filter(|column| is_key_uid && roles.is_free(*column))
        && roles.column_of(Standard::Email).is_none()
        && roles.holds_addresses(column)
    {
        let column = input.header[column].clone();
        roles.warnings.push(MappingWarning::UidIsAddress { column });
    }
    if let Some(choice) = &key
        && !is_own_export
        && settings.key.is_none()
        && (known.key.is_none() || choice.key == Key::Uid)
    {
        let rival = alternative_key_warning(
            input.header,
            &roles,
            &candidates,
            choice,
            &sample,
            names_action_id,
        );
        roles.warnings.extend(rival);
    }
    let other_keys = match &key {
        Some(choice) => other_keys(choice, uid_column, &roles, &candidates),
        None => Vec::new(),
    };
    let uid = key.as_ref().and_then(|choice| choice.uid);
    let mut mapping = Mapping::from_roles(roles, uid, &settings.mapping);
    if let Some(choice) = &key {
        mapping.note_key(choice);
    }
    let events = find_event_evidence(&mapping, &sample, key.as_ref(), settings);
    let event_columns = match events {
        Some(_) => EventColumns::recognise(input.header, &sample, &[]),
        None => EventColumns::default(),
    };
    let hints = match key {
        Some(_) => KeyHints::default(),
        None => KeyHints::of(&mapping.columns, &sample),
    };
    let own = own_export(input.name, &mapping, input.records)?;
    let has_decimal_uids = decimal.is_some();
    Ok(Decision { mapping, key, own, events, event_columns, has_decimal_uids, other_keys, hints })
}

impl Decision {
    /// Fails if the input is event data. `path` is its file, `read` how it was read.
    pub(crate) fn refuse_events(
        &self,
        name: &str,
        path: Option<&Path>,
        read: &ReadOptions,
    ) -> Result<(), ImportError> {
        let Some(evidence) = &self.events else { return Ok(()) };
        let columns = self.mapping.columns.iter();
        let header: Vec<String> = columns.map(|column| column.header.clone()).collect();
        let command = self.event_columns.command(path, &header, &evidence.looks_like, read);
        let (name, evidence) = (name.to_owned(), Box::new(evidence.clone()));
        Err(ImportError::EventData { name, evidence, command })
    }

    /// The key, or the error for a file without one.
    pub(crate) fn key(
        &self,
        name: &str,
        given: Option<Key>,
        stored: Option<Key>,
    ) -> Result<KeyChoice, ImportError> {
        self.key.clone().ok_or_else(|| ImportError::NoKey {
            name: name.to_owned(),
            wanted: given.or(stored),
            of_store: given.is_none() && stored.is_some(),
            columns: self.mapping.columns.iter().map(crate::mapping::Column::label).collect(),
            hints: Box::new(self.hints.clone()),
        })
    }
}

/// The reader of an own export, if the inputs are one.
fn own_export(
    name: &str,
    mapping: &Mapping,
    sample: &[&Record],
) -> Result<Option<ExportReader>, ImportError> {
    let header = mapping.columns.iter().map(|column| column.header.as_str());
    ExportReader::new(header, |column| mapping.store_column(column), sample)
        .map_err(|reason| ImportError::OwnExport { name: name.to_owned(), reason })
}

/// The placeholders for a missing customer in the column that gave the uid before.
fn remembered_placeholders(remembered: &RememberedColumns, header: &[String]) -> Vec<String> {
    let columns = header.iter().filter_map(|header| remembered.find(header));
    columns.flat_map(|column| column.placeholders.iter().cloned()).collect()
}

/// The evidence that the inputs are event data. A column that was mapped or skipped manually does
/// not count.
fn find_event_evidence(
    mapping: &Mapping,
    sample: &Sample<'_>,
    key: Option<&KeyChoice>,
    settings: &Settings,
) -> Option<EventEvidence> {
    if mapping.is_own_export() || settings.one_row_per_customer {
        return None;
    }
    let key_column = key.and_then(|choice| mapping.standard(choice.key.attribute()));
    let columns: Vec<ColumnForEvidence<'_>> = mapping
        .columns
        .iter()
        .map(|column| ColumnForEvidence {
            index: column.index,
            header: &column.header,
            // Mapping a column to the uid does not change what a row is about, so it still counts.
            ignored: column.origin.is_manual() && column.target != Target::Standard(Standard::Uid),
            is_key: key_column.is_some_and(|key| key.index == column.index),
        })
        .collect();
    event_evidence(&columns, sample)
}

/// Whether all values of a column are whole numbers written with `.0`.
fn has_decimals(sample: &Sample<'_>, column: usize) -> bool {
    let mut values = sample.column(column).filter(|value| !is_missing_key(value)).peekable();
    values.peek().is_some() && values.all(is_decimal_uid)
}

/// Whether a uid is a whole number written with `.0`.
pub(crate) fn is_decimal_uid(value: &str) -> bool {
    let digits = value.strip_suffix(".0").unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The columns that would give a key to records that have none.
fn other_keys(
    choice: &KeyChoice,
    uid_column: Option<usize>,
    roles: &Roles<'_>,
    candidates: &KeyCandidates,
) -> Vec<OtherKey> {
    let others = candidates.full_candidates().filter_map(|(key, column)| match (key, column) {
        (Key::Uid, Some(column)) if Some(column) != uid_column => {
            Some(OtherKey { column, option: OtherKeyOption::Uid })
        }
        (Key::Uid, _) => None,
        (key, _) if key == choice.key => None,
        (key, _) => {
            let column = roles.column_of(key.attribute())?;
            Some(OtherKey { column, option: OtherKeyOption::Key(key) })
        }
    });
    others.collect()
}
