//! The grammar: parses tokens into the syntax tree.
//!
//! ```text
//! any       = all { "or" all }
//! all       = not { "and" not }
//! not       = { "not" } ( "(" any ")" | @SEGMENT | condition )
//! condition = value comparison name
//!           | name [ comparison value | "is" ["not"] ( "null" | "true" | "false" ) | ["not"] question ]
//! question  = "in" "(" value { "," value } ")" | "between" value "and" value
//!           | ( "like" | "ilike" ) value [ "escape" value ]
//!           | ( "contains" | "starts_with" | "startswith" | "ends_with" | "endswith" ) value
//!           | "within" "last" NUMBER unit
//! value     = TEXT | ["-"] NUMBER | "true" | "false"
//!           | ( "now" | "today" ) "(" ")" { ( "+" | "-" ) NUMBER unit }
//! ```
//!
//! One token decides each alternative, so the parser never backtracks, and each error is at its
//! place.

use super::error::{ParseError, Span};
use super::moment::{Moment, Unit, Unshiftable};
use super::syntax::{Literal, LiteralValue, Name, Question, Syntax, WrittenCondition};
use super::token::{Kind, State, Token, Tokens, tokens};
use crate::value::composed;
use std::borrow::Cow;
use winnow::combinator::opt;
use winnow::prelude::*;
use winnow::stream::TokenSlice;
use winnow::token::any;

/// The maximum number of nested parentheses and saved segments.
pub(super) const MAX_DEPTH: usize = 100;

/// Words that are attribute names only in quotes.
const RESERVED: [&str; 10] =
    ["and", "or", "not", "in", "like", "between", "is", "null", "true", "false"];

/// Reads an expression.
pub(super) fn syntax(text: &str, state: State) -> Result<Syntax<'_>, ParseError> {
    let tokens = tokens(text)?;
    let mut input = Tokens { input: TokenSlice::new(&tokens), state };
    let tree = any_of(&mut input)?;
    let rest = next(&input);
    match rest.kind {
        Kind::End => Ok(tree),
        Kind::Close => Err(ParseError::new(rest.span.clone(), "unmatched closing parenthesis")),
        _ => Err(ParseError::new(rest.span.clone(), "expected and, or, or the end before this")),
    }
}

/// The next token. The end token is never consumed.
fn next<'a, 't>(input: &Tokens<'a, 't>) -> &'a Token<'t> {
    const END: Token<'static> = Token { kind: Kind::End, span: 0..0 };
    input.input.peek_token().unwrap_or(&END)
}

fn is_word(token: &Token<'_>, word: &str) -> bool {
    matches!(token.kind, Kind::Word(written) if written.eq_ignore_ascii_case(word))
}

/// Parses a keyword, in any case.
fn word<'a, 't: 'a>(
    expected: &'static str,
) -> impl Parser<Tokens<'a, 't>, &'a Token<'t>, ParseError> {
    any.verify(move |token: &&'a Token<'t>| is_word(token, expected))
}

fn sign<'a, 't: 'a>(
    expected: Kind<'static>,
) -> impl Parser<Tokens<'a, 't>, &'a Token<'t>, ParseError> {
    any.verify(move |token: &&'a Token<'t>| token.kind == expected)
}

/// Parses a required token. Fails with the message if it is missing.
fn required<'a, 't: 'a>(
    mut expected: impl Parser<Tokens<'a, 't>, &'a Token<'t>, ParseError>,
    message: &'static str,
) -> impl FnMut(&mut Tokens<'a, 't>) -> Result<&'a Token<'t>, ParseError> {
    move |input| {
        let span = next(input).span.clone();
        expected.parse_next(input).map_err(|_| ParseError::new(span, message))
    }
}

fn any_of<'t>(input: &mut Tokens<'_, 't>) -> Result<Syntax<'t>, ParseError> {
    joined(input, "or", all_of, Syntax::Any)
}

fn all_of<'t>(input: &mut Tokens<'_, 't>) -> Result<Syntax<'t>, ParseError> {
    joined(input, "and", negation, Syntax::All)
}

