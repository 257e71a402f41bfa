//! What a header's words propose: standard attributes, each with its strength and rank.

use super::table::{HeaderWords, Meaning};
use crate::value::Standard;

/// How much a header's name is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// It applies unless the values contradict it.
    Strong,
    /// It applies only if the values confirm it.
    Weak,
}

/// How well a header fits a standard attribute. The column with the lowest value gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NamedRole {
    pub(crate) strength: Strength,
    /// Among names of one strength, the lowest comes first.
    pub(crate) rank: i16,
}

/// The words allowed next to those of an email or a phone number.
const REACH_QUALIFIERS: [Meaning; 10] = [
    Meaning::Person,
    Meaning::Company,
    Meaning::Primary,
    Meaning::Secondary,
    Meaning::Work,
    Meaning::Home,
    Meaning::Qualifier,
    Meaning::Filler,
    Meaning::Address,
    Meaning::Record,
];

/// The words allowed next to those of a name.
const NAME_QUALIFIERS: [Meaning; 5] =
    [Meaning::Name, Meaning::Person, Meaning::Primary, Meaning::Qualifier, Meaning::Filler];

/// Words for something that an email or a phone only qualifies, as in `Email status`.
const OTHER_THINGS: [Meaning; 4] =
    [Meaning::Blocker, Meaning::OtherPerson, Meaning::Platform, Meaning::System];

/// What a header proposes for a standard attribute other than the uid. `ignored` is a blocker that
/// all columns about a person share.
pub(crate) fn named_role(
    words: &HeaderWords,
    standard: Standard,
    ignored: Option<&str>,
) -> Option<NamedRole> {
    let is_blocked = words.words.iter().any(|word| {
        ignored != Some(word.text.as_str())
            && OTHER_THINGS.iter().any(|meaning| word.means(*meaning))
    });
    match standard {
        Standard::Uid => None,
        Standard::DevicePlatform => platform(words),
        _ if is_blocked => None,
        Standard::Email => email(words, ignored),
        Standard::Number => phone(words, ignored),
        Standard::FirstName => part_of_name(words, Meaning::First, Meaning::Last, ignored),
        Standard::LastName => part_of_name(words, Meaning::Last, Meaning::First, ignored),
        Standard::DeviceToken => token(words),
    }
}

/// The word in a header that means another person.
pub(crate) fn other_person(words: &HeaderWords) -> Option<&str> {
    let word = words.words.iter().find(|word| word.means(Meaning::OtherPerson))?;
    Some(&word.text)
}

/// Whether a header has a core word of an email, a phone or a name, blocked or not.
pub(crate) fn is_about_person(words: &HeaderWords) -> bool {
    [Meaning::Email, Meaning::Phone, Meaning::Mobile, Meaning::First, Meaning::Last]
        .into_iter()
        .any(|meaning| words.has(meaning))
}

fn email(words: &HeaderWords, ignored: Option<&str>) -> Option<NamedRole> {
    if !words.has(Meaning::Email) && !words.has(Meaning::Mail) {
        let is_login = words.only(&[Meaning::Login]) && words.has(Meaning::Login);
        return is_login.then_some(NamedRole { strength: Strength::Weak, rank: 40 });
    }
    let is_known = has_only(
        words,
        &[Meaning::Email, Meaning::Mail, Meaning::Id, Meaning::Number, Meaning::No],
        ignored,
    );
    let is_address = words.has(Meaning::Email) || words.has(Meaning::Address);
    let is_strong = is_known && is_address;
    let rank = qualifier_rank(words) + if words.has(Meaning::Email) { 0 } else { 10 };
    Some(role(is_strong, rank))
}

