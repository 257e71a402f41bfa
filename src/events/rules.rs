//! The table of headers that event data has: which column names appear together.

use super::names::is_one_of;
use super::sampled_columns::{SampledColumns, Times};
use super::words::{
    ACTIVITY, ACTOR, AMOUNT, APPOINTMENT, ATTENDEE, AUDITED, BOOKED, BOOKING, CALL, CASE,
    CASE_MORE, CREATED, CREDIT, DEBIT, ENDS, EVENT, FROM, HAPPENED, INVOICE, INVOICED, ITEM, LEAD,
    LOG, LOG_TEXT, MESSAGE, MESSAGE_BODY, METHOD, Names, ORDER, ORDER_LINE, ORDER_WORD, ORDERED,
    PAGE, PAID, PAYMENT, QUANTITY, REFERENCE, REFUND, REFUND_AMOUNT, REFUNDED, REQUEST, SENT,
    SEVERITY, SHIPMENT, SHIPPED, STARTS, SUBSCRIPTION, TICKET, TICKET_MORE, TO, TRANSACTION,
    TRANSACTION_TYPE, VISIT, VISITED,
};
use std::collections::HashSet;

/// A column that a rule needs.
enum Need {
    /// It has one of these names; names in an earlier list are preferred.
    Named(&'static [Names]),
    /// It has one of these names, and its values, if it has any, are times.
    When(&'static [Names]),
}

/// One kind of event data. It matches if each need is met by a separate column.
pub(crate) struct Rule {
    looks_like: &'static str,
    reason: &'static str,
    /// The most telling column first.
    needs: &'static [Need],
    /// Columns of lists of people: if the file has one of them and most customers appear once, the
    /// rule does not apply.
    unless: &'static [Names],
    /// Whether a list of the people at an occasion, such as a party, may have these columns too.
    /// The rule does not apply if many rows share each time and most customers appear once.
    occasions: bool,
}

/// A rule that applies, and the columns that meet its needs.
pub(crate) struct Match {
    pub(crate) looks_like: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) columns: Vec<usize>,
}

const fn rule(looks_like: &'static str, reason: &'static str, needs: &'static [Need]) -> Rule {
    Rule { looks_like, reason, needs, unless: &[], occasions: false }
}

impl Rule {
    const fn unless(mut self, unless: &'static [Names]) -> Self {
        self.unless = unless;
        self
    }

    const fn with_occasions(mut self) -> Self {
        self.occasions = true;
        self
    }

    /// All lists of names in the rule.
    #[cfg(test)]
    pub(crate) fn lists(&self) -> impl Iterator<Item = &'static Names> {
        let needs = self.needs.iter().flat_map(|need| match need {
            Need::Named(lists) | Need::When(lists) => *lists,
        });
        needs.chain(self.unless)
    }

    /// The columns that meet the needs, if all are met. `once` means that most customers have one
    /// record; columns in `ignored` do not count.
    pub(crate) fn matches(
        &self,
        sampled: &SampledColumns<'_, '_>,
        once: bool,
        ignored: &HashSet<usize>,
    ) -> Option<Match> {
        if once && sampled.columns.iter().any(|column| is_one_of(&column.name, self.unless)) {
            return None;
        }
        let mut columns: Vec<usize> = Vec::with_capacity(self.needs.len());
        for need in self.needs {
            columns.push(need.met_by(sampled, &columns, ignored)?);
        }
        if self.occasions && once && is_of_occasions(sampled, &columns) {
            return None;
        }
        Some(Match { looks_like: self.looks_like, reason: self.reason, columns })
    }
}

