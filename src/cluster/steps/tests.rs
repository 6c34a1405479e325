//! One replica, step by step.

use std::time::Duration;

use rstest::rstest;

use super::{Memory, Moment, Seen, ServedCertificate, Step, Trusted};
use crate::cluster::Lifetimes;
use crate::cluster::authority::Authority;
use crate::cluster::stored::StoredCa;

const START: i64 = 1_800_000_000;

const LIFETIMES: Lifetimes = Lifetimes {
    authority: Duration::from_secs(900),
    leaf: Duration::from_secs(120),
    sync_interval: Duration::from_secs(5),
    trust_delay: Duration::from_secs(10),
};

/// Made `age` seconds before the start.
fn authority(id: u8, age: i64) -> Authority {
    let made = START - age;
    Authority::from_parts(vec![id], Some("key".to_owned()), made - 60, made + 900)
}

fn at(seconds: u64) -> Moment {
    Moment {
        wall: START + i64::try_from(seconds).unwrap(),
        steady: Duration::from_secs(seconds),
    }
}

fn trusted(authorities: &[&Authority]) -> Trusted {
    Trusted {
        authorities: authorities.iter().map(|one| one.without_key()).collect(),
        pure: true,
    }
}

fn seen(stored: StoredCa, bundles: &[&[&Authority]]) -> Seen {
    Seen {
        stored,
        bundles: bundles.iter().map(|bundle| trusted(bundle)).collect(),
    }
}

fn active(active: &Authority) -> StoredCa {
    StoredCa {
        active: Some(active.clone()),
        ..StoredCa::default()
    }
}

fn with_next(before: Option<&Authority>, next: &Authority) -> StoredCa {
    StoredCa {
        active: before.cloned(),
        next: Some(next.clone()),
        ..StoredCa::default()
    }
}

/// A replica that serves a fresh certificate of `issuer`.
fn serving(issuer: &Authority) -> Memory {
    let mut memory = Memory::new(LIFETIMES);
    memory.serve(ServedCertificate {
        issuer: issuer.without_key(),
        not_before: START - 60,
        not_after: START + 120,
    });
    memory
}

#[test]
fn a_first_start_publishes_waits_promotes_and_serves() {
    let new = authority(1, 0);
    let mut memory = Memory::new(LIFETIMES);
    let nothing = seen(StoredCa::missing(), &[&[], &[]]);
    assert_eq!(
        memory.next_step(&nothing, at(0)),
        Step::StoreWithNew(StoredCa::default())
    );

    let unpublished = seen(with_next(None, &new), &[&[], &[]]);
    let publish = Step::Trust(vec![new.without_key()]);
    assert_eq!(memory.next_step(&unpublished, at(0)), publish);
    let half = seen(with_next(None, &new), &[&[&new], &[]]);
    assert_eq!(memory.next_step(&half, at(1)), publish);

    let published = seen(with_next(None, &new), &[&[&new], &[&new]]);
    assert_eq!(memory.next_step(&published, at(2)), Step::Rest);
    assert_eq!(memory.next_step(&published, at(11)), Step::Rest);
    let promoted = active(&new);
    assert_eq!(
        memory.next_step(&published, at(12)),
        Step::Store(promoted.clone())
    );

    let promoted = seen(promoted, &[&[&new], &[&new]]);
    assert_eq!(
        memory.next_step(&promoted, at(12)),
        Step::Serve(new.clone())
    );
    memory.serve(ServedCertificate {
        issuer: new,
        not_before: START,
        not_after: START + 132,
    });
    assert_eq!(memory.next_step(&promoted, at(12)), Step::Rest);
}

