//! A wrong command line in this program's voice: what is wrong in one line, then the ways out.

use super::failure::Failure;
use crate::report::escaped;

/// What the parser says of a wrong command line, read paragraph by paragraph.
pub(super) fn wrong_usage(error: &clap::Error) -> Failure {
    let rendered = error.render().to_string();
    let mut lines = rendered.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("error: the command line is wrong");
    let mut message = first
        .trim_start_matches("error: ")
        .replace("invalid digit found in string", "not a whole number");
    let (mut hints, mut usage) = (Vec::new(), None);
    for line in lines {
        if let Some(tip) = line.strip_prefix("tip: ") {
            hints.insert(0, said_as_here(tip));
        } else if let Some(values) = in_brackets(line) {
            hints.push(values.to_owned());
        } else if let Some(line) = line.strip_prefix("Usage: ") {
            usage = Some(line.to_owned());
        } else if usage.is_none() && !line.starts_with("For more") {
            message.push(' ');
            message.push_str(line);
        }
    }
    if let Some(usage) = usage {
        hints.push(usage_hint(&usage));
    }
    hints
        .iter()
        .fold(Failure::usage(escaped(&message)), |failure, hint| failure.hint(escaped(hint)))
}

/// A tip: `a similar argument exists: '--region'` asks whether that was meant.
fn said_as_here(tip: &str) -> String {
    match tip.split_once(": ") {
        Some((what, names)) if what.contains("similar") => format!("did you mean {names}?"),
        _ => tip.to_owned(),
    }
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
