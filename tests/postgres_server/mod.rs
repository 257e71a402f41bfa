//! A PostgreSQL server for tests. `ENGAGE_TEST_POSTGRES` may be the URL of a database in which
//! schemas and roles can be created, such as one of a Citus coordinator; otherwise a private server
//! is started, if PostgreSQL is installed. Each test has its own schema.

mod proxy;

pub(crate) use proxy::{Lost, Proxy};

use postgres::{Client, NoTls};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// The server, or the reason why it is not available.
static SERVER: LazyLock<Result<Server, String>> = LazyLock::new(Server::start);

struct Server {
    url: String,
    /// The private server ends when this process closes its standard input.
    _child: Option<Child>,
}

impl Server {
    fn start() -> Result<Self, String> {
        if let Ok(url) = std::env::var("ENGAGE_TEST_POSTGRES") {
            return Ok(Self { url, _child: None });
        }
        let programs = programs().ok_or("neither ENGAGE_TEST_POSTGRES nor initdb is there")?;
        let folder = std::env::temp_dir().join(format!("engage-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let data = folder.join("data");
        // The server does not run as root, so its commands run as the user `postgres`.
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            let _ = Command::new("chown").arg("postgres").arg(&folder).status();
        }
        let run_as = |program: &Path| {
            if !is_root {
                return Command::new(program);
            }
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        };
        let made = run_as(&programs.join("initdb"))
            .args(["-A", "trust", "-U", "postgres", "-N", "-D"])
            .arg(&data)
            .current_dir(&folder)
            .output();
        let made = made.map_err(|error| error.to_string())?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
        let script = "\"$@\" & server=$!; cat; kill -INT $server; wait $server; rm -rf \"$0\"";
        let mut command = run_as(Path::new("/bin/sh"));
        command.arg("-c").arg(script).arg(&folder).arg(programs.join("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(&folder);
        command.args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.current_dir(&folder).spawn().map_err(|error| error.to_string())?;
        let url = format!("postgres://postgres@/postgres?host={}", folder.display());
        for _ in 0..100 {
            if connect(&url).is_ok() {
                return Ok(Self { url, _child: Some(child) });
            }
            sleep(Duration::from_millis(100));
        }
        Err("the private server does not start".to_owned())
    }
}

/// The folder of the newest installed server programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    let folders = versions.into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = folders.chain(std::env::split_paths(&path)).collect();
    folders.sort();
    folders.into_iter().rev().find(|folder| folder.join("initdb").is_file())
}

fn connect(url: &str) -> Result<Client, postgres::Error> {
    Client::connect(url, NoTls)
}

/// The schema of a test. It is dropped with this value.
pub(crate) struct Schema {
    name: String,
}

impl Schema {
    /// A schema with a new name. Without a server this is `None` with a message; in CI it fails.
    pub(crate) fn new() -> Option<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        match &*SERVER {
            Ok(_) => {
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                Some(Self { name: format!("t{}_{number}", std::process::id()) })
            }
            Err(reason) if std::env::var_os("CI").is_none() => {
                let word = format!("skipped, without a PostgreSQL server: {reason}");
                let _ = writeln!(std::io::stderr(), "{word}");
                None
            }
            Err(reason) => panic!("no PostgreSQL server: {reason}"),
        }
    }

    /// The URL of the store in this schema.
    pub(crate) fn url(&self) -> String {
        self.url_with("")
    }

    /// The same with more parameters, such as `&application_name=x`.
    pub(crate) fn url_with(&self, parameters: &str) -> String {
        let url = server();
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}schema={}{parameters}", self.name)
    }

    /// The name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A connection as another program would make it.
    pub(crate) fn client(&self) -> Client {
        let mut client = connect(server()).unwrap();
        client.batch_execute(&format!("SET search_path = {}", self.name)).unwrap();
        client
    }

    /// Whether the database has the extension Citus.
    pub(crate) fn has_citus(&self) -> bool {
        let sql = "SELECT FROM pg_extension WHERE extname = 'citus'";
        self.client().query_opt(sql, &[]).unwrap().is_some()
    }

    /// Runs statements as another program would.
    pub(crate) fn execute(&self, sql: &str) {
        self.client().batch_execute(sql).unwrap();
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Ok(mut client) = connect(server()) {
            let _ = client.batch_execute(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name));
        }
    }
}

/// The URL of the server. It must be available.
pub(crate) fn server() -> &'static str {
    SERVER.as_ref().map_or("", |server| server.url.as_str())
}
