//! Names of attributes that say whether a customer agreed to messages.

use super::words::split;

/// What `true` means in an attribute about messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The customer agreed to messages: `newsletter`, `opt_in`.
    Given,
    /// The customer must not be messaged: `unsubscribed`, `opt_out`.
    Refused,
}

/// Parts of words for an agreement to messages, in the form of [`split`].
#[rustfmt::skip] // One word per line would hide the list.
const GIVEN: [&str; 48] = [
    "optin", "optedin", "subscribed", "consent", "newsletter", "contactable",
    "einwillig", "einverstand", "zustimm", "abonniert", "rundbrief", "infobrief",
    "infolettre", "inscrit", "abonne", "consenso", "iscritto", "boletin", "suscrito", "inscrito",
    "toestemming", "nieuwsbrief", "ingeschreven", "zgod", "biuletyn", "samtyk", "samtyck",
    "nyhedsbrev", "nyhetsbrev", "suostum", "uutiskirje", "souhlas", "hozzajarul", "hirlevel",
    "consimtamant", "abonat", "bulten", "persetujuan", "согласи", "рассылк",
    "подписан", "同意", "購読", "メルマガ", "订阅", "訂閱", "동의", "구독",
];

/// Whole words for an agreement: parts of other words may be equal.
const GIVEN_WORDS: [&str; 4] = ["izin", "izni", "onay", "onayi"];

/// Parts of words for a refusal of messages, or a reason not to send any. They may contain one for
/// an agreement.
#[rustfmt::skip] // One word per line would hide the list.
const REFUSED: [&str; 28] = [
    "unsubscribe", "optout", "optedout", "suppressed", "blacklisted", "blocklisted", "bounced",
    "complained", "abgemeldet", "abbestellt", "widersproch", "widerspruch", "werbesperre",
    "desabonn", "desinscri", "desuscri", "disiscri", "uitgeschreven", "afgemeld", "wypisan",
    "afmeldt", "avregistrer", "dezabon", "отписа", "配信停止", "退订", "退訂", "수신거부",
];

/// Words for a permission, if a word for messages is next to them.
#[rustfmt::skip] // One word per line would hide the list.
const PERMISSIONS: [&str; 22] = [
    "accepts", "accept", "accepted", "allows", "allow", "allowed", "permission", "permitted", "agreed",
    "agrees", "wants", "receive", "receives", "can", "may", "erlaubt", "erlaubnis", "accepte",
    "autorise", "accetta", "acepta", "aceita",
];

/// Words for messages.
#[rustfmt::skip] // One word per line would hide the list.
const MESSAGES: [&str; 29] = [
    "marketing", "email", "emails", "mail", "mails", "mailing", "mailings", "sms", "whatsapp", "phone",
    "call", "contact", "message", "messages", "messaging", "offers", "promo", "promotions",
    "promotional", "advertising", "ads", "werbung", "publicite", "publicidad", "publicidade",
    "pubblicita", "reclame", "reklama", "реклама",
];

/// Words that negate the ones after them.
#[rustfmt::skip] // One word per line would hide the list.
const NEGATIONS: [&str; 21] = [
    "not", "no", "dont", "never", "without", "nicht", "kein", "keine", "ohne", "pas", "sans", "non", "sin",
    "sem", "senza", "geen", "niet", "nie", "ikke", "inte", "не",
];

/// Words in the name of an attribute that is about the messages or the answer, not the answer.
#[rustfmt::skip] // One word per line would hide the list.
const OTHERS: [&str; 42] = [
    "count", "number", "total", "anzahl", "date", "datum", "fecha", "data", "at", "on", "am", "time",
    "timestamp", "since", "ip", "url", "source", "reason", "text", "version", "id", "name", "frequency",
    "language", "score", "rate", "opened", "opens", "clicked", "clicks", "sent", "received",
    "delivered", "last", "first", "days", "method", "cookie", "cookies", "tracking", "analytics",
    "double",
];

/// What an attribute with this name says about messages; `None` if it is about something else.
pub fn consent_named(name: &str) -> Option<Consent> {
    let words = split(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.iter().any(|word| OTHERS.contains(word)) {
        return None;
    }
    let has_part = |parts: &[&str]| {
        let mut at = words.iter().map(|word| parts.iter().any(|part| word.contains(part)));
        at.position(|has| has)
    };
    let has_word = |list: &[&str]| words.iter().position(|word| list.contains(word));
    let opts = |direction: &str| {
        words.windows(2).position(|two| matches!(two[0], "opt" | "opted") && two[1] == direction)
    };
    if has_part(&REFUSED).or_else(|| opts("out")).is_some() {
        return Some(Consent::Refused);
    }
    let given = has_part(&GIVEN).or_else(|| has_word(&GIVEN_WORDS)).or_else(|| opts("in"));
    let message = has_word(&MESSAGES);
    if let (Some(negation), Some(negated)) = (has_word(&NEGATIONS), given.or(message))
        && negation < negated
    {
        return Some(Consent::Refused);
    }
    let is_permitted = has_word(&PERMISSIONS).is_some() && message.is_some();
    let is_marketing =
        words.contains(&"marketing") && words.iter().all(|word| MESSAGES.contains(word));
    (given.is_some() || is_permitted || is_marketing).then_some(Consent::Given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_agreements_are_known_in_many_languages() {
        for name in [
            "newsletter",
            "opt_in",
            "email_opt_in",
            "optin",
            "subscribed",
            "is_subscribed",
            "consent",
            "email_consent",
            "sms_marketing_consent",
            "accepts_marketing",
            "marketing",
            "email_marketing",
            "email_allowed",
            "newsletter_abonniert",
            "werbeeinwilligung",
            "einverständnis_werbung",
            "consentement",
            "abonné",
            "consentimiento",
            "consenso_marketing",
            "nieuwsbrief",
            "zgoda_marketingowa",
            "samtykke",
            "согласие",
            "メルマガ購読",
            "sms_izni",
            "동의",
        ] {
            assert_eq!(consent_named(name), Some(Consent::Given), "{name}");
        }
    }

    #[test]
    fn a_refusal_may_contain_the_word_for_an_agreement() {
        for name in [
            "unsubscribed",
            "opt_out",
            "opted_out",
            "email_opt_out",
            "do_not_contact",
            "do_not_email",
            "bounced",
            "suppressed",
            "blacklisted",
            "complained",
            "no_marketing",
            "kein_newsletter",
            "newsletter_abgemeldet",
            "désabonné",
        ] {
            assert_eq!(consent_named(name), Some(Consent::Refused), "{name}");
        }
    }

    #[test]
    fn other_names_say_nothing_about_consent() {
        for name in [
            "email",
            "plan",
            "newsletter_count",
            "subscribed_at",
            "consent_date",
            "newsletter_opened",
            "cookie_consent",
            "contact",
            "marketing_budget",
            "phone",
            "active",
            "subscription",
            "opt",
            "email_no",
            "sizing",
        ] {
            assert_eq!(consent_named(name), None, "{name}");
        }
    }
}
