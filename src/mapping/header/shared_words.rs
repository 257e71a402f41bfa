//! Words that the headers of a file share: the prefix of most columns, and the person that all
//! columns are about.

use super::named_role::{is_about_person, other_person};
use super::table::{HeaderWords, Meaning};
use std::collections::HashMap;

/// A first word is ignored if at least this share of the columns has it, in percent.
const SHARED_PREFIX: usize = 60;

/// The words of each header, without a first word that most of them have.
pub(crate) fn words_of<'h>(header: impl Iterator<Item = &'h str>) -> Vec<HeaderWords> {
    let mut words: Vec<HeaderWords> = header.map(HeaderWords::of).collect();
    remove_shared_prefix(&mut words);
    words
}

/// The word for another person that all columns about a person share, if there are several such
/// columns.
pub(crate) fn shared_blocker(words: &[HeaderWords]) -> Option<String> {
    let about: Vec<&HeaderWords> = words.iter().filter(|words| is_about_person(words)).collect();
    let word = other_person(about.first()?)?;
    let is_shared = about.len() > 1
        && about.iter().all(|words| words.words.iter().any(|other| other.text == word));
    is_shared.then(|| word.to_owned())
}

/// Removes the first word that most columns share, such as `billing`, and further ones that they
/// share.
pub(crate) fn remove_shared_prefix(words: &mut [HeaderWords]) {
    loop {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for words in words.iter() {
            if let [first, _, ..] = words.words.as_slice() {
                *counts.entry(&first.text).or_default() += 1;
            }
        }
        let Some((prefix, count)) = counts.into_iter().max_by_key(|(word, count)| (*count, *word))
        else {
            return;
        };
        if count < 3 || count * 100 < words.len() * SHARED_PREFIX {
            return;
        }
        let prefix = prefix.to_owned();
        if !is_of_person(words, &prefix) {
            return;
        }
        for words in words.iter_mut() {
            if words.words.len() > 1 && words.words[0].text == prefix {
                words.words.remove(0);
            }
        }
    }
}

/// Whether a shared first word belongs to a person: it is a noun for one, or headers with it name
/// an email, a phone or a name. `claim` in `claim_id` and `claim_date` does not: it says what a row
/// is about.
fn is_of_person(words: &[HeaderWords], prefix: &str) -> bool {
    let with_prefix = words
        .iter()
        .filter(|words| words.words[..].first().is_some_and(|first| first.text == prefix));
    with_prefix.clone().any(|words| words.words[0].means(Meaning::Person))
        || with_prefix.clone().any(|words| {
            let rest = HeaderWords { words: words.words[1..].to_vec() };
            is_about_person(&rest)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(header: &[&str]) -> Vec<String> {
        words_of(header.iter().copied()).iter().map(HeaderWords::compared).collect()
    }

    #[test]
    fn only_a_prefix_for_persons_is_removed() {
        let persons = ["kun_id", "kun_vorname", "kun_email", "user_id"];
        assert_eq!(stripped(&persons), ["id", "vorname", "email", "user_id"]);
        let claims = ["claim_id", "claim_date", "claim_amount", "policy_id"];
        assert_eq!(stripped(&claims)[0], "claim_id");
    }
}
