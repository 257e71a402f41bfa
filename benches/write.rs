//! Measures writing new customers into an empty store, compared with plain SQLite inserts of the
//! same rows: `cargo bench --bench write -- [CUSTOMERS [ROUNDS]]`. Both write to the disk and sync.

use engage::customer::{Change, Patch};
use engage::store::{
    ChangeSet, HistoryKind, HistoryLine, Interrupt, Proof, ProofChange, begin_import, key_hash, now,
};
use engage::value::{DevicePlatform, Key};
use rusqlite::{Connection, params};
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

type Outcome = Result<(), Box<dyn Error>>;
type Contestant<'a> = (&'a str, &'a dyn Fn(&Path) -> Outcome);

/// A new customer, determined by its number. The uids are not in order.
struct Row {
    uid: String,
    email: String,
    number: String,
    attributes: String,
    token: Option<String>,
}

fn row(number: u64) -> Row {
    // SplitMix64's finaliser is a bijection, so uids are unique, and it spreads neighbours.
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 27;
    Row {
        uid: format!("u-{mixed:016x}"),
        email: format!("customer{number}@example.com"),
        number: format!("23480{:08}", mixed % 100_000_000),
        attributes: format!(
            r#"{{"city":"Lagos","monthly_usage":{},"newsletter":true,"plan":"Pro","seats":{},"signup_date":"2025-11-{:02}"}}"#,
            mixed % 1000,
            mixed % 7,
            1 + mixed % 28
        ),
        token: (mixed % 5 < 2).then(|| format!("{mixed:032x}{number:032x}")),
    }
}

fn ours(store: &Path, customers: u64) -> Outcome {
    let started_at = now();
    let mut session = begin_import(&store.into(), "bench", Duration::ZERO, &Interrupt::default())?;
    session.set_key(Key::Uid)?;
    session.choose_plan(b"the only one")?;
    let mut changes = ChangeSet::new(&started_at, session.start().first_new);
    for number in 0..customers {
        let row = row(number);
        let patch = Patch {
            key: &row.uid,
            uid: Some(&row.uid),
            first_name: Change::Set("Ada"),
            last_name: Change::Set("Lovelace"),
            number: Change::Set(&row.number),
            email: Change::Set(&row.email),
            attributes: &row.attributes,
            cleared: Vec::new(),
            device: row.token.as_deref().map(|token| (token, DevicePlatform::Ios)),
            restored: None,
        };
        let slot = changes.insert(&row.uid, &patch);
        let proof = Proof { key_hash: key_hash(&row.uid), record_hash: number + 1 };
        changes.proofs.push(ProofChange { slot, proof: Some(proof), changed: false });
        if changes.is_full(session.start().batch) {
            session.write(&mut changes)?;
        }
    }
    session.write(&mut changes)?;
    session.complete()?;
    Ok(session.commit(&HistoryLine::failed(HistoryKind::Import, &started_at, &[]))?)
}

/// Inserts the same rows with one statement each; with `index`, creates an index on the uid at the
/// end.
fn bare(store: &Path, customers: u64, index: bool) -> Outcome {
    let connection = Connection::open(store)?;
    connection.execute_batch(
        "PRAGMA cache_size = -65536; PRAGMA synchronous = FULL;
         CREATE TABLE customers (id INTEGER PRIMARY KEY, uid, first_name, last_name, number, email,
                                 attributes, first_imported_at, last_changed_at, inserted_by);
         CREATE TABLE devices (customer_id, rank, token, platform,
                               PRIMARY KEY (customer_id, rank)) WITHOUT ROWID;
         BEGIN",
    )?;
    let mut customer = connection.prepare(
        "INSERT INTO customers VALUES (?1, ?2, 'Ada', 'Lovelace', ?3, ?4, ?5, ?6, ?6, 1)",
    )?;
    let mut device = connection.prepare("INSERT INTO devices VALUES (?1, 1, ?2, 'ios')")?;
    let started_at = now();
    for number in 0..customers {
        let Row { uid, email, number: phone, attributes, token } = row(number);
        let id = i64::try_from(number + 1)?;
        customer.execute(params![id, uid, phone, email, attributes, started_at])?;
        if let Some(token) = token {
            device.execute(params![id, token])?;
        }
    }
    if index {
        connection.execute_batch("CREATE UNIQUE INDEX customers_uid ON customers (uid)")?;
    }
    Ok(connection.execute_batch("COMMIT")?)
}

fn main() -> Outcome {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let customers = numbers.next().unwrap_or(1_000_000);
    let rounds = numbers.next().unwrap_or(5);
    let contestants: [Contestant<'_>; 4] = [
        ("making the rows, which is in all below", &|_| {
            (0..customers).for_each(|number| drop(std::hint::black_box(row(number))));
            Ok(())
        }),
        ("the store's first import", &|store| ours(store, customers)),
        ("SQLite, a statement a row, no index", &|store| bare(store, customers, false)),
        ("SQLite, and the index at the end", &|store| bare(store, customers, true)),
    ];
    let mut times = vec![Vec::new(); contestants.len()];
    for _ in 0..rounds {
        for ((_, run), times) in contestants.iter().zip(&mut times) {
            let folder = tempfile::tempdir()?;
            let start = Instant::now();
            run(&folder.path().join("write.db"))?;
            times.push(start.elapsed());
        }
    }
    for ((name, _), times) in contestants.iter().zip(&mut times) {
        times.sort_unstable();
        let median = times[times.len() / 2].as_secs_f64();
        writeln!(std::io::stdout(), "{name:<42} {median:>7.2} s")?;
    }
    Ok(())
}
