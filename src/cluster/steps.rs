//! What a replica does next, as a function of what it sees, what it remembers, and the clock.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Lifetimes;
use super::authority::{Authority, BACKDATED, seconds};
use super::stored::StoredCa;

/// A moment by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// The wall clock, in seconds since 1970, by which certificates expire.
    pub wall: i64,
    /// A clock that is never set, to measure how long something has been so.
    pub steady: Duration,
}

/// What one `caBundle` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trusted {
    /// The authorities of our name that signed themselves.
    pub authorities: Vec<Authority>,
    /// Whether there is nothing else in it.
    pub pure: bool,
}

/// What a replica has read: the Secret, and the `caBundle` of every webhook that calls our Service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The Secret.
    pub stored: StoredCa,
    /// The bundles.
    pub bundles: Vec<Trusted>,
}

/// The next thing to do; after anything but [`Step::Rest`] the replica looks again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Write these authorities into every `caBundle`.
    Trust(Vec<Authority>),
    /// Write this into the Secret.
    Store(StoredCa),
    /// Write this into the Secret, with a new authority as the next one.
    StoreWithNew(StoredCa),
    /// Serve a new certificate, signed by this authority.
    Serve(Authority),
    /// Nothing; look again after the interval.
    Rest,
}

/// The certificate that a replica serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServedCertificate {
    /// Who signed it, with the key.
    pub issuer: Authority,
    /// From when on it is valid, in seconds since 1970.
    pub not_before: i64,
    /// When it expires, in seconds since 1970.
    pub not_after: i64,
}

/// What a replica remembers.
#[derive(Debug)]
pub(super) struct Memory {
    lifetimes: Lifetimes,
    serving: Option<ServedCertificate>,
    trust: BTreeMap<Vec<u8>, TrustRecord>,
}

/// How long an authority has been in every bundle.
#[derive(Clone, Copy, Debug, Default)]
struct TrustRecord {
    since: Option<Duration>,
    /// Whether a bundle was seen without it.
    lacked: bool,
}

impl Memory {
    /// That of a replica that has just started.
    #[must_use]
    pub(super) fn new(lifetimes: Lifetimes) -> Self {
        Self {
            lifetimes,
            serving: None,
            trust: BTreeMap::new(),
        }
    }

    /// What is served now.
    #[must_use]
    pub(super) fn serving(&self) -> Option<&ServedCertificate> {
        self.serving.as_ref()
    }

    /// Notes what is served from now on.
    pub(super) fn serve(&mut self, serving: ServedCertificate) {
        self.serving = Some(serving);
    }

    /// Decides what to do about what was just seen.
    pub(super) fn next_step(&mut self, seen: &Seen, now: Moment) -> Step {
        self.note(seen, now);
        let bundle = self.bundle(seen, now);
        let complete = |trusted: &Trusted| {
            trusted.pure
                && trusted.authorities.len() == bundle.len()
                && bundle.iter().all(|one| holds(&trusted.authorities, one))
        };
        // First of all: it needs nothing else, and a bundle without what is served loses every call.
        if !bundle.is_empty() && !seen.bundles.iter().all(complete) {
            return Step::Trust(bundle);
        }
        if let Some(step) = self.storing(seen, now) {
            return step;
        }
        match &seen.stored.active {
            Some(active) if self.wants_certificate_of(active, now) => Step::Serve(active.clone()),
            _ => Step::Rest,
        }
    }

    /// What renews the served certificate while nothing can be seen, if it is due: its own authority, which no bundle loses
    /// before it has expired.
    #[must_use]
    pub(super) fn renews_unseen(&self, now: Moment) -> Option<&ServedCertificate> {
        let serving = self.serving.as_ref()?;
        self.is_renewal(serving, &serving.issuer, now)
            .then_some(serving)
    }

    /// Records which authority is in every bundle.
    fn note(&mut self, seen: &Seen, now: Moment) {
        let trust = &mut self.trust;
        trust.retain(|der, _| seen.stored.trusted().any(|one| one.der() == der));
        for authority in seen.stored.trusted() {
            let entry = trust.entry(authority.der().to_vec()).or_default();
            if seen
                .bundles
                .iter()
                .all(|bundle| holds(&bundle.authorities, authority))
            {
                entry.since.get_or_insert(now.steady);
            } else {
                *entry = TrustRecord {
                    since: None,
                    lacked: true,
                };
            }
        }
    }

    /// What every bundle has to hold: what the Secret has, what this replica serves, and, while the Secret is lost, what
    /// others may serve.
    fn bundle(&self, seen: &Seen, now: Moment) -> Vec<Authority> {
        let mut bundle: Vec<Authority> = Vec::new();
        let lost = self.lost(seen, now);
        let served = self.serving.iter().map(|serving| &serving.issuer);
        for authority in seen.stored.trusted().chain(served).chain(lost) {
            if !self.is_gone(authority, now) && !holds(&bundle, authority) {
                bundle.push(authority.without_key());
            }
        }
        bundle.sort();
        bundle
    }

