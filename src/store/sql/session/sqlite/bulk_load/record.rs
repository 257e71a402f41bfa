//! Records of SQLite's file format (<https://www.sqlite.org/fileformat2.html#record_format>).

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'v> {
    Null,
    Integer(i64),
    Text(&'v str),
    Blob(&'v [u8]),
}

impl<'v> From<Option<&'v str>> for Value<'v> {
    fn from(text: Option<&'v str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

/// Appends an integer in 1 to 8 bytes, seven bits each, the highest first. Integers from 2^56 on,
/// which have 9 bytes, do not occur here: they would be lengths or numbers of rows.
pub(super) fn push_varint(integer: u64, bytes: &mut Vec<u8>) {
    let first = varint_length(integer) - 1;
    for place in (0..=first).rev() {
        let [low, ..] = (integer >> (7 * place)).to_le_bytes();
        bytes.push(if place == 0 { low & 0x7f } else { low | 0x80 });
    }
}

fn varint_length(integer: u64) -> usize {
    let bits = (u64::BITS - integer.leading_zeros()) as usize;
    bits.div_ceil(7).max(1)
}

impl Value<'_> {
    /// How many of an integer's eight bytes are stored.
    fn integer_bytes(integer: i64) -> usize {
        match integer {
            0 | 1 => 0,
            -0x80..=0x7f => 1,
            -0x8000..=0x7fff => 2,
            -0x80_0000..=0x7f_ffff => 3,
            -0x8000_0000..=0x7fff_ffff => 4,
            -0x8000_0000_0000..=0x7fff_ffff_ffff => 6,
            _ => 8,
        }
    }

    /// What the header of a record says about the value: its type and its length.
    fn serial_type(self) -> u64 {
        match self {
            Self::Null => 0,
            Self::Integer(integer) => match Self::integer_bytes(integer) {
                0 if integer == 0 => 8,
                0 => 9,
                6 => 5,
                8 => 6,
                bytes => bytes as u64,
            },
            Self::Text(text) => 13 + 2 * text.len() as u64,
            Self::Blob(blob) => 12 + 2 * blob.len() as u64,
        }
    }

    fn push(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Null => {}
            Self::Integer(integer) => {
                let all = integer.to_be_bytes();
                bytes.extend_from_slice(&all[all.len() - Self::integer_bytes(integer)..]);
            }
            Self::Text(text) => bytes.extend_from_slice(text.as_bytes()),
            Self::Blob(blob) => bytes.extend_from_slice(blob),
        }
    }
}

/// Replaces `record` with the record of these values.
pub(super) fn write_record(values: &[Value<'_>], record: &mut Vec<u8>) {
    record.clear();
    let types: usize = values.iter().map(|value| varint_length(value.serial_type())).sum();
    // The length of the header includes its own byte. The tables have few columns, so it fits in one.
    push_varint(types as u64 + 1, record);
    for value in values {
        push_varint(value.serial_type(), record);
    }
    for value in values {
        value.push(record);
    }
}
