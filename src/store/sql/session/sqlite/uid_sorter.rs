//! Sorts the uids of new customers for the index: in memory, or in an unnamed file if there are
//! many.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// The bytes of a run, with its entries.
const RUN_BYTES: usize = 4 << 20;

/// The bytes before each uid in the file: its row and its length.
const HEAD: u64 = 8;

/// The bytes that are read from a run in the file at once.
const READ_TOGETHER: usize = 64 << 10;

/// The sorted uids that are added to the index between two checks for an interruption.
pub(super) const CHECKED_TOGETHER: u32 = 4096;

/// Sorts uids by their bytes.
#[derive(Debug)]
pub(super) struct UidSorter {
    /// Where the file is created.
    folder: PathBuf,
    /// How many runs are kept in memory. If there are more, they are written to a file.
    runs_in_memory: usize,
    current: Run,
    full: Vec<Run>,
    file: Option<File>,
    /// Where each run in the file ends.
    ends: Vec<u64>,
}

/// Uids that are sorted together.
#[derive(Debug, Default)]
struct Run {
    uids: Vec<u8>,
    entries: Vec<Entry>,
    /// How many bytes at the start all uids have in common.
    common: usize,
}

/// A uid of a run.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The bytes after the common ones, so that few comparisons read the uid itself.
    prefix: u64,
    /// Where the length of the uid is, in four bytes, followed by the uid.
    start: u32,
    row: u32,
}

const LENGTH: usize = size_of::<u32>();

impl Entry {
    fn uid<'u>(&self, uids: &'u [u8]) -> &'u [u8] {
        let (length, rest) = uids[self.start as usize..]
            .split_first_chunk::<LENGTH>()
            .unwrap_or((&[0; LENGTH], &[]));
        &rest[..u32::from_le_bytes(*length) as usize]
    }
}

/// Adds a uid after its length; returns where.
fn append(uid: &[u8], uids: &mut Vec<u8>) -> u32 {
    // A run ends soon after `RUN_BYTES`, and so does a uid: both fit in 32 bits.
    let [start, length] =
        [uids.len(), uid.len()].map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX));
    uids.extend_from_slice(&length.to_le_bytes());
    uids.extend_from_slice(uid);
    start
}

impl Run {
    fn push(&mut self, uid: &[u8], row: u32) {
        self.common = match self.entries.first() {
            None => uid.len(),
            Some(first) => {
                let common = &first.uid(&self.uids)[..self.common];
                common.iter().zip(uid).take_while(|(one, other)| one == other).count()
            }
        };
        let start = append(uid, &mut self.uids);
        self.entries.push(Entry { prefix: 0, start, row });
    }

    fn sort(&mut self) {
        let Self { uids, entries, common } = self;
        for entry in &mut *entries {
            let mut prefix = [0; 8];
            let rest = &entry.uid(uids)[*common..];
            let length = rest.len().min(prefix.len());
            // Zeros never put a longer uid first; equal prefixes are compared in full.
            prefix[..length].copy_from_slice(&rest[..length]);
            entry.prefix = u64::from_be_bytes(prefix);
        }
        entries.sort_unstable_by(|one, other| {
            one.prefix.cmp(&other.prefix).then_with(|| one.uid(uids).cmp(other.uid(uids)))
        });
        // In their order, they are read without waiting for memory each time.
        let mut sorted = Vec::with_capacity(uids.len());
        for entry in entries {
            entry.start = append(entry.uid(uids), &mut sorted);
        }
        *uids = sorted;
    }
}

impl UidSorter {
    pub(super) fn new(folder: &Path, runs_in_memory: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            runs_in_memory,
            current: Run::default(),
            full: Vec::new(),
            file: None,
            ends: Vec::new(),
        }
    }

    /// Adds the uid of a customer's row.
    pub(super) fn push(&mut self, uid: &str, row: u32) -> io::Result<()> {
        self.current.push(uid.as_bytes(), row);
        let entries = self.current.entries.len() * size_of::<Entry>();
        if self.current.uids.len() + entries < RUN_BYTES {
            return Ok(());
        }
        self.full.push(std::mem::take(&mut self.current));
        if self.full.len() < self.runs_in_memory { Ok(()) } else { self.write_runs() }
    }

    fn write_runs(&mut self) -> io::Result<()> {
        sort_all(&mut self.full);
        let file = if let Some(file) = &self.file {
            file
        } else {
            let file = tempfile::tempfile_in(&self.folder);
            self.file.insert(file.or_else(|_| tempfile::tempfile())?)
        };
        let mut out = BufWriter::new(file);
        for Run { uids, entries, .. } in self.full.drain(..) {
            let mut end = self.ends.last().copied().unwrap_or_default();
            for entry in &entries {
                out.write_all(&entry.row.to_le_bytes())?;
                let uid = entry.uid(&uids);
                out.write_all(&u32::try_from(uid.len()).unwrap_or(u32::MAX).to_le_bytes())?;
                out.write_all(uid)?;
                end += HEAD + uid.len() as u64;
            }
            self.ends.push(end);
        }
        out.flush()
    }

    /// Sorts what is left. The uids and their rows are then read in order.
    pub(super) fn finish(mut self) -> io::Result<SortedUids> {
        self.full.push(self.current);
        sort_all(&mut self.full);
        let mut heads = BinaryHeap::new();
        let in_memory = self.full.into_iter().map(|run| Source::Memory { run, next: 0 });
        let file = self.file.map(Arc::new);
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let in_file = starts.zip(&self.ends).filter_map(|(start, end)| {
            let file = Arc::clone(file.as_ref()?);
            let part = FilePart { file, at: start, end: *end };
            Some(Source::File(BufReader::with_capacity(READ_TOGETHER, part)))
        });
        for source in in_memory.chain(in_file) {
            let mut head = Head { uid: Vec::new(), row: 0, source };
            if head.advance()? {
                heads.push(head);
            }
        }
        Ok(SortedUids { heads, has_begun: false })
    }
}

