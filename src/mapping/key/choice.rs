//! Chooses the key: the attribute that identifies the customers of a file.

use super::candidates::KeyFacts;
use super::same_person::PersonColumns;
use crate::mapping::header::uid_names::{may_number_rows, uid_rank};
use crate::mapping::roles::Roles;
use crate::mapping::sample::Sample;
use crate::mapping::target::{Origin, Target};
use crate::value::{Key, Standard};

/// A column that may hold the customers' uids.
#[derive(Debug)]
pub(crate) struct UidCandidate {
    pub(crate) column: usize,
    pub(crate) facts: KeyFacts,
    rank: u8,
    /// Whether its name may be that of a row number.
    may_number_rows: bool,
    /// Whether it has a single value, and the records with it are about one customer.
    is_of_one_customer: bool,
}

impl UidCandidate {
    /// Whether it identifies customers, as far as the sample tells.
    fn holds(&self) -> bool {
        self.facts.holds() && !(self.facts.counts_rows && self.may_number_rows)
    }

    /// Whether its name says more clearly that it identifies a customer.
    pub(crate) fn is_stronger_than(&self, other: &Self) -> bool {
        self.rank < other.rank
    }
}

/// The columns that may be the key of a file.
#[derive(Debug)]
pub(crate) struct KeyCandidates {
    /// Sorted by the strength of their names, then from left to right.
    pub(crate) uids: Vec<UidCandidate>,
    email: Option<KeyFacts>,
    number: Option<KeyFacts>,
}

/// The key, and the evidence for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChoice {
    /// The attribute that identifies customers.
    pub key: Key,
    /// The column that holds the uids, unless the user mapped one. It may be set if the key is
    /// another attribute.
    pub uid: Option<(usize, Origin)>,
    /// The evidence for the choice: `unique in 11 records`.
    pub evidence: Option<String>,
    /// Another column that would identify customers as well.
    pub other: Option<usize>,
    /// Values of the key column that mean a missing customer.
    pub placeholders: Vec<String>,
}

/// What is known about the key before the columns are examined.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KnownKey {
    /// The key that the user chose.
    pub(crate) given: Option<Key>,
    /// The key of the store.
    pub(crate) stored: Option<Key>,
    /// The column that gave the uid to the store before.
    pub(crate) uid_column: Option<usize>,
    /// Whether the store has customers whose uids came from a column that this file does not have.
    pub(crate) has_other_uids: bool,
}

impl KeyCandidates {
    /// No candidates, for a file whose columns are known.
    pub(crate) fn none() -> Self {
        Self { uids: Vec::new(), email: None, number: None }
    }

    pub(crate) fn of(roles: &Roles<'_>, sample: &Sample<'_>, placeholders: &[String]) -> Self {
        let persons = roles.person_columns();
        let facts = |column, persons| KeyFacts::of(sample, column, persons, placeholders);
        let mut uids: Vec<UidCandidate> = roles
            .words
            .iter()
            .enumerate()
            .filter(|(column, _)| roles.is_free(*column))
            .filter_map(|(column, words)| {
                let rank = uid_rank(words)?;
                let facts = facts(column, persons);
                Some(UidCandidate {
                    column,
                    rank,
                    may_number_rows: may_number_rows(words),
                    is_of_one_customer: facts.is_constant()
                        && (facts.agreeing > 0 || only_devices_differ(roles, sample)),
                    facts,
                })
            })
            .collect();
        uids.sort_by_key(|candidate| (candidate.rank, candidate.column));
        let standard = |standard| {
            let column = roles.column_of(standard)?;
            Some(facts(column, PersonColumns::default()))
        };
        Self { uids, email: standard(Standard::Email), number: standard(Standard::Number) }
    }

    /// The column that identifies customers best: of the full ones that identify customers, the one
    /// with the strongest name. A column with a single value is taken only if there is no other
    /// column to take, and the records show that they are about one person.
    fn best(&self) -> Option<&UidCandidate> {
        let full = || self.uids.iter().filter(|it| it.holds() && it.facts.is_full());
        let varied = full()
            .find(|it| it.facts.is_proven() && !it.facts.is_constant())
            .or_else(|| full().find(|it| !it.facts.is_constant()));
        let has_other = self.email.is_some() || self.number.is_some();
        varied.or_else(|| full().find(|it| !has_other && it.is_of_one_customer))
    }

    /// Chooses the key of a store that has none yet.
    fn choose(&self) -> Option<(Key, Option<&UidCandidate>)> {
        if let Some(best) = self.best() {
            return Some((Key::Uid, Some(best)));
        }
        let others = [(Key::Email, &self.email), (Key::Number, &self.number)];
        let full = others.iter().find(|(_, facts)| facts.as_ref().is_some_and(KeyFacts::is_full));
        if let Some((key, _)) = full {
            return Some((*key, None));
        }
        let uids = self.uids.iter().filter(|it| it.holds() && !it.facts.is_constant());
        let uids = uids.map(|it| (Key::Uid, Some(it), &it.facts));
        let others = others.iter().filter_map(|(key, facts)| Some((*key, None, facts.as_ref()?)));
        fullest(uids.chain(others).filter(|(_, _, facts)| facts.is_half_full()))
    }

