use super::*;
use crate::segment::{Comparison, Condition, Edge, Test, TextTest};

const OPEN: &str = "more than 100 nested parentheses and saved segments";

fn attributes() -> BTreeMap<String, ValueType> {
    [
        ("plan", ValueType::String),
        ("city", ValueType::String),
        ("monthly_usage", ValueType::Number),
        ("vip", ValueType::Boolean),
        ("signup_date", ValueType::Date),
        ("last_login", ValueType::Datetime),
        ("archived", ValueType::String),
        ("it's \"odd\".", ValueType::Number),
    ]
    .map(|(name, kind)| (name.to_owned(), kind))
    .into()
}

fn segments() -> BTreeMap<String, String> {
    [
        ("pro", "plan = 'Pro'"),
        ("gone", "archived"),
        ("both", "@pro and not @gone"),
        ("a", "@b or vip"),
        ("b", "vip and @a"),
        ("broken", "vip and emial = 'x'"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

fn read_as(text: &str, saved_as: Option<&str>) -> Result<Segment, SegmentError> {
    let (attributes, segments) = (attributes(), segments());
    let now = "2026-11-25T02:00:00.5Z".parse().unwrap();
    read(text, saved_as, &Terms { attributes: &attributes, segments: &segments, now })
}

fn tree(text: &str) -> Tree {
    read_as(text, None).unwrap_or_else(|error| panic!("{text}: {error:?}")).tree
}

/// The place of the error in the text, the error, and its correction or hint.
fn reason(text: &str) -> String {
    let error = read_as(text, None).unwrap_err();
    let hint = match (&error.corrected, &error.problem) {
        (Some(corrected), _) => format!(" -> {corrected}"),
        (None, Problem::Wrong { hint: Some(hint), .. }) => format!(" ({hint})"),
        _ => String::new(),
    };
    format!("{:?}: {error}{hint}", &error.text[error.span.clone()])
}

#[test]
fn keywords_ignore_case_and_names_do_not() {
    assert_eq!(tree("plan='Pro' AND vip"), tree("plan = 'Pro'\n and\tvip"));
    assert!(matches!(
        read_as("Plan = 'Pro'", None).unwrap_err().problem,
        Problem::UnknownAttribute { ref name, ref known } if name == "Plan" && known.len() > 10
    ));
}

#[test]
fn common_other_spellings_are_understood() {
    let same = [
        ("signup_date >= 2024-06-01", "signup_date >= '2024-06-01'"),
        ("last_login < 2024-06-01T10:30", "last_login < '2024-06-01T10:30'"),
        ("vip is true", "vip"),
        ("vip is false", "not vip"),
        ("vip = yes", "vip"),
        ("vip = 'no'", "not vip"),
        ("vip != 1", "not vip"),
        ("plan == 'Pro'", "plan = 'Pro'"),
        ("plan ilike 'pro%'", "plan like 'pro%'"),
        ("plan startswith 'P'", "plan starts_with 'P'"),
        ("plan endswith 'o'", "plan ends_with 'o'"),
        ("email = 'Ada@Example.org'", "email = 'ada@example.org'"),
        ("email in ('A@x.org')", "email in ('a@x.org')"),
        ("device_platform = 'iOS'", "device_platform = 'ios'"),
        ("number = '+234 801-234 5678'", "number = '2348012345678'"),
        ("pro and not vip", "@pro and not vip"),
    ];
    for (written, meant) in same {
        assert_eq!(tree(written), tree(meant), "{written}");
    }
    // A name in quotes always means an attribute.
    assert!(read_as("\"pro\"", None).is_err());
}

#[test]
fn and_binds_closer_than_or() {
    assert_eq!(tree("vip or vip and plan = 'a'"), tree("vip or (vip and (plan = 'a'))"));
    assert_ne!(tree("vip or vip and plan = 'a'"), tree("(vip or vip) and plan = 'a'"));
}

#[test]
fn not_is_pushed_to_the_conditions() {
    assert_eq!(
        tree("not (plan = 'a' or vip and not monthly_usage > 1)"),
        tree("plan != 'a' and (vip = false or monthly_usage > 1)")
    );
    assert_eq!(tree("not not vip"), tree("vip = true"));
    assert_eq!(tree("not plan is null"), tree("plan is not null"));
    assert_eq!(
        tree("not signup_date in ('2024-06-01', '2024-06-02')"),
        tree("signup_date != '2024-06-01' and signup_date != '2024-06-02'")
    );
    assert_eq!(tree("not @both"), tree("plan != 'Pro' or archived"));
}

#[test]
fn a_value_may_come_first() {
    assert_eq!(tree("100 <= monthly_usage"), tree("monthly_usage >= 100"));
    assert_eq!(tree("'Pro' <> plan"), tree("plan != 'Pro'"));
}

#[test]
fn quoted_names_are_custom_attributes() {
    assert_eq!(tree("archived").count(), 1);
    assert!(read_as("archived", None).unwrap().names_archived());
    assert!(!read_as("\"archived\" = 'x'", None).unwrap().names_archived());
    assert!(read_as("@both", None).unwrap().names_archived());
    assert_eq!(tree("\"it's \"\"odd\"\".\" > -1.5"), tree("`it's \"odd\".` > -15e-1"));
}

#[test]
fn texts_are_composed_and_platforms_in_lower_case() {
    assert_eq!(tree("city = 'Sa\u{303}o Paulo'"), tree("city = 'São Paulo'"));
    let Tree::Is(Condition { test: Test::Text(test), .. }) = tree("device_platform = 'iOS'") else {
        panic!("one condition");
    };
    assert_eq!(test, TextTest::Compare(Comparison::Equal, "ios".to_owned()));
}

#[test]
fn a_time_means_a_span() {
    let span = |text: &str| match tree(text) {
        Tree::Is(Condition { test: Test::Time(span), .. }) => (span.from, span.until),
        other => panic!("{other:?}"),
    };
    let at = |text: &str| Edge::At(text.parse().unwrap());
    let day = (at("2024-06-01T00:00:00"), at("2024-06-02T00:00:00"));
    assert_eq!(span("last_login = '2024-06-01'"), day);
    assert_eq!(span("signup_date = '2024-06-01T23:00'"), day);
    assert_eq!(span("last_login <= '2024-06-01'"), (Edge::Beginning, day.1));
    assert_eq!(span("last_login > '2024-06-01'"), (day.1, Edge::End));
    assert_eq!(span("last_login < now() - 30 days"), (Edge::Beginning, at("2026-10-26T02:00:00")));
    assert_eq!(
        span("last_login within last 36 hours"),
        (at("2026-11-23T14:00:00"), at("2026-11-25T02:00:01"))
    );
    assert_eq!(
        span("signup_date within last 7 days"),
        (at("2026-11-18T00:00:00"), at("2026-11-26T00:00:00"))
    );
    assert_eq!(
        span("first_imported_at >= today() - 1 month + 1 day"),
        (at("2026-10-26T00:00:00"), Edge::End)
    );
}

#[test]
fn errors_are_at_their_place() {
    let wrong = [
        "",
        "plan",
        "plan = ",
        "plan = Pro",
        "plan = \"Pro\"",
        "plan = 10",
        "plan = null",
        "email ends_with example.com",
        "city = New York and vip",
        "monthly_usage > 1,000",
        "vip is not true",
        "plan is true",
        "vip && plan = 'Pro';",
        "plan is 'Pro'",
        "plan 'Pro'",
        "plan = 'Pro' vip",
        "plan = 'Pro') or vip",
        "(plan = 'Pro'",
        "(plan = 'Pro' vip)",
        "plan in 'Pro'",
        "plan in ()",
        "plan in ('a' 'b')",
        "plan between 'b' and 'a'",
        "plan like 'a\\' escape '\\'",
        "plan like 'a' escape '%'",
        "plan contains ''",
        "plan > now()",
        "plan within last 3 days",
        "'Pro'",
        "'Pro' = 'Pro'",
        "plan not",
        "and vip",
        "monthly_usage > '100'",
        "monthly_usage > 'many'",
        "monthly_usage > 1e999",
        "monthly_usage > -plan",
        "monthly_usage like '1%'",
        "vip = 'maybe'",
        "vip = perhaps",
        "vip > true",
        "vip in (true)",
        "signup_date = 'yesterday'",
        "signup_date = 20240601",
        "signup_date like '2024%'",
        "signup_date < today() - 3 hours",
        "last_login < now() - 3",
        "last_login < now() - 3 moons",
        "last_login < now() - 1.5 days",
        "last_login < now() - 9999999999 years",
        "last_login = '2024-06-01T10:00:00.5'",
        "last_login within 3 days",
        "number = 'ask her'",
        "device_platform = 'web'",
        "@",
        "@missing",
        "@a",
        "plan = @pro",
    ];
    let seen: Vec<String> =
        wrong.iter().map(|text| format!("{text}\n    {}", reason(text))).collect();
    insta::assert_snapshot!(seen.join("\n"));
}

#[test]
fn an_error_in_a_saved_segment_is_shown_there() {
    let error = read_as("vip or @broken", None).unwrap_err();
    assert_eq!(error.saved.as_deref(), Some("broken"));
    assert_eq!(&error.text[error.span], "emial");
}

#[test]
fn a_segment_cannot_contain_itself() {
    let cycle = |text: &str, saved_as| match read_as(text, saved_as).unwrap_err().problem {
        Problem::Cycle { path } => path.join(" "),
        other => panic!("{other:?}"),
    };
    assert_eq!(cycle("@a", None), "a b a");
    assert_eq!(cycle("not @both", Some("pro")), "pro both pro");
    assert_eq!(cycle("@new", Some("new")), "new new");
    assert!(read_as("@pro or @pro", Some("new")).is_ok());
}

#[test]
fn limits_are_errors_and_not_crashes() {
    let message = |text: String| read_as(&text, None).unwrap_err().to_string();
    let nested = |count: usize| format!("{}vip{}", "(".repeat(count), ")".repeat(count));
    assert_eq!(tree(&nested(100)), tree("vip"));
    assert_eq!(message(nested(101)), OPEN);
    assert_eq!(message(nested(10_000)), OPEN);
    assert_eq!(message("(".repeat(10_000)), OPEN);
    assert_eq!(tree(&format!("{}vip", "not ".repeat(10_000))), tree("vip"));
    assert_eq!(tree(&vec!["vip"; MAX_CONDITIONS].join(" or ")).count(), MAX_CONDITIONS);
    let many = vec!["vip"; MAX_CONDITIONS + 1].join(" or ");
    assert_eq!(message(many), "an expression has at most 5,000 conditions");
    let days = vec!["'2024-06-01'"; MAX_CONDITIONS + 1].join(",");
    assert_eq!(
        message(format!("signup_date in ({days})")),
        "an expression has at most 5,000 conditions"
    );
    assert_eq!(message("x".repeat(MAX_LENGTH + 1)), "an expression is at most 1 MiB long");
    let names: Vec<String> = (0..80_000).map(|index| format!("'{index}'")).collect();
    assert_eq!(tree(&format!("plan in ({})", names.join(", "))).count(), 1);
}

#[test]
fn saved_segments_count_as_if_they_were_written_out() {
    let attributes = attributes();
    let mut segments: BTreeMap<String, String> = BTreeMap::new();
    segments.insert("s0".to_owned(), "vip or vip".to_owned());
    for index in 1..40 {
        let inner = index - 1;
        segments.insert(format!("s{index}"), format!("@s{inner} and not (@s{inner})"));
    }
    let now = Timestamp::UNIX_EPOCH;
    let terms = Terms { attributes: &attributes, segments: &segments, now };
    assert_eq!(read("@s11", None, &terms).unwrap().tree.count(), 4096);
    let error = read("@s20", None, &terms).unwrap_err();
    assert_eq!(error.to_string(), "an expression has at most 5,000 conditions");
    let chain: BTreeMap<String, String> = (0..2_000)
        .map(|index| (format!("s{index}"), format!("(not @s{} or vip)", index + 1)))
        .collect();
    let terms = Terms { attributes: &attributes, segments: &chain, now };
    assert_eq!(read("@s0", None, &terms).unwrap_err().to_string(), OPEN);
    // Each has the maximum depth.
    let deep: BTreeMap<String, String> = (0..2_000)
        .map(|index| {
            let (open, close) = ("not (vip or ".repeat(100), ")".repeat(100));
            (format!("s{index}"), format!("{open}@s{}{close}", index + 1))
        })
        .collect();
    let terms = Terms { segments: &deep, ..terms };
    assert_eq!(read("@s0", None, &terms).unwrap_err().to_string(), OPEN);
}
