//! Header names in comparable form.

use super::words::{BOOKED, CREATED, HAPPENED, INVOICED, Names, ORDERED, PAID, SENT, STARTS};
use crate::mapping::is_hump;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether a plain name is in one of the lists.
pub(crate) fn is_one_of(name: &str, lists: &[Names]) -> bool {
    lists.iter().any(|list| list.contains(&name))
}

/// Whether a plain name is the name of a time.
pub(crate) fn is_time(name: &str) -> bool {
    is_one_of(name, &[HAPPENED, CREATED, SENT, ORDERED, PAID, INVOICED, BOOKED, STARTS])
}

/// A header in comparable form: lower case, without accents, surrounding punctuation and a final
/// `UTC` or `GMT`; words joined by `_`, `camelCase` split, and `#` read as `number`.
pub(crate) fn plain(header: &str) -> String {
    let letters: Vec<char> = header
        .chars()
        .filter(|char| !matches!(char, 'º' | 'ª'))
        .nfkd()
        .filter(|char| !is_combining_mark(*char))
        .collect();
    let mut name = String::with_capacity(header.len() + 4);
    for (at, char) in letters.iter().copied().enumerate() {
        if char == '#' && !name.is_empty() {
            name.push_str(if name.ends_with('_') { "number" } else { "_number" });
            continue;
        }
        if !char.is_alphanumeric() {
            if !name.is_empty() && !name.ends_with('_') && !matches!(char, '\u{feff}' | '\u{200b}')
            {
                name.push('_');
            }
            continue;
        }
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1).copied();
        // A digit is not separated from the letter after it, as in the names of the rules.
        let hump =
            before.is_some_and(|before| !before.is_numeric() && is_hump(before, char, after));
        if hump && !name.ends_with('_') {
            name.push('_');
        }
        if char == 'ß' { name.push_str("ss") } else { name.extend(char.to_lowercase()) }
    }
    let name = name.trim_end_matches('_');
    let bare = ["_utc", "_gmt"].into_iter().find_map(|zone| name.strip_suffix(zone));
    bare.unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::rules::{RULES, Rule};
    use super::super::words::{PERSONS, RECORD_IDS, STANDING_TIMES, THINGS};
    use super::*;

    #[test]
    fn headers_are_compared_without_case_accents_and_separators() {
        for (header, expected) in [
            ("\u{feff} Order ID ", "order_id"),
            ("order-id", "order_id"),
            ("Order.ID", "order_id"),
            ("ORDER__ID", "order_id"),
            ("orderId", "order_id"),
            ("OrderID", "order_id"),
            ("HTTPMethod", "http_method"),
            ("PaymentIntent ID", "payment_intent_id"),
            ("Created (UTC)", "created"),
            ("Created date (UTC)", "created_date"),
            ("$insert_id", "insert_id"),
            ("Start Date & Time", "start_date_time"),
            ("Order #", "order_number"),
            ("Référence commande", "reference_commande"),
            ("Date de l'événement", "date_de_l_evenement"),
            ("Fälligkeitsdatum", "falligkeitsdatum"),
            ("Straße", "strasse"),
            ("N° de facture", "n_de_facture"),
            ("N.º de factura", "n_de_factura"),
            ("idVisit", "id_visit"),
            ("E-Mail", "e_mail"),
            ("", ""),
        ] {
            assert_eq!(plain(header), expected, "{header}");
        }
    }

    #[test]
    fn every_name_is_in_plain_form() {
        let lists = RULES.iter().flat_map(Rule::lists).copied();
        for name in lists
            .chain([THINGS, RECORD_IDS, PERSONS, STANDING_TIMES].into_iter().flatten().copied())
            .flatten()
        {
            assert_eq!(plain(name), *name);
        }
    }
}
