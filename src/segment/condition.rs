//! Checks one condition against the catalogue: which field its name means, and whether its values
//! have the type of that field.

use super::error::{ParseError, Problem, Span};
use super::moment::{Moment, NoMoment};
use super::syntax::{Literal, LiteralValue, Name, Question, WrittenCondition};
use super::tree::{Comparison, Condition, Field, NumberTest, Test, TextTest, TimeSpan, Tree};
use crate::text::shell_word;
use crate::value::typed::{TypeSpec, Value, ValueType};
use crate::value::{DevicePlatform, Standard};
use std::collections::BTreeMap;

/// The maximum length of a pattern in SQLite, in bytes.
const MAX_PATTERN: usize = 50_000;

/// The field that a name means. `archived` and `has_device` are fields of the store unless they are
/// quoted. No custom attribute can have the name of another field of the store.
pub(super) fn field(
    name: &Name<'_>,
    attributes: &BTreeMap<String, ValueType>,
) -> Result<Field, ParseError> {
    let named = Field::named(&name.text, attributes);
    let field = match named {
        Some(Field::Archived | Field::HasDevice) if name.is_quoted => {
            Field::custom(&name.text, attributes)
        }
        named => named,
    };
    field.ok_or_else(|| {
        let known = Field::names(attributes);
        let problem = Problem::UnknownAttribute { name: name.text.to_string(), known };
        ParseError { problem, span: name.span.clone() }
    })
}

/// The conditions for a written one: usually one, but one for each date or time in a list.
pub(super) fn conditions(
    written: &WrittenCondition<'_>,
    field: Field,
    negated: bool,
) -> Result<Tree, ParseError> {
    let negated = written.negated != negated;
    if let Question::In(literals) = &written.question
        && matches!(field.kind(), ValueType::Date | ValueType::Datetime)
    {
        let each = literals.iter().map(|literal| {
            let test = Test::Time(time(&field, literal)?);
            Ok(Tree::Is(Condition { field: field.clone(), test, negated }))
        });
        let each = each.collect::<Result<_, ParseError>>()?;
        return Ok(if negated { Tree::All(each) } else { Tree::Any(each) });
    }
    let (test, turned) = test(written, &field)?;
    Ok(Tree::Is(Condition { field, test, negated: negated != turned }))
}

/// The test, and whether it is the opposite of the written condition.
fn test(written: &WrittenCondition<'_>, field: &Field) -> Result<(Test, bool), ParseError> {
    let kind = field.kind();
    let test = match &written.question {
        Question::IsNull => return Ok((Test::Present, true)),
        Question::IsBoolean(value) if kind == ValueType::Boolean => {
            return Ok((Test::True, !value));
        }
        Question::IsBoolean(value) => {
            let message = format!("{} is {}, and never {value}", field.name(), called(kind));
            return Err(ParseError::new(written.name.span.clone(), message));
        }
        Question::Alone if kind == ValueType::Boolean => Test::True,
        Question::Alone => return Err(not_alone(field, &written.name.span)),
        Question::Compare(comparison, literal) => match kind {
            ValueType::Boolean => {
                let value = boolean(field, literal)?;
                if *comparison != Comparison::Equal {
                    return Err(only_true_or_false(field, &literal.span));
                }
                return Ok((Test::True, !value));
            }
            ValueType::Number => {
                Test::Number(NumberTest::Compare(*comparison, number(field, literal)?))
            }
            ValueType::String => {
                Test::Text(TextTest::Compare(*comparison, known_text(field, literal)?))
            }
            ValueType::Date | ValueType::Datetime => {
                Test::Time(time(field, literal)?.compared(*comparison))
            }
        },
        Question::In(literals) => match kind {
            ValueType::Number => Test::Number(NumberTest::OneOf(
                literals.iter().map(|literal| number(field, literal)).collect::<Result<_, _>>()?,
            )),
            ValueType::String => Test::Text(TextTest::OneOf(
                literals
                    .iter()
                    .map(|literal| known_text(field, literal))
                    .collect::<Result<_, _>>()?,
            )),
            _ => return Err(only_true_or_false(field, &written.name.span)),
        },
        Question::Between(low, high) => between(field, low, high)?,
        Question::Like { pattern, escape } => like(field, pattern, escape.as_ref())?,
        Question::Contains(literal) => Test::Text(TextTest::Contains(part(field, literal)?)),
        Question::StartsWith(literal) => Test::Text(TextTest::StartsWith(part(field, literal)?)),
        Question::EndsWith(literal) => Test::Text(TextTest::EndsWith(part(field, literal)?)),
        Question::Within { since, now, span } => match kind {
            ValueType::Date | ValueType::Datetime => {
                Test::Time(since.span(kind).to(now.span(kind)))
            }
            _ => return Err(no_time(field, span)),
        },
    };
    Ok((test, false))
}

