//! What a rehearsal has made of customers, so that a second record of one finds what the first
//! would have left: texts in an unnamed file, and where each is.
//!
//! A table of a temporary database did this before, and took a seventh of a dry run's time.

use crate::customer::Customer;
use crate::store::sqlite::customers::{CustomerId, Stored};
use crate::value::Device;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A text begins at a multiple of these bytes, so that its place fits 32 bits up to 64 GiB.
const UNIT: usize = 16;
/// The bytes that wait in memory before they are written.
const BUFFER: usize = 1 << 18;

/// Customers as the rehearsed import would have left them so far.
#[derive(Debug)]
pub(crate) struct Overlay {
    file: File,
    /// How many bytes the file has.
    written: u64,
    /// What follows these.
    waiting: Vec<u8>,
    /// Where each customer's text is, in units, from 1; 0 where there is none.
    places: Vec<u32>,
}

impl Overlay {
    /// Makes an empty one. Fails where no temporary file can be made.
    pub(crate) fn new() -> io::Result<Self> {
        let file = tempfile::tempfile()?;
        Ok(Self { file, written: 0, waiting: Vec::new(), places: Vec::new() })
    }

    /// Keeps a customer, in place of what was kept of them.
    pub(crate) fn keep(&mut self, customer: CustomerId, stored: &Stored) -> io::Result<()> {
        let place = self.written + self.waiting.len() as u64;
        let unit =
            u32::try_from(place / UNIT as u64 + 1).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let start = self.waiting.len();
        self.waiting.extend_from_slice(&[0; 4]);
        encode(stored, &mut self.waiting)?;
        let length = u32::try_from(self.waiting.len() - start - 4)
            .map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.waiting[start..start + 4].copy_from_slice(&length.to_le_bytes());
        self.waiting.resize(self.waiting.len().next_multiple_of(UNIT), 0);
        let index = customer.0 as usize;
        if self.places.len() <= index {
            self.places.resize(index + 1, 0);
        }
        self.places[index] = unit;
        if self.waiting.len() >= BUFFER {
            self.file.seek(SeekFrom::Start(self.written))?;
            self.file.write_all(&self.waiting)?;
            self.written += self.waiting.len() as u64;
            self.waiting.clear();
            self.waiting.shrink_to(2 * BUFFER);
        }
        Ok(())
    }

    /// What is kept of a customer.
    pub(crate) fn get(&self, customer: CustomerId) -> io::Result<Option<Stored>> {
        let place = match self.places.get(customer.0 as usize) {
            None | Some(0) => return Ok(None),
            Some(unit) => u64::from(unit - 1) * UNIT as u64,
        };
        if let Some(place) = place.checked_sub(self.written) {
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            return read(self.waiting.get(place..).unwrap_or_default()).map(Some);
        }
        (&self.file).seek(SeekFrom::Start(place))?;
        read(&self.file).map(Some)
    }
}

fn read(mut from: impl Read) -> io::Result<Stored> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut text = vec![0; u32::from_le_bytes(length) as usize];
    from.read_exact(&mut text)?;
    decode(&text).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The length that stands for "no text".
const NO_TEXT: u32 = u32::MAX;

/// Texts one after the other, each with its length before it: the uid, the columns, the attributes,
/// the time of the last change, then a token and a platform for each device.
fn encode(stored: &Stored, into: &mut Vec<u8>) -> io::Result<()> {
    let Customer { first_name, last_name, number, email, attributes, devices, archived_at } =
        &stored.customer;
    let columns = [first_name, last_name, number, email, archived_at].map(Option::as_deref);
    let texts = [Some(stored.uid.as_str())].into_iter().chain(columns);
    let texts = texts.chain([Some(attributes.as_str()), Some(stored.last_changed_at.as_str())]);
    let devices = devices.iter().flat_map(|it| [it.token.as_str(), it.platform.as_str()]);
    for text in texts.chain(devices.map(Some)) {
        let bytes = text.unwrap_or_default().as_bytes();
        let length = match text {
            Some(_) => u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?,
            None => NO_TEXT,
        };
        into.extend_from_slice(&length.to_le_bytes());
        into.extend_from_slice(bytes);
    }
    Ok(())
}

fn decode(mut bytes: &[u8]) -> Option<Stored> {
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
    Some(Stored { uid, customer, last_changed_at })
}

/// Takes the next text off; `None` where the bytes are no such texts.
#[expect(clippy::option_option, reason = "the inner one is a text that is absent")]
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

    fn named(uid: &str) -> Stored {
        let customer = Customer {
            attributes: format!("{{\"plan\":\"{}\"}}", "p".repeat(uid.len() * 100)),
            ..Customer::default()
        };
        Stored { uid: uid.to_owned(), customer, last_changed_at: String::new() }
    }

    #[test]
    fn the_last_that_was_kept_is_found_whether_written_or_waiting() {
        let mut overlay = Overlay::new().unwrap();
        for round in 0..3 {
            for id in 1..900_u32 {
                overlay.keep(CustomerId(id), &named(&format!("u-{id}-{round}"))).unwrap();
                let half = CustomerId(id.div_ceil(2));
                let found = overlay.get(half).unwrap().unwrap();
                assert_eq!(found.uid, format!("u-{}-{round}", half.0));
            }
        }
        assert!(overlay.written > 0);
        assert_eq!(overlay.get(CustomerId(900)).unwrap().map(|stored| stored.uid), None);
        let first = overlay.get(CustomerId(1)).unwrap().unwrap();
        assert_eq!(first.customer.attributes, named("u-1-2").customer.attributes);
    }
}
