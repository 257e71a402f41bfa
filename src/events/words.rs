//! Names of columns in event data, complete and in plain form: first in English, then in French,
//! German, Spanish, Portuguese, Italian and Dutch. Only complete names match, so `order_id` does
//! not match `last_order_id`.

/// Names that mean the same.
pub(crate) type Names = &'static [&'static str];

/// The name of an event.
pub(crate) const EVENT: Names = &[
    "event", "event_name", "event_type", "event_text", "event_action", "event_key", "event_title",
    "event_label", "event_category", "event_description", "eventname", "eventtype", "mp_event_name",
    "user_event", "action", "action_name", "action_type", "user_action", "metric_name", "evenement",
    "nom_evenement", "nom_de_l_evenement", "type_evenement", "type_d_evenement", "action_effectuee",
    "ereignis", "ereignisname", "ereignistyp", "ereignisart", "aktion", "aktionstyp", "evento",
    "nombre_evento", "nombre_del_evento", "tipo_evento", "tipo_de_evento", "accion", "nome_evento",
    "nome_do_evento", "acao", "tipo_de_acao", "nome_dell_evento", "tipo_di_evento", "azione",
    "gebeurtenis", "naam_gebeurtenis", "gebeurtenisnaam", "type_gebeurtenis", "soort_gebeurtenis",
    "actie",
];

/// The name of an event, in a column that may also be an attribute: evidence only next to the time
/// of an event, not next to the time at which a record was created.
pub(crate) const ACTIVITY: Names = &[
    "activity", "activity_name", "activity_type", "interaction", "interaction_type", "touchpoint",
    "operation", "activite", "type_d_activite", "interaction_client", "aktivitat", "aktivitaet",
    "vorgang", "interaktion", "actividad", "tipo_de_actividad", "interaccion", "atividade",
    "tipo_de_atividade", "interacao", "attivita", "tipo_attivita", "interazione", "activiteit",
    "type_activiteit", "interactie",
];

/// The time of an event.
pub(crate) const HAPPENED: Names = &[
    "event_time", "event_timestamp", "event_date", "event_datetime", "event_date_time", "event_at",
    "event_created_at", "occurred_at", "occurred_on", "occurred", "happened_at", "performed_at",
    "logged_at", "recorded_at", "tracked_at", "triggered_at", "action_time", "action_date",
    "activity_date", "activity_time", "activity_datetime", "client_event_time", "server_time",
    "server_timestamp", "server_date", "original_timestamp", "received_at", "collector_tstamp",
    "derived_tstamp", "log_time", "log_date", "request_time", "request_date", "timestamp",
    "time_stamp", "ts", "datetime", "date_time", "date_and_time", "time", "date",
    "event_timestamp_ms", "horodatage", "date_heure", "date_et_heure", "date_evenement",
    "date_de_l_evenement", "heure", "zeitstempel", "zeitpunkt", "datum_uhrzeit",
    "datum_und_uhrzeit", "ereignisdatum", "ereigniszeit", "datum", "zeit", "uhrzeit",
    "marca_de_tiempo", "fecha_hora", "fecha_y_hora", "fecha_evento", "fecha_del_evento", "fecha",
    "hora", "carimbo_de_data_hora", "data_hora", "data_e_hora", "data_evento", "data_do_evento",
    "data", "data_ora", "data_e_ora", "data_dell_evento", "ora", "tijdstempel", "tijdstip",
    "datum_tijd", "datum_en_tijd", "gebeurtenisdatum", "tijd",
];

/// The time at which a record was created. Customers have it, too.
pub(crate) const CREATED: Names = &[
    "created_at", "created", "created_on", "created_time", "created_date", "create_date",
    "create_time", "creation_date", "creation_time", "date_created", "created_timestamp",
    "added_at", "inserted_at", "opened_at", "opened", "cree_le", "date_creation",
    "date_de_creation", "erstellt", "erstellt_am", "erstellungsdatum", "angelegt_am", "creado",
    "creado_el", "fecha_creacion", "fecha_de_creacion", "criado_em", "data_criacao",
    "data_de_criacao", "creato_il", "data_creazione", "data_di_creazione", "aangemaakt",
    "aangemaakt_op", "aanmaakdatum",
];

