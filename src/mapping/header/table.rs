//! What the words of a header mean: the table that `engage inspect --aliases` prints.

use super::words::split;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word of a header says about its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// An email address.
    Email,
    /// Mail, on paper or electronic.
    Mail,
    /// A phone number.
    Phone,
    /// A mobile phone.
    Mobile,
    /// A messenger that is reached by phone number.
    Messenger,
    /// An email or postal address.
    Address,
    /// The first part of a name.
    First,
    /// The last part of a name.
    Last,
    /// A name, or a part of one next to another part.
    Name,
    /// A full name.
    Whole,
    /// A token.
    Token,
    /// What a device token is for.
    Push,
    /// A device.
    Device,
    /// The platform of a device.
    Platform,
    /// The operating system of a device.
    System,
    /// A kind: a platform next to `device`, something else next to other words.
    Kind,
    /// An identifier.
    Id,
    /// A generated identifier.
    Uuid,
    /// A word that means an identifier on its own.
    Identity,
    /// An identifier of another system.
    External,
    /// A number, of a phone or of a customer.
    Number,
    /// A number, never on its own a phone number.
    No,
    /// A code or key that may identify a customer.
    Code,
    /// A word for a customer.
    Person,
    /// A record about a person, such as a profile or an account.
    Record,
    /// A name to log in with, or a way to reach a person.
    Login,
    /// An organisation.
    Company,
    /// The preferred one of several.
    Primary,
    /// Not the preferred one of several.
    Secondary,
    /// At work.
    Work,
    /// At home, or at a fixed place.
    Home,
    /// Another qualifier, such as `personal` or `billing`.
    Qualifier,
    /// A word that only connects others.
    Filler,
    /// An identifier from an authority: a key only if the user maps it.
    National,
    /// A person other than the customer.
    OtherPerson,
    /// Something about the value, not the value itself.
    Blocker,
}

impl Meaning {
    /// The heading in the printed table.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Mail => "email, if the values are addresses",
            Self::Phone => "number",
            Self::Mobile => "number, of a mobile phone",
            Self::Messenger => "number, of a messenger",
            Self::Address => "address",
            Self::First => "first_name",
            Self::Last => "last_name",
            Self::Name => "name",
            Self::Whole => "whole name",
            Self::Token => "device_token",
            Self::Push => "kind of device_token",
            Self::Device => "device",
            Self::Platform => "device_platform",
            Self::System => "device_platform, by its system",
            Self::Kind => "kind",
            Self::Id => "identifier",
            Self::Uuid => "generated identifier",
            Self::Identity => "identifier on its own",
            Self::External => "identifier elsewhere",
            Self::Number => "number, of a phone or a customer",
            Self::No => "number of a customer",
            Self::Code => "code",
            Self::Person => "person",
            Self::Record => "record of a person",
            Self::Login => "email, if the values are addresses (login)",
            Self::Company => "qualifier of email and number; blocks names",
            Self::Primary => "qualifier: preferred",
            Self::Secondary => "qualifier: not preferred",
            Self::Work => "qualifier: work",
            Self::Home => "qualifier: home",
            Self::Qualifier => "qualifier",
            Self::Filler => "filler",
            Self::National => "a key only if mapped",
            Self::OtherPerson => "blocker: another person",
            Self::Blocker => "blocker: about a value, such as an opt-in",
        }
    }
}

