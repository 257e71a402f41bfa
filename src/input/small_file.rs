//! Reads a small file up to a limit, since a device may be endless.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Reads a text file of at most `most_mib` MiB.
///
/// Fails if the file cannot be read, is longer, or is not UTF-8.
pub fn read_small_file(path: &Path, most_mib: u64) -> io::Result<String> {
    let most = most_mib << 20;
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is longer than {most_mib} MiB")));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not text in UTF-8"))
}