/// The identifier of an order.
pub(crate) const ORDER: Names = &[
    "order_id", "order_number", "order_no", "order_nr", "order_num", "order_reference", "order_ref",
    "order_name", "order_key", "order_code", "order_increment_id", "increment_id",
    "display_order_id", "purchase_id", "purchase_number", "purchase_order_number", "sale_id",
    "sales_order_id", "sales_order_number", "checkout_id", "amazon_order_id", "id_commande",
    "reference_commande", "reference_de_commande", "reference_de_la_commande", "numero_commande",
    "numero_de_commande", "n_commande", "n_de_commande", "no_commande", "bestellnummer",
    "bestell_nr", "bestellnr", "bestell_id", "bestellungs_id", "auftragsnummer", "auftrags_nr",
    "auftragsnr", "id_pedido", "id_de_pedido", "numero_pedido", "numero_de_pedido", "n_pedido",
    "no_de_pedido", "referencia_de_pedido", "id_do_pedido", "numero_do_pedido", "codigo_do_pedido",
    "n_do_pedido", "id_ordine", "numero_ordine", "n_ordine", "numero_d_ordine", "codice_ordine",
    "riferimento_ordine", "bestelnummer", "bestellingsnummer", "bestelling_id", "bestel_id",
    "ordernummer",
];

/// An order, in a word with other meanings: `order` may also be the position in a list.
pub(crate) const ORDER_WORD: Names = &[
    "order", "commande", "bestellung", "auftrag", "pedido", "ordine", "bestelling",
];

/// The time of an order.
pub(crate) const ORDERED: Names = &[
    "order_date", "order_time", "order_datetime", "order_created_at", "order_placed_at",
    "ordered_at", "ordered_on", "date_ordered", "purchase_date", "purchase_time", "purchased_at",
    "purchased_on", "purchase_timestamp", "sale_date", "sold_at", "date_of_purchase",
    "processed_at", "date_commande", "date_de_commande", "date_de_la_commande", "date_d_achat",
    "date_achat", "bestelldatum", "bestellzeit", "bestellt_am", "auftragsdatum", "kaufdatum",
    "fecha_pedido", "fecha_de_pedido", "fecha_del_pedido", "fecha_de_compra", "fecha_compra",
    "data_pedido", "data_do_pedido", "data_da_compra", "data_de_compra", "data_da_venda",
    "data_ordine", "data_dell_ordine", "data_acquisto", "data_d_acquisto", "besteldatum",
    "orderdatum", "aankoopdatum", "datum_bestelling",
];

/// Other columns that only orders and their lines have.
pub(crate) const ORDER_LINE: Names = &[
    "order_total", "order_status", "order_amount", "order_value", "order_subtotal", "order_items",
    "line_total", "line_item", "lineitem_name", "item_name", "item_price", "item_quantity", "sku",
    "product_sku", "quantity", "qty", "shipping_method", "fulfillment_status", "menge", "anzahl",
    "bestellstatus", "bestellsumme", "artikelnummer", "artikelsumme", "quantite",
    "statut_de_la_commande", "montant_total", "cantidad", "estado_del_pedido", "quantidade",
    "situacao_do_pedido", "quantita", "stato_ordine", "aantal", "bestelstatus",
];

/// The item that was bought.
pub(crate) const ITEM: Names = &[
    "item", "item_name", "item_title", "product", "product_name", "product_title", "product_id",
    "product_sku", "sku", "lineitem_name", "produit", "article", "designation", "produkt",
    "produktname", "artikel", "artikelname", "artikelnummer", "bezeichnung", "producto", "articulo",
    "produto", "prodotto", "articolo", "product_naam", "productnaam",
];

/// The quantity of the item.
pub(crate) const QUANTITY: Names = &[
    "quantity", "qty", "units", "item_quantity", "quantite", "menge", "anzahl", "stuckzahl",
    "cantidad", "quantidade", "qtd", "quantita", "aantal",
];

