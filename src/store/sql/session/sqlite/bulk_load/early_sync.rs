//! Syncs a file to the disk while it is written, so that little is left at the end.

use std::fs::File;
use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// The bytes after which the file is synced again.
const SYNCED_TOGETHER: u64 = 16 << 20;

/// A thread that syncs a file, once there is enough of it.
#[derive(Debug, Default)]
pub(super) struct EarlySync {
    unsynced: u64,
    thread: Option<(SyncSender<()>, JoinHandle<io::Result<()>>)>,
}

impl EarlySync {
    /// Counts bytes that were written. Only [`Self::finish`] reports a failed sync.
    pub(super) fn add(&mut self, bytes: u64, file: &File) {
        self.unsynced += bytes;
        if self.unsynced < SYNCED_TOGETHER {
            return;
        }
        self.unsynced = 0;
        if self.thread.is_none() {
            // Without it, the sync at the end takes longer.
            self.thread = file.try_clone().ok().map(spawn);
        }
        // If the last sync has not begun yet, it includes these bytes.
        let _ = self.thread.as_ref().map(|(wake, _)| wake.try_send(()));
    }

    /// Waits for the sync that is running. The bytes of the last ones are not synced. The system
    /// reports a failure to only one sync, so the file must not be used if this fails.
    pub(super) fn finish(self) -> io::Result<()> {
        let Some((wake, thread)) = self.thread else { return Ok(()) };
        drop(wake);
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

fn spawn(file: File) -> (SyncSender<()>, JoinHandle<io::Result<()>>) {
    let (wake, woken) = sync_channel(1);
    (wake, thread::spawn(move || woken.iter().try_for_each(|()| file.sync_data())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_sync_is_reported() {
        // It cannot be synced.
        let device = File::open("/dev/null").unwrap();
        let mut sync = EarlySync::default();
        sync.add(SYNCED_TOGETHER - 1, &device);
        assert!(sync.thread.is_none());
        for _ in 0..3 {
            sync.add(SYNCED_TOGETHER, &device);
        }
        sync.finish().unwrap_err();
        let file = tempfile::tempfile().unwrap();
        let mut sync = EarlySync::default();
        sync.add(SYNCED_TOGETHER, &file);
        sync.finish().unwrap();
        EarlySync::default().finish().unwrap();
    }
}
