//! The syntax tree of an expression, before its names are resolved.

use super::error::Span;
use super::moment::Moment;
use super::tree::Comparison;
use std::borrow::Cow;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Syntax<'t> {
    All(Vec<Syntax<'t>>),
    Any(Vec<Syntax<'t>>),
    Not(Box<Syntax<'t>>),
    /// A saved segment. It counts as a parenthesis in `depth`, the number of open ones.
    Saved {
        name: &'t str,
        depth: usize,
        span: Span,
    },
    Condition(WrittenCondition<'t>),
}

/// A condition: a name, the question about it, and whether the question is negated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WrittenCondition<'t> {
    pub(super) name: Name<'t>,
    pub(super) question: Question<'t>,
    pub(super) negated: bool,
    /// How many parentheses are open around it.
    pub(super) depth: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) is_quoted: bool,
    pub(super) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Question<'t> {
    /// Only the name: is it true?
    Alone,
    IsNull,
    /// `is true` or `is false`.
    IsBoolean(bool),
    Compare(Comparison, Literal<'t>),
    In(Vec<Literal<'t>>),
    Between(Literal<'t>, Literal<'t>),
    Like {
        pattern: Literal<'t>,
        escape: Option<Literal<'t>>,
    },
    Contains(Literal<'t>),
    StartsWith(Literal<'t>),
    EndsWith(Literal<'t>),
    /// Between the two moments.
    Within {
        since: Moment,
        now: Moment,
        span: Span,
    },
}

/// A value and its position.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literal<'t> {
    pub(super) value: LiteralValue<'t>,
    pub(super) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum LiteralValue<'t> {
    Text(Cow<'t, str>),
    Number(f64),
    Boolean(bool),
    Moment(Moment),
    /// A word without quotes.
    Word(&'t str),
}