/// An amount of money.
pub(crate) const AMOUNT: Names = &[
    "amount", "gross", "net", "total", "subtotal", "amount_paid", "amount_due", "amount_charged",
    "amount_total", "total_amount", "amount_settled", "payment_amount", "transaction_amount",
    "gross_amount", "net_amount", "charge_amount", "charged_amount", "total_price", "unit_price",
    "price", "price_total", "paid_amount", "total_paid", "item_price", "net_total", "net_sales",
    "gross_sales", "value", "fee", "grand_total", "amt", "requested_amount", "montant",
    "montant_total", "montant_ttc", "montant_ht", "total_ttc", "total_ht", "prix", "prix_unitaire",
    "betrag", "summe", "gesamtbetrag", "gesamtsumme", "bruttobetrag", "nettobetrag", "brutto",
    "netto", "preis", "einzelpreis", "rechnungsbetrag", "umsatz", "importe", "importe_total",
    "monto", "monto_total", "precio", "precio_unitario", "precio_total", "valor", "valor_total",
    "valor_pago", "valor_liquido", "valor_bruto", "preco", "preco_unitario", "valor_total_liquido",
    "importo", "importo_totale", "totale", "prezzo", "prezzo_unitario", "imponibile", "bedrag",
    "totaalbedrag", "totaal_bedrag", "totaal", "prijs", "subtotaal", "bedrag_incl_btw",
    "bedrag_excl_btw",
];

/// The identifier of a payment.
pub(crate) const PAYMENT: Names = &[
    "payment_id", "payment_intent", "payment_intent_id", "payment_number", "payment_no",
    "charge_id", "payout_id", "receipt_number", "receipt_no", "receipt_id", "donation_id",
    "settlement_id", "capture_id", "id_paiement", "numero_de_paiement", "id_de_paiement",
    "zahlungs_id", "zahlungsnummer", "zahlung_id", "belegnummer", "id_pago", "id_de_pago",
    "numero_de_pago", "numero_de_recibo", "id_pagamento", "id_do_pagamento", "id_del_pagamento",
    "betaling_id", "betalings_id",
];

/// The time of a payment or transaction.
pub(crate) const PAID: Names = &[
    "payment_date", "payment_time", "paid_at", "paid_on", "paid_date", "date_paid",
    "payment_created_at", "charged_at", "charge_date", "captured_at", "settled_at",
    "settlement_date", "donation_date", "transaction_date", "transaction_time",
    "transaction_datetime", "transaction_timestamp", "transaction_created_at", "txn_date",
    "trans_date", "posted_date", "posting_date", "post_date", "booking_date", "value_date",
    "completed_at", "date_paiement", "date_de_paiement", "date_du_paiement", "date_de_transaction",
    "date_transaction", "date_operation", "date_d_operation", "date_de_valeur", "paye_le",
    "zahlungsdatum", "bezahlt_am", "transaktionsdatum", "buchungsdatum", "buchungstag",
    "valutadatum", "valuta", "wertstellung", "fecha_pago", "fecha_de_pago", "fecha_transaccion",
    "fecha_de_transaccion", "fecha_de_la_transaccion", "fecha_operacion", "fecha_valor",
    "fecha_de_operacion", "data_pagamento", "data_do_pagamento", "data_de_pagamento",
    "data_transacao", "data_da_transacao", "data_lancamento", "data_do_lancamento",
    "data_di_pagamento", "data_transazione", "data_della_transazione", "data_operazione",
    "data_contabile", "data_valuta", "betaaldatum", "betaald_op", "transactiedatum", "boekdatum",
    "rentedatum",
];

/// The identifier of a transaction.
pub(crate) const TRANSACTION: Names = &[
    "transaction_id", "transaction_number", "transaction_no", "transaction_reference",
    "transaction_ref", "transaction_code", "transaction", "transactionid", "txn_id", "txnid",
    "trx_id", "trxid", "trans_id", "tx_id", "tx_ref", "txref", "flw_ref", "flutterwave_reference",
    "rrn", "paystack_reference", "id_transaction", "id_de_transaction", "numero_de_transaction",
    "reference_transaction", "transaktion", "transaktions_id", "transaktionsnummer",
    "transaktionscode", "transaktionsreferenz", "id_transaccion", "id_de_transaccion",
    "id_de_la_transaccion", "numero_de_transaccion", "transacao", "id_transacao", "id_da_transacao",
    "codigo_da_transacao", "codigo_transacao", "id_transazione", "numero_transazione",
    "codice_transazione", "transactie", "transactie_id", "transactienummer",
];

