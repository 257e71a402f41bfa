//! Which standard attribute each column holds: names propose, values decide.
//! `docs/mapping.md` has the rules.

use super::error::MappingError;
use super::header::named_role::{NamedRole, Strength, named_role};
use super::header::shared_words::{remove_shared_prefix, shared_blocker};
use super::header::table::{HeaderWords, Meaning};
use super::header::uid_names::uid_rank;
use super::remembered::{RememberedColumn, RememberedColumns};
use super::sample::{
    Fit, Sample, has_phone_digits, is_address, is_international, is_phone_like, is_system,
    is_token_like,
};
use super::target::{FULL_NAME, Origin, Target};
use super::warning::MappingWarning;
use crate::value::Standard;

/// The minimum number of values that can prove that a column has emails or phone numbers.
const MIN_VALUES: usize = 3;

/// The maximum number of columns, those with the best names, that are considered for an attribute.
const CANDIDATES: usize = 16;

/// The standard attributes to find, in this order. The uid is chosen with the key.
const FOUND: [Standard; 6] = [
    Standard::Email,
    Standard::Number,
    Standard::FirstName,
    Standard::LastName,
    Standard::DeviceToken,
    Standard::DevicePlatform,
];

/// The columns of a file while their roles are found.
pub(crate) struct Roles<'a> {
    pub(crate) header: &'a [String],
    sample: &'a Sample<'a>,
    remembered: &'a RememberedColumns,
    pub(crate) words: Vec<HeaderWords>,
    pub(crate) assignments: Vec<Option<(Target, Origin)>>,
    /// Why each column has its role, for people: `98 % are addresses`.
    pub(crate) evidence: Vec<Option<String>>,
    /// Whether each column stays a custom attribute because it was one before.
    is_custom: Vec<bool>,
    pub(crate) warnings: Vec<MappingWarning>,
    /// A blocker that all columns about a person share.
    shared_blocker: Option<String>,
    /// Whether the file is engage's own export, whose columns are known by exact headers.
    is_own_export: bool,
}

impl<'a> Roles<'a> {
    pub(crate) fn new(
        header: &'a [String],
        sample: &'a Sample<'a>,
        remembered: &'a RememberedColumns,
        assignments: Vec<Option<(Target, Origin)>>,
    ) -> Self {
        let mut words: Vec<HeaderWords> =
            header.iter().map(|header| HeaderWords::of(header)).collect();
        let mut warnings = Vec::new();
        let shared_blocker = shared_blocker(&words);
        if let Some(word) = &shared_blocker {
            warnings.push(MappingWarning::OtherPersons { word: word.clone() });
        }
        remove_shared_prefix(&mut words);
        let is_custom = header
            .iter()
            .map(|header| remembered.find(header).and_then(RememberedColumn::target))
            .map(|target| matches!(target, Some(Target::Custom(_))))
            .collect();
        let evidence = vec![None; header.len()];
        Self {
            header,
            sample,
            remembered,
            words,
            assignments,
            evidence,
            is_custom,
            warnings,
            shared_blocker,
            is_own_export: false,
        }
    }

    /// The roles in engage's own export, all of which are known from its header.
    pub(crate) fn of_own_export(mut self) -> Self {
        self.is_own_export = true;
        self.warnings.clear();
        self
    }

    pub(crate) fn is_own_export(&self) -> bool {
        self.is_own_export
    }

    /// A column's exact header.
    pub(crate) fn header_of(&self, column: usize) -> &str {
        &self.header[column]
    }

    /// Finds the column that gave the uid before; assigns several that gave it together.
    pub(crate) fn follow_remembered_uid(&mut self) -> Option<usize> {
        if self.has_uid() {
            return None;
        }
        let is_free = |column: &usize| self.assignments[*column].is_none();
        let target = |column: usize| self.remembered.find(&self.header[column])?.target();
        let columns = || (0..self.header.len()).filter(is_free);
        let uid = columns().find(|it| target(*it) == Some(Target::Standard(Standard::Uid)));
        if uid.is_some() {
            return uid;
        }
        let parts: Vec<(usize, Target)> = columns()
            .filter_map(|column| Some((column, target(column)?)))
            .filter(|(_, target)| matches!(target, Target::UidPart(_)))
            .collect();
        if parts.len() > 1 && parts.len() == self.remembered.uid_parts() {
            for (column, target) in parts {
                self.assign(column, target, Origin::Remembered);
            }
        }
        None
    }