#[test]
fn a_rotation_trusts_first_and_keeps_the_old_one_until_it_has_expired() {
    let (old, new) = (authority(1, 600), authority(2, 0));
    let mut memory = serving(&old);
    let due = seen(active(&old), &[&[&old]]);
    assert_eq!(
        memory.next_step(&due, at(0)),
        Step::StoreWithNew(active(&old))
    );

    let both = [&old, &new];
    let unpublished = seen(with_next(Some(&old), &new), &[&[&old]]);
    assert_eq!(
        memory.next_step(&unpublished, at(0)),
        Step::Trust(both.map(Authority::without_key).into())
    );
    let published = seen(with_next(Some(&old), &new), &[&both]);
    assert_eq!(memory.next_step(&published, at(1)), Step::Rest);
    let promoted = StoredCa {
        old: vec![old.without_key()],
        ..active(&new)
    };
    assert_eq!(
        memory.next_step(&published, at(11)),
        Step::Store(promoted.clone())
    );
    let promoted = seen(promoted, &[&both]);
    assert_eq!(
        memory.next_step(&promoted, at(11)),
        Step::Serve(new.clone())
    );
    memory.serve(ServedCertificate {
        issuer: new.without_key(),
        not_before: START,
        not_after: START + 500,
    });

    // The old one expires 300 s after the start; the delay more is for clocks that differ.
    assert_eq!(memory.next_step(&promoted, at(309)), Step::Rest);
    assert_eq!(
        memory.next_step(&promoted, at(310)),
        Step::Trust(vec![new.without_key()])
    );
    let untrusted = seen(promoted.stored, &[&[&new]]);
    assert_eq!(
        memory.next_step(&untrusted, at(310)),
        Step::Store(active(&new))
    );
}

#[test]
fn a_replica_that_comes_later_serves_at_once() {
    let one = authority(1, 0);
    let ready = seen(active(&one), &[&[&one]]);
    assert_eq!(
        Memory::new(LIFETIMES).next_step(&ready, at(0)),
        Step::Serve(one)
    );
}

#[test]
fn what_was_not_trusted_a_moment_ago_is_not_served_yet() {
    let restored = authority(1, 0);
    let mut memory = Memory::new(LIFETIMES);
    let lacking = seen(active(&restored), &[&[]]);
    assert_eq!(
        memory.next_step(&lacking, at(0)),
        Step::Trust(vec![restored.without_key()])
    );
    let repaired = seen(active(&restored), &[&[&restored]]);
    assert_eq!(memory.next_step(&repaired, at(1)), Step::Rest);
    assert_eq!(memory.next_step(&repaired, at(11)), Step::Serve(restored));
}

#[rstest]
#[case::emptied(Trusted { pure: true, ..Trusted::default() })]
#[case::overwritten(Trusted::default())]
#[case::foreign_added(Trusted { pure: false, ..trusted(&[&authority(1, 0)]) })]
fn a_bundle_that_another_client_changed_is_restored(#[case] bundle: Trusted) {
    let one = authority(1, 0);
    let mut memory = serving(&one);
    let mut changed = seen(active(&one), &[&[&one]]);
    assert_eq!(memory.next_step(&changed, at(0)), Step::Rest);
    changed.bundles.push(bundle);
    assert_eq!(
        memory.next_step(&changed, at(1)),
        Step::Trust(vec![one.without_key()])
    );
}

/// Deleted, emptied, without the key: what is served stays trusted while a new authority is created.
#[rstest]
#[case::deleted(StoredCa::missing())]
#[case::emptied(StoredCa::default())]
#[case::without_key(StoredCa { old: vec![authority(1, 0).without_key()], ..StoredCa::missing() })]
fn a_broken_secret_is_replaced_and_nothing_loses_trust(#[case] broken: StoredCa) {
    let one = authority(1, 0);
    let kept = StoredCa {
        old: vec![one.without_key()],
        ..StoredCa::default()
    };
    let broken = seen(broken, &[&[&one]]);
    // Also by a replica that has never seen the Secret: others serve what the bundles trust.
    for mut memory in [serving(&one), Memory::new(LIFETIMES)] {
        assert_eq!(
            memory.next_step(&broken, at(0)),
            Step::StoreWithNew(kept.clone())
        );
    }
    let new = authority(2, 0);
    let replaced = StoredCa {
        next: Some(new.clone()),
        ..kept
    };
    let mut memory = serving(&one);
    let published = seen(replaced, &[&[&one, &new]]);
    assert_eq!(memory.next_step(&published, at(1)), Step::Rest);
    assert!(matches!(
        memory.next_step(&published, at(11)),
        Step::Store(_)
    ));
}

/// Neither into the other bundles nor into the Secret, however much it looks like ours.
#[test]
fn an_authority_that_a_whole_secret_does_not_have_is_taken_out_again() {
    let (one, foreign) = (authority(1, 0), authority(9, 0));
    let right = Step::Trust(vec![one.without_key()]);
    let changed = seen(active(&one), &[&[&one, &foreign], &[&one]]);
    assert_eq!(serving(&one).next_step(&changed, at(0)), right);
    let mut new_replica = Memory::new(LIFETIMES);
    assert_eq!(new_replica.next_step(&changed, at(0)), right);
    // Not even while the first certificate authority is only trusted yet.
    let starting = seen(with_next(None, &one), &[&[&one, &foreign], &[&one]]);
    assert_eq!(Memory::new(LIFETIMES).next_step(&starting, at(0)), right);
}

