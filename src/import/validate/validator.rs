//! Validates records: each becomes a patch of a customer, or a list of all errors in it.

use super::cells::{Cell, Row, typed};
use super::validation::{
    AcceptedRecord, Note, NoteKind, RecordError, RejectedRecord, Span, Validation, Validations,
};
use crate::customer::{Change, MAX_ATTRIBUTES_BYTES};
use crate::import::known::{Known, KnownCustomers};
use crate::import::plan::{Plan, Role, SourceRules};
use crate::input::csv::Record;
use crate::mapping::proposed_platform;
use crate::own_export::CellType;
use crate::settings::{Blank, OnInvalid};
use crate::store::key_hash;
use crate::value::typed::{MAX_STRING_CHARACTERS, Value};
use crate::value::{Code, DevicePlatform, FullName, Name, RejectReason, Standard, trimmed};

/// Records of at least this many bytes reserve the space for their values at once: growing step by
/// step would leave about as much unused.
const LONG_RECORD: usize = 64 << 10;

/// Validates records by one plan.
pub(crate) struct Validator<'p> {
    pub(crate) plan: &'p Plan,
    /// The customers before the import, with the fingerprints of this plan.
    known: Option<&'p KnownCustomers>,
    /// The columns of emails and of numbers, in order of preference.
    pub(super) emails: Vec<usize>,
    pub(super) numbers: Vec<usize>,
    /// The columns of tokens, each with the platform that its header names.
    pub(super) tokens: Vec<(usize, Option<DevicePlatform>)>,
    pub(crate) platform_column: Option<usize>,
}

impl<'p> Validator<'p> {
    pub(crate) fn new(plan: &'p Plan, known: Option<&'p KnownCustomers>) -> Self {
        let platform = plan.mapping.standard(Standard::DevicePlatform);
        let tokens = plan.mapping.columns_of(Standard::DeviceToken).into_iter();
        let named = |column: usize| proposed_platform(&plan.mapping.columns[column].header);
        Self {
            plan,
            known,
            emails: plan.mapping.columns_of(Standard::Email),
            numbers: plan.mapping.columns_of(Standard::Number),
            tokens: tokens.map(|column| (column, named(column))).collect(),
            platform_column: platform.map(|column| column.index),
        }
    }

    /// Validates records of one input.
    pub(crate) fn validate_batch(
        &self,
        records: &[Record],
        rules: SourceRules,
        validations: &mut Validations,
    ) {
        validations.clear(self.plan);
        self.warm_known(records);
        for record in records {
            let result = self.validate(record, rules, validations, true);
            validations.results.push(result);
        }
    }

    /// Loads the known customers of a batch into the CPU cache. Most keys are the text of their cell;
    /// for the others this has no effect.
    fn warm_known(&self, records: &[Record]) {
        let column = self.plan.mapping.standard(self.plan.key.attribute());
        if let (Some(known), Some(column)) = (self.known, column) {
            let text = |record: &Record| key_hash(trimmed(record.field(column.index)));
            known.warm(records.iter().map(text));
        }
    }

    /// Validates one record in full, even if a fingerprint proves it unchanged.
    pub(crate) fn validate_record(
        &self,
        record: &Record,
        rules: SourceRules,
        validations: &mut Validations,
    ) -> Validation {
        self.validate(record, rules, validations, false)
    }

