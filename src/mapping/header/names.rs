//! The names of columns: how they are compared, and what a custom attribute is called.

use super::words::is_hump;
use crate::value::composed;
use std::collections::{HashMap, HashSet};

/// A header in the form in which names are compared: NFC, lower case, without byte order mark, and
/// with each run of spaces, `-`, `_` and `.` as one `_`, or removed at either end.
pub fn normalised(header: &str) -> String {
    let mut name = String::with_capacity(header.len());
    let mut separated = false;
    for c in composed(header).chars().filter(|c| !matches!(c, '\u{feff}' | '\u{200b}')) {
        if c.is_whitespace() || matches!(c, '-' | '_' | '.') {
            separated = !name.is_empty();
        } else {
            if separated {
                name.push('_');
                separated = false;
            }
            name.extend(c.to_lowercase());
        }
    }
    name
}

/// The normalised header, with `camelCase` split into words: `customerId` is `customer_id`. Shows
/// what a header is about, but never makes a column a standard attribute: `AccountId` is a company
/// in Salesforce.
pub(crate) fn words(header: &str) -> String {
    let is_one_run = header.trim().chars().all(char::is_alphanumeric);
    if is_one_run { attribute_name(header) } else { normalised(header) }
}

/// The `snake_case` name, in NFC, of the custom attribute for a header; empty if the header has no
/// letter or digit. `monthlyUsage`, `SMSConsent` and `userID` are two words each.
pub fn attribute_name(header: &str) -> String {
    let characters: Vec<char> = composed(header.trim()).chars().collect();
    let mut name = String::with_capacity(header.len() + 4);
    for (index, &c) in characters.iter().enumerate() {
        if !(c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)) {
            // An apostrophe separates words too: `l'adresse`, `user's`.
            if !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
            continue;
        }
        let before = index.checked_sub(1).map(|before| characters[before]);
        let after = characters.get(index + 1).copied();
        let begins_word = before.is_some_and(|before| is_hump(before, c, after));
        if begins_word && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    // Some letters have a composed form only in lower case, such as `j` with a caron.
    composed(name.trim_end_matches('_')).into_owned()
}

/// An index of a header's columns by name.
pub(crate) struct HeaderIndex<'h> {
    exact: HashMap<&'h str, usize>,
    compared: HashMap<String, usize>,
    nameless: HashSet<usize>,
}

impl<'h> HeaderIndex<'h> {
    /// If columns share a name, the first one is found.
    pub(crate) fn new(header: &'h [String]) -> Self {
        let columns = || header.iter().enumerate().rev();
        Self {
            exact: columns().map(|(column, name)| (name.as_str(), column)).collect(),
            compared: columns().map(|(column, name)| (normalised(name), column)).collect(),
            nameless: columns()
                .filter(|(_, name)| normalised(name).is_empty())
                .map(|(column, _)| column)
                .collect(),
        }
    }

    /// Finds a column by its exact name, or else by its normalised name. A column without a name is
    /// found by its position, counted from 1.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let named = self.exact.get(name).or_else(|| self.compared.get(&normalised(name)));
        named.copied().or_else(|| {
            let column = name.parse::<usize>().ok()?.checked_sub(1)?;
            self.nameless.contains(&column).then_some(column)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_separators_are_normalised() {
        for header in ["First Name", "\u{feff}first_name", " FIRST-NAME ", "first . name"] {
            assert_eq!(normalised(header), "first_name", "{header}");
        }
    }

    #[test]
    fn camel_case_is_split_without_other_separators() {
        for (header, compared) in [
            ("customerId", "customer_id"),
            (" mobileNumber ", "mobile_number"),
            ("Customer ID", "customer_id"),
            ("email", "email"),
            // The words after `email` may mean something other than an address.
            ("Email?", "email?"),
            ("Email (opt-in)", "email_(opt_in)"),
        ] {
            assert_eq!(words(header), compared, "{header}");
        }
    }

    #[test]
    fn custom_attributes_are_named_in_snake_case() {
        for (header, name) in [
            ("Current usage for the month", "current_usage_for_the_month"),
            ("monthlyUsage", "monthly_usage"),
            ("SMSConsent", "sms_consent"),
            ("userID", "user_id"),
            ("E-Mail (privat)", "e_mail_privat"),
            ("Größe", "größe"),
            ("Gro\u{308}\u{df}e", "größe"),
            ("cafe\u{301}Name", "café_name"),
            ("J\u{30c}", "\u{1f0}"),
            ("MRR $", "mrr"),
            ("  ", ""),
            ("2FA", "2_fa"),
        ] {
            assert_eq!(attribute_name(header), name, "{header}");
        }
    }
}
