//! Which clients are answered: those with a certificate of a CA, and of them those with a name.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use x509_parser::extensions::GeneralName;

use super::watch::{Source, Watch};
use super::{Error, files, provider};

/// Which clients are answered.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Certificates of the CAs that sign theirs, as a PEM file.
    pub ca: PathBuf,
    /// Names of which a certificate needs one; any will do when there are none.
    pub names: Vec<String>,
}

/// The CAs whose clients are answered.
#[derive(Debug)]
pub struct ClientAuthority {
    pub(super) verifier: Arc<dyn ClientCertVerifier>,
    /// When the last of them expires, in seconds since 1970.
    pub not_after: i64,
}

/// The file of the CAs.
#[derive(Clone, Debug)]
struct CaFile(PathBuf);

impl Source for CaFile {
    type Content = Vec<u8>;

    fn read(&self) -> Result<Vec<u8>, Error> {
        files::read("client CA", &self.0)
    }
}

impl CaFile {
    fn authority(&self, text: &[u8]) -> Result<ClientAuthority, Error> {
        let unusable = |error: String| Error::ClientCa {
            path: self.0.clone(),
            error,
        };
        let certificates = files::parse_chain(&self.0, text)?;
        let not_after = certificates
            .iter()
            .filter_map(super::not_after)
            .max()
            .ok_or_else(|| unusable(rustls::CertificateError::BadEncoding.to_string()))?;
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            roots
                .add(certificate)
                .map_err(|error| unusable(error.to_string()))?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        Ok(ClientAuthority {
            verifier,
            not_after,
        })
    }
}

/// Waits for changes of the CAs' file.
#[derive(Debug)]
pub struct AuthorityChanges(Watch<CaFile>);

impl ClientAuthority {
    /// Loads the CAs. Their file is read again every `interval`, by the returned [`AuthorityChanges`].
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or has no usable certificate.
    pub fn load(
        settings: &ClientSettings,
        interval: Duration,
    ) -> Result<(Self, AuthorityChanges), Error> {
        let (watch, text) = Watch::new(CaFile(settings.ca.clone()), interval)?;
        Ok((watch.source().authority(&text)?, AuthorityChanges(watch)))
    }
}

impl AuthorityChanges {
    /// Waits until the file has changed, and gives what it holds now.
    ///
    /// # Errors
    ///
    /// When that is no CA to use, or only expired ones. Waiting again goes on from there.
    pub async fn next(&mut self) -> Result<ClientAuthority, Error> {
        let text = self.0.changed().await?;
        let file = self.0.source();
        let authority = file.authority(&text)?;
        if authority.not_after < Timestamp::now().as_second() {
            return Err(Error::Expired {
                path: file.0.clone(),
                not_after: super::time_text(authority.not_after),
            });
        }
        Ok(authority)
    }
}

/// A client whose certificate is valid, but has none of the names of `--client-name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnauthorizedClient {
    /// The names that it has, as text for people.
    pub names: String,
}

impl ClientSettings {
    /// The client where it is not authorized, by the certificate of its handshake.
    #[must_use]
    pub fn unauthorized(
        &self,
        certificate: Option<&CertificateDer<'_>>,
    ) -> Option<UnauthorizedClient> {
        if self.names.is_empty() {
            return None;
        }
        let names = certificate.map(names).unwrap_or_default();
        let known = names
            .iter()
            .any(|name| self.names.iter().any(|known| name.is(known)));
        (!known).then(|| UnauthorizedClient {
            names: in_words(&names),
        })
    }
}

/// A name in a certificate.
#[derive(Debug, PartialEq, Eq)]
enum Name {
    Common(String),
    /// One of several common names, of which none counts: another server may read another of them.
    OneOfSeveral(String),
    Dns(String),
    Uri(String),
}

impl Name {
    fn is(&self, known: &str) -> bool {
        match self {
            Self::Common(name) | Self::Uri(name) => name == known,
            Self::Dns(name) => name.eq_ignore_ascii_case(known),
            Self::OneOfSeveral(_) => false,
        }
    }
}