fn joined<'a, 't>(
    input: &mut Tokens<'a, 't>,
    joint: &'static str,
    part: fn(&mut Tokens<'a, 't>) -> Result<Syntax<'t>, ParseError>,
    join: fn(Vec<Syntax<'t>>) -> Syntax<'t>,
) -> Result<Syntax<'t>, ParseError> {
    let mut parts = vec![part(input)?];
    while opt(word(joint)).parse_next(input)?.is_some() {
        parts.push(part(input)?);
    }
    Ok(if parts.len() > 1 { join(parts) } else { parts.remove(0) })
}

fn negation<'t>(input: &mut Tokens<'_, 't>) -> Result<Syntax<'t>, ParseError> {
    let mut negated = false;
    while opt(word("not")).parse_next(input)?.is_some() {
        negated = !negated;
    }
    let inner = match next(input).kind {
        Kind::Open => inside(input)?,
        Kind::Saved(name) => {
            open(input)?;
            let span = any.parse_next(input)?.span.clone();
            let depth = input.state.depth;
            input.state.depth -= 1;
            Syntax::Saved { name, depth, span }
        }
        _ => Syntax::Condition(condition(input)?),
    };
    Ok(if negated { Syntax::Not(Box::new(inner)) } else { inner })
}

fn inside<'t>(input: &mut Tokens<'_, 't>) -> Result<Syntax<'t>, ParseError> {
    open(input)?;
    let parenthesis = any.parse_next(input)?;
    let tree = any_of(input)?;
    input.state.depth -= 1;
    if next(input).kind == Kind::End {
        return Err(ParseError::new(parenthesis.span.clone(), "unclosed parenthesis"));
    }
    required(sign(Kind::Close), "expected and, or or ) before this")(input)?;
    Ok(tree)
}

/// Counts a parenthesis or saved segment that the next token opens.
fn open(input: &mut Tokens<'_, '_>) -> Result<(), ParseError> {
    if input.state.depth == MAX_DEPTH {
        let message = "more than 100 nested parentheses and saved segments";
        return Err(ParseError::new(next(input).span.clone(), message));
    }
    input.state.depth += 1;
    Ok(())
}

enum Operand<'t> {
    Name(Name<'t>),
    Value(Literal<'t>),
}

fn condition<'t>(input: &mut Tokens<'_, 't>) -> Result<WrittenCondition<'t>, ParseError> {
    match operand(input, "expected a condition")? {
        Operand::Name(name) => asked_of(name, input),
        Operand::Value(value) => {
            let sign = next(input);
            let Kind::Compare(comparison, negated) = sign.kind else {
                let error = ParseError::new(value.span, "expected a condition, found a value");
                return Err(error.hint("a condition begins with an attribute: plan = 'Pro'"));
            };
            any.void().parse_next(input)?;
            match operand(input, "expected an attribute")? {
                Operand::Name(name) => {
                    let question = Question::Compare(comparison.mirrored(), value);
                    let depth = input.state.depth;
                    Ok(WrittenCondition { name, question, negated, depth })
                }
                Operand::Value(other) => {
                    let span = value.span.start..other.span.end;
                    Err(ParseError::new(
                        span,
                        "expected an attribute on one side, found two values",
                    ))
                }
            }
        }
    }
}

fn asked_of<'t>(
    name: Name<'t>,
    input: &mut Tokens<'_, 't>,
) -> Result<WrittenCondition<'t>, ParseError> {
    let depth = input.state.depth;
    if let Kind::Compare(comparison, negated) = next(input).kind {
        any.void().parse_next(input)?;
        let question = Question::Compare(comparison, value(input)?);
        return Ok(WrittenCondition { name, question, negated, depth });
    }
    if opt(word("is")).parse_next(input)?.is_some() {
        let negated = opt(word("not")).parse_next(input)?.is_some();
        let question = is_question(negated, input)?;
        return Ok(WrittenCondition { name, question, negated, depth });
    }
    let negated = opt(word("not")).parse_next(input)?.is_some();
    if let Some(question) = question(input)? {
        return Ok(WrittenCondition { name, question, negated, depth });
    }
    let token = next(input);
    let is_end = match token.kind {
        Kind::Close | Kind::End => true,
        _ => is_word(token, "and") || is_word(token, "or"),
    };
    if is_end && !negated {
        return Ok(WrittenCondition { name, question: Question::Alone, negated: false, depth });
    }
    Err(ParseError::new(token.span.clone(), "expected a comparison").hint(
        "comparisons are = != < <= > >=, in, like, between, is null, contains, starts_with, ends_with, within last",
    ))
}

