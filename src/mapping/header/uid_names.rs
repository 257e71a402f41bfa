//! Which headers name a customer's identifier, and how strongly.

use super::table::{HeaderWords, Meaning};

/// How strongly a header names a customer's identifier, from 0 for the strongest; `None` if it does
/// not.
pub(crate) fn uid_rank(words: &HeaderWords) -> Option<u8> {
    let is_other = [Meaning::OtherPerson, Meaning::National, Meaning::Blocker, Meaning::Company]
        .into_iter()
        .any(|meaning| words.has(meaning) && !is_whole_uid(words));
    if words.words.is_empty() || is_other {
        return None;
    }
    let has = |meaning| words.has(meaning);
    let behind = if has(Meaning::Secondary) { 20 } else { 0 };
    let rank = if is_whole_uid(words) {
        0
    } else if !words.only(&PARTS) || words.number().is_some() || !is_id_at_an_end(words) {
        return None;
    } else if has(Meaning::Person) && (has(Meaning::Id) || has(Meaning::Identity)) {
        0
    } else if has(Meaning::External) {
        1
    } else if has(Meaning::Id) && !has(Meaning::Record) || has(Meaning::Identity) {
        2
    } else if has(Meaning::Uuid) {
        3
    } else if has(Meaning::Record) && has(Meaning::Id) {
        4
    } else if has(Meaning::Person) {
        5
    } else if has(Meaning::Record) {
        6
    } else {
        NUMBER_ALONE
    };
    Some(rank + behind)
}

/// The rank of `no`, `nr`, `number`, `code` or `key` on its own, which may number the rows.
pub(crate) const NUMBER_ALONE: u8 = 7;

/// Whether a name may be that of a row number: it has no word for a person or an identifier.
pub(crate) fn may_number_rows(words: &HeaderWords) -> bool {
    ![Meaning::Person, Meaning::Id, Meaning::Identity, Meaning::Uuid, Meaning::External]
        .into_iter()
        .any(|meaning| words.has(meaning))
}

/// The words that the header of an identifier may have.
const PARTS: [Meaning; 12] = [
    Meaning::Id,
    Meaning::Uuid,
    Meaning::Identity,
    Meaning::External,
    Meaning::Number,
    Meaning::No,
    Meaning::Code,
    Meaning::Person,
    Meaning::Record,
    Meaning::Filler,
    Meaning::Secondary,
    Meaning::Primary,
];

fn is_whole_uid(words: &HeaderWords) -> bool {
    words.words.len() == 1 && words.words[0].text == "uid"
}

/// Whether the first or the last word is one for an identifier.
fn is_id_at_an_end(words: &HeaderWords) -> bool {
    const ID: [Meaning; 6] = [
        Meaning::Id,
        Meaning::Uuid,
        Meaning::Identity,
        Meaning::Number,
        Meaning::No,
        Meaning::Code,
    ];
    let ends = [words.words.first(), words.words.last()];
    ends.into_iter().flatten().any(|word| ID.iter().any(|meaning| word.means(*meaning)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(header: &str) -> Option<u8> {
        uid_rank(&HeaderWords::of(header))
    }

    #[test]
    fn a_person_with_an_id_comes_before_an_id_and_that_before_a_number() {
        let headers =
            ["customer_id", "external_id", "id", "uuid", "account_id", "Kunden-Nr.", "Nr."];
        let ranks: Vec<Option<u8>> = headers.into_iter().map(rank).collect();
        assert!(ranks.iter().all(Option::is_some), "{ranks:?}");
        assert!(ranks.is_sorted(), "{ranks:?}");
    }

    #[test]
    fn known_names_of_identifiers_are_candidates() {
        for header in [
            "uid",
            "user_id",
            "userid",
            "customerID",
            "$distinct_id",
            "external_user_id",
            "customer_number",
            "customer_code",
            "localId",
            "contact_id",
            "identity",
            "member_id",
            "subscriber_id",
            "client_id",
            "record_id",
            "identifier",
            "Kundennummer",
            "kunden_id",
            "id_client",
            "numéro client",
            "código do cliente",
            "klantnummer",
            "identifiant",
            "donorID",
            "顧客番号",
            "会員ID",
            "Customer #",
            "müşteri no",
            "socio_id",
            "Student ID",
        ] {
            assert!(rank(header).is_some(), "{header}");
        }
    }

    #[test]
    fn identifiers_of_other_things_are_not_keys() {
        for header in [
            "order_id",
            "product_id",
            "tax_id",
            "National ID",
            "parent_id",
            "owner_id",
            "company_id",
            "Paid",
            "manager id",
            "subscription_id",
            "row_id",
            "badge",
            "id_type",
            "email",
            "created_by",
            "sales_rep_id",
            "user group",
        ] {
            assert_eq!(rank(header), None, "{header}");
        }
    }
}
