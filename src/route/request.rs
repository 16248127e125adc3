//! A request as it arrives at a load balancer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A request from somewhere on the internet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// In upper case.
    pub method: Arc<str>,
    /// Whether it is HTTPS.
    pub secure: bool,
    /// In lower case, without a port.
    pub host: String,
    /// The port that it goes to.
    pub port: u16,
    /// With the leading `/`.
    pub path: String,
    /// Without the `?`; empty where there is none.
    pub query: String,
    /// By name in lower case. Those that any client may send are not told unless they are here.
    pub headers: BTreeMap<String, String>,
}

/// A host that is not known, in messages and on the way where every host goes the same.
pub const SOME_HOST: &str = "api.…";

/// Why a text is no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not `http://` or `https://`.
    #[error("`{0}` is no URL: it begins with neither `https://` nor `http://`")]
    Scheme(String),
    /// No host, or one that cannot be.
    #[error("`{0}` has no host that a request could go to")]
    Host(String),
    /// A port that is none.
    #[error("`{0}` has a port that is no number from 1 to 65535")]
    Port(String),
}

impl Request {
    /// Reads `https://host:port/path?query`, with a method before it or not (`POST https://…`; else `GET`).
    ///
    /// # Errors
    /// When it is no such thing.
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        let text = text.trim();
        let (method, url) = match text.split_once(char::is_whitespace) {
            Some((method, url)) => (method, url.trim()),
            None => ("GET", text),
        };
        let scheme = |name: &str| {
            let start = url.get(..name.len())?;
            start.eq_ignore_ascii_case(name).then(|| &url[name.len()..])
        };
        let (secure, rest) = match (scheme("https://"), scheme("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(RequestError::Scheme(url.to_owned())),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => {
                let port = port.parse().ok().filter(|port| *port > 0);
                (
                    host,
                    port.ok_or_else(|| RequestError::Port(url.to_owned()))?,
                )
            }
            None => (authority, default_port(secure)),
        };
        let impossible = |c: char| c.is_whitespace() || "@[]{}$".contains(c);
        if host.is_empty() || host.contains(impossible) {
            return Err(RequestError::Host(url.to_owned()));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Self {
            method: method.to_ascii_uppercase().into(),
            secure,
            host: host.trim_end_matches('.').to_lowercase(),
            port,
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            query: query.to_owned(),
            headers: BTreeMap::new(),
        })
    }

    /// The same request for another path.
    pub fn with_path(&self, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self {
            path: path.to_owned(),
            query: query.to_owned(),
            ..self.clone()
        }
    }

    /// As reports name it: its URL, with the method before it where that is not `GET`.
    pub fn asked(&self) -> String {
        match &*self.method {
            "GET" => self.to_string(),
            method => format!("{method} {self}"),
        }
    }

    /// Whether it is one of Stripe's webhooks, as far as its path tells.
    pub(super) fn is_from_stripe(&self) -> bool {
        &*self.method == "POST" && self.path.to_lowercase().contains("stripe")
    }

    /// `https` or `http`
    pub fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

/// Its URL; the method is left out.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.host)?;
        if self.port != default_port(self.secure) {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)?;
        if self.query.is_empty() {
            return Ok(());
        }
        write!(f, "?{}", self.query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        let request = Request::parse("POST https://API.example.com/webhooks/stripe?a=b#c").unwrap();
        assert_eq!(&*request.method, "POST");
        assert_eq!((request.secure, request.port), (true, 443));
        assert_eq!(request.host, "api.example.com");
        assert_eq!(request.path, "/webhooks/stripe");
        assert_eq!(request.query, "a=b");
        assert_eq!(
            request.to_string(),
            "https://api.example.com/webhooks/stripe?a=b"
        );
        assert_eq!(
            request.asked(),
            "POST https://api.example.com/webhooks/stripe?a=b"
        );
        let bare = Request::parse("HTTP://example.com:8080").unwrap();
        assert_eq!((&*bare.method, bare.port), ("GET", 8080));
        assert_eq!(bare.asked(), "http://example.com:8080/");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        let refused = |text: &str| Request::parse(text).unwrap_err();
        assert!(matches!(
            refused("api.example.com"),
            RequestError::Scheme(_)
        ));
        assert!(matches!(refused("ftp://x/"), RequestError::Scheme(_)));
        assert!(matches!(refused("https:///x"), RequestError::Host(_)));
        assert!(matches!(refused("https://${host}/"), RequestError::Host(_)));
        assert!(matches!(refused("https://x:0/"), RequestError::Port(_)));
        assert!(matches!(refused("https://x:y/"), RequestError::Port(_)));
        assert!(matches!(refused("é"), RequestError::Scheme(_)));
    }
}
