//! Sends a request and interprets the answer.

use super::api_url::ApiUrl;
use super::connect_error::ConnectError;
use super::credentials::Credentials;
use super::proxy::proxy_for;
use super::retry::retry_after;
use crate::text::{escaped, shortened};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{Request as HttpRequest, Response};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Error, Proxy, Timeout};

/// The timeout of a whole request, and of making its connection.
const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes that are read of an answer that accepts, and of one that refuses.
const MAX_ACCEPTED: u64 = 16 << 20;
const MAX_REFUSED: u64 = 64 << 10;

/// The HTTP methods that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Put,
    Post,
    Delete,
}

impl Method {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path after the URL of the API, with a leading slash.
    pub(crate) path: String,
    /// The body, as JSON.
    pub(crate) body: Option<String>,
    /// Whether a success without a body counts as accepted.
    pub(crate) takes_empty_answer: bool,
}

/// The result of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The API has accepted the request.
    Accepted,
    /// The request itself is wrong.
    Refused { status: u16, text: String },
    /// The keys are wrong.
    Unauthorised(u16),
    /// The server asks to wait.
    Wait { status: u16, wait: Duration },
    /// The server or the connection failed.
    Failed { reason: Failure, text: String },
    /// The certificate is not trusted.
    Certificate(String),
}

/// How a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No connection was made, so the server has not seen the request.
    NotSent,
    /// The connection broke, or the request timed out: it may or may not have had its effect.
    AnswerLost,
    /// The server answered with a server error, or not as the API does.
    Server,
}

/// The settings of all connections to the API.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    url: ApiUrl,
    authorization: String,
    config: ureq::config::Config,
}

impl Connector {
    /// Reads the certificates and the proxy of the environment. Opens no connection.
    pub(crate) fn new(
        url: &ApiUrl,
        credentials: &Credentials,
        ca_file: Option<&Path>,
        time_scale: f64,
    ) -> Result<Self, ConnectError> {
        let certificates =
            if url.is_encrypted() { trusted_certificates(ca_file)? } else { Vec::new() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(certificates)))
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(TIMEOUT.mul_f64(time_scale)))
            .timeout_connect(Some(CONNECT_TIMEOUT.mul_f64(time_scale)))
            .max_idle_connections(1)
            .max_idle_connections_per_host(1)
            .max_idle_age(Duration::from_secs(20))
            .user_agent(concat!("engage/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .proxy(proxy_for(url)?)
            .tls_config(tls)
            .build();
        Ok(Self { url: url.clone(), authorization: credentials.authorization(), config })
    }

    /// A client with its own connection, which is opened with the first request.
    pub(crate) fn client(&self) -> Client {
        Client { connector: self.clone(), agent: self.config.new_agent() }
    }
}

/// Sends requests over one connection, one at a time.
pub(crate) struct Client {
    connector: Connector,
    agent: Agent,
}

impl Client {
    pub(crate) fn send(&self, request: &Request) -> Answer {
        match self.run(request) {
            Ok(response) => answer(response, request.takes_empty_answer),
            Err(error) => failure(&error, self.connector.config.proxy()),
        }
    }

    fn run(&self, request: &Request) -> Result<Response<Body>, Error> {
        let Connector { url, authorization, .. } = &self.connector;
        let http = HttpRequest::builder()
            .method(request.method.as_str())
            .uri(format!("{url}{}", request.path))
            .header("Authorization", authorization);
        match &request.body {
            Some(body) => {
                let http = http.header("Content-Type", "application/json;charset=utf-8");
                self.agent.run(http.body(body.as_str()).map_err(Error::Http)?)
            }
            None if request.method == Method::Post => {
                self.agent.run(http.body("").map_err(Error::Http)?)
            }
            None => self.agent.run(http.body(()).map_err(Error::Http)?),
        }
    }
}

fn answer(response: Response<Body>, takes_empty: bool) -> Answer {
    let status = response.status().as_u16();
    let wait = response.headers().get("Retry-After").and_then(|value| value.to_str().ok());
    let wait = wait.and_then(|value| retry_after(value, jiff::Timestamp::now()));
    let server = |text: &str| Answer::Failed {
        reason: Failure::Server,
        text: format!("status {status}{text}"),
    };
    match (status, wait) {
        (200..=299, _) => match read_accepted(response.into_body()) {
            Ok(true) => Answer::Accepted,
            Ok(false) if takes_empty => Answer::Accepted,
            Ok(false) => server(" without a body"),
            Err(error) if error.is_io() => Answer::Failed {
                reason: Failure::AnswerLost,
                text: "the answer was incomplete".to_owned(),
            },
            Err(_) => server(" without JSON"),
        },
        (401 | 403, _) => Answer::Unauthorised(status),
        (408 | 429 | 503, Some(wait)) => Answer::Wait { status, wait },
        (408 | 429 | 500..=599, _) => server(""),
        _ => Answer::Refused { status, text: read_refused(response.into_body()) },
    }
}

