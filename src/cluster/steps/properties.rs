//! Three replicas, late, restarted and raced, with a Secret that gets broken: what any of them serves is trusted by every
//! bundle, as an API server knows it that learns of changes a little later.

use std::time::Duration;

use proptest::prelude::*;

use super::{Memory, Moment, Seen, Serving, Step, Trusted};
use crate::cluster::Lifetimes;
use crate::cluster::authority::Authority;
use crate::cluster::stored::Stored;

const START: i64 = 1_800_000_000;

const LIFETIMES: Lifetimes = Lifetimes {
    authority: Duration::from_secs(180),
    leaf: Duration::from_secs(60),
    sync_interval: Duration::from_secs(5),
    trust_delay: Duration::from_secs(5),
};

/// How much later an API server knows of a bundle; less than the delay.
const LAG: u64 = 4;

const REPLICAS: usize = 3;
const BUNDLES: usize = 2;

#[derive(Clone, Debug)]
enum Event {
    /// A replica reads the Secret; the bundles come later.
    ReadSecret(usize),
    ReadBundles(usize),
    /// A replica decides by what it has read, however old that is, and carries its decision out.
    Act(usize),
    /// It gets no answer from the API server.
    SeeNothing(usize),
    Restart(usize),
    Wait(u64),
    Delete,
    LoseKey,
    LoseOld,
}

fn event() -> impl Strategy<Value = Event> {
    let replica = 0..REPLICAS;
    prop_oneof![
        4 => replica.clone().prop_map(Event::ReadSecret),
        4 => replica.clone().prop_map(Event::ReadBundles),
        8 => replica.clone().prop_map(Event::Act),
        4 => replica.clone().prop_map(Event::SeeNothing),
        1 => replica.prop_map(Event::Restart),
        6 => (0_u64..6).prop_map(Event::Wait),
        1 => (20_u64..100).prop_map(Event::Wait),
        1 => Just(Event::Delete),
        1 => Just(Event::LoseKey),
        1 => Just(Event::LoseOld),
    ]
}

struct Replica {
    memory: Memory,
    secret: Option<(u64, Stored)>,
    bundles: Option<[(u64, Vec<Authority>); BUNDLES]>,
}

impl Replica {
    fn new() -> Self {
        Self {
            memory: Memory::new(LIFETIMES),
            secret: None,
            bundles: None,
        }
    }
}

/// The cluster: every object has a resourceVersion, and a write with an old one is refused.
struct World {
    clock: u64,
    minted: u8,
    secret: (u64, Stored),
    bundles: [(u64, Vec<Authority>); BUNDLES],
    /// When each bundle got which content.
    history: [Vec<(u64, Vec<Authority>)>; BUNDLES],
    replicas: Vec<Replica>,
    served: usize,
}

impl World {
    fn new() -> Self {
        Self {
            clock: 0,
            minted: 0,
            secret: (0, Stored::missing()),
            bundles: std::array::from_fn(|_| (0, Vec::new())),
            history: std::array::from_fn(|_| vec![(0, Vec::new())]),
            replicas: (0..REPLICAS).map(|_| Replica::new()).collect(),
            served: 0,
        }
    }

    fn wall(&self) -> i64 {
        START + i64::try_from(self.clock).unwrap()
    }

    fn play(&mut self, event: &Event) {
        match *event {
            Event::ReadSecret(replica) => {
                self.replicas[replica].secret = Some(self.secret.clone());
            }
            Event::ReadBundles(replica) => {
                self.replicas[replica].bundles = Some(self.bundles.clone());
            }
            Event::Act(replica) => self.act(replica),
            Event::SeeNothing(replica) => self.see_nothing(replica),
            Event::Restart(replica) => self.replicas[replica] = Replica::new(),
            Event::Wait(seconds) => self.clock += seconds,
            Event::Delete => self.spoil(|_| Stored::missing()),
            Event::LoseKey => self.spoil(|stored| Stored {
                old: stored
                    .active
                    .iter()
                    .chain(&stored.old)
                    .map(Authority::without_key)
                    .collect(),
                active: None,
                damaged: true,
                ..stored.clone()
            }),
            Event::LoseOld => self.spoil(|stored| Stored {
                old: Vec::new(),
                damaged: true,
                ..stored.clone()
            }),
        }
    }

    fn spoil(&mut self, change: impl FnOnce(&Stored) -> Stored) {
        self.secret = (self.secret.0 + 1, change(&self.secret.1));
    }

    fn moment(&self) -> Moment {
        Moment {
            wall: self.wall(),
            steady: Duration::from_secs(self.clock),
        }
    }