/// The words by meaning. They are compared without case and accents, and a word may have several
/// meanings.
#[rustfmt::skip] // One word per line would hide the table.
pub const WORDS: &[(Meaning, &[&str])] = &[
    (Meaning::Email, &[
        "email", "emails", "courriel", "correo", "epost", "eposta", "epostadresse", "почта", "имейл",
        "メール", "邮箱", "电子邮件", "이메일", "sahkoposti", "emailadres",
    ]),
    (Meaning::Mail, &["mail", "mails", "emaill", "posta"]),
    (Meaning::Phone, &[
        "phone", "phones", "telephone", "tel", "telefon", "telefono", "telefone", "telefoon", "fon",
        "telefonu", "telepon", "dienthoai", "sodienthoai", "телефон", "電話", "电话", "전화", "puhelin", "msisdn", "tlf", "telf",
    ]),
    (Meaning::Mobile, &[
        "mobile", "mobil", "mobiel", "mobiele", "movil", "moviles", "celular", "cellulare", "cell",
        "cellular", "handy", "portable", "telemovel", "gsm", "komorkowy", "komorka", "cep",
        "мобильный", "handphone", "hp", "ponsel", "携帯", "手机", "휴대폰", "kannykka", "natel", "mob", "mobilni",
    ]),
    (Meaning::Messenger, &["whatsapp", "sms", "viber"]),
    (Meaning::Address, &[
        "address", "addr", "adresse", "adres", "adress", "direccion", "indirizzo", "endereco",
        "адрес", "アドレス", "地址", "주소", "adresa", "electronico", "elettronico", "eletronico",
        "elettronica",
    ]),
    (Meaning::First, &[
        "first", "given", "forename", "fname", "vorname", "prenom", "prenoms", "voornaam", "fornamn",
        "fornavn", "imie", "имя", "名", "nombres", "pila", "primeiro", "primer", "etunimi", "jmeno",
        "christian", "fore", "keresztnev", "prenume",
    ]),
    (Meaning::Last, &[
        "last", "surname", "surnames", "sur", "family", "lname", "nachname", "familienname", "zuname",
        "apellido", "apellidos", "sobrenome", "apelido", "cognome", "achternaam", "efternamn",
        "etternavn", "efternavn", "nazwisko", "фамилия", "姓", "sukunimi", "prijmeni", "soyad",
        "soyadi", "famille", "vezeteknev",
    ]),
    (Meaning::Name, &["name", "names", "nom", "nombre", "nome", "naam", "namn", "navn", "nama"]),
    (Meaning::Whole, &[
        "full", "display", "complete", "complet", "completo", "vollstandiger", "volledige", "whole",
        "氏名", "名前", "姓名", "фио",
    ]),
    (Meaning::Token, &["token"]),
    (Meaning::Push, &[
        "push", "fcm", "apns", "apn", "gcm", "registration", "notification", "notifications", "expo",
        "firebase",
    ]),
    (Meaning::Device, &["device", "gerat", "geraet", "appareil", "dispositivo", "apparaat"]),
    (Meaning::Platform, &["platform", "plattform", "plateforme", "plataforma", "piattaforma"]),
    (Meaning::System, &["os", "betriebssystem"]),
    (Meaning::Kind, &["type", "typ", "tipo", "kind"]),
    (Meaning::Id, &["id", "ids", "ident", "kennung", "ид"]),
    (Meaning::Uuid, &["uuid", "guid"]),
    (Meaning::Identity, &["uid", "identity", "identifier", "identifiant", "identificador", "識別子"]),
    (Meaning::External, &["external", "extern", "externe", "foreign", "ext"]),
    (Meaning::Number, &[
        "number", "nummer", "numero", "numer", "numara", "номер", "番号", "号码", "번호", "cislo",
    ]),
    (Meaning::No, &["no", "nr", "num", "nbr", "#", "№", "n", "nro"]),
    (Meaning::Code, &["code", "cod", "codigo", "codice", "kod", "код", "key", "コード"]),
    (Meaning::Person, &[
        "customer", "cust", "client", "member", "student", "pupil", "learner",
        "patient", "donor", "employee", "subscriber", "lead", "contact", "user", "person",
        "shopper", "buyer", "consumer", "resident", "tenant", "player", "passenger", "borrower",
        "supporter", "volunteer", "participant", "attendee", "applicant", "candidate", "constituent",
        "individual", "visitor", "distinct", "local", "kunde", "kunden", "mitglied", "mitglieds",
        "nutzer", "benutzer", "patienten", "schuler", "schueler", "spender", "teilnehmer", "personen",
        "utilisateur", "membre", "abonne", "adherent", "eleve", "donateur", "personne", "cliente",
        "usuario", "socio", "miembro", "alumno", "paciente", "donante", "empleado", "suscriptor",
        "abonado", "membro", "aluno", "assinante", "doador", "utente", "studente", "paziente",
        "abbonato", "klant", "lid", "gebruiker", "leerling", "deelnemer", "klient", "klienta",
        "uzytkownik", "uzytkownika", "pacjent", "pacjenta", "pracownik", "pracownika", "dipendente", "mitarbeiter", "salarie", "kund", "medlem", "anvandare", "bruker",
        "bruger", "musteri", "kullanici", "uye", "hasta", "ogrenci", "клиент", "клиента",
        "пользователь", "пользователя", "покупатель", "покупателя", "пациент", "пациента", "顧客",
        "会員", "お客様", "ユーザー", "利用者", "客户", "会员", "用户", "고객", "회원", "사용자",
        "asiakas", "zakaznik", "zakaznika", "ugyfel", "pelanggan",
    ]),
    (Meaning::Record, &["record", "profile", "account"]),
    (Meaning::Login, &["login", "username", "contact", "logon"]),
    (Meaning::Company, &[
        "company", "firma", "firm", "organization", "organisation", "entreprise", "empresa", "azienda",
        "bedrijf", "business", "employer", "会社",
    ]),
    (Meaning::Primary, &[
        "primary", "main", "preferred", "default", "principal", "principale", "haupt", "best",
    ]),
    (Meaning::Secondary, &[
        "secondary", "second", "other", "alternate", "alternative", "alt", "backup", "additional",
        "weitere", "autre", "otro", "segundo", "old", "previous", "former", "recovery", "shipping",
        "delivery",
    ]),
    (Meaning::Work, &["work", "office", "business", "dienstlich", "arbeit", "trabajo", "bureau"]),
    (Meaning::Home, &[
        "home", "house", "landline", "festnetz", "fixe", "fijo", "fisso", "fixo", "vaste", "evening",
        "day", "daytime",
    ]),
    (Meaning::Qualifier, &[
        "personal", "private", "privat", "prive", "billing", "facturation", "facturacion", "rechnung",
        "rechnungs", "direct", "value", "current", "public",
    ]),
    (Meaning::Filler, &[
        "the", "your", "my", "of", "for", "de", "del", "della", "di", "da", "do", "des", "der", "du",
        "la", "le", "el", "l", "d", "van", "per", "and", "s",
    ]),
    (Meaning::National, &[
        "tax", "vat", "nif", "cif", "cpf", "cnpj", "ssn", "nin", "national", "passport", "siret",
        "siren", "ein", "tin", "rut", "dni", "pesel", "bsn", "steuer", "ust", "aadhaar", "fiscale",
        "fiscal", "iban", "social", "security", "licence", "license", "nhs", "insurance", "inn", "инн",
        "снилс", "curp", "rfc",
    ]),
    (Meaning::OtherPerson, &[
        "parent", "parents", "guardian", "spouse", "partner", "manager", "owner", "agent", "sales",
        "rep", "representative", "referrer", "referer", "referral", "referred", "emergency",
        "reseller", "mother", "father", "kin", "husband", "wife", "supervisor", "assistant", "asst",
        "teacher", "doctor", "physician", "coach", "advisor", "adviser", "recruiter", "vendor",
        "supplier", "seller", "sponsor", "creator", "author", "assignee", "assigned", "created",
        "modified", "updated", "csm", "eltern", "erziehungsberechtigte", "notfall", "betreuer",
        "vertreter", "urgence", "emergencia", "padre", "madre", "tutor", "conjoint", "vendedor",
        "vendeur", "commercial", "driver", "courier", "host", "staff", "operator", "admin",
        "caregiver", "inviter", "invited",
    ]),
    (Meaning::Blocker, &[
        "fax", "telefax", "opt", "optin", "optout", "consent", "verified", "verification", "status",
        "count", "label", "date", "hash", "md", "sha", "domain", "provider", "bounced", "bounce",
        "bounces", "blacklisted", "unsubscribed", "subscribed", "subscription", "subscribe",
        "unsubscribe", "confirmed", "confirmation", "valid", "validated", "validity", "sent", "opened",
        "opens", "clicked", "clicks", "delivered", "frequency", "preference", "preferences",
        "marketing", "accepts", "accept", "accepted", "allowed", "allow", "permission", "newsletter",
        "source", "campaign", "template", "subject", "score", "extension", "country", "area",
        "prefix", "carrier", "model", "brand", "time", "at", "list", "reason", "format", "language",
        "footer", "body", "content", "sequence", "einwilligung", "consentement", "statut", "estado",
        "stato", "datum", "fecha", "data", "anzahl", "quality", "risk", "type", "is", "has", "password",
        "bool", "flag", "enabled", "disabled", "purchase", "seen", "plan", "price", "version",
    ]),
];

