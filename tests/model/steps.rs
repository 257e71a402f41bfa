//! Random imports, and what else is done to a store.

use super::{Import, Key, Missing, Mode, Row};
use proptest::prelude::*;
use proptest::sample::select;

/// Something done to a store.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Import(Box<Import>),
    /// One of the imports so far once more, with the same file and options.
    Again(usize),
    Undo,
    Forget(Vec<String>),
    Prune(usize),
}

fn row() -> impl Strategy<Value = Row> {
    let of = |values: &'static [&'static str]| select(values).prop_map(str::to_owned);
    (
        of(&["a", "a", "b", "b", "c", "c", "d", "e", "f", "g", "h", ""]),
        of(&["", "Ada", "Mei", "NULL"]),
        of(&["", "a@x.co", "B@x.co", "b@x.co", "c@x.co", "d@x.co", "a@"]),
        of(&["", "Pro", "Free", "Pro", "Free", "NULL"]),
        of(&["", "1", "2.50", "1", "2.50", "many", "NULL"]),
        of(&["", "", "t", "u", "v", "w", "x", "y", "z"]),
        of(&["ios", "ios", "android", "android", "ios", "android", ""]),
    )
        .prop_map(|(id, name, email, plan, usage, token, platform)| {
            [id, name, email, plan, usage, token, platform]
        })
}

fn import() -> impl Strategy<Value = Import> {
    let bound = prop_oneof![4 => Just(None), 2 => Just(Some(99)), 1 => (0_u64..3).prop_map(Some)];
    let action = select(&[Missing::Report, Missing::Archive, Missing::Delete][..]);
    let seldom = || prop::bool::weighted(0.12);
    (
        prop::collection::vec(row(), 0..9),
        prop::collection::vec(prop::bool::weighted(0.7), 7),
        prop::option::weighted(0.25, 0_usize..9),
        (any::<bool>(), any::<bool>(), any::<bool>(), prop::bool::weighted(0.8)),
        prop::option::weighted(0.4, select(&["ios", "android"][..])),
        prop_oneof![6 => Just(Mode::Upsert), 1 => Just(Mode::Create), 1 => Just(Mode::Update)],
        prop::option::weighted(0.4, (action, bound)),
        prop_oneof![3 => Just(None), 2 => Just(Some(9)), 1 => Just(Some(1))],
        (seldom(), seldom(), prop::bool::weighted(0.2)),
    )
        .prop_map(|(rows, has, split, flags, platform, mode, snapshot, max_rejects, rare)| {
            let mut has: [bool; 7] = has.try_into().unwrap();
            let (no_history, dry_run, by_email) = rare;
            let key = if by_email { Key::Email } else { Key::Uid };
            has[if by_email { 2 } else { 0 }] = true;
            // A file of one column would have blank lines where its cells are blank.
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

fn step() -> impl Strategy<Value = Step> {
    let uid =
        select(&["a", "b", "c", "d", "e", "f", "a@x.co", "nobody"][..]).prop_map(str::to_owned);
    prop_oneof![
        10 => import().prop_map(|import| Step::Import(Box::new(import))),
        4 => any::<prop::sample::Index>().prop_map(|index| Step::Again(index.index(1000))),
        5 => Just(Step::Undo),
        1 => prop::collection::vec(uid, 1..3).prop_map(Step::Forget),
        1 => (0_usize..4).prop_map(Step::Prune),
    ]
}

/// What is done to a store, one after the other.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..14)
}
