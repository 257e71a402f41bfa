//! Detects the dialect of a text from its beginning: the delimiter that is given, or the one that
//! splits its records most evenly.

use super::dialect::{Caps, Dialect, Escape, is_delimiter};
use super::header::{has_repeated_name, looks_like_header, nothing_but_data};
use super::record::Record;
use super::split::{Split, count_lines, line_end_length, split};
use crate::text::excerpt;
use memchr::{memchr, memchr2};

/// How a delimiter is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DelimiterEvidence {
    /// It was given.
    Given,
    /// The file's first line says so: `sep=;`.
    SepLine,
    /// It splits the file's beginning most evenly.
    Consistent,
    /// Nothing splits the lines: there is one column.
    OneColumn,
    /// It is between the four columns at the end of a rejects file.
    RejectsFile,
    /// It precedes the last column of engage's own export.
    OwnExport,
}

/// The dialect of a text, as detected from its beginning.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DetectedDialect {
    pub(crate) dialect: Dialect,
    pub(crate) evidence: DelimiterEvidence,
    /// Whether cells are exactly `\N`.
    pub(crate) nulls: bool,
    /// How many blank fields every record has beyond the header's.
    pub(crate) surplus: usize,
    /// Whether only the header ends in a delimiter.
    pub(crate) blank_name: bool,
    /// Lines above the header.
    pub(crate) titles: Option<Titles>,
    /// How many fields most records have.
    pub(crate) columns: usize,
    /// How many fields at the end are blank in all of these records.
    pub(crate) blank: usize,
    /// Whether the first record continues beyond the sample.
    pub(crate) too_long: bool,
}

/// Lines above the header, counted from the beginning of the sample, from 0.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Titles {
    pub(crate) line: u64,
    pub(crate) excerpt: String,
    pub(crate) header_line: u64,
}

/// The delimiter that a first line such as `sep=;` names, as in Excel.
pub(crate) fn sep_line(sample: &[u8]) -> Option<u8> {
    let end = memchr2(b'\n', b'\r', sample).unwrap_or(sample.len());
    let line = &sample[..end];
    let line = line.strip_prefix(b"\"").and_then(|l| l.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            is_delimiter(*delimiter).then_some(*delimiter)
        }
        _ => None,
    }
}

/// One record of the sample.
struct Row {
    start: usize,
    line: u64,
    /// How many fields it has; 0 if it cannot be split.
    fields: usize,
    /// How many fields at the end are blank.
    blank: usize,
}

/// How well a dialect fits.
struct Fit {
    dialect: Dialect,
    rows: Vec<Row>,
    columns: usize,
    share: f64,
    /// 2: the first rows agree; 1: they agree from a lower header on; 0: they do not.
    level: u8,
    header: usize,
    surplus: usize,
    blank_name: bool,
    /// Whether each comma between a record's fields is between two digits.
    decimal: bool,
}

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many rows are looked at, and how many may precede a header.
const ROWS: usize = 1000;
const TITLES: usize = 30;

/// Detects the dialect of a text that begins with `sample`; `complete` says that this is all of it.
pub(crate) fn sniff(sample: &[u8], complete: bool, given: Option<u8>) -> DetectedDialect {
    let only_given;
    let delimiters: &[u8] = match given {
        Some(delimiter) => {
            only_given = [delimiter];
            &only_given
        }
        None => &CANDIDATES,
    };
    let backslashes = memchr(b'\\', sample).is_some();
    let mut fits: Vec<Fit> = Vec::new();
    for delimiter in delimiters {
        let doubled = Fit::of(sample, complete, Dialect::new(*delimiter, Escape::Doubled));
        let fit = if backslashes {
            let dialect = Dialect::new(*delimiter, Escape::Backslash);
            let escaped = Fit::of(sample, complete, dialect);
            let clean = nulls(sample, &escaped.rows, dialect) && only_escapes(sample, *delimiter);
            if escaped.fits_better(&doubled) || (clean && escaped.begins_records_like(&doubled)) {
                escaped
            } else {
                doubled
            }
        } else {
            doubled
        };
        fits.push(fit.or_with_spaced_quotes(sample, complete));
    }
    let another = |than: &Fit| {
        fits.iter().any(|fit| {
            fit.dialect != than.dialect
                && fit.level >= than.level
                && fit.columns > 1
                && fit.share > 0.9
        })
    };
    // The first of equals wins: the most common candidates come first.
    let mut best: Option<&Fit> = None;
    for fit in &fits {
        let splits = given.is_some() || fit.columns > 1;
        if splits
            && !(fit.decimal && another(fit))
            && best.is_none_or(|best| fit.rank() > best.rank())
        {
            best = Some(fit);
        }
    }
    let evidence = match (given, best) {
        (Some(_), _) => DelimiterEvidence::Given,
        (None, Some(_)) => DelimiterEvidence::Consistent,
        (None, None) => DelimiterEvidence::OneColumn,
    };
    match best.or(fits.first()) {
        Some(fit) => fit.detected(sample, complete, evidence),
        None => Fit::of(sample, complete, Dialect::new(b',', Escape::Doubled))
            .detected(sample, complete, evidence),
    }
}

