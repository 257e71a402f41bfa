//! Suggests the right command to users who type the name that another program uses for it.

use super::error::CommandError;
use crate::text::quoted;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// Command names of other programs, each with the command to use here.
const OTHER_NAMES: [(&[&str], &str); 24] = [
    (&["validate", "lint", "verify", "test", "dry-run"], "engage import FILE.csv --dry-run"),
    (
        &["preview", "peek", "sniff", "analyze", "analyse", "detect", "headers"],
        "engage inspect FILE.csv",
    ),
    (&["load", "add", "insert", "upsert", "sync", "ingest", "upload"], "engage import FILE.csv"),
    (&["stats", "summary", "info", "count"], "engage status"),
    (
        &["columns", "fields", "schema", "describe", "types", "profile", "values", "group"],
        "engage attributes",
    ),
    (&["ls", "list", "customers", "users", "head"], "engage segment"),
    (
        &["query", "sql", "select", "filter", "where", "search", "find"],
        "engage segment \"plan = 'Pro'\"",
    ),
    (&["get", "view", "cat", "lookup", "customer", "user"], "engage show UID-OR-EMAIL"),
    (&["log", "imports", "runs", "audit"], "engage history"),
    (&["diff", "changed", "delta", "blame"], "engage changes ID"),
    (&["revert", "rollback", "restore-import"], "engage undo"),
    (&["delete", "erase", "remove", "rm", "purge", "gdpr"], "engage forget UID"),
    (&["dump", "download", "save"], "engage export > customers.csv"),
    (&["send", "deliver", "publish"], "engage push --dry-run"),
    (&["track", "event", "convert"], "engage events FILE.csv -o FILE.jsonl"),
    (&["rejects", "errors", "rejected", "why"], "engage status"),
    (&["fsck", "doctor", "integrity"], "engage check"),
    (&["repair", "fix"], "engage check --repair"),
    (&["snapshot", "copy"], "engage backup FILE.db"),
    (&["html", "page", "dashboard"], "engage report -o REPORT.html"),
    (&["vacuum", "compact", "clean", "gc"], "engage prune --older-than 90d"),
    (&["cast", "type", "set-type", "convert-type", "alter"], "engage retype ATTRIBUTE=TYPE"),
    (&["save-segment", "delete-segment"], "engage segments save NAME EXPRESSION"),
    (&["version"], "engage --version"),
];

/// The same as [`OTHER_NAMES`], for subcommands of `engage segments`.
const OTHER_SEGMENT_NAMES: [(&[&str], &str); 4] = [
    (&["rm", "remove", "drop", "del"], "engage segments delete NAME"),
    (&["add", "new", "create", "set"], "engage segments save NAME EXPRESSION"),
    (&["list", "ls", "all"], "engage segments"),
    (&["show", "get", "view", "run", "members", "count"], "engage segment @NAME"),
];

/// The error for an unknown command that has another name here; its hint is the command to use.
/// `None` for any other error. `arguments` is the command line, including the program's name.
pub(crate) fn other_name_error(
    error: &clap::Error,
    arguments: &[OsString],
) -> Option<CommandError> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let lower = name.to_ascii_lowercase();
    let place = arguments.iter().position(|argument| argument == name.as_str())?;
    let is_of_segments = arguments[..place].iter().any(|argument| argument == "segments");
    let (of, names) = match is_of_segments {
        true => ("engage segments", &OTHER_SEGMENT_NAMES[..]),
        false => ("engage", &OTHER_NAMES[..]),
    };
    let (_, command) = names.iter().find(|(names, _)| names.contains(&lower.as_str()))?;
    let message = format!("{of} has no command {}", quoted(name, 40));
    Some(CommandError::usage(message).hint(format!("use: {command}")))
}
