//! The end of an import: guards, missing customers and the outcome.

use super::job::Job;
use crate::exit::Exit;
use crate::import::apply::{
    Contradictions, MissingCustomers, NamedCustomers, RecordsSummary, RejectCures, blocked_warning,
    is_version_date,
};
use crate::import::output::StagedFiles;
use crate::import::plan::{
    LastReport, OtherKeyOption, Plan, column_outcomes, remembered_columns, retyped_warnings,
    secrets_warning, sign_up_hint,
};
use crate::import::{Bound, ImportError};
use crate::outcome::{
    ContradictionCounts, ContradictionExample, Guard, MissingAction, Outcome, RecordCounts,
    Rejects, SourceOutcome, Status, Warning, counted, grouped,
};
use crate::store::{Attribute, DEFAULT_PATH, Session, StoreSettings};
use crate::text::{escaped, shell_path, shell_word};
use crate::value::typed::ValueType;
use std::collections::BTreeMap;
use std::path::Path;

/// This many contradicting records are always tolerated, regardless of their share.
const FEW_CONTRADICTIONS: u64 = 3;

/// Fewer matched customers than this prove nothing.
const MIN_MATCHED: u64 = 5;

/// How many contradicting records a warning lists.
const SHOWN_EXAMPLES: usize = 5;