/// Uids in their order.
pub(super) struct SortedUids {
    heads: BinaryHeap<Head>,
    has_begun: bool,
}

impl SortedUids {
    /// The next uid and its row; `None` after the last.
    pub(super) fn next(&mut self) -> io::Result<Option<(&str, u32)>> {
        if std::mem::replace(&mut self.has_begun, true)
            && let Some(mut last) = self.heads.peek_mut()
            && !last.advance()?
        {
            PeekMut::pop(last);
        }
        let Some(head) = self.heads.peek() else { return Ok(None) };
        let uid = str::from_utf8(&head.uid).map_err(io::Error::other)?;
        Ok(Some((uid, head.row)))
    }
}

/// Sorts each of the runs, on all cores.
fn sort_all(runs: &mut [Run]) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = runs.len().div_ceil(threads);
    let (own, others) = runs.split_at_mut(share);
    thread::scope(|scope| {
        for share in others.chunks_mut(share.max(1)) {
            scope.spawn(move || share.iter_mut().for_each(Run::sort));
        }
        own.iter_mut().for_each(Run::sort);
    });
}

/// A sorted run that is being read.
enum Source {
    Memory { run: Run, next: usize },
    File(BufReader<FilePart>),
}

/// A part of a file that other readers read too.
struct FilePart {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for FilePart {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let wanted = left.min(bytes.len());
        let read = self.file.read_at(&mut bytes[..wanted], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// The next uid of a run. The greatest head, which the heap returns first, has the least uid.
struct Head {
    uid: Vec<u8>,
    row: u32,
    source: Source,
}

impl Head {
    /// Reads the next uid; `false` at the end of the run.
    fn advance(&mut self) -> io::Result<bool> {
        self.uid.clear();
        match &mut self.source {
            Source::Memory { run, next } => {
                let Some(entry) = run.entries.get(*next) else { return Ok(false) };
                *next += 1;
                self.uid.extend_from_slice(entry.uid(&run.uids));
                self.row = entry.row;
            }
            Source::File(part) => {
                if part.fill_buf()?.is_empty() {
                    return Ok(false);
                }
                self.row = read_u32(part)?;
                let length = read_u32(part)? as usize;
                self.uid.resize(length, 0);
                part.read_exact(&mut self.uid)?;
            }
        }
        Ok(true)
    }
}

fn read_u32(part: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    part.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        other.uid.cmp(&self.uid)
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(sorter: UidSorter) -> Vec<(String, u32)> {
        let (mut read, mut all) = (Vec::new(), sorter.finish().unwrap());
        while let Some((uid, row)) = all.next().unwrap() {
            read.push((uid.to_owned(), row));
        }
        read
    }

    proptest! {
        #[test]
        fn uids_are_sorted_by_their_bytes(
            uids in proptest::collection::hash_set("[a-cß]{1,12}", 0..300),
            common in "x{0,9}",
        ) {
            let folder = tempfile::tempdir().unwrap();
            let uids: Vec<String> = uids.into_iter().map(|uid| common.clone() + &uid).collect();
            let mut sorter = UidSorter::new(folder.path(), 2);
            for (row, uid) in (1..).zip(&uids) {
                sorter.push(uid, row).unwrap();
            }
            let mut expected: Vec<(String, u32)> = uids.into_iter().zip(1..).collect();
            expected.sort();
            prop_assert_eq!(all(sorter), expected);
        }
    }

    #[test]
    fn many_uids_are_sorted_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = UidSorter::new(folder.path(), 12);
        let count = 900_000_u32;
        // Every number below `count` once, in an order that is neither ascending nor descending.
        for row in 0..count {
            let number = u64::from(row) * 700_001 % u64::from(count);
            let end = "x".repeat(row as usize % 5);
            sorter.push(&format!("{number:048}{end}"), row).unwrap();
        }
        assert!(sorter.file.is_some());
        let read = all(sorter);
        assert_eq!(read.len(), count as usize);
        for ((uid, row), number) in read.iter().zip(0..) {
            assert_eq!(uid.trim_end_matches('x').parse::<u32>().unwrap(), number);
            assert_eq!(u64::from(*row) * 700_001 % u64::from(count), u64::from(number));
        }
    }
}
