//! Lists of names in messages, and the most similar name.

use super::layout::quoted;

/// The maximum number of names in a list.
const MAX_LISTED: usize = 12;

/// The names, separated by commas; only the first ones of a long list.
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
    match name_in_other_words(unknown, known)
        .or_else(|| closest_name(unknown, known, str::to_owned))
    {
        Some(closest) => format!("did you mean {}? {all}", quoted(closest, 40)),
        None => all,
    }
}

/// Other words for standard attributes.
const OTHER_WORDS: [(&str, &[&str]); 6] = [
    ("uid", &["id", "user_id", "customer_id", "key"]),
    ("number", &["phone", "phone_number", "mobile", "msisdn", "tel"]),
    ("email", &["mail", "e_mail", "email_address"]),
    ("first_name", &["name", "firstname", "given_name", "forename"]),
    ("last_name", &["lastname", "surname", "family_name"]),
    ("device_platform", &["platform", "device", "os"]),
];

/// The only known name that an unknown one may mean: it is another word for it, or one has the
/// words of the other in it, such as `usage` and `monthly_usage`, or `is_vip` and `vip`.
fn name_in_other_words<'n>(unknown: &str, known: &'n [String]) -> Option<&'n String> {
    let unknown = unknown.to_lowercase().replace([' ', '-', '.'], "_");
    let standard = OTHER_WORDS.iter().find(|(_, words)| words.contains(&unknown.as_str()));
    if let Some((standard, _)) = standard {
        return known.iter().find(|name| name == standard);
    }
    let has_words_of = |long: &str, short: &str| {
        format!("_{long}_").contains(&format!("_{short}_")) && !short.is_empty()
    };
    let mut similar = known.iter().filter(|name| {
        let name = name.to_lowercase();
        name == unknown || has_words_of(&name, &unknown) || has_words_of(&unknown, &name)
    });
    let first = similar.next()?;
    similar.next().is_none().then_some(first)
}

/// The most similar name to an unknown one; `None` if no name is similar. `comparable` returns the
/// form in which names are compared; `wanted` already has it.
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
