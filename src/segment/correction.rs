//! Guesses what an invalid expression was meant to be.
//!
//! This works on the text, since an invalid expression may have no tree. Only proposals that are
//! valid expressions are shown, so a wrong guess does little harm.

use super::moment::Moment;
use super::other_forms::{moment_of, number_of};
use super::sql_dialects::relative_time;

/// What is done with numbers and dates, and with texts that look like numbers or dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    AsTheyAre,
    /// `zip = 12345` becomes `zip = '12345'`.
    InQuotes,
    /// `monthly_usage > '100'` becomes `monthly_usage > 100`.
    WithoutQuotes,
    /// `born < '01.02.1990'` becomes `born < '1990-02-01'`.
    Converted,
}

/// Words that precede a value.
const BEFORE_VALUES: [&str; 10] = [
    "like",
    "ilike",
    "contains",
    "starts_with",
    "startswith",
    "ends_with",
    "endswith",
    "between",
    "in",
    "escape",
];

/// Quotes that open a value, each with the one that closes it.
const QUOTES: [(char, char); 8] = [
    ('\'', '\''),
    ('"', '"'),
    ('`', '`'),
    ('‘', '’'),
    ('’', '’'),
    ('“', '”'),
    ('„', '“'),
    ('«', '»'),
];

/// The proposed corrections of an expression, the most likely first.
pub(super) fn corrections(text: &str) -> Vec<String> {
    let mut corrections = Vec::new();
    for values in [Values::AsTheyAre, Values::InQuotes, Values::WithoutQuotes, Values::Converted] {
        let Some(corrected) = Rewriter::new(text, values).rewrite() else { continue };
        if corrected != text && !corrections.contains(&corrected) {
            corrections.push(corrected);
        }
    }
    corrections
}

struct Rewriter<'t> {
    rest: &'t str,
    values: Values,
    out: String,
    /// The comparison before the value that is read next, and where in `out` it begins.
    comparison: Option<(&'static str, usize)>,
    /// Whether the values of a list are being read.
    is_list: bool,
    /// Whether the next `and` separates the values of `between`.
    is_between: bool,
    /// Whether the end of a value is unknown, so that there is no correction.
    is_hopeless: bool,
}

impl<'t> Rewriter<'t> {
    fn new(text: &'t str, values: Values) -> Self {
        let out = String::with_capacity(text.len() + 8);
        Self {
            rest: text,
            values,
            out,
            comparison: None,
            is_list: false,
            is_between: false,
            is_hopeless: false,
        }
    }

    fn rewrite(mut self) -> Option<String> {
        while let Some(c) = self.rest.chars().next() {
            if c.is_whitespace() {
                self.copy(c.len_utf8());
            } else if self.comparison.is_some() {
                self.value(c);
            } else {
                self.other(c);
            }
        }
        let is_sure = !self.is_hopeless && !self.out.contains(char::is_control);
        is_sure.then(|| self.out.trim_end().to_owned())
    }

    fn copy(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.out.push_str(taken);
        self.rest = rest;
    }

    fn replace(&mut self, length: usize, by: &str) {
        self.out.push_str(by);
        self.rest = &self.rest[length..];
    }

    /// Rewrites anything except a value.
    fn other(&mut self, c: char) {
        match c {
            '"' | '`' | '\'' => {
                let inside = &self.rest[1..];
                let length = inside.find(c).map_or(self.rest.len(), |end| end + 2);
                self.copy(length);
            }
            '=' | '<' | '>' | '!' => self.sign(),
            '&' | '|' => {
                let length = self.rest.len() - self.rest.trim_start_matches(c).len();
                self.replace(length, if c == '&' { "and" } else { "or" });
            }
            ';' => self.replace(1, ""),
            ',' if self.is_list => {
                self.copy(1);
                self.comparison = Some(("", self.out.len()));
            }
            ')' | ']' => {
                self.is_list = false;
                self.replace(1, ")");
            }
            _ => self.word(c),
        }
    }

    fn sign(&mut self) {
        let is_sign = |c: char| "=<>!".contains(c);
        let length = self.rest.len() - self.rest.trim_start_matches(is_sign).len();
        let sign = match &self.rest[..length] {
            "!=" | "<>" | "!==" => "!=",
            "<=" | "=<" => "<=",
            ">=" | "=>" => ">=",
            "<" => "<",
            ">" => ">",
            _ => "=",
        };
        self.comparison = Some((sign, self.out.len()));
        self.replace(length, sign);
    }

