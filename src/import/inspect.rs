//! Shows how an import would read a file, from a sample at its beginning. Nothing is imported, and
//! a file of any size takes the same time. The sample and all steps up to validation are those of
//! an import.

use super::error::{FileRole, ImportError};
use super::inputs::{Inputs, Layout};
use super::meter::Meter;
use super::warnings::Warnings;
use crate::events::EventEvidence;
use crate::import::output::{RejectCounts, check_output};
use crate::import::plan::{
    ColumnDrift, Decision, LastReport, Plan, PlannedAttribute, SampledInput, build_plan,
    column_outcomes, decide, plan_attributes, saved_types, secrets_warning, whole_records,
};
use crate::import::validate::{Validation, Validations, Validator};
use crate::input::Description;
use crate::input::csv::Record;
use crate::mapping::{Column, KnownFrom, Mapping, MappingWarning, Origin, proposed_standard};
use crate::outcome::{ColumnOutcome, RejectGroup, SourceOutcome, Warning};
use crate::output::TemporaryFiles;
use crate::settings::file::SavedMapping;
use crate::settings::{ExplicitOption, Settings};
use crate::store::{StoreLocation, StoreSettings, store_settings};
use crate::value::{Key, Standard, trimmed};
use serde::Serialize;
use std::path::PathBuf;
use std::thread;

/// How many values of a column are shown.
const SHOWN_VALUES: usize = 3;

/// Where the key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOrigin {
    /// It was given.
    Given(Origin),
    /// It is the store's.
    Store,
    /// The store has no key yet, so it is chosen from the columns of the file.
    First,
}

/// The counts of a sample of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct SampleCounts {
    /// How many records were read.
    pub records: u64,
    /// Whether these are all records of the file.
    pub complete: bool,
    /// How many of them would be rejected; `None` without a key to validate with.
    pub rejected: Option<u64>,
}

/// A column, what it would become, and its values.
#[derive(Debug, Clone)]
pub struct InspectedColumn {
    /// What it would become, and why.
    pub outcome: ColumnOutcome,
    /// Its exact name.
    pub header: String,
    /// The standard attribute that its name suggests, even if another column becomes that
    /// attribute.
    pub alias: Option<Standard>,
    /// In how many records of the sample it has a value.
    pub filled: u64,
    /// Its first distinct values, as the file has them.
    pub values: Vec<String>,
}

/// How an import would read a file.
#[derive(Debug)]
pub struct Inspection {
    /// The path as it was given, or `stdin`.
    pub name: String,
    /// The length of the stored file, if it is known.
    pub bytes: Option<u64>,
    /// How it is read.
    pub description: Description,
    /// The store whose key and types apply, if it exists.
    pub store: Option<PathBuf>,
    /// What identifies a customer, and why; `None` if an import is refused because nothing does.
    pub key: Option<(Key, KeyOrigin)>,
    /// The options that were given, and where.
    pub explicit_options: Vec<ExplicitOption>,
    /// The counts of the sample.
    pub sample: SampleCounts,
    /// All columns in the file's order.
    pub columns: Vec<InspectedColumn>,
    /// The rejects of the sample by reason, the most frequent first.
    pub rejects: Vec<RejectGroup>,
    /// The warnings of an import, as far as the sample shows them.
    pub warnings: Vec<Warning>,
    /// The evidence that it is event data, if there is any.
    pub events: Option<EventEvidence>,
    /// The mapping file, if one was written.
    pub saved_mapping: Option<PathBuf>,
    /// Why an import would be refused, such as event data, a missing key, or new or gone columns
    /// with `--strict`. If so, no mapping is saved.
    pub refusal: Option<ImportError>,
}

/// The options of an inspection.
#[derive(Debug, Clone)]
pub struct InspectOptions {
    /// The input; `-` is standard input.
    pub input: PathBuf,
    /// The customer store that it would be imported into.
    pub store: StoreLocation,
    /// How the input is read, mapped and validated.
    pub settings: Settings,
    /// Whether a column that is new or gone would stop the import.
    pub strict: bool,
    /// Where the mapping is saved, if at all.
    pub save_mapping: Option<PathBuf>,
}

