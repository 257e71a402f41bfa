//! The bytes of a record that cannot be split, collected while they are skipped.

use super::dialect::RECORD_CAP;
use super::split::count_lines;

/// A record's bytes, of which only the beginning is held.
#[derive(Debug, Default)]
pub(crate) struct Discarded {
    held: Vec<u8>,
    length: u64,
    lines: u64,
    ends_in_return: bool,
}

/// A position in the record that it can be cut back to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mark {
    held: usize,
    length: u64,
    lines: u64,
    ends_in_return: bool,
}

impl Discarded {
    /// Adds the bytes that come next. Those beyond the record cap are counted, not held.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        if self.length == self.held.len() as u64 {
            let mut kept = bytes.len().min(RECORD_CAP - self.held.len());
            // Half a character would look like invalid bytes.
            while kept < bytes.len() && kept > 0 && bytes[kept] & 0xc0 == 0x80 {
                kept -= 1;
            }
            self.held.reserve_exact(kept);
            self.held.extend_from_slice(&bytes[..kept]);
        }
        self.length += bytes.len() as u64;
        self.add_lines(bytes);
    }

    /// Counts the lines of bytes that end the record and do not belong to its content.
    pub(crate) fn add_lines(&mut self, bytes: &[u8]) {
        self.lines += count_lines(bytes);
        if self.ends_in_return && bytes.first() == Some(&b'\n') {
            self.lines -= 1;
        }
        if let Some(last) = bytes.last() {
            self.ends_in_return = *last == b'\r';
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        let Self { length, lines, ends_in_return, .. } = *self;
        Mark { held: self.held.len(), length, lines, ends_in_return }
    }

    /// Removes what was added since the mark was set.
    pub(crate) fn cut_back(&mut self, mark: Mark) {
        self.held.truncate(mark.held);
        self.length = mark.length;
        self.lines = mark.lines;
        self.ends_in_return = mark.ends_in_return;
    }

    /// How many bytes there were.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// How many line ends were among them.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// The bytes, up to the record cap.
    pub(crate) fn into_held(self) -> Vec<u8> {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_across_pieces() {
        let bytes = b"a\r\nb\rc\n\r\n\n\r";
        for split in 0..=bytes.len() {
            let mut discarded = Discarded::default();
            discarded.add(&bytes[..split]);
            let mark = discarded.mark();
            discarded.add(b"x\n\ny");
            discarded.cut_back(mark);
            discarded.add(&bytes[split..]);
            assert_eq!(discarded.lines(), count_lines(bytes), "{split}");
            assert_eq!(discarded.into_held(), bytes);
        }
    }

    #[test]
    fn no_character_is_cut_in_two_and_nothing_is_held_after_the_cut() {
        let mut discarded = Discarded::default();
        discarded.add(&vec![b'x'; RECORD_CAP - 1]);
        discarded.add("€".as_bytes());
        discarded.add(b"y");
        assert_eq!(discarded.length(), RECORD_CAP as u64 + 3);
        assert_eq!(discarded.into_held().len(), RECORD_CAP - 1);
    }
}
