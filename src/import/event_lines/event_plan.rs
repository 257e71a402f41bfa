//! Decides the role of each column in a file of events, and makes the plan that validates its
//! records.

use super::options::EventOptions;
use crate::events::{EventColumns, EventRole};
use crate::import::ImportError;
use crate::import::plan::{Decision, Plan, build_plan, is_decimal_uid, whole_records};
use crate::input::csv::Record;
use crate::mapping::{
    Column, KeyChoice, KeyHints, Mapping, MappingOptions, NamedColumn, Origin, Sample, Target,
    attribute_name, normalised,
};
use crate::outcome::{EventColumn, EventColumnRole};
use crate::settings::{DeclaredType, ValueOptions};
use crate::store::StoreSettings;
use crate::value::typed::{TypeSpec, ValueType};
use crate::value::{Key, Standard};
use std::collections::HashSet;

/// The attribute names of columns that are not properties. No header can become one of them.
pub(super) const EVENT: &str = "\u{1}event";
pub(super) const TIMESTAMP: &str = "\u{1}timestamp";
pub(super) const VALUE: &str = "\u{1}value";

/// How records of events are validated, and what their columns are.
pub(super) struct EventPlan {
    pub(super) plan: Plan,
    pub(super) timestamp: Option<usize>,
    pub(super) event: Option<usize>,
    pub(super) has_value: bool,
}

impl EventPlan {
    /// Makes the plan from a header and a sample. Fails if no column names the customer or the
    /// event.
    pub(super) fn new(
        name: &str,
        header: &[String],
        sample: &[&Record],
        options: &EventOptions,
    ) -> Result<Self, ImportError> {
        let whole = whole_records(sample);
        let cell = |record: usize, column: usize| whole[record].field(column);
        let cells = Sample::new(whole.len(), &cell);
        let given = given_columns(header, options)?;
        let taken: Vec<usize> = given.iter().map(|(column, _)| *column).collect();
        let columns = resolve(&EventColumns::recognise(header, &cells, &taken), &given, options);
        let missing = |what: &'static str| ImportError::EventColumn {
            name: name.to_owned(),
            what,
            columns: header.to_vec(),
        };
        let (key, customer) = columns.customer.ok_or_else(|| missing("customer"))?;
        if columns.event.is_none() && options.event.is_none() {
            return Err(missing("event"));
        }
        let mut mapping = Mapping { columns: Vec::new(), warnings: Vec::new() };
        let mut names = PropertyNames::default();
        for (index, header) in header.iter().enumerate() {
            let target = target(index, header, &columns, &given, &mut names);
            let origin = match given.iter().any(|(column, _)| *column == index) {
                true => Origin::CommandLine,
                false => Origin::Custom,
            };
            let header = header.clone();
            mapping.columns.push(Column { index, header, target, origin, evidence: None });
        }
        let is_decimal = |record: &&Record| is_decimal_uid(record.field(customer).trim());
        let has_decimal_uids = key == Key::Uid && !whole.is_empty() && whole.iter().all(is_decimal);
        let decision = Decision {
            mapping,
            key: None,
            own: None,
            events: None,
            event_columns: columns.clone(),
            has_decimal_uids,
            other_keys: Vec::new(),
            hints: KeyHints::default(),
        };
        let choice =
            KeyChoice { key, uid: None, evidence: None, other: None, placeholders: Vec::new() };
        let values = declared(&options.settings.values, header, &columns);
        let plan = build_plan(choice, decision, sample, &StoreSettings::default(), &values)?;
        if let Some(error) = plan.numbers.error(name, &plan.mapping) {
            return Err(error);
        }
        let EventColumns { timestamp, event, value, .. } = columns;
        Ok(Self { plan, timestamp, event, has_value: value.is_some() })
    }

    /// The columns, for the report.
    pub(super) fn columns(&self) -> Vec<EventColumn> {
        let attribute = |name: &str| self.plan.attributes.iter().find(|it| it.name == name);
        let columns = self.plan.mapping.columns.iter().map(|column| {
            let (role, property) = match &column.target {
                Target::Custom(name) => match name.as_str() {
                    EVENT => (EventColumnRole::Event, None),
                    TIMESTAMP => (EventColumnRole::Timestamp, None),
                    VALUE => (EventColumnRole::Value, None),
                    name => (EventColumnRole::Property, Some(name)),
                },
                Target::Standard(standard) => (EventColumnRole::of(*standard), None),
                _ => (EventColumnRole::Skipped, None),
            };
            let kind = column.target.attribute().and_then(attribute);
            EventColumn {
                column: column.header.clone(),
                role,
                property: property.map(str::to_owned),
                kind: kind.map(|attribute| attribute.spec.kind),
            }
        });
        columns.collect()
    }
}

