//! The page of a store: the number of customers, its growth, their attributes and segments.

use super::chart::{Bar, bars, columns, steps};
use super::document::document;
use super::import::bars_of_fill;
use super::table::{Cell, counts, table};
use crate::outcome::{Outcome, counted, grouped};
use crate::report::unquoted;
use crate::statistics::{DateHistogram, PeriodLength, ValueSummary};
use crate::store::{HistoryEntry, Profile, SavedSegment, UndoLog};
use crate::text::{escaped, quoted};
use crate::value::Standard;
use crate::value::typed::ValueType;
use jiff::civil::Date;
use maud::{Markup, html};
use std::borrow::Cow;
use std::path::Path;

/// Values that fewer customers have are hidden, because they could identify them.
const FEW: u64 = 5;
const MASKED: &str = "Values that fewer than 5 customers have are left out, and ranges rounded; \
                      --show-values shows them.";

/// The content of the page of a store.
pub struct StorePage<'a> {
    /// The path or URL of the store.
    pub store: &'a Path,
    /// When the store was read: UTC, RFC 3339.
    pub seen_at: &'a str,
    /// Every attribute, the standard ones first.
    pub profiles: &'a [Profile],
    /// The number of customers, including archived ones.
    pub customers: u64,
    /// The number of archived customers.
    pub archived: u64,
    /// The saved segments, each with its number of customers, or `None` if it cannot be counted.
    pub segments: &'a [(SavedSegment, Option<u64>)],
    /// For each day with new customers, how many current customers were first imported on it, the
    /// earliest day first.
    pub customers_per_day: &'a [(String, u64)],
    /// The newest lines of the history, the newest first.
    pub history: &'a [HistoryEntry],
    /// Whether to show values that few customers have.
    pub show_values: bool,
}

/// The page of a store.
pub fn store_page(page: &StorePage<'_>) -> String {
    let title = format!("Customers in {}", page.store.display());
    let body = html! {
        header {
            h1 { (escaped(&title)) }
            p class="quiet" { "As of " (page.seen_at.replace('T', " ").replace('Z', " UTC")) }
        }
        (counts(&[
            ("customers", page.customers),
            ("archived", page.archived),
            ("attributes", page.profiles.len() as u64),
            ("saved segments", page.segments.len() as u64),
        ]))
        (growth(page.customers_per_day))
        (newest_imports(page.history))
        h2 { "Fill rates" }
        (bars_of_fill(page.profiles, page.customers))
        (values(page))
        (segments(page))
    };
    document(&title, &body, (!page.show_values).then_some(MASKED))
}

/// The growth of the number of customers; empty if all were imported on one day.
fn growth(per_day: &[(String, u64)]) -> Markup {
    let day = |day: &str| day.parse::<Date>().ok();
    let (Some((first, _)), Some((last, _))) = (per_day.first(), per_day.last()) else {
        return Markup::default();
    };
    let days = |from: Date, to: Date| u64::from((to - from).get_days().unsigned_abs());
    let (Some(from), Some(to)) = (day(first), day(last)) else { return Markup::default() };
    let whole = days(from, to);
    if whole == 0 {
        return Markup::default();
    }
    let all: u64 = per_day.iter().map(|(_, count)| count).sum();
    let mut sum = 0;
    let points: Vec<(u64, u64)> = per_day
        .iter()
        .filter_map(|(at, count)| {
            sum += count;
            Some((days(from, day(at)?) * 1000 / whole, sum * 1000 / all.max(1)))
        })
        .collect();
    let said = format!(
        "Today's {} by the day of their first import, from {first} to {last}",
        counted(all, "customer")
    );
    html! {
        h2 { "Growth" }
        figure {
            figcaption class="quiet" { (said) }
            (steps(&said, &points, all, [first, last]))
        }
    }
}

