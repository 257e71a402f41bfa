//! Likely typos in the domains of common email providers.

/// Common email providers whose domains end in `.com`.
const PROVIDERS: [&str; 11] = [
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "googlemail.com",
    "protonmail.com",
    "aol.com",
    "live.com",
    "msn.com",
    "ymail.com",
];

/// How many of the providers, from the first, have a name that is long and rare enough to be
/// compared by similarity.
const COMPARED: usize = 7;

/// Names one edit away from a provider's that belong to other companies.
const OTHER_NAMES: [&str; 5] = ["mail", "cloud", "gail", "grail", "wahoo"];

/// Typos of a provider's name that are more than one edit away.
const FAR_TYPOS: [(&str, &str); 6] = [
    ("gmailcom", "gmail.com"),
    ("gmila", "gmail.com"),
    ("icould", "icloud.com"),
    ("outluk", "outlook.com"),
    ("yahoomail", "yahoo.com"),
    ("yahpp", "yahoo.com"),
];

/// The provider's domain that a lower-case domain is a likely typo of. The typo may be in the name
/// (`gmial.com`), after the dot (`gmail.con`), or in both.
pub(crate) fn likely_domain(domain: &str) -> Option<&'static str> {
    let (name, ending) = domain.split_once('.')?;
    let is_com = ending == "com";
    if !is_com && !is_typo_of_com(ending) {
        return None;
    }
    let has_name =
        |provider: &str| provider.len() == name.len() + ".com".len() && provider.starts_with(name);
    if let Some(provider) = PROVIDERS.into_iter().find(|provider| has_name(provider)) {
        return (!is_com).then_some(provider);
    }
    if is_other_name(name) {
        return None;
    }
    let near = PROVIDERS.into_iter().take(COMPARED).find(|p| is_one_edit(name, name_of(p)));
    near.or_else(|| FAR_TYPOS.into_iter().find(|(typo, _)| *typo == name).map(|(_, p)| p))
}

fn name_of(provider: &'static str) -> &'static str {
    provider.strip_suffix(".com").unwrap_or(provider)
}

/// Whether a name is similar to a provider's, but not a typo. One letter before `mail` or `cloud`
/// is another provider: `zmail.com`, `ucloud.com`.
fn is_other_name(name: &str) -> bool {
    let mut rest = name.chars();
    rest.next();
    OTHER_NAMES.contains(&name) || matches!(rest.as_str(), "mail" | "cloud")
}

/// Whether the text after a provider's name is a typo of `com`, and not another top-level domain,
/// as in `live.cam`.
fn is_typo_of_com(ending: &str) -> bool {
    match ending {
        "cam" | "mom" | "bom" => false,
        "c" | "cin" | "com.com" => true,
        _ => is_one_edit(ending, "com"),
    }
}

/// Whether two texts differ by one edit: a letter added, removed or replaced, or two letters
/// swapped.
fn is_one_edit(typo: &str, meant: &str) -> bool {
    // One edit does not change both the first and the last letter. This cheap check rejects nearly
    // every domain.
    let is_near = typo.len().abs_diff(meant.len()) <= 1
        && (typo.as_bytes().first() == meant.as_bytes().first()
            || typo.as_bytes().last() == meant.as_bytes().last());
    is_near && strsim::osa_distance(typo, meant) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_of_providers_are_known() {
        for (provider, typos) in [
            (
                "gmail.com",
                "g-mail gamil ggmail gimail gmaail gmael gmai gmaiil gmaik gmailc gmailcom \
                 gmaile gmaili gmailk gmaill gmain gmaio gmaip gmal gmali gmall gmaol gmaul \
                 gmeil gmial gmil gmila gmmail gmqil gmsil gnail mgail",
            ),
            (
                "hotmail.com",
                "hhotmail hitmail homail homtail hootmail hormail hotail hotamil hotemail \
                 hotimail hotlail hotmaail hotmai hotmaiil hotmaik hotmaill hotmal hotmali \
                 hotmall hotmaul hotmeil hotmial hotmil hotmmail hotmsil hotnail hottmail \
                 hoymail hptmail htmail htomail jotmail ohtmail otmail",
            ),
            (
                "icloud.com",
                "ciloud iccloud iclaud icliud iclloud iclod iclodu icloid iclooud iclou \
                 icloudd icloude iclould iclouud iclud icluod icolud icoud icould iicloud \
                 ilcoud iloud",
            ),
            (
                "outlook.com",
                "oitlook ooutlook otlook otulook oulook oultook outllok outllook outlock \
                 outlok outlokk outloko outloo outlookk outlool outloook outlouk outluk \
                 outolok outook outtlook ouutlook putlook uotlook utlook",
            ),
            (
                "yahoo.com",
                "ahoo ayhoo tahoo uahoo yaahoo yaboo yahho yahhoo yaho yahol yahooh yahoomail \
                 yahooo yahop yahou yahpp yajoo yaoho yaoo yhaoo yhoo yyahoo",
            ),
        ] {
            for typo in typos.split(' ') {
                assert_eq!(likely_domain(&format!("{typo}.com")), Some(provider), "{typo}");
                assert_eq!(likely_domain(&format!("{typo}.con")), Some(provider), "{typo}");
            }
        }
    }

    #[test]
    fn typos_of_com_are_known() {
        let typos = "c ccom cim cin clm cm cmo co cok col com.com comm comn con coom cpm dom fom \
                     icom kom ocm om vom xom";
        for typo in typos.split(' ') {
            for provider in PROVIDERS {
                let domain = format!("{}.{typo}", name_of(provider));
                assert_eq!(likely_domain(&domain), Some(provider), "{domain}");
            }
        }
    }

    #[test]
    fn domains_of_others_are_not_typos() {
        let domains = "mail.com email.com ymail.com zmail.com xmail.com gmx.com gmx.de gmx.net \
                       web.de cloud.com ucloud.com gail.com grail.com wahoo.com aol.de all.com \
                       pol.com life.com love.com olive.com mns.com man.com live.cam msn.mom \
                       yahoo.co.uk yahoo.co.jp yahoo.com.br yahoo.ca yahoo.fr hotmail.fr \
                       hotmail.co.uk hotmail.ch outlook.de outlook.cl outlook.cz live.cn \
                       live.com.mx icloud.com.cn gmail.de proton.me protonmail.ch \
                       example.com example.co example.con gmail mail yandex.com";
        for domain in domains.split(' ').chain(PROVIDERS).chain([""]) {
            assert_eq!(likely_domain(domain), None, "{domain}");
        }
    }
}
