//! Appends pages to an SQLite file, in the order in which they are finished.

use super::early_sync::EarlySync;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// The bytes of a page; `open::sqlite` creates all stores with this size.
pub(super) const PAGE: usize = 4096;

/// The content of a page.
pub(super) type Page = [u8; PAGE];

/// The number of a page, from 1.
pub(super) type PageNumber = u32;

/// SQLite locks bytes from 2^30 on, so it keeps no data in their page
/// (<https://www.sqlite.org/fileformat2.html#the_lock_byte_page>).
const LOCK_BYTE_PAGE: PageNumber = (1 << (30 - PAGE.ilog2())) + 1;

/// The bytes that are written at once.
const WRITTEN_TOGETHER: usize = 1 << 20;

/// Where the header of the file has the number of its pages.
const PAGE_COUNT: u64 = 28;
/// Where it counts the changes of the file; if the second number is the same, the number of pages
/// is valid.
const CHANGE_COUNTER: u64 = 24;
const VALID_FOR: u64 = 92;

/// A file to which pages are appended. No connection may write it meanwhile: it would use the same
/// pages.
#[derive(Debug)]
pub(super) struct PageFile {
    file: File,
    /// The number that the next page gets.
    next: PageNumber,
    /// The pages that are not written yet.
    unwritten: Vec<u8>,
    early_sync: EarlySync,
}

impl PageFile {
    /// Appends to a database. Fails if it does not consist of whole pages.
    pub(super) fn append_to(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let pages = u32::try_from(length / PAGE as u64).ok();
        let pages = pages.filter(|pages| u64::from(*pages) * PAGE as u64 == length);
        let invalid = || io::Error::from(io::ErrorKind::InvalidData);
        let next = pages.and_then(|pages| pages.checked_add(1)).ok_or_else(invalid)?;
        let unwritten = Vec::with_capacity(WRITTEN_TOGETHER);
        Ok(Self { file, next, unwritten, early_sync: EarlySync::default() })
    }

    /// The numbers that the next two appended pages get.
    pub(super) fn next_two(&self) -> [PageNumber; 2] {
        let usable = |number| if number == LOCK_BYTE_PAGE { number + 1 } else { number };
        let next = usable(self.next);
        [next, usable(next + 1)]
    }

    /// Appends a page; returns its number.
    pub(super) fn append(&mut self, page: &Page) -> io::Result<PageNumber> {
        if self.next == LOCK_BYTE_PAGE {
            self.push(&[0; PAGE])?;
        }
        let number = self.next;
        self.push(page)?;
        Ok(number)
    }

    fn push(&mut self, page: &Page) -> io::Result<()> {
        let full = || io::Error::from(io::ErrorKind::FileTooLarge);
        self.next = self.next.checked_add(1).ok_or_else(full)?;
        self.unwritten.extend_from_slice(page);
        if self.unwritten.len() >= WRITTEN_TOGETHER { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> io::Result<()> {
        let end = u64::from(self.next - 1) * PAGE as u64;
        self.file.write_all_at(&self.unwritten, end - self.unwritten.len() as u64)?;
        self.early_sync.add(self.unwritten.len() as u64, &self.file);
        self.unwritten.clear();
        Ok(())
    }

    /// Replaces a page that the file had from the start.
    pub(super) fn replace(&self, number: PageNumber, page: &Page) -> io::Result<()> {
        self.file.write_all_at(page, u64::from(number - 1) * PAGE as u64)
    }

    /// Writes the appended pages, and the number of pages to the header. Connections that have read
    /// the file before find out that it has changed.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.write()?;
        self.early_sync.finish()?;
        let mut counter = [0; 4];
        self.file.read_exact_at(&mut counter, CHANGE_COUNTER)?;
        let changed = u32::from_be_bytes(counter).wrapping_add(1).to_be_bytes();
        self.file.write_all_at(&(self.next - 1).to_be_bytes(), PAGE_COUNT)?;
        self.file.write_all_at(&changed, VALID_FOR)?;
        self.file.write_all_at(&changed, CHANGE_COUNTER)
    }
}