    fn facts_of(&self, key: Key, uid: Option<&UidCandidate>) -> Option<KeyFacts> {
        match key {
            Key::Uid => uid.map(|it| it.facts.clone()),
            Key::Email => self.email.clone(),
            Key::Number => self.number.clone(),
        }
    }

    /// Another column that is full and unique, and identifies customers.
    fn other(&self, chosen: usize) -> Option<usize> {
        let is_as_good = |it: &&UidCandidate| {
            it.column != chosen && it.holds() && it.facts.is_full() && it.facts.is_unique()
        };
        self.uids.iter().find(is_as_good).map(|it| it.column)
    }

    /// Columns that identify customers and have a value in every record.
    pub(crate) fn full_candidates(&self) -> impl Iterator<Item = (Key, Option<usize>)> {
        let uids = self
            .uids
            .iter()
            .filter(|it| it.holds() && it.facts.filled == it.facts.records)
            .map(|it| (Key::Uid, Some(it.column)));
        let whole = |facts: &Option<KeyFacts>| {
            facts.as_ref().is_some_and(|it| it.filled == it.records && it.is_unique())
        };
        let email = whole(&self.email).then_some((Key::Email, None));
        let number = whole(&self.number).then_some((Key::Number, None));
        uids.chain(email).chain(number)
    }
}

/// Whether all records are the same except for devices: a customer may have several devices.
fn only_devices_differ(roles: &Roles<'_>, sample: &Sample<'_>) -> bool {
    let devices = [Standard::DeviceToken, Standard::DevicePlatform].map(|it| roles.column_of(it));
    let differs = |column: usize| {
        let mut values = sample.column(column);
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    (0..roles.words.len()).all(|column| devices.contains(&Some(column)) || !differs(column))
}

/// The fullest candidate; the first one if several are equally full.
fn fullest<'a>(
    candidates: impl Iterator<Item = (Key, Option<&'a UidCandidate>, &'a KeyFacts)>,
) -> Option<(Key, Option<&'a UidCandidate>)> {
    let mut best: Option<(Key, Option<&UidCandidate>, &KeyFacts)> = None;
    for candidate in candidates {
        if best.is_none_or(|best| candidate.2.filled > best.2.filled) {
            best = Some(candidate);
        }
    }
    best.map(|(key, uid, _)| (key, uid))
}

/// Chooses the key of a file; `None` if no column can be the key.
pub(crate) fn choose_key(
    roles: &Roles<'_>,
    candidates: &KeyCandidates,
    known: KnownKey,
) -> Option<KeyChoice> {
    let has_uid = roles.has_uid();
    let has = |key: Key| match key {
        Key::Uid => has_uid || known.uid_column.is_some(),
        key => roles.column_of(key.attribute()).is_some(),
    };
    let settled = known.given.or(known.stored);
    let strongest = || candidates.uids.first();
    let (key, uid) = match settled {
        Some(key) if !has(key) && key != Key::Uid => return None,
        Some(Key::Uid) | None if has(Key::Uid) => (Key::Uid, None),
        Some(Key::Uid) => {
            let by_rules = candidates.best().or_else(|| match candidates.choose() {
                Some((Key::Uid, uid)) => uid,
                _ => None,
            });
            let uid = by_rules.or_else(|| known.given.and_then(|_| strongest()))?;
            (Key::Uid, Some(uid))
        }
        // Another attribute is the key. A column that identifies customers still becomes the uid,
        // unless a uid column is known.
        Some(key) => {
            let is_open = known.uid_column.is_none() && !known.has_other_uids && !has_uid;
            let unique = candidates.uids.iter().find(|it| it.holds());
            (key, unique.filter(|_| is_open))
        }
        None => candidates.choose()?,
    };
    let uid_column = uid.map(|it| (it.column, Origin::Alias));
    let remembered = known.uid_column.filter(|_| !has_uid).map(|it| (it, Origin::Remembered));
    let of_column = |column: usize| candidates.uids.iter().find(|it| it.column == column);
    let facts = candidates.facts_of(key, uid.or_else(|| known.uid_column.and_then(of_column)));
    Some(KeyChoice {
        key,
        uid: remembered.or(uid_column),
        evidence: facts.as_ref().filter(|facts| facts.records > 0).map(KeyFacts::evidence),
        other: uid.filter(|_| key == Key::Uid).and_then(|uid| candidates.other(uid.column)),
        placeholders: facts.map(|facts| facts.placeholders).unwrap_or_default(),
    })
}

impl Roles<'_> {
    /// The columns that identify the person of a record.
    pub(crate) fn person_columns(&self) -> PersonColumns {
        PersonColumns {
            email: self.column_of(Standard::Email),
            first_name: self.column_of(Standard::FirstName),
            last_name: self.column_of(Standard::LastName),
            whole_name: self.whole_name(),
            // A customer may have several numbers, so different ones do not contradict an
            // identifier.
            number: None,
        }
    }

    /// Whether a column has no role yet.
    pub(crate) fn is_free(&self, column: usize) -> bool {
        self.assignments[column].is_none()
    }

    /// Whether one column, or several together, are mapped to the uid.
    pub(crate) fn has_uid(&self) -> bool {
        self.assignments.iter().flatten().any(|(target, _)| {
            matches!(target, Target::Standard(Standard::Uid) | Target::UidPart(_))
        })
    }
}
