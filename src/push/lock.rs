//! A lock that allows only one push at a time to a destination: a locked file next to the store.

use super::error::PushError;
use crate::output::{FileIdentity, is_store_url};
use crate::store::{DestinationDigest, Interrupt};
use crate::text::{escaped, hexadecimal};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The lock of a destination. It is released when this value is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct DestinationLock {
    path: PathBuf,
    file: File,
}

impl DestinationLock {
    /// Takes the lock. Waits up to `wait` for another push to the same destination.
    pub(crate) fn take(
        store: &Path,
        url: &str,
        digest: &DestinationDigest,
        wait: Duration,
        interrupt: &Interrupt,
    ) -> Result<Self, PushError> {
        let path = lock_path(store, digest);
        let started = Instant::now();
        loop {
            let (lock, is_taken) = Self::open(&path).map_err(|error| PushError::Lock {
                path: path.clone(),
                reason: error.to_string(),
            })?;
            if is_taken {
                // Another push may have removed the file after it was opened here.
                if lock.is_in_place() {
                    lock.write_owner();
                    return Ok(lock);
                }
                continue;
            }
            if started.elapsed() >= wait {
                return Err(PushError::Running { url: url.to_owned(), owner: lock.owner() });
            }
            if interrupt.is_requested() {
                return Err(PushError::Interrupted);
            }
            thread::sleep(POLL_INTERVAL.min(wait));
        }
    }

    /// Opens the file and tries to lock it; the flag says whether it is locked.
    fn open(path: &Path) -> std::io::Result<(Self, bool)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(path)?;
        let is_taken = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(error),
        };
        Ok((Self { path: path.to_owned(), file }, is_taken))
    }

    /// Whether the path still refers to the open file.
    fn is_in_place(&self) -> bool {
        let locked = self.file.metadata();
        locked.is_ok_and(|locked| FileIdentity::of(&self.path) == Some((&locked).into()))
    }

    /// Writes the process and its arguments into the file, for the message of another push.
    fn write_owner(&self) {
        let words: Vec<String> =
            std::env::args_os().skip(1).take(4).map(|word| word.to_string_lossy().into()).collect();
        let owner = format!("process {}: {}", std::process::id(), words.join(" "));
        let mut file = &self.file;
        // On an error the message of another push does not name this process.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(owner.as_bytes()));
    }

    fn owner(&self) -> Option<String> {
        const MOST: u64 = 300;
        let mut owner = String::new();
        (&self.file).take(MOST).read_to_string(&mut owner).ok()?;
        (!owner.is_empty()).then(|| escaped(&owner))
    }
}

impl Drop for DestinationLock {
    fn drop(&mut self) {
        // Only the holder can lock the file, so a push that still waits does not remove it. A
        // leftover file is harmless: it is not locked.
        if self.file.try_lock().is_ok() && self.is_in_place() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// `engage.db-push-0123abcd.lock`
fn lock_path(store: &Path, digest: &DestinationDigest) -> PathBuf {
    if is_store_url(store) {
        // A database on a server has no folder. The connection to it keeps other machines out.
        let hash = xxhash_rust::xxh3::xxh3_64(store.as_os_str().as_encoded_bytes());
        let user = rustix::process::geteuid().as_raw();
        let digest = hexadecimal(&digest[..4]);
        return std::env::temp_dir().join(format!(".engage-{user}-{hash:016x}-push-{digest}.lock"));
    }
    let mut name = OsString::from(crate::output::resolved(store));
    name.push(format!("-push-{}.lock", hexadecimal(&digest[..4])));
    name.into()
}