/// A reference. It may refer to the customer, so it counts as a payment's only next to an amount
/// and the time of a payment.
pub(crate) const REFERENCE: Names = &[
    "reference", "ref", "reference_number", "reference_no", "reference_id", "referenz",
    "referencia", "riferimento", "referentie", "kenmerk", "payment_reference", "payment_ref",
    "payment_ref_no", "reference_paiement", "reference_de_paiement", "zahlungsreferenz",
    "referencia_de_pago", "referencia_do_pagamento", "riferimento_pagamento", "betalingskenmerk",
    "betaalreferentie",
];

/// The kind of a transaction.
pub(crate) const TRANSACTION_TYPE: Names = &[
    "transaction_type", "transaction_category", "entry_type", "journal_code", "journalcode",
    "type_de_transaction", "type_d_operation", "buchungstext", "buchungsart", "umsatzart",
    "transaktionstyp", "tipo_de_transaccion", "tipo_transaccion", "tipo_de_operacion",
    "tipo_de_transacao", "tipo_transacao", "historico", "tipo_transazione", "tipo_operazione",
    "causale", "transactietype", "transactiesoort", "mutatiesoort",
];

/// The debit and the credit side of an account.
pub(crate) const DEBIT: Names = &[
    "debit", "debit_amount", "debits", "dr", "withdrawal", "withdrawals", "money_out", "paid_out",
    "soll", "debito", "debe", "cargo", "dare", "debet", "af",
];
pub(crate) const CREDIT: Names = &[
    "credit", "credit_amount", "credits", "cr", "deposit", "deposits", "money_in", "paid_in",
    "haben", "credito", "haber", "abono", "avere", "bij",
];

/// The identifier of an invoice.
pub(crate) const INVOICE: Names = &[
    "invoice_id", "invoice_number", "invoice_no", "invoice_nr", "invoice_num", "invoice_reference",
    "invoice", "inv_no", "bill_number", "bill_no", "credit_note_number", "invoiceno", "facture",
    "id_facture", "numero_facture", "numero_de_facture", "n_facture", "no_facture", "n_de_facture",
    "reference_facture", "rechnung", "rechnungsnummer", "rechnungs_nr", "rechnungsnr",
    "rechnung_nr", "rechnungs_id", "factura", "id_factura", "numero_factura", "numero_de_factura",
    "n_factura", "no_factura", "n_de_factura", "fatura", "numero_da_fatura", "id_da_fatura",
    "numero_da_nota", "nota_fiscal", "numero_nf", "numero_da_nota_fiscal", "fattura",
    "numero_fattura", "n_fattura", "id_fattura", "nr_fattura", "factuur", "factuurnummer",
    "factuurnr", "factuur_nr", "factuur_id",
];

/// The date on which an invoice was issued or is due.
pub(crate) const INVOICED: Names = &[
    "invoice_date", "invoiced_at", "issue_date", "issued_at", "issued_on", "date_issued",
    "bill_date", "billed_at", "billing_date", "due_date", "due_at", "date_due", "date_facture",
    "date_de_facture", "date_de_facturation", "date_d_emission", "echeance", "date_echeance",
    "date_d_echeance", "rechnungsdatum", "faellig_am", "fallig_am", "falligkeit",
    "falligkeitsdatum", "faelligkeitsdatum", "belegdatum", "fecha_factura", "fecha_de_factura",
    "fecha_emision", "fecha_de_emision", "vencimiento", "fecha_vencimiento", "fecha_de_vencimiento",
    "data_fatura", "data_da_fatura", "data_emissao", "data_de_emissao", "vencimento",
    "data_vencimento", "data_de_vencimento", "data_fattura", "data_emissione", "data_di_emissione",
    "scadenza", "data_scadenza", "factuurdatum", "vervaldatum",
];

