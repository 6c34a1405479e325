//! The client's configuration from a kubeconfig.
//!
//! The client library has its own way, which also reads `NO_PROXY`: it refuses lists that kubectl accepts, and compares them
//! with the proxy's own address.

use kube::Config;
use kube::config::{ExecAuthCluster, Kubeconfig, KubeconfigError};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::ConnectError;
use super::proxy::{self, Environment};

/// The configuration for a context, or for the current one.
pub(super) fn config(
    kubeconfig: &Kubeconfig,
    context: Option<&str>,
    environment: &Environment,
) -> Result<Config, ConnectError> {
    let name = context.or(kubeconfig.current_context.as_deref());
    let name = name.ok_or(KubeconfigError::CurrentContextNotSet)?;
    let context = kubeconfig
        .contexts
        .iter()
        .filter(|named| named.name == name)
        .find_map(|named| named.context.as_ref())
        .ok_or_else(|| KubeconfigError::LoadContext(name.to_owned()))?;
    let cluster = kubeconfig
        .clusters
        .iter()
        .filter(|named| named.name == context.cluster)
        .find_map(|named| named.cluster.as_ref())
        .ok_or_else(|| KubeconfigError::LoadClusterOfContext(context.cluster.clone()))?;
    // As in kubectl, a context may have no user.
    let user = kubeconfig
        .auth_infos
        .iter()
        .filter(|named| Some(&named.name) == context.user.as_ref())
        .find_map(|named| named.auth_info.clone());
    let mut user = user.unwrap_or_default();

    let server = cluster
        .server
        .as_deref()
        .ok_or(KubeconfigError::MissingClusterUrl)?;
    let server = server.parse().map_err(KubeconfigError::ParseClusterUrl)?;
    // It reads the CA, from the file or from the data.
    let for_exec = ExecAuthCluster::try_from(cluster)?;
    let mut config = Config::new(server);
    config.root_cert = for_exec
        .certificate_authority_data
        .as_deref()
        .map(certificates)
        .transpose()?;
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.disable_compression = cluster.disable_compression.unwrap_or(false);
    config.tls_server_name.clone_from(&cluster.tls_server_name);
    if let Some(namespace) = &context.namespace {
        config.default_namespace.clone_from(namespace);
    }
    config.proxy_url = match cluster.proxy_url.as_deref() {
        Some(url) if !url.is_empty() => Some(proxy::parse(url)?),
        _ => environment.proxy(&config.cluster_url)?,
    };
    if let Some(exec) = user.exec.as_mut().filter(|exec| exec.provide_cluster_info) {
        exec.cluster = Some(for_exec);
    }
    config.auth_info = user;
    Ok(config)
}

fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, ConnectError> {
    CertificateDer::pem_slice_iter(pem)
        .map(|certificate| Ok(certificate?.to_vec()))
        .collect::<Result<_, rustls::pki_types::pem::Error>>()
        .map_err(|error| ConnectError::CertificateAuthority(format!("{error:?}")))
}

#[cfg(test)]
mod tests {
    use kube::config::Kubeconfig;
    use rstest::rstest;

    use super::config;
    use crate::kubernetes::proxy::Environment;

    fn kubeconfig() -> Kubeconfig {
        Kubeconfig::from_yaml(
            "
current-context: a
clusters:
- {name: one, cluster: {server: 'https://one:6443', proxy-url: 'http://one:1', tls-server-name: api}}
- {name: two, cluster: {server: 'https://two:6443', proxy-url: '', insecure-skip-tls-verify: true}}
- {name: bare, cluster: {}}
users:
- {name: user, user: {username: somename}}
contexts:
- {name: a, context: {cluster: one, user: user, namespace: there}}
- {name: b, context: {cluster: two, user: missing}}
- {name: no-server, context: {cluster: bare}}
- {name: no-cluster, context: {cluster: missing}}
",
        )
        .unwrap()
    }

    #[test]
    fn the_current_context_has_a_cluster_a_user_and_a_namespace() {
        let config = config(&kubeconfig(), None, &Environment::default()).unwrap();
        assert_eq!(config.cluster_url, "https://one:6443/");
        assert_eq!(config.default_namespace, "there");
        assert_eq!(config.auth_info.username.as_deref(), Some("somename"));
        assert_eq!(config.tls_server_name.as_deref(), Some("api"));
        assert!(!config.accept_invalid_certs);
    }

    #[test]
    fn a_named_context_may_have_no_user() {
        let config = config(&kubeconfig(), Some("b"), &Environment::default()).unwrap();
        assert_eq!(config.cluster_url, "https://two:6443/");
        assert_eq!(config.default_namespace, "default");
        assert_eq!(config.auth_info.username, None);
        assert!(config.accept_invalid_certs);
    }

    #[rstest]
    #[case::context("c", "context: c")]
    #[case::cluster("no-cluster", "cluster of context: missing")]
    #[case::server("no-server", "cluster url is missing")]
    fn what_is_missing_is_an_error(#[case] context: &str, #[case] words: &str) {
        let error = config(&kubeconfig(), Some(context), &Environment::default());
        let error = error.err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    }

    /// `proxy-url` whatever the environment has, and the environment where there is none.
    #[rstest]
    #[case::of_the_cluster(None, "http://one:1/")]
    #[case::of_the_environment(Some("b"), "http://proxy:3128/")]
    fn a_cluster_has_a_proxy(#[case] context: Option<&str>, #[case] expected: &str) {
        let environment = Environment::read(|name| match name {
            "HTTPS_PROXY" => Some("http://proxy:3128".to_owned()),
            "NO_PROXY" => Some("one,proxy, ,".to_owned()),
            _ => None,
        });
        let config = config(&kubeconfig(), context, &environment).unwrap();
        assert_eq!(config.proxy_url.unwrap(), expected);
    }
}
