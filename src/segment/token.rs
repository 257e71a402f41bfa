//! The lexer: splits an expression into tokens.

use super::error::{ParseError, Span};
use super::moment::Moment;
use super::tree::Comparison;
use jiff::civil::DateTime;
use std::borrow::Cow;
use unicode_normalization::char::is_combining_mark;
use winnow::combinator::{alt, delimited, dispatch, eof, opt, peek, repeat, repeat_till};
use winnow::error::ParserError;
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, TokenSlice};
use winnow::token::{any, one_of, take_till, take_while};

pub(super) type Input<'t> = LocatingSlice<&'t str>;
pub(super) type Tokens<'a, 't> = winnow::stream::Stateful<TokenSlice<'a, Token<'t>>, State>;

/// The state of the parser in addition to the tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// The time of `now()`, in UTC and to the second.
    pub(super) now: DateTime,
    /// The number of open parentheses.
    pub(super) depth: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'t> {
    /// A keyword, or an attribute's name.
    Word(&'t str),
    /// An attribute's name in double quotes or backticks.
    Quoted(Cow<'t, str>),
    Text(Cow<'t, str>),
    Number(&'t str),
    /// The name of a saved segment.
    Saved(&'t str),
    /// A comparison, and whether it is negated: `!=` is a negated `=`.
    Compare(Comparison, bool),
    Open,
    Close,
    Comma,
    Plus,
    Minus,
    /// The end of the expression.
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) span: Span,
}

impl<'t> ParserError<Input<'t>> for ParseError {
    type Inner = Self;

    fn from_input(input: &Input<'t>) -> Self {
        let start = input.current_token_start();
        let length = input.chars().next().map_or(0, char::len_utf8);
        Self::new(start..start + length, "unexpected character")
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

impl<'a, 't> ParserError<Tokens<'a, 't>> for ParseError {
    type Inner = Self;

    fn from_input(input: &Tokens<'a, 't>) -> Self {
        let span = input.first().map_or(0..0, |token| token.span.clone());
        Self::new(span, "unexpected character")
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}

/// All tokens of an expression. The last one is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, ParseError> {
    let mut input = LocatingSlice::new(text);
    space(&mut input)?;
    let (mut tokens, _): (Vec<Token<'_>>, _) =
        repeat_till(0.., (token, space).map(|(token, ())| token), eof).parse_next(&mut input)?;
    tokens.push(Token { kind: Kind::End, span: text.len()..text.len() });
    Ok(tokens)
}

fn space(input: &mut Input<'_>) -> Result<(), ParseError> {
    take_while(0.., char::is_whitespace).void().parse_next(input)
}

fn token<'t>(input: &mut Input<'t>) -> Result<Token<'t>, ParseError> {
    let (kind, span) = dispatch! { peek(any);
        '\'' => quoted('\'').map(Kind::Text),
        '"' => quoted('"').map(Kind::Quoted),
        '`' => quoted('`').map(Kind::Quoted),
        '0'..='9' => number,
        '.' => number,
        '@' => saved,
        '(' => any.value(Kind::Open),
        ')' => any.value(Kind::Close),
        ',' => any.value(Kind::Comma),
        '+' => any.value(Kind::Plus),
        '-' => minus,
        '=' | '<' | '>' | '!' => comparison,
        c if is_word(c) => take_while(1.., is_word).map(Kind::Word),
        _ => unexpected,
    }
    .with_span()
    .parse_next(input)?;
    Ok(Token { kind, span })
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c)
}

/// Text in quotes. Inside, a doubled quote is one literal quote.
fn quoted<'t>(quote: char) -> impl Parser<Input<'t>, Cow<'t, str>, ParseError> {
    move |input: &mut Input<'t>| {
        let start = input.current_token_start();
        let inside = repeat::<_, _, (), _, _>(
            0..,
            alt((take_till(1.., quote).void(), (quote, quote).void())),
        )
        .take();
        let raw: &str =
            delimited(quote, inside, quote).parse_next(input).map_err(|_: ParseError| {
                let error = ParseError::new(start..start + quote.len_utf8(), "unclosed quote");
                match quote {
                    '\'' => error.hint("double a quote within a text: 'it''s'"),
                    _ => error,
                }
            })?;
        Ok(if raw.contains(quote) {
            Cow::Owned(raw.replace(&format!("{quote}{quote}"), &quote.to_string()))
        } else {
            Cow::Borrowed(raw)
        })
    }
}

fn digits<'t>(input: &mut Input<'t>) -> Result<&'t str, ParseError> {
    take_while(1.., '0'..='9').parse_next(input)
}

/// An unquoted date or time, such as `2024-06-01` or `2024-06-01T10:30`.
fn day_or_time<'t>(input: &mut Input<'t>) -> Result<Kind<'t>, ParseError> {
    let written = take_while(1.., |c: char| c.is_ascii_alphanumeric() || "-+:".contains(c));
    written
        .verify(|text: &str| Moment::parse(text).is_ok())
        .map(|text: &str| Kind::Text(text.into()))
        .parse_next(input)
}