    /// Finds the roles of the columns that the user did not map.
    pub(crate) fn find(&mut self) -> Result<(), MappingError> {
        self.follow_store()?;
        for standard in FOUND {
            if self.can_have(standard) {
                self.find_by_name(standard);
            }
        }
        self.find_parts_of_names();
        self.find_by_values(Standard::Email, is_address, "are addresses");
        self.find_by_values(Standard::Number, is_international, "are valid numbers with +");
        self.drop_platform_without_token();
        Ok(())
    }

    /// Whether a standard attribute is still free: neither a column nor a whole name has it.
    fn can_have(&self, standard: Standard) -> bool {
        let is_part = matches!(standard, Standard::FirstName | Standard::LastName);
        let is_in_whole_name = is_part && self.is_assigned(&Target::FullName);
        !is_in_whole_name && !self.is_assigned(&Target::Standard(standard))
    }

    pub(crate) fn is_assigned(&self, wanted: &Target) -> bool {
        self.assignments.iter().flatten().any(|(target, _)| target == wanted)
    }

    /// The column that has a standard attribute.
    pub(crate) fn column_of(&self, standard: Standard) -> Option<usize> {
        let wanted = Target::Standard(standard);
        let is_wanted = |assignment: &Option<(Target, Origin)>| {
            assignment.as_ref().is_some_and(|(target, _)| *target == wanted)
        };
        self.assignments.iter().position(is_wanted)
    }

    pub(crate) fn assign(&mut self, column: usize, target: Target, origin: Origin) {
        self.assignments[column] = Some((target, origin));
    }

    /// Gives columns the roles that the store remembers. Fails if the values contradict them.
    fn follow_store(&mut self) -> Result<(), MappingError> {
        for (column, header) in self.header.iter().enumerate() {
            let Some(remembered) = self.remembered.find(header) else { continue };
            if self.assignments[column].is_some() {
                continue;
            }
            match remembered.target() {
                // The uid is chosen with the key, and fallbacks follow their first column.
                Some(
                    Target::Standard(Standard::Uid) | Target::UidPart(_) | Target::Fallback(..),
                )
                | None => {}
                Some(Target::Standard(standard)) => {
                    let fit = self.fit(column, standard);
                    let can_contradict = matches!(standard, Standard::Email | Standard::Number);
                    if can_contradict && fit.contradicts() && !remembered.given {
                        return Err(self.contradiction(column, standard, fit, true));
                    }
                    if self.can_have(standard) {
                        self.assign(column, Target::Standard(standard), Origin::Remembered);
                    }
                }
                Some(Target::FullName) if !self.is_assigned(&Target::FullName) => {
                    self.assign(column, Target::FullName, Origin::Remembered);
                }
                Some(Target::Custom(name)) => {
                    if let Some((standard, fit)) = self.proven_standard(column)
                        && !remembered.given
                    {
                        return Err(self.contradiction(column, standard, fit, false));
                    }
                    if remembered.given {
                        self.assign(column, Target::Custom(name), Origin::Remembered);
                    }
                }
                Some(Target::FullName | Target::Store(_) | Target::Skipped) => {}
            }
        }
        self.follow_fallbacks();
        Ok(())
    }

    /// Assigns remembered fallback columns, unless the user now says which column gives the
    /// attribute. If the first column is gone, the next one replaces it.
    fn follow_fallbacks(&mut self) {
        let fallback = |column: usize| match self.remembered.find(&self.header[column])?.target()? {
            Target::Fallback(standard, place) => Some((place, column, standard)),
            _ => None,
        };
        let free = (0..self.header.len()).filter(|column| self.is_free(*column));
        let mut fallbacks: Vec<(usize, usize, Standard)> = free.filter_map(fallback).collect();
        fallbacks.sort_unstable_by_key(|(place, column, _)| (*place, *column));
        for (place, column, standard) in fallbacks {
            let first = self.column_of(standard).and_then(|first| self.assignments[first].as_ref());
            let target = match first {
                Some((_, origin)) if origin.is_manual() => continue,
                Some(_) => Target::Fallback(standard, place),
                None => Target::Standard(standard),
            };
            self.assign(column, target, Origin::Remembered);
        }
    }

