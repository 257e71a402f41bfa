use super::*;

/// The evidence in a table: its header, then its records. `key` is the header of the key column.
fn find_evidence_excusing(key: &str, ignored: &[&str], table: &[&str]) -> Option<EventEvidence> {
    let rows: Vec<Vec<&str>> = table.iter().map(|line| line.split(',').collect()).collect();
    let columns: Vec<ColumnForEvidence<'_>> = rows[0]
        .iter()
        .enumerate()
        .map(|(index, header)| ColumnForEvidence {
            index,
            header,
            ignored: ignored.contains(header),
            is_key: *header == key,
        })
        .collect();
    let cell =
        |record: usize, column: usize| rows[record + 1].get(column).copied().unwrap_or_default();
    event_evidence(&columns, &Sample::new(rows.len() - 1, &cell))
}

fn find_evidence(key: &str, table: &[&str]) -> Option<EventEvidence> {
    find_evidence_excusing(key, &[], table)
}

const TRACK: &[&str] = &[
    "event,time,distinct_id,plan",
    "Order placed,2026-11-02T10:14:00Z,u-1,Pro",
    "Page viewed,2026-11-02T10:15:00Z,u-1,Pro",
    "Signed in,2026-11-03T08:00:00Z,u-2,Free",
    "Page viewed,2026-11-03T08:01:00Z,u-1,Pro",
];

#[test]
fn the_evidence_names_the_export_the_reason_and_the_values_seen() {
    let evidence = find_evidence("distinct_id", TRACK).expect("evidence");
    assert_eq!(evidence.looks_like, "Mixpanel's event export");
    assert_eq!(evidence.reason, "It has an event name with a time");
    let names: Vec<&str> = evidence.columns.iter().map(|column| column.column.as_str()).collect();
    assert_eq!(names, ["event", "time", "distinct_id"]);
    assert_eq!(evidence.columns[0].samples, ["Order placed", "Page viewed", "Signed in"]);
    assert_eq!(evidence.columns[0].index, 0);
    assert_eq!(evidence.columns[2].note.as_deref(), Some("the same customer up to 3 times"));
}

#[test]
fn excused_columns_are_not_evidence() {
    // Customers still appear several times, with different times.
    let rest = find_evidence_excusing("distinct_id", &["event"], TRACK).expect("evidence");
    assert_eq!(rest.columns[0].column, "time");
    assert!(find_evidence_excusing("distinct_id", &["time"], TRACK).is_none());
    assert!(find_evidence_excusing("distinct_id", &["plan"], TRACK).is_some());
}

#[test]
fn the_evidence_names_all_columns_that_clear_it() {
    let mut table = TRACK.to_vec();
    table.extend([
        "Signed in,2026-11-04T08:00:00Z,u-2,Free",
        "Signed in,2026-11-05T08:00:00Z,u-2,Free",
        "Signed in,2026-11-06T08:00:00Z,u-2,Free",
    ]);
    let evidence = find_evidence("distinct_id", &table).expect("evidence");
    assert_eq!(evidence.clears, ["event", "time"]);
    assert!(find_evidence_excusing("distinct_id", &["event"], &table).is_some());
    assert!(find_evidence_excusing("distinct_id", &["event", "time"], &table).is_none());
}

#[test]
fn a_header_alone_is_enough() {
    assert!(find_evidence("user_id", &["user_id,event_name,created_at"]).is_some());
    assert!(find_evidence("user_id", &["user_id,type,created_at"]).is_none());
}

#[test]
fn events_are_recognised_in_the_languages_of_the_header_names() {
    for header in [
        "Kundennummer,Ereignis,Zeitstempel",
        "Kundennummer,Bestellnummer,Bestelldatum",
        "Kundennummer,Rechnungsnummer,Betrag",
        "id_client,Événement,Horodatage",
        "id_client,Référence commande,Date de la commande",
        "id_client,N° de facture,Échéance",
        "id_cliente,Evento,Fecha",
        "id_cliente,Número de pedido,Fecha",
        "id_cliente,N.º de factura,Fecha de vencimiento",
        "cliente,Ação,Data/Hora",
        "cliente,Número do pedido,Data do pedido",
        "cliente,Azione,Data e ora",
        "cliente,Numero ordine,Data",
        "klantnummer,Gebeurtenis,Tijdstip",
        "klantnummer,Bestelnummer,Besteldatum",
        "klantnummer,Factuurnummer,Factuurdatum",
    ] {
        assert!(find_evidence("", &[header]).is_some(), "{header}");
    }
}

