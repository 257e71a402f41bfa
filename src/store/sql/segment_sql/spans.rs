//! Sets of values as sorted, disjoint spans, so that one search answers many comparisons.

use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::cmp::Ordering;

/// The values from one, inclusive, to another, exclusive; `None` has no end.
pub(crate) type Span<T> = (T, Option<T>);

/// A union of spans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spans<T>(Vec<Span<T>>);

impl<T> Default for Spans<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord> Spans<T> {
    /// The union of spans in any order.
    pub(crate) fn new(mut spans: Vec<Span<T>>) -> Self {
        spans.retain(|(low, high)| high.as_ref().is_none_or(|high| low < high));
        spans.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let mut union: Vec<Span<T>> = Vec::with_capacity(spans.len());
        for (low, high) in spans {
            match union.last_mut() {
                Some((_, end)) if end.as_ref().is_none_or(|end| low <= *end) => {
                    if end.is_some() && ends_later(high.as_ref(), end.as_ref()) {
                        *end = high;
                    }
                }
                _ => union.push((low, high)),
            }
        }
        Self(union)
    }

    /// The spans of all values outside, from the least value on.
    pub(crate) fn complement(self, least: T) -> Vec<Span<T>> {
        let mut outside = Vec::with_capacity(self.0.len() + 1);
        let mut from = Some(least);
        for (low, high) in self.0 {
            if let Some(from) = from {
                outside.push((from, Some(low)));
            }
            from = high;
        }
        outside.extend(from.map(|from| (from, None)));
        outside
    }

    pub(crate) fn into_vec(self) -> Vec<Span<T>> {
        self.0
    }

    pub(crate) fn contains<Q: Ord + ?Sized>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        if let [(low, high)] = self.0.as_slice() {
            return low.borrow() <= value && high.as_ref().is_none_or(|high| value < high.borrow());
        }
        let after = self.0.partition_point(|(low, _)| low.borrow() <= value);
        let span = after.checked_sub(1).and_then(|at| self.0.get(at));
        span.is_some_and(|(_, high)| high.as_ref().is_none_or(|high| value < high.borrow()))
    }
}

/// Whether an end comes after another, `None` being after all.
fn ends_later<T: Ord>(end: Option<&T>, other: Option<&T>) -> bool {
    match (end, other) {
        (None, other) => other.is_some(),
        (Some(_), None) => false,
        (Some(end), Some(other)) => end.cmp(other) == Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_union_has_what_one_of_its_spans_has(
            spans in prop::collection::vec((0_u8..20, prop::option::of(0_u8..20)), 0..6),
        ) {
            let is_in = |value: u8| {
                spans.iter().any(|(low, high)| *low <= value && high.is_none_or(|h| value < h))
            };
            let union = Spans::new(spans.clone());
            let outside = Spans::new(union.clone().complement(0));
            for value in 0..25 {
                prop_assert_eq!(union.contains(&value), is_in(value));
                prop_assert_eq!(outside.contains(&value), !is_in(value));
            }
        }
    }
}
