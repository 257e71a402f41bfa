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

/// The runs that are kept in memory. If there are more, they are written to a file.
const RUNS_IN_MEMORY: usize = 12;

/// The bytes before each uid in the file: its row and its length.
const HEAD: u64 = 8;

/// The bytes that are read from a run in the file at once.
const READ_TOGETHER: usize = 64 << 10;

/// Sorts uids by their bytes.
#[derive(Debug)]
pub(super) struct UidSorter {
    /// Where the file is created.
    folder: PathBuf,
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

impl Run {
    fn push(&mut self, uid: &[u8], row: u32) {
        self.common = match self.entries.first() {
            None => uid.len(),
            Some(first) => {
                let common = &first.uid(&self.uids)[..self.common];
                common.iter().zip(uid).take_while(|(one, other)| one == other).count()
            }
        };
        // A run ends soon after `RUN_BYTES`, and so does a uid: both fit in 32 bits.
        let [start, length] =
            [self.uids.len(), uid.len()].map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX));
        self.uids.extend_from_slice(&length.to_le_bytes());
        self.uids.extend_from_slice(uid);
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
    }
}

impl UidSorter {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
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
        if self.full.len() < RUNS_IN_MEMORY { Ok(()) } else { self.write_runs() }
    }

    fn write_runs(&mut self) -> io::Result<()> {
        sort_all(&mut self.full);
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile_in(&self.folder)?),
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

    /// Calls `each` with all uids and rows in order.
    pub(super) fn finish(
        mut self,
        mut each: impl FnMut(&str, u32) -> io::Result<()>,
    ) -> io::Result<()> {
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
        while let Some(mut head) = heads.peek_mut() {
            let uid = str::from_utf8(&head.uid).map_err(io::Error::other)?;
            each(uid, head.row)?;
            if !head.advance()? {
                PeekMut::pop(head);
            }
        }
        Ok(())
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
