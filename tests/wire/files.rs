//! Certificates and keys in files, and the ways in which they are replaced.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;

/// A folder with certificates and keys.
pub struct Files(TempDir);

impl Files {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Writes a file in place.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Puts a file in the place of another in one step.
    pub fn rename_over(&self, name: &str, text: &str) {
        let temporary = format!("{name}.new");
        self.write(&temporary, text);
        std::fs::rename(self.path(&temporary), self.path(name)).unwrap();
    }

    /// Writes files as a Secret volume has them: each is a link into `..data`, which is a link to a folder. All are
    /// replaced at once, by another link in the place of `..data`, and the old folder goes.
    pub fn swap(&self, files: &[(&str, &str)]) {
        let before = std::fs::read_link(self.path("..data")).ok();
        let version = tempfile::Builder::new()
            .prefix("..")
            .tempdir_in(self.0.path())
            .unwrap()
            .keep();
        for (name, text) in files {
            std::fs::write(version.join(name), text).unwrap();
            if before.is_none() {
                symlink(PathBuf::from("..data").join(name), self.path(name)).unwrap();
            }
        }
        symlink(version.file_name().unwrap(), self.path("..data_tmp")).unwrap();
        std::fs::rename(self.path("..data_tmp"), self.path("..data")).unwrap();
        if let Some(before) = before {
            std::fs::remove_dir_all(self.0.path().join(before)).unwrap();
        }
    }

    /// Runs `openssl` in the folder.
    pub fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .expect("openssl is needed: install the Debian package openssl");
        assert!(
            output.status.success(),
            "openssl {arguments}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// A certificate for `localhost` that signs itself, of a key in `key.pem`.
    pub fn self_signed(&self) {
        // The settings that openssl brings along would make a CA of it.
        self.write(
            "req.cnf",
            "[req]\ndistinguished_name = none\nx509_extensions = leaf\n[none]\n\
             [leaf]\nsubjectAltName = DNS:localhost\nbasicConstraints = CA:FALSE\n",
        );
        self.openssl(
            "req -x509 -config req.cnf -key key.pem -out cert.pem -subj /CN=hook -days 30",
        );
    }
}

/// A CA.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new(name: &str) -> Self {
        Self::until(name, 2099)
    }

    /// A CA that expires at the beginning of a year.
    pub fn until(name: &str, expires: i32) -> Self {
        let params = ca(name, expires);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A CA that this one has signed.
    pub fn below(&self, name: &str) -> Self {
        Self(
            CertifiedIssuer::signed_by(ca(name, 2099), KeyPair::generate().unwrap(), &self.0)
                .unwrap(),
        )
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for `localhost` that expires at the beginning of a year.
    pub fn leaf(&self, expires: i32) -> Leaf {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(expires, 1, 1);
        self.sign(&params)
    }

    /// A certificate for a client of this common name.
    pub fn client(&self, name: &str) -> Leaf {
        self.sign(&client(name))
    }

    /// A certificate of a key of its own.
    pub fn sign(&self, params: &CertificateParams) -> Leaf {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Leaf {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            der: certificate.der().clone(),
        }
    }
}

/// A certificate and its key, as PEM.
#[derive(Clone)]
pub struct Leaf {
    pub certificate: String,
    pub key: String,
    pub der: CertificateDer<'static>,
}

/// A certificate for a client of this common name.
pub fn client(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn ca(name: &str, expires: i32) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_after = rcgen::date_time_ymd(expires, 1, 1);
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}
