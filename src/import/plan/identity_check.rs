//! Looks up sampled keys in the store, so that a file with other uids does not duplicate customers.

use crate::import::ImportError;
use crate::mapping::{
    KeyCandidates, KeyChoice, MappingWarning, Origin, RememberedColumns, Roles, Sample,
    is_missing_key,
};
use crate::store::Session;
use crate::value::{Key, Standard};
use std::collections::HashSet;

/// The maximum number of distinct values of a column that are looked up.
const LOOKED_UP: usize = 200;

/// A column is treated as the uid column only if the store knows this many of its values.
const MIN_KNOWN: usize = 3;

/// Fewer sampled keys than this prove nothing.
const MIN_KEYS: usize = 5;

/// Checks that the uids of a file are those of the store's customers, or of new ones. If the column
/// that gave the uid is gone, chooses another column whose values the store knows. Fails if the
/// file has the customers under other uids.
pub(crate) fn check_identity(
    name: &str,
    choice: &mut KeyChoice,
    roles: &Roles<'_>,
    candidates: &KeyCandidates,
    sample: &Sample<'_>,
    remembered: &RememberedColumns,
    session: Option<&mut dyn Session>,
) -> Result<Option<MappingWarning>, ImportError> {
    let Some((column, origin)) = choice.uid.filter(|_| choice.key == Key::Uid) else {
        return Ok(None);
    };
    let Some(session) = session.filter(|session| session.start().customers > 0) else {
        return Ok(None);
    };
    let mut known_of = |column: usize| -> Result<(usize, usize), ImportError> {
        let values = distinct_values(sample, column);
        Ok((session.count_known(Key::Uid, &values)?, values.len()))
    };
    let (known, of) = known_of(column)?;
    if known * 10 >= of {
        return Ok(None);
    }
    let mut best: Option<(usize, usize, usize)> = None;
    if origin != Origin::Remembered {
        for candidate in candidates.uids.iter().filter(|candidate| candidate.column != column) {
            let (known, of) = known_of(candidate.column)?;
            let is_found = known >= MIN_KNOWN && known * 2 >= of;
            if is_found && best.is_none_or(|(_, most, _)| known > most) {
                best = Some((candidate.column, known, of));
            }
        }
    }
    if let Some((column, known, of)) = best {
        choice.uid = Some((column, Origin::Values));
        choice.evidence = Some(format!("{known} of {of} sampled values are uids in the store"));
        choice.other = None;
        return Ok(Some(MappingWarning::UidMoved {
            before: remembered.uid_header().unwrap_or("the uid").to_owned(),
            column: roles.header_of(column).to_owned(),
            known,
            of,
        }));
    }
    if of < MIN_KEYS {
        return Ok(None);
    }
    for key in [Key::Email, Key::Number] {
        let Some(other) = roles.column_of(key.attribute()) else { continue };
        let values = compared_values(key, sample, other);
        let compared: Vec<&str> = values.iter().map(String::as_str).collect();
        let belong = session.count_known(key, &compared)?;
        if belong * 2 > values.len() {
            return Err(ImportError::OtherUids {
                name: name.to_owned(),
                column: roles.header_of(column).to_owned(),
                before: remembered.uid_header().map(str::to_owned),
                known,
                of,
                key,
                belong,
                values: values.len(),
            });
        }
    }
    Ok(None)
}

/// The first distinct values of a column that may be keys.
fn distinct_values<'s>(sample: &Sample<'s>, column: usize) -> Vec<&'s str> {
    let mut seen = HashSet::new();
    sample
        .column(column)
        .filter(|value| !is_missing_key(value) && seen.insert(*value))
        .take(LOOKED_UP)
        .collect()
}

/// The distinct valid emails or numbers of a column, in the form that keys are compared in.
fn compared_values(key: Key, sample: &Sample<'_>, column: usize) -> HashSet<String> {
    use crate::value::email::Email;
    use crate::value::phone::PhoneNumber;
    let values = sample.column(column).filter_map(|value| match key.attribute() {
        Standard::Email => Email::parse(value).ok()?.map(|email| email.key()),
        _ => PhoneNumber::parse(value, None).ok()?.map(|number| number.as_str().to_owned()),
    });
    let mut distinct = HashSet::new();
    for value in values {
        if distinct.len() == LOOKED_UP {
            break;
        }
        distinct.insert(value);
    }
    distinct
}