    fn validate(
        &self,
        record: &Record,
        rules: SourceRules,
        validations: &mut Validations,
        trust_fingerprints: bool,
    ) -> Validation {
        if let Some(breakage) = record.breakage {
            let errors = vec![RecordError::of_breakage(breakage, self.plan.mapping.columns.len())];
            return Validation::Rejected(RejectedRecord { errors, key_hash: None, uid: None });
        }
        let marker = match self.plan.own.as_ref().map(|own| own.row_marker(record)).transpose() {
            Ok(marker) => marker,
            Err((column, reason)) => {
                let errors = vec![RecordError { column: Some(column), reason }];
                return Validation::Rejected(RejectedRecord { errors, key_hash: None, uid: None });
            }
        };
        // In an own export, no word stands for a missing value.
        let row = if marker.is_some() {
            Row { record, nulls: &[], null_marker: false, marker }
        } else {
            let nulls = &self.plan.options.nulls;
            Row { record, nulls, null_marker: rules.nulls, marker }
        };
        let mut accepted = AcceptedRecord {
            record_hash: rules.record_hash(record.bytes()),
            ..AcceptedRecord::default()
        };
        let key = self.key(&row, &mut accepted, validations);
        if key.is_ok() {
            accepted.key_hash = key_hash(validations.text(accepted.key));
            accepted.known = self.known.map(|known| known.get(accepted.key_hash));
            if let Some(Known::One(customer, proof)) = accepted.known
                && trust_fingerprints
                && proof == accepted.record_hash
            {
                return Validation::Unchanged(customer);
            }
        }
        let key_hash = key.is_ok().then_some(accepted.key_hash);
        let mut errors: Vec<RecordError> = key.err().into_iter().collect();
        for (column, role) in &self.plan.roles {
            if let Role::Standard(standard) = role {
                self.standard(&row, *column, *standard, &mut accepted, validations, &mut errors);
            } else if *role == Role::FullName {
                self.full_name(&row, *column, &mut accepted, validations, &mut errors);
            }
        }
        self.device(&row, &mut accepted, validations, &mut errors);
        if self.plan.own.is_some() {
            self.exported_fields(&row, &mut accepted, validations, &mut errors);
        }
        self.attributes(&row, &mut accepted, validations, &mut errors);
        if errors.is_empty() {
            Validation::Accepted(accepted)
        } else {
            errors.sort_by_key(|reason| reason.column);
            Validation::Rejected(RejectedRecord { errors, key_hash, uid: accepted.uid })
        }
    }

    fn standard(
        &self,
        row: &Row<'_>,
        column: usize,
        standard: Standard,
        accepted: &mut AcceptedRecord,
        validations: &mut Validations,
        errors: &mut Vec<RecordError>,
    ) {
        // The key is validated first, for every record.
        if self.plan.key.attribute() == standard {
            return;
        }
        if let Standard::Number | Standard::Email = standard {
            return self.contact(row, standard, accepted, validations, errors);
        }
        let cell = row.standard_cell(column, standard, self.plan, &mut accepted.notes);
        let result = match standard {
            Standard::Uid => Self::uid_next_to_key(&cell, accepted, validations),
            Standard::FirstName => {
                self.name(&cell, validations).map(|first_name| accepted.first_name = first_name)
            }
            Standard::LastName => {
                self.name(&cell, validations).map(|last_name| accepted.last_name = last_name)
            }
            // Contacts are validated above, and a device, which needs both of its columns, below.
            Standard::Number
            | Standard::Email
            | Standard::DeviceToken
            | Standard::DevicePlatform => Ok(()),
        };
        if let Err(reason) = result {
            self.report_invalid(column, reason, accepted, errors);
        }
    }

    fn name(
        &self,
        cell: &Cell<'_>,
        validations: &mut Validations,
    ) -> Result<Change<Span>, RejectReason> {
        self.change(cell, |text| Ok(Name::parse(text)?.map(|name| validations.push(name.as_str()))))
    }

    /// The change that a cell makes: its value, or the meaning of a blank or null cell.
    fn change(
        &self,
        cell: &Cell<'_>,
        parse: impl FnOnce(&str) -> Result<Option<Span>, RejectReason>,
    ) -> Result<Change<Span>, RejectReason> {
        match cell {
            Cell::Text(text) => Ok(parse(text)?.map_or(Change::Keep, Change::Set)),
            Cell::Blank | Cell::Null => Ok(self.absent(cell)),
        }
    }