impl Fit {
    fn of(sample: &[u8], complete: bool, dialect: Dialect) -> Self {
        let (rows, decimal) = rows(sample, complete, dialect);
        // The header does not count: it may have another number of fields than its records.
        let records = if rows.len() > 1 { &rows[1..] } else { &rows[..] };
        let mut counts: Vec<usize> =
            records.iter().map(|row| row.fields).filter(|fields| *fields > 0).collect();
        counts.sort_unstable();
        let runs = counts.chunk_by(|a, b| a == b);
        // Of equally frequent counts, the header's wins, or else the largest.
        let header = rows.first().map_or(0, |row| row.fields);
        let (often, _, columns) =
            runs.map(|run| (run.len(), run[0] == header, run[0])).max().unwrap_or((0, false, 1));
        let share = often as f64 / records.len().max(1) as f64;
        let mut fit = Self {
            dialect,
            rows,
            columns,
            share,
            decimal,
            level: 0,
            header: 0,
            surplus: 0,
            blank_name: false,
        };
        fit.find_header(sample);
        fit
    }

    /// Whether this dialect splits records that the other one cannot. A larger number of regular
    /// records proves nothing, since lines within a quoted cell may look like them.
    fn fits_better(&self, other: &Self) -> bool {
        self.share > other.share && self.irregular() < other.irregular()
    }

    /// The same dialect with spaces before opening quotes, if the sample has such quotes and splits
    /// at least as evenly.
    fn or_with_spaced_quotes(self, sample: &[u8], complete: bool) -> Self {
        if memchr::memmem::find(sample, &[self.dialect.delimiter, b' ', b'"']).is_none() {
            return self;
        }
        let dialect = Dialect { has_spaced_quotes: true, ..self.dialect };
        let spaced = Self::of(sample, complete, dialect);
        let is_as_regular = spaced.share >= self.share && spaced.irregular() <= self.irregular();
        if is_as_regular && spaced.level >= self.level { spaced } else { self }
    }

    /// How many records have a different number of fields than most.
    fn irregular(&self) -> usize {
        self.rows.iter().skip(1).filter(|row| row.fields != self.columns).count()
    }

    /// Whether each record begins where a record of the other dialect does, and so not within one
    /// of its quoted cells.
    fn begins_records_like(&self, other: &Self) -> bool {
        let end = match other.rows.last() {
            Some(last) if other.rows.len() == ROWS => last.start,
            _ => usize::MAX,
        };
        let mut rows = self.rows.iter().take_while(|row| row.start <= end);
        rows.all(|row| other.rows.binary_search_by_key(&row.start, |other| other.start).is_ok())
    }

    fn find_header(&mut self, sample: &[u8]) {
        let [first, rest @ ..] = self.rows.as_slice() else { return };
        let columns = self.columns;
        let others = || rest.iter().filter(|row| row.fields > 0);
        if first.fields < columns && first.fields > 0 {
            let surplus = columns - first.fields;
            if others().all(|row| row.fields == columns && row.blank >= surplus) {
                self.surplus = surplus;
                // In a single column, the delimiter may be the last character of a value.
                self.level = if first.fields > 1 { 2 } else { 1 };
                return;
            }
        }
        if first.fields == columns + 1
            && first.blank == 1
            && first.fields > 1
            && others().all(|row| row.fields == columns)
        {
            self.blank_name = true;
            self.level = 2;
            return;
        }
        if columns > 1
            && let Some(header) = self.header_below(sample)
        {
            self.header = header;
            self.level = 1;
            return;
        }
        let agree = rest.first().is_none_or(|second| second.fields == columns);
        self.level = if first.fields == columns && agree { 2 } else { 0 };
    }

    /// The row of a header that follows other lines.
    fn header_below(&self, sample: &[u8]) -> Option<usize> {
        let columns = self.columns;
        // At most half as wide as the table, or one cell that a spreadsheet has padded with blanks.
        let is_title = |row: &Row| {
            let filled = row.fields - row.blank.min(row.fields);
            (row.fields < columns && filled * 2 <= columns) || (columns > 2 && filled <= 1)
        };
        let at = self.rows.iter().take(TITLES).position(|row| !is_title(row))?;
        let row = &self.rows[at];
        // If a file has several tables, the first may not be as wide as most records.
        let agrees = || self.rows.get(at + 1).is_some_and(|next| next.fields == row.fields);
        if at == 0 || row.blank > 0 || !(row.fields == columns || row.fields > 1 && agrees()) {
            return None;
        }
        let names = cells(&sample[row.start..], self.dialect);
        let is_header = looks_like_header(&names)
            && (!has_repeated_name(&names) || self.is_set_apart(&names, at, sample));
        let first = cells(&sample[self.rows[0].start..], self.dialect);
        (is_header && !nothing_but_data(&first)).then_some(at)
    }

