//! The page of one customer.

use crate::outcome::counted;
use crate::report::words::to_the_minute;
use crate::report::{Cell, CustomerAttribute, RowFormat, Screen, change_rows, customer_attributes};
use crate::store::{CustomerPage, DeliveryLine, DeliveryStatus, Origin, Refusal};
use crate::text::{escaped, folded, padded, wrapped};
use crate::value::typed::ValueType;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// The number of changes that are shown without `--verbose`.
const STEPS: usize = 10;
/// The maximum number of lines of a value.
const LINES: usize = 8;
/// The maximum width of a name next to its value.
const NAME_WIDTH: usize = 24;
/// The minimum width of a value.
const LEAST: usize = 8;
/// The minimum width of a screen that has details to the right of a value.
const WIDE: usize = 64;

/// A customer's page, line ends included. `catalogue` is that of the store; `segments` are the
/// saved segments that the customer is in; with `verbose`, the history is complete.
///
/// Fails if the stored attributes are not a JSON object.
pub fn customer_page(
    page: &CustomerPage,
    catalogue: &BTreeMap<String, ValueType>,
    segments: &[String],
    screen: Screen,
    verbose: bool,
) -> serde_json::Result<String> {
    let mut text = String::new();
    heading(page, screen, &mut text);
    let attributes = customer_attributes(page, catalogue)?;
    if !attributes.is_empty() {
        text.push('\n');
        let entries: Vec<[String; 3]> = attributes
            .iter()
            .map(|attribute| {
                [attribute.name.clone(), attribute.value.display().text, detail(attribute)]
            })
            .collect();
        write_entries(&entries, screen, &mut text);
    }
    devices(page, screen, &mut text);
    if !segments.is_empty() {
        let names: Vec<String> =
            segments.iter().map(|name| format!("@{}", escaped(name))).collect();
        let line =
            format!("in {}: {}", counted(segments.len() as u64, "segment"), names.join(", "));
        let _ = writeln!(text, "\n{}", wrapped(&line, screen.width, 2));
    }
    deliveries(page, screen, &mut text);
    history(page, screen, verbose, &mut text)?;
    Ok(text)
}

fn heading(page: &CustomerPage, screen: Screen, text: &mut String) {
    let customer = &page.stored.customer;
    let names = [&customer.first_name, &customer.last_name].into_iter().flatten();
    let mut title = escaped(&page.stored.uid);
    for name in names {
        let _ = write!(title, " {}", escaped(name));
    }
    for line in folded(&title, screen.width, LINES) {
        let _ = writeln!(text, "{}", screen.palette().done(&line));
    }
    let came = format!(
        "imported {} UTC with import {}, last changed {}",
        minute(&page.first_imported_at),
        page.inserted_by,
        minute(&page.stored.last_changed_at)
    );
    let _ = writeln!(text, "  {}", wrapped(&came, screen.width.saturating_sub(2), 2));
    if let Some(at) = &customer.archived_at {
        let by = origin(page, "archived_at").map_or(String::new(), |by| format!(" by {by}"));
        let line = format!("archived {}{by}", minute(at));
        let _ = writeln!(text, "  {}", screen.palette().warning(&line));
    }
}

/// The type and the origin of a value.
fn detail(attribute: &CustomerAttribute<'_>) -> String {
    let kind = attribute
        .kind
        .map(|(kind, fits)| if fits { kind.to_string() } else { format!("not a {kind}") });
    let from = attribute.origin.map(origin_words);
    kind.into_iter().chain(from).collect::<Vec<String>>().join(", ")
}

fn origin_words(origin: Origin) -> String {
    match origin {
        Origin::Import(import) => format!("import {import}"),
        Origin::NoLaterThan(import) => format!("import {import} or before"),
    }
}

fn origin(page: &CustomerPage, name: &str) -> Option<String> {
    page.origins.get(name).copied().map(origin_words)
}

fn devices(page: &CustomerPage, screen: Screen, text: &mut String) {
    let devices = &page.stored.customer.devices;
    if devices.is_empty() {
        return;
    }
    let from = origin(page, "devices").map_or(String::new(), |from| format!(", {from}"));
    let heading = format!("{}{from}, last seen first", counted(devices.len() as u64, "device"));
    let _ = writeln!(text, "\n{}", wrapped(&heading, screen.width, 2));
    let devices = (1..).zip(devices);
    let entries: Vec<[String; 3]> = devices
        .map(|(rank, device)| {
            [format!("{rank} {}", device.platform), device.token.clone(), String::new()]
        })
        .collect();
    write_entries(&entries, screen, text);
}

/// The status of the customer at each destination of a push.
fn deliveries(page: &CustomerPage, screen: Screen, text: &mut String) {
    if !page.deliveries.is_empty() {
        text.push('\n');
    }
    for delivery in &page.deliveries {
        let DeliveryLine { destination, status, changed_at, refusal } = delivery;
        let what = match status {
            DeliveryStatus::New => "refused by",
            DeliveryStatus::Delivered => "delivered to",
            DeliveryStatus::Queued => "queued at",
            DeliveryStatus::Archived => "archived at",
        };
        let mut line = format!("{what} {}, {}", escaped(destination), minute(changed_at));
        if let Some(Refusal { status, text, .. }) = refusal {
            let _ = write!(line, "; refused with status {status}: {}", escaped(text));
        }
        let _ = writeln!(text, "{}", wrapped(&line, screen.width, 2));
    }
}