impl Need {
    /// The column that meets the need and is not yet taken by another need. The first one is the
    /// most telling column, so it must have more than yes and no.
    fn met_by(
        &self,
        sampled: &SampledColumns<'_, '_>,
        taken: &[usize],
        ignored: &HashSet<usize>,
    ) -> Option<usize> {
        let (lists, is_time) = match self {
            Self::Named(lists) => (lists, false),
            Self::When(lists) => (lists, true),
        };
        lists.iter().find_map(|list| {
            sampled
                .columns
                .iter()
                .filter(|column| list.contains(&column.name.as_str()))
                .filter(|column| !ignored.contains(&column.index) && !taken.contains(&column.index))
                .filter(|column| !is_time || sampled.times(column) != Times::No)
                .find(|column| !taken.is_empty() || !sampled.is_yes_or_no(column.index))
                .map(|column| column.index)
        })
    }
}

/// The lists of names of times in the rules, in order.
pub(crate) fn time_names() -> impl Iterator<Item = &'static Names> {
    let needs = RULES.iter().flat_map(|rule| rule.needs);
    needs.flat_map(|need| match need {
        Need::When(lists) => *lists,
        Need::Named(_) => &[],
    })
}

/// Whether the rows are about a few occasions: there are no more times than names, and at least two
/// records per time on average.
fn is_of_occasions(sampled: &SampledColumns<'_, '_>, columns: &[usize]) -> bool {
    let [name, .., time] = columns else { return false };
    let times = sampled.distinct(*time);
    times > 0 && times <= sampled.distinct(*name) && times * 2 <= sampled.filled(*time)
}

use Need::{Named, When};

