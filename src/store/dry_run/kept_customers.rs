//! The customers that a dry run would have changed. They are encoded in an unnamed file, which is
//! faster than a temporary table; their positions are in memory.

use crate::customer::Customer;
use crate::store::change_set::NewCustomer;
use crate::store::slot::Slot;
use crate::store::stored_customer::StoredCustomer;
use crate::value::{Device, DevicePlatform};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Each customer begins at a multiple of this many bytes, so that positions up to 64 GiB fit in 32
/// bits.
const UNIT: usize = 16;
/// The bytes that are buffered before they are written.
const MAX_BUFFERED: usize = 1 << 18;

/// Customers as the import would have stored them so far.
#[derive(Debug)]
pub(super) struct KeptCustomers {
    file: File,
    /// How many bytes the file has.
    written: u64,
    /// The bytes that are not in the file yet.
    buffer: Vec<u8>,
    /// The position of each customer in units, counted from 1; 0 if it was not saved.
    positions: Vec<u32>,
}

impl KeptCustomers {
    /// Fails if no temporary file can be created.
    pub(super) fn new() -> io::Result<Self> {
        let file = tempfile::tempfile()?;
        Ok(Self { file, written: 0, buffer: Vec::new(), positions: Vec::new() })
    }

    /// Saves a customer, replacing what was saved of it before.
    pub(super) fn save(&mut self, slot: Slot, stored: &StoredCustomer) -> io::Result<()> {
        let Customer { first_name, last_name, number, email, attributes, devices, archived_at } =
            &stored.customer;
        let columns = [first_name, last_name, number, email, archived_at].map(Option::as_deref);
        let devices = devices.iter().map(|device| (device.token.as_str(), device.platform));
        self.append(slot, |buffer| {
            encode(&stored.uid, columns, attributes, &stored.last_changed_at, devices, buffer)
        })
    }

    /// Saves a new customer without copying it first.
    pub(super) fn insert(&mut self, new: NewCustomer<'_>) -> io::Result<()> {
        let [first_name, last_name, number, email] = new.columns;
        let columns = [first_name, last_name, number, email, new.archived_at];
        self.append(new.slot, |buffer| {
            encode(new.uid, columns, new.attributes, new.last_changed_at, new.devices(), buffer)
        })
    }

    fn append(
        &mut self,
        slot: Slot,
        encode: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        let position = self.written + self.buffer.len() as u64;
        let unit =
            u32::try_from(position / UNIT as u64 + 1).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let start = self.buffer.len();
        self.buffer.extend_from_slice(&[0; 4]);
        encode(&mut self.buffer)?;
        let length = u32::try_from(self.buffer.len() - start - 4)
            .map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.buffer[start..start + 4].copy_from_slice(&length.to_le_bytes());
        self.buffer.resize(self.buffer.len().next_multiple_of(UNIT), 0);
        let index = slot.0 as usize;
        if self.positions.len() <= index {
            self.positions.resize(index + 1, 0);
        }
        self.positions[index] = unit;
        if self.buffer.len() >= MAX_BUFFERED {
            self.file.seek(SeekFrom::Start(self.written))?;
            self.file.write_all(&self.buffer)?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
            self.buffer.shrink_to(2 * MAX_BUFFERED);
        }
        Ok(())
    }

    /// The last saved state of a customer, if there is one.
    pub(super) fn get(&self, slot: Slot) -> io::Result<Option<StoredCustomer>> {
        let position = match self.positions.get(slot.0 as usize) {
            None | Some(0) => return Ok(None),
            Some(unit) => u64::from(unit - 1) * UNIT as u64,
        };
        if let Some(position) = position.checked_sub(self.written) {
            let position = usize::try_from(position).unwrap_or(usize::MAX);
            return read(self.buffer.get(position..).unwrap_or_default()).map(Some);
        }
        (&self.file).seek(SeekFrom::Start(position))?;
        read(&self.file).map(Some)
    }
}

fn read(mut from: impl Read) -> io::Result<StoredCustomer> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut text = vec![0; u32::from_le_bytes(length) as usize];
    from.read_exact(&mut text)?;
    decode(&text).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The length that means "no text".
const NO_TEXT: u32 = u32::MAX;

/// Encodes a customer as texts, each after its length: the uid, the columns, the attributes, the
/// time of the last change, then a token and a platform for each device.
fn encode<'d>(
    uid: &str,
    columns: [Option<&str>; 5],
    attributes: &str,
    last_changed_at: &str,
    devices: impl Iterator<Item = (&'d str, DevicePlatform)>,
    into: &mut Vec<u8>,
) -> io::Result<()> {
    push(Some(uid), into)?;
    for column in columns {
        push(column, into)?;
    }
    push(Some(attributes), into)?;
    push(Some(last_changed_at), into)?;
    for (token, platform) in devices {
        push(Some(token), into)?;
        push(Some(platform.as_str()), into)?;
    }
    Ok(())
}

fn push(text: Option<&str>, into: &mut Vec<u8>) -> io::Result<()> {
    let bytes = text.unwrap_or_default().as_bytes();
    let length = match text {
        Some(_) => u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?,
        None => NO_TEXT,
    };
    into.extend_from_slice(&length.to_le_bytes());
    into.extend_from_slice(bytes);
    Ok(())
}

fn decode(mut bytes: &[u8]) -> Option<StoredCustomer> {
    let bytes = &mut bytes;
    let uid = text(bytes)??;
    let [first_name, last_name, number, email, archived_at] =
        [text(bytes)?, text(bytes)?, text(bytes)?, text(bytes)?, text(bytes)?];
    let (attributes, last_changed_at) = (text(bytes)??, text(bytes)??);
    let mut devices = Vec::new();
    while !bytes.is_empty() {
        let (token, platform) = (text(bytes)??, text(bytes)??);
        devices.push(Device { token, platform: platform.parse().ok()? });
    }
    let customer =
        Customer { first_name, last_name, number, email, attributes, devices, archived_at };
    Some(StoredCustomer { uid, customer, last_changed_at })
}

/// Splits off the next text; `None` if the bytes are invalid.
#[expect(clippy::option_option, reason = "the inner `None` is an absent text")]
fn text(bytes: &mut &[u8]) -> Option<Option<String>> {
    let length = u32::from_le_bytes(*bytes.split_off(..4)?.first_chunk()?);
    if length == NO_TEXT {
        return Some(None);
    }
    let text = bytes.split_off(..length as usize)?;
    String::from_utf8(text.to_vec()).ok().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(uid: &str) -> StoredCustomer {
        let customer = Customer {
            attributes: format!("{{\"plan\":\"{}\"}}", "p".repeat(uid.len() * 100)),
            ..Customer::default()
        };
        StoredCustomer { uid: uid.to_owned(), customer, last_changed_at: String::new() }
    }

    #[test]
    fn the_last_saved_state_is_found_whether_written_or_buffered() {
        let mut customers = KeptCustomers::new().unwrap();
        for round in 0..3 {
            for id in 1..900_u32 {
                customers.save(Slot(id), &named(&format!("u-{id}-{round}"))).unwrap();
                let half = Slot(id.div_ceil(2));
                let found = customers.get(half).unwrap().unwrap();
                assert_eq!(found.uid, format!("u-{}-{round}", half.0));
            }
        }
        assert!(customers.written > 0);
        assert_eq!(customers.get(Slot(900)).unwrap().map(|stored| stored.uid), None);
        let first = customers.get(Slot(1)).unwrap().unwrap();
        assert_eq!(first.customer.attributes, named("u-1-2").customer.attributes);
    }
}
