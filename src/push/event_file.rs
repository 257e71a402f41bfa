//! A file of events, with one JSON object per line, as `engage events` writes it.

use super::error::PushError;
use super::http::path_segment;
use super::http::{Method, Request};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

/// The maximum length of a line, in bytes.
const MAX_LINE: u64 = 1 << 20;

/// An event of a customer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    pub(crate) uid: String,
    /// The body of the request: a JSON object with an event name.
    body: Box<RawValue>,
}

#[derive(Deserialize)]
struct EventBody {
    event: String,
}

impl Event {
    /// Parses a line. The error says what is wrong, without any text of the line.
    fn parse(line: &[u8]) -> Result<Self, &'static str> {
        let event: Self =
            serde_json::from_slice(line).map_err(|_| "not an object of uid and body")?;
        if event.uid.is_empty() {
            return Err("its uid is empty");
        }
        match serde_json::from_str::<EventBody>(event.body.get()) {
            Ok(body) if !body.event.is_empty() => Ok(event),
            Ok(_) => Err("its event has no name"),
            Err(_) => Err("its body is not an object with an event name"),
        }
    }

    /// Its approximate size in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.body.get().len()
    }

    pub(crate) fn request(&self) -> Request {
        Request {
            method: Method::Post,
            path: format!("/users/{}/events", path_segment(&self.uid)),
            body: Some(self.body.get().to_owned()),
            takes_empty_answer: false,
        }
    }
}

/// A file of events in which every line was checked.
pub(crate) struct EventFile {
    path: PathBuf,
    reader: BufReader<File>,
    pub(crate) sha256: [u8; 32],
    pub(crate) lines: u64,
}

impl EventFile {
    /// Opens a file and checks every line.
    pub(crate) fn open(path: &Path) -> Result<Self, PushError> {
        let unreadable = |reason: io::Error| unreadable(path, &reason);
        let file = File::open(path).map_err(unreadable)?;
        if !file.metadata().map_err(unreadable)?.is_file() {
            return Err(unreadable(io::Error::other("it is not a file")));
        }
        let mut reader = BufReader::new(file);
        let mut digest = Sha256::new();
        let mut line = Vec::new();
        let mut lines = 0;
        while read_line(&mut reader, &mut line).map_err(unreadable)? {
            lines += 1;
            digest.update(&line);
            Event::parse(&line).map_err(|reason| PushError::EventLine {
                path: path.to_owned(),
                line: lines,
                reason: reason.to_owned(),
            })?;
        }
        let path = path.to_owned();
        Ok(Self { path, reader, sha256: digest.finalize().into(), lines })
    }

    /// Calls `each` with the number of every line, from 1, and its event, until `each` returns
    /// `false`.
    pub(crate) fn each(
        &mut self,
        mut each: impl FnMut(u64, Event) -> bool,
    ) -> Result<(), PushError> {
        let path = self.path.clone();
        let unreadable = |reason: io::Error| unreadable(&path, &reason);
        self.reader.rewind().map_err(unreadable)?;
        let mut line = Vec::new();
        for number in 1..=self.lines {
            let is_read = read_line(&mut self.reader, &mut line).map_err(unreadable)?;
            let event = Event::parse(&line).ok().filter(|_| is_read);
            let Some(event) = event else {
                return Err(unreadable(io::Error::other("it changed during the push")));
            };
            if !each(number, event) {
                break;
            }
        }
        Ok(())
    }
}

fn unreadable(path: &Path, reason: &io::Error) -> PushError {
    PushError::EventFile { path: path.to_owned(), reason: reason.to_string() }
}

/// Reads a line, including its line break; `false` at the end of the file.
fn read_line(reader: &mut BufReader<File>, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let read = reader.take(MAX_LINE + 1).read_until(b'\n', line)?;
    if read as u64 > MAX_LINE {
        return Err(io::Error::other("a line is longer than 1 MiB"));
    }
    Ok(read > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_uid_and_a_body_with_a_name() {
        let event = Event::parse(br#"{"uid":"a/b","body":{"event":"Paid","value":1.10}}"#).unwrap();
        let request = event.request();
        assert_eq!(request.path, "/users/a%2Fb/events");
        assert_eq!(request.body.unwrap(), r#"{"event":"Paid","value":1.10}"#);
        for line in [
            "",
            "{}",
            r#"{"uid":"","body":{"event":"x"}}"#,
            r#"{"uid":"u","body":{"event":""}}"#,
            r#"{"uid":"u","body":{"value":1}}"#,
            r#"{"uid":"u","body":[1]}"#,
            r#"{"uid":1,"body":{"event":"x"}}"#,
            r#"{"uid":"u","body":{"event":"x"},"more":1}"#,
            r#"{"uid":"u","body":{"event":"x"}} {"#,
        ] {
            assert!(Event::parse(line.as_bytes()).is_err(), "{line}");
        }
    }
}
