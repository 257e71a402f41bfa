//! What a row is about, by its columns and their values: a customer, or something that a customer
//! did. `docs/mapping.md` has the rules.

use super::repeats::has_things;
use super::row_words::{
    ACTIONS, AMOUNTS, ATTENDEES, CREATED, DESCRIPTIONS, PERSON_FACTS, QUANTITIES, RATINGS,
    STANDING, STATES, SUMS, THINGS,
};
use super::sampled_columns::{SampledColumn, SampledColumns, Times};
use crate::mapping::{HeaderWords, Meaning, PersonColumns, Sample, named_role, uid_rank, words_of};
use crate::value::Standard;
use std::collections::HashSet;

/// A row's own identifier is unique in at least this share of the records, in percent.
const FULL: usize = 98;

/// Evidence that each row is something that a customer did.
pub(crate) struct RowEvidence {
    pub(crate) looks_like: &'static str,
    pub(crate) reason: &'static str,
    /// The columns that show it, the most telling one first.
    pub(crate) columns: Vec<usize>,
}

/// A column with the words of its name.
struct NamedColumn<'r, 'c> {
    column: &'r SampledColumn<'c>,
    /// The words of its name, without a first word that most columns share.
    words: HeaderWords,
    /// All words of its name: `claim_id` is a claim's id even if most columns begin with `claim`.
    all_words: HeaderWords,
}

/// The columns of a file with the words of their names.
pub(crate) struct Rows<'r, 'c, 's> {
    sampled: &'r SampledColumns<'c, 's>,
    columns: Vec<NamedColumn<'r, 'c>>,
    sample: Sample<'s>,
}

impl<'r, 'c, 's> Rows<'r, 'c, 's> {
    pub(crate) fn new(sampled: &'r SampledColumns<'c, 's>, sample: Sample<'s>) -> Self {
        let words = words_of(sampled.columns.iter().map(|column| column.header));
        let columns = sampled.columns.iter().zip(words).map(|(column, words)| NamedColumn {
            column,
            words,
            all_words: HeaderWords::of(column.header),
        });
        Self { sampled, columns: columns.collect(), sample }
    }

    /// The evidence that the rows are not customers, without the columns that are ignored.
    pub(crate) fn evidence(&self, ignored: &HashSet<usize>) -> Option<RowEvidence> {
        self.own_id_next_to_customer(ignored)
            .or_else(|| self.action_of_person(ignored))
            .or_else(|| self.other_thing_alone(ignored))
            .or_else(|| self.repeated_customer(ignored))
            .or_else(|| self.thing_of_customer(ignored))
    }

    /// Whether records with the same value in a column are about different people. If so, the
    /// column names an owner (such as an account manager), not a customer.
    pub(crate) fn names_owner(&self, column: usize) -> bool {
        let pairs = self.repeated_records(column);
        self.differing(self.person_columns(), &pairs) * 10 > pairs.len()
    }

