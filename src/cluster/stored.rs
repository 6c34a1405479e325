//! The Secret's content.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::authority::Authority;

const ACTIVE: [&str; 2] = ["ca.crt", "ca.key"];
/// The same, where cert-manager writes it and looks for the key that it goes on with.
const ACTIVE_OF_CERT_MANAGER: [&str; 2] = ["tls.crt", "tls.key"];
const NEXT: [&str; 2] = ["next.crt", "next.key"];
const OLD: &str = "old.crt";

/// What the Secret holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StoredCa {
    /// The authority that signs; `ca.crt` and `ca.key`, and the same as `tls.crt` and `tls.key`.
    pub active: Option<Authority>,
    /// The one that is to follow it, and is only trusted yet; `next.crt` and `next.key`.
    pub next: Option<Authority>,
    /// Those that sign nothing any more, and are trusted until they expire; `old.crt`.
    pub old: Vec<Authority>,
    /// Whether something could not be read, or there is no Secret.
    pub damaged: bool,
}

impl StoredCa {
    /// Reads what can be read of a Secret's data.
    #[must_use]
    pub(super) fn read(data: &BTreeMap<String, ByteString>) -> Self {
        let mut stored = Self::default();
        let [certificate, key] = ACTIVE;
        // What cert-manager issues has its key there alone.
        let [_, other_key] = ACTIVE_OF_CERT_MANAGER;
        stored.active = stored.read_pair(data, certificate, &[key, other_key]);
        let [certificate, key] = NEXT;
        stored.next = stored.read_pair(data, certificate, &[key]);
        if let Some(ByteString(pem)) = data.get(OLD) {
            let (authorities, damaged) = read_all(pem);
            stored.old.extend(authorities);
            stored.damaged |= damaged;
        }
        stored
    }

    /// What a Secret that is not there holds.
    #[must_use]
    pub(super) fn missing() -> Self {
        Self {
            damaged: true,
            ..Self::default()
        }
    }

    /// A certificate with the first of `keys` that is its own. Without one is damage, but it goes on being trusted.
    fn read_pair(
        &mut self,
        data: &BTreeMap<String, ByteString>,
        certificate: &str,
        keys: &[&str],
    ) -> Option<Authority> {
        let pem = data.get(certificate);
        let mut keys = keys.iter().filter_map(|key| data.get(*key)).peekable();
        if pem.is_none() && keys.peek().is_none() {
            return None;
        }
        let (mut authorities, damaged) = read_all(pem.map_or(&[], |pem| &pem.0));
        self.damaged |= damaged;
        let authority = (authorities.len() == 1).then(|| authorities.remove(0));
        self.old.extend(authorities);
        let complete = authority.as_ref().and_then(|authority| {
            let mut keys = keys.filter_map(|ByteString(key)| std::str::from_utf8(key).ok());
            keys.find_map(|key| authority.without_key().with_key(key))
        });
        if complete.is_none() {
            self.damaged = true;
            self.old.extend(authority);
        }
        complete
    }

    /// Writes this into a Secret's data; what else is in there stays.
    pub(super) fn write(&self, data: &mut BTreeMap<String, ByteString>) {
        for ([certificate, key], authority) in [(ACTIVE, &self.active), (NEXT, &self.next)] {
            put(data, certificate, authority.as_ref().map(Authority::pem));
            let key_pem = authority.as_ref().and_then(Authority::key_pem);
            put(data, key, key_pem.map(str::to_owned));
        }
        // A Secret of type kubernetes.io/tls must not lose them.
        if let Some(active) = &self.active {
            let [certificate, key] = ACTIVE_OF_CERT_MANAGER;
            put(data, certificate, Some(active.pem()));
            put(data, key, active.key_pem().map(str::to_owned));
        }
        let old: String = self.old.iter().map(Authority::pem).collect();
        put(data, OLD, Some(old).filter(|old| !old.is_empty()));
    }

    /// All authorities that the Secret wants trusted.
    pub(super) fn trusted(&self) -> impl Iterator<Item = &Authority> {
        self.active.iter().chain(&self.next).chain(&self.old)
    }
}

