//! Custom attributes as they are stored: a JSON object with its members sorted by name.

use crate::value::typed::write_json_string;
use memchr::memchr;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// The name of a member, borrowed unless it has escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemberName<'a>(pub(crate) Cow<'a, str>);

/// The members of an object, with the JSON text of each value.
#[derive(Debug, Default)]
pub(crate) struct JsonMembers<'a>(Vec<(MemberName<'a>, &'a str)>);

impl<'a> JsonMembers<'a> {
    /// Reads an object. If a name occurs twice, the last member counts.
    ///
    /// Fails if the text is not a JSON object.
    pub(crate) fn parse(text: &'a str) -> serde_json::Result<Self> {
        let mut members = match scan_members(text) {
            Some(members) => members,
            None => serde_json::from_str::<Self>(text)?.0,
        };
        // An object that engage wrote is sorted.
        if !members.is_sorted_by(|(one, _), (other, _)| one < other) {
            members.reverse();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            members.dedup_by(|(one, _), (other, _)| one == other);
        }
        Ok(Self(members))
    }

    /// The members of both objects by name, each with its value in this object and in the other.
    pub(crate) fn pairs_with<'b>(
        &'b self,
        other: &'b Self,
    ) -> impl Iterator<Item = (&'b str, Option<&'a str>, Option<&'a str>)> {
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

/// The values of some attributes as JSON, one for each name. `names` must be sorted, so that one
/// pass is enough.
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
            values[at] = Some(value);
        }
    }
    Ok(values)
}

/// Calls `each` with the name of every custom attribute and its value as JSON.
///
/// Fails if the text is not a JSON object, or if `each` fails.
pub fn each_attribute(
    object: &str,
    mut each: impl FnMut(&str, &str) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    let JsonMembers(members) = JsonMembers::parse(object)?;
    members.iter().try_for_each(|(name, value)| each(&name.0, value))
}

/// The object with its members in the order of PostgreSQL's `jsonb`: by the length of their names,
/// then by their bytes. The server then has nothing to sort. A text that is not a JSON object is
/// returned unchanged.
#[cfg(feature = "postgres")]
pub(crate) fn in_jsonb_order(object: &str) -> Cow<'_, str> {
    let Ok(JsonMembers(mut members)) = JsonMembers::parse(object) else { return object.into() };
    let order = |(name, _): &(MemberName<'_>, &str)| name.0.len();
    if members.is_empty() || members.is_sorted_by_key(order) {
        return object.into();
    }
    members.sort_by_key(order);
    let mut ordered = String::with_capacity(object.len());
    for (name, value) in members {
        write_member(&name.0, value, &mut ordered);
    }
    ordered.push('}');
    ordered.into()
}

/// Appends a member to an object that has no closing brace yet.
pub(crate) fn write_member(name: &str, value: &str, object: &mut String) {
    object.push(if object.is_empty() { '{' } else { ',' });
    write_json_string(name, object);
    object.push(':');
    object.push_str(value);
}

/// The members of `before` whose values differ in `after`, each with its name and its earlier value.
/// Only for two objects that have the same names and the form that engage mostly writes; `None` for
/// all others.
pub(crate) fn changed_members<'a>(before: &'a str, after: &str) -> Option<Vec<(&'a str, &'a str)>> {
    if !is_plain(before) || !is_plain(after) {
        return None;
    }
    let (mut before, mut after) = (before.strip_prefix('{')?, after.strip_prefix('{')?);
    let mut changed = Vec::new();
    loop {
        let (name, _, after_it) = scan_member(after)?;
        // Most members are equal: then it takes no scan of the earlier one.
        let member = &after[..after.len() - after_it.len()];
        let equal = before.strip_prefix(member).filter(|rest| rest.starts_with([',', '}']));
        let before_it = match equal {
            Some(rest) => rest,
            None => match scan_member(before)? {
                (other, _, _) if other != name => return None,
                (name, value, rest) => {
                    changed.push((name, value));
                    rest
                }
            },
        };
        match (before_it.split_at_checked(1)?, after_it.split_at_checked(1)?) {
            ((",", next_before), (",", next_after)) => (before, after) = (next_before, next_after),
            (("}", ""), ("}", "")) => return Some(changed),
            _ => return None,
        }
    }
}

/// The members of an object in the form that engage mostly writes: names and strings without
/// escapes, numbers, booleans, no whitespace. `None` for anything else, whether JSON or not.
fn scan_members(text: &str) -> Option<Vec<(MemberName<'_>, &str)>> {
    if !is_plain(text) {
        return None;
    }
    let mut rest = text.strip_prefix('{')?;
    let mut members = Vec::with_capacity(8);
    if rest == "}" {
        return Some(members);
    }
    loop {
        let (name, value, after) = scan_member(rest)?;
        members.push((MemberName(Cow::Borrowed(name)), value));
        match after.split_at_checked(1)? {
            (",", next) => rest = next,
            ("}", "") => return Some(members),
            _ => return None,
        }
    }
}

