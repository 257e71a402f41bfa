//! Records that contradict what their customer had: an earlier record of the input, or the store.
//! `docs/mapping.md` has the rules.

use crate::customer::{Change, Customer, Diff, Patch};
use crate::input::csv::Record;
use crate::mapping::HeaderWords;
use crate::outcome::{ContradictionCounts, ContradictionExample};
use crate::value::Standard;
use crate::value::names_contradict;
use crate::value::typed::{is_date, is_datetime};

/// How many contradicting records are kept as examples.
const EXAMPLES: usize = 10;

/// How a record compares with what its customer has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The attributes that suggest another person.
    pub(crate) columns: Vec<Standard>,
    /// Whether it has the same email or name.
    pub(crate) agrees: bool,
    /// Whether both the email and the name would change.
    pub(crate) is_other_person: bool,
}

impl Comparison {
    pub(crate) fn of(customer: &Customer, patch: &Patch<'_>) -> Self {
        let email = both(customer.email.as_deref(), patch.email)
            .map(|(before, after)| !before.eq_ignore_ascii_case(after));
        let number =
            both(customer.number.as_deref(), patch.number).map(|(before, after)| before != after);
        let name = |before: &Option<String>, after| {
            both(before.as_deref(), after).map(|(before, after)| names_contradict(before, after))
        };
        let first = name(&customer.first_name, patch.first_name);
        let last = name(&customer.last_name, patch.last_name);
        let differs = |difference: Option<bool>| difference == Some(true);
        let mut columns = Vec::new();
        if differs(first) {
            columns.push(Standard::FirstName);
        }
        if differs(email) && (differs(number) || differs(last)) {
            columns.push(Standard::Email);
            columns.extend(differs(number).then_some(Standard::Number));
            columns.extend(differs(last).then_some(Standard::LastName));
        }
        let agrees = email == Some(false)
            || (first == Some(false) && last != Some(true))
            || (first.is_none() && last == Some(false));
        let is_other_person = differs(email) && (differs(first) || differs(last));
        Self { columns, agrees, is_other_person }
    }
}

/// The value of a customer and the one that a record sets, if both exist.
fn both<'v>(before: Option<&'v str>, after: Change<&'v str>) -> Option<(&'v str, &'v str)> {
    match (before, after) {
        (Some(before), Change::Set(after)) => Some((before, after)),
        _ => None,
    }
}

/// Whether a record has replaced a value, ignoring dates, times and devices.
pub(crate) fn overwrites(before: &Diff) -> bool {
    let is_value = |name: &str| {
        [Standard::FirstName, Standard::LastName, Standard::Number, Standard::Email]
            .into_iter()
            .any(|standard| standard.as_str() == name)
    };
    let column = before.columns.iter().any(|(name, value)| value.is_some() && is_value(name));
    let attribute = || {
        before.attributes.values().flatten().any(|json| {
            let text = json.get().trim_matches('"');
            !is_date(text) && !is_datetime(text)
        })
    };
    column || attribute()
}

/// Whether a column dates the version of a record, as in an export with several versions per
/// customer.
pub(crate) fn is_version_date(header: &str) -> bool {
    const WORDS: [&str; 18] = [
        "updated",
        "update",
        "modified",
        "changed",
        "seen",
        "snapshot",
        "export",
        "exported",
        "synced",
        "refreshed",
        "aktualisiert",
        "geandert",
        "geaendert",
        "modifie",
        "actualizado",
        "atualizado",
        "modificato",
        "bijgewerkt",
    ];
    HeaderWords::of(header).words.iter().any(|word| WORDS.contains(&word.text.as_str()))
}

/// Counts contradictions and keeps the first ones as examples.
#[derive(Debug, Default)]
pub(crate) struct Contradictions {
    pub(crate) counts: ContradictionCounts,
    pub(crate) examples: Vec<ContradictionExample>,
}

impl Contradictions {
    /// Counts a record whose customer an earlier record has named.
    pub(crate) fn count_repeat(
        &mut self,
        comparison: &Comparison,
        overwrites: bool,
        record: &Record,
        source: usize,
        customer: &str,
    ) {
        self.counts.overwriting += u64::from(overwrites);
        self.counts.disagreeing += u64::from(!comparison.agrees);
        if comparison.columns.is_empty() {
            return;
        }
        self.counts.contradicting += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(ContradictionExample {
                customer: customer.to_owned(),
                source,
                record: record.number,
                line: record.line,
                attributes: comparison.columns.clone(),
            });
        }
    }

    /// Counts the first record of a stored customer.
    pub(crate) fn count_first(&mut self, comparison: &Comparison) {
        self.counts.replaced += u64::from(comparison.is_other_person);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(before: [&str; 4], after: [&str; 4]) -> Comparison {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let [first_name, last_name, email, number] = before.map(text);
        let customer = Customer { first_name, last_name, number, email, ..Customer::default() };
        let change = |text: &'static str| match text {
            "" => Change::Keep,
            text => Change::Set(text),
        };
        let after = after.map(|text| Box::leak(text.to_owned().into_boxed_str()) as &'static str);
        let [first_name, last_name, email, number] = after.map(change);
        let patch = Patch {
            key: "u",
            uid: None,
            first_name,
            last_name,
            number,
            email,
            attributes: "{}",
            cleared: Vec::new(),
            device: None,
            restored: None,
        };
        Comparison::of(&customer, &patch)
    }

    #[test]
    fn other_first_names_contradict_unless_one_begins_the_other() {
        let contradicts = |before: &str, after: &str| {
            !compare([before, "", "", ""], [after, "", "", ""]).columns.is_empty()
        };
        assert!(contradicts("Ada", "Bo"));
        assert!(!contradicts("Rob", "Robert") && !contradicts("ADA", "Ada"));
        assert!(!contradicts("Ada", ""));
    }

    #[test]
    fn an_email_contradicts_only_with_another_number_or_last_name() {
        let ada = ["Ada", "Marsh", "ada@example.com", "1"];
        assert!(compare(ada, ["Ada", "Marsh", "ada@example.net", "1"]).columns.is_empty());
        let moved = compare(ada, ["Ada", "Rivers", "rivers@example.net", "1"]);
        assert_eq!(moved.columns, [Standard::Email, Standard::LastName]);
        assert!(!compare(ada, ["", "", "x@example.net", "2"]).columns.is_empty());
    }
}
