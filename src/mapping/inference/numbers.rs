//! Whether the values of a column are numbers, with which decimal mark and in which unit.

use crate::value::typed::{Amount, DecimalMark, Digits, TypeSpec, is_number};

/// The years 2000 to 2100 in seconds since 1970; other integers are not taken as times.
const EPOCH_SECONDS: std::ops::RangeInclusive<i64> = 946_684_800..=4_102_444_800;

/// What the values of a column prove about its numbers.
pub(super) enum NumberFinding {
    /// Numbers in JSON's notation.
    Plain {
        /// The type to read them as times, if they may be times.
        epoch: Option<TypeSpec>,
        proof: Option<TypeSpec>,
    },
    /// Numbers in another notation.
    Written { spec: TypeSpec, unit: Option<String>, proof: Option<TypeSpec> },
    /// Only separators followed by three digits, which may be decimal marks or thousands
    /// separators.
    Undecided(Vec<TypeSpec>),
    /// More than a few of the amounts are in another unit.
    SeveralUnits(Vec<String>),
}

/// Counts of the values with one unit, or without a unit.
#[derive(Default)]
struct Tally {
    unit: Option<String>,
    /// How many values there are, not counting zeros without a unit.
    values: u64,
    point: u64,
    comma: u64,
    undecided: u64,
    bracketed: u64,
}

/// The values of a column as numbers.
pub(super) struct NumberColumn {
    is_refuted: bool,
    are_plain: bool,
    /// The smallest and the largest value, if all are integers.
    integers: Option<(i64, i64)>,
    seen: u64,
    tallies: Vec<Tally>,
}

impl Default for NumberColumn {
    fn default() -> Self {
        Self {
            is_refuted: false,
            are_plain: true,
            integers: Some((i64::MAX, i64::MIN)),
            seen: 0,
            tallies: Vec::new(),
        }
    }
}

impl NumberColumn {
    pub(super) fn is_possible(&self) -> bool {
        !self.is_refuted
    }

    pub(super) fn see(&mut self, value: &str) {
        if self.is_refuted {
            return;
        }
        self.seen += 1;
        if is_number(value) {
            self.integers = self.integers.and_then(|(least, most)| {
                let integer: i64 = value.parse().ok()?;
                Some((least.min(integer), most.max(integer)))
            });
            let tally = self.tally(None);
            tally.values += u64::from(value != "0");
            match proves_point(value) {
                Some(true) => tally.point += 1,
                Some(false) => tally.undecided += 1,
                None => {}
            }
            return;
        }
        self.are_plain = false;
        self.integers = None;
        let amount = Amount::read(value);
        let Some((amount, digits)) = amount.and_then(|a| Some((a, Digits::read(a.digits)?))) else {
            self.is_refuted = true;
            return;
        };
        let tally = self.tally(amount.unit);
        tally.values += 1;
        tally.bracketed += u64::from(amount.is_bracketed);
        match digits {
            Digits::Either(_) => {}
            Digits::Only(DecimalMark::Point, _) => tally.point += 1,
            Digits::Only(DecimalMark::Comma, _) => tally.comma += 1,
            Digits::Undecided => tally.undecided += 1,
        }
    }

    fn tally(&mut self, unit: Option<&str>) -> &mut Tally {
        let place = self.tallies.iter().position(|tally| tally.unit.as_deref() == unit);
        let place = place.unwrap_or_else(|| {
            self.tallies.push(Tally { unit: unit.map(str::to_owned), ..Tally::default() });
            self.tallies.len() - 1
        });
        &mut self.tallies[place]
    }

    pub(super) fn conclude(mut self) -> Option<NumberFinding> {
        if self.is_refuted || self.seen == 0 {
            return None;
        }
        let bare = self.tallies.iter().position(|tally| tally.unit.is_none());
        let bare = bare.map(|place| self.tallies.swap_remove(place)).unwrap_or_default();
        self.tallies.sort_by_key(|tally| std::cmp::Reverse(tally.values));
        if let [_, second, ..] = self.tallies.as_slice()
            && second.values * 20 >= self.seen
        {
            let units = self.tallies.iter().filter_map(|tally| tally.unit.clone());
            return Some(NumberFinding::SeveralUnits(units.collect()));
        }
        let main = self.tallies.into_iter().next().unwrap_or_default();
        // More bare numbers than amounts, or brackets without a unit, do not make a column of
        // numbers.
        let has_unit = main.unit.is_some();
        if has_unit && main.values < bare.values || !has_unit && bare.bracketed > 0 {
            return None;
        }
        let (point, comma) = (main.point + bare.point, main.comma + bare.comma);
        let mark = match (point, comma) {
            (0, 0) => None,
            (_, 0) => Some(DecimalMark::Point),
            (0, _) => Some(DecimalMark::Comma),
            _ => return None,
        };
        let spec = |mark| TypeSpec::number(mark, main.unit.clone());
        let proof = (point + comma >= 2).then(|| spec(mark));
        if self.are_plain {
            let epoch = self.integers.and_then(epoch_type);
            return Some(NumberFinding::Plain { epoch, proof });
        }
        if mark.is_none() && main.undecided + bare.undecided > 0 {
            let marks = [DecimalMark::Point, DecimalMark::Comma];
            return Some(NumberFinding::Undecided(marks.map(|mark| spec(Some(mark))).into()));
        }
        (mark.is_some() || has_unit).then(|| NumberFinding::Written {
            spec: spec(mark),
            proof,
            unit: main.unit.clone(),
        })
    }
}

/// Whether a number in JSON's notation proves that its point is the decimal mark; `None` if it has
/// no fraction.
fn proves_point(number: &str) -> Option<bool> {
    let (whole, fraction) = number.split_once('.')?;
    let whole = whole.trim_start_matches('-');
    Some(fraction.len() != 3 || whole.len() > 3 || whole.starts_with('0'))
}

/// The type to read all integers in this range as times.
fn epoch_type((least, most): (i64, i64)) -> Option<TypeSpec> {
    let are_within = |unit: i64| {
        EPOCH_SECONDS.contains(&(least / unit)) && EPOCH_SECONDS.contains(&(most / unit))
    };
    if are_within(1) {
        Some(TypeSpec::epoch_seconds())
    } else {
        are_within(1000).then(TypeSpec::epoch_milliseconds)
    }
}