/// Whether a text has neither escapes nor whitespace other than spaces.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| byte >= 0x20 && byte != b'\\';
    text.bytes().fold(true, |plain, byte| plain & is_plain(byte))
}

/// The member that a plain text begins with: its name, its value, and the text after it.
fn scan_member(text: &str) -> Option<(&str, &str, &str)> {
    let name = scan_string(text)?;
    let after_name = text[name.len()..].strip_prefix(':')?;
    let value = scan_value(after_name)?;
    Some((&name[1..name.len() - 1], value, &after_name[value.len()..]))
}

/// The string that a text without escapes begins with, with its quotes.
fn scan_string(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?;
    memchr(b'"', inner.as_bytes()).map(|length| &text[..length + 2])
}

/// The string, number or boolean that a text begins with.
fn scan_value(text: &str) -> Option<&str> {
    match text.as_bytes().first()? {
        b'"' => scan_string(text),
        b't' => text.starts_with("true").then(|| &text[..4]),
        b'f' => text.starts_with("false").then(|| &text[..5]),
        _ => scan_number(text),
    }
}

/// The number without an exponent that a text begins with.
fn scan_number(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|it| it.is_ascii_digit()).count();
    let start = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(start);
    let has_leading_zero = whole > 1 && bytes[start] == b'0';
    if whole == 0 || has_leading_zero {
        return None;
    }
    let mut end = start + whole;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if fraction == 0 {
            return None;
        }
        end += 1 + fraction;
    }
    matches!(bytes.get(end), Some(b',' | b'}')).then(|| &text[..end])
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
                while let Some((name, value)) = map.next_entry::<_, &RawValue>()? {
                    members.push((name, value.get()));
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
    use proptest::prelude::*;

    fn names(text: &str) -> Vec<String> {
        let members = JsonMembers::parse(text).unwrap();
        members.0.iter().map(|(name, value)| format!("{}={value}", name.0)).collect()
    }

    proptest! {
        #[test]
        fn scanning_agrees_with_the_parser(text in r#"\{("[a-b\\n]{0,2}":("x?(\\\\n)?"|-?[01]{0,2}(\.[05]{0,2})?(e1)?|true|false|null|\[\]|\{\}),?){0,3}\}?"#) {
            if let Some(scanned) = scan_members(&text) {
                let parsed = serde_json::from_str::<JsonMembers<'_>>(&text).unwrap();
                prop_assert_eq!(scanned, parsed.0);
            }
        }
    }

    proptest! {
        #[test]
        fn changed_members_are_those_that_differ_in_parsed_objects(
            before in object(),
            after in object(),
        ) {
            if let Some(changed) = changed_members(&before, &after) {
                let parsed = [&before, &after].map(|text| JsonMembers::parse(text).unwrap());
                let pairs = parsed[0].pairs_with(&parsed[1]);
                let differing: Vec<_> = pairs.filter(|(_, before, after)| before != after).collect();
                let changed: Vec<_> = changed.into_iter().map(|(name, it)| (name, Some(it))).collect();
                let expected: Vec<_> = differing.iter().map(|(name, it, _)| (*name, *it)).collect();
                prop_assert_eq!(changed, expected);
            }
        }
    }

    /// Objects of which two often have the same names.
    fn object() -> impl Strategy<Value = String> {
        let value = prop_oneof!["-?[0-9]{1,2}(\\.5)?", "\"[x,:}]{0,2}\"", "true", "false"];
        proptest::collection::vec(value, 1..4).prop_map(|values| {
            let members =
                values.iter().zip(["a", "b", "c"]).map(|(it, name)| format!("\"{name}\":{it}"));
            format!("{{{}}}", members.collect::<Vec<String>>().join(","))
        })
    }

    #[test]
    fn changed_members_need_the_same_names() {
        let changed = |before, after| changed_members(before, after);
        let before = r#"{"a":1,"b":"x","c":true}"#;
        assert_eq!(changed(before, before), Some(vec![]));
        let after = r#"{"a":12,"b":"x y","c":true}"#;
        assert_eq!(changed(before, after), Some(vec![("a", "1"), ("b", "\"x\"")]));
        for other in [
            r#"{"a":1,"b":"x"}"#,
            r#"{"a":1,"b":"x","c":true,"d":1}"#,
            r#"{"a":1,"B":"x","c":true}"#,
            r#"{"a":1,"b":"x","c":tru}"#,
            r#"{"a":1,"b":"\\x","c":true}"#,
            "{}",
        ] {
            assert_eq!(changed(before, other), None, "{other}");
            assert_eq!(changed(other, before), None, "{other}");
        }
    }

    #[test]
    fn what_this_program_writes_is_scanned() {
        for text in ["{}", r#"{"a":"b c","n":-12.50,"t":true,"z":0}"#, r#"{"größe":"é"}"#] {
            assert!(scan_members(text).is_some(), "{text}");
        }
        for text in ["", "{", "{} ", r#"{"a":01}"#, r#"{"a":1."}"#, r#"{"a":1"#, r#"{"a":"b}"#] {
            assert!(scan_members(text).is_none(), "{text}");
        }
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
