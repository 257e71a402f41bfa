//! `engage show`.

use super::segment::checked;
use crate::cli::Failure;
use crate::cli::{Ending, Output};
use crate::cli::{Format, Global};
use crate::report::json::customer_report;
use crate::report::terminal::customer_page;
use crate::report::{Cell, RowFormat, counted, quoted};
use crate::segment::Segment;
use crate::store::StoreError;
use crate::store::sqlite::Reader;
use crate::value::Key;
use crate::value::phone::PhoneNumber;
use crate::value::typed::ValueType;
use std::collections::BTreeMap;

/// How many uids are suggested in the place of an unknown one.
const SUGGESTED: usize = 5;

/// One customer's page
///
/// Attributes with their types and the import that each came with, devices, saved segments, and what
/// imports changed. Where several customers have an email or a number, they are listed. --email and
/// --number look at every customer.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("whom").required(true))]
#[command(after_help = "\
Examples:
  engage show u-17
  engage show --email ada@example.org
  engage show --number '+1 202 555 0117'
  engage show u-17 --format json")]
pub(crate) struct Args {
    /// The customer's uid, as the file had it
    #[arg(group = "whom")]
    uid: Option<String>,
    /// Whoever has this email, compared in lower case
    #[arg(long, value_name = "EMAIL", group = "whom")]
    email: Option<String>,
    /// Whoever has this number, written with its country
    #[arg(long, value_name = "NUMBER", group = "whom")]
    number: Option<String>,
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    if global.format == Format::Csv {
        let message = "engage show has pages, not rows";
        return Err(Failure::usage(message).hint("--format human, json or jsonl"));
    }
    let reader = global.reader()?;
    let known = Known::of(&reader)?;
    if let Some(uid) = &args.uid {
        match global.format {
            Format::Human => {
                let text = known.human(uid, global.verbose, output)?;
                return output.result(&text).map(|()| 0);
            }
            _ => return output.result(&format!("{}\n", known.json(uid)?)).map(|()| 0),
        }
    }
    let (key, value) = wanted(args)?;
    let uids = reader.uids_with(key, &value)?;
    match (uids.as_slice(), global.format) {
        ([], _) => return Err(nobody(key, &value, &reader)),
        ([uid], Format::Human) => {
            let text = known.human(uid, global.verbose, output)?;
            output.result(&text)?;
        }
        (several, Format::Human) => list(several, key, &reader, output)?,
        (several, format) => {
            let pages = several.iter().map(|uid| known.json(uid));
            let pages = pages.collect::<Result<Vec<String>, Failure>>()?;
            output.result(&match format {
                Format::Json => format!("[\n{}\n]\n", pages.join(",\n")),
                _ => format!("{}\n", pages.join("\n")),
            })?;
        }
    }
    Ok(0)
}

/// By what a customer is looked for, where that is not the uid.
fn wanted(args: &Args) -> Result<(Key, String), Failure> {
    if let Some(email) = &args.email {
        return Ok((Key::Email, email.trim().to_owned()));
    }
    let given = args.number.as_deref().unwrap_or_default();
    match PhoneNumber::parse(given, None) {
        Ok(Some(number)) => Ok((Key::Number, number.as_str().to_owned())),
        Ok(None) => Err(Failure::usage("--number is blank")
            .hint("write it like this: --number '+1 202 555 0117'")),
        Err(_) => {
            let message = format!("{} is no phone number with its country", quoted(given, 40));
            Err(Failure::usage(message).hint("write it like this: --number '+1 202 555 0117'"))
        }
    }
}

fn nobody(key: Key, value: &str, reader: &Reader) -> Failure {
    let place = reader.path().display();
    Failure::failed(format!("no customer in {place} has the {key} {}", quoted(value, 60)))
        .hint(format!("a part of it finds more: engage segment \"{key} contains '…'\""))
}

/// What a page is made of, beside the customer.
struct Known<'a> {
    reader: &'a Reader,
    catalogue: BTreeMap<String, ValueType>,
    /// The saved segments that can be read; one that cannot is told by `engage segments`.
    segments: Vec<(String, Segment)>,
}

impl<'a> Known<'a> {
    fn of(reader: &'a Reader) -> Result<Self, Failure> {
        let catalogue = reader.catalogue()?;
        let saved = reader.saved_segments()?.into_iter();
        let segments = saved
            .filter_map(|saved| {
                let segment =
                    checked(reader, &saved.expression, Some(&saved.name), &catalogue).ok()?;
                Some((saved.name, segment))
            })
            .collect();
        Ok(Self { reader, catalogue, segments })
    }

    fn human(&self, uid: &str, verbose: bool, output: &Output) -> Result<String, Failure> {
        let (page, segments) = self.found(uid)?;
        customer_page(&page, &self.catalogue, &segments, output.screen(), verbose)
            .map_err(|_| self.damaged())
    }

    fn json(&self, uid: &str) -> Result<String, Failure> {
        let (page, segments) = self.found(uid)?;
        customer_report(&page, &self.catalogue, &segments).map_err(|_| self.damaged())
    }

    fn found(
        &self,
        uid: &str,
    ) -> Result<(crate::store::sqlite::query::CustomerPage, Vec<String>), Failure> {
        let Some(page) = self.reader.customer_page(uid)? else { return Err(self.unknown(uid)?) };
        let mut segments = Vec::new();
        for (name, segment) in &self.segments {
            if self.reader.is_member(segment, uid)? {
                segments.push(name.clone());
            }
        }
        Ok((page, segments))
    }

    fn damaged(&self) -> Failure {
        let what = "a customer's attributes are not JSON".to_owned();
        StoreError::Damaged { path: self.reader.path().to_owned(), what }.into()
    }

    fn unknown(&self, uid: &str) -> Result<Failure, StoreError> {
        let place = self.reader.path().display();
        let failure = Failure::failed(format!("no customer {} in {place}", quoted(uid, 60)));
        if let Some(import) = self.reader.deleted_by(uid)? {
            let hint = format!("import {import} deleted them: engage changes {import} --uid");
            return Ok(failure.hint(format!("{hint} {} says what they had", quoted(uid, 60))));
        }
        let similar = self.reader.similar_uids(uid, SUGGESTED)?;
        let similar: Vec<String> = similar.iter().map(|uid| quoted(uid, 40)).collect();
        Ok(match similar.as_slice() {
            [] => failure.hint("--email and --number look for a customer by those"),
            [one] => failure.hint(format!("did you mean {one}?")),
            _ => failure.hint(format!("did you mean one of {}?", similar.join(", "))),
        })
    }
}

/// The customers who have an email or a number in common.
fn list(uids: &[String], key: Key, reader: &Reader, output: &mut Output) -> Result<(), Failure> {
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
        Ok::<(), Ending>(())
    })?;
    let count = counted(uids.len() as u64, "customer");
    output.result(&format!("\n{count} with this {key}: engage show UID shows one of them\n"))
}