/// The identifier, the time and the amount of a refund.
pub(crate) const REFUND: Names = &[
    "refund_id", "refund_number", "refund_reference", "refund_no", "return_id", "return_number",
    "rma", "rma_number", "chargeback_id", "dispute_id", "id_remboursement",
    "numero_de_remboursement", "erstattungs_id", "ruckerstattungs_id", "erstattungsnummer",
    "retourennummer", "id_reembolso", "id_de_reembolso", "id_do_reembolso", "id_rimborso",
    "terugbetaling_id", "retournummer",
];
pub(crate) const REFUNDED: Names = &[
    "refund_date", "refunded_at", "refunded_date", "refund_created_at", "date_refunded",
    "returned_at", "return_date", "dispute_date", "chargeback_date", "date_remboursement",
    "date_de_remboursement", "erstattet_am", "erstattungsdatum", "fecha_reembolso",
    "fecha_de_reembolso", "data_reembolso", "data_do_reembolso", "data_rimborso", "terugbetaald_op",
    "terugbetaaldatum",
];
pub(crate) const REFUND_AMOUNT: Names = &[
    "refund_amount", "refunded_amount", "amount_refunded", "refund_reason", "reason_for_refund",
    "montant_rembourse", "erstattungsbetrag", "erstattungsgrund", "importe_reembolsado",
    "valor_reembolsado", "importo_rimborsato",
];

/// The identifier of a message to or from a customer.
pub(crate) const MESSAGE: Names = &[
    "message_id", "messageid", "msg_id", "message_sid", "sms_id", "sms_sid", "sg_message_id",
    "sg_event_id", "smtp_id", "email_message_id", "provider_message_id", "recv_message_id",
    "delivery_id", "send_id", "dispatch_id", "mandrill_id", "ses_message_id", "mail_message_id",
    "id_message", "nachrichten_id", "id_mensaje", "id_da_mensagem", "id_messaggio", "bericht_id",
];

/// The time at which a message was sent, delivered or handled.
pub(crate) const SENT: Names = &[
    "sent_at", "sent_date", "sent_time", "sent", "sent_on", "date_sent", "send_time", "send_date",
    "send_at", "delivered_at", "delivery_time", "delivered", "processed", "bounced_at",
    "clicked_at", "message_date", "message_time", "submitted_at", "receive_time", "envoye_le",
    "date_envoi", "date_d_envoi", "gesendet_am", "versendet_am", "versanddatum", "gesendet",
    "enviado_el", "fecha_envio", "fecha_de_envio", "enviado_em", "data_envio", "data_de_envio",
    "inviato_il", "data_invio", "data_di_invio", "verzonden_op", "verzenddatum", "verzonden",
];

/// The sender and the recipient of a message.
pub(crate) const FROM: Names = &[
    "from", "from_number", "from_phone", "sender", "sender_id", "from_address", "from_email",
    "caller", "caller_id", "expediteur", "de", "von", "absender", "remitente", "remetente",
    "mittente", "afzender", "van",
];
pub(crate) const TO: Names = &[
    "to", "to_number", "to_phone", "recipient", "to_address", "to_email", "receiver", "called",
    "callee", "destinataire", "a", "an", "empfanger", "empfaenger", "destinatario", "ontvanger",
    "naar", "para",
];

/// Other columns that only messages and calls have.
pub(crate) const MESSAGE_BODY: Names = &[
    "body", "message", "message_body", "text", "sms", "num_segments", "segments", "num_media",
    "direction", "duration", "call_duration", "subject", "error_code", "nachricht", "betreff",
    "richtung", "sujet", "objet", "mensaje", "asunto", "mensagem", "assunto", "messaggio",
    "oggetto", "bericht", "onderwerp",
];

/// The identifier of a call.
pub(crate) const CALL: Names = &[
    "call_id", "call_sid", "callid", "call_uuid", "call_number", "anruf_id", "id_appel",
    "id_llamada", "id_chiamata", "id_da_chamada", "gesprek_id",
];