fn phone(words: &HeaderWords, ignored: Option<&str>) -> Option<NamedRole> {
    let core = [Meaning::Phone, Meaning::Mobile, Meaning::Messenger];
    if core.into_iter().any(|meaning| words.has(meaning)) {
        let mut known = core.to_vec();
        known.extend([Meaning::Number, Meaning::No]);
        let is_strong = has_only(words, &known, ignored);
        let mut rank = qualifier_rank(words);
        if words.has(Meaning::Mobile) {
            rank -= 20;
        } else if words.has(Meaning::Messenger) {
            rank += 6;
        }
        return Some(role(is_strong, rank));
    }
    let is_number = words.has(Meaning::Number) || words.has(Meaning::No);
    let is_contact = words.words.len() == 2
        && words.words.iter().any(|word| word.text == "contact")
        && is_number;
    if is_contact {
        return Some(NamedRole { strength: Strength::Weak, rank: 10 });
    }
    let is_alone = words.words.len() == 1 && words.has(Meaning::Number);
    let is_login = words.words.len() == 1 && words.has(Meaning::Login);
    (is_alone || is_login).then_some(NamedRole { strength: Strength::Weak, rank: 40 })
}

fn part_of_name(
    words: &HeaderWords,
    part: Meaning,
    other: Meaning,
    ignored: Option<&str>,
) -> Option<NamedRole> {
    let is_other_copy = words.number().is_some_and(|number| number > 1);
    if !words.has(part) || words.has(other) || words.has(Meaning::Company) || is_other_copy {
        return None;
    }
    let mut allowed = NAME_QUALIFIERS.to_vec();
    allowed.push(part);
    let is_known = words.words.iter().all(|word| {
        ignored == Some(word.text.as_str())
            || word.digits().is_some()
            || allowed.iter().any(|meaning| word.means(*meaning))
    });
    let rank = qualifier_rank(words) + i16::try_from(words.words.len()).unwrap_or(i16::MAX / 2);
    is_known.then_some(NamedRole { strength: Strength::Strong, rank })
}

fn token(words: &HeaderWords) -> Option<NamedRole> {
    let known = [Meaning::Token, Meaning::Push, Meaning::Device, Meaning::Person, Meaning::Id];
    if !words.has(Meaning::Token) || !words.only(&known) {
        return None;
    }
    let is_push = words.has(Meaning::Push) || words.has(Meaning::Device);
    Some(NamedRole {
        strength: Strength::Strong,
        rank: if words.has(Meaning::Device) {
            0
        } else if is_push {
            1
        } else {
            20
        },
    })
}

fn platform(words: &HeaderWords) -> Option<NamedRole> {
    let of_device = words.has(Meaning::Device) || words.has(Meaning::Push);
    let known =
        [Meaning::Device, Meaning::Push, Meaning::Mobile, Meaning::Platform, Meaning::System];
    if words.has(Meaning::Platform) && words.only(&known) {
        let strength = if of_device { Strength::Strong } else { Strength::Weak };
        return Some(NamedRole { strength, rank: if of_device { 0 } else { 10 } });
    }
    if words.has(Meaning::System) && words.only(&known) {
        return Some(NamedRole { strength: Strength::Weak, rank: if of_device { 1 } else { 11 } });
    }
    let is_kind = words.has(Meaning::Kind) && of_device;
    let is_known = words.only(&[Meaning::Device, Meaning::Push, Meaning::Kind]);
    (is_kind && is_known).then_some(NamedRole { strength: Strength::Weak, rank: 12 })
}

/// Whether a header has only these words, numbers, qualifiers and the ignored word.
fn has_only(words: &HeaderWords, core: &[Meaning], ignored: Option<&str>) -> bool {
    words.words.iter().all(|word| {
        ignored == Some(word.text.as_str())
            || word.digits().is_some()
            || core.iter().chain(&REACH_QUALIFIERS).any(|meaning| word.means(*meaning))
    })
}

/// A name that is not fully understood is weak, so the values have to confirm it.
fn role(is_strong: bool, rank: i16) -> NamedRole {
    if is_strong {
        NamedRole { strength: Strength::Strong, rank }
    } else {
        NamedRole { strength: Strength::Weak, rank: rank + 10 }
    }
}

