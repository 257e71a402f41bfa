//! Converts a file of events from beginning to end.

use super::event_plan::EventPlan;
use super::line_writer::LineWriter;
use super::options::EventOptions;
use crate::import::inputs::Inputs;
use crate::import::output::{PublishResult, RejectsFile, planned_rejects};
use crate::import::{ImportError, Meter, pipeline};
use crate::outcome::{EventsOutcome, Rejects, SourceOutcome};
use crate::output::TemporaryFiles;
use crate::store::{CustomerLookup, Interrupt};
use crate::value::Key;
use std::io::Write;
use std::path::PathBuf;

/// Writes the events of a file, one JSON object per line.
pub fn convert_events(
    options: &EventOptions,
    writer: &mut dyn Write,
    meter: &Meter,
    interrupt: &Interrupt,
) -> Result<EventsOutcome, ImportError> {
    let paths = [options.input.clone()];
    let inputs = Inputs::open(&paths, &options.settings.read, u64::MAX, meter)?;
    let name = inputs.name().to_owned();
    let rejects = planned_rejects(
        options.rejects.clone(),
        &inputs.layouts()[0],
        &options.store,
        options.output.as_deref(),
        &TemporaryFiles::of_store(&options.store),
    )?;
    let plan = EventPlan::new(&name, inputs.header(), &inputs.sample(), options)?;
    let lookup = match plan.plan.key {
        Key::Uid => None,
        key => Some(CustomerLookup::open(&options.store, key)?),
    };
    let event = options.event.as_deref();
    let mut lines = LineWriter::new(&plan, event, lookup.as_ref(), rejects, writer);
    let inputs = pipeline::run(inputs, &plan.plan, None, options.threads, interrupt, |batch| {
        let before = lines.records.rejected;
        lines.write(batch)?;
        meter.count(batch.length as u64, lines.records.rejected - before);
        Ok(())
    })?;
    interrupt.check()?;
    lines.writer.flush().map_err(ImportError::EventOutput)?;
    let sources: Vec<SourceOutcome> = inputs.finish()?;
    let rejects = lines.rejects.take().map(RejectsFile::finish).transpose()?;
    let warnings = lines.warnings.into_list(&plan.plan, &sources, &lines.values);
    let mut files: Vec<PathBuf> = Vec::new();
    let mut sha256 = Vec::new();
    let mut failed = None;
    if let Some(rejects) = rejects {
        if let Some((path, digest)) = rejects.digest() {
            files.push(path.to_owned());
            sha256.push(digest.to_owned());
        }
        failed = rejects.publish(true).iter().find_map(PublishResult::failure);
    }
    Ok(EventsOutcome {
        columns: plan.columns(),
        event: options.event.clone(),
        has_timestamp: plan.timestamp.is_some(),
        has_value: plan.has_value,
        records: lines.records,
        without_offset: lines.without_offset,
        long_names: lines.long_names.0,
        long_name: lines.long_names.1,
        rejects: Rejects { files, sha256, groups: lines.counts.into_groups(), removed: Vec::new() },
        warnings,
        sources,
        output: options.output.as_ref().map(|path| path.display().to_string()),
        rejects_failure: failed,
    })
}
