//! Three replicas, late, restarted and raced, with a Secret that gets broken and bundles that get a foreign authority: what
//! any of them serves is trusted by every bundle, as an API server knows it that learns of changes a little later.

use std::time::Duration;

use proptest::prelude::*;

use super::{Memory, Moment, Seen, ServedCertificate, Step, Trusted};
use crate::cluster::Lifetimes;
use crate::cluster::authority::Authority;
use crate::cluster::stored::StoredCa;

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
    /// A replica reads the Secret, later the bundles, and then whether the Secret is still the same.
    ReadSecret(usize),
    ReadBundles(usize),
    ReadSecretAgain(usize),
    /// A replica decides by what it has read; what it writes is on its way.
    Act(usize),
    /// The API server gets what a replica has written.
    Land(usize),
    /// It gets no answer from the API server.
    SeeNothing(usize),
    Restart(usize),
    Wait(u64),
    Delete,
    LoseKey,
    LoseOld,
    /// Another client adds an authority of our name to a bundle.
    AddForeign(usize),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => harmless_event(),
        1 => prop_oneof![Just(Event::Delete), Just(Event::LoseKey), Just(Event::LoseOld)],
    ]
}

/// Any that does not damage the Secret.
fn harmless_event() -> impl Strategy<Value = Event> {
    let replica = 0..REPLICAS;
    prop_oneof![
        4 => replica.clone().prop_map(Event::ReadSecret),
        6 => replica.clone().prop_map(Event::ReadBundles),
        6 => replica.clone().prop_map(Event::ReadSecretAgain),
        8 => replica.clone().prop_map(Event::Act),
        8 => replica.clone().prop_map(Event::Land),
        4 => replica.clone().prop_map(Event::SeeNothing),
        1 => replica.prop_map(Event::Restart),
        6 => (0_u64..6).prop_map(Event::Wait),
        1 => (20_u64..100).prop_map(Event::Wait),
        2 => (0..BUNDLES).prop_map(Event::AddForeign),
    ]
}

struct Replica {
    memory: Memory,
    /// When it began to read.
    since: u64,
    secret: Option<(u64, StoredCa)>,
    bundles: Option<[(u64, Vec<Authority>); BUNDLES]>,
    /// Whether the Secret was still the same after the bundles were read.
    confirmed: bool,
    /// What it writes, and since when.
    written: Option<(u64, Write)>,
}

/// A write, with what it may replace.
enum Write {
    Bundles([u64; BUNDLES], Vec<Authority>),
    Secret(Box<((u64, StoredCa), StoredCa)>),
}

impl Replica {
    fn new() -> Self {
        Self {
            memory: Memory::new(LIFETIMES),
            since: 0,
            secret: None,
            bundles: None,
            confirmed: false,
            written: None,
        }
    }
}

/// Whether the API server shows no difference between these; a Secret that is not there has no resourceVersion.
fn same(one: &(u64, StoredCa), other: &(u64, StoredCa)) -> bool {
    one.0 == other.0
        || [one, other]
            .iter()
            .all(|(_, stored)| *stored == StoredCa::missing())
}

