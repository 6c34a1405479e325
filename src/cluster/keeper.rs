//! Keeps a replica's certificate, and the trust in it, up to date.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::authority::{Authority, BACKDATED, Leaf, seconds};
use super::objects::{Look, ManagedObjects};
use super::steps::{Memory, Moment, ServedCertificate, Step, Trusted};
use super::stored::StoredCa;
use super::{Error, SelfManagedSettings, bundle};
use crate::kubernetes::time;

/// Steps in a row; more means that replicas get in each other's way, and one of them should wait a little.
const STEPS_IN_A_ROW: u32 = 12;

/// Where new certificates go.
pub(crate) trait Sink {
    /// Serves `leaf` from now on, in new connections.
    ///
    /// # Errors
    ///
    /// When the TLS library does not accept it.
    fn serve(&self, leaf: Leaf, authority: &Authority) -> Result<(), Error>;
}

/// Manages the certificate of this replica until it is dropped.
#[derive(Debug)]
pub(crate) struct Keeper<S> {
    settings: SelfManagedSettings,
    sink: S,
    memory: Memory,
    started: Instant,
    /// The last error, to log it once.
    trouble: Option<String>,
    said_safe: bool,
}

impl<S: Sink> Keeper<S> {
    /// Serves nothing yet.
    pub(crate) fn new(settings: SelfManagedSettings, sink: S) -> Self {
        let memory = Memory::new(settings.lifetimes);
        Self {
            settings,
            sink,
            memory,
            started: Instant::now(),
            trouble: None,
            said_safe: false,
        }
    }