fn history(
    page: &CustomerPage,
    screen: Screen,
    verbose: bool,
    text: &mut String,
) -> serde_json::Result<()> {
    let most = if verbose { usize::MAX } else { STEPS };
    if !page.steps.is_empty() {
        text.push('\n');
    }
    for step in page.steps.iter().take(most) {
        let rows = change_rows(&step.change, RowFormat::Table, None)?;
        let word = rows.first().map_or(String::new(), |row| row[1].display().text);
        let line = format!("import {}, {}: {word}", step.import, minute(&step.at));
        let _ = writeln!(text, "{}", wrapped(&line, screen.width, 2));
        // The attributes of a new customer are shown above, or as the old value of a later change.
        for [_, _, name, before, after] in &rows {
            if word == "new" || *name == Cell::text("archived_at") {
                continue;
            }
            let change = format!(
                "{}: {} → {}",
                name.display().text,
                before.display().text,
                after.display().text
            );
            for (index, line) in
                folded(&escaped(&change), screen.width.saturating_sub(4), LINES).iter().enumerate()
            {
                let _ = writeln!(text, "{}{line}", if index == 0 { "  " } else { "    " });
            }
        }
    }
    let earlier = page.steps.len().saturating_sub(most);
    if earlier > 0 {
        let _ = writeln!(text, "… {} earlier: -v shows all", counted(earlier as u64, "change"));
    }
    if let Some(import) = page.unknown_until {
        let line = format!("The changes of import {import} and earlier ones are no longer kept.");
        let gap = if page.steps.is_empty() { "\n" } else { "" };
        let _ = writeln!(text, "{gap}{}", screen.palette().dim(&wrapped(&line, screen.width, 0)));
    }
    Ok(())
}

/// Writes names, values and details; long values continue below.
fn write_entries(entries: &[[String; 3]], screen: Screen, text: &mut String) {
    let widest = |at: usize| {
        let widths = entries.iter().map(|entry: &[String; 3]| escaped(&entry[at]).width());
        widths.max().unwrap_or_default()
    };
    let detail_inline = screen.width >= WIDE && widest(2) > 0;
    let name_width = widest(0).min(NAME_WIDTH.min(screen.width / 3));
    let taken = name_width + 4 + if detail_inline { widest(2) + 2 } else { 0 };
    let value_width = widest(1).min(screen.width.saturating_sub(taken)).max(LEAST);
    for [name, value, detail] in entries {
        let names = folded(&escaped(name), name_width, LINES);
        let mut values = folded(&escaped(value), value_width, LINES);
        if detail_inline {
            let value = padded(&values[0], value_width);
            values[0] = format!("{value}  {}", screen.palette().dim(detail));
        } else if !detail.is_empty() {
            let below = screen.width.saturating_sub(name_width + 4);
            let lines = wrapped(detail, below, 0);
            values.extend(lines.lines().map(|line| screen.palette().dim(line)));
        }
        for index in 0..names.len().max(values.len()) {
            let name = names.get(index).map_or("", String::as_str);
            let value = values.get(index).map_or("", String::as_str);
            let line = format!("  {}  {value}", padded(name, name_width));
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
}

fn minute(time: &str) -> String {
    escaped(&to_the_minute(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::Customer;
    use crate::store::{ChangeKind, CustomerChange, Step, StoredCustomer};
    use crate::value::{Device, DevicePlatform};

    fn page() -> CustomerPage {
        let stored = StoredCustomer {
            uid: "kunde-000017".to_owned(),
            customer: Customer {
                first_name: Some("中村".to_owned()),
                attributes: format!(
                    r#"{{"a_name_that_is_long_beyond_measure":12.50,"bio":"{}"}}"#,
                    "word ".repeat(400)
                ),
                devices: vec![Device { token: "t".repeat(163), platform: DevicePlatform::Android }],
                archived_at: Some("2026-11-02T03:30:00Z".to_owned()),
                ..Customer::default()
            },
            last_changed_at: "2026-11-02T03:30:00Z".to_owned(),
        };
        let mut before = stored.clone();
        before.customer.first_name = Some("Ada".to_owned());
        let change = CustomerChange {
            kind: ChangeKind::Update,
            before: Some(before),
            after: Some(stored.clone()),
        };
        let step = Step { import: 9, at: "2026-11-02T03:30:00Z".to_owned(), change };
        let origins = ["first_name", "bio"].map(|name| (name.to_owned(), Origin::Import(1000)));
        CustomerPage {
            stored,
            first_imported_at: "2026-11-01T03:30:00Z".to_owned(),
            inserted_by: 3,
            origins: origins.into(),
            steps: vec![step; 12],
            unknown_until: Some(8),
            deliveries: Vec::new(),
        }
    }

    #[test]
    fn a_page_fits_every_screen() {
        let catalogue = [("bio".to_owned(), ValueType::Number)].into();
        for width in [40, 63, 64, 80, 120, 200] {
            let screen = Screen { width, colour: false };
            let segments = ["big-spenders".to_owned(), "vip".to_owned(), "x".repeat(20)];
            let text = customer_page(&page(), &catalogue, &segments, screen, false).unwrap();
            let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
            assert!(widest <= width, "{widest} of {width}:\n{text}");
            for whole in ["12.50", "not a number", "2 changes earlier", "@big-spenders"] {
                assert!(text.contains(whole), "{whole} at {width}:\n{text}");
            }
            let token = text.matches('t').count();
            assert!(token >= 163, "the token is whole");
        }
    }

    #[test]
    fn verbose_shows_the_whole_history() {
        let screen = Screen { width: 80, colour: false };
        let text = customer_page(&page(), &BTreeMap::new(), &[], screen, true).unwrap();
        assert_eq!(text.matches("first_name: Ada → 中村").count(), 12);
    }
}
