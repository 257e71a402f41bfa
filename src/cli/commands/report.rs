//! `engage report`.

use super::segment::checked;
use crate::cli::Failure;
use crate::cli::Output;
use crate::cli::{Format, Global};
use crate::cli::{page_path, write_page};
use crate::input::escaped;
use crate::output::Notation;
use crate::report::html::{StorePage, store_page};
use crate::store::StoreError;
use crate::store::sqlite::history::now;
use std::path::PathBuf;

/// How many lines of the history are shown.
const LINES: u64 = 60;

/// The store as a page to look at
///
/// How many customers there are, how full each attribute is and what its values look like, how
/// customers came, and the saved segments with their customers counted. The page loads nothing and
/// runs nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage report -o customers.html
  engage report --show-values > customers.html")]
pub(crate) struct Args {
    /// Where the page goes [default: standard output, where that is no terminal]
    #[arg(short, long, value_name = "FILE.html", value_parser = page_path)]
    output: Option<PathBuf>,
    /// Values that few customers have too, exact ranges, and what segments ask for
    #[arg(long)]
    show_values: bool,
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    if global.format != Format::Human {
        return Err(Failure::usage("engage report writes a page")
            .hint("engage attributes, engage segments and engage history have a --format"));
    }
    if args.output.is_none() && output.is_terminal() {
        return Err(Failure::usage("a page is not for a terminal").hint("-o customers.html"));
    }
    let reader = global.reader()?;
    let catalogue = reader.catalogue()?;
    let (profiles, customers) = reader.profiles()?;
    let mut segments = Vec::new();
    for saved in reader.saved_segments()? {
        let count = match checked(&reader, &saved.expression, Some(&saved.name), &catalogue) {
            Ok(segment) => Some(reader.count(&segment)?),
            Err(failure) => {
                let name = escaped(&saved.name);
                output.warning(&format!("@{name} cannot be counted: {}", failure.message));
                None
            }
        };
        segments.push((saved, count));
    }
    let mut history = Vec::new();
    reader.history(Some(LINES), |entry| {
        history.push(entry.clone());
        Ok::<(), StoreError>(())
    })?;
    let page = store_page(&StorePage {
        store: reader.path(),
        seen_at: &now(),
        profiles: &profiles,
        customers,
        archived: reader.archived()?,
        customers_per_day: &reader.customers_per_day()?,
        segments: &segments,
        history: &history,
        show_values: args.show_values,
    });
    match &args.output {
        None => output.stream(Notation::Text, |writer| Ok(writer.write_all(page.as_bytes())?))?,
        Some(path) => {
            write_page(path, global, &page, output)?;
            let [store, file] = [reader.path(), path].map(|p| escaped(&p.display().to_string()));
            output.summary(&format!("{store} is to be seen in {file}.\n"))?;
        }
    }
    Ok(0)
}
