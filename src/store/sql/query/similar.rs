//! Finds the uids that a mistyped one may mean, with a bounded number of lookups in the index on
//! `uid`. It never scans the customers.

use crate::store::StoreError;
use crate::store::sql::Reader;
use rusqlite::params;
use std::collections::BTreeSet;

/// The longest uid, in characters, whose edits are looked up.
const MAX_EDITED: usize = 40;
/// The characters that may be missing or mistyped, in addition to those of the uid itself.
const ALPHABET: &str = "0123456789abcdefghijklmnopqrstuvwxyz-_";

impl Reader {
    /// At most `most` uids that are similar to this one, the most similar first: those that are one
    /// edit away or begin with it, or else those that share the longest beginning with it.
    pub fn similar_uids(&self, uid: &str, most: usize) -> Result<Vec<String>, StoreError> {
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let edits = serde_json::Value::from(edits(uid)).to_string();
        let sql = if self.database.is_postgres() {
            "SELECT uid FROM jsonb_array_elements_text(CAST(?1 AS jsonb))
                 WITH ORDINALITY AS edits (value, place)
             JOIN customers ON uid = value COLLATE \"C\"
             WHERE uid <> ?2 GROUP BY uid ORDER BY min(place) LIMIT ?3"
        } else {
            "SELECT uid FROM json_each(?1) CROSS JOIN customers ON uid = value
             WHERE uid <> ?2 GROUP BY uid ORDER BY min(key) LIMIT ?3"
        };
        let values = params![edits, uid, limit];
        let mut found: Vec<String> = self.database.rows(sql, values, |row| row.get(0))?;
        let letters: Vec<char> = uid.chars().take(MAX_EDITED).collect();
        // With less than half in common, it is a different uid.
        for length in (letters.len().div_ceil(2).max(2)..=letters.len()).rev() {
            let prefix: String = letters[..length].iter().collect();
            let end = format!("{prefix}{}", char::MAX);
            let sql =
                "SELECT uid FROM customers WHERE uid >= ?1 AND uid < ?2 ORDER BY uid LIMIT ?3";
            let values = params![prefix, end, limit];
            let same: Vec<String> = self.database.rows(sql, values, |row| row.get(0))?;
            let is_new = |uid: &String| !found.contains(uid);
            let new: Vec<String> = same.into_iter().filter(is_new).collect();
            found.extend(new);
            if !found.is_empty() {
                break;
            }
        }
        found.truncate(most);
        Ok(found)
    }
}

/// The uids that one with a single mistake may mean: case, surrounding space, two characters
/// swapped, one too many, a wrong one, or one too few.
fn edits(uid: &str) -> Vec<String> {
    let uid = uid.trim();
    let mut edits = vec![uid.to_owned(), uid.to_lowercase(), uid.to_uppercase()];
    let letters: Vec<char> = uid.chars().collect();
    let length = letters.len();
    if length > MAX_EDITED {
        return edits;
    }
    let mut alphabet: BTreeSet<char> = ALPHABET.chars().chain(letters.iter().copied()).collect();
    if letters.iter().any(char::is_ascii_uppercase) {
        alphabet.extend('A'..='Z');
    }
    // The letters from `at` up to `end` replaced by others.
    let replaced = |at: usize, end: usize, by: &[char]| -> String {
        [&letters[..at], by, &letters[end..]].into_iter().flatten().collect()
    };
    edits.extend((1..length).map(|at| replaced(at - 1, at + 1, &[letters[at], letters[at - 1]])));
    edits.extend((0..length).map(|at| replaced(at, at + 1, &[])));
    for at in 0..=length {
        for letter in &alphabet {
            edits.extend((at < length).then(|| replaced(at, at + 1, &[*letter])));
            edits.push(replaced(at, at, &[*letter]));
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edit_of_one_character_is_looked_up() {
        let found = edits(" u-17");
        for meant in ["u-17", "U-17", "u1-7", "u-1", "u-18", "u-177", "xu-17"] {
            assert!(found.iter().any(|edit| edit == meant), "{meant}");
        }
        assert!(edits(&"x".repeat(41)).len() == 3, "a long one is looked up as it is");
    }
}
