//! A model of a customer store as plain data, which implements the rules in the simplest way.

pub(crate) mod memory_session;
pub(crate) mod steps;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) const COLUMNS: [&str; 8] =
    ["id", "first_name", "email", "plan", "usage", "device_token", "device_platform", "number"];

/// A record's cells, in the order of the columns.
pub(crate) type Row = [String; 8];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Upsert,
    Create,
    Update,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Report,
    Archive,
    Delete,
}

/// What identifies a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Uid,
    Email,
    Number,
}

/// An import as the user requests it.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct Import {
    pub(crate) rows: Vec<Row>,
    pub(crate) key: Key,
    /// Which columns the files have. They always have that of the key.
    pub(crate) has: [bool; 8],
    /// How many of the rows are in the first of two files; `None` for one file.
    pub(crate) split: Option<usize>,
    pub(crate) nulls: bool,
    pub(crate) clear_blanks: bool,
    pub(crate) drop_invalid: bool,
    pub(crate) usage_is_number: bool,
    pub(crate) platform: Option<&'static str>,
    pub(crate) mode: Mode,
    pub(crate) snapshot: Option<(Missing, Option<u64>)>,
    pub(crate) max_rejects: Option<u64>,
    pub(crate) no_history: bool,
    pub(crate) dry_run: bool,
}

/// A customer. Times are the numbers of the imports that set them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) first_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) number: Option<String>,
    /// By name, as JSON.
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) devices: Vec<(String, String)>,
    pub(crate) archived: Option<i64>,
    pub(crate) inserted_by: i64,
    pub(crate) changed_by: i64,
}

pub(crate) type People = BTreeMap<String, Person>;
/// An attribute's type, first and last import, by name.
pub(crate) type Catalogue = BTreeMap<String, (&'static str, i64, i64)>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trail {
    Whole,
    Gone,
    Undone,
}

/// An import that was done.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) id: i64,
    pub(crate) trail: Trail,
    pub(crate) before: People,
    pub(crate) after: People,
    catalogue: Catalogue,
    key: Option<Key>,
}

/// The counts of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) records: [u64; 5],
    pub(crate) customers: [u64; 6],
    pub(crate) devices: [u64; 3],
}

/// The outcome of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    Stopped,
    Done(Counts),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) exists: bool,
    pub(crate) people: People,
    pub(crate) catalogue: Catalogue,
    /// What identifies customers unless an import says otherwise.
    pub(crate) key: Option<Key>,
    pub(crate) imports: Vec<Done>,
    last_id: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Nothing,
    None,
    Is(String),
}