fn between(field: &Field, low: &Literal<'_>, high: &Literal<'_>) -> Result<Test, ParseError> {
    let (test, is_ordered) = match field.kind() {
        ValueType::Number => {
            let (low, high) = (number(field, low)?, number(field, high)?);
            (Test::Number(NumberTest::Between(low, high)), low <= high)
        }
        ValueType::String => {
            let (low, high) = (known_text(field, low)?, known_text(field, high)?);
            let is_ordered = low <= high;
            (Test::Text(TextTest::Between(low, high)), is_ordered)
        }
        ValueType::Date | ValueType::Datetime => {
            let span = time(field, low)?.to(time(field, high)?);
            (Test::Time(span), span.from < span.until)
        }
        ValueType::Boolean => return Err(only_true_or_false(field, &low.span)),
    };
    if is_ordered {
        return Ok(test);
    }
    let span = low.span.start..high.span.end;
    Err(ParseError::new(span, "the range is empty: write the lower value first"))
}

fn like(
    field: &Field,
    pattern: &Literal<'_>,
    escape: Option<&Literal<'_>>,
) -> Result<Test, ParseError> {
    let text = text(field, pattern)?;
    if text.len() > MAX_PATTERN || text.contains('\0') {
        let message = "a pattern has at most 50,000 bytes and no null byte";
        return Err(ParseError::new(pattern.span.clone(), message));
    }
    let escape = match escape {
        None => None,
        Some(literal) => {
            let written = self::text(field, literal)?;
            let mut characters = written.chars();
            match (characters.next(), characters.next()) {
                (Some(c), None) if !matches!(c, '%' | '_' | '\0') => Some(c),
                _ => {
                    let message = "the escape must be one character other than % and _";
                    return Err(ParseError::new(literal.span.clone(), message));
                }
            }
        }
    };
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if Some(c) == escape && characters.next().is_none() {
            let message = "the pattern ends with its escape character";
            return Err(ParseError::new(pattern.span.clone(), message));
        }
    }
    Ok(Test::Text(TextTest::Like { pattern: text, escape }))
}

fn text(field: &Field, literal: &Literal<'_>) -> Result<String, ParseError> {
    match &literal.value {
        _ if field.kind() != ValueType::String => Err(no_text(field, &literal.span)),
        LiteralValue::Text(text) => Ok(text.to_string()),
        _ => Err(mismatch(field, literal)),
    }
}

/// A boolean, in any of the words that an import accepts.
fn boolean(field: &Field, literal: &Literal<'_>) -> Result<bool, ParseError> {
    let word = match &literal.value {
        LiteralValue::Boolean(value) => return Ok(*value),
        LiteralValue::Number(number) if number.total_cmp(&1.0).is_eq() => return Ok(true),
        LiteralValue::Number(number) if number.total_cmp(&0.0).is_eq() => return Ok(false),
        LiteralValue::Text(text) => text.as_ref(),
        LiteralValue::Word(word) => word,
        _ => return Err(mismatch(field, literal)),
    };
    match TypeSpec::from(ValueType::Boolean).value(word) {
        Some(Value::Boolean(value)) => Ok(value),
        _ => Err(mismatch(field, literal)),
    }
}

/// A text in the form in which the field's values are stored.
fn known_text(field: &Field, literal: &Literal<'_>) -> Result<String, ParseError> {
    let text = text(field, literal)?;
    let error = |message| ParseError::new(literal.span.clone(), message);
    match field {
        Field::Standard(Standard::Email) => Ok(text.to_ascii_lowercase()),
        Field::Standard(Standard::DevicePlatform) => text
            .parse::<DevicePlatform>()
            .map(|platform| platform.as_str().to_owned())
            .map_err(|_| error("a platform is 'ios' or 'android'")),
        Field::Standard(Standard::Number) => digits(&text, literal),
        _ => Ok(text),
    }
}

/// A part of a text, in the form in which the field's values are stored.
fn part(field: &Field, literal: &Literal<'_>) -> Result<String, ParseError> {
    let text = text(field, literal)?;
    match field {
        _ if text.is_empty() => {
            Err(ParseError::new(literal.span.clone(), "every text contains the empty text")
                .hint("use is not null to check for a value"))
        }
        Field::Standard(Standard::Number) => digits(&text, literal),
        Field::Standard(Standard::Email) => Ok(text.to_ascii_lowercase()),
        _ => Ok(text),
    }
}

fn digits(text: &str, literal: &Literal<'_>) -> Result<String, ParseError> {
    let is_sign = |c: char| "+-(). ".contains(c);
    if text.chars().all(|c| c.is_ascii_digit() || is_sign(c)) {
        return Ok(text.replace(is_sign, ""));
    }
    Err(ParseError::new(literal.span.clone(), "phone numbers are stored as digits only")
        .hint("use the country code without +, such as '2348012345678'"))
}

