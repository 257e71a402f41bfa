//! The URL of the API.

use std::fmt;
use std::net::IpAddr;
use ureq::http::Uri;

/// The URL of Engage's API.
pub const DEFAULT_URL: &str = "https://api.engage.so/v1";

/// The URL of an API: `https`, or `http` to a loopback address; without user info, query, fragment
/// or trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl {
    text: String,
    host: String,
    is_encrypted: bool,
}

/// Why a text is not such a URL. The error does not repeat the text, which may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// It is not a URL with a scheme and a host.
    #[error("not a URL such as https://api.engage.so/v1")]
    NotAUrl,
    /// It names a user.
    #[error("a URL with a user name or a password: keys go into the environment or a file")]
    UserInfo,
    /// It has a query or a fragment.
    #[error("a URL with a query or a fragment")]
    Query,
    /// Its scheme is neither `https` nor `http`.
    #[error("a URL that is neither https nor http")]
    Scheme,
    /// Others in the network could read the keys.
    #[error("plain http to another computer: anyone on the network could read the keys")]
    Unencrypted,
}

impl ApiUrl {
    /// Parses and normalises a URL.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let text = text.trim();
        if text.contains('#') || text.contains('?') {
            return Err(InvalidUrl::Query);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidUrl::NotAUrl)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(InvalidUrl::NotAUrl);
        };
        if authority.as_str().contains('@') {
            return Err(InvalidUrl::UserInfo);
        }
        let host = authority.host().to_ascii_lowercase();
        let is_encrypted = match scheme {
            "https" => true,
            "http" if is_loopback(&host) => false,
            "http" => return Err(InvalidUrl::Unencrypted),
            _ => return Err(InvalidUrl::Scheme),
        };
        if host.is_empty() {
            return Err(InvalidUrl::NotAUrl);
        }
        let default = if is_encrypted { 443 } else { 80 };
        let port = authority.port_u16().filter(|port| *port != default);
        let port = port.map_or(String::new(), |port| format!(":{port}"));
        let path = uri.path().trim_end_matches('/');
        Ok(Self { text: format!("{scheme}://{host}{port}{path}"), host, is_encrypted })
    }

    /// The URL as a string.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, in lower case.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is `https`.
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A text as one segment of a path: everything except ASCII letters, digits, `-`, `_`, `.` and `~`
/// is percent-encoded.
pub(crate) fn path_segment(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    // As a segment of a URL, `.` and `..` refer to another path.
    let has_dots_alone = matches!(text, "." | "..");
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'~')
            || (byte == b'.' && !has_dots_alone);
        if is_plain {
            segment.push(byte.into());
        } else {
            segment.push('%');
            segment.push(HEX[usize::from(byte >> 4)].into());
            segment.push(HEX[usize::from(byte & 15)].into());
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_normalised_and_validated() {
        let form = |text| ApiUrl::parse(text).map(|url| url.to_string());
        assert_eq!(form("https://API.engage.so/v1/").unwrap(), "https://api.engage.so/v1");
        assert_eq!(form("https://api.engage.so:443").unwrap(), "https://api.engage.so");
        assert_eq!(form("http://127.1.2.3:80/v1").unwrap(), "http://127.1.2.3/v1");
        assert_eq!(form("http://[::1]:8080/").unwrap(), "http://[::1]:8080");
        assert_eq!(form("http://localhost:1").unwrap(), "http://localhost:1");
        for (text, error) in [
            ("http://engage.so", InvalidUrl::Unencrypted),
            ("http://127.0.0.1.example.com", InvalidUrl::Unencrypted),
            ("https://a:b@engage.so", InvalidUrl::UserInfo),
            ("http://127.0.0.1@evil.test/", InvalidUrl::UserInfo),
            ("https://engage.so/?x=1", InvalidUrl::Query),
            ("ftp://127.0.0.1", InvalidUrl::Scheme),
            ("engage.so/v1", InvalidUrl::NotAUrl),
            ("", InvalidUrl::NotAUrl),
        ] {
            assert_eq!(form(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_text_is_encoded_as_one_segment_of_a_path() {
        assert_eq!(path_segment("u-1_a.~Z9"), "u-1_a.~Z9");
        assert_eq!(path_segment("a/b?c#d e%ö@x:y"), "a%2Fb%3Fc%23d%20e%25%C3%B6%40x%3Ay");
        assert_eq!(path_segment(".."), "%2E%2E");
    }
}
