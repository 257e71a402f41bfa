//! The header names that stand for standard attributes: one explainable table.

use crate::value::Standard;
use std::collections::HashSet;

/// A header name that maps itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias {
    /// The header, normalised as by [`super::header::normalised`].
    pub name: &'static str,
    /// What it becomes.
    pub standard: Standard,
    /// Among several columns of a file the lowest takes the attribute, the first of equals.
    pub rank: u8,
}

impl Alias {
    /// Whether the name may as well be that of a row's own number.
    pub fn may_number_rows(self) -> bool {
        self.standard == Standard::Uid && self.rank >= ROWS_OWN
    }
}

/// The rank from which on a name may be that of a row's own number.
const ROWS_OWN: u8 = 4;

const fn alias(name: &'static str, standard: Standard, rank: u8) -> Alias {
    Alias { name, standard, rank }
}

/// Every alias. A person's own number in the user's application ranks before a bare `id`, which may
/// be a row's; a mobile number before any other.
pub const ALIASES: &[Alias] = &[
    alias("uid", Standard::Uid, 0),
    alias("user_id", Standard::Uid, 1),
    alias("userid", Standard::Uid, 1),
    alias("customer_id", Standard::Uid, 1),
    alias("customerid", Standard::Uid, 1),
    alias("distinct_id", Standard::Uid, 1),
    alias("$distinct_id", Standard::Uid, 1),
    alias("external_user_id", Standard::Uid, 1),
    alias("customer_number", Standard::Uid, 1),
    alias("customer_code", Standard::Uid, 1),
    alias("localid", Standard::Uid, 2),
    alias("external_id", Standard::Uid, 2),
    alias("externalid", Standard::Uid, 2),
    alias("contact_id", Standard::Uid, 2),
    alias("identity", Standard::Uid, 2),
    alias("member_id", Standard::Uid, 2),
    alias("subscriber_id", Standard::Uid, 2),
    alias("account_id", Standard::Uid, 3),
    alias("client_id", Standard::Uid, 3),
    alias("record_id", Standard::Uid, 3),
    alias("identifier", Standard::Uid, 3),
    alias("kundennummer", Standard::Uid, 1),
    alias("kunden_id", Standard::Uid, 1),
    alias("id_client", Standard::Uid, 1),
    alias("numéro_client", Standard::Uid, 1),
    alias("numero_client", Standard::Uid, 1),
    alias("id_cliente", Standard::Uid, 1),
    alias("código_cliente", Standard::Uid, 1),
    alias("codigo_cliente", Standard::Uid, 1),
    alias("klantnummer", Standard::Uid, 1),
    alias("identifiant", Standard::Uid, 1),
    alias("codice_cliente", Standard::Uid, 1),
    alias("codigo_do_cliente", Standard::Uid, 1),
    alias("código_do_cliente", Standard::Uid, 1),
    alias("id", Standard::Uid, 4),
    alias("uuid", Standard::Uid, 5),
    alias("first_name", Standard::FirstName, 0),
    alias("firstname", Standard::FirstName, 0),
    alias("given_name", Standard::FirstName, 1),
    alias("givenname", Standard::FirstName, 1),
    alias("fname", Standard::FirstName, 1),
    alias("forename", Standard::FirstName, 1),
    alias("$first_name", Standard::FirstName, 1),
    alias("person_first_name", Standard::FirstName, 1),
    alias("vorname", Standard::FirstName, 0),
    alias("prénom", Standard::FirstName, 0),
    alias("prenom", Standard::FirstName, 0),
    alias("primeiro_nome", Standard::FirstName, 0),
    alias("nombre_de_pila", Standard::FirstName, 0),
    alias("voornaam", Standard::FirstName, 0),
    alias("last_name", Standard::LastName, 0),
    alias("lastname", Standard::LastName, 0),
    alias("surname", Standard::LastName, 1),
    alias("family_name", Standard::LastName, 1),
    alias("familyname", Standard::LastName, 1),
    alias("$last_name", Standard::LastName, 1),
    alias("person_last_name", Standard::LastName, 1),
    alias("lname", Standard::LastName, 1),
    alias("nachname", Standard::LastName, 0),
    alias("familienname", Standard::LastName, 1),
    alias("nom_de_famille", Standard::LastName, 0),
    alias("apellido", Standard::LastName, 0),
    alias("apellidos", Standard::LastName, 0),
    alias("sobrenome", Standard::LastName, 0),
    alias("apelido", Standard::LastName, 1),
    alias("cognome", Standard::LastName, 0),
    alias("achternaam", Standard::LastName, 0),
    alias("email", Standard::Email, 0),
    alias("e_mail", Standard::Email, 0),
    alias("email_address", Standard::Email, 1),
    alias("emailaddress", Standard::Email, 1),
    alias("e_mail_address", Standard::Email, 1),
    alias("mail", Standard::Email, 2),
    alias("$email", Standard::Email, 1),
    alias("e_mail_1_value", Standard::Email, 1),
    alias("person_email", Standard::Email, 1),
    alias("person_email_work", Standard::Email, 1),
    alias("user_email", Standard::Email, 3),
    alias("e_mail_adresse", Standard::Email, 1),
    alias("adresse_e_mail", Standard::Email, 1),
    alias("adresse_email", Standard::Email, 1),
    alias("courriel", Standard::Email, 1),
    alias("correo", Standard::Email, 1),
    alias("correo_electrónico", Standard::Email, 1),
    alias("correo_electronico", Standard::Email, 1),
    alias("e_mailadres", Standard::Email, 1),
    alias("indirizzo_email", Standard::Email, 1),
    alias("mobile", Standard::Number, 0),
    alias("mobile_number", Standard::Number, 0),
    alias("mobile_phone", Standard::Number, 0),
    alias("mobilephone", Standard::Number, 0),
    alias("mobile_phone_number", Standard::Number, 0),
    alias("cell", Standard::Number, 0),
    alias("cell_phone", Standard::Number, 0),
    alias("cellphone", Standard::Number, 0),
    alias("person_phone_mobile", Standard::Number, 0),
    alias("handy", Standard::Number, 0),
    alias("handynummer", Standard::Number, 0),
    alias("mobilnummer", Standard::Number, 0),
    alias("mobil", Standard::Number, 0),
    alias("mobiltelefon", Standard::Number, 0),
    alias("portable", Standard::Number, 0),
    alias("téléphone_portable", Standard::Number, 0),
    alias("telephone_portable", Standard::Number, 0),
    alias("móvil", Standard::Number, 0),
    alias("movil", Standard::Number, 0),
    alias("teléfono_móvil", Standard::Number, 0),
    alias("telefono_movil", Standard::Number, 0),
    alias("celular", Standard::Number, 0),
    alias("cellulare", Standard::Number, 0),
    alias("telemóvel", Standard::Number, 0),
    alias("telemovel", Standard::Number, 0),
    alias("mobiel", Standard::Number, 0),
    alias("mobiele_telefoon", Standard::Number, 0),
    alias("number", Standard::Number, 1),
    alias("phone", Standard::Number, 1),
    alias("phone_number", Standard::Number, 1),
    alias("phonenumber", Standard::Number, 1),
    alias("msisdn", Standard::Number, 1),
    alias("$phone", Standard::Number, 1),
    alias("phone_1_value", Standard::Number, 1),
    alias("person_phone", Standard::Number, 2),
    alias("whatsapp", Standard::Number, 2),
    alias("whatsapp_number", Standard::Number, 2),
    alias("telephone", Standard::Number, 2),
    alias("telephone_number", Standard::Number, 2),
    alias("tel", Standard::Number, 2),
    alias("telefon", Standard::Number, 2),
    alias("telefonnummer", Standard::Number, 2),
    alias("téléphone", Standard::Number, 2),
    alias("numéro_de_téléphone", Standard::Number, 2),
    alias("numero_de_telephone", Standard::Number, 2),
    alias("teléfono", Standard::Number, 2),
    alias("telefono", Standard::Number, 2),
    alias("telefone", Standard::Number, 2),
    alias("numero_di_telefono", Standard::Number, 2),
    alias("número_de_teléfono", Standard::Number, 2),
    alias("telefoon", Standard::Number, 2),
    alias("telefoonnummer", Standard::Number, 2),
    alias("device_token", Standard::DeviceToken, 0),
    alias("devicetoken", Standard::DeviceToken, 0),
    alias("push_token", Standard::DeviceToken, 1),
    alias("fcm_token", Standard::DeviceToken, 1),
    alias("apns_token", Standard::DeviceToken, 1),
    alias("device_platform", Standard::DevicePlatform, 0),
    alias("deviceplatform", Standard::DevicePlatform, 0),
    alias("device_type", Standard::DevicePlatform, 2),
    alias("device_os", Standard::DevicePlatform, 1),
    alias("push_platform", Standard::DevicePlatform, 1),
];

