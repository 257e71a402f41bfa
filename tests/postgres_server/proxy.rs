//! A proxy in front of the PostgreSQL server that cuts the connection when a client commits.

use super::server;
use postgres::Config;
use postgres::config::Host;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// What is lost when the connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The commit: the server never gets it.
    Commit,
    /// The answer to the commit.
    Answer,
    /// The answer to the commit, and the server: it accepts no connection until it is back.
    Server,
}

/// A proxy that forwards everything up to the first commit.
pub(crate) struct Proxy {
    port: u16,
    is_back: Arc<AtomicBool>,
}

impl Proxy {
    pub(crate) fn start(lost: Lost) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_back = Arc::new(AtomicBool::new(lost != Lost::Server));
        let serves_again = is_back.clone();
        thread::spawn(move || {
            let is_cut = Arc::new(AtomicBool::new(false));
            for client in listener.incoming().flatten() {
                if is_cut.load(Ordering::SeqCst) && !serves_again.load(Ordering::SeqCst) {
                    continue;
                }
                forward(&as_socket(client.into()), lost, &is_cut);
            }
        });
        Self { port, is_back }
    }

    /// Serves connections again.
    pub(crate) fn bring_back(&self) {
        self.is_back.store(true, Ordering::SeqCst);
    }

    /// The parameters of a URL that leads through the proxy.
    pub(crate) fn parameters(&self) -> String {
        format!("&host=127.0.0.1&port={}&sslmode=disable", self.port)
    }
}

/// A connected socket of any family as a `UnixStream`: reading, writing and shutting down are the
/// same.
fn as_socket(socket: OwnedFd) -> UnixStream {
    UnixStream::from(socket)
}

fn connect() -> UnixStream {
    let config: Config = server().parse().unwrap();
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match &config.get_hosts()[0] {
        Host::Unix(folder) => UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).unwrap(),
        Host::Tcp(host) => as_socket(TcpStream::connect((host.as_str(), port)).unwrap().into()),
    }
}

/// Forwards both directions of a connection, each in a thread. The first commit of any connection
/// sets `is_cut` and ends its connection.
fn forward(client: &UnixStream, lost: Lost, is_cut: &Arc<AtomicBool>) {
    let server = connect();
    let ends_here = Arc::new(AtomicBool::new(false));
    let copies = || (client.try_clone().unwrap(), server.try_clone().unwrap());
    let ((mut from, mut to), is_cut) = (copies(), is_cut.clone());
    let has_committed = ends_here.clone();
    thread::spawn(move || {
        let mut buffer = [0; 1 << 13];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let bytes = &buffer[..length];
            if bytes.ends_with(b"COMMIT\0") && !is_cut.swap(true, Ordering::SeqCst) {
                has_committed.store(true, Ordering::SeqCst);
                if lost == Lost::Commit {
                    break;
                }
            }
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        close(&from, &to);
    });
    let (mut to, mut from) = copies();
    thread::spawn(move || {
        let mut buffer = [0; 1 << 13];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let is_lost = ends_here.load(Ordering::SeqCst);
            if is_lost || to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        close(&from, &to);
    });
}

fn close(one: &UnixStream, other: &UnixStream) {
    let _ = (one.shutdown(Shutdown::Both), other.shutdown(Shutdown::Both));
}
