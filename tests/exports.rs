//! Exports of other systems are mapped automatically. Each mapping is compared as a whole.

use crate::sandbox::Sandbox;
use std::path::PathBuf;

/// A fixture, the key, and the columns that become standard attributes; all others stay custom.
type Export = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const EXPORTS: &[Export] = &[
    ("amplitude_cohort", "uid", &[("user_id", "uid")]),
    ("auth0_users", "uid", &[("user_id", "uid"), ("email", "email")]),
    (
        "bigcommerce_customers",
        "uid",
        &[
            ("Customer ID", "uid"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email", "email"),
            ("Phone", "number"),
        ],
    ),
    (
        "border/firebase_users",
        "uid",
        &[("localId", "uid"), ("email", "email"), ("phoneNumber", "number")],
    ),
    ("border/onesignal_subscriptions", "uid", &[("external_user_id", "uid")]),
    (
        "braze_segment",
        "uid",
        &[
            ("email", "email"),
            ("user_id", "uid"),
            ("first_name", "first_name"),
            ("last_name", "last_name"),
        ],
    ),
    (
        "brevo_contacts",
        "email",
        &[
            ("EMAIL", "email"),
            ("LASTNAME", "last_name"),
            ("FIRSTNAME", "first_name"),
            ("WHATSAPP", "number"),
        ],
    ),
    ("chatwoot_contacts", "uid", &[("id", "uid"), ("email", "email"), ("phone_number", "number")]),
    ("clevertap_profiles", "uid", &[("identity", "uid"), ("Email", "email"), ("Phone", "number")]),
    ("devise_users", "uid", &[("id", "uid"), ("email", "email")]),
    ("discourse_users_sso", "uid", &[("email", "email"), ("external_id", "uid")]),
    (
        "django_users",
        "uid",
        &[
            ("id", "uid"),
            ("first_name", "first_name"),
            ("last_name", "last_name"),
            ("email", "email"),
        ],
    ),
    ("ghost_members", "uid", &[("id", "uid"), ("email", "email")]),
    (
        "google_contacts",
        "email",
        &[
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("E-mail 1 - Value", "email"),
            ("Phone 1 - Value", "number"),
        ],
    ),
    (
        "google_contacts_old",
        "email",
        &[
            ("Given Name", "first_name"),
            ("Family Name", "last_name"),
            ("E-mail 1 - Value", "email"),
            ("Phone 1 - Value", "number"),
        ],
    ),
    (
        "hubspot_contacts",
        "uid",
        &[
            ("Record ID", "uid"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email", "email"),
            ("Phone Number", "number"),
        ],
    ),
    ("intercom_users", "uid", &[("email", "email"), ("phone", "number"), ("user_id", "uid")]),
    ("kit_subscribers", "email", &[("first_name", "first_name"), ("email_address", "email")]),
    (
        "klaviyo_profiles",
        "email",
        &[("Email", "email"), ("First Name", "first_name"), ("Last Name", "last_name")],
    ),
    ("listmonk_subscribers", "uid", &[("uuid", "uid"), ("email", "email")]),
    (
        "mailchimp_audience",
        "email",
        &[
            ("Email Address", "email"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Phone Number", "number"),
        ],
    ),
    (
        "mautic_contacts",
        "email",
        &[
            ("firstname", "first_name"),
            ("lastname", "last_name"),
            ("email", "email"),
            ("mobile", "number"),
        ],
    ),
    (
        "mixpanel_people",
        "uid",
        &[("$distinct_id", "uid"), ("$email", "email"), ("$phone", "number")],
    ),
    (
        "outlook_contacts",
        "email",
        &[
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("E-mail Address", "email"),
            ("Mobile Phone", "number"),
        ],
    ),
    (
        "paystack_customers",
        "uid",
        &[
            ("email", "email"),
            ("id", "uid"),
            ("first_name", "first_name"),
            ("last_name", "last_name"),
            ("phone", "number"),
        ],
    ),
    (
        "pipedrive_people",
        "email",
        &[
            ("Person - First name", "first_name"),
            ("Person - Last name", "last_name"),
            ("Person - Email - Work", "email"),
            ("Person - Phone - Mobile", "number"),
        ],
    ),
    (
        "salesforce_contacts",
        "uid",
        &[
            ("Id", "uid"),
            ("LastName", "last_name"),
            ("FirstName", "first_name"),
            ("MobilePhone", "number"),
            ("Email", "email"),
        ],
    ),
    ("segment_users", "uid", &[("id", "uid"), ("email", "email"), ("first_name", "first_name")]),
    (
        "shopify_customers",
        "uid",
        &[
            ("Customer ID", "uid"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email", "email"),
            ("Phone", "number"),
        ],
    ),
    (
        "square_customers",
        "email",
        &[
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email Address", "email"),
            ("Phone Number", "number"),
        ],
    ),
    ("stripe_customers", "uid", &[("id", "uid"), ("Email", "email")]),
    ("woocommerce_customers", "email", &[("Email", "email"), ("Billing Phone", "number")]),
    ("wordpress_users", "uid", &[("ID", "uid"), ("user_email", "email")]),
    ("zendesk_users", "uid", &[("email", "email"), ("external_id", "uid"), ("phone", "number")]),
    (
        "zoho_contacts",
        "uid",
        &[
            ("Record Id", "uid"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email", "email"),
            ("Mobile", "number"),
        ],
    ),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports")
}

#[test]
fn every_export_is_mapped_as_in_the_table() {
    let mut wrong = Vec::new();
    for (name, key, standard) in EXPORTS {
        // Some fixtures are in the folder of customer lists that resemble events.
        let base = if name.contains('/') { folder().join("..") } else { folder() };
        let fixture = base.join(format!("{name}.csv"));
        let sandbox = Sandbox::with("export.csv", std::fs::read(fixture).unwrap());
        let run = sandbox.run(&["import", "export.csv", "--dry-run", "--format", "json"]);
        if run.code != 0 {
            wrong.push(format!("{name}: {run:?}"));
            continue;
        }
        let report = run.report();
        let columns = report["mapping"].as_array().unwrap();
        let found: Vec<(&str, &str)> = columns
            .iter()
            .filter(|column| column["standard"] == true)
            .map(|c| (c["column"].as_str().unwrap(), c["attribute"].as_str().unwrap()))
            .collect();
        if report["key"] != *key || found != *standard {
            wrong.push(format!("{name}: key {}, {found:?}", report["key"]));
        }
        let how = |c: &serde_json::Value| if c["standard"] == true { "alias" } else { "custom" };
        assert!(columns.iter().all(|c| c["how"] == how(c)), "{name}: {columns:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_export_has_a_source_and_a_row_in_the_table() {
    let sources = std::fs::read_to_string(folder().join("SOURCES.md")).unwrap();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(sources.contains(&format!("`{name}.csv`")), "{name} has no source");
            assert!(EXPORTS.iter().any(|(known, ..)| *known == name), "{name} is in no table");
        }
    }
}

#[test]
fn names_that_only_seem_to_fit_stay_custom() {
    let tempting = [
        "Emergency Contact",
        "Emergency Contact Phone",
        "Emergency Email",
        "Referrer ID",
        "Referred By Email",
        "Email Status",
        "Email Opt-In",
        "Email Verified",
        "Phone Country",
        "Phone Type",
        "Mobile Opt In",
        "Billing Name",
        "Owner Email",
        "Owner's Email",
        "Account Owner ID",
        "Fax",
        "Company ID",
        "Organization ID",
        "Parent ID",
        "Group ID",
        "Row ID",
        "Autonumber",
        "No.",
        "#",
        "Number of Orders",
        "House Number",
        "VAT Number",
        "Middle Name",
        "Nickname",
        "Maiden Name",
        "Company Name",
        "Username",
        "Device Model",
        "Device ID",
        "Access Token",
        "Token",
        "Platform",
        "OS",
    ];
    let header = tempting.join(",");
    let record = vec!["x"; tempting.len()].join(",");
    let sandbox = Sandbox::with("u.csv", format!("uid,{header}\n1,{record}\n"));
    let run = sandbox.run(&["import", "u.csv", "--dry-run", "--format", "json"]);
    let report = run.report();
    for column in report["mapping"].as_array().unwrap().iter().skip(1) {
        assert_eq!(column["how"], "custom", "{column}");
    }
}

#[test]
fn a_customer_id_is_preferred_to_a_row_id() {
    for (header, uid) in [
        ("id,customer_id,email", "customer_id"),
        ("ID;Kundennummer;E-Mail", "ID"),
        ("Nr.;Kundennummer;E-Mail", "Kundennummer"),
        ("id,uuid,user_id", "user_id"),
        ("id,external_id", "external_id"),
        ("Record ID,Customer ID", "Customer ID"),
        ("id,uuid", "id"),
    ] {
        let columns = header.split([',', ';']).count();
        let delimiter = if header.contains(';') { ";" } else { "," };
        let record = vec!["1"; columns].join(delimiter);
        let sandbox = Sandbox::with("u.csv", format!("{header}\n{record}\n"));
        let run = sandbox.run(&["inspect", "u.csv", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let columns = report["columns"].as_array().unwrap();
        let found = columns.iter().find(|column| column["attribute"] == "uid").unwrap();
        assert_eq!(found["column"], uid, "{header}");
    }
}
