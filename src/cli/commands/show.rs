//! `engage show`.

use crate::cli::{CommandError, EarlyEnd, Format, Global, Output, parse_segment};
use crate::exit::Exit;
use crate::outcome::counted;
use crate::report::json::customer_json;
use crate::report::terminal::customer_page;
use crate::report::{Cell, RowFormat};
use crate::segment::Segment;
use crate::store::{CustomerPage, Reader, StoreError};
use crate::text::quoted;
use crate::value::Key;
use crate::value::phone::{PhoneNumber, example_number};
use crate::value::region::Region;
use crate::value::typed::ValueType;
use std::collections::BTreeMap;

/// The maximum number of uids that are suggested for an unknown one.
const MAX_SUGGESTED: usize = 5;

/// Show one customer
///
/// Shows attributes with their types and the import that set each, devices, saved segments, and
/// what imports changed. If several customers have the same email or number, all are listed.
/// --email and --number search all customers.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("customer").required(true))]
#[command(after_help = "\
Examples:
  engage show u-17
  engage show ada@example.org
  engage show --number '+1 202 555 0117'
  engage show u-17 --format json")]
pub(crate) struct Args {
    /// The customer's uid as in the file, or their email
    #[arg(value_name = "UID", group = "customer")]
    uid: Option<String>,
    /// The customer with this email, compared in lower case
    #[arg(long, value_name = "EMAIL", group = "customer")]
    email: Option<String>,
    /// The customer with this number, with its country code or as in the imported files
    #[arg(long, value_name = "NUMBER", group = "customer")]
    number: Option<String>,
}

pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Exit, CommandError> {
    if global.format == Format::Csv {
        let message = "engage show has no tabular output";
        return Err(CommandError::usage(message).hint("use --format human, json or jsonl"));
    }
    let reader = global.reader()?;
    let pages = Pages::new(&reader)?;
    let is_uid = match &args.uid {
        Some(uid) => !uid.contains('@') || !reader.uids_with(Key::Uid, uid)?.is_empty(),
        None => false,
    };
    if let Some(uid) = args.uid.as_ref().filter(|_| is_uid) {
        match global.format {
            Format::Human => {
                let text = pages.text(uid, global.verbose, output)?;
                return output.result(&text).map(|()| Exit::Done);
            }
            _ => return output.result(&format!("{}\n", pages.json(uid)?)).map(|()| Exit::Done),
        }
    }
    let (key, values) = key_and_values(args, &reader)?;
    let mut uids = Vec::new();
    for value in &values {
        uids.extend(reader.uids_with(key, value)?);
    }
    match (uids.as_slice(), global.format) {
        ([], _) => return Err(unknown_customer(key, &values, &reader)),
        ([uid], Format::Human) => {
            let text = pages.text(uid, global.verbose, output)?;
            output.result(&text)?;
        }
        (several, Format::Human) => list(several, key, &reader, output)?,
        (several, format) => {
            let all = several.iter().map(|uid| pages.json(uid));
            let all = all.collect::<Result<Vec<String>, CommandError>>()?;
            output.result(&match format {
                Format::Json => format!("[\n{}\n]\n", all.join(",\n")),
                _ => format!("{}\n", all.join("\n")),
            })?;
        }
    }
    Ok(Exit::Done)
}

/// The email to search for, or the numbers that the given one may be.
fn key_and_values(args: &Args, reader: &Reader) -> Result<(Key, Vec<String>), CommandError> {
    if let Some(email) = args.email.as_ref().or(args.uid.as_ref()) {
        return Ok((Key::Email, vec![email.trim().to_owned()]));
    }
    let given = args.number.as_deref().unwrap_or_default();
    let regions = reader.phone_regions()?;
    let numbers = possible_numbers(given, &regions);
    if !numbers.is_empty() {
        return Ok((Key::Number, numbers));
    }
    let example = regions.first().and_then(|region| example_number(*region));
    let example = example.unwrap_or_else(|| "+1 202 555 0117".to_owned());
    let hint = format!("write it like this: --number '{example}'");
    if given.trim().is_empty() {
        return Err(CommandError::usage("--number is blank").hint(hint));
    }
    let codes: Vec<&str> = regions.iter().map(Region::as_str).collect();
    let given = quoted(given, 40);
    let message = match codes.as_slice() {
        [] => format!("{given} is not a phone number with a country code"),
        codes => format!(
            "{given} is neither a phone number with a country code nor one of {}",
            codes.join(" or ")
        ),
    };
    Err(CommandError::usage(message).hint(hint))
}