/// The meanings of each word.
static MEANINGS: LazyLock<HashMap<Cow<'static, str>, Vec<Meaning>>> = LazyLock::new(|| {
    let count = WORDS.iter().map(|(_, words)| words.len()).sum();
    let mut meanings: HashMap<Cow<'static, str>, Vec<Meaning>> = HashMap::with_capacity(count);
    for (meaning, words) in WORDS {
        for word in *words {
            // Nearly all words have the form in which words of headers are compared.
            let is_compared_form = word.bytes().all(|byte| byte.is_ascii_lowercase());
            let compared = if is_compared_form {
                Cow::Borrowed(*word)
            } else {
                Cow::Owned(split(word).concat())
            };
            meanings.entry(compared).or_default().push(*meaning);
        }
    }
    meanings
});

/// The minimum letters of each part of a compound, and of its longest part: `telno` is `tel` and
/// `no`.
const SHORTEST_PART: usize = 2;
const SHORTEST_LONG_PART: usize = 3;

/// The maximum syllables of a word whose syllables are written separately, as in Vietnamese.
const MOST_SYLLABLES: usize = 3;

/// A word of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) meanings: &'static [Meaning],
}

impl Word {
    fn known(text: &str) -> Option<Self> {
        let meanings = MEANINGS.get(text)?;
        Some(Self { text: text.to_owned(), meanings })
    }

