//! Words in the names of columns that say what a row is about.

/// Actions of a customer. The identifier of an action identifies the row.
pub(crate) const ACTIONS: [&str; 86] = [
    "order", "invoice", "payment", "transaction", "txn", "charge", "ticket", "session", "booking",
    "response", "survey", "gift", "deal", "message", "visit", "shipment", "usage", "attendance",
    "donation", "purchase", "sale", "receipt", "refund", "appointment", "reservation", "call", "event",
    "activity", "log", "checkout", "cart", "feedback", "review", "submission", "trip", "ride",
    "commande", "facture", "paiement", "bestellung", "bestell", "auftrag", "auftrags", "rechnung",
    "rechnungs", "zahlung", "zahlungs", "pedido", "factura", "pago", "venta", "fatura", "pagamento",
    "ordine", "fattura", "bestelling", "factuur", "betaling", "заказа", "注文", "claim", "document",
    "dokument", "beleg", "quote", "delivery", "lieferung", "livraison", "entrega", "consegna",
    "zamowienie", "zamowienia", "faktura", "faktury", "platnosc", "platnosci", "objednavka", "siparis",
    "заказ", "счет", "enquiry", "inquiry", "complaint", "incident", "rental", "appointments",
];

/// Things that an action may be about.
pub(crate) const THINGS: [&str; 32] = [
    "product", "sku", "item", "course", "campaign", "article", "lineitem", "produit", "produkt",
    "artikel", "producto", "articulo", "produto", "prodotto", "articolo", "kurs", "curso", "corso",
    "cours", "товар", "商品", "variant", "material", "ware", "hotel", "room", "flight", "zimmer", "flug", "towar", "produktu", "urun",
];

/// Descriptions of a thing, evidence only next to a quantity and an amount.
pub(crate) const DESCRIPTIONS: [&str; 10] = [
    "description", "beschreibung", "bezeichnung", "designation", "descripcion", "descricao",
    "descrizione", "omschrijving", "opis", "aciklama",
];

/// Things that a customer has for a while. Their identifiers are not those of actions.
pub(crate) const STATES: [&str; 12] = [
    "subscription", "policy", "membership", "card", "lease", "contract", "plan", "account", "abo",
    "vertrag", "loyalty", "customer",
];

/// An amount of money.
pub(crate) const AMOUNTS: [&str; 37] = [
    "amount", "price", "subtotal", "gross", "net", "fee", "cost", "paid", "due", "revenue", "montant",
    "prix", "betrag", "summe", "preis", "importe", "monto", "precio", "valor", "preco", "importo",
    "totale", "prezzo", "bedrag", "prijs", "kwota", "cena", "сумма", "金額", "tip", "premium", "kosten", "koszt", "cout", "costo", "custo", "kwoty",
];

/// Quantities.
pub(crate) const QUANTITIES: [&str; 13] = [
    "quantity", "qty", "quantite", "menge", "stuckzahl", "cantidad", "quantidade", "qtd", "quantita",
    "數量", "ilosc", "adet", "количество",
];

/// When a record was created.
pub(crate) const CREATED: [&str; 12] = [
    "created", "creation", "create", "added", "inserted", "opened", "erstellt", "angelegt", "cree", "creado", "criado", "creato",
];

/// Times of a customer's current state, not of an action.
pub(crate) const STANDING: [&str; 52] = [
    "updated", "update", "modified", "changed", "registered", "registration", "signup", "signed",
    "joined", "join", "seen", "snapshot", "export", "exported", "birth", "born", "birthday", "dob",
    "expiry", "expires", "expire", "expiration", "valid", "until", "start", "starts", "started",
    "begin", "end", "ends", "ended", "since", "renewal", "renewed", "renews", "trial", "last", "first",
    "next", "latest", "member", "geburtsdatum", "geburtstag", "naissance", "nacimiento", "nascimento",
    "nascita", "geboortedatum", "aktualisiert", "ablauf", "anniversary", "active",
];

/// Facts that only people have, except names and contact details.
pub(crate) const PERSON_FACTS: [&str; 18] = [
    "birth", "born", "birthday", "dob", "birthdate", "gender", "sex", "address", "geburtsdatum",
    "geburtstag", "geschlecht", "naissance", "genre", "sexe", "nacimiento", "genero", "adresse",
    "direccion",
];

/// Columns of attendee lists.
pub(crate) const ATTENDEES: [&str; 12] = [
    "attendee", "attendees", "guest", "participant", "registrant", "holder", "teilnehmer", "invite",
    "asistente", "participante", "partecipante", "deelnemer",
];

/// Words that make an amount a total or a limit of the customer.
pub(crate) const SUMS: [&str; 15] = [
    "spent", "lifetime", "balance", "credit", "monthly", "annual", "yearly", "average", "avg", "mrr",
    "arr", "limit", "income", "salary", "budget",
];

/// A customer's rating of something.
pub(crate) const RATINGS: [&str; 6] = ["rating", "score", "stars", "nps", "bewertung", "note"];
