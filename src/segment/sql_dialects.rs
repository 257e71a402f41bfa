//! Translates or explains syntax of SQL dialects that expressions do not have.

/// Translates a time relative to now: `NOW() - INTERVAL '60 days'`, `date('now', '-60 days')` or
/// `60 days ago` is `now() - 60 days`. `None` for any other value.
pub(super) fn relative_time(raw: &str) -> Option<String> {
    let plain = raw.to_lowercase().replace("()", " ").replace(['(', ')', '\'', '"', ','], " ");
    let spaced = plain.replace('-', " - ").replace('+', " + ");
    let mut base = None;
    let mut sign = None;
    let mut count = None;
    let mut unit = None;
    for word in spaced.split_whitespace() {
        match word {
            "now" | "current_timestamp" | "getdate" | "sysdate" => base = Some("now()"),
            "today" | "current_date" | "curdate" => base = Some("today()"),
            "interval" | "date" | "datetime" | "timestamp" | "date_sub" | "dateadd" => {}
            "-" | "+" => sign = Some(word),
            "ago" => sign = Some("-"),
            word => {
                let digits = word.bytes().take_while(u8::is_ascii_digit).count();
                let (number, letters) = word.split_at(digits);
                if !number.is_empty() && count.replace(number).is_some() {
                    return None;
                }
                if !letters.is_empty() && unit.replace(unit_of(letters)?).is_some() {
                    return None;
                }
            }
        }
    }
    // A bare number means days, as in `current_date - 60`.
    let (count, unit) = (count?, unit.unwrap_or("days"));
    let base = base.or_else(|| plain.contains("ago").then_some("now()"))?;
    let base = if matches!(unit, "minutes" | "hours") { "now()" } else { base };
    Some(format!("{base} {} {count} {unit}", sign?))
}

fn unit_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "min" | "mins" | "minute" | "minutes" => "minutes",
        "h" | "hour" | "hours" => "hours",
        "d" | "day" | "days" => "days",
        "w" | "week" | "weeks" => "weeks",
        "mon" | "month" | "months" => "months",
        "y" | "year" | "years" => "years",
        _ => return None,
    })
}

/// What to use instead of a clause that expressions do not support; `None` if there is no such
/// clause.
pub(super) fn clause_hint(text: &str) -> Option<&'static str> {
    let words: Vec<String> =
        outside_quotes(text).split_whitespace().map(str::to_lowercase).collect();
    let pair = |first: &str, second: &str| {
        words.windows(2).any(|pair| pair[0] == first && pair[1] == second)
    };
    if words.first().is_some_and(|word| word == "select") {
        Some("only what follows WHERE is an expression: engage segment \"plan = 'Pro'\"")
    } else if pair("group", "by") {
        Some("engage attributes plan counts the customers of each value")
    } else if pair("order", "by") {
        Some("sort with an option: --sort last_name,-monthly_usage")
    } else if words.len() > 2 && words[words.len() - 2] == "limit" {
        Some("limit with an option: --limit 10")
    } else {
        None
    }
}

fn outside_quotes(text: &str) -> String {
    text.split('\'').step_by(2).collect::<Vec<&str>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_other_dialects_are_translated() {
        for (written, meant) in [
            ("now() - interval '60 days'", "now() - 60 days"),
            ("NOW() - INTERVAL 60 DAY", "now() - 60 days"),
            ("date('now','-60 days')", "now() - 60 days"),
            ("60 days ago", "now() - 60 days"),
            ("current_date - 60", "today() - 60 days"),
            ("now() - 60d", "now() - 60 days"),
            ("now() - '3 hours'", "now() - 3 hours"),
        ] {
            assert_eq!(relative_time(written).as_deref(), Some(meant), "{written}");
        }
        for other in ["60", "yesterday", "now()", "today() - 1 week and 2 days", "Pro", "'60 days'"]
        {
            assert_eq!(relative_time(other), None, "{other}");
        }
    }

    #[test]
    fn clauses_have_options() {
        assert!(clause_hint("plan = 'Pro' ORDER BY last_name").unwrap().contains("--sort"));
        assert!(clause_hint("select * from customers").unwrap().contains("WHERE"));
        assert!(clause_hint("plan = 'a' limit 10").unwrap().contains("--limit"));
        assert_eq!(clause_hint("plan = 'order by limit 10'"), None);
    }
}
