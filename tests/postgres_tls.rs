//! TLS to a server with an old certificate. The server is `openssl s_server`, behind a proxy that
//! answers PostgreSQL's request for TLS.

use crate::sandbox::Sandbox;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{sleep, spawn};
use std::time::Duration;

fn openssl(folder: &Path, arguments: &str) -> Option<String> {
    let arguments = arguments.split(' ');
    let output = Command::new("openssl").args(arguments).current_dir(folder).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Writes `key.pem` and `old.pem`, a certificate of X.509 version 1; `None` if this openssl makes
/// none.
fn make_old_certificate(folder: &Path) -> Option<()> {
    openssl(
        folder,
        "req -new -newkey rsa:2048 -nodes -keyout key.pem -out r.csr -subj /CN=127.0.0.1",
    )?;
    openssl(folder, "x509 -req -in r.csr -signkey key.pem -days 2 -out old.pem")?;
    openssl(folder, "x509 -in old.pem -noout -text")?.contains("Version: 1 ").then_some(())
}

/// A TLS server on a free port.
struct TlsServer {
    child: Child,
    port: u16,
}

impl TlsServer {
    fn start(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("openssl");
        command.args(["s_server", "-quiet", "-key", "key.pem", "-cert", "old.pem", "-accept"]);
        command.arg(format!("127.0.0.1:{port}")).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        for _ in 0..50 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            sleep(Duration::from_millis(100));
        }
        Self { child, port }
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Accepts connections, grants TLS, and forwards the rest to the TLS server until its client has
/// been silent for a second.
fn forward_to(server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut request = [0; 8];
            if client.read_exact(&mut request).is_err() || client.write_all(b"S").is_err() {
                continue;
            }
            let mut server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let _ = client.set_read_timeout(Some(Duration::from_secs(1)));
            let (mut answers, mut back) =
                (server.try_clone().unwrap(), client.try_clone().unwrap());
            let answering = spawn(move || std::io::copy(&mut answers, &mut back).map(|_| ()));
            let _ = std::io::copy(&mut client, &mut server);
            let _ = server.shutdown(std::net::Shutdown::Both);
            let _ = client.shutdown(std::net::Shutdown::Both);
            let _ = answering.join();
        }
    });
    port
}

#[test]
fn an_old_certificate_serves_where_it_is_not_verified_and_is_named_where_it_is() {
    let sandbox = Sandbox::new();
    if make_old_certificate(&sandbox.path("")).is_none() {
        return;
    }
    let server = TlsServer::start(&sandbox.path(""));
    let port = forward_to(server.port);
    let status = |mode: &str| {
        let url = format!("postgres://u@127.0.0.1:{port}/d?sslmode={mode}");
        sandbox.run(&["status", "--store", &url])
    };
    for mode in ["prefer", "require"] {
        // The handshake succeeds; then the server, which does not speak PostgreSQL, says nothing.
        let run = status(mode);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(!run.stderr.contains("certificate"), "{mode}: {run:?}");
    }
    for mode in ["verify-ca", "verify-full"] {
        let run = status(mode);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.stderr.contains("certificate"), "{mode}: {run:?}");
        assert!(run.stderr.contains("version 1"), "{mode}: {run:?}");
        assert!(run.stderr.contains("sslmode=require"), "{mode}: {run:?}");
    }
}