#[test]
fn facts_about_a_customer_are_not_events() {
    for header in [
        "id,email,last_login_at,signup_date,orders_count,events_attended",
        "id,email,last_order_id,last_order_at,last_order_total",
        "id,email,type,created_at",
        "id,email,last_event,last_event_at,total_events",
        "id,email,first_order_date,average_order_value,lifetime_value",
        "id,email,subscription_id,plan,status,started_at,ends_at,amount",
        "id,email,next_appointment_at,preferred_time",
        "id,email,ip_address,user_agent,created_at",
        "id,email,session_count,last_session_at",
        "id,email,next_action,action_required,created_at",
        "id,nom,date_derniere_commande,nombre_de_commandes",
        "id,name,letzte_bestellung_am,anzahl_bestellungen",
        "Timestamp,Email Address,What is your name?",
        "id,email,order,created_at",
        "id,email,product,quantity,price,created_at",
        "id,email,tracking_id,created_at",
        "id,email,case_number,assigned_to,created_at",
        "reference,name,amount,created_at",
        "email,phone,page_url,timestamp",
        "Entry Id,Date Created,Name,Email",
        "customer_id,payment_reference,amount,start_date,end_date",
    ] {
        assert!(find_evidence("id", &[header]).is_none(), "{header}");
    }
}

#[test]
fn a_time_column_without_times_is_not_evidence() {
    assert!(
        find_evidence("id", &["id,action,time", "1,call back,morning", "2,email,evening"])
            .is_none()
    );
    assert!(
        find_evidence("id", &["id,action,time", "1,call back,1602611311", "2,email,1602611399"])
            .is_some()
    );
}

#[test]
fn a_column_of_yes_and_no_is_not_evidence() {
    let list = &["email,invoice,price", "a@x.co,yes,10", "b@x.co,no,12", "c@x.co,yes,10"];
    assert!(find_evidence("email", list).is_none());
    let list = &["email,invoice,price", "a@x.co,INV-1,10", "b@x.co,INV-2,12", "c@x.co,,10"];
    assert!(find_evidence("email", list).is_some());
}

#[test]
fn an_occasion_that_all_attend_is_not_an_event() {
    let list = &[
        "email,event,date",
        "a@x.co,Summer fest,2026-07-01",
        "b@x.co,Summer fest,2026-07-01",
        "c@x.co,Winter fest,2026-12-01",
        "d@x.co,Winter fest,2026-12-01",
    ];
    assert!(find_evidence("email", list).is_none());
    let attendees = &["email,event,created_at,ticket_type", "a@x.co,Fest,2026-07-01,VIP"];
    assert!(find_evidence("email", attendees).is_none());
    let each_at_its_time = &[
        "email,event,date",
        "a@x.co,Opened,2026-07-01",
        "b@x.co,Opened,2026-07-02",
        "c@x.co,Clicked,2026-07-04",
    ];
    assert!(find_evidence("email", each_at_its_time).is_some());
}

