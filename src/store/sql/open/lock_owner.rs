//! Finds out which process has locked a store.

#[cfg(target_os = "linux")]
use crate::output::companion;
#[cfg(target_os = "linux")]
use std::fs::{self, File};
#[cfg(target_os = "linux")]
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The process that holds the write lock, and its command line if that can be read. This process
/// must have closed its connections to the store: closing any handle of the file releases all locks
/// of the process.
#[cfg(target_os = "linux")]
pub(super) fn lock_owner(path: &Path) -> Option<String> {
    // SQLite's write lock is a byte of the shared memory next to a write-ahead log, else a byte of
    // the file itself (https://www.sqlite.org/fileformat2.html and walformat.html, "locks").
    const WAL_WRITE_LOCK: u64 = 120;
    const PENDING_BYTE: u64 = 0x4000_0000;
    let process = process_with_lock(&companion(path, "-shm"), WAL_WRITE_LOCK, 1)
        .or_else(|| process_with_lock(path, PENDING_BYTE, 512))
        .or_else(|| process_with_flock(path))?;
    let command = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let words = command.split(|byte| *byte == 0).filter(|word| !word.is_empty()).skip(1);
    let words: Vec<String> =
        words.map(|word| String::from_utf8_lossy(word).into_owned()).take(4).collect();
    Some(if words.is_empty() {
        format!("process {process}")
    } else {
        format!("process {process}: {}", words.join(" ").escape_debug())
    })
}

#[cfg(not(target_os = "linux"))]
pub(super) fn lock_owner(_: &Path) -> Option<String> {
    None
}

#[cfg(target_os = "linux")]
fn process_with_lock(path: &Path, start: u64, length: u64) -> Option<i32> {
    use rustix::process::{Flock, FlockType, fcntl_getlk};
    let file = File::open(path).ok()?;
    let wanted = Flock { start, length, ..Flock::from(FlockType::ReadLock) };
    let held = fcntl_getlk(file, &wanted).ok()??;
    held.pid.map(|process| process.as_raw_nonzero().get())
}

/// The process that has locked a whole file (`flock`), from the list of locks of the kernel.
#[cfg(target_os = "linux")]
fn process_with_flock(path: &Path) -> Option<i32> {
    let metadata = fs::metadata(path).ok()?;
    let (major, minor) = (rustix::fs::major(metadata.dev()), rustix::fs::minor(metadata.dev()));
    let file = format!("{major:02x}:{minor:02x}:{}", metadata.ino());
    let locks = fs::read_to_string("/proc/locks").ok()?;
    // 1: FLOCK  ADVISORY  WRITE 4711 fe:01:1234567 0 EOF
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        (words.next()? == "FLOCK").then_some(())?;
        let process = words.nth(2)?.parse().ok()?;
        (words.next()? == file).then_some(process)
    })
}
