//! The proxy from the environment: `HTTPS_PROXY` and `NO_PROXY`, in upper or lower case.

use super::api_url::ApiUrl;
use super::connect_error::ConnectError;
use ureq::Proxy;

/// The proxy for an API; `None` if it is reached without one.
pub(crate) fn proxy_for(url: &ApiUrl) -> Result<Option<Proxy>, ConnectError> {
    let variable = |names: [&str; 2]| {
        let values = names.into_iter().filter_map(|name| std::env::var(name).ok());
        values.into_iter().find(|value| !value.trim().is_empty())
    };
    // Plain HTTP only goes to this computer.
    if !url.is_encrypted() {
        return Ok(None);
    }
    let Some(proxy) = variable(["HTTPS_PROXY", "https_proxy"]) else { return Ok(None) };
    let exceptions = variable(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    if is_excepted(url.host(), &exceptions) {
        return Ok(None);
    }
    // The URL may contain a password, so the error does not repeat it.
    Proxy::new(proxy.trim()).map(Some).map_err(|_| ConnectError::Proxy)
}

/// Whether a host matches a list such as `localhost,.example.org,10.0.0.1`.
fn is_excepted(host: &str, exceptions: &str) -> bool {
    exceptions.split([',', ' ']).map(str::trim).filter(|it| !it.is_empty()).any(|exception| {
        let domain = exception.trim_start_matches('*').trim_start_matches('.');
        let domain = domain.to_ascii_lowercase();
        exception == "*"
            || host == domain
            || host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_exceptions_has_hosts_and_domains() {
        let list = "localhost, .engage.so,*.example.org";
        assert!(is_excepted("api.engage.so", list) && is_excepted("engage.so", list));
        assert!(is_excepted("a.example.org", list) && is_excepted("any", "*"));
        assert!(!is_excepted("notengage.so", list) && !is_excepted("api.engage.so", ""));
    }
}
