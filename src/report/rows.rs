//! Writes rows as a table for people, or as CSV, JSON or JSON Lines for programs. Rows are written
//! one by one, so memory use does not depend on their number.

use super::style::Screen;
use super::table::{CellText, Table};
use crate::input::protected;
use crate::outcome::grouped;
use std::borrow::Cow;
use std::io::{self, Write};

/// The format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// A table with aligned columns, which are narrowed to fit the screen.
    Table,
    /// CSV with a header.
    Csv {
        /// Whether to protect texts that a spreadsheet would read as formulas.
        spreadsheet_safe: bool,
    },
    /// One JSON array of objects.
    Json,
    /// One JSON object per line.
    JsonLines,
}

/// A cell of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'a> {
    /// No value: `null`, an empty field or a dash.
    Missing,
    /// A text. In a table, control characters are escaped.
    Text(Cow<'a, str>),
    /// A number in JSON notation.
    Number(Cow<'a, str>),
    /// A count. In a table, its thousands are separated by commas.
    Count(u64),
    /// A boolean.
    Boolean(bool),
    /// Several texts: a JSON array; in a table, separated by commas.
    List(Vec<Cow<'a, str>>),
    /// Any other JSON value.
    Json(Cow<'a, str>),
}

impl<'a> Cell<'a> {
    /// A cell with a text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A cell with a text, or without a value for `None`.
    pub fn optional(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        text.map_or(Self::Missing, Self::text)
    }

    /// A cell with a number that is not a count: its thousands are not separated.
    pub fn number(number: impl std::fmt::Display) -> Self {
        Self::Number(number.to_string().into())
    }

    /// A cell with a stored JSON value, of the variant that fits its type.
    pub fn json(json: impl Into<Cow<'a, str>>) -> Self {
        let json: Cow<'a, str> = json.into();
        match json.as_bytes().first() {
            Some(b'"') => match serde_json::from_str::<String>(&json) {
                Ok(text) => Self::text(text),
                Err(_) => Self::Json(json),
            },
            Some(b'-' | b'0'..=b'9') => Self::Number(json),
            _ => match json.as_ref() {
                "null" => Self::Missing,
                "true" => Self::Boolean(true),
                "false" => Self::Boolean(false),
                _ => Self::Json(json),
            },
        }
    }

    pub(crate) fn write_json(&self, writer: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Missing => writer.write_all(b"null"),
            Self::Text(text) => Ok(serde_json::to_writer(writer, text)?),
            Self::Number(json) | Self::Json(json) => writer.write_all(json.as_bytes()),
            Self::Count(count) => write!(writer, "{count}"),
            Self::Boolean(boolean) => write!(writer, "{boolean}"),
            Self::List(texts) => Ok(serde_json::to_writer(writer, texts)?),
        }
    }

    fn field(&self) -> Cow<'_, str> {
        match self {
            Self::Missing => "".into(),
            Self::Text(text) | Self::Number(text) | Self::Json(text) => text.as_ref().into(),
            Self::Count(count) => count.to_string().into(),
            Self::Boolean(boolean) => boolean.to_string().into(),
            Self::List(texts) => serde_json::to_string(texts).unwrap_or_default().into(),
        }
    }

    pub(crate) fn display(&self) -> CellText {
        let text = match self {
            Self::Missing => "-".to_owned(),
            Self::Count(count) => grouped(*count),
            Self::List(texts) => texts.join(", "),
            _ => self.field().into_owned(),
        };
        let is_number = matches!(self, Self::Number(_) | Self::Count(_));
        CellText { text, is_number, is_missing: *self == Self::Missing }
    }
}

/// A writer of rows. Every row has one cell per column.
pub struct Rows<W: Write> {
    columns: Vec<String>,
    written: u64,
    layout: Layout<W>,
}

enum Layout<W: Write> {
    Table(Box<Table>, W),
    Csv { writer: Box<csv::Writer<W>>, spreadsheet_safe: bool },
    Json(W),
    JsonLines(W),
}

impl<W: Write> Rows<W> {
    /// Begins the output and writes the header, if the format has one. `screen` matters only for a
    /// table.
    ///
    /// This and the other functions fail if the writer fails.
    pub fn new(format: RowFormat, columns: &[&str], screen: Screen, writer: W) -> io::Result<Self> {
        let names: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        let layout = match format {
            RowFormat::Table => Layout::Table(Box::new(Table::new(columns, screen)), writer),
            RowFormat::Json => Layout::Json(writer),
            RowFormat::JsonLines => Layout::JsonLines(writer),
            RowFormat::Csv { spreadsheet_safe } => {
                let mut writer = csv::Writer::from_writer(writer);
                let names: Vec<Cell<'_>> = columns.iter().map(|name| Cell::text(*name)).collect();
                write_fields(&names, spreadsheet_safe, &mut writer)?;
                Layout::Csv { writer: Box::new(writer), spreadsheet_safe }
            }
        };
        Ok(Self { columns: names, written: 0, layout })
    }

    /// Writes a row.
    pub fn push(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.columns.len(), "a cell for each column");
        let first = self.written == 0;
        self.written += 1;
        match &mut self.layout {
            Layout::Table(table, writer) => {
                table.push(cells.iter().map(Cell::display).collect(), writer)
            }
            Layout::Csv { writer, spreadsheet_safe } => {
                write_fields(cells, *spreadsheet_safe, writer)
            }
            Layout::Json(writer) => {
                writer.write_all(if first { b"[\n" } else { b",\n" })?;
                write_object(&self.columns, cells, writer)
            }
            Layout::JsonLines(writer) => {
                write_object(&self.columns, cells, writer)?;
                writer.write_all(b"\n")
            }
        }
    }

    /// Writes the rows that are still buffered. Returns the total number of rows.
    pub fn finish(self) -> io::Result<u64> {
        match self.layout {
            Layout::Table(mut table, mut writer) => {
                table.finish(&mut writer)?;
                writer.flush()?;
            }
            Layout::Csv { mut writer, .. } => writer.flush()?,
            Layout::Json(mut writer) => {
                writer.write_all(if self.written == 0 { b"[]\n" } else { b"\n]\n" })?;
                writer.flush()?;
            }
            Layout::JsonLines(mut writer) => writer.flush()?,
        }
        Ok(self.written)
    }
}

