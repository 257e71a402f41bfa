//! Random imports and other changes of a store.

use super::{Import, Key, Missing, Mode, Row};
use proptest::prelude::*;
use proptest::sample::select;

/// A command that changes a store.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Import(Box<Import>),
    /// Repeats an earlier import, with the same file and options.
    Again(usize),
    Undo,
    Forget(Vec<String>),
    Prune(usize),
}

fn row() -> impl Strategy<Value = Row> {
    let of = |values: &'static [&'static str]| select(values).prop_map(str::to_owned);
    (
        // Some uids are the email or the number of another customer.
        of(&["a", "a", "b", "b", "c", "c", "d", "e", "f", "g", "h", "b@x.co", "12025550101", ""]),
        of(&["", "Ada", "Mei", "NULL"]),
        of(&["", "a@x.co", "B@x.co", "b@x.co", "c@x.co", "d@x.co", "a@"]),
        of(&["", "Pro", "Free", "Pro", "Free", "NULL"]),
        of(&["", "1", "2.50", "1", "2.50", "many", "NULL"]),
        of(&["", "", "t", "u", "v", "w", "x", "y", "z"]),
        of(&["ios", "ios", "android", "android", "ios", "android", ""]),
        of(&["", "+12025550101", "+1 202 555 0101", "+12025550102", "+12025550103", "+12", "NULL"]),
    )
        .prop_map(|(id, name, email, plan, usage, token, platform, number)| {
            [id, name, email, plan, usage, token, platform, number]
        })
}

fn import() -> impl Strategy<Value = Import> {
    let bound = prop_oneof![4 => Just(None), 2 => Just(Some(99)), 1 => (0_u64..3).prop_map(Some)];
    let action = select(&[Missing::Report, Missing::Archive, Missing::Delete][..]);
    let seldom = || prop::bool::weighted(0.12);
    (
        prop::collection::vec(row(), 0..9),
        prop::collection::vec(prop::bool::weighted(0.7), 8),
        prop::option::weighted(0.25, 0_usize..9),
        (any::<bool>(), any::<bool>(), any::<bool>(), prop::bool::weighted(0.8)),
        prop::option::weighted(0.4, select(&["ios", "android"][..])),
        prop_oneof![6 => Just(Mode::Upsert), 1 => Just(Mode::Create), 1 => Just(Mode::Update)],
        prop::option::weighted(0.4, (action, bound)),
        prop_oneof![3 => Just(None), 2 => Just(Some(9)), 1 => Just(Some(1))],
        (
            seldom(),
            seldom(),
            prop_oneof![3 => Just(Key::Uid), 1 => Just(Key::Email), 1 => Just(Key::Number)],
        ),
    )
        .prop_map(|(rows, has, split, flags, platform, mode, snapshot, max_rejects, rare)| {
            let mut has: [bool; 8] = has.try_into().unwrap();
            let (no_history, dry_run, key) = rare;
            let column = match key {
                Key::Uid => 0,
                Key::Email => 2,
                Key::Number => 7,
            };
            has[column] = true;
            // With one column, blank cells would be blank lines.
            has[3] |= has.iter().filter(|has| **has).count() == 1;
            let split = split.map(|split| split.min(rows.len()));
            let (nulls, clear_blanks, drop_invalid, usage_is_number) = flags;
            Import {
                rows,
                key,
                has,
                split,
                nulls,
                clear_blanks,
                drop_invalid,
                usage_is_number,
                platform,
                mode,
                snapshot,
                max_rejects,
                no_history,
                dry_run,
            }
        })
}

/// Imports into a small store, most of them with a uid next to an email or a number as key. There
/// are so few values that most of them collide.
pub(crate) fn uids_next_to_keys() -> impl Strategy<Value = Vec<Import>> {
    let of = |values: &'static [&'static str]| select(values).prop_map(str::to_owned);
    let row = (
        of(&["a", "b", "c", "d", "a@x.co", "b@x.co", "12025550101", ""]),
        of(&["Ada", "Mei", "Bo", ""]),
        of(&["a@x.co", "a@x.co", "A@x.co", "b@x.co", "c@x.co", ""]),
        of(&["+12025550101", "+12025550101", "+12025550102", "+12025550103", ""]),
    );
    let row = row.prop_map(|(uid, name, email, number)| {
        let mut row = Row::default();
        [row[0], row[1], row[2], row[7]] = [uid, name, email, number];
        row
    });
    let key = prop_oneof![1 => Just(Key::Uid), 2 => Just(Key::Email), 1 => Just(Key::Number)];
    let action = select(&[Missing::Archive, Missing::Delete][..]);
    let import = (
        prop::collection::vec(row, 1..9),
        key,
        prop::bool::weighted(0.8),
        prop::option::weighted(0.3, 0_usize..9),
        prop_oneof![6 => Just(Mode::Upsert), 1 => Just(Mode::Create), 1 => Just(Mode::Update)],
        prop::option::weighted(0.2, action),
    );
    let import = import.prop_map(|(rows, key, has_uid, split, mode, snapshot)| Import {
        split: split.map(|split| split.min(rows.len())),
        has: [has_uid || key == Key::Uid, true, true, false, false, false, false, true],
        rows,
        key,
        nulls: false,
        clear_blanks: false,
        drop_invalid: false,
        usage_is_number: false,
        platform: None,
        mode,
        snapshot: snapshot.map(|action| (action, Some(99))),
        max_rejects: None,
        no_history: false,
        dry_run: false,
    });
    prop::collection::vec(import, 1..5)
}

fn step() -> impl Strategy<Value = Step> {
    let uid = select(&["a", "b", "c", "d", "e", "f", "a@x.co", "12025550101", "missing"][..])
        .prop_map(str::to_owned);
    prop_oneof![
        10 => import().prop_map(|import| Step::Import(Box::new(import))),
        4 => any::<prop::sample::Index>().prop_map(|index| Step::Again(index.index(1000))),
        5 => Just(Step::Undo),
        1 => prop::collection::vec(uid, 1..3).prop_map(Step::Forget),
        1 => (0_usize..4).prop_map(Step::Prune),
    ]
}

/// A sequence of commands.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..14)
}
