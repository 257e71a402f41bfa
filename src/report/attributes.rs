//! The rows of the catalogue of attributes.

use super::rows::{Cell, RowFormat};
use crate::outcome::counted;
use crate::statistics::{DateHistogram, PeriodLength};
use crate::store::Profile;
use crate::text::{escaped, shortened};
use serde_json::json;
use std::borrow::Cow;

/// The maximum width of a value.
const VALUE_WIDTH: usize = 24;
/// How many of the most frequent values the table shows.
const SHOWN_VALUES: usize = 3;

/// The columns of the catalogue.
pub fn attribute_columns(format: RowFormat) -> &'static [&'static str] {
    match format {
        RowFormat::Table => {
            &["attribute", "type", "filled", "customers", "distinct", "values", "imports", "strays"]
        }
        _ => &[
            "name",
            "type",
            "customers",
            "share",
            "distinct",
            "frequent",
            "minimum",
            "maximum",
            "histogram",
            "periods",
            "first_import",
            "last_import",
            "strays",
            "stray",
        ],
    }
}

/// An attribute of the catalogue as a row; `customers` is the total number of customers.
pub fn attribute_row(profile: &Profile, customers: u64, format: RowFormat) -> Vec<Cell<'_>> {
    let values = &profile.values;
    let kind = profile.kind.map_or("string", |kind| kind.as_str());
    let share = values.values as f64 / (customers as f64).max(1.0);
    if format == RowFormat::Table {
        return vec![
            Cell::text(profile.name.as_str()),
            Cell::text(if profile.kind.is_none() { "standard" } else { kind }),
            Cell::number(percent(share)),
            Cell::Count(values.values),
            values.distinct.map_or(Cell::number("> 10,000"), Cell::Count),
            Cell::text(value_overview(profile)),
            match profile.imports {
                None => Cell::Missing,
                Some((first, last)) if first == last => Cell::text(first.to_string()),
                Some((first, last)) => Cell::text(format!("{first}–{last}")),
            },
            Cell::Count(values.strays),
        ];
    }
    let frequent: Vec<serde_json::Value> = values
        .frequent
        .iter()
        .map(|(value, count)| {
            let value: serde_json::Value = serde_json::from_str(value).unwrap_or_default();
            json!({ "value": value, "customers": count })
        })
        .collect();
    vec![
        Cell::text(profile.name.as_str()),
        Cell::text(kind),
        Cell::Count(values.values),
        Cell::number(share),
        values.distinct.map_or(Cell::Missing, Cell::Count),
        Cell::Json(json!(frequent).to_string().into()),
        stored(values.range.as_ref().map(|(low, _)| low)),
        stored(values.range.as_ref().map(|(_, high)| high)),
        match &values.histogram {
            None => Cell::Missing,
            Some(bars) => Cell::Json(json!(bars).to_string().into()),
        },
        match values.months.histogram(PeriodLength::Month) {
            None => Cell::Missing,
            Some(periods) => Cell::Json(periods_json(&periods).to_string().into()),
        },
        profile.imports.map_or(Cell::Missing, |(first, _)| Cell::number(first)),
        profile.imports.map_or(Cell::Missing, |(_, last)| Cell::number(last)),
        Cell::Count(values.strays),
        stored(values.stray.as_ref()),
    ]
}

fn periods_json(periods: &DateHistogram) -> serde_json::Value {
    let each = periods.counts.iter().enumerate();
    each.map(|(at, count)| json!({ "period": periods.label(at), "customers": count })).collect()
}

/// A stored value, if there is one.
fn stored(json: Option<&String>) -> Cell<'_> {
    json.map_or(Cell::Missing, |json| Cell::json(json.as_str()))
}

pub(crate) fn percent(share: f64) -> Cow<'static, str> {
    match share {
        0.0 => "0 %".into(),
        share if share < 0.01 => "< 1 %".into(),
        // Never round up to 100 %.
        share if share < 1.0 => format!("{:.0} %", (share * 100.0).round().min(99.0)).into(),
        _ => "100 %".into(),
    }
}

/// The range of the values with a histogram, or the most frequent values.
fn value_overview(profile: &Profile) -> String {
    let values = &profile.values;
    if let Some((low, high)) = &values.range {
        let periods = values
            .months
            .histogram(PeriodLength::Month)
            .map(|periods| at_most_eight(&periods.counts));
        // Next to bars, the month of a date is enough.
        let shown = |end: &str| match &periods {
            Some(_) => shown(end).chars().take("2024-03".len()).collect(),
            None => shown(end),
        };
        let bars = values.histogram.as_ref().or(periods.as_ref());
        let bars = bars.map_or(String::new(), |bars| format!(" {}", sparkline(bars)));
        return format!("{} … {}{bars}", shown(low), shown(high));
    }
    let frequent = values.frequent.iter().take(SHOWN_VALUES).map(|(value, count)| {
        let share = *count as f64 / values.values as f64;
        format!("{} {}", shown(value), percent(share))
    });
    let mut frequent: Vec<String> = frequent.collect();
    let others = values.others(frequent.len());
    if others > 0 && !frequent.is_empty() {
        frequent.push(counted(others, "other"));
    }
    frequent.join(", ")
}

/// A stored value for a table: unquoted, escaped and shortened.
fn shown(json: &str) -> String {
    shortened(&escaped(&unquoted(json)), VALUE_WIDTH)
}

/// A stored value without the quotes of JSON.
pub(crate) fn unquoted(json: &str) -> String {
    serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())
}

/// The counts with neighbours added up, so that at most eight remain.
fn at_most_eight(counts: &[u64]) -> Vec<u64> {
    counts.chunks(counts.len().div_ceil(8).max(1)).map(|chunk| chunk.iter().sum()).collect()
}

/// A histogram in one line; the highest bar has full height.
fn sparkline(bars: &[u64]) -> String {
    const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = bars.iter().copied().max().unwrap_or_default().max(1);
    bars.iter()
        .map(|bar| STEPS[usize::try_from((bar * 7).div_ceil(most)).unwrap_or_default().min(7)])
        .collect()
}
