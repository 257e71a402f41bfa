//! Who holds a store's lock, for whoever waited in vain.

use std::path::Path;

/// The process that writes to a store, and its command line where that can be read. Only to be
/// asked while this process has no connection to the store: closing any file on it gives up the
/// locks of all.
#[cfg(target_os = "linux")]
pub(crate) fn lock_owner(path: &Path) -> Option<String> {
    let mut shared = path.as_os_str().to_owned();
    shared.push("-shm");
    // SQLite's write lock: a byte of the shared memory beside a write-ahead log, else a byte of the
    // file itself (https://www.sqlite.org/fileformat2.html and walformat.html, "locks").
    let process = owner_of_lock(Path::new(&shared), 120, 1).or_else(|| {
        const PENDING: u64 = 0x4000_0000;
        owner_of_lock(path, PENDING, 512)
    })?;
    let command = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let words = command.split(|byte| *byte == 0).filter(|word| !word.is_empty()).skip(1);
    let words: Vec<String> =
        words.map(|word| String::from_utf8_lossy(word).into_owned()).take(4).collect();
    Some(match words.is_empty() {
        true => format!("process {process}"),
        false => format!("process {process}: {}", words.join(" ").escape_debug()),
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn lock_owner(_: &Path) -> Option<String> {
    None
}

#[cfg(target_os = "linux")]
fn owner_of_lock(path: &Path, start: u64, length: u64) -> Option<i32> {
    use rustix::process::{Flock, FlockType, fcntl_getlk};
    let file = std::fs::File::open(path).ok()?;
    let wanted = Flock { start, length, ..Flock::from(FlockType::ReadLock) };
    let held = fcntl_getlk(file, &wanted).ok()??;
    held.pid.map(|process| process.as_raw_nonzero().get())
}
