//! Finds another column that identifies the records as well as the key does, or better. A record
//! may then be something that a customer has, or another person. The header cannot tell, so the
//! import warns.

use super::candidates::KeyFacts;
use super::choice::{KeyCandidates, KeyChoice, UidCandidate};
use super::same_person::PersonColumns;
use crate::mapping::header::table::{HeaderWords, Meaning, Word};
use crate::mapping::roles::Roles;
use crate::mapping::sample::Sample;
use crate::mapping::target::Origin;
use crate::mapping::warning::MappingWarning;
use crate::value::Key;

/// Warns about a column that may be the key instead. `is_action` returns whether a header
/// identifies something that a customer did, which never identifies the customer.
pub(crate) fn alternative_key_warning(
    header: &[String],
    roles: &Roles<'_>,
    candidates: &KeyCandidates,
    choice: &KeyChoice,
    sample: &Sample<'_>,
    is_action: impl Fn(&str) -> bool,
) -> Option<MappingWarning> {
    let key = match (choice.key, choice.uid) {
        (Key::Uid, Some((column, Origin::Alias))) => column,
        (Key::Uid, _) => return None,
        (key, _) => roles.column_of(key.attribute())?,
    };
    let facts_of = |column| KeyFacts::of(sample, column, roles.person_columns(), &[]);
    let facts = facts_of(key);
    let name = |column: usize| header[column].trim().to_owned();
    if let Some(customer) =
        candidates.uids.iter().find(|it| is_repeated_customer(it, key, candidates))
    {
        return Some(MappingWarning::CustomerRepeats {
            key: name(key),
            column: name(customer.column),
            customers: customer.facts.distinct,
            records: facts.records,
        });
    }
    let own = (0..header.len()).find(|column| {
        let words = &roles.words[*column];
        // If the key is just as unique, only a column about another person can be an alternative.
        let may_be_meant = if facts.is_unique() {
            words.has(Meaning::OtherPerson) && *column < key
        } else {
            facts.agreeing == 0
        };
        *column != key
            && roles.is_free(*column)
            && may_be_meant
            && names_an_id(words)
            && !is_action(&header[*column])
            && is_full_and_unique(sample, *column)
    })?;
    Some(MappingWarning::RecordHasOwnId {
        key: name(key),
        column: name(own),
        customers: facts.distinct,
        records: facts.records,
    })
}

/// Whether a candidate has a stronger name than the key and names customers several times, with
/// nothing to show whether the records are about one person.
fn is_repeated_customer(candidate: &UidCandidate, key: usize, candidates: &KeyCandidates) -> bool {
    let chosen = candidates.uids.iter().find(|it| it.column == key);
    let facts = &candidate.facts;
    chosen.is_some_and(|chosen| candidate.is_stronger_than(chosen))
        && facts.is_full()
        && facts.repeats() > 0
        && !facts.is_constant()
        && facts.contradicting == 0
}

/// Whether a header of several words names an identifier: `api_key_id`, `ID Card`.
fn names_an_id(words: &HeaderWords) -> bool {
    let is_id = |word: Option<&Word>| {
        word.is_some_and(|word| word.means(Meaning::Id) || word.means(Meaning::Uuid))
    };
    let parts = &words.words;
    parts.len() > 1
        && (is_id(parts.first()) || is_id(parts.last()))
        && !words.has(Meaning::National)
        && !words.has(Meaning::Record)
}

fn is_full_and_unique(sample: &Sample<'_>, column: usize) -> bool {
    let facts = KeyFacts::of(sample, column, PersonColumns::default(), &[]);
    facts.records > 1 && facts.is_full() && facts.is_unique()
}
