//! The exports of other systems map themselves: each mapping is held whole.

use crate::sandbox::Sandbox;
use std::path::PathBuf;

/// A fixture, the key, and the columns that become standard attributes; all others stay custom.
type Export = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const EXPORTS: &[Export] = &[
    ("amplitude_cohort", "uid", &[("user_id", "uid")]),
    ("auth0_users", "uid", &[("user_id", "uid"), ("email", "email")]),
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
    ("stripe_customers", "uid", &[("id", "uid"), ("Email", "email")]),
    ("woocommerce_customers", "email", &[("Email", "email")]),
    ("wordpress_users", "uid", &[("ID", "uid"), ("user_email", "email")]),
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
fn every_export_maps_itself_as_the_table_says() {
    let mut wrong = Vec::new();
    for (name, key, standard) in EXPORTS {
        let fixture = folder().join(format!("{name}.csv"));
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