/// The identifier of a ticket, and other columns that only tickets have.
pub(crate) const TICKET: Names = &[
    "ticket_id", "ticket_number", "ticket_no", "ticket_nr", "issue_id", "issue_key", "incident_id",
    "incident_number", "ticketnummer", "ticket", "numero_de_ticket", "numero_ticket", "id_ticket",
    "id_du_ticket", "id_del_ticket", "id_do_ticket", "numero_do_chamado", "chamado",
];
pub(crate) const TICKET_MORE: Names = &[
    "subject", "assignee", "assigned_to", "assigned_at", "assignee_id", "agent", "agent_id",
    "agent_name", "requester", "requester_id", "requester_email", "priority", "resolved_at",
    "resolved_time", "resolution_time", "resolved_date", "resolution_date", "solved_at",
    "closed_at", "closed_time", "first_response_time", "first_responded_at", "satisfaction_score",
    "due_by_time", "due_by", "betreff", "prioritat", "prioritaet", "bearbeiter", "gelost_am",
    "sujet", "objet", "priorite", "assigne_a", "resolu_le", "asunto", "prioridad", "asignado_a",
    "resuelto_el", "assunto", "prioridade", "atribuido_a", "resolvido_em", "oggetto", "priorita",
    "assegnato_a", "risolto_il", "onderwerp", "prioriteit", "toegewezen_aan", "opgelost_op",
];

/// The identifier of a case, which may also be the customer's own, and other columns that only
/// support cases have.
pub(crate) const CASE: Names = &[
    "case_id", "case_number", "case_no", "request_id", "conversation_id", "vorgangsnummer",
    "fallnummer", "numero_de_caso", "numero_caso",
];
pub(crate) const CASE_MORE: Names = &[
    "subject", "resolved_at", "resolved_time", "resolution_time", "resolved_date",
    "resolution_date", "solved_at", "closed_at", "closed_time", "first_response_time",
    "first_responded_at", "satisfaction_score", "betreff", "gelost_am", "sujet", "objet",
    "resolu_le", "asunto", "prioridad", "resuelto_el", "assunto", "prioridade", "resolvido_em",
    "oggetto", "risolto_il", "onderwerp", "opgelost_op",
];

/// The identifier of a line of a log, and other columns that only logs have.
pub(crate) const LOG: Names = &[
    "log_id", "log_entry_id", "audit_id", "audit_log_id", "trace_id", "span_id", "history_id",
    "log_event_id", "x_edge_request_id",
];
pub(crate) const METHOD: Names =
    &["method", "http_method", "cs_method", "request_method", "verb", "http_verb"];
pub(crate) const REQUEST: Names = &[
    "path", "url", "uri", "request", "request_uri", "request_path", "request_url", "cs_uri_stem",
    "cs_uri", "endpoint", "route", "status_code", "sc_status", "http_status", "response_code",
    "response_status",
];
pub(crate) const SEVERITY: Names = &[
    "severity", "log_level", "loglevel", "level", "level_name", "levelname", "schweregrad",
    "gravite", "gravedad", "gravidade", "livello",
];
pub(crate) const LOG_TEXT: Names = &[
    "message", "msg", "log_message", "log", "logger", "logger_name", "exception", "stack_trace",
    "error_message", "nachricht", "meldung", "mensaje", "mensagem", "messaggio",
];
pub(crate) const ACTOR: Names = &[
    "actor", "actor_id", "actor_email", "actor_name", "actor_login", "performed_by",
    "performed_by_email", "initiated_by", "staff_user", "admin_user", "author_id", "modified_by",
    "acting_user", "actor_ip", "user_agent", "ip_address", "ip",
];
pub(crate) const AUDITED: Names = &[
    "action", "action_type", "operation", "event", "event_type", "event_name", "activity", "aktion",
    "vorgang", "accion", "acao", "azione", "actie",
];

/// The page that was viewed, and the identifier and the time of the visit.
pub(crate) const PAGE: Names = &[
    "page_url", "page_location", "page_path", "page_title", "page_name", "pagename", "page_view",
    "pageview", "current_url", "pathname", "screen_name", "screen", "page_referrer", "url_path",
    "url_de_la_page", "seite", "seitenaufruf", "url_de_la_pagina", "pagina",
];
pub(crate) const VISIT: Names = &[
    "session_id", "sessionid", "ga_session_id", "session", "session_key", "visit_id", "id_visit",
    "idvisit", "visitid", "visit_key", "sitzungs_id", "besuchs_id", "id_de_session", "id_de_sesion",
    "id_sessione", "sessie_id",
];
pub(crate) const VISITED: Names = &[
    "session_start", "session_started_at", "session_start_time", "session_date", "visit_date",
    "visit_time", "visited_at", "visit_start_time", "visit_first_action_time",
    "last_action_date_time", "first_action_timestamp", "last_action_timestamp", "viewed_at",
    "started_at", "page_view_time",
];

