//! Unique attribute names: a name that is taken gets a number after it.

use crate::customer::MAX_NAME_CHARACTERS;
use std::collections::{HashMap, HashSet};

/// The names in use.
#[derive(Debug)]
pub(crate) struct UniqueNames {
    taken: HashSet<String>,
    /// The first number to try after a name; all lower ones are taken. Without it, many columns
    /// with one name would take quadratic time.
    next: HashMap<String, usize>,
}

impl UniqueNames {
    pub(crate) fn new(taken: HashSet<String>) -> Self {
        Self { taken, next: HashMap::new() }
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// Adds a name, with the lowest free number from 2 after it if it is taken. Returns the added
    /// name.
    pub(crate) fn insert(&mut self, name: &str) -> String {
        if self.taken.insert(name.to_owned()) {
            return name.to_owned();
        }
        let next = self.next.entry(name.to_owned()).or_insert(2);
        loop {
            let numbered = shortened_name(name, &format!("_{next}"));
            *next += 1;
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

/// A name with a suffix, cut so that both fit into the maximum length.
pub(crate) fn shortened_name(name: &str, suffix: &str) -> String {
    let kept = MAX_NAME_CHARACTERS.saturating_sub(suffix.chars().count());
    name.chars().take(kept).chain(suffix.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_number_is_taken() {
        let mut names = UniqueNames::new(["x", "x_3"].map(str::to_owned).into());
        let mut take = |name| names.insert(name);
        assert_eq!(["x", "x", "y", "x_2", "x"].map(&mut take), ["x_2", "x_4", "y", "x_2_2", "x_5"]);
        let long = "é".repeat(MAX_NAME_CHARACTERS);
        assert_eq!(take(&long), long);
        assert_eq!(take(&long), format!("{}_2", "é".repeat(MAX_NAME_CHARACTERS - 2)));
    }
}
