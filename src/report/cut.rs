//! Shortens texts that are too long for their column, so that they still differ.

use crate::text::shortened;
use std::collections::HashSet;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The part of a text that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    End,
    Front,
    Middle,
}

impl Cut {
    /// The cut that keeps the most texts of a column different; [`Self::End`] if no other is
    /// better.
    pub(super) fn best_for<'t>(
        texts: &(impl Iterator<Item = &'t str> + Clone),
        width: usize,
    ) -> Self {
        let different = |cut: Self| {
            texts.clone().map(|text| cut.apply(text, width)).collect::<HashSet<String>>().len()
        };
        let mut best = (Self::End, different(Self::End));
        for cut in [Self::Front, Self::Middle] {
            let count = different(cut);
            if count > best.1 {
                best = (cut, count);
            }
        }
        best.0
    }

    /// Cuts a text to at most `width` terminal columns, with `…` for the part that is left out.
    pub(super) fn apply(self, text: &str, width: usize) -> String {
        if text.width() <= width {
            return text.to_owned();
        }
        let room = width.saturating_sub(1);
        match self {
            Self::End => shortened(text, width),
            Self::Front => format!("…{}", last(text, room)),
            Self::Middle => {
                let front = shortened(text, room.div_ceil(2) + 1);
                format!("{front}{}", last(text, room / 2))
            }
        }
    }
}

/// The end of a text, at most `width` terminal columns wide.
fn last(text: &str, width: usize) -> &str {
    let mut used = 0;
    let start = text.char_indices().rev().take_while(|(_, c)| {
        used += c.width().unwrap_or_default();
        used <= width
    });
    start.last().map_or("", |(index, _)| &text[index..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(texts: &[&str], width: usize) -> (Cut, Vec<String>) {
        let cut = Cut::best_for(&texts.iter().copied(), width);
        (cut, texts.iter().map(|text| cut.apply(text, width)).collect())
    }

    #[test]
    fn the_part_in_which_texts_differ_is_kept() {
        let (cut, texts) = best(&["customers-2026-11-01.csv", "customers-2026-11-02.csv"], 12);
        assert_eq!((cut, texts[0].as_str()), (Cut::Front, "…6-11-01.csv"));
        let (cut, texts) = best(&["ada@example.org", "chidi@example.org"], 10);
        assert_eq!((cut, texts[0].as_str()), (Cut::End, "ada@examp…"));
        let (cut, texts) = best(&["a-very-long-x", "a-very-long-y", "b-very-long-x"], 8);
        assert_eq!((cut, texts[0].as_str()), (Cut::Middle, "a-ve…g-x"));
    }

    #[test]
    fn no_cut_is_wider_than_its_column() {
        for cut in [Cut::End, Cut::Front, Cut::Middle] {
            for width in 1..12 {
                assert!(cut.apply("中村中村中村中村", width).width() <= width, "{cut:?} {width}");
            }
        }
    }
}