/// Every rule; the first that applies describes the file. Exports of a certain product come before
/// general kinds.
pub(crate) static RULES: &[Rule] = &[
    // Product analytics.
    rule(
        "Mixpanel's event export",
        "It has an event name with a time",
        &[
            Named(&[&["event", "event_name", "mp_event_name"]]),
            When(&[&["time", "mp_event_time"]]),
            Named(&[&["distinct_id"]]),
        ],
    ),
    rule(
        "PostHog's event export",
        "It has an event name with a time",
        &[Named(&[&["event"]]), When(&[&["timestamp", "created_at"]]), Named(&[&["distinct_id"]])],
    ),
    rule(
        "Amplitude's event export",
        "It has an event type with a time",
        &[
            Named(&[&["event_type"]]),
            When(&[&["event_time"], &["client_event_time", "server_upload_time"]]),
            Named(&[&["amplitude_id", "insert_id", "device_id"]]),
        ],
    ),
    rule(
        "Segment's track calls",
        "It has an event name with a time",
        &[
            Named(&[&["event", "event_text", "event_name"]]),
            When(&[&["original_timestamp", "received_at", "sent_at", "timestamp"]]),
            Named(&[&["anonymous_id"]]),
        ],
    ),
    rule(
        "Google Analytics' event export",
        "It has an event name with a time",
        &[
            Named(&[&["event_name"]]),
            When(&[&["event_timestamp"], &["event_date"]]),
            Named(&[&[
                "user_pseudo_id",
                "ga_session_id",
                "event_params",
                "event_bundle_sequence_id",
            ]]),
        ],
    ),
    rule(
        "Matomo's visits log",
        "It has a visit number with a time",
        &[
            Named(&[&["id_visit", "idvisit"]]),
            When(&[VISITED, HAPPENED]),
            Named(&[&["id_site", "idsite", "visitor_id", "idvisitor"]]),
        ],
    ),
    rule(
        "Snowplow's event table",
        "It has an event name with a time",
        &[Named(&[&["event", "event_name"]]), When(&[&["collector_tstamp", "derived_tstamp"]])],
    ),
    // Shops and payments of a certain product.
    rule(
        "Shopify's order export",
        "It has the lines of orders with a time",
        &[Named(&[&["lineitem_name"]]), When(&[&["created_at"], &["paid_at"]])],
    ),
    rule(
        "PayPal's activity export",
        "It has an amount with a time",
        &[
            Named(&[&["gross"]]),
            When(&[HAPPENED]),
            Named(&[&["balance_impact", "reference_txn_id", "from_email_address"]]),
        ],
    ),
    rule(
        "Square's transaction export",
        "It has a payment number with a time",
        &[
            Named(&[&["payment_id", "transaction_id"]]),
            When(&[HAPPENED]),
            Named(&[&["total_collected", "net_sales", "gross_sales"]]),
        ],
    ),
    rule(
        "Stripe's payment export",
        "It has an amount with a time",
        &[
            Named(&[&[
                "seller_message",
                "captured",
                "converted_amount",
                "decline_reason",
                "payment_source_type",
            ]]),
            When(&[&["created", "created_date"]]),
            Named(&[&["amount"]]),
        ],
    ),
    rule(
        "Stripe's balance history",
        "It has an amount with a time",
        &[
            Named(&[&["available_on"]]),
            When(&[&["created", "created_date"]]),
            Named(&[&["net", "amount", "fee"]]),
        ],
    ),
    // Money.
    rule(
        "a list of refunds",
        "It has a refund with a time",
        &[Named(&[REFUND]), When(&[REFUNDED, HAPPENED, CREATED, PAID])],
    ),
    rule(
        "a list of refunds",
        "It has a refund with an amount",
        &[Named(&[REFUND]), Named(&[REFUND_AMOUNT, AMOUNT])],
    ),
    rule(
        "a list of refunds",
        "It has a refund with a time",
        &[Named(&[REFUND_AMOUNT]), When(&[REFUNDED])],
    ),
    rule(
        "a list of invoices",
        "It has an invoice number with a date",
        &[Named(&[INVOICE]), When(&[INVOICED, HAPPENED, CREATED, PAID])],
    ),
    rule(
        "a list of invoices",
        "It has an invoice number with an amount",
        &[Named(&[INVOICE]), Named(&[AMOUNT])],
    ),
    rule(
        "a list of invoices",
        "It has an amount with the date it is due",
        &[
            Named(&[&["amount_due", "amount_remaining"]]),
            When(&[INVOICED]),
            Named(&[&["subtotal", "amount_remaining"]]),
        ],
    ),
    rule(
        "a list of orders",
        "It has an order number with a time",
        &[Named(&[ORDER]), When(&[ORDERED, HAPPENED, CREATED, PAID, SHIPPED, INVOICED])],
    )
    .unless(&[ATTENDEE]),
    rule(
        "a list of orders",
        "It has an order number with what was ordered",
        &[Named(&[ORDER]), Named(&[ORDER_LINE])],
    )
    .unless(&[ATTENDEE]),
    rule(
        "a list of orders",
        "It has an order with the time of ordering",
        &[Named(&[ORDER_WORD]), When(&[ORDERED])],
    )
    .unless(&[ATTENDEE]),
    rule(
        "a list of orders",
        "It has an order and an amount with a time",
        &[Named(&[ORDER_WORD]), When(&[HAPPENED]), Named(&[AMOUNT])],
    )
    .unless(&[ATTENDEE]),
    rule(
        "a list of transactions",
        "It has a transaction number with a time",
        &[Named(&[TRANSACTION]), When(&[PAID, HAPPENED])],
    ),
    rule(
        "a list of transactions",
        "It has a transaction number with an amount",
        &[Named(&[TRANSACTION]), Named(&[AMOUNT])],
    ),
    rule(
        "a list of payments",
        "It has a payment number with a time",
        &[Named(&[PAYMENT]), When(&[PAID, HAPPENED])],
    ),
    rule(
        "a list of payments",
        "It has a payment number with an amount",
        &[Named(&[PAYMENT]), Named(&[AMOUNT])],
    ),
    rule(
        "a list of payments",
        "It has a reference and an amount with a time",
        &[Named(&[REFERENCE]), When(&[PAID]), Named(&[AMOUNT])],
    ),
    rule(
        "a ledger",
        "It has a kind of transaction with a date",
        &[Named(&[TRANSACTION_TYPE]), When(&[PAID, HAPPENED, CREATED]), Named(&[AMOUNT, DEBIT])],
    ),
    rule(
        "a ledger",
        "It has debit and credit with a date",
        &[Named(&[DEBIT]), When(&[PAID, HAPPENED]), Named(&[CREDIT])],
    ),
    rule(
        "a list of purchases",
        "It has an item, a quantity and a price with a time",
        &[Named(&[ITEM]), When(&[ORDERED, HAPPENED, PAID]), Named(&[QUANTITY]), Named(&[AMOUNT])],
    )
    .unless(&[SUBSCRIPTION, ATTENDEE]),
    // Messages, tickets, bookings, shipments.
    rule(
        "a log of messages",
        "It has a message number with a time",
        &[Named(&[MESSAGE]), When(&[SENT, HAPPENED, CREATED])],
    ),
    rule(
        "a log of messages",
        "It has a sender and a recipient with a time",
        &[Named(&[FROM]), When(&[SENT, HAPPENED, CREATED]), Named(&[TO]), Named(&[MESSAGE_BODY])],
    ),
    rule(
        "a log of calls",
        "It has a call number with a time",
        &[Named(&[CALL]), When(&[HAPPENED, CREATED, STARTS, VISITED])],
    ),
    rule(
        "a list of support tickets",
        "It has a ticket number with what it is about",
        &[Named(&[TICKET]), Named(&[TICKET_MORE])],
    ),
    rule(
        "a list of support tickets",
        "It has a subject, a requester and an assignee with a time",
        &[
            Named(&[&["requester", "requester_id"]]),
            When(&[CREATED]),
            Named(&[&["assignee", "agent"]]),
            Named(&[&["subject"]]),
        ],
    ),
    rule(
        "a list of support cases",
        "It has a case number with what it is about and a time",
        &[Named(&[CASE]), When(&[CREATED, HAPPENED]), Named(&[CASE_MORE])],
    ),
    rule(
        "a list of bookings",
        "It has a booking number with a time",
        &[Named(&[BOOKING]), When(&[BOOKED, STARTS, HAPPENED, CREATED, VISITED])],
    ),
    rule(
        "a list of appointments",
        "It has an appointment with its start and its end",
        &[Named(&[APPOINTMENT]), When(&[STARTS]), When(&[ENDS])],
    ),
    rule(
        "a list of shipments",
        "It has a shipment number with a time",
        &[Named(&[SHIPMENT]), When(&[SHIPPED, SENT, HAPPENED, CREATED])],
    ),
    // Logs.
    rule(
        "an access log",
        "It has a request and its method with a time",
        &[Named(&[METHOD]), When(&[HAPPENED, CREATED]), Named(&[REQUEST])],
    ),
    rule(
        "a log",
        "It has a severity and a message with a time",
        &[Named(&[SEVERITY]), When(&[HAPPENED]), Named(&[LOG_TEXT])],
    ),
    rule(
        "an audit log",
        "It has an action and its actor with a time",
        &[Named(&[AUDITED]), When(&[HAPPENED, CREATED]), Named(&[ACTOR])],
    )
    .unless(&[ATTENDEE])
    .with_occasions(),
    rule("a log", "It has a log number with a time", &[Named(&[LOG]), When(&[HAPPENED, CREATED])]),
    // Any event.
    rule(
        "an event log",
        "It has an event name with a time",
        &[Named(&[EVENT]), When(&[HAPPENED, CREATED, SENT, VISITED])],
    )
    .unless(&[ATTENDEE])
    .with_occasions(),
    rule(
        "an activity log",
        "It has an activity with a time",
        &[Named(&[ACTIVITY]), When(&[HAPPENED])],
    )
    .unless(&[ATTENDEE])
    .with_occasions(),
    rule(
        "a list of page views",
        "It has a page with a time",
        &[Named(&[PAGE]), When(&[HAPPENED, VISITED])],
    )
    .unless(&[LEAD]),
    rule(
        "a list of visits",
        "It has a visit number with a time",
        &[Named(&[VISIT]), When(&[VISITED, HAPPENED])],
    )
    .unless(&[LEAD]),
];