    fn word(&mut self, first: char) {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let length = self.rest.find(|c: char| !is_part(c)).unwrap_or(self.rest.len());
        let length = length.max(first.len_utf8());
        let word = self.rest[..length].to_ascii_lowercase();
        self.copy(length);
        if word == "and" && self.is_between {
            self.is_between = false;
            self.comparison = Some(("between", self.out.len()));
        } else if BEFORE_VALUES.contains(&word.as_str()) {
            self.is_between = word == "between";
            let word = if self.is_between { "between" } else { "" };
            self.comparison = Some((word, self.out.len()));
        }
    }

    fn value(&mut self, c: char) {
        if matches!(c, '(' | '[') {
            self.is_list = true;
            self.replace(1, "(");
            return;
        }
        let Some((sign, start)) = self.comparison.take() else { return };
        if let Some((open, close)) = QUOTES.iter().find(|(open, _)| *open == c) {
            let inside = &self.rest[open.len_utf8()..];
            if let Some(end) = closing(inside, *close) {
                let length = open.len_utf8() + end + close.len_utf8();
                let inside = inside[..end].replace("''", "'");
                let value = match self.values {
                    Values::WithoutQuotes if is_number(&inside) => inside,
                    Values::Converted => converted(&inside).unwrap_or_else(|| in_quotes(&inside)),
                    _ => in_quotes(&inside),
                };
                self.replace(length, &value);
                return;
            }
            self.is_hopeless = true;
        }
        let length = self.value_length();
        let raw = self.rest[..length].trim_end();
        let lower = raw.to_ascii_lowercase();
        if let Some(time) = relative_time(raw).filter(|_| self.values == Values::AsTheyAre) {
            self.replace(raw.len(), &time);
            return;
        }
        if lower.starts_with("now(") || lower.starts_with("today(") {
            self.copy(length);
            return;
        }
        let is_equal = sign == "=";
        if lower == "null" && (is_equal || sign == "!=") {
            self.out.truncate(start);
            self.out.push_str(if is_equal { "is null" } else { "is not null" });
            self.rest = &self.rest[raw.len()..];
            return;
        }
        let value = self.bare_value(raw, is_equal || sign == "!=" || sign.is_empty());
        self.replace(raw.len(), &value);
    }

    /// The length in bytes of the unquoted value at the front.
    fn value_length(&self) -> usize {
        let mut open = 0_usize;
        let mut is_word_start = false;
        for (index, c) in self.rest.char_indices() {
            match c {
                '(' => open += 1,
                ')' if open == 0 => return index,
                ')' => open -= 1,
                ',' | ']' if self.is_list => return index,
                ';' => return index,
                _ if is_word_start && open == 0 && begins_joint(&self.rest[index..]) => {
                    return index;
                }
                _ => {}
            }
            is_word_start = c.is_whitespace();
        }
        self.rest.len()
    }

    /// The correct form of an unquoted value. A number or date after `<` or `>` stays one, because
    /// texts compare by their characters.
    fn bare_value(&self, raw: &str, may_quote_number: bool) -> String {
        if matches!(raw.to_ascii_lowercase().as_str(), "true" | "false") {
            return raw.to_owned();
        }
        let plain = raw.replace([',', '_'], "");
        if is_number(&plain) && (is_number(raw) || is_grouped(raw, ',') || is_grouped(raw, '_')) {
            return match self.values {
                Values::InQuotes if may_quote_number => in_quotes(raw),
                _ => plain,
            };
        }
        if (self.values == Values::Converted || !may_quote_number)
            && let Some(value) = converted(raw)
        {
            return value;
        }
        if Moment::parse(raw).is_ok() && !raw.contains(' ') {
            return raw.to_owned();
        }
        in_quotes(raw)
    }
}

/// A number or date of another form, in that of expressions.
fn converted(text: &str) -> Option<String> {
    number_of(text).or_else(|| moment_of(text).map(|moment| in_quotes(&moment)))
}