/// Headers that are a part of a name where another part stands beside them, and may be a whole name
/// where none does: the header, those that it must stand beside, and what it becomes there.
pub const PARTS_OF_NAMES: &[(&str, &[&str], Standard)] = &[
    ("nom", &["prénom", "prenom"], Standard::LastName),
    ("name", &["vorname"], Standard::LastName),
    ("naam", &["voornaam"], Standard::LastName),
    ("nome", &["cognome", "sobrenome", "apelido"], Standard::FirstName),
    ("nombre", &["apellido", "apellidos"], Standard::FirstName),
];

/// Headers of a whole name in one column, which stays custom with a hint.
pub const FULL_NAME_HEADERS: &[&str] = &[
    "name",
    "full_name",
    "fullname",
    "customer_name",
    "display_name",
    "nom",
    "nombre",
    "nome",
    "naam",
];

/// What a normalised header is beside the others of its file, where it is a part of a name.
pub(crate) fn part_of_name(name: &str, others: &HashSet<&str>) -> Option<Standard> {
    let (_, beside, standard) = PARTS_OF_NAMES.iter().find(|(part, ..)| *part == name)?;
    beside.iter().any(|other| others.contains(other)).then_some(*standard)
}

/// The alias that a normalised header is, if any.
pub(crate) fn find(normalised: &str) -> Option<&'static Alias> {
    ALIASES.iter().find(|alias| alias.name == normalised)
}

/// The alias that a header is, if any.
pub fn alias_of(header: &str) -> Option<&'static Alias> {
    find(&super::header::normalised(header))
}

/// Whether a header is one of a whole name, so that `full_name` would split it.
pub fn is_full_name(header: &str) -> bool {
    FULL_NAME_HEADERS.contains(&super::header::normalised(header).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alias_is_normalised_and_stands_there_once() {
        for (index, alias) in ALIASES.iter().enumerate() {
            assert_eq!(super::super::normalised(alias.name), alias.name);
            assert!(
                !ALIASES[..index].iter().any(|other| other.name == alias.name),
                "{}",
                alias.name
            );
        }
        for standard in Standard::ALL {
            assert_eq!(find(standard.as_str()).map(|alias| alias.standard), Some(standard));
        }
    }
}
