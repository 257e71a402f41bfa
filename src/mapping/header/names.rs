//! The names of columns: how they are compared, and what a custom attribute is called.

use super::words::is_hump;
use crate::value::composed;
use std::collections::{HashMap, HashSet};

/// A header as it is compared: in Unicode's form NFC, without case, byte order mark and surrounding
/// space, and with runs of space, `-`, `_` and `.` alike.
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

/// A header as it is compared, and `camelCase` in its words besides: `customerId` is `customer_id`.
/// For finding out what a header is about; no column becomes a standard attribute by it, because `AccountId` is
/// Salesforce's for a company.
pub(crate) fn words(header: &str) -> String {
    let is_one_run = header.trim().chars().all(char::is_alphanumeric);
    if is_one_run { attribute_name(header) } else { normalised(header) }
}

/// The `snake_case` name of the custom attribute that a header makes; blank for a header without a
/// letter or digit, and in Unicode's form NFC. `monthlyUsage` is two words, `SMSConsent` and
/// `userID` too.
pub fn attribute_name(header: &str) -> String {
    let characters: Vec<char> = composed(header.trim()).chars().collect();
    let mut name = String::with_capacity(header.len() + 4);
    for (index, &c) in characters.iter().enumerate() {
        if !(c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)) {
            // An apostrophe parts words as well: `l'adresse`, `user's`.
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
    // Some letters are one character with their mark in lower case alone: `J` with a caron.
    composed(name.trim_end_matches('_')).into_owned()
}

/// The columns of a header by their names, so that many names are found in one pass.
pub(crate) struct HeaderIndex<'h> {
    exact: HashMap<&'h str, usize>,
    compared: HashMap<String, usize>,
    nameless: HashSet<usize>,
}

impl<'h> HeaderIndex<'h> {
    /// Of columns with one name the first counts.
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

    /// Finds a column by its name: to the letter first, then compared as headers are. A column
    /// without a name is found by its place, counted from 1.
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
    fn headers_are_compared_by_what_a_person_reads() {
        for header in ["First Name", "\u{feff}first_name", " FIRST-NAME ", "first . name"] {
            assert_eq!(normalised(header), "first_name", "{header}");
        }
    }

    #[test]
    fn camel_case_has_words_where_nothing_else_parts_them() {
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
