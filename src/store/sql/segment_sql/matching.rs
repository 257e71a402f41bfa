//! SQL functions that test one value against many conditions at once. They take a text or a number,
//! and the conditions as JSON, which is read once for each statement.

use super::bounds::number_key;
use super::like::{LikeSet, Piece};
use super::spans::{Span, Spans};
use aho_corasick::AhoCorasick;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error};
use serde::{Deserialize, Serialize};

/// The SQL functions: true or false for a value of their type, NULL for any other.
pub(crate) const MATCHES_TEXT: &str = "matches_text";
pub(crate) const MATCHES_NUMBER: &str = "matches_number";

/// Conditions on a text, one of which must be true.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TextMatcher {
    pub(crate) exact: TextParts,
    /// The same for the text in ASCII lower case and up to its first NUL, as `LIKE` sees it.
    pub(crate) folded: TextParts,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TextParts {
    pub(crate) spans: Vec<Span<String>>,
    pub(crate) contained: Vec<String>,
    pub(crate) endings: Vec<String>,
    /// Patterns of `LIKE` that the fields above cannot express.
    pub(crate) patterns: Vec<Vec<Piece>>,
}

/// The spans, of the keys of numbers, in one of which a number must lie.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NumberMatcher(pub(crate) Spans<i64>);

/// A matcher that is compiled to test many texts.
pub(crate) struct CompiledText {
    exact: Vec<Check>,
    folded: Vec<Check>,
}

enum Check {
    Spans(Spans<String>),
    Contains(String),
    ContainsOne(AhoCorasick),
    /// Spans of the reversed bytes.
    Endings(Spans<Vec<u8>>),
    Like(LikeSet),
}

impl CompiledText {
    pub(crate) fn new(matcher: TextMatcher) -> Result<Self, Error> {
        let compiled = |parts| compiled(parts).map_err(broken);
        Ok(Self { exact: compiled(matcher.exact)?, folded: compiled(matcher.folded)? })
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        if self.exact.iter().any(|check| check.matches(text)) {
            return true;
        }
        if self.folded.is_empty() {
            return false;
        }
        let folded = text.split('\0').next().unwrap_or_default().to_ascii_lowercase();
        self.folded.iter().any(|check| check.matches(&folded))
    }
}

impl Check {
    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Spans(spans) => spans.contains(text),
            Self::Contains(part) => text.contains(part.as_str()),
            Self::ContainsOne(parts) => parts.is_match(text),
            Self::Endings(endings) => {
                let reversed: Vec<u8> = text.bytes().rev().collect();
                endings.contains(reversed.as_slice())
            }
            Self::Like(patterns) => patterns.matches(text),
        }
    }
}

fn compiled(parts: TextParts) -> Result<Vec<Check>, aho_corasick::BuildError> {
    let TextParts { spans, contained, endings, patterns } = parts;
    let mut checks = Vec::new();
    if !spans.is_empty() {
        checks.push(Check::Spans(Spans::new(spans)));
    }
    match <[String; 1]>::try_from(contained) {
        Ok([part]) => checks.push(Check::Contains(part)),
        Err(parts) if parts.is_empty() => {}
        Err(parts) => checks.push(Check::ContainsOne(AhoCorasick::new(parts)?)),
    }
    if !endings.is_empty() {
        let endings = endings.iter().map(|ending| {
            let first: Vec<u8> = ending.bytes().rev().collect();
            let after = after_all_with(&first);
            (first, after)
        });
        checks.push(Check::Endings(Spans::new(endings.collect())));
    }
    if !patterns.is_empty() {
        checks.push(Check::Like(LikeSet::new(patterns)?));
    }
    Ok(checks)
}

/// The smallest bytes greater than all that begin with these; `None` if there are none.
fn after_all_with(beginning: &[u8]) -> Option<Vec<u8>> {
    let kept = beginning.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut after = beginning[..=kept].to_vec();
    after[kept] += 1;
    Some(after)
}

/// Registers the functions on a connection.
pub(crate) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(MATCHES_TEXT, 2, flags, |context| {
        let matcher = context.get_or_create_aux(1, |json| CompiledText::new(read(json)?))?;
        Ok(match context.get_raw(0) {
            ValueRef::Text(text) => {
                std::str::from_utf8(text).ok().map(|text| matcher.matches(text))
            }
            _ => None,
        })
    })?;
    connection.create_scalar_function(MATCHES_NUMBER, 2, flags, |context| {
        let matcher = context.get_or_create_aux(1, read::<NumberMatcher>)?;
        Ok(number(context).map(|number| matcher.0.contains(&number_key(number))))
    })
}

fn number(context: &Context<'_>) -> Option<f64> {
    match context.get_raw(0) {
        ValueRef::Integer(integer) => Some(integer as f64),
        ValueRef::Real(real) => Some(real),
        _ => None,
    }
}

pub(crate) fn read<T: for<'de> Deserialize<'de>>(json: ValueRef<'_>) -> Result<T, Error> {
    serde_json::from_slice(json.as_bytes()?).map_err(broken)
}

pub(crate) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::UserFunctionError(Box::new(error))
}
