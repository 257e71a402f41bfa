//! Common slips of the fingers in the domains that most customers' addresses have.

/// The domain that was likely meant by a domain in lower case, where it is a known slip: a slip in
/// the provider's name (`gmial.com`), behind the dot (`gmail.con`), or both.
pub(crate) fn likely_domain(domain: &str) -> Option<&'static str> {
    let (name, ending) = domain.split_once('.')?;
    let slipped_ending = || ENDINGS.binary_search(&ending).is_ok();
    if ending != "com" && !slipped_ending() {
        return None;
    }
    if let Some(provider) = PROVIDERS.iter().find(|p| p.strip_suffix(".com") == Some(name)) {
        return (ending != "com").then_some(*provider);
    }
    let index = NAMES.binary_search_by(|(slip, _)| (*slip).cmp(name)).ok()?;
    NAMES.get(index).map(|(_, provider)| *provider)
}

/// Providers that have a `.com` and nothing that looks like it.
const PROVIDERS: [&str; 11] = [
    "aol.com",
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "msn.com",
    "outlook.com",
    "protonmail.com",
    "yahoo.com",
    "ymail.com",
];

/// Slips of `com`, in order.
const ENDINGS: [&str; 24] = [
    "c", "ccom", "cim", "cin", "clm", "cm", "cmo", "co", "cok", "col", "com.com", "comm", "comn",
    "con", "coom", "cpm", "dom", "fom", "icom", "kom", "ocm", "om", "vom", "xom",
];

