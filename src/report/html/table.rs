//! Tables on pages.

use crate::outcome::grouped;
use crate::text::{capitalized, escaped};
use maud::{Markup, html};

/// The content of a cell.
pub(crate) enum Cell {
    /// Text, which may come from a file.
    Text(String),
    /// Text from a file or a command line, shown as code.
    Code(String),
    /// A count.
    Count(u64),
    /// Nothing.
    Blank,
}

impl Cell {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(escaped(text.as_ref()))
    }

    pub(crate) fn code(text: impl AsRef<str>) -> Self {
        Self::Code(escaped(text.as_ref()))
    }

    pub(crate) fn optional<T>(value: Option<T>, cell: impl Fn(T) -> Self) -> Self {
        value.map_or(Self::Blank, cell)
    }

    fn is_count(&self) -> bool {
        matches!(self, Self::Count(_))
    }

    fn content(&self) -> Markup {
        html! {
            @match self {
                Self::Text(text) => (text),
                Self::Code(text) => code { (text) },
                Self::Count(count) => (grouped(*count)),
                Self::Blank => {},
            }
        }
    }
}

/// A table with a caption, and a heading if `columns` is not empty. The first cell of a row is the
/// row's header. A table that is wider than the screen scrolls in its own box.
pub(crate) fn table(caption: &str, columns: &[&str], rows: &[Vec<Cell>]) -> Markup {
    let is_number = |at: usize| rows.iter().any(|row| row.get(at).is_some_and(Cell::is_count));
    let class = |at: usize| is_number(at).then_some("number");
    html! {
        section class="scroll" aria-label=(escaped(caption)) tabindex="0" {
            table {
                caption { (escaped(caption)) }
                @if !columns.is_empty() {
                    thead {
                        tr {
                            @for (at, column) in columns.iter().enumerate() {
                                th scope="col" class=[class(at)] { (capitalized(column)) }
                            }
                        }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            @for (at, cell) in row.iter().enumerate() {
                                @if at == 0 {
                                    th scope="row" class=[class(at)] { (cell.content()) }
                                } @else {
                                    td class=[class(at)] { (cell.content()) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A list of counts with their names, without those that are zero.
pub(crate) fn counts(counts: &[(&str, u64)]) -> Markup {
    html! {
        @if counts.iter().any(|(_, count)| *count > 0) {
            dl class="counts" {
                @for (what, count) in counts.iter().filter(|(_, count)| *count > 0) {
                    div { dt { (what) } dd { (grouped(*count)) } }
                }
            }
        }
    }
}