    fn full_name(
        &self,
        row: &Row<'_>,
        column: usize,
        accepted: &mut AcceptedRecord,
        validations: &mut Validations,
        errors: &mut Vec<RecordError>,
    ) {
        let cell = row.standard_cell(column, Standard::FirstName, self.plan, &mut accepted.notes);
        let text = match cell {
            Cell::Text(text) => text,
            cell => {
                accepted.first_name = self.absent(&cell);
                accepted.last_name = self.absent(&cell);
                return;
            }
        };
        match FullName::parse(text) {
            Ok(name) => {
                // A single word means that the other part is missing.
                let mut part = |name: Option<Name<'_>>| match name {
                    Some(name) => Change::Set(validations.push(name.as_str())),
                    None => self.absent(&Cell::Blank),
                };
                accepted.first_name = part(name.first);
                accepted.last_name = part(name.last);
            }
            Err(reason) => self.report_invalid(column, reason, accepted, errors),
        }
    }

    fn attributes(
        &self,
        row: &Row<'_>,
        accepted: &mut AcceptedRecord,
        validations: &mut Validations,
        errors: &mut Vec<RecordError>,
    ) {
        let start = validations.position();
        let length = row.record.bytes().len();
        if length >= LONG_RECORD {
            let names: usize = self.plan.attributes.iter().map(|a| a.prefix.len() + 3).sum();
            validations.text.reserve(names + length);
        }
        let has_nul = row.record.has_nul();
        validations.text.push('{');
        for (index, attribute) in self.plan.attributes.iter().enumerate() {
            let column = attribute.column;
            let value = match self.cell_type(row, index) {
                CellType::Attribute => {
                    match row.attribute_cell(attribute, self.plan, &mut accepted.notes) {
                        Cell::Text(text) => {
                            typed(attribute, text, row.marker.is_some(), &mut accepted.notes)
                        }
                        cell => {
                            if self.absent::<Span>(&cell) == Change::Clear {
                                accepted.cleared.push(index);
                            }
                            continue;
                        }
                    }
                }
                cell_type => cell_type.value(row.exact(column)),
            };
            let value = match value {
                Ok(value) => value,
                Err(reason) => {
                    self.report_invalid(column, reason, accepted, errors);
                    continue;
                }
            };
            if let Value::Text(text) = &value
                && text.len() > MAX_STRING_CHARACTERS
                && text.chars().count() > MAX_STRING_CHARACTERS
            {
                let message = "longer than 65,536 characters";
                self.report_invalid(
                    column,
                    RejectReason::new(Code::ValueTooLong, message),
                    accepted,
                    errors,
                );
                continue;
            }
            if let Value::Text(text) = &value
                && has_nul
                && text.contains('\0')
            {
                let reason = RejectReason::new(Code::ValueType, "contains a NUL character");
                self.report_invalid(column, reason, accepted, errors);
                continue;
            }
            validations.values[index] += 1;
            if validations.position() > start + 1 {
                validations.text.push(',');
            }
            validations.text.push_str(&attribute.prefix);
            value.write_json(&mut validations.text);
            if validations.text.len() - start as usize > MAX_ATTRIBUTES_BYTES {
                validations.text.truncate(start as usize);
                errors.push(RecordError { column: None, reason: too_much() });
                return;
            }
        }
        validations.text.push('}');
        accepted.attributes = Span { start, end: validations.position() };
    }

    fn cell_type(&self, row: &Row<'_>, attribute: usize) -> CellType {
        match (&self.plan.own, row.marker) {
            (Some(own), Some(marker)) => own.cell_type(marker, attribute),
            _ => CellType::Attribute,
        }
    }

    pub(super) fn absent<T>(&self, cell: &Cell<'_>) -> Change<T> {
        match (cell, self.plan.options.blank) {
            (Cell::Null, _) | (Cell::Blank, Blank::Clear) => Change::Clear,
            (Cell::Blank, Blank::Keep) | (Cell::Text(_), _) => Change::Keep,
        }
    }

    /// Rejects the record for an invalid value, or leaves the value out with a note.
    pub(crate) fn report_invalid(
        &self,
        column: usize,
        reason: RejectReason,
        accepted: &mut AcceptedRecord,
        errors: &mut Vec<RecordError>,
    ) {
        match self.plan.options.on_invalid {
            OnInvalid::Reject => errors.push(RecordError { column: Some(column), reason }),
            OnInvalid::Drop => {
                accepted.notes.push(Note { column, kind: NoteKind::Dropped(reason) });
            }
        }
    }
}

/// Why a record is rejected if its customer would have more attributes than the store keeps.
pub(crate) fn too_much() -> RejectReason {
    let most = MAX_ATTRIBUTES_BYTES >> 20;
    let message = format!("its customer would have more than {most} MiB of custom attributes");
    RejectReason::new(Code::RecordTooLong, message)
}