/// Shows how an import into a store would read a file. The store is read if it exists, and never
/// created. Fails if there is nothing to show: the file cannot be read, is not CSV, or the settings
/// do not fit it.
pub fn inspect(options: &InspectOptions) -> Result<Inspection, ImportError> {
    let InspectOptions { input, store, settings, strict, save_mapping } = options;
    check_save_mapping(options)?;
    let inputs = [input.to_owned()];
    let inputs = Inputs::open(&inputs, &settings.read, u64::MAX, &Meter::default())?;
    // A new mapping file has the columns of this file, not those of the old one.
    let mut settings = settings.clone();
    let gone = match save_mapping {
        Some(_) => settings.take_gone_columns(inputs.header()),
        None => Vec::new(),
    };
    let settings = &settings;
    let known = store_settings(store)?;
    let none = StoreSettings::default();
    let stored = known.as_ref().unwrap_or(&none);
    let layout = inputs.layouts()[0].clone();
    let (name, description) = (layout.name.clone(), layout.description.clone());
    let sample = inputs.sample();
    let last = LastReport::read_from(store, inputs.name())?;
    let whole = whole_records(&sample);
    let input = SampledInput { name: &name, header: inputs.header(), records: &whole };
    let mut before = || Ok(last.as_ref().map_or_else(Vec::new, LastReport::columns));
    let mut decision = decide(input, settings, stored, None, &mut before)?;
    let mapping = &mut decision.mapping;
    let drift = ColumnDrift::from_mapping_file(mapping, settings)
        .or_else(|| ColumnDrift::from_last_import(mapping, settings, last.as_ref()));
    let mut refusal = drift.as_ref().filter(|_| *strict).map(|drift| drift.error(&name, settings));
    if let Some(drift) = drift {
        drift.warn(mapping);
    }
    if !gone.is_empty() {
        let since = KnownFrom::MappingFile;
        mapping.warnings.push(MappingWarning::Gone { columns: gone, since });
    }
    let choice = match decision.key(&name, settings.key, stored.key) {
        Ok(choice) => Some(choice),
        Err(error) => {
            refusal = Some(error);
            None
        }
    };
    let key = choice
        .as_ref()
        .map(|choice| (choice.key, origin(settings, stored.key.filter(|key| *key == choice.key))));
    let path = layout.path.as_deref();
    if let Err(error) = decision.refuse_events(&name, path, &settings.read) {
        refusal = Some(error);
    }
    let events = decision.events.clone();
    let mut counts = SampleCounts { records: sample.len() as u64, complete: false, rejected: None };
    let mut rejects = Vec::new();
    let mut warnings = Vec::new();
    let (mapping, attributes) = if let Some(choice) = choice {
        let plan = build_plan(choice, decision, &sample, stored, &settings.values)?;
        refusal = refusal.or_else(|| plan.numbers.error(&name, &plan.mapping));
        let results = SampleResults::of(&plan, &layout, &sample);
        let outcome = SourceOutcome::new(name.clone(), &description, None, counts.records);
        counts.rejected = Some(results.rejected);
        rejects = results.rejects.into_groups();
        warnings = results.warnings.into_list(&plan, &[outcome], &results.values);
        warnings.extend(secrets_warning(&plan, &stored.catalogue));
        (plan.mapping, plan.attributes)
    } else {
        let Decision { mapping, own, .. } = decision;
        let attributes =
            plan_attributes(&mapping, &sample, stored, &settings.values, own.as_ref())?;
        (mapping, attributes)
    };
    let is_absent = |record: &Record, column: usize| {
        let text = trimmed(record.field(column));
        let nulls = &settings.values.nulls;
        text.is_empty()
            || (description.nulls && record.is_null(column))
            || nulls.iter().any(|null| null == text)
    };
    let columns = inspected_columns(&mapping, &attributes, &sample, &is_absent);
    let bytes = inputs.length();
    counts.complete = inputs.has_complete_sample()?;
    let save_mapping = save_mapping.as_ref().filter(|_| refusal.is_none());
    if let (Some(path), Some((key, _))) = (save_mapping, key) {
        let (name, description, mapping) = (name.as_str(), &description, &mapping);
        let types = saved_types(&attributes);
        SavedMapping { name, settings, description, key, mapping, types }
            .save(path, &TemporaryFiles::of_store(store))?;
    }
    Ok(Inspection {
        name,
        bytes,
        description,
        store: known.map(|_| store.to_path_buf()),
        key,
        explicit_options: settings.explicit.clone(),
        sample: counts,
        columns,
        rejects,
        warnings,
        events,
        saved_mapping: save_mapping.cloned(),
        refusal,
    })
}