    /// Runs until it is dropped, or until the start took too long.
    pub(crate) async fn run(mut self) -> Error {
        let mut objects = None;
        loop {
            match self.round(&mut objects).await {
                Ok(()) => self.recovered(),
                Err(error) => {
                    self.failed(&error);
                    self.renew_unseen(&error);
                }
            }
            let timeout = self.settings.startup_timeout;
            let mut pause = self.settings.lifetimes.sync_interval;
            if self.memory.serving().is_none() {
                let left = timeout.saturating_sub(self.started.elapsed());
                if left.is_zero() {
                    let reason = self
                        .trouble
                        .take()
                        .unwrap_or_else(|| "--trust-delay is not over yet".to_owned());
                    return Error::Startup { timeout, reason };
                }
                // At the start others wait for this replica.
                pause = pause.min(Duration::from_secs(1)).min(left);
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes steps until there is nothing more to do for now.
    async fn round(&mut self, objects: &mut Option<ManagedObjects>) -> Result<(), Error> {
        let objects = match objects {
            Some(objects) => objects,
            None => objects.insert(ManagedObjects::connect(self.settings.clone())?),
        };
        for _ in 0..STEPS_IN_A_ROW {
            let began = self.started.elapsed();
            let look = match objects.look().await {
                Err(Error::Raced { object }) => {
                    tracing::debug!(object, "changed while it was read");
                    continue;
                }
                look => look?,
            };
            let now = self.now();
            compare_clocks(now.wall, look.clock)?;
            let step = self.memory.next_step(&look.seen, now);
            if step == Step::Rest {
                self.say_whether_safe();
                return Ok(());
            }
            let writes = !matches!(step, Step::Serve(_));
            if writes && now.steady.saturating_sub(began) > self.settings.lifetimes.trust_delay {
                // Meanwhile an authority may have been created, trusted and lost again.
                return Err(Error::Slow);
            }
            match self.take(objects, &look, step, now).await {
                // Another replica was faster: its change is read next.
                Err(Error::Raced { object }) => tracing::debug!(object, "changed meanwhile"),
                taken => taken?,
            }
        }
        Ok(())
    }

    async fn take(
        &mut self,
        objects: &ManagedObjects,
        look: &Look,
        step: Step,
        now: Moment,
    ) -> Result<(), Error> {
        match step {
            Step::Rest => {}
            Step::Trust(authorities) => {
                objects.trust(look, &authorities).await?;
                log_removed(&look.seen.bundles, &authorities);
                let authorities = authorities.len();
                tracing::info!(authorities, "wrote the caBundle of every webhook");
            }
            Step::Store(stored) => {
                objects.store(look, &stored).await?;
                self.log_taken_over(&look.seen.stored, &stored);
                tracing::info!(secret = self.settings.secret, "updated the Secret");
            }
            Step::StoreWithNew(mut stored) => {
                let new = Authority::mint(now.wall, self.settings.lifetimes.authority)?;
                stored.next = Some(new);
                objects.store(look, &stored).await?;
                self.log_taken_over(&look.seen.stored, &stored);
                tracing::info!(
                    secret = self.settings.secret,
                    "created a new certificate authority; it is used once every caBundle trusts it"
                );
            }
            Step::Serve(authority) => {
                let lifetime = self.settings.lifetimes.leaf;
                let leaf = authority.issue(&self.settings.server_name(), now.wall, lifetime)?;
                self.serve(leaf, &authority, &look.seen.bundles, now)?;
            }
        }
        Ok(())
    }

    /// While nothing can be seen, what is served is renewed even so. Here alone the clock is not compared: what comes is
    /// valid whenever what it follows is.
    fn renew_unseen(&mut self, error: &Error) {
        let now = self.now();
        let clocks_differ = matches!(error, Error::Clocks { .. });
        let Some(serving) = self.memory.renews_unseen(now).filter(|_| !clocks_differ) else {
            return;
        };
        let (issuer, not_before) = (serving.issuer.clone(), serving.not_before);
        let not_after = now.wall + seconds(self.settings.lifetimes.leaf);
        let bundle = Trusted {
            authorities: vec![issuer.without_key()],
            pure: true,
        };
        let renewed = issuer
            .issue_for(&self.settings.server_name(), not_before, not_after)
            .and_then(|leaf| self.serve(leaf, &issuer, &[bundle], now));
        if let Err(error) = renewed {
            tracing::warn!(%error, "cannot renew the certificate");
        }
    }

    fn serve(
        &mut self,
        leaf: Leaf,
        authority: &Authority,
        bundles: &[Trusted],
        now: Moment,
    ) -> Result<(), Error> {
        let name = self.settings.server_name();
        for trusted in bundles {
            bundle::verify(&leaf, &trusted.authorities, &name, now.wall)?;
        }
        let serving = ServedCertificate {
            issuer: authority.clone(),
            not_before: leaf.not_before,
            not_after: leaf.not_after,
        };
        self.sink.serve(leaf, authority)?;
        tracing::info!(
            name,
            not_after = %time::text(serving.not_after),
            authority_not_after = %time::text(authority.not_after),
            "serving a new certificate"
        );
        self.memory.serve(serving);
        Ok(())
    }

    /// Reports the authorities that a damaged or missing Secret gets back from the bundles.
    fn log_taken_over(&self, before: &StoredCa, after: &StoredCa) {
        let served = self.memory.serving().map(|serving| &serving.issuer);
        let known = |one: &Authority| {
            let mut known = before.trusted().chain(served);
            known.any(|other| other.der() == one.der())
        };
        for authority in after.old.iter().filter(|one| !known(one)) {
            tracing::warn!(
                secret = self.settings.secret,
                serial = authority.serial(),
                not_after = %time::text(authority.not_after),
                "the Secret is damaged or gone: a certificate authority in a caBundle, which another replica may use, stays trusted"
            );
        }
    }

    fn now(&self) -> Moment {
        Moment {
            wall: Timestamp::now().as_second(),
            steady: self.started.elapsed(),
        }
    }

    /// When there is nothing to do, every bundle is right.
    fn say_whether_safe(&mut self) {
        if self.memory.serving().is_some() && !self.said_safe {
            self.said_safe = true;
            tracing::info!(
                configurations = self.settings.configurations.join(","),
                "every caBundle trusts the certificate that is served: failurePolicy Fail is safe from now on"
            );
        }
    }

    /// Logs the same error once.
    fn failed(&mut self, error: &Error) {
        let text = error.to_string();
        if self.trouble.as_ref() != Some(&text) {
            let serving = self
                .memory
                .serving()
                .map(|serving| time::text(serving.not_after));
            tracing::warn!(
                error = text,
                serving_until = serving,
                "cannot manage the certificates; trying again"
            );
        }
        self.trouble = Some(text);
    }

    fn recovered(&mut self) {
        if self.trouble.take().is_some() {
            tracing::info!("can manage the certificates again");
        }
    }
}

/// Fails where the clock here is so far from the API server's that what is issued here might not be valid there. All
/// replicas share what one of them stores, so one whose clock has gone wrong must not decide.
fn compare_clocks(here: i64, there: Option<i64>) -> Result<(), Error> {
    let ahead = there.map_or(0, |there| here - there);
    if ahead.abs() > seconds(BACKDATED / 2) {
        return Err(Error::Clocks {
            minutes: ahead / 60,
        });
    }
    Ok(())
}

/// Reports the authorities of our name that a bundle loses because the Secret does not have them.
fn log_removed(bundles: &[Trusted], kept: &[Authority]) {
    let mut removed: Vec<&Authority> = bundles
        .iter()
        .flat_map(|bundle| &bundle.authorities)
        .filter(|one| !kept.iter().any(|other| other.der() == one.der()))
        .collect();
    removed.sort();
    removed.dedup();
    for authority in removed {
        tracing::info!(
            serial = authority.serial(),
            not_after = %time::text(authority.not_after),
            "removed a certificate authority from caBundle: it has expired, or the Secret does not have it"
        );
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::compare_clocks;

    const HERE: i64 = 1_800_000_000;

    #[rstest]
    #[case::not_told(None, None)]
    #[case::the_same(Some(0), None)]
    #[case::a_little_ahead(Some(1800), None)]
    #[case::a_little_behind(Some(-1800), None)]
    #[case::ahead(Some(2 * 3600), Some("120 min ahead of the API server's"))]
    #[case::behind(Some(-1860), Some("31 min behind the API server's"))]
    fn a_clock_that_is_far_from_the_api_servers_is_an_error(
        #[case] ahead: Option<i64>,
        #[case] error: Option<&str>,
    ) {
        let compared = compare_clocks(HERE, ahead.map(|ahead| HERE - ahead));
        let outcome = compared.map_err(|error| error.to_string());
        match error {
            None => assert_eq!(outcome, Ok(())),
            Some(error) => assert!(outcome.unwrap_err().contains(error)),
        }
    }
}
