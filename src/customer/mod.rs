//! The data of a customer, what a record says about it, and what that changes.

mod attribute_name;
mod json;
mod named_values;

pub use attribute_name::RESERVED_NAMES;
pub(crate) use attribute_name::{CUSTOM_PREFIX, MAX_NAME_CHARACTERS, invalid_name_reason};
#[cfg(feature = "postgres")]
pub(crate) use json::in_jsonb_order;
pub(crate) use json::write_member;
pub use json::{attribute_values, each_attribute};
pub use named_values::NamedValues;

use crate::value::typed::TypeSpec;
use crate::value::{Device, DevicePlatform};
use json::{JsonMembers, changed_members};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What a record says about one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// Keep the stored value.
    #[default]
    Keep,
    /// An explicit null: the value is removed.
    Clear,
    /// This value.
    Set(T),
}

/// What one accepted record says about one customer. All texts are validated and normalised.
#[derive(Debug, Clone)]
pub struct Patch<'a> {
    /// The value that identifies the customer in this import.
    pub key: &'a str,
    /// The customer's identifier, if a column has it.
    pub uid: Option<&'a str>,
    /// The first name.
    pub first_name: Change<&'a str>,
    /// The last name.
    pub last_name: Change<&'a str>,
    /// The phone number.
    pub number: Change<&'a str>,
    /// The email.
    pub email: Change<&'a str>,
    /// The custom attributes that are set: a JSON object with sorted names.
    pub attributes: &'a str,
    /// The custom attributes that are removed.
    pub cleared: Vec<&'a str>,
    /// The device, if one was seen.
    pub device: Option<(&'a str, DevicePlatform)>,
    /// The further state that only engage's own export has.
    pub restored: Option<RestoredState<'a>>,
}

/// State that only a record of engage's own export has, and that the import restores.
#[derive(Debug, Clone, Default)]
pub struct RestoredState<'a> {
    /// The devices of lower ranks, without duplicates.
    pub further_devices: Vec<(&'a str, DevicePlatform)>,
    /// When the customer was archived, if it is archived. UTC, RFC 3339, like all times here.
    pub archived_at: Option<&'a str>,
    /// When the customer was first imported, if the file has it.
    pub first_imported_at: Option<&'a str>,
    /// When the customer last changed, if the file has it.
    pub last_changed_at: Option<&'a str>,
}

impl<'a> Patch<'a> {
    /// The devices by rank, last seen first.
    pub fn devices(&self) -> impl DoubleEndedIterator<Item = (&'a str, DevicePlatform)> {
        let further = self.restored.as_ref().map_or(&[][..], |more| &more.further_devices);
        self.device.into_iter().chain(further.iter().copied())
    }

    /// Whether a device was seen.
    pub fn has_devices(&self) -> bool {
        self.devices().next().is_some()
    }

    /// The columns of a new customer with this record: the first and last name, the number, the
    /// email, and the archive mark.
    pub(crate) fn first_values(&self) -> [Option<&'a str>; 5] {
        let archived_at = self.archived_at();
        [self.first_name, self.last_name, self.number, self.email, archived_at].map(|change| {
            match change {
                Change::Set(value) => Some(value),
                Change::Keep | Change::Clear => None,
            }
        })
    }

    /// The change of the archive mark: a record that names an archived customer brings it back,
    /// unless the record has a mark itself.
    fn archived_at(&self) -> Change<&'a str> {
        let kept = self.restored.as_ref().and_then(|restored| restored.archived_at);
        kept.map_or(Change::Clear, Change::Set)
    }
}

/// A customer's attributes and devices, as they are stored.
#[derive(Debug, Clone, Default)]
pub struct Customer {
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The phone number.
    pub number: Option<String>,
    /// The email.
    pub email: Option<String>,
    /// The custom attributes: a JSON object with sorted names.
    pub attributes: String,
    /// The devices by rank, last seen first.
    pub devices: Vec<Device>,
    /// When the customer was archived, if it is archived.
    pub archived_at: Option<String>,
}

/// The maximum size of a customer's custom attributes in bytes of JSON. A record has the same
/// limit, but escapes make JSON longer, and several files may add to one customer.
pub const MAX_ATTRIBUTES_BYTES: usize = 16 << 20;

/// Attributes with at least this many bytes are measured in an extra pass, so that no more memory
/// than needed is allocated.
const LONG_ATTRIBUTES: usize = 1 << 20;

type Attributes<'a> = BTreeMap<String, &'a RawValue>;

/// The values that a customer had before an import and that differ from those after it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diff {
    /// Columns of the customer; `null` if there was no value.
    #[serde(default, skip_serializing_if = "NamedValues::is_empty")]
    pub columns: NamedValues<Option<String>>,
    /// Custom attributes; `null` if there was none.
    #[serde(default, skip_serializing_if = "NamedValues::is_empty")]
    pub attributes: NamedValues<Option<Box<RawValue>>>,
    /// All devices by rank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<Vec<(String, String)>>,
}

