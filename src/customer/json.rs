//! Custom attributes as they are stored: a JSON object with its members sorted by name.

use crate::value::typed::write_json_string;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// The name of a member, borrowed unless it has escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemberName<'a>(pub(crate) Cow<'a, str>);

/// The members of an object.
#[derive(Debug, Default)]
pub(crate) struct JsonMembers<'a>(Vec<(MemberName<'a>, &'a RawValue)>);

impl<'a> JsonMembers<'a> {
    /// Reads an object. Of two members with one name the last counts.
    ///
    /// Fails if the text is not a JSON object.
    pub(crate) fn parse(text: &'a str) -> serde_json::Result<Self> {
        let Self(mut members) = serde_json::from_str(text)?;
        // What this program has written is sorted.
        if !members.is_sorted_by(|(one, _), (other, _)| one < other) {
            members.reverse();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            members.dedup_by(|(one, _), (other, _)| one == other);
        }
        Ok(Self(members))
    }

    /// Both objects' members in the order of their names: the value in this one, and in the other.
    pub(crate) fn beside<'b>(
        &'b self,
        other: &'b Self,
    ) -> impl Iterator<Item = (&'b str, Option<&'a RawValue>, Option<&'a RawValue>)> {
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        std::iter::from_fn(move || {
            let order = match (ours.peek(), theirs.peek()) {
                (Some((one, _)), Some((other, _))) => one.cmp(other),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return None,
            };
            let mine = if order.is_le() { ours.next() } else { None };
            let other = if order.is_ge() { theirs.next() } else { None };
            let (name, _) = mine.or(other)?;
            Some((name.0.as_ref(), mine.map(|(_, value)| *value), other.map(|(_, value)| *value)))
        })
    }
}

/// The values that a customer has of some attributes, as JSON, one for each name. The names are
/// sorted, and so are those of an object that this program has written: it takes one pass.
///
/// Fails if the text is not a JSON object.
pub fn attribute_values<'a>(
    object: &'a str,
    names: &[String],
) -> serde_json::Result<Vec<Option<&'a str>>> {
    let mut values = vec![None; names.len()];
    let JsonMembers(members) = JsonMembers::parse(object)?;
    let mut at = 0;
    for (name, value) in members {
        let name = name.0.as_ref();
        while names.get(at).is_some_and(|wanted| wanted.as_str() < name) {
            at += 1;
        }
        if names.get(at).is_some_and(|wanted| wanted.as_str() == name) {
            values[at] = Some(value.get());
        }
    }
    Ok(values)
}

/// Calls `each` with the name of every custom attribute and its value as JSON.
///
/// Fails if the text is not a JSON object, and as `each` does.
pub fn each_attribute(
    object: &str,
    mut each: impl FnMut(&str, &str) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    let JsonMembers(members) = JsonMembers::parse(object)?;
    members.iter().try_for_each(|(name, value)| each(&name.0, value.get()))
}

/// Appends a member to an object that has no closing brace yet.
pub(crate) fn write_member(name: &str, value: &RawValue, object: &mut String) {
    object.push(if object.is_empty() { '{' } else { ',' });
    write_json_string(name, object);
    object.push(':');
    object.push_str(value.get());
}

impl<'de> Deserialize<'de> for MemberName<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = MemberName<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(MemberName(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(MemberName(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

impl<'de> Deserialize<'de> for JsonMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct JsonMembersVisitor;
        impl<'de> Visitor<'de> for JsonMembersVisitor {
            type Value = JsonMembers<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(8);
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(JsonMembers(members))
            }
        }
        deserializer.deserialize_map(JsonMembersVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let members = JsonMembers::parse(text).unwrap();
        members.0.iter().map(|(name, value)| format!("{}={}", name.0, value.get())).collect()
    }

    #[test]
    fn the_values_of_some_attributes_are_found_by_name() {
        let names = ["a", "c", "d"].map(str::to_owned);
        let values = attribute_values(r#"{"d":"x","a":1,"b":2}"#, &names).unwrap();
        assert_eq!(values, [Some("1"), None, Some("\"x\"")]);
    }

    #[test]
    fn members_are_sorted_and_the_last_of_a_name_counts() {
        assert_eq!(names(r#"{"a":1,"b":[2, 3]}"#), ["a=1", "b=[2, 3]"]);
        assert_eq!(names(r#"{"b":1,"a":2,"b":3}"#), ["a=2", "b=3"]);
        assert_eq!(names(r#"{"é\n":"x"}"#), ["é\n=\"x\""]);
        assert_eq!(names("{}"), [""; 0]);
        for text in ["[]", "1", "{", ""] {
            assert!(JsonMembers::parse(text).is_err(), "{text}");
        }
    }
}
