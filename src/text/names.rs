//! Lists of names in messages, and the name that was probably meant.

use super::layout::quoted;

/// The most names of a list.
const MAX_LISTED: usize = 12;

/// The names, separated by commas; of a long list the first.
pub(crate) fn name_list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown = names.iter().take(MAX_LISTED).map(|name| {
        let name = quoted(name.trim_start_matches('\u{feff}'), 30);
        name.trim_matches('\'').to_owned()
    });
    let mut shown: Vec<String> = shown.collect();
    if names.len() > MAX_LISTED {
        shown.push(format!("… {} more", names.len() - MAX_LISTED));
    }
    shown.join(", ")
}

/// The hint for an unknown name: the closest known name, and all known names after `label`, such as
/// `the columns are`.
pub(crate) fn name_suggestion(unknown: &str, known: &[String], label: &str) -> String {
    if known.is_empty() {
        return format!("{label}: none so far");
    }
    let all = format!("{label}: {}", name_list(known));
    match closest_name(unknown, known, str::to_owned) {
        Some(closest) => format!("did you mean {}? {all}", quoted(closest, 40)),
        None => all,
    }
}

/// The name that was probably meant by one that is unknown; `None` where no name is similar.
/// `comparable` gives the form in which names are compared, which `wanted` already has.
pub(crate) fn closest_name<'n>(
    wanted: &str,
    names: &'n [String],
    comparable: impl Fn(&str) -> String,
) -> Option<&'n String> {
    names
        .iter()
        .map(|name| (strsim::jaro_winkler(&comparable(name), wanted), name))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
