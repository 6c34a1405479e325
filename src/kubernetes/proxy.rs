//! Which proxy leads to the API server: as in kubectl, the `proxy-url` of the cluster in the kubeconfig whatever the
//! environment has, else `HTTPS_PROXY` or `HTTP_PROXY` unless `NO_PROXY` excludes the API server.

mod exclusions;

use axum::http::Uri;

use exclusions::Exclusions;

/// What is wrong with a proxy's address.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not a URL.
    #[error("the proxy {url:?} is not a URL: {problem}; expected http://HOST:PORT")]
    Url {
        /// The text.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Another protocol.
    #[error("the proxy {0:?} has another scheme than http, https or socks5")]
    Scheme(String),
}

/// Reads a proxy's URL.
pub(super) fn parse(text: &str) -> Result<Uri, Error> {
    let uri: Uri = text.parse().map_err(|error| Error::Url {
        url: text.to_owned(),
        problem: format!("{error}"),
    })?;
    match uri.scheme_str() {
        Some("http" | "https" | "socks5") => Ok(uri),
        _ => Err(Error::Scheme(text.to_owned())),
    }
}

/// The variables that name proxies; the upper-case spelling counts before the lower-case one.
#[derive(Debug, Default)]
pub(super) struct Environment {
    https: Option<String>,
    http: Option<String>,
    exclusions: Exclusions,
}

impl Environment {
    /// Reads them.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let either = |name: &str| {
            let spelled = [name.to_owned(), name.to_lowercase()];
            let mut values = spelled.iter().filter_map(|name| variable(name));
            values.find(|value| !value.is_empty())
        };
        Self {
            https: either("HTTPS_PROXY"),
            http: either("HTTP_PROXY"),
            exclusions: Exclusions::parse(&either("NO_PROXY").unwrap_or_default()),
        }
    }

    /// The proxy for this API server.
    pub(super) fn proxy(&self, server: &Uri) -> Result<Option<Uri>, Error> {
        let is_plain = server.scheme_str() == Some("http");
        let (proxy, default_port) = if is_plain {
            (&self.http, 80)
        } else {
            (&self.https, 443)
        };
        let Some(proxy) = proxy else {
            return Ok(None);
        };
        let host = server.host().unwrap_or_default();
        let port = server.port_u16().unwrap_or(default_port);
        if self.exclusions.exclude(host, port) {
            return Ok(None);
        }
        // As in Go, HOST:PORT alone is an HTTP proxy.
        let url = if proxy.contains("://") {
            proxy.clone()
        } else {
            format!("http://{proxy}")
        };
        parse(&url).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Environment, parse};

    const API: &str = "https://api.example.com:6443";

    #[rstest]
    #[case::none(&[], API, None)]
    #[case::https(&[("HTTPS_PROXY", "http://proxy:3128")], API, Some("http://proxy:3128/"))]
    #[case::lower_case(&[("https_proxy", "http://proxy:3128")], API, Some("http://proxy:3128/"))]
    #[case::upper_case_first(&[("https_proxy", "http://b:1"), ("HTTPS_PROXY", "http://a:1")], API, Some("http://a:1/"))]
    #[case::empty_is_unset(&[("https_proxy", "http://b:1"), ("HTTPS_PROXY", "")], API, Some("http://b:1/"))]
    #[case::without_scheme(&[("HTTPS_PROXY", "proxy:3128")], API, Some("http://proxy:3128/"))]
    #[case::socks(&[("HTTPS_PROXY", "socks5://proxy:1080")], API, Some("socks5://proxy:1080"))]
    #[case::http_is_for_http(&[("HTTP_PROXY", "http://proxy:3128")], API, None)]
    #[case::plain_server(&[("HTTP_PROXY", "http://proxy:3128")], "http://api.example.com", Some("http://proxy:3128/"))]
    #[case::excluded(&[("HTTPS_PROXY", "http://proxy:3128"), ("NO_PROXY", "example.com")], API, None)]
    #[case::excluded_in_lower_case(&[("HTTPS_PROXY", "http://proxy:3128"), ("no_proxy", ".example.com")], API, None)]
    #[case::this_machine(&[("HTTPS_PROXY", "http://proxy:3128")], "https://127.0.0.1:6443", None)]
    fn the_environment_names_a_proxy_as_for_kubectl(
        #[case] variables: &[(&str, &str)],
        #[case] server: &str,
        #[case] expected: Option<&str>,
    ) {
        let environment = Environment::read(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let proxy = environment.proxy(&server.parse().unwrap()).unwrap();
        let proxy = proxy.map(|proxy| proxy.to_string());
        let trimmed = |text: &str| text.trim_end_matches('/').to_owned();
        assert_eq!(proxy.as_deref().map(trimmed), expected.map(trimmed));
    }

    #[rstest]
    #[case::other_scheme("ftp://proxy:21", "another scheme")]
    #[case::no_scheme("proxy", "another scheme")]
    #[case::no_url("http://", "is not a URL")]
    fn a_proxy_that_cannot_be_used_is_an_error(#[case] url: &str, #[case] words: &str) {
        let error = parse(url).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
