//! A table whose columns line up, printed while its rows still come; on a screen too narrow for its
//! columns, each row is a block of lines instead.

use super::style::Screen;
use crate::text::{escaped, folded, padded, shortened};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// How many rows decide how wide each column is; what comes later and is wider is shortened.
const SAMPLE_ROWS: usize = 500;
/// The least that a column of texts is shortened to; less could not be read.
const LEAST_WIDTH: usize = 10;
/// The most lines of a cell in a block.
const BLOCK_LINES: usize = 4;
/// What stands between two columns.
const GAP: &str = "  ";

/// A cell as it is shown: numbers stand to the right.
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) is_number: bool,
    pub(crate) is_missing: bool,
}

struct Place {
    width: usize,
    to_the_right: bool,
}

/// How the rows are laid out.
enum Layout {
    /// A line for each row.
    Lines(Vec<Place>),
    /// A block for each row: each cell that has a text on a line of its own, its column's name
    /// before it.
    Blocks,
}

/// A table on its way to a screen.
pub(crate) struct Table {
    columns: Vec<String>,
    screen: Screen,
    sample: Vec<Vec<Shown>>,
    layout: Option<Layout>,
}

impl Table {
    pub(crate) fn new(columns: &[&str], screen: Screen) -> Self {
        let columns = columns.iter().map(|column| escaped(column)).collect();
        Self { columns, screen, sample: Vec::new(), layout: None }
    }

    /// Takes a row; its texts are escaped here.
    pub(crate) fn push(&mut self, mut row: Vec<Shown>, writer: &mut impl Write) -> io::Result<()> {
        for cell in &mut row {
            cell.text = escaped(&cell.text);
        }
        match &self.layout {
            Some(Layout::Lines(places)) => return write_line(places, &row, writer),
            Some(Layout::Blocks) => {
                writeln!(writer)?;
                return self.write_block(&row, writer);
            }
            None => self.sample.push(row),
        }
        if self.sample.len() < SAMPLE_ROWS { Ok(()) } else { self.settle(writer) }
    }

    /// Writes what is still held back. A table without rows has no heading either.
    pub(crate) fn finish(&mut self, writer: &mut impl Write) -> io::Result<()> {
        match self.layout.is_none() && !self.sample.is_empty() {
            true => self.settle(writer),
            false => Ok(()),
        }
    }

    fn settle(&mut self, writer: &mut impl Write) -> io::Result<()> {
        let sample = std::mem::take(&mut self.sample);
        let Some(places) = self.places(&sample) else {
            for (index, row) in sample.iter().enumerate() {
                if index > 0 {
                    writeln!(writer)?;
                }
                self.write_block(row, writer)?;
            }
            self.layout = Some(Layout::Blocks);
            return Ok(());
        };
        let heading: Vec<Shown> = self
            .columns
            .iter()
            .map(|name| Shown { text: name.clone(), is_number: false, is_missing: false })
            .collect();
        let mut line = Vec::new();
        write_line(&places, &heading, &mut line)?;
        let line = String::from_utf8_lossy(&line);
        writeln!(writer, "{}", self.screen.palette().dim(line.trim_end()))?;
        for row in &sample {
            write_line(&places, row, writer)?;
        }
        self.layout = Some(Layout::Lines(places));
        Ok(())
    }

    fn write_block(&self, row: &[Shown], writer: &mut impl Write) -> io::Result<()> {
        let widest = self.columns.iter().map(|name| name.width()).max().unwrap_or_default();
        let names = widest.min(self.screen.width / 2);
        let room = self.screen.width.saturating_sub(names + GAP.len());
        for (name, cell) in self.columns.iter().zip(row) {
            if cell.text.is_empty() {
                continue;
            }
            let name = padded(&shortened(name, names), names);
            let lines = folded(&cell.text, room, BLOCK_LINES);
            let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
            let below = format!("\n{}{GAP}", " ".repeat(names));
            let name = self.screen.palette().dim(&name);
            writeln!(writer, "{name}{GAP}{}", lines.join(&below))?;
        }
        Ok(())
    }

    /// Where each column stands, or nothing where they do not fit beside one another.
    fn places(&self, sample: &[Vec<Shown>]) -> Option<Vec<Place>> {
        let mut places: Vec<Place> = Vec::with_capacity(self.columns.len());
        for (index, column) in self.columns.iter().enumerate() {
            let cells = || sample.iter().map(|row| &row[index]);
            let widest = cells().map(|cell| cell.text.width()).max().unwrap_or_default();
            places.push(Place {
                width: widest.max(column.width()),
                to_the_right: cells().all(|cell| cell.is_number || cell.is_missing)
                    && cells().any(|cell| cell.is_number),
            });
        }
        let gaps = GAP.len() * self.columns.len().saturating_sub(1);
        let room = self.screen.width.saturating_sub(gaps);
        let total = |most: usize| -> usize {
            // A number cut short would be another number.
            let width = |place: &Place| match place.to_the_right {
                true => place.width,
                false => place.width.min(most),
            };
            places.iter().map(width).sum()
        };
        let most = (LEAST_WIDTH..=room).rev().find(|most| total(*most) <= room)?;
        for place in places.iter_mut().filter(|place| !place.to_the_right) {
            place.width = place.width.min(most);
        }
        Some(places)
    }
}

fn write_line(places: &[Place], row: &[Shown], writer: &mut impl Write) -> io::Result<()> {
    let mut line = String::new();
    for (place, cell) in places.iter().zip(row) {
        if !line.is_empty() {
            line.push_str(GAP);
        }
        let missing = " ".repeat(place.width.saturating_sub(cell.text.width()));
        match (place.to_the_right, cell.is_number) {
            (true, _) => {
                line.push_str(&missing);
                line.push_str(&cell.text);
            }
            (false, true) => line.push_str(&padded(&cell.text, place.width)),
            (false, false) => {
                line.push_str(&padded(&shortened(&cell.text, place.width), place.width));
            }
        }
    }
    writeln!(writer, "{}", line.trim_end())
}
