//! Turns the syntax tree into the typed tree: names become fields, values get their types, saved
//! segments are expanded, and `not` is pushed down to the conditions.

use super::condition::{conditions, field};
use super::correction::corrections;
use super::error::{ParseError, Problem, SegmentError, Span};
use super::grammar::{MAX_DEPTH, syntax};
use super::other_forms::day_hint;
use super::sql_dialects::clause_hint;
use super::syntax::{Question, Syntax, WrittenCondition};
use super::token::{State, is_word};
use super::tree::{Field, Segment, Tree};
use crate::value::typed::ValueType;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use std::collections::BTreeMap;

/// The maximum length of an expression in bytes, including its saved segments.
pub const MAX_LENGTH: usize = 1 << 20;

/// The maximum number of conditions in an expression, including its saved segments.
pub const MAX_CONDITIONS: usize = 5_000;

/// The maximum length in bytes of an expression for which corrections are tried.
const MAX_CORRECTED: usize = 2_000;

/// What the names in an expression mean.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The catalogue: the custom attributes and their types.
    pub attributes: &'a BTreeMap<String, ValueType>,
    /// The saved segments: names and expressions.
    pub segments: &'a BTreeMap<String, String>,
    /// The time of `now()`. Fractions of a second are dropped.
    pub now: Timestamp,
}

/// Whether a segment can be saved under that name: letters, digits, `_` and `-`, at most 64.
pub fn is_segment_name(name: &str) -> bool {
    (1..=64).contains(&name.chars().count()) && name.chars().all(|c| is_word(c) || c == '-')
}

/// Reads an expression. `saved_as` is the name under which it is or will be saved: it must not
/// contain itself.
pub fn read(
    text: &str,
    saved_as: Option<&str>,
    terms: &Terms<'_>,
) -> Result<Segment, SegmentError> {
    let now = Offset::UTC.to_datetime(terms.now);
    let now = now.with().subsec_nanosecond(0).build().unwrap_or(now);
    if text.len() > MAX_LENGTH {
        let error = ParseError::new(0..0, "an expression is at most 1 MiB long");
        return Err(error.within("", None));
    }
    let read_as = |text: &str| {
        let mut checker = Checker {
            terms,
            now,
            path: saved_as.map(str::to_owned).into_iter().collect(),
            length: text.len(),
            conditions: 0,
            names_archived: false,
        };
        let tree = checker.expression(text, Inside { depth: 0, saved: None, negated: false })?;
        Ok(Segment { tree, names_archived: checker.names_archived })
    };
    read_as(text).map_err(|mut error: SegmentError| {
        if error.saved.is_none() && text.len() <= MAX_CORRECTED {
            error.hint_at(clause_hint(text).or_else(|| day_hint(text, &error.span)));
            let is_unreadable = syntax(text, State { now, depth: 0 }).is_err();
            for corrected in corrections(text) {
                match read_as(&corrected) {
                    Ok(_) => {
                        error.corrected = Some(corrected.into());
                        break;
                    }
                    // With its values corrected, the expression has the next problem.
                    Err(next)
                        if is_unreadable
                            && matches!(next.problem, Problem::TextAttribute { .. }) =>
                    {
                        return next;
                    }
                    Err(_) => {}
                }
            }
        }
        error
    })
}

struct Checker<'a> {
    terms: &'a Terms<'a>,
    now: DateTime,
    /// The saved segments that are being read, from the outermost to the innermost.
    path: Vec<String>,
    length: usize,
    conditions: usize,
    names_archived: bool,
}

/// Where an expression is used.
#[derive(Clone, Copy)]
struct Inside<'a> {
    /// How many parentheses are open around it.
    depth: usize,
    /// Its name, if it is a saved segment.
    saved: Option<&'a str>,
    negated: bool,
}

/// The text that is being checked, and the saved segment that it belongs to.
#[derive(Clone, Copy)]
struct Origin<'a> {
    text: &'a str,
    saved: Option<&'a str>,
}

impl Origin<'_> {
    fn at(self, error: ParseError) -> SegmentError {
        error.within(self.text, self.saved)
    }
}

