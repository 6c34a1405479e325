//! What a `caBundle` holds, and whether it makes a client trust a certificate.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::Error;
use super::authority::{Authority, Leaf};
use super::steps::Trusted;

/// Reads a `caBundle`.
pub(super) fn read(pem: &[u8]) -> Trusted {
    let mut trusted = Trusted {
        pure: true,
        ..Trusted::default()
    };
    for certificate in CertificateDer::pem_slice_iter(pem) {
        match certificate
            .ok()
            .and_then(|certificate| Authority::read(&certificate))
        {
            Some(authority) => trusted.authorities.push(authority),
            None => trusted.pure = false,
        }
    }
    trusted
}

/// A bundle as the PEM text that API servers expect.
pub(super) fn write(authorities: &[Authority]) -> String {
    authorities.iter().map(Authority::pem).collect()
}

/// Checks that a client that trusts `bundle` accepts `leaf` for `name` at `now`.
///
/// # Errors
///
/// When it would not.
pub(super) fn verify(leaf: &Leaf, bundle: &[Authority], name: &str, now: i64) -> Result<(), Error> {
    let refused = |error: &dyn ToString| Error::Untrusted(error.to_string());
    let mut roots = RootCertStore::empty();
    for authority in bundle {
        roots
            .add(CertificateDer::from(authority.der().to_vec()))
            .map_err(|error| refused(&error))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| refused(&error))?;
    let server = ServerName::try_from(name.to_owned()).map_err(|error| refused(&error))?;
    let since_epoch = std::time::Duration::from_secs(u64::try_from(now).unwrap_or_default());
    verifier
        .verify_server_cert(
            &leaf.certificate,
            &[],
            &server,
            &[],
            UnixTime::since_unix_epoch(since_epoch),
        )
        .map(|_| ())
        .map_err(|error| refused(&error))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{read, verify, write};
    use crate::cluster::authority::Authority;

    const NOW: i64 = 1_800_000_000;
    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn what_is_written_is_read_again() {
        let all = [NOW, NOW + 1].map(|now| Authority::mint(now, DAY).unwrap());
        let trusted = read(write(&all).as_bytes());
        assert!(trusted.pure);
        assert_eq!(trusted.authorities, all.map(|one| one.without_key()));
    }

    #[test]
    fn other_certificates_and_broken_ones_are_reported() {
        let own = write(&[Authority::mint(NOW, DAY).unwrap()]);
        let other = rcgen::generate_simple_self_signed(["other".to_owned()])
            .unwrap()
            .cert
            .pem();
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for addition in [other.as_str(), broken] {
            let trusted = read(format!("{addition}{own}").as_bytes());
            assert!(!trusted.pure, "{addition}");
            assert_eq!(trusted.authorities.len(), 1, "{addition}");
        }
    }

    /// The name alone makes no authority of ours.
    #[test]
    fn an_authority_of_our_name_that_another_one_signed_is_foreign() {
        let ours = Authority::mint(NOW, DAY).unwrap();
        let issuer = rcgen::KeyPair::generate().unwrap();
        let params = crate::cluster::authority::params();
        let forged = {
            let issuer = rcgen::Issuer::new(crate::cluster::authority::params(), issuer);
            let key = rcgen::KeyPair::generate().unwrap();
            params.signed_by(&key, &issuer).unwrap().pem()
        };
        let trusted = read(format!("{forged}{}", ours.pem()).as_bytes());
        assert!(!trusted.pure);
        assert_eq!(trusted.authorities, [ours.without_key()]);
    }

    #[test]
    fn a_certificate_is_accepted_by_a_bundle_with_its_authority_alone() {
        let [old, new] = [NOW, NOW].map(|now| Authority::mint(now, DAY).unwrap());
        let leaf = new.issue("hook.there.svc", NOW, DAY / 3).unwrap();
        let accepts = |bundle: &[Authority], name, now| verify(&leaf, bundle, name, now).is_ok();
        assert!(accepts(&[old.clone(), new.clone()], "hook.there.svc", NOW));
        assert!(!accepts(std::slice::from_ref(&old), "hook.there.svc", NOW));
        assert!(!accepts(&[], "hook.there.svc", NOW));
        assert!(!accepts(
            std::slice::from_ref(&new),
            "hook.elsewhere.svc",
            NOW
        ));
        assert!(!accepts(&[new], "hook.there.svc", leaf.not_after + 1));
    }

    /// cert-manager gives an authority that it takes over a new certificate, for the same key and name.
    #[test]
    fn a_certificate_is_accepted_by_another_certificate_of_its_authority() {
        let ours = Authority::mint(NOW, DAY).unwrap();
        let key = rcgen::KeyPair::from_pem(ours.key_pem().unwrap()).unwrap();
        let reissued = crate::cluster::authority::params()
            .self_signed(&key)
            .unwrap();
        let [reissued] = read(reissued.pem().as_bytes())
            .authorities
            .try_into()
            .unwrap();
        assert_ne!(reissued.der(), ours.der());
        let leaf = ours.issue("hook.there.svc", NOW, DAY / 3).unwrap();
        assert!(verify(&leaf, &[reissued], "hook.there.svc", NOW).is_ok());
    }

    #[test]
    fn nothing_outlives_the_authority_that_signed_it() {
        let authority = Authority::mint(NOW, DAY).unwrap();
        let late = authority.not_after - 60;
        let leaf = authority.issue("hook.there.svc", late, DAY).unwrap();
        assert_eq!(leaf.not_after, authority.not_after);
    }

    #[test]
    fn a_key_of_another_authority_is_refused() {
        let [one, other] = [NOW, NOW].map(|now| Authority::mint(now, DAY).unwrap());
        let key = |authority: &Authority| authority.key_pem().unwrap().to_owned();
        assert_eq!(one.without_key().with_key(&key(&one)), Some(one.clone()));
        assert_eq!(one.without_key().with_key(&key(&other)), None);
        assert_eq!(one.without_key().with_key("no key"), None);
    }
}
