//! What a header proposes on its own, for display.

use super::header::named_role::named_role;
use super::header::names::normalised;
use super::header::table::HeaderWords;
use super::header::uid_names::{self, uid_rank};
use super::roles::is_whole_name;
use crate::value::{DevicePlatform, Standard};

/// The standard attribute that a header's words propose, regardless of other columns.
pub fn proposed_standard(header: &str) -> Option<Standard> {
    let words = HeaderWords::of(header);
    let named = Standard::ALL.into_iter().find(|it| named_role(&words, *it, None).is_some());
    named.or_else(|| uid_rank(&words).map(|_| Standard::Uid))
}

/// The platform that the header of a column of tokens names: `iOS token`.
pub(crate) fn proposed_platform(header: &str) -> Option<DevicePlatform> {
    normalised(header).split('_').find_map(|word| word.parse().ok())
}

/// Whether a header may be that of a row number rather than a customer's.
pub fn may_number_rows(header: &str) -> bool {
    let words = HeaderWords::of(header);
    let is_id_alone = words.words.len() == 1 && uid_rank(&words).is_some_and(|rank| rank >= 2);
    is_id_alone || uid_names::may_number_rows(&words)
}

/// Whether a header is that of whole names, which `full_name` would split.
pub fn is_whole_name_header(header: &str) -> bool {
    is_whole_name(&HeaderWords::of(header))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Column names of real exports.
    #[rustfmt::skip] // One name per line would hide the table.
    const NAMES: &[(Standard, &[&str])] = &[
        (Standard::Uid, &[
            "uid", "user_id", "userid", "customer_id", "customerid", "distinct_id",
            "$distinct_id", "external_user_id", "customer_number", "customer_code", "localid",
            "external_id", "externalid", "contact_id", "identity", "member_id", "subscriber_id",
            "account_id", "client_id", "record_id", "identifier", "kundennummer", "kunden_id",
            "id_client", "numéro_client", "numero_client", "id_cliente", "código_cliente",
            "codigo_cliente", "klantnummer", "identifiant", "codice_cliente",
            "codigo_do_cliente", "código_do_cliente", "id", "uuid",
        ]),
        (Standard::FirstName, &[
            "first_name", "firstname", "given_name", "givenname", "fname", "forename",
            "$first_name", "person_first_name", "vorname", "prénom", "prenom", "primeiro_nome",
            "nombre_de_pila", "voornaam",
        ]),
        (Standard::LastName, &[
            "last_name", "lastname", "surname", "family_name", "familyname", "$last_name",
            "person_last_name", "lname", "nachname", "familienname", "nom_de_famille",
            "apellido", "apellidos", "sobrenome", "apelido", "cognome", "achternaam",
        ]),
        (Standard::Email, &[
            "email", "e_mail", "email_address", "emailaddress", "e_mail_address", "mail",
            "$email", "e_mail_1_value", "person_email", "person_email_work", "user_email",
            "e_mail_adresse", "adresse_e_mail", "adresse_email", "courriel", "correo",
            "correo_electrónico", "correo_electronico", "e_mailadres", "indirizzo_email",
        ]),
        (Standard::Number, &[
            "mobile", "mobile_number", "mobile_phone", "mobilephone", "mobile_phone_number",
            "cell", "cell_phone", "cellphone", "person_phone_mobile", "handy", "handynummer",
            "mobilnummer", "mobil", "mobiltelefon", "portable", "téléphone_portable",
            "telephone_portable", "móvil", "movil", "teléfono_móvil", "telefono_movil",
            "celular", "cellulare", "telemóvel", "telemovel", "mobiel", "mobiele_telefoon",
            "number", "phone", "phone_number", "phonenumber", "msisdn", "$phone",
            "phone_1_value", "person_phone", "whatsapp", "whatsapp_number", "telephone",
            "telephone_number", "tel", "telefon", "telefonnummer", "téléphone",
            "numéro_de_téléphone", "numero_de_telephone", "teléfono", "telefono", "telefone",
            "numero_di_telefono", "número_de_teléfono", "telefoon", "telefoonnummer",
        ]),
        (Standard::DeviceToken, &[
            "device_token", "devicetoken", "push_token", "fcm_token", "apns_token",
        ]),
        (Standard::DevicePlatform, &[
            "device_platform", "deviceplatform", "device_type", "device_os", "push_platform",
        ]),
    ];

    #[test]
    fn names_of_real_exports_propose_their_attribute() {
        for (standard, names) in NAMES {
            for name in *names {
                assert_eq!(proposed_standard(name), Some(*standard), "{name}");
            }
        }
    }
}