/// An owned copy of an attribute's value.
fn raw(json: &str) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(json.to_owned())
}

impl Diff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.attributes.is_empty() && self.devices.is_none()
    }
}

impl Customer {
    /// The new customer that a record describes.
    pub fn from_patch(patch: &Patch<'_>) -> Self {
        let [first_name, last_name, number, email, archived_at] =
            patch.first_values().map(|value| value.map(str::to_owned));
        Self {
            first_name,
            last_name,
            number,
            email,
            attributes: patch.attributes.to_owned(),
            devices: patch
                .devices()
                .map(|(token, platform)| Device { token: token.to_owned(), platform })
                .collect(),
            archived_at,
        }
    }

    /// Applies a record; returns the earlier values that differ. A record that names an archived
    /// customer brings it back, unless the record has an archive mark itself. Returns `None` and
    /// changes nothing if the attributes would be longer than [`MAX_ATTRIBUTES_BYTES`].
    ///
    /// Fails if the stored attributes are not a JSON object, which only another program can have
    /// written.
    pub fn apply(&mut self, patch: &Patch<'_>) -> serde_json::Result<Option<Diff>> {
        let mut differences = Diff::default();
        if patch.attributes != self.attributes || !patch.cleared.is_empty() {
            let merged = self.merged(patch, &mut differences)?;
            if merged.len() > MAX_ATTRIBUTES_BYTES {
                return Ok(None);
            }
            self.attributes = merged;
        }
        for (name, value, change) in [
            ("first_name", &mut self.first_name, patch.first_name),
            ("last_name", &mut self.last_name, patch.last_name),
            ("number", &mut self.number, patch.number),
            ("email", &mut self.email, patch.email),
            ("archived_at", &mut self.archived_at, patch.archived_at()),
        ] {
            let after = match change {
                Change::Keep => continue,
                Change::Clear => None,
                Change::Set(after) => Some(after),
            };
            if value.as_deref() != after {
                let before = std::mem::replace(value, after.map(str::to_owned));
                differences.columns.insert(name, before);
            }
        }
        if patch.has_devices() {
            let before = self.devices.clone();
            for (token, platform) in patch.devices().rev() {
                Device::rank_first(&mut self.devices, token, platform);
            }
            if before != self.devices {
                differences.devices = Some(Device::pairs(&before));
            }
        }
        Ok(Some(differences))
    }

    /// Merges the attributes of a record into the stored ones, in one pass over both.
    fn merged(&self, patch: &Patch<'_>, differences: &mut Diff) -> serde_json::Result<String> {
        // Usually a file has the same columns as before: then the record's attributes replace all
        // stored ones.
        if patch.cleared.is_empty()
            && let Some(changed) = changed_members(&self.attributes, patch.attributes)
        {
            for (name, before) in changed {
                differences.attributes.insert(name.to_owned(), Some(raw(before)?));
            }
            return Ok(patch.attributes.to_owned());
        }
        let (stored, set) =
            (JsonMembers::parse(&self.attributes)?, JsonMembers::parse(patch.attributes)?);
        let most = self.attributes.len() + patch.attributes.len();
        let mut merged = String::new();
        if most < LONG_ATTRIBUTES {
            merged.reserve(most);
        } else {
            let members = stored.pairs_with(&set).map(|(name, before, after)| {
                let value = after.or(before).map_or(0, str::len);
                name.len() + value + 8
            });
            merged.reserve(members.sum());
        }
        for (name, before, after) in stored.pairs_with(&set) {
            let is_cleared = || patch.cleared.contains(&name);
            let after = after.or_else(|| before.filter(|_| !is_cleared()));
            if before != after {
                differences.attributes.insert(name.to_owned(), before.map(raw).transpose()?);
            }
            if let Some(after) = after {
                write_member(name, after, &mut merged);
            }
        }
        merged.push_str(if merged.is_empty() { "{}" } else { "}" });
        Ok(merged)
    }

