//! `engage changes`.

use crate::cli::{CommandError, EarlyEnd, Global, Output, RowArgs};
use crate::exit::Exit;
use crate::outcome::{counted, grouped};
use crate::report::{CHANGE_COLUMNS, RowFormat, change_rows};
use crate::store::Reader;
use crate::text::wrapped;
use crate::value::Standard;

/// The default limit in the human format.
const SHOWN: u64 = 20;

/// Show what an import changed, before and after
///
/// Lists changes by customer and attribute, including devices and archive marks. Later
/// imports do not affect the list.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage changes                        the last import
  engage changes 212
  engage changes 212 --attribute plan
  engage changes 212 --uid u-17
  engage changes 212 --format csv > changes.csv")]
pub(crate) struct Args {
    /// The import's number [default: the last that changed something]
    #[arg(value_parser = import_id)]
    id: Option<ImportId>,
    /// Only this attribute; `devices` and `archived_at` work too
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

/// An import by its number, or the last that changed something.
#[derive(Debug, Clone, Copy)]
enum ImportId {
    Last,
    Number(i64),
}

fn import_id(text: &str) -> Result<ImportId, String> {
    match text {
        "last" | "latest" | "newest" => Ok(ImportId::Last),
        _ => {
            let number = text.parse().map(ImportId::Number);
            number.map_err(|_| {
                "expected the number of an import from engage history, or last".to_owned()
            })
        }
    }
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    let format = args.rows.format(global.format)?;
    let reader = global.reader()?;
    let only = args.attribute.as_deref().map(|name| known_attribute(&reader, name)).transpose()?;
    let id = match args.id {
        Some(ImportId::Number(id)) => id,
        Some(ImportId::Last) | None => reader.last_change()?.ok_or_else(|| {
            CommandError::failed("no import has changed this store")
                .hint("engage history lists all changes")
        })?,
    };
    let import = match args.id {
        Some(ImportId::Number(_)) => format!("Import {id}"),
        Some(ImportId::Last) | None => format!("Import {id}, the last that changed something"),
    };
    let is_table = format == RowFormat::Table;
    let limit = args.limit.or(is_table.then_some(SHOWN)).unwrap_or(u64::MAX);
    let mut customers = 0;
    let mut is_cut = false;
    let written = output.rows(format, &CHANGE_COLUMNS, |rows| {
        reader.changes(id, args.uid.as_deref(), |change| {
            if customers == limit {
                is_cut = true;
                return Err(EarlyEnd::Enough);
            }
            let changed = change_rows(change, format, only.as_deref())
                .map_err(|_| EarlyEnd::Failed(CommandError::damaged_attributes(&reader)))?;
            customers += u64::from(!changed.is_empty());
            Ok(changed.iter().try_for_each(|row| rows.push(row))?)
        })
    })?;
    if is_table && written == 0 {
        let of_that = if args.uid.is_some() || only.is_some() { " of that" } else { "" };
        output.summary(&format!("Import {id} changed nothing{of_that}.\n"))?;
    } else if is_table {
        let all = reader.history_entry(id)?.outcome().customers;
        let all = all.inserted + all.updated + all.archived + all.deleted;
        let line = match (is_cut, args.uid.is_some() || only.is_some()) {
            (false, _) => format!("{import}: {}", counted(customers, "customer")),
            (true, true) => format!(
                "{import}: the first {}: --limit N shows more, --format csv all",
                counted(customers, "customer")
            ),
            (true, false) => format!(
                "{import}: {} of {}: --limit N shows more, --format csv all",
                grouped(customers),
                counted(all, "customer")
            ),
        };
        let line = wrapped(&line, output.screen().width, 2);
        output.summary(&format!("\n{line}\n"))?;
    }
    Ok(Exit::Done)
}

/// The name of an attribute in changes. Fails for an unknown name, which is probably a typo.
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