struct Patch {
    key: String,
    uid: Option<String>,
    first_name: Said,
    email: Said,
    number: Said,
    attributes: Vec<(&'static str, Said)>,
    device: Option<(String, String)>,
}

impl Import {
    fn cell<'r>(&self, row: &'r Row, column: usize) -> &'r str {
        if self.has[column] { &row[column] } else { "" }
    }

    /// What a cell does to a value, without validation. A missing column does nothing.
    fn said(&self, row: &Row, column: usize) -> Said {
        match self.cell(row, column) {
            _ if !self.has[column] => Said::Nothing,
            "NULL" if self.nulls => Said::None,
            "NULL" if self.is_blank_word(column) && self.clear_blanks => Said::None,
            "NULL" if self.is_blank_word(column) => Said::Nothing,
            "" if self.clear_blanks => Said::None,
            "" => Said::Nothing,
            text => Said::Is(text.to_owned()),
        }
    }

    /// Whether a word such as `NULL` is blank in a column: in a column of only text it is a value.
    fn is_blank_word(&self, column: usize) -> bool {
        match column {
            3 => false,
            4 => self.usage_is_number,
            _ => true,
        }
    }

    /// The key of a record; `None` if it is invalid.
    fn key_of(&self, row: &Row) -> Option<String> {
        match self.key {
            Key::Uid => self.uid_of(row),
            Key::Email => {
                Some(self.cell(row, 2).to_lowercase()).filter(|key| !matches!(&**key, "" | "a@"))
            }
            Key::Number => digits(self.cell(row, 7)),
        }
    }

    fn uid_of(&self, row: &Row) -> Option<String> {
        Some(self.cell(row, 0).to_owned()).filter(|uid| !uid.is_empty())
    }

    /// The key of a customer.
    fn key_in(&self, uid: &str, people: &People) -> Option<String> {
        match self.key {
            Key::Uid => Some(uid.to_owned()),
            Key::Email => people[uid].email.as_ref().map(|email| email.to_lowercase()),
            Key::Number => people[uid].number.clone(),
        }
    }

    /// The uid of the customer that a record names, and whether the customer exists; `None` if the
    /// record does not name a single customer.
    fn customer_of(&self, patch: &Patch, people: &People) -> Option<(String, bool)> {
        let has_key = |uid: &&String| self.key_in(uid, people).as_ref() == Some(&patch.key);
        let found: Vec<&String> = people.keys().filter(has_key).collect();
        match found[..] {
            [] => {
                let uid = patch.uid.as_ref().unwrap_or(&patch.key);
                let is_free = !people.contains_key(uid) && !people.contains_key(&patch.key);
                is_free.then(|| (uid.clone(), false))
            }
            [uid] => {
                patch.uid.as_ref().is_none_or(|given| given == uid).then(|| (uid.clone(), true))
            }
            _ => None,
        }
    }

    /// Validates a record; `None` if it is rejected.
    fn validate(&self, row: &Row) -> Option<Patch> {
        let key = self.key_of(row)?;
        let uid = self.uid_of(row);
        let mut is_rejected = false;
        let mut invalid = |said: Said, is_valid: bool| match said {
            Said::Is(_) if !is_valid => {
                is_rejected |= !self.drop_invalid;
                Said::Nothing
            }
            said => said,
        };
        let email = invalid(self.said(row, 2), self.cell(row, 2) != "a@");
        let number = invalid(self.said(row, 7), digits(self.cell(row, 7)).is_some());
        let number = match number {
            Said::Is(text) => digits(&text).map_or(Said::Nothing, Said::Is),
            said => said,
        };
        let usage = self.said(row, 4);
        let is_number = matches!(self.cell(row, 4), "1" | "2.50");
        let usage = invalid(usage, !self.usage_is_number || is_number);
        let quoted = |said: Said, plain: bool| match said {
            Said::Is(text) if plain => Said::Is(text),
            Said::Is(text) => Said::Is(format!("\"{text}\"")),
            said => said,
        };
        let mut attributes = Vec::new();
        if self.has[3] {
            attributes.push(("plan", quoted(self.said(row, 3), false)));
        }
        if self.has[4] {
            attributes.push(("usage", quoted(usage, self.usage_is_number)));
        }
        let token = self.cell(row, 5);
        let platform = match self.cell(row, 6) {
            "" => self.platform,
            "ios" => Some("ios"),
            "android" => Some("android"),
            other => panic!("{other}"),
        };
        let device = match (token, platform) {
            ("", _) => None,
            (_, None) => {
                is_rejected |= !self.drop_invalid;
                None
            }
            (token, Some(platform)) => Some((token.to_owned(), platform.to_owned())),
        };
        let first_name = self.said(row, 1);
        (!is_rejected).then_some(Patch { key, uid, first_name, email, number, attributes, device })
    }
}

/// A number as it is stored, if it is valid.
fn digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    Some(digits).filter(|digits| digits.len() == 11)
}

fn say(value: &mut Option<String>, said: &Said) {
    match said {
        Said::Nothing => {}
        Said::None => *value = None,
        Said::Is(text) => *value = Some(text.clone()),
    }
}

impl Person {
    fn new(import: i64) -> Self {
        Self {
            first_name: None,
            email: None,
            number: None,
            attributes: BTreeMap::new(),
            devices: Vec::new(),
            archived: None,
            inserted_by: import,
            changed_by: import,
        }
    }

    fn apply(&mut self, patch: &Patch) {
        say(&mut self.first_name, &patch.first_name);
        say(&mut self.email, &patch.email);
        say(&mut self.number, &patch.number);
        for (name, said) in &patch.attributes {
            let mut value = self.attributes.remove(*name);
            say(&mut value, said);
            if let Some(value) = value {
                self.attributes.insert((*name).to_owned(), value);
            }
        }
        if let Some((token, platform)) = &patch.device {
            self.devices.retain(|(other, _)| other != token);
            self.devices.insert(0, (token.clone(), platform.clone()));
            self.devices.truncate(5);
        }
        self.archived = None;
    }

    /// All values of the customer, by name.
    pub(crate) fn values(&self) -> BTreeMap<String, String> {
        let mut values = self.attributes.clone();
        let text = |text: &String| format!("\"{text}\"");
        let columns =
            [("first_name", &self.first_name), ("email", &self.email), ("number", &self.number)];
        for (name, value) in columns {
            values.extend(value.iter().map(|value| (name.to_owned(), text(value))));
        }
        values.extend(self.archived.map(|at| ("archived_at".to_owned(), at.to_string())));
        if !self.devices.is_empty() {
            values.insert("devices".to_owned(), format!("{:?}", self.devices));
        }
        values
    }
}