/// Slips of a provider's name before `.com`, in order: a letter left out, doubled, swapped with the
/// next or taken from the key beside it, where no other well-known provider is called so.
const NAMES: [(&str, &str); 135] = [
    ("ahoo", "yahoo.com"),
    ("ayhoo", "yahoo.com"),
    ("ciloud", "icloud.com"),
    ("g-mail", "gmail.com"),
    ("gamil", "gmail.com"),
    ("ggmail", "gmail.com"),
    ("gimail", "gmail.com"),
    ("gmaail", "gmail.com"),
    ("gmael", "gmail.com"),
    ("gmai", "gmail.com"),
    ("gmaiil", "gmail.com"),
    ("gmaik", "gmail.com"),
    ("gmailc", "gmail.com"),
    ("gmailcom", "gmail.com"),
    ("gmaile", "gmail.com"),
    ("gmaili", "gmail.com"),
    ("gmailk", "gmail.com"),
    ("gmaill", "gmail.com"),
    ("gmain", "gmail.com"),
    ("gmaio", "gmail.com"),
    ("gmaip", "gmail.com"),
    ("gmal", "gmail.com"),
    ("gmali", "gmail.com"),
    ("gmall", "gmail.com"),
    ("gmaol", "gmail.com"),
    ("gmaul", "gmail.com"),
    ("gmeil", "gmail.com"),
    ("gmial", "gmail.com"),
    ("gmil", "gmail.com"),
    ("gmila", "gmail.com"),
    ("gmmail", "gmail.com"),
    ("gmqil", "gmail.com"),
    ("gmsil", "gmail.com"),
    ("gnail", "gmail.com"),
    ("hhotmail", "hotmail.com"),
    ("hitmail", "hotmail.com"),
    ("homail", "hotmail.com"),
    ("homtail", "hotmail.com"),
    ("hootmail", "hotmail.com"),
    ("hormail", "hotmail.com"),
    ("hotail", "hotmail.com"),
    ("hotamil", "hotmail.com"),
    ("hotemail", "hotmail.com"),
    ("hotimail", "hotmail.com"),
    ("hotlail", "hotmail.com"),
    ("hotmaail", "hotmail.com"),
    ("hotmai", "hotmail.com"),
    ("hotmaiil", "hotmail.com"),
    ("hotmaik", "hotmail.com"),
    ("hotmaill", "hotmail.com"),
    ("hotmal", "hotmail.com"),
    ("hotmali", "hotmail.com"),
    ("hotmall", "hotmail.com"),
    ("hotmaul", "hotmail.com"),
    ("hotmeil", "hotmail.com"),
    ("hotmial", "hotmail.com"),
    ("hotmil", "hotmail.com"),
    ("hotmmail", "hotmail.com"),
    ("hotmsil", "hotmail.com"),
    ("hotnail", "hotmail.com"),
    ("hottmail", "hotmail.com"),
    ("hoymail", "hotmail.com"),
    ("hptmail", "hotmail.com"),
    ("htmail", "hotmail.com"),
    ("htomail", "hotmail.com"),
    ("iccloud", "icloud.com"),
    ("iclaud", "icloud.com"),
    ("icliud", "icloud.com"),
    ("iclloud", "icloud.com"),
    ("iclod", "icloud.com"),
    ("iclodu", "icloud.com"),
    ("icloid", "icloud.com"),
    ("iclooud", "icloud.com"),
    ("iclou", "icloud.com"),
    ("icloudd", "icloud.com"),
    ("icloude", "icloud.com"),
    ("iclould", "icloud.com"),
    ("iclouud", "icloud.com"),
    ("iclud", "icloud.com"),
    ("icluod", "icloud.com"),
    ("icolud", "icloud.com"),
    ("icoud", "icloud.com"),
    ("icould", "icloud.com"),
    ("iicloud", "icloud.com"),
    ("ilcoud", "icloud.com"),
    ("iloud", "icloud.com"),
    ("jotmail", "hotmail.com"),
    ("mgail", "gmail.com"),
    ("ohtmail", "hotmail.com"),
    ("oitlook", "outlook.com"),
    ("ooutlook", "outlook.com"),
    ("otlook", "outlook.com"),
    ("otmail", "hotmail.com"),
    ("otulook", "outlook.com"),
    ("oulook", "outlook.com"),
    ("oultook", "outlook.com"),
    ("outllok", "outlook.com"),
    ("outllook", "outlook.com"),
    ("outlock", "outlook.com"),
    ("outlok", "outlook.com"),
    ("outlokk", "outlook.com"),
    ("outloko", "outlook.com"),
    ("outloo", "outlook.com"),
    ("outlookk", "outlook.com"),
    ("outlool", "outlook.com"),
    ("outloook", "outlook.com"),
    ("outlouk", "outlook.com"),
    ("outluk", "outlook.com"),
    ("outolok", "outlook.com"),
    ("outook", "outlook.com"),
    ("outtlook", "outlook.com"),
    ("ouutlook", "outlook.com"),
    ("putlook", "outlook.com"),
    ("tahoo", "yahoo.com"),
    ("uahoo", "yahoo.com"),
    ("uotlook", "outlook.com"),
    ("utlook", "outlook.com"),
    ("yaahoo", "yahoo.com"),
    ("yaboo", "yahoo.com"),
    ("yahho", "yahoo.com"),
    ("yahhoo", "yahoo.com"),
    ("yaho", "yahoo.com"),
    ("yahol", "yahoo.com"),
    ("yahooh", "yahoo.com"),
    ("yahoomail", "yahoo.com"),
    ("yahooo", "yahoo.com"),
    ("yahop", "yahoo.com"),
    ("yahou", "yahoo.com"),
    ("yahpp", "yahoo.com"),
    ("yajoo", "yahoo.com"),
    ("yaoho", "yahoo.com"),
    ("yaoo", "yahoo.com"),
    ("yhaoo", "yahoo.com"),
    ("yhoo", "yahoo.com"),
    ("yyahoo", "yahoo.com"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order_and_no_slip_is_a_provider() {
        assert!(ENDINGS.is_sorted());
        assert!(NAMES.is_sorted_by_key(|(slip, _)| slip));
        for (slip, provider) in NAMES {
            assert!(!PROVIDERS.contains(&format!("{slip}.com").as_str()), "{slip}");
            assert!(PROVIDERS.contains(&provider), "{provider}");
        }
    }

    #[test]
    fn a_common_slip_is_known_and_a_good_domain_is_none() {
        for (domain, likely) in [
            ("gmial.com", Some("gmail.com")),
            ("gmail.con", Some("gmail.com")),
            ("gmail.co", Some("gmail.com")),
            ("gmai.con", Some("gmail.com")),
            ("yaho.com", Some("yahoo.com")),
            ("hotmial.com", Some("hotmail.com")),
            ("outlok.com", Some("outlook.com")),
            ("icloud.cmo", Some("icloud.com")),
            ("gmail.com", None),
            ("mail.com", None),
            ("ymail.com", None),
            ("email.com", None),
            ("yahoo.co.uk", None),
            ("yahoo.com.br", None),
            ("hotmail.fr", None),
            ("example.com", None),
            ("example.co", None),
            ("gmail", None),
            ("", None),
        ] {
            assert_eq!(likely_domain(domain), likely, "{domain}");
        }
    }
}
