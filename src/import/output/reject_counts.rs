//! The reasons of rejected records, counted.

use crate::import::validate::RecordError;
use crate::input::csv::Record;
use crate::mapping::Column;
use crate::outcome::{RejectExample, RejectGroup};
use crate::value::Code;
use std::collections::HashMap;

/// How many examples of a group are kept.
const MAX_EXAMPLES: usize = 5;
/// How many characters of a value are kept in each example after the first.
const EXAMPLE_CHARACTERS: usize = 200;

/// The reasons of rejected records, counted.
#[derive(Debug, Default)]
pub(crate) struct RejectCounts {
    groups: HashMap<(Option<usize>, Code), RejectGroup>,
}

impl RejectCounts {
    pub(crate) fn count(
        &mut self,
        source: usize,
        record: &Record,
        columns: &[Column],
        errors: &[RecordError],
    ) {
        for RecordError { column, reason } in errors {
            let value = column.map(|at| record.field(at)).filter(|value| !value.is_empty());
            let group = self.groups.entry((*column, reason.code)).or_insert_with(|| RejectGroup {
                code: reason.code,
                column: column.map(|at| columns[at].label()),
                count: 0,
                first_source: source,
                first_record: record.number,
                examples: Vec::new(),
            });
            if group.examples.len() < MAX_EXAMPLES {
                let characters = if group.count == 0 { usize::MAX } else { EXAMPLE_CHARACTERS };
                group.examples.push(RejectExample {
                    source,
                    record: record.number,
                    line: record.line,
                    message: reason.message.to_string(),
                    value: value.map(|value| value.chars().take(characters).collect()),
                });
            }
            group.count += 1;
        }
    }

    pub(crate) fn into_groups(self) -> Vec<RejectGroup> {
        let mut groups: Vec<RejectGroup> = self.groups.into_values().collect();
        groups.sort_by(|a, b| {
            b.count.cmp(&a.count).then_with(|| {
                let place =
                    |group: &RejectGroup| (group.first_source, group.first_record, group.code);
                place(a).cmp(&place(b)).then_with(|| a.column.cmp(&b.column))
            })
        });
        groups
    }
}
