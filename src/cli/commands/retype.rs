//! `engage retype`.

use crate::cli::{CommandError, Global, Output, find_field, not_custom_error};
use crate::exit::Exit;
use crate::import::{ImportError, retype};
use crate::report::terminal::retype_summary;
use crate::report::with_store;
use crate::segment::Field;
use crate::text::{quoted, shell_word};
use crate::value::typed::{InvalidTypeSpec, TypeSpec, ValueType};
use std::collections::BTreeMap;
use std::time::Duration;

/// Change the types of attributes
///
/// Values that fit are converted as an import would convert them; all others stay unchanged.
/// The change is recorded in the history, and engage undo reverts it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage retype zip=string
  engage retype born=date:%d/%m/%Y zip=string")]
pub(crate) struct Args {
    /// An attribute and its type: string, number[:,], boolean, date[:FORMAT], datetime[:FORMAT]
    #[arg(value_name = "ATTRIBUTE=TYPE", required = true)]
    types: Vec<String>,
    /// How long to wait for an import into the same store
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

pub(crate) fn run(
    args: &Args,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<Exit, CommandError> {
    let types = declared_types(&args.types)?;
    retype_attributes(&types, args.wait, global, as_given, output)
}

/// The types that the arguments declare.
fn declared_types(given: &[String]) -> Result<Vec<(String, TypeSpec)>, CommandError> {
    let error = |(place, reason): (usize, String)| {
        let message = format!("invalid argument {}: {reason}", quoted(&given[place], 60));
        CommandError::usage(message).hint(match joined_words(given) {
            Some(words) => format!("engage retype {words}"),
            None => "engage retype born=date:%d/%m/%Y declares a type with its format".to_owned(),
        })
    };
    let types = given.iter().enumerate().map(|(place, argument)| {
        let (attribute, spec) = argument
            .split_once('=')
            .filter(|(attribute, _)| !attribute.is_empty())
            .ok_or((place, "expected ATTRIBUTE=TYPE".to_owned()))?;
        let spec = spec.parse().map_err(|error: InvalidTypeSpec| (place, error.to_string()))?;
        Ok((attribute.to_owned(), spec))
    });
    types.collect::<Result<Vec<_>, _>>().map_err(error)
}

/// The arguments with each attribute and type that were given as two words joined by `=`; `None` if
/// they are still not valid.
fn joined_words(given: &[String]) -> Option<String> {
    let mut words = Vec::new();
    let mut rest = given.iter();
    while let Some(word) = rest.next() {
        let pair = match word.split_once('=') {
            Some((attribute, spec)) => (attribute, spec),
            None => (word.as_str(), rest.next()?.as_str()),
        };
        pair.1.parse::<TypeSpec>().ok()?;
        words.push(shell_word(&format!("{}={}", pair.0, pair.1)));
    }
    Some(words.join(" "))
}

/// Changes the types of attributes. Waits up to `wait` seconds for an import.
pub(crate) fn retype_attributes(
    types: &[(String, TypeSpec)],
    wait: u64,
    global: &Global,
    as_given: &[String],
    output: &mut Output,
) -> Result<Exit, CommandError> {
    global.format.require_single_result("retype")?;
    let reader = global.reader()?;
    let types = types_by_attribute(types, &reader.catalogue()?)?;
    drop(reader);
    let (wait, interrupt) = (Duration::from_secs(wait), global.interrupt()?);
    let report = retype(&global.store, &types, wait, &interrupt, as_given)?;
    output.mark_done();
    output.report(&report, |_| with_store(&retype_summary(&report.outcome), &global.store))?;
    Ok(Exit::Done)
}

/// The given types by custom attribute.
fn types_by_attribute(
    given: &[(String, TypeSpec)],
    catalogue: &BTreeMap<String, ValueType>,
) -> Result<BTreeMap<String, TypeSpec>, CommandError> {
    let mut types = BTreeMap::new();
    for (name, spec) in given {
        let name = match find_field(name, catalogue)? {
            Field::Custom(name, _) => name,
            Field::Standard(_) => return Err(ImportError::StandardType(name.clone()).into()),
            field => {
                return Err(not_custom_error(&field, catalogue, |name| {
                    let example = shell_word(&format!("{name}={}", spec.kind));
                    format!("engage retype {example}")
                }));
            }
        };
        if types.insert(name.clone(), spec.clone()).is_some() {
            return Err(CommandError::usage(format!("{name} has two types"))
                .hint("name each attribute once"));
        }
    }
    Ok(types)
}