/// The numbers that a text may be: with its country code, or as dialled in one of these regions.
fn possible_numbers(text: &str, regions: &[Region]) -> Vec<String> {
    let mut numbers = Vec::new();
    for region in regions.iter().copied().map(Some).chain([None]) {
        if let Ok(Some(number)) = PhoneNumber::parse(text, region)
            && !numbers.iter().any(|known| known == number.as_str())
        {
            numbers.push(number.as_str().to_owned());
        }
    }
    numbers
}

fn unknown_customer(key: Key, values: &[String], reader: &Reader) -> CommandError {
    let place = reader.path().display();
    let values: Vec<String> = values.iter().map(|value| quoted(value, 60)).collect();
    CommandError::failed(format!("no customer in {place} has the {key} {}", values.join(" or ")))
        .hint(format!("search for a part of it: engage segment \"{key} contains '…'\""))
}

/// Renders the pages of customers.
struct Pages<'a> {
    reader: &'a Reader,
    catalogue: BTreeMap<String, ValueType>,
    /// The saved segments that can be parsed; `engage segments` warns about the others.
    segments: Vec<(String, Segment)>,
}

impl<'a> Pages<'a> {
    fn new(reader: &'a Reader) -> Result<Self, CommandError> {
        let catalogue = reader.catalogue()?;
        let saved = reader.saved_segments()?.into_iter();
        let segments = saved
            .filter_map(|saved| {
                let segment =
                    parse_segment(reader, &saved.expression, Some(&saved.name), &catalogue).ok()?;
                Some((saved.name, segment))
            })
            .collect();
        Ok(Self { reader, catalogue, segments })
    }

    fn text(&self, uid: &str, verbose: bool, output: &Output) -> Result<String, CommandError> {
        let (page, segments) = self.page(uid)?;
        customer_page(&page, &self.catalogue, &segments, output.screen(), verbose)
            .map_err(|_| CommandError::damaged_attributes(self.reader))
    }

    fn json(&self, uid: &str) -> Result<String, CommandError> {
        let (page, segments) = self.page(uid)?;
        customer_json(&page, &self.catalogue, &segments)
            .map_err(|_| CommandError::damaged_attributes(self.reader))
    }

    fn page(&self, uid: &str) -> Result<(CustomerPage, Vec<String>), CommandError> {
        let Some(page) = self.reader.customer_page(uid)? else { return Err(self.unknown(uid)?) };
        let mut segments = Vec::new();
        for (name, segment) in &self.segments {
            if self.reader.is_member(segment, uid)? {
                segments.push(name.clone());
            }
        }
        Ok((page, segments))
    }

    fn unknown(&self, uid: &str) -> Result<CommandError, StoreError> {
        let place = self.reader.path().display();
        let failure = CommandError::failed(format!("no customer {} in {place}", quoted(uid, 60)));
        if let Some(import) = self.reader.deleted_by(uid)? {
            let hint = format!("import {import} deleted them: engage changes {import} --uid");
            return Ok(failure.hint(format!("{hint} {} shows their values", quoted(uid, 60))));
        }
        let similar = self.reader.similar_uids(uid, MAX_SUGGESTED)?;
        let similar: Vec<String> = similar.iter().map(|uid| quoted(uid, 40)).collect();
        Ok(match similar.as_slice() {
            [] => failure.hint("--email and --number search by email and number"),
            [one] => failure.hint(format!("did you mean {one}?")),
            _ => failure.hint(format!("did you mean one of {}?", similar.join(", "))),
        })
    }
}

/// Lists the customers that have the same email or number.
fn list(
    uids: &[String],
    key: Key,
    reader: &Reader,
    output: &mut Output,
) -> Result<(), CommandError> {
    let columns = ["uid", "first_name", "last_name", "email", "number", "archived_at"];
    output.rows(RowFormat::Table, &columns, |rows| {
        for uid in uids {
            let Some(page) = reader.customer_page(uid)? else { continue };
            let customer = &page.stored.customer;
            let cells = [
                &customer.first_name,
                &customer.last_name,
                &customer.email,
                &customer.number,
                &customer.archived_at,
            ];
            let cells = cells.map(|value| Cell::optional(value.as_deref()));
            let row: Vec<Cell<'_>> = [Cell::text(uid.as_str())].into_iter().chain(cells).collect();
            rows.push(&row)?;
        }
        Ok::<(), EarlyEnd>(())
    })?;
    let count = counted(uids.len() as u64, "customer");
    output.result(&format!("\n{count} with this {key}: engage show UID shows one of them\n"))
}
