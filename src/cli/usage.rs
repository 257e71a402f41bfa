//! A wrong command line in this program's voice: what is wrong in one line, then the ways out.

use super::error::Failure;
use crate::input::escaped;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What the parser says of a wrong command line, read paragraph by paragraph.
pub(crate) fn wrong_usage(error: &clap::Error) -> Failure {
    let rendered = error.render().to_string();
    let mut lines = rendered.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("error: the command line is wrong");
    let wrong = mistyped(error);
    let (mut message, reason) = match (error.kind(), wrong) {
        (ErrorKind::InvalidSubcommand, Some(wrong)) => {
            (format!("there is no command '{wrong}'"), None)
        }
        (ErrorKind::UnknownArgument, Some(wrong)) if wrong.starts_with('-') => {
            (format!("there is no option '{wrong}' here"), None)
        }
        (ErrorKind::ValueValidation, _) => match first.split_once("': ") {
            Some((message, reason)) => (format!("{message}'"), Some(reason)),
            None => (first.to_owned(), None),
        },
        _ => (first.to_owned(), None),
    };
    message = message.trim_start_matches("error: ").to_owned();
    let reason = reason.map(|reason| match reason {
        "invalid digit found in string" => "a whole number is one, such as 100".to_owned(),
        reason => reason.to_owned(),
    });
    let (mut hints, mut usage): (Vec<String>, Option<String>) =
        (reason.into_iter().collect(), None);
    for line in lines {
        if let Some(tip) = line.strip_prefix("tip: ") {
            hints.insert(0, said_as_here(tip, wrong));
        } else if let Some(values) = in_brackets(line) {
            hints.push(values.to_owned());
        } else if let Some(line) = line.strip_prefix("Usage: ") {
            usage = Some(line.to_owned());
        } else if usage.is_none() && !line.starts_with("For more") {
            message.push(' ');
            message.push_str(line);
        }
    }
    if error.kind() == ErrorKind::MissingRequiredArgument
        && let Some((_, missing)) = message.split_once(": ")
    {
        message = format!("{} is missing", missing.replace("...", ""));
    }
    if let Some(usage) = usage {
        hints.push(usage_hint(&usage));
    }
    hints
        .iter()
        .fold(Failure::usage(escaped(&message)), |failure, hint| failure.hint(escaped(hint)))
}

/// The word of the command line that the error is about.
fn mistyped(error: &clap::Error) -> Option<&str> {
    [ContextKind::InvalidSubcommand, ContextKind::InvalidValue, ContextKind::InvalidArg]
        .into_iter()
        .find_map(|kind| match error.get(kind) {
            Some(ContextValue::String(word)) => Some(word.as_str()),
            _ => None,
        })
}

/// A tip: `some similar subcommands exist: 'report', 'import'` asks whether one of them was meant,
/// the most alike first.
fn said_as_here(tip: &str, wrong: Option<&str>) -> String {
    let Some((_, names)) = tip.split_once(": ").filter(|(what, _)| what.contains("similar")) else {
        return tip.to_owned();
    };
    let unlikeness =
        |name: &str| -strsim::jaro_winkler(name.trim_matches('\''), wrong.unwrap_or_default());
    let mut names: Vec<&str> = names.split(", ").collect();
    names.sort_by(|a, b| unlikeness(a).total_cmp(&unlikeness(b)));
    format!("did you mean {}?", names.join(" or "))
}

/// The possible values that a line in brackets lists.
fn in_brackets(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

/// How the command is called, and where all of its options are explained.
fn usage_hint(usage: &str) -> String {
    let command: Vec<&str> = usage
        .split(' ')
        .take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    format!("{usage}; {} --help has examples", command.join(" "))
}
