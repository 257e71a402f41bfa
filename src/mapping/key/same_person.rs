//! Whether two records with one key are about the same person.

use crate::mapping::sample::{Sample, is_blank_like};
use crate::value::names_contradict;

/// The columns that identify the person of a record.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PersonColumns {
    pub(crate) email: Option<usize>,
    pub(crate) first_name: Option<usize>,
    pub(crate) last_name: Option<usize>,
    pub(crate) whole_name: Option<usize>,
    /// Compared only if there is neither an email nor a name.
    pub(crate) number: Option<usize>,
}

impl PersonColumns {
    /// Whether two records are about different people: their emails and their names differ, if both
    /// have them. `None` if nothing can be compared.
    pub(crate) fn differ(self, sample: &Sample<'_>, first: usize, second: usize) -> Option<bool> {
        let both = |column: Option<usize>| {
            let (first, second) = (sample.cell(first, column?), sample.cell(second, column?));
            (!is_blank_like(first) && !is_blank_like(second)).then_some((first, second))
        };
        let email =
            both(self.email).map(|(first, second)| first.to_lowercase() != second.to_lowercase());
        let name = [self.first_name, self.last_name, self.whole_name]
            .into_iter()
            .find_map(both)
            .map(|(first, second)| names_contradict(first, second));
        match (email, name) {
            (None, None) => both(self.number).map(|(first, second)| first != second),
            (email, name) => Some(email.unwrap_or(true) && name.unwrap_or(true)),
        }
    }
}