/// Whether the digits before the point are grouped in threes by this mark: `1,000.5`.
fn is_grouped(number: &str, mark: char) -> bool {
    let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let whole = number.split('.').next().unwrap_or_default().trim_start_matches('-');
    let Some((first, rest)) = whole.split_once(mark) else { return false };
    (1..=3).contains(&first.len())
        && is_digits(first)
        && rest.split(mark).all(|group| group.len() == 3 && is_digits(group))
}

/// The position of the closing quote: the first that is not doubled.
fn closing(inside: &str, close: char) -> Option<usize> {
    let mut characters = inside.char_indices().peekable();
    while let Some((index, c)) = characters.next() {
        if c != close {
            continue;
        }
        match characters.peek() {
            Some((_, next)) if *next == close => {
                characters.next();
            }
            _ => return Some(index),
        }
    }
    None
}

fn begins_joint(rest: &str) -> bool {
    let word = rest.split(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    ["and", "or", "&&", "||"].iter().any(|joint| word.eq_ignore_ascii_case(joint))
}

fn is_number(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || b".-+eE".contains(&byte);
    text.bytes().all(is_part) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn in_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first proposal.
    fn first(text: &str) -> String {
        corrections(text).first().cloned().unwrap_or_default()
    }

    #[test]
    fn missing_quotes_are_added() {
        assert_eq!(first("plan = Pro and vip"), "plan = 'Pro' and vip");
        assert_eq!(first("email ends_with example.com"), "email ends_with 'example.com'");
        assert_eq!(first("city = New York or vip"), "city = 'New York' or vip");
        assert_eq!(first("city in (Lagos, New York)"), "city in ('Lagos', 'New York')");
        assert_eq!(first("city in ['Lagos', Abuja]"), "city in ('Lagos', 'Abuja')");
        assert_eq!(first("name = O'Hara"), "name = 'O''Hara'");
        assert_eq!(first("seen > 2024-06-01 10:30"), "seen > '2024-06-01 10:30'");
        assert_eq!(first("plan = “Pro”"), "plan = 'Pro'");
        assert_eq!(first("plan = \"Pro\""), "plan = 'Pro'");
    }

    #[test]
    fn numbers_lose_separators_and_get_or_lose_quotes() {
        assert_eq!(first("usage > 1,000"), "usage > 1000");
        assert_eq!(first("usage between 1,000 and 2_000.5"), "usage between 1000 and 2000.5");
        assert!(corrections("usage > '100'").contains(&"usage > 100".to_owned()));
        assert!(corrections("zip = 12345").contains(&"zip = '12345'".to_owned()));
    }

    #[test]
    fn operators_of_other_languages_are_replaced() {
        assert_eq!(first("vip && plan == 'Pro';"), "vip and plan = 'Pro'");
        assert_eq!(first("plan = null || plan <> null"), "plan is null or plan is not null");
        assert_eq!(first("usage => 3"), "usage >= 3");
    }

    #[test]
    fn a_number_that_is_compared_stays_a_number() {
        assert!(!corrections("usage > 100").iter().any(|it| it.contains('\'')));
    }

    #[test]
    fn numbers_and_dates_of_other_forms_are_converted() {
        assert_eq!(first("usage > 500,00 and vip"), "usage > 500.00 and vip");
        assert_eq!(
            first("usage between 1.000,50 and 2.000,75"),
            "usage between 1000.50 and 2000.75"
        );
        assert_eq!(first("born < 01.02.1990"), "born < '1990-02-01'");
        assert_eq!(first("name = 01.02.1990"), "name = '01.02.1990'");
        assert!(corrections("born = '01.02.1990'").contains(&"born = '1990-02-01'".to_owned()));
        assert_eq!(first("born < 01/02/1990"), "born < '01/02/1990'");
    }

    #[test]
    fn a_quote_that_is_never_closed_has_no_correction() {
        assert_eq!(corrections("plan = 'Pro or vip"), Vec::<String>::new());
    }

    #[test]
    fn a_valid_expression_stays() {
        for text in [
            "plan = 'Pro' and not vip",
            "seen < now() - 30 days",
            "city in ('a', 'b')",
            "\"a b\" = 1",
        ] {
            assert!(!corrections(text).iter().any(|it| it.len() < text.len()), "{text}");
            assert_eq!(Rewriter::new(text, Values::AsTheyAre).rewrite().as_deref(), Some(text));
        }
    }
}
