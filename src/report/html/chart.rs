//! Charts of pages, each with a description in words.

use crate::outcome::grouped;
use crate::text::escaped;
use maud::{Markup, html};
use std::fmt::Write as _;

/// A bar of a chart.
pub(crate) struct Bar {
    /// The name of the bar.
    pub(crate) label: String,
    /// The length in words.
    pub(crate) words: String,
    /// The length, in the unit of the chart's whole.
    pub(crate) length: u64,
}

/// Horizontal bars, one below the other; the length of each is its share of `whole`.
pub(crate) fn bars(list: &[Bar], whole: u64) -> Markup {
    html! {
        ul class="bars" {
            @for bar in list {
                li {
                    span { (escaped(&bar.label)) }
                    span class="number" { (escaped(&bar.words)) }
                    svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
                        rect class="track" width="1000" height="10" {}
                        rect class="bar" width=(share(bar.length, whole)) height="10" {}
                    }
                }
            }
        }
    }
}

/// Vertical columns with an axis. `said` describes the chart in words; `labels` are the names of
/// all columns, or of both ends.
pub(crate) fn columns(said: &str, heights: &[u64], labels: &[String]) -> Markup {
    let highest = heights.iter().copied().max().unwrap_or_default();
    let width = 1000 / heights.len().max(1);
    let bar = (width * 9 / 10).max(1);
    let has_names = labels.len() == heights.len();
    let ends: Vec<&String> = match labels {
        [] => Vec::new(),
        [only] => vec![only],
        [first, .., last] if !has_names || labels.len() < 7 => vec![first, last],
        [first, middle @ .., last] => vec![first, &middle[middle.len() / 2], last],
    };
    html! {
        div class="plot" {
            (height_axis(highest))
            svg class="columns" viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img"
                aria-label=(escaped(said)) {
                @for (at, height) in heights.iter().enumerate() {
                    @let high = share(*height, highest);
                    rect class="bar" x=(at * width) y=(1000 - high) width=(bar) height=(high) {
                        @if has_names { title { (labels[at]) ": " (grouped(*height)) } }
                    }
                }
            }
            p class="ends" { @for end in ends { span { (end) } } }
        }
    }
}

/// The labels of a vertical axis: the highest value, its half if that is whole, and zero.
fn height_axis(highest: u64) -> Markup {
    let half = (highest > 1 && highest.is_multiple_of(2)).then_some(highest / 2);
    html! {
        p class="axis number" aria-hidden="true" {
            span { (grouped(highest)) }
            @if let Some(half) = half { span { (grouped(half)) } }
            span { "0" }
        }
    }
}

/// A step curve, filled to the baseline. `points` go from left to right, in thousandths of the
/// width and of `highest`. `said` describes the chart in words; `ends` are the first and the last
/// day.
pub(crate) fn steps(said: &str, points: &[(u64, u64)], highest: u64, ends: [&str; 2]) -> Markup {
    let mut path = String::from("M0 1000");
    for (x, y) in points {
        let _ = write!(path, "H{x}V{}", 1000 - y.min(&1000));
    }
    path.push_str("H1000V1000Z");
    html! {
        div class="plot" {
            (height_axis(highest))
            svg class="columns" viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img"
                aria-label=(escaped(said)) {
                path class="bar" d=(path) {}
            }
            p class="ends" { @for end in ends { span { (end) } } }
        }
    }
}

/// A share in thousandths. It is at least 4, unless the part is 0, so that it is visible.
fn share(part: u64, whole: u64) -> u64 {
    match part {
        0 => 0,
        _ => (u128::from(part) * 1000 / u128::from(whole.max(part)))
            .try_into()
            .map_or(1000, |share: u64| share.max(4)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_rises_in_steps_and_is_closed_at_the_baseline() {
        let drawn = steps("how", &[(0, 250), (500, 1000)], 8, ["first", "last"]).into_string();
        assert!(drawn.contains("d=\"M0 1000H0V750H500V0H1000V1000Z\""), "{drawn}");
    }

    #[test]
    fn a_share_is_visible_and_at_most_the_whole() {
        assert_eq!([share(0, 10), share(5, 10), share(10, 10)], [0, 500, 1000]);
        assert_eq!([share(1, 1_000_000), share(3, 0), share(u64::MAX, u64::MAX)], [4, 1000, 1000]);
    }
}