/// The evidence in a generated table: `customers` customers with `times` records each.
fn evidence_in_repeats(
    header: &'static str,
    customers: usize,
    times: usize,
    cell: impl Fn(usize, usize) -> String,
) -> Option<EventEvidence> {
    let mut lines = vec![header.to_owned()];
    for time in 0..times {
        lines.extend((0..customers).map(|customer| cell(customer, time)));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    find_evidence(header.split(',').next().unwrap_or_default(), &lines)
}

#[test]
fn customers_repeated_with_different_times_are_evidence() {
    let evidence = evidence_in_repeats("user_id,city,seen", 7, 5, |customer, time| {
        format!("u-{customer},Lagos,2026-11-{:02} 10:{:02}", time + 1, customer * 7)
    })
    .expect("evidence");
    assert_eq!(evidence.looks_like, "a list of what customers did");
    assert_eq!(evidence.clears, ["seen"]);
    assert_eq!(evidence.columns[1].note.as_deref(), Some("the same customer up to 5 times"));
}

#[test]
fn customers_repeated_with_the_same_time_are_duplicates() {
    assert!(
        evidence_in_repeats("user_id,city,joined", 7, 5, |customer, time| {
            format!("u-{customer},City {time},2026-11-{:02}", customer + 1)
        })
        .is_none()
    );
}

#[test]
fn snapshots_versions_devices_and_subscriptions_are_not_events() {
    // Snapshots of several nights in one file, with a telling column name.
    for header in ["user_id,plan,snapshot_date", "user_id,plan,exported_at"] {
        assert!(
            evidence_in_repeats(header, 20, 5, |customer, time| {
                format!("u-{customer},Pro,2026-11-{:02}", time + 1)
            })
            .is_none(),
            "{header}"
        );
    }
    for header in ["user_id,plan,updated_at", "user_id,plan,last_login_at"] {
        assert!(
            evidence_in_repeats(header, 20, 3, |customer, time| {
                format!("u-{customer},Pro,2026-11-{:02}T{:02}:00:00Z", customer + 1, time)
            })
            .is_none(),
            "{header}"
        );
    }
    for header in ["user_id,device_token,added", "user_id,subscription_id,started_at"] {
        assert!(
            evidence_in_repeats(header, 20, 2, |customer, time| {
                format!(
                    "u-{customer},t-{customer}-{time},2026-11-{:02}T{:02}:00:00Z",
                    customer + 1,
                    time
                )
            })
            .is_none(),
            "{header}"
        );
    }
}

#[test]
fn a_few_repeated_customers_are_not_evidence() {
    let mut table = vec!["email,seen".to_owned()];
    table.extend((0..40).map(|customer| format!("c{customer}@x.co,2026-11-01 10:{customer:02}")));
    table.extend((0..9).map(|customer| format!("c{customer}@x.co,2026-11-02 10:{customer:02}")));
    let table: Vec<&str> = table.iter().map(String::as_str).collect();
    assert!(find_evidence("email", &table).is_none());
}

#[test]
fn an_id_that_numbers_the_rows_does_not_hide_repeated_customers() {
    let rows = |customer: usize, time: usize| {
        format!("{},u-{customer},2026-11-{:02} 10:{:02}", time * 100 + customer, time + 1, customer)
    };
    assert!(evidence_in_repeats("id,user_id,seen", 8, 4, rows).is_some());
    // The id of an account manager repeats, but the customers do not.
    assert!(
        evidence_in_repeats("id,user_id,email,seen", 8, 4, |customer, time| {
            format!(
                "{0},u-{customer},c{0}@x.co,2026-11-{1:02} 10:{customer:02}",
                time * 100 + customer,
                time + 1
            )
        })
        .is_none()
    );
}

#[test]
fn only_the_sample_is_read() {
    let cell = |record: usize, _: usize| {
        if record < SAMPLE_RECORDS { "x" } else { panic!("beyond the sample") }
    };
    let columns = [ColumnForEvidence { index: 0, header: "id", ignored: false, is_key: true }];
    assert!(event_evidence(&columns, &Sample::new(1_000_000, &cell)).is_none());
}

#[test]
fn a_column_of_yes_and_no_does_not_hide_another_column() {
    let table = [
        "email,invoice,invoice_number,invoice_date",
        "a@b.co,yes,R-1,2026-01-02",
        "c@d.co,no,R-2,2026-01-03",
        "e@f.co,yes,R-3,2026-01-04",
    ];
    let evidence = find_evidence("email", &table).expect("evidence");
    assert_eq!(evidence.looks_like, "a list of invoices");
    assert_eq!(evidence.columns[0].column, "invoice_number");
    let without: Vec<String> =
        table.iter().map(|line| line.replace("invoice_number", "vat").replace("R-", "")).collect();
    let without: Vec<&str> = without.iter().map(String::as_str).collect();
    assert!(find_evidence("email", &without).is_none());
}

#[test]
fn the_columns_that_clear_the_evidence_are_limited() {
    let header = format!("time,distinct_id{}", ",event".repeat(4000));
    let evidence = find_evidence("distinct_id", &[&header]).expect("evidence");
    assert_eq!(evidence.clears.len(), MOST_CLEARS);
}
