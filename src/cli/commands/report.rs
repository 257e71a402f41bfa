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

/// The maximum number of lines of the history.
const HISTORY_LINES: u64 = 60;

/// Write a page about the store
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

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    if global.format != Format::Human {
        return Err(CommandError::usage("engage report writes a page")
            .hint("engage attributes, engage segments and engage history have a --format"));
    }
    if args.output.is_none() && output.is_terminal() {
        return Err(CommandError::usage("a page is not for a terminal").hint("-o customers.html"));
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