    /// Whether no cell of a row occurs again in its column below. Equal cells in a row may be the
    /// names of two columns, or values of a record; other records probably have such a value too.
    fn is_set_apart(&self, names: &[String], at: usize, sample: &[u8]) -> bool {
        let mut below = self.rows[at + 1..].iter().filter(|row| row.fields > 0).peekable();
        below.peek().is_some()
            && below.all(|row| {
                let values = cells(&sample[row.start..], self.dialect);
                names.iter().zip(&values).all(|(name, value)| name.trim() != value.trim())
            })
    }

    fn rank(&self) -> (u8, f64) {
        (self.level, self.share * (1.0 + (self.columns as f64).ln()))
    }

    fn detected(
        &self,
        sample: &[u8],
        complete: bool,
        evidence: DelimiterEvidence,
    ) -> DetectedDialect {
        let titles = (self.header > 0).then(|| {
            let first = &self.rows[0];
            let rest = &sample[first.start..];
            let line = &rest[..memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())];
            Titles {
                line: first.line,
                excerpt: excerpt(&String::from_utf8_lossy(line), 40),
                header_line: self.rows[self.header].line,
            }
        });
        DetectedDialect {
            dialect: self.dialect,
            evidence,
            nulls: nulls(sample, &self.rows, self.dialect),
            surplus: self.surplus,
            blank_name: self.blank_name,
            titles,
            columns: self.columns,
            blank: self
                .rows
                .iter()
                .filter(|row| row.fields == self.columns)
                .map(|row| row.blank)
                .min()
                .unwrap_or(0),
            too_long: self.rows.is_empty() && !complete && !sample.is_empty(),
        }
    }
}

/// The records of a sample, and whether all its delimiters are commas between two digits. A last
/// record that is cut off is left out.
fn rows(sample: &[u8], complete: bool, dialect: Dialect) -> (Vec<Row>, bool) {
    let mut rows = Vec::new();
    let mut fields = Vec::new();
    let dialect = Dialect { caps: Caps::SAMPLE, ..dialect };
    let (mut at, mut line) = (0, 0);
    let (mut splits, mut decimal) = (0_usize, dialect.delimiter == b',');
    while at < sample.len() && rows.len() < ROWS {
        let rest = &sample[at..];
        if matches!(rest[0], b'\n' | b'\r') {
            at += line_end_length(rest);
            line += 1;
            continue;
        }
        fields.clear();
        let (next, count) = match split(rest, dialect, complete, &mut fields) {
            Split::Done { next, .. } => (next, fields.len()),
            Split::More | Split::Oversize => break,
            Split::OpenQuote(from) => match memchr2(b'\n', b'\r', &rest[from..]) {
                Some(end) => (from + end + line_end_length(&rest[from + end..]), 0),
                None if complete => (rest.len(), 0),
                None => break,
            },
        };
        let blank = fields.iter().rev().take_while(|f| f.start == f.end).count();
        if !rows.is_empty() && count > 1 {
            splits += 1;
            let digit = |at: u32| rest.get(at as usize).is_some_and(u8::is_ascii_digit);
            decimal &= fields
                .windows(2)
                .all(|two| two[0].end > 0 && digit(two[0].end - 1) && digit(two[0].end + 1));
        }
        rows.push(Row { start: at, line, fields: count, blank: blank.min(count) });
        line += count_lines(&rest[..next]);
        at += next;
    }
    (rows, decimal && splits > 0)
}

/// The fields of the record at the beginning of some bytes.
fn cells(bytes: &[u8], dialect: Dialect) -> Vec<String> {
    let mut record = Record::default();
    match split(bytes, dialect, true, &mut record.fields) {
        Split::Done { end, .. } if record.set_bytes(&bytes[..end]) => {
            record.unescape(dialect.escape == Escape::Backslash);
            record.fields().map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether any cell is exactly `\N`.
fn nulls(sample: &[u8], rows: &[Row], dialect: Dialect) -> bool {
    let Some(first) = memchr::memmem::find(sample, b"\\N") else { return false };
    let mut fields = Vec::new();
    rows.iter().filter(|row| row.fields > 0).any(|row| {
        let rest = &sample[row.start..];
        let line = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        if row.start + line < first || memchr::memmem::find(&rest[..line], b"\\N").is_none() {
            return false;
        }
        fields.clear();
        split(rest, dialect, true, &mut fields);
        fields.iter().any(|f| rest.get(f.start as usize..f.end as usize) == Some(b"\\N"))
    })
}

/// Whether each backslash of a sample begins an escape that `MySQL` writes.
fn only_escapes(sample: &[u8], delimiter: u8) -> bool {
    let mut at = 0;
    while let Some(found) = memchr(b'\\', &sample[at..]) {
        let next = sample.get(at + found + 1);
        let known = next.is_none_or(|b| {
            *b == delimiter
                || matches!(
                    b,
                    b'\\' | b'"' | b'N' | b'n' | b't' | b'r' | b'0' | b'Z' | b'b' | b'\n' | b'\r'
                )
        });
        if !known {
            return false;
        }
        at += found + 2;
        if at >= sample.len() {
            break;
        }
    }
    true
}

#[cfg(test)]
mod tests;