    pub(crate) fn means(&self, meaning: Meaning) -> bool {
        self.meanings.contains(&meaning)
    }

    /// The number that the word is, such as the 2 in `Email 2`.
    pub(crate) fn digits(&self) -> Option<u64> {
        self.text.bytes().all(|byte| byte.is_ascii_digit()).then(|| self.text.parse().ok())?
    }
}

/// The words of a header with their meanings. Compounds of known words are split: `kundennummer`,
/// `customerid`, `携帯電話`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HeaderWords {
    pub(crate) words: Vec<Word>,
}

impl HeaderWords {
    pub(crate) fn of(header: &str) -> Self {
        let mut words: Vec<Word> = Vec::new();
        for text in split(header) {
            match Word::known(&text) {
                Some(word) => words.push(word),
                None => match compound(&text) {
                    Some(parts) => words.extend(parts),
                    None => words.push(Word { text, meanings: &[] }),
                },
            }
            join_syllables(&mut words);
        }
        Self { words }
    }

    /// Whether any word has this meaning.
    pub(crate) fn has(&self, meaning: Meaning) -> bool {
        self.words.iter().any(|word| word.means(meaning))
    }

    /// Whether each word is a number or has one of these meanings.
    pub(crate) fn only(&self, meanings: &[Meaning]) -> bool {
        self.words.iter().all(|word| {
            word.digits().is_some() || meanings.iter().any(|meaning| word.means(*meaning))
        })
    }

    /// The last number in the header.
    pub(crate) fn number(&self) -> Option<u64> {
        self.words.iter().rev().find_map(Word::digits)
    }

    /// The words in the form in which headers are compared.
    pub(crate) fn compared(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join("_")
    }
}

/// Joins unknown words at the end if they are the syllables of a known word: `so dien thoai`.
fn join_syllables(words: &mut Vec<Word>) {
    let unknown = words.iter().rev().take_while(|word| word.meanings.is_empty()).count();
    for count in (2..=unknown.min(MOST_SYLLABLES)).rev() {
        let at = words.len() - count;
        let joined: String = words[at..].iter().map(|word| word.text.as_str()).collect();
        if let Some(word) = Word::known(&joined) {
            words.truncate(at);
            words.push(word);
            return;
        }
    }
}

/// Splits a compound into known words, with the longest possible first part.
fn compound(text: &str) -> Option<Vec<Word>> {
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(1).collect();
    for end in ends.into_iter().rev() {
        let (first, rest) = text.split_at(end);
        let Some(first) = Word::known(first) else { continue };
        let rest = match Word::known(rest) {
            Some(word) => vec![word],
            None => match compound(rest) {
                Some(words) => words,
                None => continue,
            },
        };
        let parts: Vec<Word> = std::iter::once(first).chain(rest).collect();
        if is_compound(&parts) {
            return Some(parts);
        }
    }
    None
}

/// Whether parts are long enough to be words rather than accidents of spelling. Scripts without
/// spaces have short words.
fn is_compound(parts: &[Word]) -> bool {
    let lengths = || parts.iter().map(|part| part.text.chars().count());
    let is_alphabet = parts.iter().all(|part| part.text.is_ascii());
    !is_alphabet
        || (lengths().all(|length| length >= SHORTEST_PART)
            && lengths().any(|length| length >= SHORTEST_LONG_PART))
}

/// The form in which headers are compared: `Billing E-Mail*` and `billingEmail` are equal.
pub fn compared(header: &str) -> String {
    split(header).join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_one_word() {
        for word in WORDS.iter().flat_map(|(_, words)| *words) {
            assert_eq!(split(word).len(), 1, "{word}");
        }
    }

    #[test]
    fn compounds_of_known_words_are_split() {
        for (header, words) in [
            ("Kundennummer", "kunden nummer"),
            ("customerid", "customer id"),
            ("donorID", "donor id"),
            ("Telefonnummer", "telefon nummer"),
            ("emailaddress", "email address"),
            ("携帯電話", "携帯 電話"),
            ("顧客番号", "顧客 番号"),
            ("telno", "tel no"),
            ("Paid", "paid"),
            ("Valid", "valid"),
            ("Holiday", "holiday"),
            ("SoDienThoai", "sodienthoai"),
            ("Số điện thoại", "sodienthoai"),
        ] {
            let texts: Vec<String> =
                HeaderWords::of(header).words.into_iter().map(|word| word.text).collect();
            assert_eq!(texts.join(" "), words, "{header}");
        }
    }
}
