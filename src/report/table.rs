//! A table with aligned columns, written while rows are added.
//!
//! If the screen is too narrow, columns without a value are left out, then long texts are cut where
//! they differ least. The first column, which names the row, is not cut if it takes at most half of
//! the screen. If that is not enough, each row becomes a block of lines.

use super::cut::Cut;
use super::style::Screen;
use crate::text::{escaped, folded, padded, shortened};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// The first rows, which determine the widths of the columns. Wider cells of later rows are cut.
const SAMPLE_ROWS: usize = 500;
/// The minimum width of a column of texts.
const MIN_WIDTH: usize = 10;
/// The maximum number of lines for a cell in a block.
const MAX_CELL_LINES: usize = 4;
/// The space between two columns.
const GAP: &str = "  ";

/// The text of a cell; numbers are aligned to the right.
pub(crate) struct CellText {
    pub(crate) text: String,
    pub(crate) is_number: bool,
    pub(crate) is_missing: bool,
}

/// How a column is written.
struct ColumnLayout {
    /// The position of its cells in a row.
    index: usize,
    width: usize,
    is_right_aligned: bool,
    cut: Cut,
}

/// How the rows are written.
enum Layout {
    /// A line for each row.
    Lines(Vec<ColumnLayout>),
    /// A block for each row, with a line for each cell that is not empty.
    Blocks,
}

/// A table that is being written.
pub(crate) struct Table {
    columns: Vec<String>,
    screen: Screen,
    sample: Vec<Vec<CellText>>,
    layout: Option<Layout>,
}

impl Table {
    pub(crate) fn new(columns: &[&str], screen: Screen) -> Self {
        let columns = columns.iter().map(|column| escaped(column)).collect();
        Self { columns, screen, sample: Vec::new(), layout: None }
    }

    /// Adds a row. Its texts are escaped here.
    pub(crate) fn push(
        &mut self,
        mut row: Vec<CellText>,
        writer: &mut impl Write,
    ) -> io::Result<()> {
        for cell in &mut row {
            cell.text = escaped(&cell.text);
        }
        match &self.layout {
            Some(Layout::Lines(columns)) => return write_line(columns, &row, writer),
            Some(Layout::Blocks) => {
                writeln!(writer)?;
                return self.write_block(&row, writer);
            }
            None => self.sample.push(row),
        }
        if self.sample.len() < SAMPLE_ROWS { Ok(()) } else { self.write_sample(writer) }
    }

    /// Writes the rows that are still buffered. A table without rows has no heading.
    pub(crate) fn finish(&mut self, writer: &mut impl Write) -> io::Result<()> {
        if self.layout.is_some() || self.sample.is_empty() {
            return Ok(());
        }
        self.write_sample(writer)
    }

    /// Chooses the layout, then writes the heading and the buffered rows.
    fn write_sample(&mut self, writer: &mut impl Write) -> io::Result<()> {
        let sample = std::mem::take(&mut self.sample);
        let Some(columns) = self.column_layouts(&sample) else {
            for (index, row) in sample.iter().enumerate() {
                if index > 0 {
                    writeln!(writer)?;
                }
                self.write_block(row, writer)?;
            }
            self.layout = Some(Layout::Blocks);
            return Ok(());
        };
        let heading: Vec<CellText> = self
            .columns
            .iter()
            .map(|name| CellText { text: name.clone(), is_number: false, is_missing: false })
            .collect();
        let mut line = Vec::new();
        write_line(&columns, &heading, &mut line)?;
        let line = String::from_utf8_lossy(&line);
        writeln!(writer, "{}", self.screen.palette().dim(line.trim_end()))?;
        for row in &sample {
            write_line(&columns, row, writer)?;
        }
        self.layout = Some(Layout::Lines(columns));
        Ok(())
    }

    fn write_block(&self, row: &[CellText], writer: &mut impl Write) -> io::Result<()> {
        let widest = self.columns.iter().map(|name| name.width()).max().unwrap_or_default();
        let names = widest.min(self.screen.width / 2);
        let room = self.screen.width.saturating_sub(names + GAP.len());
        for (name, cell) in self.columns.iter().zip(row) {
            if cell.text.is_empty() {
                continue;
            }
            let name = padded(&shortened(name, names), names);
            let lines = folded(&cell.text, room, MAX_CELL_LINES);
            let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
            let below = format!("\n{}{GAP}", " ".repeat(names));
            let name = self.screen.palette().dim(&name);
            writeln!(writer, "{name}{GAP}{}", lines.join(&below))?;
        }
        Ok(())
    }

    /// The layout of the columns; `None` if they do not fit side by side.
    fn column_layouts(&self, sample: &[Vec<CellText>]) -> Option<Vec<ColumnLayout>> {
        let mut columns: Vec<ColumnLayout> = Vec::with_capacity(self.columns.len());
        for (index, column) in self.columns.iter().enumerate() {
            let cells = || sample.iter().map(|row| &row[index]);
            let widest = cells().map(|cell| cell.text.width()).max().unwrap_or_default();
            columns.push(ColumnLayout {
                index,
                width: widest.max(column.width()),
                is_right_aligned: cells().all(|cell| cell.is_number || cell.is_missing)
                    && cells().any(|cell| cell.is_number),
                cut: Cut::End,
            });
        }
        let screen = self.screen.width;
        let gaps = |columns: &[ColumnLayout]| GAP.len() * columns.len().saturating_sub(1);
        let total = |columns: &[ColumnLayout], most: usize| -> usize {
            let width = |column: &ColumnLayout| {
                if column.is_whole(screen) { column.width } else { column.width.min(most) }
            };
            columns.iter().map(width).sum::<usize>() + gaps(columns)
        };
        if total(&columns, screen) > screen {
            let says_something = |column: &ColumnLayout| {
                column.index == 0 || sample.iter().any(|row| !row[column.index].is_nothing())
            };
            columns.retain(says_something);
        }
        let most = (MIN_WIDTH..=screen).rev().find(|most| total(&columns, *most) <= screen)?;
        for column in columns.iter_mut().filter(|column| !column.is_whole(screen)) {
            column.width = column.width.min(most);
            let texts = sample.iter().map(|row| row[column.index].text.as_str());
            column.cut = Cut::best_for(&texts, column.width);
        }
        Some(columns)
    }
}

impl CellText {
    /// Whether it is empty, missing or zero.
    fn is_nothing(&self) -> bool {
        self.is_missing || self.text.is_empty() || (self.is_number && self.text == "0")
    }
}

impl ColumnLayout {
    /// Whether it is never cut. A shortened number would be wrong, and the first column identifies
    /// the row.
    fn is_whole(&self, screen: usize) -> bool {
        self.is_right_aligned || (self.index == 0 && self.width <= screen / 2)
    }
}

fn write_line(
    columns: &[ColumnLayout],
    row: &[CellText],
    writer: &mut impl Write,
) -> io::Result<()> {
    let mut line = String::new();
    for (place, column) in columns.iter().enumerate() {
        let Some(cell) = row.get(column.index) else { continue };
        if place > 0 {
            line.push_str(GAP);
        }
        let missing = " ".repeat(column.width.saturating_sub(cell.text.width()));
        match (column.is_right_aligned, cell.is_number) {
            (true, _) => {
                line.push_str(&missing);
                line.push_str(&cell.text);
            }
            (false, true) => line.push_str(&padded(&cell.text, column.width)),
            (false, false) => {
                line.push_str(&padded(&column.cut.apply(&cell.text, column.width), column.width));
            }
        }
    }
    writeln!(writer, "{}", line.trim_end())
}
