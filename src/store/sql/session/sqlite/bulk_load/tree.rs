//! Writes a B-tree of SQLite's file format (<https://www.sqlite.org/fileformat2.html#b_tree_pages>)
//! from entries in their order. A page is written once it is full, so that only one page of each
//! level is in memory.

use super::page_file::{PAGE, Page, PageFile, PageNumber};
use super::record::push_varint;
use std::io;

/// What a tree holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TreeKind {
    /// The rows of a table, by their number. All rows are in leaves.
    Table,
    /// The entries of an index, or the rows of a table without row numbers. The pages above the
    /// leaves hold entries too, each between the pages before and after it.
    Index,
}

impl TreeKind {
    /// The most bytes of a payload that are stored in a page of the tree; the rest of a longer one
    /// is in overflow pages.
    fn max_local(self) -> usize {
        match self {
            Self::Table => PAGE - 35,
            Self::Index => (PAGE - 12) * 64 / 255 - 23,
        }
    }

    /// How many bytes of a payload with overflow pages are stored in the page of the tree.
    fn local(self, payload: usize) -> usize {
        const MIN_LOCAL: usize = (PAGE - 12) * 32 / 255 - 23;
        if payload <= self.max_local() {
            return payload;
        }
        let filling = MIN_LOCAL + (payload - MIN_LOCAL) % OVERFLOW;
        if filling <= self.max_local() { filling } else { MIN_LOCAL }
    }

    fn page_type(self, is_leaf: bool) -> u8 {
        match (self, is_leaf) {
            (Self::Table, true) => 13,
            (Self::Table, false) => 5,
            (Self::Index, true) => 10,
            (Self::Index, false) => 2,
        }
    }
}

/// The bytes of a payload in an overflow page, after the number of the next one.
const OVERFLOW: usize = PAGE - 4;

/// The page of a level that is being filled. Cells grow down from the end of the page, and the list
/// of their places grows up after the header.
struct Level {
    page: Box<Page>,
    cells: usize,
    /// Where the last cell starts.
    start: usize,
}

impl Level {
    const PARENT_HEADER: usize = 12;

    fn new(kind: TreeKind, is_leaf: bool) -> Self {
        let mut page = Box::new([0; PAGE]);
        page[0] = kind.page_type(is_leaf);
        Self { page, cells: 0, start: PAGE }
    }

    fn header(&self) -> usize {
        if self.page[0] >= 10 { 8 } else { Self::PARENT_HEADER }
    }

    fn fits(&self, cell: usize) -> bool {
        self.header() + 2 * (self.cells + 1) + cell <= self.start
    }

    fn add(&mut self, cell: &[u8]) {
        let end = self.start;
        self.start -= cell.len();
        self.page[self.start..end].copy_from_slice(cell);
        let place = self.header() + 2 * self.cells;
        self.page[place..place + 2].copy_from_slice(&offset(self.start));
        self.cells += 1;
    }

    /// Takes the last cell out again. Its bytes are overwritten, so that nothing is left of it when
    /// its customer is erased.
    fn pop(&mut self) -> Vec<u8> {
        self.cells -= 1;
        let place = self.header() + 2 * self.cells;
        let end = match self.cells {
            0 => PAGE,
            _ => usize::from(u16::from_be_bytes([self.page[place - 2], self.page[place - 1]])),
        };
        let cell = self.page[self.start..end].to_vec();
        self.page[self.start..end].fill(0);
        self.page[place..place + 2].fill(0);
        self.start = end;
        cell
    }

    /// Completes the header; the page is then as it is stored.
    fn complete(&mut self) -> &Page {
        let cells = offset(self.cells);
        self.page[3..5].copy_from_slice(&cells);
        let start = offset(self.start);
        self.page[5..7].copy_from_slice(&start);
        &self.page
    }

    /// The page after all its cells, for a page above the leaves.
    fn set_last_child(&mut self, child: PageNumber) {
        self.page[8..Self::PARENT_HEADER].copy_from_slice(&child.to_be_bytes());
    }

    fn clear(&mut self) {
        let kind = self.page[0];
        self.page.fill(0);
        self.page[0] = kind;
        (self.cells, self.start) = (0, PAGE);
    }
}

/// A number within a page.
fn offset(place: usize) -> [u8; 2] {
    u16::try_from(place).unwrap_or_default().to_be_bytes()
}

/// Writes a tree.
pub(super) struct TreeWriter {
    kind: TreeKind,
    /// The page of the tree's root, which the database has already.
    root: PageNumber,
    /// The pages that are being filled, from the leaf up.
    levels: Vec<Level>,
    /// The last row, in a table.
    last_row: u64,
    cell: Vec<u8>,
}