    /// The email or phone number that a custom column is, as its name and values prove.
    fn proven_standard(&self, column: usize) -> Option<(Standard, Fit)> {
        [Standard::Email, Standard::Number].into_iter().find_map(|standard| {
            let role = self.named(column, standard)?;
            let fit = self.fit(column, standard);
            let is_proven = role.strength == Strength::Strong
                && fit.values >= MIN_VALUES
                && fit.is_at_least(80)
                && self.can_have(standard);
            is_proven.then_some((standard, fit))
        })
    }

    fn contradiction(
        &self,
        column: usize,
        standard: Standard,
        fit: Fit,
        was_standard: bool,
    ) -> MappingError {
        MappingError::RoleContradicted {
            column: self.header[column].clone(),
            standard,
            was_standard,
            fitting: fit.fitting,
            values: fit.values,
        }
    }

    fn named(&self, column: usize, standard: Standard) -> Option<NamedRole> {
        named_role(&self.words[column], standard, self.shared_blocker.as_deref())
    }

    /// How many values of a column fit a standard attribute.
    fn fit(&self, column: usize, standard: Standard) -> Fit {
        match standard {
            Standard::Email => self.sample.fit(column, is_address),
            Standard::Number => self.sample.fit(column, has_phone_digits),
            Standard::DeviceToken => self.sample.fit(column, is_token_like),
            Standard::DevicePlatform => self.sample.fit(column, is_system),
            Standard::Uid | Standard::FirstName | Standard::LastName => Fit::default(),
        }
    }

    /// Whether the values confirm a weak name.
    fn confirms(&self, column: usize, standard: Standard) -> Option<Fit> {
        let (fit, percent) = match standard {
            Standard::Number => (self.sample.fit(column, is_phone_like), 60),
            standard => (self.fit(column, standard), 80),
        };
        fit.is_at_least(percent).then_some(fit)
    }

    /// Gives a standard attribute to the column with the best name whose values allow it.
    fn find_by_name(&mut self, standard: Standard) {
        let mut candidates: Vec<(NamedRole, usize)> = (0..self.header.len())
            .filter(|column| self.assignments[*column].is_none() && !self.is_custom[*column])
            .filter_map(|column| Some((self.named(column, standard)?, column)))
            .filter(|(_, column)| self.is_possible(*column, standard))
            .collect();
        candidates.sort_unstable();
        candidates.truncate(CANDIDATES);
        // Columns with values come before columns without any.
        candidates.sort_by_key(|(_, column)| self.sample.fit(*column, |_| true).values == 0);
        for (role, column) in candidates {
            let target = Target::Standard(standard);
            if role.strength == Strength::Weak {
                let Some(fit) = self.confirms(column, standard) else { continue };
                self.evidence[column] = Some(evidence(standard, fit));
                return self.assign(column, target, Origin::Values);
            }
            let fit = self.fit(column, standard);
            // The exact name of the attribute is trusted, regardless of the length of the tokens.
            let is_certain = standard == Standard::DeviceToken
                && self.header[column] == Standard::DeviceToken.as_str();
            if is_certain || !fit.contradicts() {
                if fit.values > 0 && fit.fitting > 0 {
                    self.evidence[column] = Some(evidence(standard, fit));
                }
                return self.assign(column, target, Origin::Alias);
            }
            self.warnings.push(MappingWarning::Doubted {
                column: self.header[column].clone(),
                standard,
                fitting: fit.fitting,
                values: fit.values,
            });
        }
    }

    /// Whether the other columns let this one have the attribute. A column named just `token` may
    /// have passwords, so it is a device token only next to a platform column.
    fn is_possible(&self, column: usize, standard: Standard) -> bool {
        let words = &self.words[column];
        match standard {
            Standard::DeviceToken => words.words.len() > 1 || self.has_platform_column(),
            Standard::DevicePlatform => self.column_of(Standard::DeviceToken).is_some(),
            _ => true,
        }
    }

    fn has_platform_column(&self) -> bool {
        (0..self.header.len()).any(|column| {
            self.named(column, Standard::DevicePlatform).is_some()
                && self.fit(column, Standard::DevicePlatform).is_at_least(80)
        })
    }