/// Fails if the mapping file would replace the store or a file that is read.
fn check_save_mapping(options: &InspectOptions) -> Result<(), ImportError> {
    let Some(path) = &options.save_mapping else { return Ok(()) };
    let mapping = options.settings.mapping_file.iter();
    let read: Vec<_> = mapping
        .map(|file| (file.as_path(), FileRole::ReadMapping))
        .chain([(options.input.as_path(), FileRole::Input)])
        .collect();
    check_output(FileRole::SavedMapping, path, &options.store, &read)
}

fn origin(settings: &Settings, stored: Option<Key>) -> KeyOrigin {
    match (settings.explicit("key"), stored) {
        (Some(option), _) => KeyOrigin::Given(option.origin),
        (None, Some(_)) => KeyOrigin::Store,
        (None, None) => KeyOrigin::First,
    }
}

/// The results of validating a sample.
#[derive(Default)]
struct SampleResults {
    rejected: u64,
    rejects: RejectCounts,
    warnings: Warnings,
    /// How many values each attribute of the plan has.
    values: Vec<u64>,
}

impl SampleResults {
    /// Validates a sample, half of it on another thread.
    fn of(plan: &Plan, layout: &Layout, sample: &[&Record]) -> Self {
        let rules = plan.rules_of(layout);
        let validate = |records: &[&Record]| {
            let validator = Validator::new(plan, None);
            let mut validations = Validations::default();
            validations.clear(plan);
            let results: Vec<Validation> = records
                .iter()
                .map(|record| validator.validate_record(record, rules, &mut validations))
                .collect();
            (results, validations.values)
        };
        let (first, second) = sample.split_at(sample.len() / 2);
        let [(first, values), (second, more_values)] = thread::scope(|scope| {
            let other = scope.spawn(|| validate(second));
            let own = validate(first);
            match other.join() {
                Ok(other) => [own, other],
                Err(panic) => std::panic::resume_unwind(panic),
            }
        });
        let values = values.iter().zip(&more_values).map(|(a, b)| a + b).collect();
        let mut results = Self { values, ..Self::default() };
        for (record, validation) in sample.iter().zip(first.iter().chain(&second)) {
            match validation {
                Validation::Accepted(accepted) => {
                    results.warnings.count(0, record, &accepted.notes);
                }
                Validation::Rejected(rejected) => {
                    results.rejected += 1;
                    results.rejects.count(0, record, &plan.mapping.columns, &rejected.errors);
                }
                // The validator has no known customers to compare with.
                Validation::Unchanged(_) => {}
            }
        }
        results
    }
}

fn inspected_columns(
    mapping: &Mapping,
    attributes: &[PlannedAttribute],
    sample: &[&Record],
    is_absent: &impl Fn(&Record, usize) -> bool,
) -> Vec<InspectedColumn> {
    let has_values: Vec<bool> = attributes.iter().map(|attribute| attribute.in_sample).collect();
    let outcomes = column_outcomes(mapping, attributes, &has_values);
    mapping
        .columns
        .iter()
        .zip(outcomes)
        .map(|(column, outcome)| inspected(column, outcome, sample, is_absent))
        .collect()
}

fn inspected(
    column: &Column,
    outcome: ColumnOutcome,
    sample: &[&Record],
    is_absent: &impl Fn(&Record, usize) -> bool,
) -> InspectedColumn {
    let mut filled = 0;
    let mut values: Vec<String> = Vec::new();
    for record in sample.iter().copied().filter(|record| !is_absent(record, column.index)) {
        let text = trimmed(record.field(column.index));
        filled += 1;
        if values.len() < SHOWN_VALUES && !values.iter().any(|value| value == text) {
            values.push(text.to_owned());
        }
    }
    let header = column.header.clone();
    InspectedColumn { alias: proposed_standard(&header), outcome, header, filled, values }
}
