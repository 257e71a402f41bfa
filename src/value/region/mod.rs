//! Regions: the countries and territories with a numbering plan of their own.

mod names;

use crate::value::trimmed;
use names::NAMES;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A country or territory with a numbering plan of its own, by its ISO 3166 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region([u8; 2]);

impl Region {
    /// The code, in upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// All regions, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().filter_map(|(code, _)| Self::with_code(code))
    }

    /// The name in English.
    pub fn name(self) -> &'static str {
        self.entry().and_then(|(_, names)| names.first()).copied().unwrap_or_default()
    }

    fn entry(self) -> Option<&'static (&'static str, &'static [&'static str])> {
        let index = NAMES.binary_search_by(|(code, _)| (*code).cmp(self.as_str())).ok()?;
        NAMES.get(index)
    }

    /// The region with this code, in upper case.
    fn with_code(code: &str) -> Option<Self> {
        NAMES.binary_search_by(|(known, _)| (*known).cmp(code)).ok()?;
        Some(Self(code.as_bytes().try_into().ok()?))
    }

    fn with_name(name: &str) -> Option<Self> {
        let with_three_letters = |code: &str| {
            let country = rust_iso3166::from_alpha3(&code.to_ascii_uppercase())?;
            Self::with_code(country.alpha2)
        };
        // Before folding, which would remove Andorra's `AND` as a small word.
        with_three_letters(name).or_else(|| {
            let name = folded(name);
            BY_NAME.get(&name).copied().or_else(|| with_three_letters(&name))
        })
    }
}

/// Every name of a region, as [`folded`] returns it.
static BY_NAME: LazyLock<HashMap<String, Region>> = LazyLock::new(|| {
    let iso = rust_iso3166::ALL.iter().filter_map(|country| {
        let region = Region::with_code(country.alpha2)?;
        // ISO 3166 uses `Congo` for one of two countries, so the name is ambiguous.
        (country.name != "Congo").then(|| (folded(country.name), region))
    });
    let others = NAMES.iter().flat_map(|(code, names)| {
        let region = Region::with_code(code);
        names.iter().filter_map(move |name| Some((folded(name), region?)))
    });
    iso.chain(others).collect()
});

/// A name without case, accents, punctuation and small words: `Bahamas (the)`, `THE BAHAMAS`.
fn folded(name: &str) -> String {
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let plain = plain.to_lowercase();
    let words = plain.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !matches!(*word, "the" | "and" | "of"))
        .map(|word| if matches!(word, "st" | "ste") { "saint" } else { word })
        .collect()
}

impl std::str::FromStr for Region {
    type Err = UnknownRegion;

    /// Reads a code of ISO 3166 (two letters or three, in any case) or a country's name in
    /// English, its own languages and those that exports are most often in.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = trimmed(text);
        if let [first, second] = *text.as_bytes() {
            let code = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
            if let Some(region) = std::str::from_utf8(&code).ok().and_then(Self::with_code) {
                return Ok(region);
            }
        }
        Self::with_name(text).ok_or_else(|| UnknownRegion(text.to_owned()))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The error for a text that is not a region. It suggests the likely region or the expected form.
/// It does not repeat the text, which the caller quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRegion(String);

impl UnknownRegion {
    /// The region whose English name is the most similar, if one is similar enough.
    pub fn likely(&self) -> Option<Region> {
        let meant = folded(&self.0);
        if meant.chars().count() < 6 {
            return None;
        }
        let distance = |region: &Region| strsim::osa_distance(&folded(region.name()), &meant);
        let nearest = Region::all().min_by_key(distance)?;
        (distance(&nearest) <= 1 + meant.len() / 8).then_some(nearest)
    }
}

impl fmt::Display for UnknownRegion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.likely() {
            Some(region) => {
                write!(formatter, "not a region: did you mean {} ({region})?", region.name())
            }
            None => formatter.write_str(
                "not a region: expected an ISO 3166 code (NG, US, DE) or the name of a country",
            ),
        }
    }
}