impl Job<'_> {
    /// Finishes an import whose records are all merged: decides whether a guard stops it, removes
    /// the customers missing from a snapshot, and makes the outcome.
    pub(crate) fn conclude(
        &self,
        session: &mut dyn Session,
        plan: &Plan,
        stored: &StoreSettings,
        summary: RecordsSummary,
        sources: Vec<SourceOutcome>,
        last: Option<&LastReport>,
    ) -> Result<(Outcome, StagedFiles), ImportError> {
        let missing = self.find_missing(session, plan, &summary, &sources)?;
        let guard = self.guard(plan, &summary, &sources, missing.as_ref());
        let dropping = self.command_with(["--on-invalid", "drop"]);
        let mut hints = hints(plan, &summary.cures, summary.records.rejected, dropping);
        hints.extend(sign_up_hint(plan, &stored.catalogue));
        let RecordsSummary {
            records, mut customers, devices, has_values, values, mut files, ..
        } = summary;
        let has_bound = self.max_rejects(&files).is_some();
        if let Some(guard) = &guard {
            files.stop(guard.is_about_rejects());
        }
        let Contradictions { counts: contradictions, examples } = summary.contradictions;
        let mut warnings = summary.warnings.into_list(plan, &sources, &values);
        if guard.is_none() {
            warnings.extend(contradiction_warnings(contradictions, &examples, &sources));
            warnings.extend(cut_off_warnings(&sources));
        }
        warnings.extend(files.edited_warnings());
        warnings.extend(blocked_warning(summary.blocked));
        warnings.extend(secrets_warning(plan, &stored.catalogue));
        warnings.extend(retyped_warnings(plan, &stored.catalogue));
        customers.missing = missing.as_ref().map_or(0, MissingCustomers::count);
        if guard.is_none() {
            if let Some(missing) = &missing {
                let unreadable = self.unreadable(&summary.named);
                warnings.extend(missing.warning(unreadable));
                if unreadable == 0 {
                    missing.archive_or_delete(session, &mut customers, &self.started_at)?;
                }
            }
            let known = &stored.catalogue;
            session.record_attributes(&imported_attributes(plan, &has_values, known))?;
            let columns = remembered_columns(plan, &stored.remembered);
            session.remember_columns(&columns, &stored.remembered)?;
            session.complete()?;
        }
        if let Some(last) = last {
            last.mark_repeated(&mut warnings);
        }
        let last_records = last.filter(|_| guard.is_some()).map(LastReport::records);
        let (status, exit) = self.status(guard.as_ref(), records, has_bound);
        let is_recorded = guard.is_none() && !self.options.dry_run;
        let mut outcome = Outcome {
            status,
            exit,
            guard,
            import_id: is_recorded.then(|| session.start().import_id),
            store: self.options.store.to_path_buf(),
            new_store: session.start().customers == 0,
            warnings,
            sources,
            key: Some(plan.key),
            mapping: column_outcomes(&plan.mapping, &plan.attributes, &has_values),
            explicit_options: self.options.settings.explicit.clone(),
            records,
            customers,
            snapshot: missing.map(|missing| missing.outcome(last_records)),
            devices,
            contradictions,
            contradiction_examples: examples,
            hints,
            rejects: Rejects {
                files: files.rejects_paths(),
                sha256: files.rejects_digests(),
                groups: summary.rejects.into_groups(),
                removed: Vec::new(),
            },
            expected_columns: last.and_then(|last| last.still_expected(&plan.mapping.warnings)),
            accepted: None,
            saved_mapping: self.options.save_mapping.clone(),
            timing: self.timing(records),
            ..Outcome::new()
        };
        outcome.error = outcome.guard_error();
        Ok((outcome, files))
    }

    /// The command of this import with another option, to copy to a shell. `None` if the option
    /// cannot be added at its end, or the input cannot be read again.
    fn command_with(&self, [option, value]: [&str; 2]) -> Option<String> {
        let words = &self.options.as_given;
        let is_read_once = |word: &str| word == "-" || word.starts_with("/dev/");
        let cannot_follow = |word: &str| word == "--" || word.starts_with(option);
        if words.is_empty() || words.iter().any(|word| is_read_once(word) || cannot_follow(word)) {
            return None;
        }
        let mut line = String::from("engage");
        for word in words.iter().map(String::as_str).chain([option, value]) {
            line.extend([" ", &shell_word(word)]);
        }
        let store: &Path = &self.options.store;
        if store != Path::new(DEFAULT_PATH) && !words.iter().any(|word| word.starts_with("--store"))
        {
            line.extend([" --store ", &shell_path(store)]);
        }
        Some(line)
    }

    /// The customers missing from a snapshot; `None` if the input is not a snapshot, or if its
    /// records stop the import anyway.
    fn find_missing(
        &self,
        session: &mut dyn Session,
        plan: &Plan,
        summary: &RecordsSummary,
        sources: &[SourceOutcome],
    ) -> Result<Option<MissingCustomers>, ImportError> {
        let Some(snapshot) = self.options.snapshot else { return Ok(None) };
        if self.guard(plan, summary, sources, None).is_some() {
            return Ok(None);
        }
        Ok(Some(MissingCustomers::find(session, plan.key, &summary.named, snapshot)?))
    }

    /// How many records may be rejected. The bound of a mapping file is for whole exports and does
    /// not apply to a rejects file, whose records are few.
    fn max_rejects(&self, files: &StagedFiles) -> Option<Bound> {
        let bound = self.options.max_rejects?;
        let is_of_export = self.options.settings.guards.max_rejects == Some(bound);
        (!(is_of_export && files.are_of_rejects_files())).then_some(bound)
    }

    /// How many rejected records may name any of the missing customers. With `--max-rejects` such
    /// records are allowed.
    fn unreadable(&self, named: &NamedCustomers) -> u64 {
        if self.options.max_rejects.is_some() { 0 } else { named.unreadable() }
    }

    /// The guard that stops the import before anything is committed.
    fn guard(
        &self,
        plan: &Plan,
        summary: &RecordsSummary,
        sources: &[SourceOutcome],
        missing: Option<&MissingCustomers>,
    ) -> Option<Guard> {
        let records = summary.records;
        if records.read == 0 {
            return Some(Guard::NoRecords);
        }
        if records.rejected == records.read {
            return Some(Guard::AllRejected);
        }
        let is_removing =
            self.options.snapshot.is_some_and(|it| it.action != MissingAction::Report);
        if is_removing && sources.iter().any(|source| source.is_cut_off) {
            return Some(Guard::CutOff);
        }
        if let Some(bound) = self.max_rejects(&summary.files)
            && bound.is_exceeded(records.rejected, records.read)
        {
            return Some(Guard::MaxRejects { bound: bound.to_string() });
        }
        if let Some(guard) = self.contradiction_guard(plan, summary) {
            return Some(guard);
        }
        let bound = missing?.exceeded_bound()?;
        Some(Guard::MaxMissing { bound: bound.to_string() })
    }

    /// The guard against records that overwrite customers with the values of other people.
    fn contradiction_guard(&self, plan: &Plan, summary: &RecordsSummary) -> Option<Guard> {
        let (records, customers) = (summary.records, summary.customers);
        let counts = summary.contradictions.counts;
        if self.options.settings.one_row_per_customer && records.merged > 0 {
            return Some(Guard::RepeatedKey);
        }
        let given = self.options.max_merged;
        let is_exceeded = |count: u64| match given {
            Some(bound) => bound.is_exceeded(count, records.accepted),
            None => count > FEW_CONTRADICTIONS && count * 10 > records.accepted,
        };
        if is_exceeded(counts.contradicting) {
            return Some(Guard::MaxMerged { bound: given.map(|bound| bound.to_string()) });
        }
        let allows =
            |count: u64| given.is_some_and(|bound| !bound.is_exceeded(count, records.accepted));
        let has_versions = || {
            counts.disagreeing == 0
                && plan.mapping.columns.iter().any(|column| is_version_date(&column.header))
        };
        let is_much = counts.overwriting > FEW_CONTRADICTIONS;
        if is_much
            && counts.overwriting * 2 > records.read
            && !allows(counts.overwriting)
            && !has_versions()
        {
            return Some(Guard::Overwritten);
        }
        let matched = customers.updated + customers.unchanged;
        let are_others = matched >= MIN_MATCHED && counts.replaced * 2 > matched;
        (are_others && !allows(counts.replaced)).then_some(Guard::OtherPeople)
    }

    fn status(
        &self,
        guard: Option<&Guard>,
        records: RecordCounts,
        has_bound: bool,
    ) -> (Status, Exit) {
        let rejected = records.rejected > 0;
        let status = match guard {
            Some(_) => Status::Stopped,
            None if self.options.dry_run => Status::DryRun,
            None if rejected => Status::Partial,
            None => Status::Imported,
        };
        let exit = match status {
            Status::Stopped => Exit::Stopped,
            _ if rejected && !has_bound => Exit::Incomplete,
            _ => Exit::Done,
        };
        (status, exit)
    }
}

