//! What to do about an error of an import.

use super::evidence::evidence_lines;
use super::{AcceptedError, FileRole, ImportError, RejectsError, TypeContradiction};
use crate::exit::Exit;
use crate::explain::Explain;
use crate::mapping::KnownFrom;
use crate::text::{name_list, name_suggestion, shell_word};
use crate::value::Key;

impl Explain for ImportError {
    fn exit(&self) -> Exit {
        match self {
            Self::Source(error) => error.exit(),
            Self::Store(error) => error.exit(),
            Self::Mapping(error) | Self::MappedColumnsGone { error, .. } => error.exit(),
            Self::MappingFile(error) => error.exit(),
            Self::Rejects(error) => error.exit(),
            Self::Accepted(error) => error.exit(),
            Self::EventData { .. }
            | Self::OwnExport { .. }
            | Self::ColumnsDiffer { .. }
            | Self::ColumnsChanged { .. }
            | Self::NoKey { .. }
            | Self::UnreadableNumbers { .. } => Exit::Refused,
            Self::OtherUids { .. } | Self::TypeContradicted(_) => Exit::Stopped,
            Self::SnapshotOfRejects(_)
            | Self::EventColumn { .. }
            | Self::Twice(_)
            | Self::UnknownAttribute { .. }
            | Self::StandardType(_)
            | Self::Overwrites { .. } => Exit::Usage,
            Self::EventOutput(_)
            | Self::Reading { .. }
            | Self::Replaced(_)
            | Self::Interrupted
            | Self::Report { .. } => Exit::Failed,
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Source(error) => error.details(),
            Self::EventData { evidence, .. } => evidence_lines(evidence),
            Self::ColumnsDiffer { missing, surplus, .. } => {
                column_lists([("missing", missing), ("not in the first", surplus)])
            }
            Self::ColumnsChanged { new, gone, .. } => {
                column_lists([("new", new), ("missing", gone)])
            }
            Self::NoKey { hints, .. } => hints.lines(),
            _ => Vec::new(),
        }
    }

    fn hints(&self) -> Vec<String> {
        let hint = |hint: &str| vec![hint.to_owned()];
        match self {
            Self::Source(error) => error.hints(),
            Self::Store(error) => error.hints(),
            Self::Mapping(error) | Self::MappedColumnsGone { error, new_mapping: None } => {
                error.hints()
            }
            Self::MappedColumnsGone { error, new_mapping: Some(new_mapping) } => {
                let columns = error.hints().into_iter().take(1);
                columns.chain(new_mapping.hints("if the export is complete")).collect()
            }
            Self::MappingFile(error) => error.hints(),
            Self::Rejects(error) => error.hints(),
            Self::Accepted(error) => error.hints(),
            Self::EventData { command, .. } => event_hints(command.as_deref()),
            Self::EventColumn { what: "event", columns, .. } => vec![
                "set the column with -m COLUMN=event, or one event for all rows with --event 'Order placed'"
                    .to_owned(),
                format!("the columns are: {}", name_list(columns)),
            ],
            Self::EventColumn { columns, .. } => vec![
                "set the column with -m COLUMN=uid; an email or number of stored customers works too"
                    .to_owned(),
                format!("the columns are: {}", name_list(columns)),
            ],
            Self::EventOutput(_) => hint("check the disk space and the permissions"),
            Self::OwnExport { .. } => {
                hint("export it again, or read it as an ordinary file with --skip _engage")
            }
            Self::Reading { .. } => {
                hint("nothing was changed; import the file again once it is complete")
            }
            Self::ColumnsDiffer { .. } => {
                hint("import it separately, or export it with the same columns as the others")
            }
            Self::Replaced(_) => hint("nothing was changed; import the files again"),
            Self::SnapshotOfRejects(_) => hint("import it without --snapshot"),
            Self::Twice(_) => hint("give each file once"),
            Self::ColumnsChanged { new_mapping: Some(new_mapping), since, .. }
                if *since == KnownFrom::MappingFile =>
            {
                new_mapping.hints("if the change is intended")
            }
            Self::ColumnsChanged { .. } => {
                hint("if the change is intended, import it once with --accept-columns")
            }
            Self::UnknownAttribute { name, attributes, .. } => {
                vec![name_suggestion(name, attributes, "the custom attributes are")]
            }
            Self::StandardType(_) => hint("--type is for custom attributes only"),
            Self::OtherUids { column, before, key, .. } => {
                other_uids_hints(column, before.as_deref(), *key)
            }
            Self::TypeContradicted(contradiction) => {
                let TypeContradiction { attribute, known, found, .. } = &**contradiction;
                let option =
                    |spec| format!("--type {}", shell_word(&format!("{attribute}={spec}")));
                vec![
                    format!("{} reads this file and later ones that way", option(found)),
                    format!("{} reads it as before", option(known)),
                ]
            }
            Self::UnreadableNumbers { column, numbers, region_columns, .. } => {
                numbers.hints(column, region_columns)
            }
            Self::NoKey { wanted, of_store, columns, hints, .. } => {
                let mut hints = hints.options();
                hints.extend(no_key_hints(*wanted, *of_store));
                hints.push(format!("the columns are: {}", name_list(columns)));
                hints
            }
            // The user who interrupted it knows what to do.
            Self::Interrupted => Vec::new(),
            Self::Report { .. } => hint("choose another file with --report FILE; nothing was imported"),
            Self::Overwrites { output: FileRole::Rejects, .. } => {
                hint("choose another file with --rejects FILE")
            }
            Self::Overwrites { .. } => hint("choose another file"),
        }
    }
}