    fn see_nothing(&mut self, index: usize) {
        let now = self.moment();
        let memory = &mut self.replicas[index].memory;
        let Some(serving) = memory.renews_unseen(now).cloned() else {
            return;
        };
        memory.serve(Serving {
            not_after: serving.issuer.not_after.min(now.wall + 60),
            ..serving
        });
        self.served += 1;
    }

    fn act(&mut self, index: usize) {
        let now = self.moment();
        let replica = &mut self.replicas[index];
        // As in the program: the Secret is read first, and each step begins with reading.
        let (Some((version, stored)), Some(bundles)) =
            (replica.secret.take(), replica.bundles.take())
        else {
            return;
        };
        let seen = Seen {
            stored,
            bundles: bundles
                .iter()
                .map(|(_, authorities)| Trusted {
                    authorities: authorities.clone(),
                    pure: true,
                })
                .collect(),
        };
        match replica.memory.next_step(&seen, now) {
            Step::Rest => {}
            Step::Trust(authorities) => {
                for (index, (version, _)) in bundles.iter().enumerate() {
                    if self.bundles[index].0 == *version {
                        self.bundles[index] = (version + 1, authorities.clone());
                        self.history[index].push((self.clock, authorities.clone()));
                    }
                }
            }
            Step::Store(stored) => self.store(version, stored),
            Step::StoreWithNew(mut stored) => {
                if self.minted < u8::MAX {
                    self.minted += 1;
                    stored.next = Some(Authority::from_parts(
                        vec![self.minted],
                        Some("key".to_owned()),
                        now.wall - 60,
                        now.wall + 180,
                    ));
                    self.store(version, stored);
                }
            }
            Step::Serve(issuer) => {
                let not_after = issuer.not_after.min(now.wall + 60);
                replica.memory.serve(Serving {
                    issuer: issuer.without_key(),
                    not_before: now.wall - 60,
                    not_after,
                });
                self.served += 1;
            }
        }
    }

    fn store(&mut self, version: u64, stored: Stored) {
        if self.secret.0 == version {
            self.secret = (version + 1, stored);
        }
    }

    /// The bundles as an API server may know them that is late by `lag`.
    fn known(&self, index: usize, lag: u64) -> &[Authority] {
        let until = self.clock.saturating_sub(lag);
        self.history[index]
            .iter()
            .rev()
            .find(|(since, _)| *since <= until)
            .map_or(&[], |(_, authorities)| authorities)
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for replica in &self.replicas {
            let Some(serving) = replica.memory.serving() else {
                continue;
            };
            if serving.not_after <= self.wall() {
                continue;
            }
            for (index, lag) in (0..BUNDLES).flat_map(|index| [(index, 0), (index, LAG)]) {
                prop_assert!(
                    self.known(index, lag)
                        .iter()
                        .any(|one| one.der() == serving.issuer.der()),
                    "served since, but not trusted: {serving:?} at {}",
                    self.clock
                );
            }
        }
        Ok(())
    }

    /// Everybody looks and acts in turn, undisturbed, until nobody has anything to do.
    fn settle(&mut self) {
        for _ in 0..40 {
            for replica in 0..REPLICAS {
                for event in [
                    Event::ReadSecret(replica),
                    Event::ReadBundles(replica),
                    Event::Act(replica),
                ] {
                    self.play(&event);
                }
            }
            self.clock += 1;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_is_served_is_trusted_by_every_bundle(
        events in prop::collection::vec(event(), 0..400),
    ) {
        let mut world = World::new();
        for event in &events {
            world.play(event);
            world.check()?;
        }
    }

    #[test]
    fn once_disturbances_end_everybody_serves(events in prop::collection::vec(event(), 0..200)) {
        let mut world = World::new();
        for event in &events {
            world.play(event);
        }
        world.settle();
        for replica in &world.replicas {
            let serving = replica.memory.serving();
            prop_assert!(serving.is_some_and(|serving| serving.not_after > world.wall()));
        }
        world.check()?;
    }
}

/// The property would be empty if nothing ever came to be served.
#[test]
fn a_quiet_world_rotates_again_and_again() {
    let mut world = World::new();
    for _ in 0..20 {
        world.settle();
        world.check().unwrap();
    }
    assert!(world.minted >= 6, "{} authorities in 800 s", world.minted);
    assert!(world.served >= 30, "{} certificates in 800 s", world.served);
    assert!(world.bundles[0].1.len() <= 3, "the expired ones are gone");
}