fn count_devices(before: &[(String, String)], after: &[(String, String)], counts: &mut [u64; 3]) {
    let place = |devices: &[(String, String)], token: &str| {
        devices.iter().position(|(other, _)| other == token)
    };
    for (now, (token, platform)) in after.iter().enumerate() {
        match place(before, token) {
            None => counts[0] += 1,
            Some(then) if now < then || before[then].1 != *platform => counts[1] += 1,
            Some(_) => {}
        }
    }
    counts[2] += before.iter().filter(|(token, _)| place(after, token).is_none()).count() as u64;
}

impl Model {
    /// The number of the next line of the history.
    pub(crate) fn next_id(&self) -> i64 {
        self.last_id + 1
    }

    /// Imports; returns the expected report.
    pub(crate) fn import(&mut self, import: &Import) -> Expected {
        let id = self.next_id();
        let before = self.people.clone();
        let mut after = before.clone();
        let mut counts = Counts::default();
        let (mut touched, mut named, mut blamed) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut unreadable = 0_u64;
        let [read, accepted, rejected, skipped, merged] = &mut counts.records;
        for row in &import.rows {
            *read += 1;
            let patch = import.validate(row);
            let (key, is_valid) = (import.key_of(row), patch.is_some());
            let found = patch.as_ref().and_then(|patch| import.customer_of(patch, &after));
            let (Some(patch), Some(found)) = (patch, found) else {
                *rejected += 1;
                // A rejected record names a customer by its key and by its uid. Without a uid, its
                // key may be the uid of another customer.
                named.extend(import.uid_of(row));
                named.extend(key.clone().filter(|_| is_valid));
                match key {
                    Some(key) => drop(blamed.insert(key)),
                    None => unreadable += 1,
                }
                continue;
            };
            let (uid, known) = found;
            if known {
                named.insert(uid.clone());
            }
            if (known && import.mode == Mode::Create) || (!known && import.mode == Mode::Update) {
                *skipped += 1;
                continue;
            }
            *accepted += 1;
            *merged += u64::from(!touched.insert(uid.clone()));
            after.entry(uid).or_insert_with(|| Person::new(id)).apply(&patch);
        }
        let too_many = import.max_rejects.is_some_and(|most| *rejected > most);
        let mut stopped = *read == 0 || rejected == read || too_many;
        for uid in &touched {
            let person = after.get_mut(uid).unwrap();
            let devices = before.get(uid).map(|p| p.devices.clone()).unwrap_or_default();
            count_devices(&devices, &person.devices, &mut counts.devices);
            match before.get(uid) {
                None => counts.customers[0] += 1,
                Some(was) if was.values() == person.values() => counts.customers[2] += 1,
                Some(_) => {
                    person.changed_by = id;
                    counts.customers[1] += 1;
                }
            }
        }
        if let Some((action, bound)) = import.snapshot.filter(|_| !stopped) {
            let could = before.keys().filter_map(|uid| Some((uid, import.key_in(uid, &after)?)));
            let absent = could.clone().filter(|(uid, key)| {
                !named.contains(*uid) && !touched.contains(*uid) && !blamed.contains(key)
            });
            let archived = |uid: &String| before[uid].archived.is_some();
            let of = could.count() - absent.clone().filter(|(uid, _)| archived(uid)).count();
            let missing: Vec<String> =
                absent.filter(|(uid, _)| !archived(uid)).map(|(uid, _)| uid.clone()).collect();
            let count = missing.len() as u64;
            counts.customers[3] = count;
            stopped = match (bound, action) {
                (Some(bound), _) => count > bound,
                (None, Missing::Report) => false,
                (None, _) => count as f64 * 100.0 > 20.0 * of as f64,
            };
            if unreadable == 0 || import.max_rejects.is_some() {
                for uid in missing {
                    match action {
                        Missing::Report => {}
                        Missing::Archive => {
                            let person = after.get_mut(&uid).unwrap();
                            (person.archived, person.changed_by) = (Some(id), id);
                            counts.customers[4] += 1;
                        }
                        Missing::Delete => {
                            after.remove(&uid);
                            counts.customers[5] += 1;
                        }
                    }
                }
            }
        }
        if !import.dry_run && (self.exists || !stopped) {
            self.last_id = id;
        }
        if stopped {
            return Expected::Stopped;
        }
        if !import.dry_run {
            self.keep(import, id, before, after);
        }
        Expected::Done(counts)
    }