/// Reads the body of a success and discards it. `false` if it is empty or white space.
fn read_accepted(body: Body) -> Result<bool, serde_json::Error> {
    let reader = body.into_with_config().limit(u64::MAX).reader().take(MAX_ACCEPTED);
    let mut reader = io::BufReader::new(reader);
    loop {
        let bytes = reader.fill_buf().map_err(serde_json::Error::io)?;
        let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match (bytes.len(), blank) {
            (0, _) => return Ok(false),
            (length, blank) if blank < length => break,
            _ => reader.consume(blank),
        }
    }
    serde_json::from_reader::<_, AnyObject>(reader).map(|AnyObject| true)
}

/// The text of a refusal: the API's message, or the beginning of the body.
fn read_refused(body: Body) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let mut bytes = Vec::new();
    let mut reader = body.into_with_config().limit(u64::MAX).reader().take(MAX_REFUSED);
    // After an error, show what was read before it.
    let _ = reader.read_to_end(&mut bytes);
    let text = match serde_json::from_slice::<Refusal>(&bytes) {
        Ok(refusal) => refusal.error,
        Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
    };
    shown_text(&text)
}

/// The answer for an error. If no connection was made, its text names the proxy.
fn failure(error: &Error, proxy: Option<&Proxy>) -> Answer {
    let reason = match error {
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::ConnectProxyFailed(_)
        | Error::Timeout(Timeout::Resolve | Timeout::Connect) => Failure::NotSent,
        Error::Io(error) if is_not_connected(error) => Failure::NotSent,
        _ => Failure::AnswerLost,
    };
    if let Some(rustls::Error::InvalidCertificate(error)) = tls_error(error) {
        return Answer::Certificate(format!("{error:?}"));
    }
    let text = match error {
        Error::Timeout(Timeout::Resolve) => "the DNS lookup timed out".to_owned(),
        Error::Timeout(Timeout::Connect) => "the connection timed out".to_owned(),
        Error::Timeout(_) => "the request timed out".to_owned(),
        Error::HostNotFound => "the host name is unknown".to_owned(),
        // The text of the error may contain what the proxy sent.
        Error::ConnectProxyFailed(_) => "the proxy refuses the connection".to_owned(),
        Error::Io(error) => shown_text(&system_error(error)),
        error => shown_text(&error.to_string()),
    };
    let text = match proxy {
        Some(proxy) if reason == Failure::NotSent => {
            format!("{text} (proxy {}:{})", proxy.host(), proxy.port())
        }
        _ => text,
    };
    Answer::Failed { reason, text }
}

/// The message of the operating system, without the number of the error.
fn system_error(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error ").map_or(text.as_str(), |(text, _)| text).to_owned()
}

fn is_not_connected(error: &io::Error) -> bool {
    use io::ErrorKind::{
        AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkDown, NetworkUnreachable,
    };
    matches!(
        error.kind(),
        ConnectionRefused | HostUnreachable | NetworkUnreachable | NetworkDown | AddrNotAvailable
    )
}

fn tls_error(error: &Error) -> Option<&rustls::Error> {
    match error {
        Error::Rustls(error) => Some(error),
        Error::Io(error) => error.get_ref()?.downcast_ref(),
        _ => None,
    }
}

/// The certificates that this system trusts, and those in a file.
fn trusted_certificates(ca_file: Option<&Path>) -> Result<Vec<Certificate<'static>>, ConnectError> {
    let system = rustls_native_certs::load_native_certs().certs;
    let mut certificates: Vec<Certificate<'static>> =
        system.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    if let Some(path) = ca_file {
        let unreadable =
            |reason: String| ConnectError::CertificateFile { path: path.to_owned(), reason };
        let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
        let before = certificates.len();
        for item in parse_pem(&pem) {
            let item = item.map_err(|_| unreadable("not a PEM file".to_owned()))?;
            if let PemItem::Certificate(certificate) = item {
                certificates.push(certificate);
            }
        }
        if certificates.len() == before {
            return Err(unreadable("it has no certificate".to_owned()));
        }
    }
    Ok(certificates)
}

/// A text from a server, made safe to show and store: one line, escaped and shortened.
fn shown_text(text: &str) -> String {
    const MOST: usize = 200;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    shortened(&escaped(&line), MOST)
}

/// A JSON object whose content is discarded.
struct AnyObject;

impl<'de> Deserialize<'de> for AnyObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyObjectVisitor;
        impl<'de> Visitor<'de> for AnyObjectVisitor {
            type Value = AnyObject;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(AnyObject)
            }
        }
        deserializer.deserialize_map(AnyObjectVisitor)
    }
}
