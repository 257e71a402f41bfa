//! `engage report`.

use crate::cli::{
    CommandError, Format, Global, Output, count_saved_segments, page_path, write_page,
};
use crate::exit::Exit;
use crate::output::Notation;
use crate::report::html::{StorePage, store_page};
use crate::store::{StoreError, now};
use crate::text::escaped;
use std::path::PathBuf;

/// The maximum number of history entries on the page.
const HISTORY_LINES: u64 = 60;

/// Write an HTML report about the store
///
/// The page shows the number of customers, the fill rate and typical values of each attribute,
/// new customers over time, and saved segments with their sizes. It loads no resources
/// and runs no scripts.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage report -o customers.html
  engage report --show-values > customers.html")]
pub(crate) struct Args {
    /// File for the page [default: standard output, unless it is a terminal]
    #[arg(short, long, value_name = "FILE.html", value_parser = page_path)]
    output: Option<PathBuf>,
    /// Also show values that few customers have, exact ranges, and the conditions of segments
    #[arg(long)]
    show_values: bool,
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    if global.format != Format::Human {
        return Err(CommandError::usage("engage report writes only HTML pages")
            .hint("engage attributes, engage segments and engage history support --format"));
    }
    if args.output.is_none() && output.is_terminal() {
        return Err(
            CommandError::usage("a page cannot be written to a terminal").hint("-o customers.html")
        );
    }
    let reader = global.reader()?;
    let (profiles, customers) = reader.profiles()?;
    let segments = count_saved_segments(&reader, &reader.catalogue()?, output)?;
    let mut history = Vec::new();
    reader.history(Some(HISTORY_LINES), |entry| {
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
            output.summary(&format!("Wrote {}.\n", escaped(&path.display().to_string())))?;
        }
    }
    Ok(Exit::Done)
}