fn write_fields<W: Write>(
    cells: &[Cell<'_>],
    spreadsheet_safe: bool,
    writer: &mut csv::Writer<W>,
) -> io::Result<()> {
    for cell in cells {
        let field = cell.field();
        // A number such as -1 is not a formula.
        let is_text = matches!(cell, Cell::Text(_) | Cell::List(_) | Cell::Json(_));
        let field =
            if spreadsheet_safe && is_text { protected(&field) } else { field.as_ref().into() };
        writer.write_field(field.as_bytes()).map_err(as_io)?;
    }
    writer.write_record(None::<&[u8]>).map_err(as_io)
}

fn write_object(columns: &[String], cells: &[Cell<'_>], writer: &mut impl Write) -> io::Result<()> {
    writer.write_all(b"{")?;
    for (index, (column, cell)) in columns.iter().zip(cells).enumerate() {
        if index > 0 {
            writer.write_all(b",")?;
        }
        serde_json::to_writer(&mut *writer, column)?;
        writer.write_all(b":")?;
        cell.write_json(writer)?;
    }
    writer.write_all(b"}")
}

/// Unwraps the I/O error in a CSV error, so that the caller recognises a closed pipe.
fn as_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(format: RowFormat, width: usize, rows: &[[Cell<'_>; 3]]) -> String {
        let mut written = Vec::new();
        let screen = Screen { width, colour: false };
        let mut out = Rows::new(format, &["uid", "plan", "usage"], screen, &mut written).unwrap();
        for row in rows {
            out.push(row).unwrap();
        }
        assert_eq!(out.finish().unwrap(), rows.len() as u64);
        String::from_utf8(written).unwrap()
    }

    fn some() -> [[Cell<'static>; 3]; 3] {
        [
            [Cell::text("中村"), Cell::json("\"Pro, \\\"plus\\\"\""), Cell::json("12.50")],
            [Cell::text("a\u{1b}[2J"), Cell::Missing, Cell::Count(1234)],
            [Cell::text("b"), Cell::List(vec!["x".into(), "y".into()]), Cell::Missing],
        ]
    }

    #[test]
    fn a_table_is_aligned_and_escapes_control_characters() {
        assert_eq!(
            rows(RowFormat::Table, 60, &some()),
            "uid         plan         usage\n\
             中村        Pro, \"plus\"  12.50\n\
             a\\u{1b}[2J  -            1,234\n\
             b           x, y             -\n"
        );
    }

    #[test]
    fn a_table_fits_the_screen_without_cutting_numbers() {
        let text = rows(RowFormat::Table, 29, &some());
        assert!(
            text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 29),
            "{text}"
        );
        assert!(text.contains("12.50") && text.contains('…'), "{text}");
        assert_eq!(rows(RowFormat::Table, 24, &[]), "");
    }

    #[test]
    fn on_a_screen_too_narrow_for_its_columns_each_row_is_a_block() {
        assert_eq!(
            rows(RowFormat::Table, 18, &some()[..2]),
            "uid    中村\n\
             plan   Pro, \"plus\"\n\
             usage  12.50\n\
             \n\
             uid    a\\u{1b}[2J\n\
             plan   -\n\
             usage  1,234\n"
        );
        let text = rows(RowFormat::Table, 18, &vec![some()[0].clone(); 600]);
        assert_eq!(text.lines().filter(|line| line.is_empty()).count(), 599);
    }

    #[test]
    fn later_rows_keep_the_column_widths_of_the_first_rows() {
        let long = "x".repeat(40);
        let mut all = vec![[Cell::text("a"), Cell::text("b"), Cell::Count(1)]; 600];
        all.push([Cell::text(long.as_str()), Cell::text("b"), Cell::Count(1)]);
        let text = rows(RowFormat::Table, 80, &all);
        assert_eq!(text.lines().count(), 602);
        assert_eq!(text.lines().last(), Some("xx…  b         1"));
    }

    #[test]
    fn csv_and_json_have_unchanged_values() {
        assert_eq!(
            rows(RowFormat::Csv { spreadsheet_safe: false }, 10, &some()),
            "uid,plan,usage\n中村,\"Pro, \"\"plus\"\"\",12.50\na\u{1b}[2J,,1234\nb,\"[\"\"x\"\",\"\"y\"\"]\",\n"
        );
        let formulas = [[Cell::text("=1"), Cell::json("\"-a\""), Cell::json("-1")]];
        assert_eq!(
            rows(RowFormat::Csv { spreadsheet_safe: true }, 10, &formulas),
            "uid,plan,usage\n'=1,'-a,-1\n"
        );
        let lines = rows(RowFormat::JsonLines, 10, &some());
        assert_eq!(
            lines.lines().next(),
            Some(r#"{"uid":"中村","plan":"Pro, \"plus\"","usage":12.50}"#)
        );
        let array: serde_json::Value =
            serde_json::from_str(&rows(RowFormat::Json, 10, &some())).unwrap();
        let each: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(array, serde_json::Value::from(each));
        assert_eq!(rows(RowFormat::Json, 10, &[]), "[]\n");
    }
}
