//! The certificates of a cluster's components, and their kubeconfigs.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use serde_json::json;

use super::API_SERVER;

/// A certificate authority with a folder for what it signs.
#[derive(Debug)]
pub(super) struct Pki {
    folder: PathBuf,
    authority: Issuer<'static, KeyPair>,
}

impl Pki {
    /// Creates the authority as `ca.crt`, and the key pair that signs tokens of service accounts.
    pub(super) fn create(folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).expect("a folder for certificates");
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "cluster-ca");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a self-signed certificate");
        write(&folder, "ca.crt", &certificate.pem());
        let tokens = KeyPair::generate().expect("a key");
        write(&folder, "service-accounts.key", &tokens.serialize_pem());
        write(&folder, "service-accounts.pub", &tokens.public_key_pem());
        Self {
            folder,
            authority: Issuer::new(params, key),
        }
    }

    /// Where `NAME.crt`, `NAME.key` and `NAME.kubeconfig` are.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Signs a certificate for a client of the API server that is also a server under `names`.
    pub(super) fn sign(&self, name: &str, user: &str, group: Option<&str>, names: &[&str]) {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, user);
        if let Some(group) = group {
            params
                .distinguished_name
                .push(DnType::OrganizationName, group);
        }
        params.subject_alt_names = names.iter().map(|name| alternative_name(name)).collect();
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ];
        let key = KeyPair::generate().expect("a key");
        let certificate = params
            .signed_by(&key, &self.authority)
            .expect("a signed certificate");
        write(&self.folder, &format!("{name}.crt"), &certificate.pem());
        write(&self.folder, &format!("{name}.key"), &key.serialize_pem());
    }

    /// The same for a client alone, with its kubeconfig.
    pub(super) fn client(&self, name: &str, user: &str, group: Option<&str>) {
        self.sign(name, user, group, &[]);
        self.kubeconfig(name);
    }

    /// A kubeconfig with what [`Pki::sign`] signed under this name.
    pub(super) fn kubeconfig(&self, name: &str) {
        let kubeconfig = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "tests",
            "clusters": [{"name": "tests", "cluster": {
                "server": API_SERVER,
                "certificate-authority": self.file("ca.crt"),
            }}],
            "users": [{"name": name, "user": {
                "client-certificate": self.file(&format!("{name}.crt")),
                "client-key": self.file(&format!("{name}.key")),
            }}],
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": name}}],
        });
        write(
            &self.folder,
            &format!("{name}.kubeconfig"),
            &kubeconfig.to_string(),
        );
    }
}

fn alternative_name(name: &str) -> SanType {
    name.parse::<IpAddr>().map_or_else(
        |_| SanType::DnsName(name.try_into().expect("a DNS name is ASCII")),
        SanType::IpAddress,
    )
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file in a temporary directory");
}