fn number<'t>(input: &mut Input<'t>) -> Result<Kind<'t>, ParseError> {
    if let Some(moment) = opt(day_or_time).parse_next(input)? {
        return Ok(moment);
    }
    let start = input.current_token_start();
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digits);
    let written = alt((
        (digits, opt(('.', opt(digits))), opt(exponent.void())).void(),
        ('.', digits, opt((one_of(['e', 'E']), opt(one_of(['+', '-'])), digits))).void(),
    ))
    .take();
    let number = { written }.parse_next(input).map_err(|_: ParseError| {
        ParseError::new(start..start + 1, "unexpected dot")
            .hint("put names with a dot in double quotes: \"a.b\"")
    })?;
    match input.chars().next() {
        Some(c) if is_word(c) || c == '.' => {
            let end = input.current_token_start() + c.len_utf8();
            Err(ParseError::new(start..end, "not a number").hint(
                "put texts in single quotes, and names that begin with a digit in double quotes",
            ))
        }
        _ => Ok(Kind::Number(number)),
    }
}

fn saved<'t>(input: &mut Input<'t>) -> Result<Kind<'t>, ParseError> {
    let start = input.current_token_start();
    any.void().parse_next(input)?;
    let name = take_while(1.., |c| is_word(c) || c == '-').parse_next(input);
    name.map(Kind::Saved).map_err(|_: ParseError| {
        ParseError::new(start..start + 1, "@ must be followed by the name of a saved segment")
            .hint("engage segments lists them")
    })
}

fn minus<'t>(input: &mut Input<'t>) -> Result<Kind<'t>, ParseError> {
    let start = input.current_token_start();
    any.void().parse_next(input)?;
    match input.chars().next() {
        Some('-') => Err(comment(start)),
        _ => Ok(Kind::Minus),
    }
}

fn comment(start: usize) -> ParseError {
    ParseError::new(start..start + 2, "comments are not supported")
}

fn comparison<'t>(input: &mut Input<'t>) -> Result<Kind<'t>, ParseError> {
    let start = input.current_token_start();
    let written = take_while(1..=2, ['=', '<', '>', '!']).parse_next(input)?;
    let (comparison, turned) = match written {
        "=" | "==" => (Comparison::Equal, false),
        "!=" | "<>" => (Comparison::Equal, true),
        "<" => (Comparison::Less, false),
        "<=" => (Comparison::LessOrEqual, false),
        ">" => (Comparison::Greater, false),
        ">=" => (Comparison::GreaterOrEqual, false),
        _ => {
            let error = ParseError::new(start..start + written.len(), "unknown comparison");
            return Err(error.hint(match written {
                "!" => "write not: not plan = 'Pro'",
                _ => "comparisons are = != < <= > >=",
            }));
        }
    };
    Ok(Kind::Compare(comparison, turned))
}

/// The error for a character that does not begin a token.
fn unexpected<'t>(input: &mut Input<'t>) -> Result<Kind<'t>, ParseError> {
    let start = input.current_token_start();
    let c = any.parse_next(input)?;
    let span = start..start + c.len_utf8();
    Err(match c {
        ';' => ParseError::new(span, "remove the semicolon"),
        '/' if input.starts_with('*') => comment(start),
        '‘' | '’' | '“' | '”' | '„' | '‚' | '«' | '»' | '´' => {
            ParseError::new(span, "expected a straight quote")
                .hint("put texts in straight single quotes: 'Pro'")
        }
        '&' | '|' => ParseError::new(span, "write and or or"),
        '*' | '/' | '%' => ParseError::new(span, "arithmetic with attributes is not supported"),
        _ => ParseError::new(span, "unexpected character")
            .hint("put names with such a character in double quotes, and texts in single quotes"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        tokens(text).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn quotes_are_doubled_inside_quotes() {
        let kinds = kinds(r#"'it''s' "a""b" `c``d` ''''"#);
        let text = |text: &'static str| Kind::Text(text.into());
        let name = |name: &'static str| Kind::Quoted(name.into());
        assert_eq!(kinds, [text("it's"), name("a\"b"), name("c`d"), text("'"), Kind::End]);
    }

    #[test]
    fn a_number_ends_before_a_separator() {
        assert_eq!(
            kinds("1.5e-3,.5"),
            [Kind::Number("1.5e-3"), Kind::Comma, Kind::Number(".5"), Kind::End]
        );
        for text in ["30days", "1.2.3", "0x1F", "1_000", "1e5e", "."] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_may_be_in_any_script() {
        assert_eq!(
            kinds("größe 中村 e\u{301}tat"),
            [Kind::Word("größe"), Kind::Word("中村"), Kind::Word("e\u{301}tat"), Kind::End]
        );
    }

    #[test]
    fn an_invalid_token_has_its_position() {
        let span = |text: &str| tokens(text).unwrap_err().span;
        assert_eq!(span("plan = 'Pro"), 7..8);
        assert_eq!(span("plan = 'Pro'; drop"), 12..13);
        assert_eq!(span("plan -- no"), 5..7);
        assert_eq!(span("plan /* no */"), 5..7);
        assert_eq!(span("é = ’Pro’"), 5..8);
    }
}