fn newest_imports(history: &[HistoryEntry]) -> Markup {
    let imports: Vec<(&HistoryEntry, Cow<'_, Outcome>)> = history
        .iter()
        .rev()
        .filter(|entry| entry.is_done_import() && entry.undo_log != Some(UndoLog::Undone))
        .map(|entry| (entry, entry.outcome()))
        .collect();
    let new: Vec<u64> = imports.iter().map(|(_, report)| report.customers.inserted).collect();
    let day =
        |entry: &HistoryEntry| escaped(&entry.started_at.chars().take(10).collect::<String>());
    let rows: Vec<Vec<Cell>> = imports
        .iter()
        .rev()
        .map(|(entry, report)| {
            vec![
                Cell::text(format!("{}", entry.id)),
                Cell::text(day(entry)),
                Cell::text(entry.files.join(", ")),
                Cell::Count(report.customers.inserted),
                Cell::Count(report.customers.updated),
                Cell::Count(report.customers.archived + report.customers.deleted),
            ]
        })
        .collect();
    html! {
        @if !imports.is_empty() {
            h2 { "New customers by import" }
            @if imports.len() > 1 {
                figure {
                    @let days: Vec<String> =
                        imports.iter().map(|(entry, _)| format!("{} ({})", day(entry), entry.id)).collect();
                    (columns("New customers by import; the table below has the numbers", &new, &days))
                }
            }
            (table(
                "The newest imports",
                &["import", "day", "files", "new", "changed", "archived or deleted"],
                &rows,
            ))
        }
    }
}

fn values(page: &StorePage<'_>) -> Markup {
    let looks: Vec<(&Profile, Markup)> = page
        .profiles
        .iter()
        .filter_map(|profile| Some((profile, look(profile, page.show_values)?)))
        .collect();
    html! {
        @if !looks.is_empty() {
            h2 { "Values" }
            @for (profile, look) in looks {
                h3 { (escaped(&profile.name)) }
                p class="quiet" { (described(profile)) }
                (look)
            }
        }
    }
}

fn described(profile: &Profile) -> String {
    let values = &profile.values;
    let kind = profile.kind.map_or("standard", ValueType::as_str);
    let distinct = values.distinct.map_or("more than 10,000".to_owned(), grouped);
    let strays = match values.strays {
        0 => String::new(),
        strays => format!(", {} not of that type", grouped(strays)),
    };
    format!("{kind}, {}, {distinct} different{strays}", counted(values.values, "value"))
}

/// The range of an attribute or its most frequent values; `None` for standard attributes such as
/// email, which identify a customer, and if nothing may be shown.
fn look(profile: &Profile, show_values: bool) -> Option<Markup> {
    let values = &profile.values;
    if profile.kind.is_none() && profile.name != Standard::DevicePlatform.as_str() {
        return None;
    }
    if let Some((low, high)) = ends(profile, show_values) {
        let said = format!("How values of {} spread from {low} to {high}", profile.name);
        let periods = periods(values, show_values);
        return Some(html! {
            @if let Some(periods) = periods {
                figure {
                    figcaption class="quiet" { "Customers by " (periods.length.as_str()) }
                    @let labels: Vec<String> =
                        (0..periods.counts.len()).map(|at| periods.label(at)).collect();
                    (columns(&said, &periods.counts, &labels))
                }
                @if show_values { p { "From " (low) " to " (high) } }
            } @else if let Some(histogram) = &values.histogram {
                figure {
                    figcaption class="quiet" { "Customers in a thousand, from low to high" }
                    (columns(&said, histogram, &[low, high]))
                }
            } @else {
                p { "From " (low) " to " (high) }
            }
        });
    }
    let list: Vec<Bar> = values
        .frequent
        .iter()
        .filter(|(_, count)| show_values || *count >= FEW)
        .map(|(value, count)| Bar {
            label: quoted(&unquoted(value), 60),
            words: counted(*count, "customer"),
            length: *count,
        })
        .collect();
    let others = values.others(list.len());
    let figure = html! {
        figure {
            figcaption class="quiet" {
                @if others == 0 { "All values" } @else { "The most frequent values" }
            }
            (bars(&list, values.values))
            @if others > 0 {
                @let shown: u64 = list.iter().map(|bar| bar.length).sum();
                p class="quiet" {
                    "and " (counted(others, "other value")) ", of "
                    (counted(values.values.saturating_sub(shown), "customer"))
                }
            }
        }
    };
    (!list.is_empty()).then_some(figure)
}

/// The number of customers by year, or by month if there are at most two years. Months with few
/// customers are empty. If values may be shown, it is always by month, with all customers.
fn periods(values: &ValueSummary, show_values: bool) -> Option<DateHistogram> {
    if show_values {
        return values.months.histogram(PeriodLength::Month);
    }
    let by_year = values.months.histogram(PeriodLength::Year);
    if let Some(by_year) = by_year.filter(|periods| periods.counts.len() > 2) {
        return Some(by_year);
    }
    let mut by_month = values.months.histogram(PeriodLength::Month)?;
    for count in by_month.counts.iter_mut().filter(|count| **count < FEW) {
        *count = 0;
    }
    Some(by_month)
}

/// The ends of a range in words, rounded outwards unless values may be shown.
fn ends(profile: &Profile, show_values: bool) -> Option<(String, String)> {
    let ValueSummary { values, range, .. } = &profile.values;
    let (low, high) = range.as_ref()?;
    if show_values {
        return Some((escaped(&unquoted(low)), escaped(&unquoted(high))));
    }
    if *values < FEW {
        return None;
    }
    match profile.kind? {
        ValueType::Number => {
            let (low, high): (f64, f64) = (low.parse().ok()?, high.parse().ok()?);
            // The largest power of ten within the range, but at least 1.
            let step = 10_f64.powf((high - low).abs().max(1.0).log10().floor());
            let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
            Some((format!("about {low}"), format!("about {high}")))
        }
        ValueType::Date | ValueType::Datetime => {
            let year = |json: &str| escaped(&unquoted(json).chars().take(4).collect::<String>());
            Some((year(low), year(high)))
        }
        ValueType::String | ValueType::Boolean => None,
    }
}

fn segments(page: &StorePage<'_>) -> Markup {
    let rows = page.segments.iter().map(|(segment, count)| {
        let mut row = vec![
            Cell::text(&segment.name),
            count.map_or(Cell::text("cannot be counted"), Cell::Count),
        ];
        if page.show_values {
            row.push(Cell::code(&segment.expression));
        }
        row
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let headings = ["segment", "customers", "expression"];
    let headings = if page.show_values { &headings[..] } else { &headings[..2] };
    html! {
        @if !rows.is_empty() {
            h2 { "Saved segments" }
            (table("Saved segments and their customers", headings, &rows))
        }
    }
}