fn number(field: &Field, literal: &Literal<'_>) -> Result<f64, ParseError> {
    match literal.value {
        LiteralValue::Number(number) => Ok(number),
        _ => Err(mismatch(field, literal)),
    }
}

fn time(field: &Field, literal: &Literal<'_>) -> Result<TimeSpan, ParseError> {
    let moment = match &literal.value {
        LiteralValue::Moment(moment) => *moment,
        LiteralValue::Text(text) => Moment::parse(text).map_err(|error| {
            let span = literal.span.clone();
            match error {
                NoMoment::TooFine => ParseError::new(span, "times are compared to the second")
                    .hint("leave out the fraction"),
                NoMoment::Other => ParseError::new(span, "not a day or a time")
                    .hint("use a form such as '2024-06-01', '2024-06-01T10:30', now() - 30 days or today()"),
            }
        })?,
        _ => return Err(mismatch(field, literal)),
    };
    Ok(moment.span(field.kind()))
}

/// What a value of this type is called.
fn called(kind: ValueType) -> &'static str {
    match kind {
        ValueType::String => "a text",
        ValueType::Number => "a number",
        ValueType::Boolean => "true or false",
        ValueType::Date => "a day",
        ValueType::Datetime => "a time",
    }
}

fn mismatch(field: &Field, literal: &Literal<'_>) -> ParseError {
    let (name, kind) = (field.name(), field.kind());
    let written = match literal.value {
        LiteralValue::Text(_) => ValueType::String,
        LiteralValue::Number(_) => ValueType::Number,
        LiteralValue::Boolean(_) => ValueType::Boolean,
        LiteralValue::Moment(_) => ValueType::Datetime,
        LiteralValue::Word(_) => {
            let message = "expected a value, found an attribute name";
            return ParseError::new(literal.span.clone(), message)
                .hint("put texts in single quotes: 'Pro'");
        }
    };
    let message = format!("{name} is {}, but this is {}", called(kind), called(written));
    if let Field::Custom(name, ValueType::String) = field {
        return text_attribute(name, written, message, &literal.span);
    }
    let error = ParseError::new(literal.span.clone(), message);
    match (kind, &literal.value) {
        (ValueType::Number, LiteralValue::Text(text)) if text.parse::<f64>().is_ok() => {
            error.hint("write numbers without quotes")
        }
        (ValueType::Boolean, _) => error.hint(format!("write {name} or not {name}")),
        (ValueType::String, LiteralValue::Number(_) | LiteralValue::Boolean(_)) => {
            error.hint("put texts in single quotes: '10'")
        }
        (ValueType::Date | ValueType::Datetime, _) => error.hint(
            "use a form such as '2024-06-01', '2024-06-01T10:30', now() - 30 days or today()",
        ),
        (_, _) => match field {
            Field::Custom(..) => error.hint(format!(
                "engage retype {} converts the values that fit",
                shell_word(&format!("{}={written}", field.option_name()))
            )),
            _ => error,
        },
    }
}

/// The error for a custom attribute of texts that is compared with a value of another type.
fn text_attribute(name: &str, wanted: ValueType, message: String, span: &Span) -> ParseError {
    let (attribute, message) = (name.into(), message.into());
    let problem = Problem::TextAttribute { attribute, wanted, message, hint: None };
    ParseError { problem, span: span.clone() }
}

fn no_text(field: &Field, span: &Span) -> ParseError {
    let (name, kind) = (field.name(), field.kind());
    let message = format!("{name} is {}, but only texts can be searched", called(kind));
    let error = ParseError::new(span.clone(), message);
    match kind {
        ValueType::Date | ValueType::Datetime => {
            error.hint(format!("for a year, use {name} between '2024-01-01' and '2024-12-31'"))
        }
        _ => error,
    }
}

fn no_time(field: &Field, span: &Span) -> ParseError {
    let (name, kind) = (field.name(), field.kind());
    let message = format!("{name} is {}, but this needs a day or a time", called(kind));
    match field {
        Field::Custom(name, ValueType::String) => {
            text_attribute(name, ValueType::Date, message, span)
        }
        Field::Custom(..) => ParseError::new(span.clone(), message).hint(format!(
            "engage retype {} converts values that are dates",
            shell_word(&format!("{}=date", field.option_name()))
        )),
        _ => ParseError::new(span.clone(), message),
    }
}

fn only_true_or_false(field: &Field, span: &Span) -> ParseError {
    let name = field.name();
    ParseError::new(span.clone(), format!("{name} is true or false, and supports only = and !="))
        .hint(format!("write {name} or not {name}"))
}

fn not_alone(field: &Field, span: &Span) -> ParseError {
    let (name, kind) = (field.name(), field.kind());
    ParseError::new(span.clone(), format!("expected a comparison: {name} is {}", called(kind)))
        .hint(format!("use {name} is not null to check for a value"))
}