/// Parses the rest of a condition after `is` or `is not`.
fn is_question<'t>(negated: bool, input: &mut Tokens<'_, 't>) -> Result<Question<'t>, ParseError> {
    let token = next(input);
    let question = if is_word(token, "null") {
        Question::IsNull
    } else if is_word(token, "true") || is_word(token, "false") {
        if negated {
            // In SQL, `is not true` is also true for customers without a value, unlike `not`.
            let message = "is not true is ambiguous for customers without a value";
            return Err(ParseError::new(token.span.clone(), message)
                .hint("use not vip for false, or not vip or vip is null for both"));
        }
        Question::IsBoolean(is_word(token, "true"))
    } else {
        let message = "expected null, not null, true or false after is";
        return Err(ParseError::new(token.span.clone(), message));
    };
    any.void().parse_next(input)?;
    Ok(question)
}

fn question<'t>(input: &mut Tokens<'_, 't>) -> Result<Option<Question<'t>>, ParseError> {
    let Kind::Word(written) = next(input).kind else { return Ok(None) };
    let start = input.checkpoint();
    any.void().parse_next(input)?;
    Ok(Some(match written.to_ascii_lowercase().as_str() {
        "in" => one_of(input)?,
        "between" => between(input)?,
        "like" | "ilike" => like(input)?,
        "contains" => Question::Contains(value(input)?),
        "starts_with" | "startswith" => Question::StartsWith(value(input)?),
        "ends_with" | "endswith" => Question::EndsWith(value(input)?),
        "within" => within(input)?,
        _ => {
            input.reset(&start);
            return Ok(None);
        }
    }))
}

fn one_of<'t>(input: &mut Tokens<'_, 't>) -> Result<Question<'t>, ParseError> {
    required(sign(Kind::Open), "expected values in parentheses after in: ('a', 'b')")(input)?;
    let mut values = vec![value(input)?];
    while opt(sign(Kind::Comma)).parse_next(input)?.is_some() {
        values.push(value(input)?);
    }
    required(sign(Kind::Close), "expected a comma or ) before this")(input)?;
    Ok(Question::In(values))
}

fn between<'t>(input: &mut Tokens<'_, 't>) -> Result<Question<'t>, ParseError> {
    let low = value(input)?;
    required(word("and"), "expected two values joined by and after between")(input)?;
    Ok(Question::Between(low, value(input)?))
}

fn like<'t>(input: &mut Tokens<'_, 't>) -> Result<Question<'t>, ParseError> {
    let pattern = value(input)?;
    let escape = match opt(word("escape")).parse_next(input)? {
        Some(_) => Some(value(input)?),
        None => None,
    };
    Ok(Question::Like { pattern, escape })
}

fn within<'t>(input: &mut Tokens<'_, 't>) -> Result<Question<'t>, ParseError> {
    let last =
        required(word("last"), "expected last after within, as in within last 7 days")(input)?;
    let (count, unit, span) = amount(input)?;
    let span = last.span.start..span.end;
    let now = Moment::Second(input.state.now);
    Ok(Question::Within { since: shifted(now, -count, unit, &span)?, now, span })
}

/// A number of units, as in `30 days`.
fn amount(input: &mut Tokens<'_, '_>) -> Result<(i64, Unit, Span), ParseError> {
    let (number, unit) = (next(input), "minutes, hours, days, weeks, months or years");
    let Kind::Number(digits) = number.kind else {
        return Err(ParseError::new(number.span.clone(), format!("expected a number of {unit}")));
    };
    any.void().parse_next(input)?;
    let count = digits.parse().map_err(|_| {
        ParseError::new(number.span.clone(), format!("expected a whole number of {unit}"))
    })?;
    let token = next(input);
    let known = match token.kind {
        Kind::Word(word) => Unit::from_word(word),
        _ => None,
    };
    let Some(unit) = known else {
        return Err(ParseError::new(token.span.clone(), format!("expected {unit}")));
    };
    any.void().parse_next(input)?;
    Ok((count, unit, number.span.start..token.span.end))
}

