//! `engage changes`.

use crate::cli::Global;
use crate::cli::RowArgs;
use crate::cli::{Ending, Output};
use crate::cli::{Failure, suggestion};
use crate::report::{CHANGE_COLUMNS, RowFormat, change_rows};
use crate::store::StoreError;
use crate::store::sqlite::Reader;
use crate::value::Standard;

/// What an import changed, before and after
///
/// Customer by customer and attribute by attribute, devices and archive marks too. It is what that
/// import did, whatever came later.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage changes 212
  engage changes 212 --attribute plan
  engage changes 212 --uid u-17
  engage changes 212 --format csv > changes.csv")]
pub(crate) struct Args {
    /// The import's number
    id: i64,
    /// Only this attribute; `devices` and `archived_at` are some too
    #[arg(long, value_name = "NAME")]
    attribute: Option<String>,
    /// Only this customer
    #[arg(long, value_name = "UID")]
    uid: Option<String>,
    /// Only the first N customers
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[command(flatten)]
    rows: RowArgs,
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    let format = args.rows.format(global.format)?;
    let reader = global.reader()?;
    let only = args.attribute.as_deref().map(|name| known(&reader, name)).transpose()?;
    let most = args.limit.unwrap_or(u64::MAX);
    let mut customers = 0;
    let written = output.rows(format, &CHANGE_COLUMNS, |rows| {
        reader.changes(args.id, args.uid.as_deref(), |change| {
            if customers == most {
                return Err(Ending::Enough);
            }
            let changed = change_rows(change, format, only.as_deref()).map_err(|_| {
                let what = "a customer's attributes are not JSON".to_owned();
                StoreError::Damaged { path: reader.path().to_owned(), what }
            })?;
            customers += u64::from(!changed.is_empty());
            Ok(changed.iter().try_for_each(|row| rows.push(row))?)
        })
    })?;
    if written == 0 && format == RowFormat::Table {
        let of_that = if args.uid.is_some() || only.is_some() { " of that" } else { "" };
        output.summary(&format!("Import {} changed nothing{of_that}.\n", args.id))?;
    }
    Ok(0)
}

/// An attribute's name as changes have it; one that nobody has is most likely mistyped.
fn known(reader: &Reader, name: &str) -> Result<String, Failure> {
    let own = ["devices", "archived_at"];
    let standard = match Standard::from_name(name) {
        Some(Standard::DeviceToken | Standard::DevicePlatform) => return Ok(own[0].to_owned()),
        standard => standard.is_some(),
    };
    let mut names: Vec<String> = reader.catalogue()?.into_keys().collect();
    if standard || own.contains(&name) || names.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    names.extend(own.map(str::to_owned));
    Err(Failure::usage(format!("no attribute {}", crate::report::quoted(name, 40)))
        .hint(suggestion(name, &names, "the custom attributes are")))
}