    /// The columns that may be evidence. A summary such as `last_order_id` may not: it is about the
    /// customer.
    fn telling<'e>(
        &'e self,
        ignored: &'e HashSet<usize>,
    ) -> impl Iterator<Item = &'e NamedColumn<'r, 'c>> + use<'e, 'r, 'c, 's> {
        let is_excused = |column: &&NamedColumn<'r, 'c>| ignored.contains(&column.column.index);
        self.columns.iter().filter(move |column| !is_excused(column) && !column.is_summary())
    }

    /// A row with its own identifier, the customer's, and a date, amount, status, quantity or
    /// rating. The identifier of an action needs none of the latter.
    fn own_id_next_to_customer(&self, ignored: &HashSet<usize>) -> Option<RowEvidence> {
        if self.has_person() {
            return None;
        }
        let customer = self.customer()?;
        let own = self.telling(ignored).find(|column| {
            (column.is_row_id() || column.names_with_id(&ACTIONS))
                && column.column.index != customer
                && self.identifies_rows(column)
        })?;
        let is_action = own.names_with_id(&ACTIONS);
        let other = self.telling(ignored).find(|column| {
            let is_other = ![customer, own.column.index].contains(&column.column.index);
            is_other
                && (self.is_row_date(column, is_action)
                    || self.is_amount(column)
                    || column.has_word(&["status"]) && !column.has_word(&STATES)
                    || column.has_word(&QUANTITIES)
                    || column.has_word(&RATINGS))
        });
        // The identifier of an action is enough evidence.
        if other.is_none() && !is_action {
            return None;
        }
        let columns = [own.column.index, customer].into_iter();
        Some(RowEvidence {
            looks_like: "a list of what customers did",
            reason: "Each row has its own identifier next to the customer's",
            columns: columns.chain(other.map(|column| column.column.index)).collect(),
        })
    }

    /// A row with the identifier of an action, and a date or an amount, even though it has columns
    /// about a person.
    fn action_of_person(&self, ignored: &HashSet<usize>) -> Option<RowEvidence> {
        let is_list_of_people = self.columns.iter().any(|column| column.has_word(&ATTENDEES));
        if !self.has_person() || is_list_of_people {
            return None;
        }
        let own = self
            .telling(ignored)
            .find(|column| column.names_with_id(&ACTIONS) && self.identifies_rows(column))?;
        let other = self.telling(ignored).find(|column| {
            column.column.index != own.column.index
                && (self.is_row_date(column, true) || self.is_amount(column))
        })?;
        Some(RowEvidence {
            looks_like: "a list of what customers did",
            reason: "Each row has the identifier of an action, not of a person",
            columns: vec![own.column.index, other.column.index],
        })
    }

    /// A row that refers to an action or a thing, and to no customer.
    fn other_thing_alone(&self, ignored: &HashSet<usize>) -> Option<RowEvidence> {
        if self.has_person() || self.customer().is_some() {
            return None;
        }
        let thing = self
            .telling(ignored)
            .find(|column| column.names_with_id(&ACTIONS) || column.names_with_id(&THINGS))?;
        Some(RowEvidence {
            looks_like: "a list that is not about customers",
            reason: "It refers to an order, a product or the like, but not to a customer",
            columns: vec![thing.column.index],
        })
    }

    /// Customers with several records that differ in a date or an amount.
    fn repeated_customer(&self, ignored: &HashSet<usize>) -> Option<RowEvidence> {
        let customer = self.customer().or_else(|| self.email())?;
        if has_things(self.sampled) {
            return None;
        }
        let repeats = self.repeats(customer)?;
        let telling = self.telling(ignored).find(|column| {
            let index = column.column.index;
            let is_candidate =
                index != customer && (self.is_row_date(column, false) || self.is_amount(column));
            let differs = |(first, second): &&(usize, usize)| {
                self.sample.cell(*first, index) != self.sample.cell(*second, index)
            };
            is_candidate && repeats.iter().filter(differs).count() * 5 >= repeats.len() * 4
        })?;
        Some(RowEvidence {
            looks_like: "a list of what customers did",
            reason: "Customers repeat, each time with a different date or amount",
            columns: vec![telling.column.index, customer],
        })
    }

    /// A row with a customer, a thing, a quantity or an amount, and a date; or, without a date, a
    /// quantity and an amount, as in a line of an order.
    fn thing_of_customer(&self, ignored: &HashSet<usize>) -> Option<RowEvidence> {
        let customer = self.customer().or_else(|| self.email())?;
        let quantity = self.telling(ignored).find(|column| column.has_word(&QUANTITIES));
        let amount = self.telling(ignored).find(|column| self.is_amount(column));
        let thing = self.telling(ignored).find(|column| column.has_word(&THINGS));
        let date = self.telling(ignored).find(|column| self.is_row_date(column, false));
        let (reason, found) = match (thing, quantity.or(amount), date) {
            (Some(thing), Some(amount), Some(date)) => {
                ("Each row has an item, a quantity or amount, and a date", [thing, amount, date])
            }
            _ if self.has_person() || self.has_state() => return None,
            _ => {
                let described = self.telling(ignored).find(|column| column.has_word(&DESCRIPTIONS));
                let found = [thing.or(described)?, quantity?, amount?];
                ("Each row has an item, a quantity and a price", found)
            }
        };
        let columns = found.map(|column| column.column.index).into_iter().chain([customer]);
        Some(RowEvidence {
            looks_like: "a list of what customers bought",
            reason,
            columns: columns.collect(),
        })
    }

    /// Whether a column is about something that a customer has for a while, such as a subscription.
    fn has_state(&self) -> bool {
        self.columns.iter().any(|column| column.has_word(&STATES) && !column.refers_to_customer())
    }

    /// The first column whose name refers to the customer.
    fn customer(&self) -> Option<usize> {
        let named = self.columns.iter().find(|column| column.refers_to_customer());
        named.map(|column| column.column.index)
    }

    fn email(&self) -> Option<usize> {
        self.person_columns().email
    }

    fn person_columns(&self) -> PersonColumns {
        let named = |standard| {
            let is_named =
                |column: &&NamedColumn<'_, '_>| named_role(&column.words, standard, None).is_some();
            self.columns.iter().find(is_named).map(|column| column.column.index)
        };
        PersonColumns {
            email: named(Standard::Email),
            first_name: named(Standard::FirstName),
            last_name: named(Standard::LastName),
            whole_name: None,
            number: named(Standard::Number),
        }
    }

    /// Whether a column is about a person: a name, an email, a phone, a birth date and the like.
    fn has_person(&self) -> bool {
        let reach = [Standard::Email, Standard::Number, Standard::FirstName, Standard::LastName];
        self.columns.iter().any(|column| {
            let is_named = |standard| {
                named_role(&column.words, standard, None).is_some()
                    && !column.words.has(Meaning::Login)
                    && !(column.words.words.len() == 1 && column.words.has(Meaning::Number))
            };
            reach.into_iter().any(is_named)
                || column.has_word(&PERSON_FACTS)
                || crate::mapping::is_whole_name(&column.words)
        })
    }

    /// Whether nearly every record has its own value in a column. A few rows may be duplicated.
    fn identifies_rows(&self, column: &NamedColumn<'_, '_>) -> bool {
        let distinct = self.sampled.distinct(column.column.index);
        distinct > 0 && distinct * 100 >= self.sample.records() * FULL
    }

    /// Whether a column says when the row happened. A creation date counts only next to the
    /// identifier of an action.
    fn is_row_date(&self, column: &NamedColumn<'_, '_>, is_action: bool) -> bool {
        let is_created = column.has_word(&CREATED);
        let is_date = match self.sampled.times(column.column) {
            Times::Written => true,
            Times::Bare => column.has_word(&["date", "time", "timestamp", "at"]),
            Times::Blank | Times::No => false,
        };
        is_date && !column.has_word(&STANDING) && (is_action || !is_created)
    }

    /// Whether a column is an amount of money.
    fn is_amount(&self, column: &NamedColumn<'_, '_>) -> bool {
        let words = &column.words.words;
        let is_total = words.len() == 1 && words[0].text == "total";
        let values = self.sampled.values(column.column.index).filter(|value| !value.is_empty());
        let is_number = |value: &str| {
            let digits = value.bytes().filter(u8::is_ascii_digit).count();
            digits > 0 && digits * 2 >= value.len()
        };
        let is_sum = column.has_word(&SUMS);
        (is_total || (column.has_word(&AMOUNTS) && !is_sum)) && values.take(100).all(is_number)
    }

    /// Pairs of records of the same customer. `None` if there are few, or if the records of one
    /// customer are about different people.
    fn repeats(&self, customer: usize) -> Option<Vec<(usize, usize)>> {
        let persons = PersonColumns { email: None, ..self.person_columns() };
        let pairs = self.repeated_records(customer);
        let is_often = pairs.len() * 4 >= self.sample.records();
        let is_one_person = self.differing(persons, &pairs) * 10 <= pairs.len();
        (is_often && !pairs.is_empty() && is_one_person).then_some(pairs)
    }

    /// Pairs of records with the same value in a column.
    fn repeated_records(&self, column: usize) -> Vec<(usize, usize)> {
        self.sample.repeats(column, |value| !value.is_empty()).pairs
    }

    /// How many pairs of records are about different people.
    fn differing(&self, persons: PersonColumns, pairs: &[(usize, usize)]) -> usize {
        let differ = |&&(first, second): &&(usize, usize)| {
            persons.differ(&self.sample, first, second) == Some(true)
        };
        pairs.iter().filter(differ).count()
    }
}

