//! Changes of fingerprints, which are written at the end of an import.

use super::fingerprints::{Fingerprint, Plans, drop_sorted, write_sorted};
use super::stored_customer::CustomerId;
use crate::store::sql::database::Database;
use crate::store::{ProofChange, StoreError};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write};

/// The changes that are kept in memory.
const MAX_IN_MEMORY: usize = 1 << 18;

/// Changes of fingerprints that are not written yet.
///
/// Many changes wait in a temporary file. If they were written to the store meanwhile, SQLite would
/// change some pages of its log twice in one transaction, and then read most of the log again to
/// correct its checksums.
#[derive(Debug, Default)]
pub(crate) struct FingerprintChanges {
    current: Changes,
    earlier: Option<ChangesFile>,
}

/// Changes that are written together.
#[derive(Debug, Default)]
struct Changes {
    /// Changes in the chosen plan, oldest first; the last one of a customer counts.
    own: Vec<(CustomerId, Fingerprint)>,
    /// The customers whose fingerprints in all other plans are dropped.
    dropped: Vec<CustomerId>,
}

impl FingerprintChanges {
    /// Adds the proofs of a batch. A customer that changed loses its fingerprints in other plans.
    pub(crate) fn record(&mut self, proofs: &[ProofChange], plans: &Plans) {
        let Changes { own, dropped } = &mut self.current;
        for change in proofs {
            let customer = CustomerId(change.slot.0);
            let fingerprint = change.proof.map_or(Fingerprint::default(), Fingerprint::from);
            own.push((customer, fingerprint));
            if change.changed && plans.has_others() {
                dropped.push(customer);
            }
        }
    }

    /// Drops a removed customer's fingerprints in all plans.
    pub(crate) fn drop_all(&mut self, customer: CustomerId) {
        self.current.own.push((customer, Fingerprint::default()));
        self.current.dropped.push(customer);
    }

    /// Whether there are many changes in memory.
    pub(crate) fn is_full(&self) -> bool {
        self.current.own.len().max(self.current.dropped.len()) >= MAX_IN_MEMORY
    }

    /// If there are many changes in memory, moves them to a file, or writes them if that fails.
    pub(crate) fn make_room(
        &mut self,
        database: &Database,
        plans: &Plans,
    ) -> Result<(), StoreError> {
        if !self.is_full() {
            return Ok(());
        }
        if self.move_to_file().is_err() {
            return self.write(database, plans);
        }
        self.current = Changes::default();
        Ok(())
    }

    fn move_to_file(&mut self) -> io::Result<()> {
        let file = match &mut self.earlier {
            Some(file) => file,
            None => self.earlier.insert(ChangesFile::create()?),
        };
        file.push(&self.current)
    }

    /// Writes all changes to the store.
    pub(crate) fn write(&mut self, database: &Database, plans: &Plans) -> Result<(), StoreError> {
        let Self { current, earlier } = std::mem::take(self);
        if let Some(ChangesFile { mut file, lengths, .. }) = earlier {
            file.rewind().map_err(StoreError::TemporaryFile)?;
            let mut file = BufReader::new(file);
            for lengths in lengths {
                let changes = Changes::read(&mut file, lengths);
                changes.map_err(StoreError::TemporaryFile)?.write(database, plans)?;
            }
        }
        current.write(database, plans)
    }
}

impl Changes {
    fn write(self, database: &Database, plans: &Plans) -> Result<(), StoreError> {
        let Self { mut own, mut dropped } = self;
        own.sort_by_key(|(customer, _)| *customer);
        dropped.sort_unstable();
        if plans.own != 0 {
            write_sorted(database, plans.own, &own)?;
        }
        plans.others.iter().try_for_each(|plan| drop_sorted(database, *plan, &dropped))
    }

    /// Reads changes that were stored together.
    fn read(file: &mut impl Read, [own, dropped]: [usize; 2]) -> io::Result<Self> {
        let mut changes = Self::default();
        for _ in 0..own {
            let customer = CustomerId(u32::from_le_bytes(read(file)?));
            let key_hash = u64::from_le_bytes(read(file)?);
            let record_hash = u64::from_le_bytes(read(file)?);
            changes.own.push((customer, Fingerprint { key_hash, record_hash }));
        }
        for _ in 0..dropped {
            changes.dropped.push(CustomerId(u32::from_le_bytes(read(file)?)));
        }
        Ok(changes)
    }
}

/// An unnamed file with changes, oldest first.
#[derive(Debug)]
struct ChangesFile {
    file: File,
    /// How far it is written.
    position: u64,
    /// How many changes and dropped customers are stored together.
    lengths: Vec<[usize; 2]>,
}

impl ChangesFile {
    fn create() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, position: 0, lengths: Vec::new() })
    }

    /// Adds changes. If that fails, the file still has the earlier ones.
    fn push(&mut self, changes: &Changes) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.position))?;
        let mut out = BufWriter::new(&self.file);
        for (customer, Fingerprint { key_hash, record_hash }) in &changes.own {
            out.write_all(&customer.0.to_le_bytes())?;
            out.write_all(&key_hash.to_le_bytes())?;
            out.write_all(&record_hash.to_le_bytes())?;
        }
        for customer in &changes.dropped {
            out.write_all(&customer.0.to_le_bytes())?;
        }
        out.flush()?;
        drop(out);
        self.position = self.file.stream_position()?;
        self.lengths.push([changes.own.len(), changes.dropped.len()]);
        Ok(())
    }
}

fn read<const LENGTH: usize>(file: &mut impl Read) -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