    /// The names of everything that the customer has: attributes, `devices`, `archived_at`.
    pub fn names(&self) -> serde_json::Result<Vec<String>> {
        let mut names: Vec<String> = [
            ("first_name", self.first_name.is_some()),
            ("last_name", self.last_name.is_some()),
            ("number", self.number.is_some()),
            ("email", self.email.is_some()),
            ("devices", !self.devices.is_empty()),
            ("archived_at", self.archived_at.is_some()),
        ]
        .into_iter()
        .filter(|(_, has)| *has)
        .map(|(name, _)| name.to_owned())
        .collect();
        names.extend(serde_json::from_str::<Attributes<'_>>(&self.attributes)?.into_keys());
        Ok(names)
    }

    /// Converts the values of some custom attributes to other types; values that do not fit are
    /// kept.
    ///
    /// Fails if the stored attributes are not a JSON object, which only another program can have
    /// written.
    pub fn convert(&mut self, types: &BTreeMap<String, TypeSpec>) -> serde_json::Result<()> {
        let mut attributes: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(&self.attributes)?;
        for (name, spec) in types {
            if let Some(value) = attributes.get_mut(name)
                && let Some(converted) = spec.converted(value.get())
            {
                *value = RawValue::from_string(converted)?;
            }
        }
        self.attributes = serde_json::to_string(&attributes)?;
        Ok(())
    }

    /// The values of this customer that differ in `after`.
    pub fn diff(&self, after: &Self) -> serde_json::Result<Diff> {
        let mut differences = Diff::default();
        for (name, before, after) in [
            ("first_name", &self.first_name, &after.first_name),
            ("last_name", &self.last_name, &after.last_name),
            ("number", &self.number, &after.number),
            ("email", &self.email, &after.email),
            ("archived_at", &self.archived_at, &after.archived_at),
        ] {
            if before != after {
                differences.columns.insert(name, before.clone());
            }
        }
        if self.attributes != after.attributes {
            let (before, after) =
                (JsonMembers::parse(&self.attributes)?, JsonMembers::parse(&after.attributes)?);
            for (name, before, after) in before.pairs_with(&after) {
                if before != after {
                    differences.attributes.insert(name.to_owned(), before.map(raw).transpose()?);
                }
            }
        }
        if self.devices != after.devices {
            differences.devices = Some(Device::pairs(&self.devices));
        }
        Ok(differences)
    }

    /// The customer with `differences` reverted. Fails if the stored attributes are not a JSON
    /// object.
    pub fn reverted(&self, differences: &Diff) -> serde_json::Result<Self> {
        let mut before = Self {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            number: self.number.clone(),
            email: self.email.clone(),
            attributes: String::new(),
            devices: self.devices.clone(),
            archived_at: self.archived_at.clone(),
        };
        for (name, value) in differences.columns.iter() {
            match name {
                "first_name" => before.first_name.clone_from(value),
                "last_name" => before.last_name.clone_from(value),
                "number" => before.number.clone_from(value),
                "email" => before.email.clone_from(value),
                "archived_at" => before.archived_at.clone_from(value),
                _ => {}
            }
        }
        if differences.attributes.is_empty() {
            before.attributes.clone_from(&self.attributes);
        } else {
            let mut attributes: Attributes<'_> = serde_json::from_str(&self.attributes)?;
            for (name, value) in differences.attributes.iter() {
                match value {
                    Some(value) => attributes.insert(name.to_owned(), value),
                    None => attributes.remove(name),
                };
            }
            let lengths = attributes.iter().map(|(name, value)| name.len() + value.get().len() + 8);
            before.attributes.reserve(lengths.sum());
            for (name, value) in &attributes {
                write_member(name, value.get(), &mut before.attributes);
            }
            before.attributes.push_str(if attributes.is_empty() { "{}" } else { "}" });
        }
        if let Some(devices) = &differences.devices {
            before.devices = devices
                .iter()
                .filter_map(|(token, platform)| {
                    Some(Device { token: token.clone(), platform: platform.parse().ok()? })
                })
                .collect();
        }
        Ok(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(attributes: &'static str) -> Patch<'static> {
        Patch {
            key: "u",
            uid: None,
            first_name: Change::Set("Ada"),
            last_name: Change::Keep,
            number: Change::Clear,
            email: Change::Keep,
            attributes,
            cleared: vec!["gone"],
            device: Some(("t", DevicePlatform::Ios)),
            restored: None,
        }
    }

    #[test]
    fn the_changes_of_an_import_can_be_reverted() {
        let before = Customer {
            number: Some("1".into()),
            attributes: r#"{"gone":true,"kept":12.50,"plan":"Pro"}"#.into(),
            archived_at: Some("2026-01-01T00:00:00Z".into()),
            ..Customer::default()
        };
        let mut after = before.clone();
        after.apply(&patch(r#"{"new":1,"plan":"Basic"}"#)).unwrap();
        assert_eq!(after.attributes, r#"{"kept":12.50,"new":1,"plan":"Basic"}"#);
        let stored = serde_json::to_string(&before.diff(&after).unwrap()).unwrap();
        let differences: Diff = serde_json::from_str(&stored).unwrap();
        let back = after.reverted(&differences).unwrap();
        assert!(back.diff(&before).unwrap().is_empty());
        assert_eq!(back.attributes, before.attributes);
    }

    #[test]
    fn the_same_record_again_changes_nothing() {
        let mut customer = Customer::from_patch(&patch(r#"{"plan":"Pro"}"#));
        let before = customer.clone();
        customer.apply(&patch(r#"{"plan":"Pro"}"#)).unwrap();
        assert!(before.diff(&customer).unwrap().is_empty());
    }
}
