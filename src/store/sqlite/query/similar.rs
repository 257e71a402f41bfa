//! Uids that a mistyped one may have meant, found by a bounded number of look-ups in the index on
//! `uid`: however many customers there are, nothing is scanned.

use crate::store::StoreError;
use crate::store::sqlite::Reader;
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeSet;

/// The longest uid, in characters, of which every slip of one character is looked up.
const LONGEST: usize = 40;
/// What a character may have been typed for, beside those of the uid itself.
const ALPHABET: &str = "0123456789abcdefghijklmnopqrstuvwxyz-_";

impl Reader {
    /// The uids that are like this one, the likeliest first, so many at most: one slip away, or
    /// else with the same beginning.
    pub fn similar_uids(&self, uid: &str, most: usize) -> Result<Vec<String>, StoreError> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut found: Vec<String> = Vec::new();
            let sql = "SELECT uid FROM customers WHERE uid = ?1";
            let mut exact = self.connection.prepare(sql)?;
            for slip in slips(uid) {
                let known: Option<String> =
                    exact.query_row([&slip], |row| row.get(0)).optional()?;
                found.extend(known.filter(|known| known != uid && !found.contains(known)));
                if found.len() >= most {
                    return Ok(found);
                }
            }
            let letters: Vec<char> = uid.chars().take(LONGEST).collect();
            let sql =
                "SELECT uid FROM customers WHERE uid >= ?1 AND uid < ?2 ORDER BY uid LIMIT ?3";
            let mut beginning = self.connection.prepare(sql)?;
            // Less than half of it in common is another uid altogether.
            for length in (letters.len().div_ceil(2).max(2)..=letters.len()).rev() {
                let prefix: String = letters[..length].iter().collect();
                let end = format!("{prefix}{}", char::MAX);
                let mut rows = beginning.query(params![
                    prefix,
                    end,
                    i64::try_from(most).unwrap_or(i64::MAX)
                ])?;
                while let Some(row) = rows.next()? {
                    let known: String = row.get(0)?;
                    if !found.contains(&known) {
                        found.push(known);
                    }
                }
                if !found.is_empty() {
                    break;
                }
            }
            found.truncate(most);
            Ok(found)
        };
        read().map_err(|source| self.sqlite(source))
    }
}

/// What somebody may have meant who was wrong in one place: case, surrounding space, two characters
/// the wrong way round, one too many, another one, or one too few.
fn slips(uid: &str) -> Vec<String> {
    let trimmed = uid.trim();
    let mut slips = vec![trimmed.to_owned(), trimmed.to_lowercase(), trimmed.to_uppercase()];
    let letters: Vec<char> = trimmed.chars().collect();
    if letters.len() > LONGEST {
        return slips;
    }
    let joined = |parts: [&[char]; 3]| parts.into_iter().flatten().collect::<String>();
    for at in 1..letters.len() {
        slips.push(joined([
            &letters[..at - 1],
            &[letters[at], letters[at - 1]],
            &letters[at + 1..],
        ]));
    }
    for at in 0..letters.len() {
        slips.push(joined([&letters[..at], &[], &letters[at + 1..]]));
    }
    let mut alphabet: BTreeSet<char> = ALPHABET.chars().chain(letters.iter().copied()).collect();
    if letters.iter().any(char::is_ascii_uppercase) {
        alphabet.extend('A'..='Z');
    }
    for at in 0..=letters.len() {
        for letter in &alphabet {
            if at < letters.len() {
                slips.push(joined([&letters[..at], &[*letter], &letters[at + 1..]]));
            }
            slips.push(joined([&letters[..at], &[*letter], &letters[at..]]));
        }
    }
    slips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slip_of_one_character_is_thought_of() {
        let found = slips(" u-17");
        for meant in ["u-17", "U-17", "u1-7", "u-1", "u-18", "u-177", "xu-17"] {
            assert!(found.iter().any(|slip| slip == meant), "{meant}");
        }
        assert!(slips(&"x".repeat(41)).len() == 3, "a long one is looked up as it is");
    }
}