    /// A column `Name` next to a surname is a first name; `nom` next to `prénom` is a last name.
    fn find_parts_of_names(&mut self) {
        let has = |roles: &Self, standard| roles.column_of(standard).is_some();
        let (first, last) = (has(self, Standard::FirstName), has(self, Standard::LastName));
        let standard = match (first, last) {
            _ if self.is_assigned(&Target::FullName) => return,
            (false, true) => Standard::FirstName,
            (true, false) => Standard::LastName,
            _ => return,
        };
        let candidate = (0..self.header.len()).find(|column| {
            let [word] = self.words[*column].words.as_slice() else { return false };
            let partner = self.column_of(match standard {
                Standard::FirstName => Standard::LastName,
                _ => Standard::FirstName,
            });
            let is_part = standard == Standard::FirstName
                || partner
                    .is_some_and(|partner| is_last_name_next_to(&word.text, &self.words[partner]));
            word.means(Meaning::Name)
                && is_part
                && self.assignments[*column].is_none()
                && !self.is_custom[*column]
        });
        if let Some(column) = candidate {
            self.assign(column, Target::Standard(standard), Origin::Alias);
        }
    }

    /// Finds an email or number that no name proposes: the only column with such values.
    fn find_by_values(&mut self, standard: Standard, fits: fn(&str) -> bool, what: &str) {
        if !self.can_have(standard) {
            return;
        }
        let mut found = (0..self.header.len()).filter_map(|column| {
            let is_free = self.assignments[column].is_none() && !self.is_custom[column];
            let words = &self.words[column];
            let is_blocked = words.has(Meaning::Blocker) || words.has(Meaning::OtherPerson);
            if !is_free || is_blocked || uid_rank(words).is_some() {
                return None;
            }
            let fit = self.sample.fit(column, fits);
            (fit.values >= MIN_VALUES && fit.is_at_least(95)).then_some((column, fit))
        });
        let (Some((column, fit)), None) = (found.next(), found.next()) else { return };
        self.evidence[column] = Some(format!("{} {what}", fit.percent()));
        self.assign(column, Target::Standard(standard), Origin::Values);
    }

    /// Without a device token, the column with the platform becomes a custom attribute.
    fn drop_platform_without_token(&mut self) {
        if self.column_of(Standard::DeviceToken).is_some() {
            return;
        }
        let platform = Target::Standard(Standard::DevicePlatform);
        for assignment in &mut self.assignments {
            let is_automatic = assignment
                .as_ref()
                .is_some_and(|(target, origin)| *target == platform && !origin.is_manual());
            if is_automatic {
                *assignment = None;
            }
        }
    }

    /// Whether a column's values are email addresses.
    pub(crate) fn holds_addresses(&self, column: usize) -> bool {
        let fit = self.sample.fit(column, is_address);
        fit.values >= MIN_VALUES && fit.is_at_least(95)
    }

    /// The column of whole names, mapped or not.
    pub(crate) fn whole_name(&self) -> Option<usize> {
        let mapped = self
            .assignments
            .iter()
            .position(|it| it.as_ref().is_some_and(|(target, _)| *target == Target::FullName));
        mapped.or_else(|| (0..self.header.len()).find(|column| is_whole_name(&self.words[*column])))
    }
}

/// The evidence for a role, for people.
fn evidence(standard: Standard, fit: Fit) -> String {
    let what = match standard {
        Standard::Email => "are addresses",
        Standard::Number => "are as long as phone numbers",
        Standard::DeviceToken => "are as long as tokens",
        _ => "are names of platforms",
    };
    format!("{} {what}", fit.percent())
}

/// Whether a name such as `nom` means a last name next to a first name in the same language.
fn is_last_name_next_to(name: &str, first: &HeaderWords) -> bool {
    let has_word = |word: &str| first.words.iter().any(|first| first.text == word);
    match name {
        "nom" => has_word("prenom") || has_word("prenoms"),
        "name" => has_word("vorname"),
        "naam" => has_word("voornaam"),
        "navn" => has_word("fornavn"),
        "namn" => has_word("fornamn"),
        _ => false,
    }
}

/// Whether a header is that of whole names.
pub(crate) fn is_whole_name(words: &HeaderWords) -> bool {
    let is_name = words.has(Meaning::Name)
        && words.only(&[Meaning::Name, Meaning::Whole, Meaning::Person, Meaning::Filler]);
    let is_whole =
        words.words.len() == 1 && words.has(Meaning::Whole) && !words.words[0].text.is_ascii();
    is_name || is_whole || words.compared() == FULL_NAME
}