fn put(data: &mut BTreeMap<String, ByteString>, name: &str, text: Option<String>) {
    match text {
        Some(text) => data.insert(name.to_owned(), ByteString(text.into_bytes())),
        None => data.remove(name),
    };
}

/// The readable authorities of a PEM text, and whether there was anything else.
fn read_all(pem: &[u8]) -> (Vec<Authority>, bool) {
    let mut damaged = false;
    let mut authorities = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        match certificate
            .ok()
            .and_then(|certificate| Authority::read(&certificate))
        {
            Some(authority) => authorities.push(authority),
            None => damaged = true,
        }
    }
    (authorities, damaged)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use k8s_openapi::ByteString;
    use rstest::rstest;

    use super::StoredCa;
    use crate::cluster::authority::Authority;

    fn full() -> StoredCa {
        let mint = || Authority::mint(1_800_000_000, Duration::from_secs(3600)).unwrap();
        StoredCa {
            active: Some(mint()),
            next: Some(mint()),
            old: vec![mint().without_key(), mint().without_key()],
            damaged: false,
        }
    }

    fn data(stored: &StoredCa) -> BTreeMap<String, ByteString> {
        let mut data = BTreeMap::new();
        stored.write(&mut data);
        data
    }

    #[test]
    fn what_is_written_is_read_again() {
        let stored = full();
        assert_eq!(StoredCa::read(&data(&stored)), stored);
        assert_eq!(StoredCa::read(&BTreeMap::new()), StoredCa::default());
    }

    #[test]
    fn what_is_gone_leaves_the_data_and_what_is_foreign_stays() {
        let mut data = data(&full());
        data.insert("note".to_owned(), ByteString(b"mine".to_vec()));
        StoredCa::default().write(&mut data);
        assert_eq!(
            data.keys().collect::<Vec<_>>(),
            ["note", "tls.crt", "tls.key"]
        );
    }

    /// cert-manager writes `ca.crt`, `tls.crt` and `tls.key`; an older `ca.key` may still be there.
    #[rstest]
    #[case::no_older_key(None)]
    #[case::an_older_key(Some("of another authority"))]
    #[case::garbage(Some("garbage"))]
    fn an_authority_of_cert_manager_is_taken_over(#[case] older: Option<&str>) {
        let authority = Authority::mint(1_800_000_000, Duration::from_secs(3600)).unwrap();
        let mut data = data(&StoredCa {
            active: Some(authority.clone()),
            ..StoredCa::default()
        });
        let older = older.map(|older| match older {
            "of another authority" => full().active.unwrap().key_pem().unwrap().to_owned(),
            garbage => garbage.to_owned(),
        });
        super::put(&mut data, "ca.key", older);
        let read = StoredCa::read(&data);
        assert_eq!(read.active, Some(authority));
        assert!(!read.damaged);
    }

    #[rstest]
    #[case::no_key("ca.key", None)]
    #[case::garbage_as_key("ca.key", Some("garbage"))]
    #[case::no_certificate("ca.crt", None)]
    #[case::garbage_as_certificate("ca.crt", Some("garbage"))]
    #[case::no_next_key("next.key", None)]
    #[case::broken_old(
        "old.crt",
        Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    )]
    fn damage_is_noticed_and_the_rest_is_kept(#[case] name: &str, #[case] text: Option<&str>) {
        let stored = full();
        let mut data = data(&stored);
        data.remove("tls.key");
        super::put(&mut data, name, text.map(str::to_owned));
        let read = StoredCa::read(&data);
        assert!(read.damaged);
        let lost = if name.ends_with("key") {
            0
        } else if name == "old.crt" {
            2
        } else {
            1
        };
        assert_eq!(read.trusted().count(), 4 - lost);
    }

    #[test]
    fn no_debug_text_shows_a_key() {
        let stored = full();
        let shown = format!("{stored:?}");
        assert!(!shown.contains("PRIVATE KEY"), "{shown}");
    }
}