/// The cluster: every object has a resourceVersion, and a write with an old one is refused.
struct World {
    clock: u64,
    minted: u8,
    secret: (u64, StoredCa),
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
            secret: (0, StoredCa::missing()),
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
                let replica = &mut self.replicas[replica];
                replica.since = self.clock;
                replica.secret = Some(self.secret.clone());
                (replica.bundles, replica.confirmed) = (None, false);
            }
            Event::ReadBundles(replica) => {
                let replica = &mut self.replicas[replica];
                if replica.secret.is_some() {
                    replica.bundles = Some(self.bundles.clone());
                    replica.confirmed = false;
                }
            }
            Event::ReadSecretAgain(replica) => {
                let replica = &mut self.replicas[replica];
                let secret = replica.secret.as_ref();
                replica.confirmed = replica.bundles.is_some()
                    && secret.is_some_and(|secret| same(secret, &self.secret));
            }
            Event::Act(replica) => self.act(replica),
            Event::Land(replica) => self.land(replica),
            Event::SeeNothing(replica) => self.see_nothing(replica),
            Event::Restart(replica) => self.replicas[replica] = Replica::new(),
            Event::Wait(seconds) => self.clock += seconds,
            Event::Delete => self.spoil(|_| StoredCa::missing()),
            Event::LoseKey => self.spoil(|stored| StoredCa {
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
            Event::LoseOld => self.spoil(|stored| StoredCa {
                old: Vec::new(),
                damaged: true,
                ..stored.clone()
            }),
            Event::AddForeign(index) => {
                let (version, mut authorities) = self.bundles[index].clone();
                authorities.push(self.foreign());
                self.history[index].push((self.clock, authorities.clone()));
                self.bundles[index] = (version + 1, authorities);
            }
        }
    }

    /// An authority of our name that no replica has created, valid now.
    fn foreign(&self) -> Authority {
        Authority::from_parts(vec![0, 0], None, self.wall() - 60, self.wall() + 180)
    }

    fn spoil(&mut self, change: impl FnOnce(&StoredCa) -> StoredCa) {
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
        memory.serve(ServedCertificate {
            not_after: serving.issuer.not_after.min(now.wall + 60),
            ..serving
        });
        self.served += 1;
    }

    fn act(&mut self, index: usize) {
        let now = self.moment();
        let replica = &mut self.replicas[index];
        // As in the program: each step begins with reading, and what is too old is thrown away.
        // One write is finished before the next look.
        if replica.written.is_some() {
            return;
        }
        let (Some(secret), Some(bundles), true) = (
            replica.secret.take(),
            replica.bundles.take(),
            replica.confirmed,
        ) else {
            return;
        };
        let delay = LIFETIMES.trust_delay.as_secs();
        if self.clock - replica.since > delay {
            return;
        }
        let stored = secret.1.clone();
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
                let versions = bundles.map(|(version, _)| version);
                replica.written = Some((self.clock, Write::Bundles(versions, authorities)));
            }
            Step::Store(stored) => {
                replica.written = Some((self.clock, Write::Secret(Box::new((secret, stored)))));
            }
            Step::StoreWithNew(mut stored) => {
                if self.minted < u8::MAX {
                    self.minted += 1;
                    stored.next = Some(Authority::from_parts(
                        vec![self.minted],
                        Some("key".to_owned()),
                        now.wall - 60,
                        now.wall + 180,
                    ));
                    replica.written = Some((self.clock, Write::Secret(Box::new((secret, stored)))));
                }
            }
            Step::Serve(issuer) => {
                let not_after = issuer.not_after.min(now.wall + 60);
                replica.memory.serve(ServedCertificate {
                    issuer: issuer.without_key(),
                    not_before: now.wall - 60,
                    not_after,
                });
                self.served += 1;
            }
        }
    }

    /// A call has its timeout, which is no longer than the delay by default.
    fn land(&mut self, index: usize) {
        let delay = LIFETIMES.trust_delay.as_secs();
        match self.replicas[index].written.take() {
            Some((since, _)) if self.clock - since > delay => {}
            Some((_, Write::Bundles(versions, authorities))) => {
                for (index, version) in versions.into_iter().enumerate() {
                    if self.bundles[index].0 == version {
                        self.bundles[index] = (version + 1, authorities.clone());
                        self.history[index].push((self.clock, authorities.clone()));
                    }
                }
            }
            Some((_, Write::Secret(write))) => {
                let (read, stored) = *write;
                if same(&read, &self.secret) {
                    self.secret = (self.secret.0 + 1, stored);
                }
            }
            None => {}
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

    /// Which bundles hold the foreign authority, by its `der`.
    fn infected(&self) -> Vec<usize> {
        let foreign = |authorities: &[Authority]| authorities.iter().any(|one| one.der() == [0, 0]);
        (0..BUNDLES)
            .filter(|&index| foreign(&self.bundles[index].1))
            .collect()
    }

    /// All replicas look and act in turn, undisturbed, until none has anything to do.
    fn settle(&mut self) {
        for _ in 0..40 {
            for replica in 0..REPLICAS {
                for event in [
                    Event::ReadSecret(replica),
                    Event::ReadBundles(replica),
                    Event::ReadSecretAgain(replica),
                    Event::Act(replica),
                    Event::Land(replica),
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
    fn once_disturbances_end_every_replica_serves(events in prop::collection::vec(event(), 0..200)) {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn while_the_secret_is_whole_a_foreign_authority_stays_where_it_was_put_until_it_is_taken_out(
        events in prop::collection::vec(harmless_event(), 0..300),
    ) {
        let mut world = World::new();
        world.settle();
        let mut allowed = Vec::new();
        for event in &events {
            world.play(event);
            if let Event::AddForeign(index) = event {
                allowed.push(*index);
            }
            allowed.retain(|index| world.infected().contains(index));
            prop_assert!(world.infected().iter().all(|index| allowed.contains(index)));
            prop_assert!(world.secret.1.trusted().all(|one| one.der() != [0, 0]));
            world.check()?;
        }
        world.settle();
        prop_assert_eq!(world.infected(), [0; 0]);
    }
}

/// The property would be empty if nothing were ever served.
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

/// The Secret is read before a new authority is in it, the bundles after that, and the write that follows is slow.
#[test]
fn a_replica_that_looks_while_an_authority_is_introduced_does_not_take_it_out() {
    let mut world = World::new();
    world.settle();
    world.play(&Event::Wait(85));
    world.play(&Event::ReadSecret(0));
    let step = |world: &mut World| {
        for event in [
            Event::ReadSecret(1),
            Event::ReadBundles(1),
            Event::ReadSecretAgain(1),
            Event::Act(1),
            Event::Land(1),
        ] {
            world.play(&event);
        }
    };
    for _ in 0..3 {
        step(&mut world);
    }
    let introduced = world.secret.1.next.clone().expect("a new authority");
    assert!(
        world.bundles[0]
            .1
            .iter()
            .any(|one| one.der() == introduced.der())
    );
    for event in [
        Event::ReadBundles(0),
        Event::ReadSecretAgain(0),
        Event::Act(0),
        Event::Wait(5),
    ] {
        world.play(&event);
    }
    for _ in 0..2 {
        step(&mut world);
    }
    let serving = world.replicas[1].memory.serving().unwrap();
    assert_eq!(serving.issuer.der(), introduced.der());
    world.play(&Event::Land(0));
    world.check().unwrap();
}
