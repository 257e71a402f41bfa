//! Names that are given once each: a name that is taken gets a number behind it.

use super::header::MAX_NAME_CHARACTERS;
use std::collections::{HashMap, HashSet};

/// The names that are taken.
#[derive(Debug)]
pub(crate) struct Names {
    taken: HashSet<String>,
    /// The number to try first behind a name: all before it are taken. Without it, columns of one
    /// name would each try the numbers of all before them.
    next: HashMap<String, usize>,
}

impl Names {
    pub(crate) fn new(taken: HashSet<String>) -> Self {
        Self { taken, next: HashMap::new() }
    }

    pub(crate) fn are_taken(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// Takes a name, or else the name with the lowest number from 2 on that is free.
    pub(crate) fn take(&mut self, name: &str) -> String {
        if self.taken.insert(name.to_owned()) {
            return name.to_owned();
        }
        let next = self.next.entry(name.to_owned()).or_insert(2);
        loop {
            let numbered = fitted(name, &format!("_{next}"));
            *next += 1;
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}

/// A name with something behind it that tells it from others, cut to the length that names have.
pub(crate) fn fitted(name: &str, suffix: &str) -> String {
    let kept = MAX_NAME_CHARACTERS.saturating_sub(suffix.chars().count());
    name.chars().take(kept).chain(suffix.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_number_is_taken() {
        let mut names = Names::new(["x", "x_3"].map(str::to_owned).into());
        let mut take = |name| names.take(name);
        assert_eq!(["x", "x", "y", "x_2", "x"].map(&mut take), ["x_2", "x_4", "y", "x_2_2", "x_5"]);
        let long = "é".repeat(MAX_NAME_CHARACTERS);
        assert_eq!(take(&long), long);
        assert_eq!(take(&long), format!("{}_2", "é".repeat(MAX_NAME_CHARACTERS - 2)));
    }
}