/// The identifier of a booking, its subject and its times.
pub(crate) const BOOKING: Names = &[
    "booking_id", "booking_number", "booking_no", "booking_reference", "booking_ref",
    "booking_code", "appointment_id", "reservation_id", "reservation_number", "meeting_id",
    "event_uuid", "invitee_uuid", "id_reservation", "numero_de_reservation",
    "reference_de_reservation", "buchungsnummer", "buchungs_id", "reservierungsnummer", "termin_id",
    "id_reserva", "numero_de_reserva", "id_da_reserva", "localizador", "id_prenotazione",
    "numero_prenotazione", "reserveringsnummer", "boekingsnummer", "reservering_id",
];
pub(crate) const BOOKED: Names = &[
    "booked_at", "booked_on", "booking_created_at", "appointment_date", "appointment_time",
    "reservation_date", "check_in", "checkin", "check_in_date", "arrival_date", "arrival",
    "scheduled_at", "scheduled_for", "scheduled_time", "date_reservation", "date_de_reservation",
    "date_d_arrivee", "arrivee", "reservierungsdatum", "termin", "anreise", "anreisedatum",
    "fecha_reserva", "fecha_de_reserva", "fecha_de_entrada", "llegada", "data_reserva",
    "data_da_reserva", "data_de_entrada", "data_prenotazione", "data_arrivo", "reserveringsdatum",
    "aankomst", "aankomstdatum",
];
pub(crate) const APPOINTMENT: Names = &[
    "event_type_name", "event_title", "event_type", "appointment_type", "meeting_type", "meeting",
    "meeting_title", "subject", "summary", "service_booked", "betreff", "terminart", "sujet",
    "asunto", "assunto", "oggetto", "onderwerp",
];
pub(crate) const STARTS: Names = &[
    "start_time", "start_date_time", "start_date_and_time", "start_datetime", "starts_at_time",
    "start", "event_start_time", "dtstart", "beginn", "beginnt_am", "startzeit", "heure_de_debut",
    "hora_de_inicio", "ora_inizio", "starttijd", "hora_inicio",
];
pub(crate) const ENDS: Names = &[
    "end_time", "end_date_time", "end_date_and_time", "end_datetime", "end", "event_end_time",
    "dtend", "ende", "endet_am", "endzeit", "heure_de_fin", "hora_de_fin", "ora_fine", "eindtijd",
    "hora_fim", "hora_fin",
];

/// The identifier of a shipment, and its time.
pub(crate) const SHIPMENT: Names = &[
    "shipment_id", "shipment_number", "tracking_number", "tracking_no", "parcel_id",
    "parcel_number", "awb", "waybill", "numero_de_suivi", "sendungsnummer", "paketnummer",
    "trackingnummer", "numero_de_seguimiento", "codigo_de_rastreio", "codigo_de_rastreamento",
    "numero_di_tracking", "verzendnummer",
];
pub(crate) const SHIPPED: Names = &[
    "shipped_at", "shipped_on", "ship_date", "shipping_date", "shipment_date", "dispatched_at",
    "dispatch_date", "delivered_on", "date_d_expedition", "date_expedition", "versendet",
    "fecha_de_entrega", "data_de_entrega", "data_spedizione", "verzonden_datum",
];

/// Columns of a list of people who submitted a web form.
pub(crate) const LEAD: Names = &[
    "first_name", "last_name", "full_name", "name", "email", "email_address", "phone",
    "phone_number", "vorname", "nachname", "prenom", "nom", "nombre", "nome", "cognome", "voornaam",
    "achternaam",
];

