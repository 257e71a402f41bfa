//! Received requests, and answers with faults.

use std::io::BufRead;
use std::time::{Duration, Instant};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) at: Instant,
    pub(crate) connection: usize,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// The fault of a request. The effect is what the request does to users and events.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    None,
    /// No effect; an answer with this status, these header lines and this body.
    Status(u16, &'static str, &'static str),
    /// The effect, but an answer with this status.
    StatusAfter(u16),
    /// No effect; the connection is closed.
    CloseBefore,
    /// The effect; the connection is closed without an answer.
    CloseAfter,
    /// The effect, and a truncated answer.
    Cut,
    /// The effect, and an answer after this delay.
    Slow(Duration),
    /// The effect, and an answer in chunks.
    Chunked,
    /// The effect and an answer; the connection is closed although the answer keeps it alive.
    CloseSilently,
    /// The effect, and a success without a body.
    Empty(u16),
    /// The effect, and a success with this body.
    Body(&'static str),
    /// A refusal with a body of this many megabytes.
    Huge(usize),
    /// An answer that is not HTTP.
    Garbage,
}

impl Fault {
    pub(crate) fn has_effect(&self) -> bool {
        !matches!(self, Self::Status(..) | Self::CloseBefore | Self::Huge(_) | Self::Garbage)
    }
}

/// The bytes to write, and when.
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) delay: Duration,
    pub(crate) closes: bool,
}

/// Reads a request; `None` at the end of the connection.
pub(crate) fn read_request(reader: &mut impl BufRead) -> Option<Received> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = Received {
        method,
        path: path.strip_prefix("/v1").unwrap_or(&path).to_owned(),
        body: String::new(),
        headers,
        at: Instant::now(),
        connection: 0,
    };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    assert!(request.header("transfer-encoding").is_none(), "{request:?}");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).unwrap();
    Some(request)
}

/// The answer; `None` if the connection is closed without one.
pub(crate) fn answer(fault: &Fault, reply: Option<(u16, String)>) -> Option<Answer> {
    let (status, body) = reply.unwrap_or((200, String::new()));
    let whole = |status: u16, headers: &str, body: &str| {
        format!("HTTP/1.1 {status} Any\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
    };
    let mut answer = Answer { bytes: Vec::new(), delay: Duration::ZERO, closes: false };
    let text = match fault {
        Fault::None => whole(status, "Content-Type: application/json\r\n", &body),
        Fault::Status(status, headers, body) => whole(*status, headers, body),
        Fault::StatusAfter(status) => whole(*status, "", "{}"),
        Fault::CloseBefore | Fault::CloseAfter => return None,
        Fault::Cut => {
            answer.closes = true;
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{{\"uid\"", body.len() + 100)
        }
        Fault::Slow(delay) => {
            answer.delay = *delay;
            whole(status, "", &body)
        }
        Fault::Chunked => {
            let (first, second) = body.split_at(1);
            format!(
                "HTTP/1.1 {status} Any\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{first}\r\n{:x};x=y\r\n\
                 {second}\r\n0\r\n\r\n",
                second.len()
            )
        }
        Fault::CloseSilently => {
            answer.closes = true;
            whole(status, "Connection: keep-alive\r\n", &body)
        }
        Fault::Empty(status) => whole(*status, "", ""),
        Fault::Body(body) => whole(200, "", body),
        Fault::Huge(megabytes) => {
            answer.closes = true;
            whole(400, "", &"\u{1b}[31mx".repeat(megabytes << 17))
        }
        Fault::Garbage => {
            answer.closes = true;
            "\u{0}\u{1}\u{2} not HTTP at all\r\n\r\n".to_owned()
        }
    };
    answer.bytes = text.into_bytes();
    Some(answer)
}