impl<'a> Checker<'a> {
    fn expression(&mut self, text: &str, inside: Inside<'_>) -> Result<Tree, SegmentError> {
        let origin = Origin { text, saved: inside.saved };
        let state = State { now: self.now, depth: inside.depth };
        let syntax = syntax(text, state).map_err(|error| origin.at(error))?;
        self.tree(&syntax, inside.negated, origin)
    }

    fn tree(
        &mut self,
        syntax: &Syntax<'_>,
        negated: bool,
        origin: Origin<'_>,
    ) -> Result<Tree, SegmentError> {
        let tree = match syntax {
            Syntax::Not(inner) => self.tree(inner, !negated, origin)?,
            Syntax::All(parts) => self.joined(parts, !negated, negated, origin)?,
            Syntax::Any(parts) => self.joined(parts, negated, negated, origin)?,
            Syntax::Saved { name, depth, span } => {
                let text = self.saved(name, span).map_err(|error| origin.at(error))?;
                self.path.push((*name).to_owned());
                let inside = Inside { depth: *depth, saved: Some(name), negated };
                let tree = self.expression(text, inside)?;
                self.path.pop();
                tree
            }
            Syntax::Condition(written) => match self.segment_of_that_name(written) {
                Some(saved) => self.tree(&saved, negated, origin)?,
                None => self.condition(written, negated).map_err(|error| origin.at(error))?,
            },
        };
        Ok(tree)
    }

    /// Joins parts by `and` or `or`. A nested list of the same kind is merged: `a and (b and c)`
    /// has three parts.
    fn joined(
        &mut self,
        parts: &[Syntax<'_>],
        is_all: bool,
        negated: bool,
        origin: Origin<'_>,
    ) -> Result<Tree, SegmentError> {
        let mut trees = Vec::with_capacity(parts.len());
        for part in parts {
            match self.tree(part, negated, origin)? {
                Tree::All(inner) if is_all => trees.extend(inner),
                Tree::Any(inner) if !is_all => trees.extend(inner),
                tree => trees.push(tree),
            }
        }
        Ok(if is_all { Tree::All(trees) } else { Tree::Any(trees) })
    }

    /// The saved segment that a bare name means, unless an attribute has that name: `lapsed` for
    /// `@lapsed`.
    fn segment_of_that_name<'t>(&self, written: &'t WrittenCondition<'_>) -> Option<Syntax<'t>> {
        let WrittenCondition { name, question, depth, .. } = written;
        let is_segment = *question == Question::Alone
            && *depth < MAX_DEPTH
            && !name.is_quoted
            && self.terms.segments.contains_key(&*name.text)
            && Field::named(&name.text, self.terms.attributes).is_none();
        is_segment.then(|| Syntax::Saved {
            name: &name.text,
            depth: depth + 1,
            span: name.span.clone(),
        })
    }

    /// The expression of a saved segment. Fails if it is unknown, contains itself or is too long.
    fn saved(&mut self, name: &str, span: &Span) -> Result<&'a str, ParseError> {
        if let Some(first) = self.path.iter().position(|outer| outer == name) {
            let mut path = self.path[first..].to_vec();
            path.push(name.to_owned());
            return Err(ParseError { problem: Problem::Cycle { path }, span: span.clone() });
        }
        let Some(text) = self.terms.segments.get(name) else {
            let known = self.terms.segments.keys().cloned().collect();
            let problem = Problem::UnknownSegment { name: name.to_owned(), known };
            return Err(ParseError { problem, span: span.clone() });
        };
        self.length += text.len();
        if self.length > MAX_LENGTH {
            let message = "with its saved segments the expression is longer than 1 MiB";
            return Err(ParseError::new(span.clone(), message));
        }
        Ok(text)
    }

    fn condition(
        &mut self,
        written: &WrittenCondition<'_>,
        negated: bool,
    ) -> Result<Tree, ParseError> {
        let field = field(&written.name, self.terms.attributes)?;
        self.names_archived |= field == Field::Archived;
        let conditions = conditions(written, field, negated)?;
        self.conditions += conditions.count();
        if self.conditions > MAX_CONDITIONS {
            let message = "an expression has at most 5,000 conditions";
            return Err(ParseError::new(written.name.span.clone(), message)
                .hint("in takes any number of texts or numbers: plan in ('Pro', 'Team')"));
        }
        Ok(conditions)
    }
}

#[cfg(test)]
mod tests;