/// The columns that options name, with their roles; skipped columns have none.
fn given_columns(
    header: &[String],
    options: &EventOptions,
) -> Result<Vec<(usize, Option<EventRole>)>, ImportError> {
    let mapping = Mapping::new(header, &MappingOptions::default())?;
    let roles = options.roles.iter().map(|(column, role)| (column, Some(*role)));
    let skipped = options.skipped.iter().map(|column| (column, None));
    let mut given = Vec::new();
    for (name, role) in roles.chain(skipped) {
        let named = NamedColumn { name: name.clone(), origin: Origin::CommandLine };
        given.push((mapping.column(&named)?.index, role));
    }
    Ok(given)
}

/// The roles of the columns. Given roles override recognised ones.
fn resolve(
    recognised: &EventColumns,
    given: &[(usize, Option<EventRole>)],
    options: &EventOptions,
) -> EventColumns {
    let of = |wanted: EventRole| {
        given.iter().find(|(_, role)| *role == Some(wanted)).map(|(column, _)| *column)
    };
    let mut customers = Key::ALL.into_iter();
    let customer = customers.find_map(|key| Some((key, of(EventRole::Customer(key))?)));
    // A column of uids names the customer, even if a column of emails or numbers is given too.
    let uid = recognised.customer.filter(|(key, _)| *key == Key::Uid);
    let customer = customer.filter(|(key, _)| *key == Key::Uid || uid.is_none());
    EventColumns {
        customer: customer.or(recognised.customer),
        event: match of(EventRole::Event) {
            None if options.event.is_some() => None,
            given => given.or(recognised.event),
        },
        timestamp: of(EventRole::Timestamp).or(recognised.timestamp),
        value: of(EventRole::Value).or(recognised.value),
    }
}

/// What a column becomes in the plan.
fn target(
    index: usize,
    header: &str,
    columns: &EventColumns,
    given: &[(usize, Option<EventRole>)],
    names: &mut PropertyNames,
) -> Target {
    let given = given.iter().find(|(column, _)| *column == index);
    if matches!(given, Some((_, None))) {
        return Target::Skipped;
    }
    match columns.customer {
        Some((key, column)) if column == index => return Target::Standard(key.attribute()),
        _ => {}
    }
    let others = [(columns.event, EVENT), (columns.timestamp, TIMESTAMP), (columns.value, VALUE)];
    if let Some((_, name)) = others.into_iter().find(|(column, _)| *column == Some(index)) {
        return Target::Custom(name.to_owned());
    }
    match given {
        // Another column names the customer, so this one is validated but not sent.
        Some((_, Some(EventRole::Customer(key)))) => Target::Standard(key.attribute()),
        _ => Target::Custom(names.of(header, index)),
    }
}

/// The names of properties, each used once.
#[derive(Default)]
struct PropertyNames(HashSet<String>);

impl PropertyNames {
    fn of(&mut self, header: &str, index: usize) -> String {
        let name = match attribute_name(header) {
            name if name.is_empty() => format!("column_{}", index + 1),
            name => name,
        };
        let numbered = (2..).map(|number: usize| format!("{name}_{number}"));
        let mut free = std::iter::once(name.clone()).chain(numbered);
        let free = free.find(|name| !self.0.contains(name)).unwrap_or(name);
        self.0.insert(free.clone());
        free
    }
}

/// The types of the values. Unless declared otherwise, an event's name is a text and its time is in
/// ISO 8601.
fn declared(values: &ValueOptions, header: &[String], columns: &EventColumns) -> ValueOptions {
    let mut values = values.clone();
    let mut declare = |column: Option<usize>, name: &str, kind: ValueType| {
        let Some(column) = column else { return };
        let wanted = normalised(&header[column]);
        let given = values.types.iter().position(|it| normalised(&it.attribute) == wanted);
        let spec = match given {
            Some(at) => values.types.remove(at).spec,
            None => TypeSpec::from(kind),
        };
        let attribute = name.to_owned();
        values.types.push(DeclaredType { attribute, spec, origin: Origin::CommandLine });
    };
    declare(columns.event, EVENT, ValueType::String);
    declare(columns.timestamp, TIMESTAMP, ValueType::Datetime);
    values
}

impl EventColumnRole {
    fn of(standard: Standard) -> Self {
        match standard {
            Standard::Email => Self::Email,
            Standard::Number => Self::Number,
            _ => Self::Uid,
        }
    }
}