/// The bytes that the buffer of a cell or a record may keep allocated.
pub(super) const KEPT_BYTES: usize = 64 << 10;

impl TreeWriter {
    pub(super) fn new(kind: TreeKind, root: PageNumber) -> Self {
        let levels = vec![Level::new(kind, true)];
        Self { kind, root, levels, last_row: 0, cell: Vec::new() }
    }

    /// Adds a row after all others.
    pub(super) fn add_row(
        &mut self,
        row: u64,
        record: &[u8],
        file: &mut PageFile,
    ) -> io::Result<()> {
        self.cell.clear();
        push_varint(record.len() as u64, &mut self.cell);
        push_varint(row, &mut self.cell);
        self.add(record, file)?;
        self.last_row = row;
        Ok(())
    }

    /// Adds an entry after all others.
    pub(super) fn add_entry(&mut self, record: &[u8], file: &mut PageFile) -> io::Result<()> {
        self.cell.clear();
        push_varint(record.len() as u64, &mut self.cell);
        self.add(record, file)
    }

    /// Adds the cell that begins with `self.cell`.
    fn add(&mut self, payload: &[u8], file: &mut PageFile) -> io::Result<()> {
        let (local, rest) = payload.split_at(self.kind.local(payload.len()));
        self.cell.extend_from_slice(local);
        if !rest.is_empty() {
            let first = write_overflow(rest, file)?;
            self.cell.extend_from_slice(&first.to_be_bytes());
        }
        if !self.levels[0].fits(self.cell.len()) {
            self.finish_leaf(file)?;
        }
        self.levels[0].add(&self.cell);
        self.cell.shrink_to(KEPT_BYTES);
        Ok(())
    }

    fn finish_leaf(&mut self, file: &mut PageFile) -> io::Result<()> {
        let leaf = &mut self.levels[0];
        let key = match self.kind {
            TreeKind::Table => {
                let mut key = Vec::new();
                push_varint(self.last_row, &mut key);
                key
            }
            TreeKind::Index => leaf.pop(),
        };
        let child = file.append(leaf.complete())?;
        leaf.clear();
        self.add_child(1, child, &key, file)
    }

    /// Adds a finished page to the level above it, with the key that separates it from the next.
    fn add_child(
        &mut self,
        level: usize,
        child: PageNumber,
        key: &[u8],
        file: &mut PageFile,
    ) -> io::Result<()> {
        if level == self.levels.len() {
            self.levels.push(Level::new(self.kind, false));
        }
        let parent = &mut self.levels[level];
        let cell = [&child.to_be_bytes()[..], key].concat();
        if parent.fits(cell.len()) {
            parent.add(&cell);
            return Ok(());
        }
        // The last cell becomes the last child, and its key goes up, so that neither this page nor
        // the next one is without a cell.
        let (last_child, last_key) = split_cell(parent.pop());
        parent.set_last_child(last_child);
        let full = file.append(parent.complete())?;
        parent.clear();
        parent.add(&cell);
        self.add_child(level + 1, full, &last_key, file)
    }

    /// Writes the pages that are not full, and the root.
    pub(super) fn finish(mut self, file: &mut PageFile) -> io::Result<()> {
        let mut child = None;
        let last = self.levels.len() - 1;
        for (number, level) in self.levels.iter_mut().enumerate() {
            if let Some(child) = child {
                level.set_last_child(child);
            }
            if number == last {
                return file.replace(self.root, level.complete());
            }
            child = Some(file.append(level.complete())?);
        }
        Ok(())
    }
}

/// The child and the key of a cell above the leaves.
fn split_cell(mut cell: Vec<u8>) -> (PageNumber, Vec<u8>) {
    let mut child = [0; 4];
    let key = cell.split_off(child.len());
    child.copy_from_slice(&cell);
    (PageNumber::from_be_bytes(child), key)
}

/// Writes the rest of a payload to overflow pages; returns the first.
fn write_overflow(rest: &[u8], file: &mut PageFile) -> io::Result<PageNumber> {
    let [first, _] = file.next_two();
    let mut parts = rest.chunks(OVERFLOW).peekable();
    while let Some(part) = parts.next() {
        let mut page = [0; PAGE];
        page[4..4 + part.len()].copy_from_slice(part);
        if parts.peek().is_some() {
            let [_, next] = file.next_two();
            page[..4].copy_from_slice(&next.to_be_bytes());
        }
        file.append(&page)?;
    }
    Ok(first)
}