impl std::error::Error for UnknownRegion {}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> Option<String> {
        text.parse().ok().map(|region: Region| region.to_string())
    }

    #[test]
    fn codes_and_names_as_exports_write_them() {
        for (text, code) in [
            ("NG", "NG"),
            (" ng ", "NG"),
            ("nga", "NG"),
            ("Nigeria", "NG"),
            ("NIGERIA", "NG"),
            ("Nàìjíríà", "NG"),
            ("UK", "GB"),
            ("U.K.", "GB"),
            ("United Kingdom", "GB"),
            ("United Kingdom of Great Britain and Northern Ireland (the)", "GB"),
            ("england", "GB"),
            ("USA", "US"),
            ("U.S.A.", "US"),
            ("United States", "US"),
            ("The United States of America", "US"),
            ("Deutschland", "DE"),
            ("Alemania", "DE"),
            ("Österreich", "AT"),
            ("Osterreich", "AT"),
            ("Cote d'Ivoire", "CI"),
            ("Côte d’Ivoire", "CI"),
            ("Ivory Coast", "CI"),
            ("Türkiye", "TR"),
            ("TURKEY", "TR"),
            ("Россия", "RU"),
            ("中国", "CN"),
            ("日本", "JP"),
            ("الإمارات العربية المتحدة", "AE"),
            ("भारत", "IN"),
            ("Trinidad and Tobago", "TT"),
            ("Trinidad & Tobago", "TT"),
            ("St. Lucia", "LC"),
            ("Saint Lucia", "LC"),
            ("Czech Republic", "CZ"),
            ("Korea, Republic of", "KR"),
            ("Viet Nam", "VN"),
            ("Kosovo", "XK"),
            ("Congo, Democratic Republic of the", "CD"),
            ("Bahamas, The", "BS"),
            ("Niger", "NE"),
            ("Guinea", "GN"),
            ("Dominica", "DM"),
        ] {
            assert_eq!(region(text).as_deref(), Some(code), "{text}");
        }
    }

    #[test]
    fn a_country_is_never_guessed() {
        for text in ["", "Korea", "Congo", "Lagos", "XX", "1", "N", "Africa", "+234", "N/A"] {
            assert_eq!(region(text), None, "{text}");
        }
    }

    #[test]
    fn the_likely_region_is_suggested() {
        let said = |text: &str| text.parse::<Region>().unwrap_err().to_string();
        assert_eq!(said("Nigerai"), "not a region: did you mean Nigeria (NG)?");
        assert_eq!(said("Untied Kingdom"), "not a region: did you mean United Kingdom (GB)?");
        assert!(
            said("Lagos").starts_with("not a region: expected an ISO 3166"),
            "{}",
            said("Lagos")
        );
    }

    #[test]
    fn no_name_means_two_regions() {
        let mut owners = HashMap::new();
        let table = NAMES.iter().flat_map(|(code, names)| names.iter().map(move |n| (*n, *code)));
        let iso = rust_iso3166::ALL.iter().map(|country| (country.name, country.alpha2));
        for (name, code) in table.chain(iso) {
            assert!(!folded(name).is_empty(), "{name} {code}");
            let owner = *owners.entry(folded(name)).or_insert(code);
            assert_eq!(owner, code, "{name}");
        }
        assert!(NAMES.is_sorted_by_key(|(code, _)| code));
    }

    #[test]
    fn every_country_of_iso_3166_is_known_by_its_codes_and_name_if_it_has_phones() {
        // Without a numbering plan of their own, by libphonenumber.
        let without = ["AQ", "BV", "GS", "HM", "PN", "TF", "UM"];
        for country in rust_iso3166::ALL {
            let expected = (!without.contains(&country.alpha2)).then_some(country.alpha2);
            let name = if country.name == "Congo" { "CG" } else { country.name };
            for text in [country.alpha2, country.alpha3, name] {
                assert_eq!(region(text).as_deref(), expected, "{text}");
                assert_eq!(region(&text.to_lowercase()).as_deref(), expected, "{text}");
            }
        }
    }
}
