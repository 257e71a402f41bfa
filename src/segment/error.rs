//! What is wrong with an expression, and where.

use super::pointer::caret_lines;
use super::tree::Field;
use crate::exit::Exit;
use crate::explain::Explain;
use crate::text::{name_suggestion, quoted, shell_expression, shell_word};
use crate::value::typed::ValueType;
use std::borrow::Cow;
use std::ops::Range;

/// A part of an expression, as a range of bytes.
pub type Span = Range<usize>;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No customer has such an attribute.
    #[error("unknown attribute {}", quoted(.name, 40))]
    UnknownAttribute {
        /// The name that was given.
        name: String,
        /// The known names, including the store's own.
        known: Vec<String>,
    },
    /// No segment was saved under that name.
    #[error("unknown saved segment {}", quoted(.name, 40))]
    UnknownSegment {
        /// The name that was given.
        name: String,
        /// The known names.
        known: Vec<String>,
    },
    /// A saved segment would contain itself.
    #[error("the saved segment @{} contains itself: {}", .path[0], cycle(.path))]
    Cycle {
        /// The names from the segment back to itself.
        path: Vec<String>,
    },
    /// A custom attribute of texts is compared with a value of another type.
    #[error("{message}")]
    TextAttribute {
        /// The attribute.
        attribute: Box<str>,
        /// The type of the value that it is compared with.
        wanted: ValueType,
        /// One clause in lower case.
        message: Box<str>,
        /// What the stored values say about that type, if they were read.
        hint: Option<Box<str>>,
    },
    /// Anything else.
    #[error("{message}")]
    Wrong {
        /// One clause in lower case. It never repeats a value of the expression.
        message: Cow<'static, str>,
        /// How to fix it, if that is known.
        hint: Option<Cow<'static, str>>,
    },
}

fn cycle(path: &[String]) -> String {
    let names: Vec<String> = path.iter().map(|name| format!("@{name}")).collect();
    names.join(" → ")
}

/// Why an expression is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct SegmentError {
    /// What is wrong.
    pub problem: Problem,
    /// The expression that it is in.
    pub text: Box<str>,
    /// The position in that expression.
    pub span: Span,
    /// The saved segment that has that expression; `None` if it is the given one.
    pub saved: Option<Box<str>>,
    /// The most likely correction: a valid expression.
    pub corrected: Option<Box<str>>,
}

impl SegmentError {
    /// Replaces the hint, if there is another one.
    pub(super) fn hint_at(&mut self, way_out: Option<&'static str>) {
        if let (Problem::Wrong { hint, .. }, Some(way_out)) = (&mut self.problem, way_out) {
            *hint = Some(way_out.into());
        }
    }
}

impl Explain for SegmentError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn details(&self) -> Vec<String> {
        let saved = self.saved.iter().map(|name| format!("in the saved segment @{name}:"));
        saved.chain(caret_lines(&self.text, &self.span)).collect()
    }

    fn hints(&self) -> Vec<String> {
        if let Some(corrected) = &self.corrected {
            return vec![format!("write it like this: {}", shell_expression(corrected))];
        }
        vec![match &self.problem {
            Problem::UnknownAttribute { name, known } => {
                name_suggestion(name, known, "the attributes are")
            }
            Problem::UnknownSegment { name, known } => {
                name_suggestion(name, known, "the saved segments are")
            }
            Problem::Cycle { .. } => "save one of them again, without the other in it".to_owned(),
            Problem::TextAttribute { hint: Some(hint), .. } => hint.to_string(),
            Problem::TextAttribute { attribute, .. } => {
                let field = Field::Custom(attribute.to_string(), ValueType::String);
                format!("engage attributes {} lists its values", shell_word(&field.option_name()))
            }
            Problem::Wrong { hint: Some(hint), .. } => hint.to_string(),
            Problem::Wrong { hint: None, .. } => "engage segment --help has examples".to_owned(),
        }]
    }
}

/// A problem and its place in the expression that is being read. [`Self::within`] adds that
/// expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ParseError {
    pub(super) problem: Problem,
    pub(super) span: Span,
}

impl ParseError {
    pub(super) fn new(span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self { problem: Problem::Wrong { message: message.into(), hint: None }, span }
    }

    pub(super) fn hint(mut self, way_out: impl Into<Cow<'static, str>>) -> Self {
        if let Problem::Wrong { hint, .. } = &mut self.problem {
            *hint = Some(way_out.into());
        }
        self
    }

    /// Adds the expression, and the name of the saved segment that has it, if any.
    pub(super) fn within(self, text: &str, saved: Option<&str>) -> SegmentError {
        SegmentError {
            problem: self.problem,
            text: text.into(),
            span: self.span,
            saved: saved.map(Into::into),
            corrected: None,
        }
    }
}