    /// What the Secret has to hold, if it is something else than it does.
    fn storing(&self, seen: &Seen, now: Moment) -> Option<Step> {
        let mut wanted = StoredCa {
            damaged: false,
            ..seen.stored.clone()
        };
        if let Some(active) = wanted.active.take_if(|active| self.is_gone(active, now)) {
            wanted.old.push(active);
        }
        if let Some(next) = wanted.next.take_if(|next| self.is_due(next, now)) {
            wanted.old.push(next.without_key());
        }
        let served = self.serving.iter().map(|serving| &serving.issuer);
        for authority in served.chain(self.lost(seen, now)) {
            if !wanted.trusted().any(|one| one.der() == authority.der()) {
                wanted.old.push(authority.without_key());
            }
        }
        if wanted
            .next
            .as_ref()
            .is_some_and(|next| self.is_settled(next, now))
        {
            let before = wanted.active.take();
            wanted.active = wanted.next.take();
            wanted.old.extend(before.map(|before| before.without_key()));
        }
        wanted.old.retain(|one| !self.is_gone(one, now));
        let fresh = wanted
            .active
            .as_ref()
            .is_some_and(|active| !self.is_due(active, now));
        if wanted.next.is_none() && !fresh {
            return Some(Step::StoreWithNew(wanted));
        }
        (wanted != seen.stored).then_some(Step::Store(wanted))
    }

    /// What a damaged or missing Secret has lost and others may still serve: the authorities in the bundles that a replica
    /// with these lifetimes can have created. With a whole Secret there are none: what it does not hold is foreign.
    fn lost<'a>(&'a self, seen: &'a Seen, now: Moment) -> impl Iterator<Item = &'a Authority> {
        let stored = &seen.stored;
        let is_lost = stored.damaged || (stored.active.is_none() && stored.next.is_none());
        let bundles = seen.bundles.iter().filter(move |_| is_lost);
        bundles
            .flat_map(|bundle| &bundle.authorities)
            .filter(move |authority| self.may_be_ours(authority, now))
    }

    /// Whether an authority is valid now, and no longer than `--ca-lifetime` allows.
    fn may_be_ours(&self, authority: &Authority, now: Moment) -> bool {
        let longest = seconds(self.lifetimes.authority + BACKDATED);
        let is_live = authority.not_before <= now.wall && !self.is_gone(authority, now);
        is_live
            && authority.not_after - authority.not_before <= longest
            && authority.not_after - now.wall <= longest
    }

    /// Whether an authority has been in every bundle long enough for every API server to know.
    fn is_settled(&self, authority: &Authority, now: Moment) -> bool {
        self.trust
            .get(authority.der())
            .and_then(|trust| trust.since)
            .is_some_and(|since| now.steady.saturating_sub(since) >= self.lifetimes.trust_delay)
    }

    fn wants_certificate_of(&self, active: &Authority, now: Moment) -> bool {
        let Some(trust) = self.trust.get(active.der()) else {
            return false;
        };
        // What another replica has made the active one was trusted then, unless a bundle was seen without it since.
        if trust.since.is_none() || (trust.lacked && !self.is_settled(active, now)) {
            return false;
        }
        let left = self.would_last(active, now) - now.wall;
        let Some(serving) = &self.serving else {
            return left > 0;
        };
        let other = serving.issuer.der() != active.der();
        (other && left > seconds(self.lifetimes.leaf) / 3) || self.is_renewal(serving, active, now)
    }

    /// When a certificate of `authority` that is issued now would expire.
    fn would_last(&self, authority: &Authority, now: Moment) -> i64 {
        authority
            .not_after
            .min(now.wall + seconds(self.lifetimes.leaf))
    }

    /// Whether what is served is due, and one of `authority` would last longer.
    fn is_renewal(&self, serving: &ServedCertificate, authority: &Authority, now: Moment) -> bool {
        let lifetime = seconds(self.lifetimes.leaf);
        is_due(serving.not_before, serving.not_after, lifetime, now)
            && self.would_last(authority, now) > serving.not_after.max(now.wall)
    }

    /// Whether the successor of an authority should be under way.
    fn is_due(&self, authority: &Authority, now: Moment) -> bool {
        let lifetime = seconds(self.lifetimes.authority);
        is_due(authority.not_before, authority.not_after, lifetime, now)
    }

    /// Whether an authority has expired, and a little longer ago than clocks differ.
    fn is_gone(&self, authority: &Authority, now: Moment) -> bool {
        now.wall >= authority.not_after + seconds(self.lifetimes.trust_delay)
    }
}

/// Whether only a third of a lifetime is left, or the clock has gone back behind the beginning.
fn is_due(not_before: i64, not_after: i64, lifetime: i64, now: Moment) -> bool {
    now.wall < not_before || not_after - now.wall <= lifetime / 3
}

fn holds(authorities: &[Authority], wanted: &Authority) -> bool {
    authorities.iter().any(|one| one.der() == wanted.der())
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
