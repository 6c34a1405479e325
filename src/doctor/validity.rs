//! From when until when a certificate is valid.

use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::CertificateDer;

/// The time of an X.509 certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    /// The first moment.
    pub not_before: Timestamp,
    /// The last one.
    pub not_after: Timestamp,
}

/// The latest notice for renewal by hand.
const NOTICE: SignedDuration = SignedDuration::from_hours(14 * 24);
/// What is renewed by a program has this part of its life left when that fails to happen.
const LATE_PART: i64 = 4;

impl Validity {
    /// Reads it; nothing when the certificate cannot be read.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
        let time = |time: x509_parser::time::ASN1Time| Timestamp::from_second(time.timestamp());
        let validity = certificate.validity();
        Some(Self {
            not_before: time(validity.not_before).ok()?,
            not_after: time(validity.not_after).ok()?,
        })
    }

    /// Whether it is over.
    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        now > self.not_after
    }

    /// Whether it has not begun.
    pub(super) fn is_early(&self, now: Timestamp) -> bool {
        now < self.not_before
    }

    /// Whether it should have been renewed by now: less than two weeks and less than a quarter of its life are left.
    pub(super) fn is_late(&self, now: Timestamp) -> bool {
        let left = self.not_after.duration_since(now);
        let life = self.not_after.duration_since(self.not_before);
        left < NOTICE && left.as_secs() < life.as_secs() / LATE_PART
    }
}
