//! Writes the blocks of fingerprints of a new store.

use super::page_file::PageFile;
use super::record::{Value, write_record};
use super::tree::TreeWriter;
use crate::store::sql::customers::CustomerId;
use crate::store::sql::customers::fingerprints::{Block, Fingerprint};
use std::io;

/// The table of blocks while it is filled, and the index of its primary key.
pub(super) struct FingerprintBlocks {
    /// The plan; 0 if none was chosen, and nothing is kept.
    plan: i64,
    table: TreeWriter,
    index: TreeWriter,
    /// The block that is being filled.
    block: Block,
    rows: u32,
    record: Vec<u8>,
}

impl FingerprintBlocks {
    pub(super) fn new(plan: i64, table: TreeWriter, index: TreeWriter) -> Self {
        Self { plan, table, index, block: Block::default(), rows: 0, record: Vec::new() }
    }

    /// Sets the fingerprint of a customer. Returns `false` if its block is written already.
    pub(super) fn set(
        &mut self,
        customer: CustomerId,
        fingerprint: Fingerprint,
        file: &mut PageFile,
    ) -> io::Result<bool> {
        if self.plan == 0 {
            return Ok(true);
        }
        let number = Block::number_of(customer);
        if number < self.block.number {
            return Ok(false);
        }
        if number > self.block.number {
            self.write(file)?;
            self.block = Block { number, ..Block::default() };
        }
        self.block.set(customer, fingerprint);
        Ok(true)
    }

    fn write(&mut self, file: &mut PageFile) -> io::Result<()> {
        if self.block.entries.is_empty() {
            return Ok(());
        }
        self.rows += 1;
        let [plan, number, row] =
            [self.plan, self.block.number.into(), self.rows.into()].map(Value::Integer);
        write_record(&[plan, number, Value::Blob(&self.block.entries)], &mut self.record);
        self.table.add_row(self.rows.into(), &self.record, file)?;
        write_record(&[plan, number, row], &mut self.record);
        self.index.add_entry(&self.record, file)
    }

    pub(super) fn finish(mut self, file: &mut PageFile) -> io::Result<()> {
        self.write(file)?;
        self.table.finish(file)?;
        self.index.finish(file)
    }
}