impl Explain for RejectsError {
    fn exit(&self) -> Exit {
        match self {
            Self::NotOurs(_) => Exit::Usage,
            Self::Write { .. } => Exit::Failed,
        }
    }

    fn hints(&self) -> Vec<String> {
        vec!["choose another file with --rejects FILE; nothing was imported".to_owned()]
    }
}

impl Explain for AcceptedError {
    fn hints(&self) -> Vec<String> {
        vec!["choose another file with --accepted FILE".to_owned()]
    }
}

/// The hints for event data; the command is on its own line.
fn event_hints(command: Option<&str>) -> Vec<String> {
    let events = match command {
        Some(command) => vec![
            "this command converts it to events, which engage push --events sends:".to_owned(),
            command.to_owned(),
        ],
        None => vec![
            "engage events with -m COLUMN=uid, email or number converts it to events".to_owned(),
        ],
    };
    let others = [
        "or export one row per customer with the events summed up: last_order_at, orders_count",
        "if it is a list of customers, see \"Event data\" in docs/mapping.md",
    ];
    events.into_iter().chain(others.map(str::to_owned)).collect()
}

/// The lists of columns that are not empty, one line each.
fn column_lists(lists: [(&str, &[String]); 2]) -> Vec<String> {
    let lists = lists.into_iter().filter(|(_, columns)| !columns.is_empty());
    lists.map(|(label, columns)| format!("{label}: {}", name_list(columns))).collect()
}

fn other_uids_hints(column: &str, before: Option<&str>, key: Key) -> Vec<String> {
    let mut hints = vec![format!("--key {key} finds the customers by their {key}s")];
    hints.extend(before.map(|before| {
        format!("the uid came from '{before}' before: set the same column with -m COLUMN=uid")
    }));
    hints
        .push("if an earlier import chose the wrong column, revert it with engage undo".to_owned());
    let map = shell_word(&format!("{column}=uid"));
    hints.push(format!("if these are other people, import them as new customers with -m {map}"));
    hints
}

fn no_key_hints(wanted: Option<Key>, of_store: bool) -> Vec<String> {
    match wanted {
        Some(key) if of_store => vec![
            format!("the store identifies customers by {key}: set the column with -m COLUMN={key}"),
            other_keys(key),
        ],
        Some(key) => vec![format!("set the column with -m COLUMN={key}")],
        None => vec![
            "set the column that identifies the customer with -m COLUMN=uid; an email or number works too"
                .to_owned(),
        ],
    }
}

fn other_keys(key: Key) -> String {
    let others = Key::ALL.into_iter().filter(|other| *other != key);
    let others: Vec<&str> = others.map(Key::as_str).collect();
    format!("--key {} uses that for this import", others.join(" or --key "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::SourceError;
    use std::io;

    #[test]
    fn every_error_but_an_interruption_has_a_hint() {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let name = || "users.csv".to_owned();
        let errors = [
            ImportError::Source(SourceError::Read { name: name(), source: denied() }),
            ImportError::Source(SourceError::Delimiter { name: name(), delimiter: 'a' }),
            ImportError::Reading { name: name(), source: denied() },
            ImportError::Replaced(name()),
            ImportError::StandardType("uid".to_owned()),
        ];
        for error in &errors {
            assert!(!error.hints().is_empty(), "{error:?}");
        }
        assert!(ImportError::Interrupted.hints().is_empty());
    }
}