/// The names by which a certificate's owner goes: common name, and DNS names and URIs among the alternative names.
fn names(certificate: &CertificateDer<'_>) -> Vec<Name> {
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(certificate) else {
        return Vec::new();
    };
    let subject = certificate.subject();
    let common = if subject.iter_common_name().nth(1).is_none() {
        Name::Common
    } else {
        Name::OneOfSeveral
    };
    let mut names: Vec<Name> = subject
        .iter_common_name()
        .filter_map(|name| Some(common(name.as_str().ok()?.to_owned())))
        .collect();
    if let Ok(Some(alternatives)) = certificate.subject_alternative_name() {
        names.extend(
            alternatives
                .value
                .general_names
                .iter()
                .filter_map(|name| match name {
                    GeneralName::DNSName(name) => Some(Name::Dns((*name).to_owned())),
                    GeneralName::URI(name) => Some(Name::Uri((*name).to_owned())),
                    _ => None,
                }),
        );
    }
    names
}

fn in_words(names: &[Name]) -> String {
    let mut text = String::new();
    for name in names {
        if !text.is_empty() {
            text.push_str(", ");
        }
        let (kind, name) = match name {
            Name::Common(name) => ("CN", name),
            Name::OneOfSeveral(name) => ("one of several CN", name),
            Name::Dns(name) => ("DNS", name),
            Name::Uri(name) => ("URI", name),
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "{kind} {name}");
    }
    if text.is_empty() {
        text.push_str("no name");
    }
    text
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};
    use rstest::rstest;

    use super::{ClientSettings, UnauthorizedClient};

    fn settings(names: &[&str]) -> ClientSettings {
        ClientSettings {
            ca: "ca.crt".into(),
            names: names.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    /// The judgement of a client with CN `kube-apiserver`, a DNS name, a URI, an e-mail and an IP address.
    fn unauthorized(names: &[&str]) -> Option<UnauthorizedClient> {
        let mut params = CertificateParams::default();
        params.distinguished_name.remove(DnType::CommonName);
        params
            .distinguished_name
            .push(DnType::CommonName, "kube-apiserver");
        params
            .distinguished_name
            .push(DnType::OrganizationName, "system:masters");
        params.subject_alt_names = vec![
            SanType::DnsName("Api.example.com".try_into().unwrap()),
            SanType::URI("spiffe://example.com/Api".try_into().unwrap()),
            SanType::Rfc822Name("api@example.com".try_into().unwrap()),
            SanType::IpAddress([10, 0, 0, 1].into()),
        ];
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        settings(names).unauthorized(Some(certificate.der()))
    }

    #[rstest]
    #[case::any(&[])]
    #[case::common_name(&["kube-apiserver"])]
    #[case::dns_name(&["api.example.com"])]
    #[case::uri(&["spiffe://example.com/Api"])]
    #[case::one_of_several(&["other", "kube-apiserver"])]
    fn a_client_with_a_name_that_is_asked_for_is_none(#[case] names: &[&str]) {
        assert_eq!(unauthorized(names), None);
    }

    #[rstest]
    #[case::another(&["kube-controller-manager"])]
    #[case::part_of_it(&["kube"])]
    #[case::other_case_of_a_common_name(&["Kube-Apiserver"])]
    #[case::other_case_of_a_uri(&["spiffe://example.com/api"])]
    #[case::wildcard(&["*.example.com"])]
    #[case::organization(&["system:masters"])]
    #[case::address(&["10.0.0.1"])]
    #[case::e_mail(&["api@example.com"])]
    fn any_other_is_unauthorized_and_its_names_are_shown(#[case] names: &[&str]) {
        let names = unauthorized(names).unwrap().names;
        assert_eq!(
            names,
            "CN kube-apiserver, DNS Api.example.com, URI spiffe://example.com/Api"
        );
    }

    #[test]
    fn a_client_without_a_certificate_is_one_where_names_are_asked_for() {
        let names = settings(&["kube-apiserver"])
            .unauthorized(None)
            .unwrap()
            .names;
        assert_eq!(names, "no name");
    }

    #[test]
    fn of_several_common_names_none_counts() {
        let mut params = CertificateParams::default();
        params.distinguished_name.remove(DnType::CommonName);
        let name = &mut params.distinguished_name;
        name.push(DnType::CommonName, "kube-apiserver");
        name.push(DnType::CustomDnType(vec![2, 5, 4, 3]), "someone-else");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        for known in ["kube-apiserver", "someone-else"] {
            let client = settings(&[known]).unauthorized(Some(certificate.der()));
            let names = client.unwrap().names;
            assert_eq!(
                names,
                "one of several CN kube-apiserver, one of several CN someone-else"
            );
        }
    }
}