/// The lifetime of a certificate authority is 900 s.
#[rstest]
#[case::ours(0, 900, true)]
#[case::nearly_expired(-800, 5, true)]
#[case::expired(-1000, -100, false)]
#[case::not_valid_yet(60, 900, false)]
#[case::made_a_moment_ahead_of_this_clock(-3600, 900, true)]
#[case::longer_than_we_make_any(-3600, 4501, false)]
#[case::far_longer(0, 10 * 365 * 86_400, false)]
fn a_lost_secret_gets_back_only_what_a_replica_can_have_made(
    #[case] not_before: i64,
    #[case] not_after: i64,
    #[case] kept: bool,
) {
    let found = Authority::from_parts(vec![9], None, START + not_before, START + not_after);
    let lost = seen(StoredCa::missing(), &[&[&found], &[&found]]);
    let step = match Memory::new(LIFETIMES).next_step(&lost, at(0)) {
        // What has been empty of ours is written first, where there is something to write.
        Step::Trust(bundle) => {
            assert!(kept && bundle == [found.clone()]);
            return;
        }
        step => step,
    };
    let old = if kept { vec![found] } else { Vec::new() };
    let expected = StoredCa {
        old,
        ..StoredCa::default()
    };
    assert_eq!(step, Step::StoreWithNew(expected));
}

#[test]
fn a_certificate_is_renewed_when_a_third_is_left() {
    let one = authority(1, 0);
    let mut memory = serving(&one);
    let quiet = seen(active(&one), &[&[&one]]);
    assert_eq!(memory.next_step(&quiet, at(79)), Step::Rest);
    assert_eq!(memory.next_step(&quiet, at(80)), Step::Serve(one));
}

#[rstest]
#[case::not_yet(79, false)]
#[case::a_third_is_left(80, true)]
#[case::expired(500, true)]
#[case::with_its_authority(901, false)]
fn what_is_served_is_renewed_while_nothing_can_be_seen(#[case] seconds: u64, #[case] due: bool) {
    let one = authority(1, 0);
    let memory = serving(&one);
    let renewing = memory.renews_unseen(at(seconds));
    assert_eq!(renewing.is_some(), due);
    assert_eq!(Memory::new(LIFETIMES).renews_unseen(at(seconds)), None);
}

/// The steady clock stands still in a suspended machine; certificates expire all the same.
#[rstest]
#[case::a_leaf_later(100, "serve")]
#[case::near_the_end_of_the_authority(650, "mint")]
#[case::behind_the_end_of_everything(5_000, "mint")]
#[case::back_before_the_beginning(-100, "mint")]
fn a_wall_clock_that_jumps_is_followed(#[case] jump: i64, #[case] expected: &str) {
    let one = authority(1, 0);
    let mut memory = serving(&one);
    let quiet = seen(active(&one), &[&[&one]]);
    assert_eq!(memory.next_step(&quiet, at(0)), Step::Rest);
    let mut jumped = at(0);
    jumped.wall += jump;
    let mut step = memory.next_step(&quiet, jumped);
    if let Step::Trust(bundle) = &step {
        assert!(bundle.is_empty());
        step = memory.next_step(&seen(active(&one), &[&[]]), jumped);
    }
    match expected {
        "serve" => assert_eq!(step, Step::Serve(one)),
        _ => assert!(matches!(step, Step::StoreWithNew(_)), "{step:?}"),
    }
}

#[test]
fn an_authority_that_is_about_to_expire_is_not_reissued_from_again_and_again() {
    let old = authority(1, 880);
    let mut memory = Memory::new(LIFETIMES);
    memory.serve(ServedCertificate {
        issuer: old.without_key(),
        not_before: START - 60,
        not_after: old.not_after,
    });
    let next = authority(2, 0);
    let stuck = seen(with_next(Some(&old), &next), &[&[&old, &next]]);
    assert_eq!(memory.next_step(&stuck, at(0)), Step::Rest);
}
