//! Units of numbers: a currency's sign or code, and the percent sign.

/// The codes of ISO 4217, four bytes apart.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL \
    BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD \
    FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES \
    KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR \
    MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR \
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH \
    UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

/// Signs that only one currency has, and its code. Other signs, such as `$` and `kr`, are units
/// themselves.
const SIGNS: [(&str, &str); 36] = [
    ("€", "EUR"),
    ("£", "GBP"),
    ("₦", "NGN"),
    ("₹", "INR"),
    ("₩", "KRW"),
    ("₽", "RUB"),
    ("₺", "TRY"),
    ("₴", "UAH"),
    ("₫", "VND"),
    ("₪", "ILS"),
    ("฿", "THB"),
    ("₱", "PHP"),
    ("₵", "GHS"),
    ("₸", "KZT"),
    ("₡", "CRC"),
    ("₲", "PYG"),
    ("₼", "AZN"),
    ("₾", "GEL"),
    ("₭", "LAK"),
    ("₮", "MNT"),
    ("₿", "BTC"),
    ("US$", "USD"),
    ("A$", "AUD"),
    ("AU$", "AUD"),
    ("C$", "CAD"),
    ("CA$", "CAD"),
    ("R$", "BRL"),
    ("HK$", "HKD"),
    ("NZ$", "NZD"),
    ("MX$", "MXN"),
    ("NT$", "TWD"),
    ("S$", "SGD"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("RM", "MYR"),
];

/// Signs of more than one character that several currencies share.
const SHARED_SIGNS: [&str; 4] = ["kr", "kr.", "Rs", "Rs."];

/// The name of a unit: `%`, a code of ISO 4217, or a sign that several currencies share. `None` if
/// the text is not a unit.
pub(crate) fn unit_named(text: &str) -> Option<&str> {
    if text == "%" || text == "\u{ff05}" {
        return Some("%");
    }
    if let Some((_, code)) = SIGNS.iter().find(|(sign, _)| *sign == text) {
        return Some(code);
    }
    let is_code = text.len() == 3 && CODES.as_bytes().chunks(4).any(|c| c[..3] == *text.as_bytes());
    let mut characters = text.chars();
    let is_sign = matches!(
        (characters.next(), characters.next()),
        (Some('$' | '¥' | '￥' | '＄' | '﷼' | '៛' | '\u{20a0}'..='\u{20cf}'), None)
    );
    (is_code || text == "BTC" || is_sign || SHARED_SIGNS.contains(&text)).then_some(text)
}

/// A number with its unit and sign, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount<'t> {
    /// The name of the unit, if it is written.
    pub(crate) unit: Option<&'t str>,
    /// Whether it has a minus, or is in brackets, as accountants write negative amounts.
    pub(crate) is_negative: bool,
    /// Whether it is in brackets.
    pub(crate) is_bracketed: bool,
    /// The rest: digits and their separators.
    pub(crate) digits: &'t str,
}

impl<'t> Amount<'t> {
    /// Splits a trimmed text; `None` if it contains anything else.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let is_bracketed = inner.is_some();
        let (minus, rest) = without_minus(inner.unwrap_or(text).trim());
        let first = rest.find(|c: char| c.is_ascii_digit() || is_minus(c))?;
        let (before, rest) = rest.split_at(first);
        let (late_minus, rest) =
            if before.is_empty() { (false, rest) } else { without_minus(rest) };
        let last = rest.rfind(|c: char| c.is_ascii_digit())?;
        let (digits, after) = rest.split_at(last + 1);
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let unit = match (before.trim(), after.trim()) {
            ("", "") => None,
            (unit, "") | ("", unit) => Some(unit_named(unit)?),
            // `$12.00 USD`: the code says which dollars.
            (sign, code) if code.len() == 3 && code.is_ascii() && sign.ends_with('$') => {
                unit_named(sign)?;
                Some(unit_named(code)?)
            }
            _ => return None,
        };
        let signs = u8::from(is_bracketed) + u8::from(minus) + u8::from(late_minus);
        let is_negative = signs == 1;
        (signs <= 1).then_some(Self { unit, is_negative, is_bracketed, digits })
    }
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2212}')
}

fn without_minus(text: &str) -> (bool, &str) {
    match text.strip_prefix(is_minus) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_split() {
        for (text, unit, is_negative, digits) in [
            ("$1,234.50", Some("$"), false, "1,234.50"),
            ("3883.00 USD", Some("USD"), false, "3883.00"),
            ("EUR 78,50", Some("EUR"), false, "78,50"),
            ("₦48,262.00", Some("NGN"), false, "48,262.00"),
            ("($18.00)", Some("$"), true, "18.00"),
            ("-$18", Some("$"), true, "18"),
            ("$-18", Some("$"), true, "18"),
            ("€ 12", Some("EUR"), false, "12"),
            ("12 €", Some("EUR"), false, "12"),
            ("$12.00 USD", Some("USD"), false, "12.00"),
            ("49,0 %", Some("%"), false, "49,0"),
            ("12", None, false, "12"),
        ] {
            let amount = Amount::read(text).unwrap();
            let is_as_expected =
                amount.unit == unit && amount.is_negative == is_negative && amount.digits == digits;
            assert!(is_as_expected, "{text}: {amount:?}");
        }
        for text in ["", "$", "12 apples", "(-$18)", "$12 €", "A12", "12-13-", "USDT 5", "+5"] {
            assert_eq!(Amount::read(text), None, "{text}");
        }
    }

    #[test]
    fn codes_are_four_bytes_apart() {
        assert!(CODES.split(' ').all(|code| code.len() == 3 && unit_named(code) == Some(code)));
    }
}
