//! Whether a header says that the values below it are codes, or times.

use crate::mapping::header::names::words;

/// Words that say that a column's digits are a code, not a quantity.
const NAMING_WORDS: &[&str] = &[
    "id",
    "ids",
    "uid",
    "uuid",
    "guid",
    "code",
    "codes",
    "zip",
    "zipcode",
    "postcode",
    "postal",
    "postleitzahl",
    "plz",
    "phone",
    "mobile",
    "cell",
    "tel",
    "telephone",
    "telefon",
    "fax",
    "iban",
    "bic",
    "swift",
    "account",
    "sku",
    "barcode",
    "ean",
    "isbn",
    "ssn",
    "pin",
    "passport",
    "reference",
    "ref",
    "serial",
    "imei",
    "msisdn",
    "whatsapp",
    "handy",
    "movil",
    "móvil",
    "celular",
    "version",
    "release",
    "build",
    "firmware",
    "vat",
    "ein",
    "nif",
    "cpf",
    "cnpj",
    "curp",
    "pesel",
    "siret",
    "siren",
    "gstin",
    "aadhaar",
    "iin",
    "inn",
    "trn",
    "tin",
    "nin",
    "crn",
    "brn",
    "abn",
    "acn",
    "cif",
    "dni",
    "nie",
    "rfc",
    "rut",
    "cuit",
    "cuil",
    "bsn",
    "kvk",
    "nip",
    "regon",
    "oib",
    "cvr",
    "license",
    "licence",
];

/// Words that say this only as the last of several words: `tax_no`, but not `number_of_orders`.
const NAMING_LAST_WORDS: &[&str] = &["no", "nr", "number", "num", "numero", "número", "numéro"];

/// Words that say that a column holds times.
const TIME_WORDS: &[&str] = &[
    "at",
    "date",
    "datetime",
    "time",
    "timestamp",
    "ts",
    "epoch",
    "when",
    "since",
    "until",
    "created",
    "updated",
    "modified",
    "joined",
    "registered",
    "seen",
    "login",
    "expires",
    "expiry",
    "datum",
    "zeit",
    "zeitpunkt",
    "fecha",
    "data",
];

/// Whether a header says that the column's digits are codes.
pub(super) fn names_codes(header: &str) -> bool {
    let words = words(header);
    let words: Vec<&str> = header_words(&words).collect();
    let is_compound = |word: &str| word.ends_with("nummer") || word.ends_with("nr");
    words.iter().any(|word| NAMING_WORDS.contains(word) || is_compound(word))
        || (words.len() > 1 && words.last().is_some_and(|word| NAMING_LAST_WORDS.contains(word)))
}

/// Whether a header says that the column holds times.
pub(super) fn names_a_time(header: &str) -> bool {
    header_words(&words(header)).any(|word| TIME_WORDS.contains(&word))
}

fn header_words(words: &str) -> impl Iterator<Item = &str> {
    words.split('_').map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
}