/// Whether a header names the identifier of an action: `order_id`, `invoice no`.
pub(crate) fn names_action_id(header: &str) -> bool {
    is_id_of(&HeaderWords::of(header), &ACTIONS)
}

/// Whether a header names an identifier and has one of these words.
fn is_id_of(header: &HeaderWords, words: &[&str]) -> bool {
    let all = &header.words;
    let is_id = [Meaning::Id, Meaning::No, Meaning::Number, Meaning::Uuid, Meaning::Code]
        .into_iter()
        .any(|meaning| all.last().is_some_and(|word| word.means(meaning)))
        || all.first().is_some_and(|word| word.means(Meaning::Id));
    let has = |words: &[&str]| all.iter().any(|word| words.contains(&word.text.as_str()));
    is_id && has(words) && !has(&STATES)
}

impl NamedColumn<'_, '_> {
    fn has_word(&self, words: &[&str]) -> bool {
        self.words.words.iter().any(|word| words.contains(&word.text.as_str()))
    }

    /// Whether the name is a summary of events, such as `last_order_id` or `first_visit`.
    fn is_summary(&self) -> bool {
        let first = self.words.words.first().map(|word| word.text.as_str());
        first.is_some_and(|word| {
            ["last", "first", "next", "latest", "default", "previous"].contains(&word)
        })
    }

    /// Whether the column is an identifier named with one of these words: `order_id`, `invoice no`.
    fn names_with_id(&self, words: &[&str]) -> bool {
        is_id_of(&self.all_words, words)
    }

    /// Whether the column is the row's own identifier.
    fn is_row_id(&self) -> bool {
        let texts: Vec<&str> = self.words.words.iter().map(|word| word.text.as_str()).collect();
        matches!(texts.as_slice(), ["id" | "uuid" | "guid"] | ["row" | "record", "id"])
    }

    /// Whether the column is a customer's identifier.
    fn refers_to_customer(&self) -> bool {
        let is_noun_alone = self.words.words.len() == 1 && self.words.has(Meaning::Person);
        self.words.has(Meaning::Person) && (uid_rank(&self.words).is_some() || is_noun_alone)
            || self.words.compared() == "uid"
    }
}