    fn keep(&mut self, import: &Import, id: i64, before: People, after: People) {
        let (catalogue, key) = (self.catalogue.clone(), self.key);
        self.key = key.or(Some(import.key));
        for (column, kind) in
            [(3, "string"), (4, if import.usage_is_number { "number" } else { "string" })]
        {
            let has_text = |row: &Row| {
                let text = import.cell(row, column);
                let is_blank = import.nulls || import.is_blank_word(column);
                !(text.is_empty() || (is_blank && text == "NULL"))
            };
            if import.rows.iter().any(has_text) {
                let entry = self.catalogue.entry(COLUMNS[column].to_owned());
                let (_, first, _) = *entry.or_insert((kind, id, id));
                self.catalogue.insert(COLUMNS[column].to_owned(), (kind, first, id));
            } else if import.has[column]
                && let Some((_, _, last)) = self.catalogue.get_mut(COLUMNS[column])
            {
                // All records of the column may be proven, so it counts as seen without a value.
                *last = id;
            }
        }
        self.exists = true;
        self.people.clone_from(&after);
        let trail = if import.no_history { Trail::Gone } else { Trail::Whole };
        if import.no_history {
            self.drop_trails(id);
        }
        self.imports.push(Done { id, trail, before, after, catalogue, key });
    }

    fn drop_trails(&mut self, last: i64) {
        for done in self.imports.iter_mut().filter(|done| done.id <= last) {
            if done.trail == Trail::Whole {
                done.trail = Trail::Gone;
            }
        }
    }

    /// The newest import that can be undone, if there is one.
    pub(crate) fn undoable(&self) -> Option<&Done> {
        let newest = self.imports.iter().rev().find(|done| done.trail != Trail::Undone);
        newest.filter(|done| done.trail == Trail::Whole)
    }

    /// Undoes the newest import.
    pub(crate) fn undo(&mut self) {
        let id = self.undoable().unwrap().id;
        let done = self.imports.iter_mut().find(|done| done.id == id).unwrap();
        done.trail = Trail::Undone;
        self.people.clone_from(&done.before);
        self.catalogue.clone_from(&done.catalogue);
        self.key = done.key;
        self.last_id += 1;
    }

    /// Forgets customers; returns how many were in the store or in the before-image of a deletion.
    pub(crate) fn forget(&mut self, uids: &[String]) -> usize {
        let mut known: BTreeSet<&String> = self.people.keys().collect();
        let whole = self.imports.iter().filter(|done| done.trail == Trail::Whole);
        let gone =
            whole.flat_map(|done| done.before.keys().filter(|uid| !done.after.contains_key(*uid)));
        known.extend(gone);
        let named: BTreeSet<&String> = uids.iter().collect();
        let forgotten = named.into_iter().filter(|uid| known.contains(uid)).count();
        if forgotten > 0 {
            self.last_id += 1;
            self.people.retain(|uid, _| !uids.contains(uid));
            for done in &mut self.imports {
                done.before.retain(|uid, _| !uids.contains(uid));
                done.after.retain(|uid, _| !uids.contains(uid));
            }
        }
        forgotten
    }

    /// Drops the before-images of all imports but the newest `keep`.
    pub(crate) fn prune(&mut self, keep: usize) {
        let whole = self.imports.iter().rev().filter(|done| done.trail == Trail::Whole);
        if let Some(last) = whole.skip(keep).map(|done| done.id).next() {
            self.drop_trails(last);
        }
    }

    /// For each value of a customer, the import that set it, and whether that is known. If it is
    /// not, the import is the last one whose before-images are gone.
    pub(crate) fn origins(&self, uid: &str) -> BTreeMap<String, (i64, bool)> {
        let gone = self.imports.iter().filter(|done| done.trail == Trail::Gone);
        let horizon = gone.map(|done| done.id).max().unwrap_or_default();
        let person = &self.people[uid];
        let inserted = match person.inserted_by > horizon {
            true => (person.inserted_by, true),
            false => (horizon, false),
        };
        let values = |people: &People, name: &str| {
            let person = people.get(uid).filter(|p| p.inserted_by == person.inserted_by);
            person.and_then(|person| person.values().get(name).cloned())
        };
        let origin = |name: &String| {
            let whole = self.imports.iter().rev().filter(|done| done.trail == Trail::Whole);
            let mut changed = whole
                .filter(|done| done.before.contains_key(uid) && done.after.contains_key(uid))
                .filter(|done| values(&done.before, name) != values(&done.after, name));
            changed.next().map_or(inserted, |done| (done.id, true))
        };
        person.values().keys().map(|name| (name.clone(), origin(name))).collect()
    }
}