fn shifted(moment: Moment, count: i64, unit: Unit, span: &Span) -> Result<Moment, ParseError> {
    moment.shifted(count, unit).map_err(|error| match error {
        Unshiftable::DayByHours => {
            ParseError::new(span.clone(), "a day cannot be shifted by hours")
                .hint("use now() for hours and minutes")
        }
        Unshiftable::OffTheCalendar => ParseError::new(span.clone(), "the time is out of range"),
    })
}

/// Parses a value. A bare word is a boolean, or a text that lacks its quotes.
fn value<'t>(input: &mut Tokens<'_, 't>) -> Result<Literal<'t>, ParseError> {
    match operand(input, "expected a value")? {
        Operand::Value(value) => Ok(value),
        Operand::Name(Name { text: Cow::Borrowed(word), is_quoted: false, span }) => {
            Ok(Literal { value: LiteralValue::Word(word), span })
        }
        Operand::Name(name) => {
            let message = "expected a value, found a name in double quotes";
            Err(ParseError::new(name.span, message).hint("put texts in single quotes: 'Pro'"))
        }
    }
}

/// Parses a name or a value; an error if there is neither.
fn operand<'t>(
    input: &mut Tokens<'_, 't>,
    missing: &'static str,
) -> Result<Operand<'t>, ParseError> {
    let token = next(input);
    let span = token.span.clone();
    let name = |text, is_quoted| Operand::Name(Name { text, is_quoted, span: span.clone() });
    let literal = |value| Operand::Value(Literal { value, span: span.clone() });
    let operand = match &token.kind {
        Kind::Quoted(text) => name(text.clone(), true),
        Kind::Text(text) => literal(LiteralValue::Text(match composed(text) {
            Cow::Borrowed(_) => text.clone(),
            Cow::Owned(composed) => Cow::Owned(composed),
        })),
        Kind::Number(digits) => literal(LiteralValue::Number(number(digits, &span)?)),
        Kind::Minus => return negative(input),
        Kind::Word(written) => match written.to_ascii_lowercase().as_str() {
            "true" => literal(LiteralValue::Boolean(true)),
            "false" => literal(LiteralValue::Boolean(false)),
            "null" => {
                return Err(ParseError::new(span, "a comparison with null is never true")
                    .hint("use is null or is not null"));
            }
            "now" | "today" if is_call(input) => return moment(input),
            reserved if RESERVED.contains(&reserved) => {
                return Err(ParseError::new(span, missing)
                    .hint("put an attribute of that name in double quotes"));
            }
            _ => name(Cow::Borrowed(*written), false),
        },
        _ => return Err(ParseError::new(span, missing)),
    };
    any.void().parse_next(input)?;
    Ok(operand)
}

fn is_call(input: &Tokens<'_, '_>) -> bool {
    input.input.get(1).is_some_and(|token| token.kind == Kind::Open)
}

fn number(digits: &str, span: &Span) -> Result<f64, ParseError> {
    match digits.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(ParseError::new(span.clone(), "the number is out of range")),
    }
}

fn negative<'t>(input: &mut Tokens<'_, 't>) -> Result<Operand<'t>, ParseError> {
    let minus = any.parse_next(input)?;
    let token = next(input);
    let Kind::Number(digits) = token.kind else {
        return Err(ParseError::new(token.span.clone(), "expected a number after the minus"));
    };
    any.void().parse_next(input)?;
    let span = minus.span.start..token.span.end;
    let value = LiteralValue::Number(-number(digits, &span)?);
    Ok(Operand::Value(Literal { value, span }))
}

fn moment<'t>(input: &mut Tokens<'_, 't>) -> Result<Operand<'t>, ParseError> {
    let word = any.parse_next(input)?;
    let now = input.state.now;
    let mut moment = match word.kind {
        Kind::Word(word) if word.eq_ignore_ascii_case("today") => Moment::Day(now.date()),
        _ => Moment::Second(now),
    };
    any.void().parse_next(input)?;
    let close = required(sign(Kind::Close), "now() and today() take no arguments")(input)?;
    let mut end = close.span.end;
    loop {
        let direction = match next(input).kind {
            Kind::Plus => 1,
            Kind::Minus => -1,
            _ => break,
        };
        any.void().parse_next(input)?;
        let (count, unit, span) = amount(input)?;
        moment = shifted(moment, direction * count, unit, &span)?;
        end = span.end;
    }
    let span = word.span.start..end;
    Ok(Operand::Value(Literal { value: LiteralValue::Moment(moment), span }))
}