/// The rank that the qualifiers of a header give it: primary is first, then no qualifier, then home
/// and work, then secondary.
fn qualifier_rank(words: &HeaderWords) -> i16 {
    let mut rank = 2;
    if words.has(Meaning::Primary) {
        rank -= 2;
    }
    for (meaning, behind) in [
        (Meaning::Qualifier, 1),
        (Meaning::Person, 1),
        (Meaning::Home, 2),
        (Meaning::Work, 2),
        (Meaning::Company, 5),
        (Meaning::Secondary, 8),
    ] {
        if words.has(meaning) {
            rank += behind;
        }
    }
    match words.number() {
        None | Some(0) => rank,
        Some(number) => rank + 1 + 9 * i16::try_from(number.min(99) - 1).unwrap_or(99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strength(header: &str, standard: Standard) -> Option<Strength> {
        named_role(&HeaderWords::of(header), standard, None).map(|role| role.strength)
    }

    #[test]
    fn core_words_with_qualifiers_are_strong() {
        for header in [
            "Email",
            "E-Mail",
            "Email ID",
            "Work Email",
            "Billing E-Mail*",
            "emailAddress",
            "Email 2",
            "Company email",
            "Adres e-mail",
            "Почта",
            "メールアドレス",
            "Courriel",
            "e-mailadres",
            "user_email",
            "Correo electrónico",
        ] {
            assert_eq!(strength(header, Standard::Email), Some(Strength::Strong), "{header}");
        }
        for header in [
            "Phone",
            "Mobile No",
            "mobileNumber",
            "Telefon komórkowy",
            "Handynummer",
            "SMS",
            "携帯電話",
        ] {
            assert_eq!(strength(header, Standard::Number), Some(Strength::Strong), "{header}");
        }
        for header in ["First Name *", "given_name", "Vorname", "Imię", "First", "名", "nombres"]
        {
            assert_eq!(strength(header, Standard::FirstName), Some(Strength::Strong), "{header}");
        }
        for header in ["Last Name:", "Surname", "nom de famille", "Фамилия", "姓", "lastname"]
        {
            assert_eq!(strength(header, Standard::LastName), Some(Strength::Strong), "{header}");
        }
    }

    #[test]
    fn blockers_and_other_things_are_not_standard_attributes() {
        for header in [
            "Parent Email",
            "Email Opt-in",
            "Email Status",
            "email_verified",
            "Referrer Email",
            "Email sent at",
            "City",
            "Has email",
        ] {
            assert_eq!(strength(header, Standard::Email), None, "{header}");
        }
        for header in ["Fax", "Phone Type", "Emergency contact phone", "Mobile OS", "Phone country"]
        {
            assert_eq!(strength(header, Standard::Number), None, "{header}");
        }
        for header in ["First purchase", "Company first name", "First name 2", "First seen"] {
            assert_eq!(strength(header, Standard::FirstName), None, "{header}");
        }
        for header in ["Last login", "Last order", "family_size"] {
            assert_eq!(strength(header, Standard::LastName), None, "{header}");
        }
        for header in ["reset token", "api_token", "access token"] {
            assert_eq!(strength(header, Standard::DeviceToken), None, "{header}");
        }
    }

    #[test]
    fn vague_words_have_to_be_confirmed() {
        for (header, standard) in [
            ("mail", Standard::Email),
            ("Login", Standard::Email),
            ("Email zakelijk", Standard::Email),
            ("Number", Standard::Number),
            ("Contact Number", Standard::Number),
            ("platform", Standard::DevicePlatform),
            ("os", Standard::DevicePlatform),
            ("Device type", Standard::DevicePlatform),
        ] {
            assert_eq!(strength(header, standard), Some(Strength::Weak), "{header}");
        }
    }
}