/// Columns of a list of attendees. A registration is an attribute of a person, not an event.
pub(crate) const ATTENDEE: Names = &[
    "attendee", "attendee_number", "attendee_id", "attendee_name", "attendee_email", "attendee_status", "attendance",
    "attended", "ticket_type", "ticket_class", "ticket_name", "registered_at", "registered_on",
    "registration_date", "registration_time", "registration_status", "date_registered",
    "approval_status", "rsvp", "rsvp_status", "checked_in", "check_in_status", "seat", "badge",
    "participant", "nom_participant", "date_d_inscription", "inscrit_le", "billet", "teilnehmer",
    "anmeldedatum", "angemeldet_am", "ticketart", "asistente", "fecha_de_inscripcion",
    "fecha_de_registro", "participante", "data_de_inscricao", "inscrito_em", "partecipante",
    "data_iscrizione", "iscritto_il", "deelnemer", "aanmelddatum", "ingeschreven_op",
    "inschrijfdatum",
];

/// Things of which a customer may have several.
pub(crate) const SUBSCRIPTION: Names = &[
    "subscription_id", "subscription", "subscription_number", "membership_id", "membership_number",
    "contract_id", "contract_number", "contract_no", "policy_id", "policy_number", "license_key",
    "licence_key", "license_id", "plan_id", "account_number", "serial_number", "id_abonnement",
    "numero_d_abonnement", "numero_de_contrat", "vertragsnummer", "vertrags_nr", "abonummer",
    "abo_nr", "policennummer", "numero_de_contrato", "id_suscripcion", "numero_do_contrato",
    "id_da_assinatura", "numero_contratto", "id_abbonamento", "contractnummer", "abonnementsnummer",
    "polisnummer",
];
pub(crate) const DEVICE: Names = &[
    "device_token", "push_token", "fcm_token", "apns_token", "registration_token", "device_id",
    "device_uuid", "player_id", "vehicle_id", "vin", "pet_name", "child_name",
];

/// Identifiers of things of a customer: a row with one of them is not an event.
pub(crate) const THINGS: &[Names] = &[SUBSCRIPTION, DEVICE];

/// Keys that may identify the row, not the customer.
pub(crate) const RECORD_IDS: &[Names] = &[&[
    "id", "uuid", "guid", "record_id", "row_id", "row", "event_id", "nr", "no", "number", "pk",
    "key",
]];

/// Columns that identify people, to find customers with several records.
pub(crate) const PERSONS: &[Names] = &[&[
    "user_id", "userid", "uid", "customer_id", "customerid", "client_id", "contact_id", "member_id",
    "person_id", "profile_id", "subscriber_id", "account_id", "player_id", "distinct_id",
    "anonymous_id", "visitor_id", "amplitude_id", "user_pseudo_id", "external_user_id",
    "external_id", "customer", "user", "username", "user_name", "login", "email", "e_mail",
    "email_address", "customer_email", "user_email", "contact_email", "recipient",
    "recipient_email", "to", "from_email_address", "billing_email", "buyer_email", "payer_email",
    "invitee_email", "requester_email", "requester_id", "guest_email", "phone", "phone_number",
    "mobile", "msisdn", "name", "full_name", "customer_name", "first_name", "company",
    "company_name", "client", "id_client", "nom", "kunde", "kunden_id", "kundennummer", "kunden_nr",
    "cliente", "id_cliente", "codigo_do_cliente", "nome", "nombre", "klant", "klantnummer",
    "klant_id", "naam", "correo", "correo_electronico", "telefon", "telefono", "telefone", "handy",
]];

/// Times of a current state or of the export, not of an event.
pub(crate) const STANDING_TIMES: &[Names] = &[&[
    "snapshot_date", "snapshot_at", "snapshot_time", "snapshot", "snapshot_ts", "export_date",
    "exported_at", "extracted_at", "extract_date", "as_of", "as_of_date", "report_date",
    "reporting_date", "load_date", "loaded_at", "ingested_at", "synced_at", "sync_date",
    "batch_date", "run_date", "valid_from", "valid_to", "dbt_valid_from", "dbt_valid_to",
    "effective_date", "effective_from", "period", "month", "week", "day", "stichtag", "exportdatum",
    "date_export", "date_d_export", "fecha_de_exportacion", "fecha_exportacion",
    "data_de_exportacao", "data_esportazione", "data_export", "peildatum", "aktualisiert_am",
    "geandert_am", "mis_a_jour_le", "date_de_mise_a_jour", "actualizado_el", "atualizado_em",
    "aggiornato_il", "bijgewerkt_op", "gewijzigd_op", "date_of_birth", "birth_date", "birthday",
    "birthdate", "dob",
]];
