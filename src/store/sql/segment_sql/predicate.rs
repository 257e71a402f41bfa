//! A segment as SQL: the condition after `WHERE`.
//!
//! Values are bound. The only text in the SQL itself is the path of an indexed attribute, as a
//! quoted literal: SQLite uses an index on an expression only if the query has exactly the same
//! expression.
//!
//! A segment may have thousands of conditions. Those on one field are merged; if many are left, a
//! program tests them in one call for each customer.

use super::compiler::{Compiler, json};
use super::evaluation::{ARGUMENTS, DEVICES, IS_MEMBER};
use super::merge::{Part, merged};
use super::program::Program;
use crate::segment::Segment;
use rusqlite::types::Value;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// SQL, and the values for its `?1`, `?2` …
pub(crate) struct Predicate {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

/// Compiles a segment; `indexed` are the custom attributes that have an index.
pub(crate) fn predicate(segment: &Segment, indexed: &BTreeSet<String>) -> Predicate {
    let mut compiler = Compiler::new(indexed);
    let Term { mut sql, .. } = compiler.root(&merged(segment.tree()));
    if !segment.names_archived() {
        sql.push_str(" AND archived_at IS NULL");
    }
    Predicate { sql, values: compiler.values }
}

/// At least this many conditions are tested by a program, which reads each value of a customer
/// once.
const LEAST_PROGRAMMED: usize = 16;
/// The most conditions that are kept as SQL, so that SQLite can look for an index for each.
const MOST_INDEXED: usize = 64;

/// A part of an expression, and how deep it is.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term {
    pub(super) depth: usize,
    /// Its position, so that terms of one depth stay in order.
    pub(super) place: usize,
    pub(super) sql: String,
}

impl Compiler<'_> {
    /// The whole expression. A part that an index may find stays plain SQL, where SQLite sees it.
    fn root(&mut self, part: &Part<'_>) -> Term {
        if self.may_use_index(part) {
            return self.part(part);
        }
        let Part::All(parts) = part else { return self.tested(vec![part]) };
        let (mut found, mut tested) = (Vec::new(), Vec::new());
        for part in parts {
            if found.len() < MOST_INDEXED && self.may_use_index(part) {
                found.push(part);
            } else {
                tested.push(part);
            }
        }
        let mut terms: Vec<Term> = found.into_iter().map(|part| self.part(part)).collect();
        if !tested.is_empty() {
            terms.push(self.tested(tested));
        }
        joined(terms, "AND")
    }

    /// Whether SQLite may find customers by an index, instead of testing each of them.
    fn may_use_index(&self, part: &Part<'_>) -> bool {
        let is_short = || {
            let mut fields = 0;
            part.fields(&mut |_| fields += 1);
            fields <= MOST_INDEXED
        };
        match part {
            Part::Is(condition) => {
                let name = condition.field.name();
                name == "uid" || self.indexed.contains(name)
            }
            Part::Any(parts) => is_short() && parts.iter().all(|part| self.may_use_index(part)),
            Part::All(parts) => is_short() && parts.iter().any(|part| self.may_use_index(part)),
            Part::Group(_) => false,
        }
    }

    /// Parts that must all be true and cannot use an index: SQL if they are few, else a program.
    fn tested(&mut self, parts: Vec<&Part<'_>>) -> Term {
        let mut conditions = 0;
        for part in &parts {
            part.fields(&mut |_| conditions += 1);
        }
        if conditions < LEAST_PROGRAMMED {
            let terms = parts.into_iter().map(|part| self.part(part)).collect();
            return joined(terms, "AND");
        }
        let program = Program::new(parts);
        let devices = if program.has_devices() { DEVICES } else { "NULL" };
        let program = self.bind(json(&program));
        let sql = format!("{IS_MEMBER}({program}, {ARGUMENTS}, {devices})");
        Term { depth: 0, place: 0, sql }
    }

    fn part(&mut self, part: &Part<'_>) -> Term {
        let sql = match part {
            Part::All(parts) => return self.parts(parts, "AND"),
            Part::Any(parts) => return self.parts(parts, "OR"),
            Part::Is(condition) => self.condition(condition),
            Part::Group(group) => self.group(group),
        };
        Term { depth: 0, place: 0, sql }
    }

    fn parts(&mut self, parts: &[Part<'_>], operator: &str) -> Term {
        let terms = parts.iter().map(|part| self.part(part)).collect();
        joined(terms, operator)
    }
}

/// Joins terms in pairs, the shallowest first. SQLite limits the depth of expressions to 1,000, and
/// a chain of terms would be as deep as it is long.
pub(super) fn joined(parts: Vec<Term>, operator: &str) -> Term {
    let mut place = parts.len();
    let numbered =
        parts.into_iter().enumerate().map(|(place, term)| Reverse(Term { place, ..term }));
    let mut terms: BinaryHeap<Reverse<Term>> = numbered.collect();
    while let Some(Reverse(left)) = terms.pop() {
        let Some(Reverse(right)) = terms.pop() else { return left };
        let depth = left.depth.max(right.depth) + 1;
        let sql = format!("({} {operator} {})", left.sql, right.sql);
        terms.push(Reverse(Term { depth, place, sql }));
        place += 1;
    }
    // No parts: `and` of nothing is true, `or` of nothing is false.
    Term { depth: 0, place: 0, sql: u8::from(operator == "AND").to_string() }
}