/// Warnings of records that contradict or overwrite earlier ones.
fn contradiction_warnings(
    counts: ContradictionCounts,
    examples: &[ContradictionExample],
    sources: &[SourceOutcome],
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if counts.contradicting > 0 {
        let message = format!(
            "{} an earlier record of the same customer: {}",
            if counts.contradicting == 1 {
                "1 record contradicts".to_owned()
            } else {
                format!("{} records contradict", grouped(counts.contradicting))
            },
            places(examples, sources)
        );
        let mut customers: Vec<&str> = Vec::new();
        for example in examples {
            if !customers.contains(&example.customer.as_str()) {
                customers.push(&example.customer);
            }
        }
        warnings.push(Warning {
            seen: Some(format!("customers: {}", escaped(&customers.join(", ")))),
            ..Warning::new("record.contradicting", message, counts.contradicting)
        });
    }
    if counts.overwriting > 0 {
        let message = format!(
            "{} of the same customer: the last one counts",
            if counts.overwriting == 1 {
                "1 record overwrites a value of an earlier record".to_owned()
            } else {
                format!(
                    "{} records overwrite values of an earlier record",
                    grouped(counts.overwriting)
                )
            }
        );
        warnings.push(Warning::new("record.overwriting", message, counts.overwriting));
    }
    warnings
}

/// Warnings of inputs that seem to be cut off.
fn cut_off_warnings(sources: &[SourceOutcome]) -> impl Iterator<Item = Warning> {
    let cut_off = sources.iter().filter(|source| source.is_cut_off);
    cut_off.map(|source| {
        let message = format!("{}: is the export complete?", source.cut_off_words());
        Warning::new("record.cut_off", message, 1)
    })
}

/// Where contradicting records are, and in which attributes.
fn places(examples: &[ContradictionExample], sources: &[SourceOutcome]) -> String {
    let place = |example: &ContradictionExample| {
        let ContradictionExample { source, record, line, attributes, .. } = example;
        let attributes: Vec<&str> = attributes.iter().map(|it| it.as_str()).collect();
        let attributes = attributes.join(" and ");
        match (sources, sources.get(*source)) {
            ([_, _, ..], Some(source)) => {
                format!("{}, record {record}, line {line} ({attributes})", source.path)
            }
            _ => format!("record {record}, line {line} ({attributes})"),
        }
    };
    examples.iter().take(SHOWN_EXAMPLES).map(place).collect::<Vec<_>>().join("; ")
}

/// Options that would get more records accepted, or settle a close choice of the key. `dropping` is
/// the command that leaves out invalid values; it is on its own line.
fn hints(plan: &Plan, cures: &RejectCures, rejected: u64, dropping: Option<String>) -> Vec<String> {
    let label = |column: usize| plan.mapping.columns[column].label();
    let map = |column: &str| format!("-m {}", shell_word(&format!("{column}=uid")));
    let mut hints: Vec<String> = cures
        .other_keys()
        .map(|(column, option)| {
            let column = label(column);
            let option = match option {
                OtherKeyOption::Uid => map(&column),
                OtherKeyOption::Key(key) => format!("--key {key}"),
            };
            format!(
                "{column} has a value in the {} without a key: {option}",
                counted(cures.without_key, "record")
            )
        })
        .collect();
    if cures.without_platform > 0 {
        hints.push(
            "the tokens have no platform: set it with --device-platform ios or --device-platform android"
                .to_owned(),
        );
    }
    if cures.droppable > 0 {
        let end = if dropping.is_some() { ":" } else { "" };
        hints.push(format!(
            "--on-invalid drop imports {} of the {} without the invalid values{end}",
            grouped(cures.droppable),
            counted(rejected, "rejected record")
        ));
        hints.extend(dropping);
    }
    if let Some(other) = &plan.key_rules.other {
        hints.push(format!("{other} identifies customers too: {}", map(other)));
    }
    hints
}

/// The attributes of the plan that had a value in this import, and those that the store had: the
/// values of unchanged records are not read.
fn imported_attributes(
    plan: &Plan,
    has_values: &[bool],
    known: &BTreeMap<String, ValueType>,
) -> Vec<Attribute> {
    let attributes = plan.attributes.iter().zip(has_values);
    let attributes = attributes.filter_map(|(attribute, has_values)| {
        let name = &attribute.name;
        let kind = if *has_values { attribute.spec.kind } else { *known.get(name)? };
        Some(Attribute { name: name.clone(), kind })
    });
    attributes.collect()
}
