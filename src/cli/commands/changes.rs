//! `engage changes`.

use crate::cli::{CommandError, EarlyEnd, Global, Output, RowArgs};
use crate::exit::Exit;
use crate::report::{CHANGE_COLUMNS, RowFormat, change_rows};
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

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    let format = args.rows.format(global.format)?;
    let reader = global.reader()?;
    let only = args.attribute.as_deref().map(|name| known_attribute(&reader, name)).transpose()?;
    let limit = args.limit.unwrap_or(u64::MAX);
    let mut customers = 0;
    let written = output.rows(format, &CHANGE_COLUMNS, |rows| {
        reader.changes(args.id, args.uid.as_deref(), |change| {
            if customers == limit {
                return Err(EarlyEnd::Enough);
            }
            let changed = change_rows(change, format, only.as_deref())
                .map_err(|_| EarlyEnd::Failed(CommandError::damaged_attributes(&reader)))?;
            customers += u64::from(!changed.is_empty());
            Ok(changed.iter().try_for_each(|row| rows.push(row))?)
        })
    })?;
    if written == 0 && format == RowFormat::Table {
        let of_that = if args.uid.is_some() || only.is_some() { " of that" } else { "" };
        output.summary(&format!("Import {} changed nothing{of_that}.\n", args.id))?;
    }
    Ok(Exit::Done)
}

/// The name of an attribute as changes have it. A name that no customer has is probably a typo.
fn known_attribute(reader: &Reader, name: &str) -> Result<String, CommandError> {
    const DEVICES: &str = "devices";
    const ARCHIVED_AT: &str = "archived_at";
    match Standard::from_name(name) {
        Some(Standard::DeviceToken | Standard::DevicePlatform) => return Ok(DEVICES.to_owned()),
        Some(_) => return Ok(name.to_owned()),
        None => {}
    }
    let mut known: Vec<String> = reader.catalogue()?.into_keys().collect();
    known.extend([DEVICES, ARCHIVED_AT].map(str::to_owned));
    if known.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    Err(CommandError::unknown_name("attribute", name, &known, "the custom attributes are"))
}
