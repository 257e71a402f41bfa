//! A server on the loopback interface with Engage's documented API, into which faults can be
//! injected.

mod http;
mod users;

pub(crate) use http::{Fault, Received};
use http::{answer, read_request};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};
use users::Users;

/// The keys that the server accepts.
pub(crate) const PUBLIC_KEY: &str = "pub-1";
pub(crate) const PRIVATE_KEY: &str = "secret-1";

/// Decides on the fault of a request.
type FaultRule = Box<dyn Fn(&Received) -> Fault + Send>;

/// A server on its own port, which runs until it is dropped.
pub(crate) struct EngageApi {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    is_over: AtomicBool,
}

struct State {
    users: Users,
    received: Vec<Received>,
    rule: FaultRule,
    connections: usize,
    keeps_requests: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl EngageApi {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State {
            users: Users::default(),
            received: Vec::new(),
            rule: Box::new(|_| Fault::None),
            connections: 0,
            keeps_requests: true,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), is_over: AtomicBool::new(false) });
        let server = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if server.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let connection = {
                    let mut state = server.state();
                    state.connections += 1;
                    state.connections
                };
                let server = server.clone();
                thread::spawn(move || serve(&stream, connection, &server));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// From now on, requests have the faults that the rule gives them.
    pub(crate) fn fail(&self, rule: impl Fn(&Received) -> Fault + Send + 'static) {
        self.shared.state().rule = Box::new(rule);
    }

    /// The first requests have these faults, one each; later ones have none.
    pub(crate) fn fail_first(&self, faults: Vec<Fault>) {
        let faults = Mutex::new(faults.into_iter());
        self.fail(move |_| faults.lock().unwrap().next().unwrap_or(Fault::None));
    }

    /// Takes the requests received so far, in order.
    pub(crate) fn take_received(&self) -> Vec<Received> {
        std::mem::take(&mut self.shared.state().received)
    }

    pub(crate) fn received_count(&self) -> usize {
        self.shared.state().received.len()
    }

    /// Takes the requests received so far, as lines `METHOD path body`.
    pub(crate) fn take_lines(&self) -> Vec<String> {
        let line = |it: Received| format!("{} {} {}", it.method, it.path, it.body);
        self.take_received().into_iter().map(|it| line(it).trim_end().to_owned()).collect()
    }

    /// A user as JSON; `None` if there is none.
    pub(crate) fn user(&self, uid: &str) -> Option<Value> {
        self.shared.state().users.all.get(uid).cloned()
    }

    /// All users by uid.
    pub(crate) fn users(&self) -> BTreeMap<String, Value> {
        self.shared.state().users.all.clone()
    }

    /// The events, in order: the uid and the body of each.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        self.shared.state().users.events.clone()
    }

    /// Stops keeping requests, before there are many.
    pub(crate) fn forget_requests(&self) {
        self.shared.state().keeps_requests = false;
    }

    /// The number of users.
    pub(crate) fn user_count(&self) -> usize {
        self.shared.state().users.all.len()
    }

    /// The number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// Waits until this many requests were received.
    pub(crate) fn wait_for(&self, requests: usize) {
        let started = Instant::now();
        while self.received_count() < requests {
            assert!(started.elapsed() < Duration::from_secs(60), "no {requests} requests came");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for EngageApi {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        // The listening thread checks once a client connects.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Serves a connection, request by request.
fn serve(stream: &TcpStream, connection: usize, shared: &Shared) {
    let mut reader = std::io::BufReader::new(stream);
    let mut writer = stream;
    stream.set_nodelay(true).unwrap();
    while let Some(mut request) = read_request(&mut reader) {
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        request.connection = connection;
        let (fault, reply) = {
            let mut state = shared.state();
            let fault = (state.rule)(&request);
            let is_done = fault.has_effect();
            let reply = is_done.then(|| state.users.handle(&request));
            if state.keeps_requests {
                state.received.push(request);
            }
            (fault, reply)
        };
        let Some(answer) = answer(&fault, reply) else { return };
        thread::sleep(answer.delay);
        let sent = writer.write_all(&answer.bytes).and_then(|()| writer.flush());
        if sent.is_err() || answer.closes {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}
