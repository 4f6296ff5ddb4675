//! Every order of events among instances that share a store, up to a number of faults: the exchange's own machine, against
//! a store, a provider that rotates strictly, and a clock that are made up.
//!
//! Worlds are explored breadth first, and a world that was seen is not explored again. Each one has to keep the
//! [invariants](World::check).

mod steps;
mod world;

use std::collections::{HashSet, VecDeque};

use self::world::{Event, World};

/// The number of instances, and what goes wrong.
#[derive(Clone, Debug)]
struct Setting {
    /// For each instance how far its clock is ahead, in seconds.
    clocks: Vec<u64>,
    /// For each instance the audience that it wants a token for.
    audiences: Vec<&'static str>,
    /// The number of faults in all.
    faults: u8,
    /// The user signs out at some moment.
    signs_out: bool,
    /// The tick at which time stops. A lease lasts for three ticks.
    ticks: u8,
}

/// Explores all worlds, and returns how many there are, and how many of them are ends.
fn explore(setting: &Setting) -> (usize, usize) {
    let first = World::new(setting);
    let mut seen = HashSet::from([hash(&first)]);
    // For each world the one that it came from, and by which event: the way to a fault is printed.
    let mut ways: Vec<(usize, Option<Event>)> = vec![(0, None)];
    let mut queue = VecDeque::from([(0, first)]);
    let mut ends = 0;
    while let Some((number, world)) = queue.pop_front() {
        let mut fault = world.check(setting);
        if world.is_at_its_end() {
            ends += 1;
            fault = fault.and_then(|()| world.check_end(setting));
        }
        if let Err(fault) = fault {
            let mut way = Vec::new();
            let mut at = number;
            while let (before, Some(event)) = ways[at] {
                way.push(event);
                at = before;
            }
            way.reverse();
            panic!("{fault}\n{setting:?}\n{way:?}\n{}", world.describe());
        }
        for event in world.events(setting) {
            let next = world.clone().after(event, setting);
            if seen.insert(hash(&next)) {
                ways.push((number, Some(event)));
                queue.push_back((ways.len() - 1, next));
            }
        }
    }
    (seen.len(), ends)
}

/// A fingerprint of 128 bits: worlds by the million are not kept as texts.
fn hash(world: &World) -> [u8; 16] {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(world.describe());
    std::array::from_fn(|at| digest[at])
}

fn setting(clocks: &[u64], audiences: &[&'static str], faults: u8, signs_out: bool, ticks: u8) -> Setting {
    Setting { clocks: clocks.to_vec(), audiences: audiences.to_vec(), faults, signs_out, ticks }
}

#[test]
fn race_05_whatever_happens_between_instances_no_token_is_sent_twice_and_none_is_lost() {
    let settings = [
        setting(&[0, 3_600], &["a", "a"], 1, false, 4),
        setting(&[3_600, 0], &["a", "b"], 1, false, 3),
        setting(&[0, 0], &["a", "a"], 0, true, 4),
        setting(&[0, 3_600, 1], &["a", "b", "a"], 0, false, 2),
    ];
    for setting in settings {
        let (worlds, ends) = explore(&setting);
        println!("{setting:?}: {worlds} worlds, {ends} ends");
        assert!(worlds > 1_000 && ends > 10, "{setting:?}: {worlds} worlds, {ends} ends");
    }
}

#[test]
#[ignore = "takes minutes: cargo test --release -p auth-runtime --features testing --lib exploration -- --ignored --nocapture"]
fn race_05_the_same_with_more_faults_and_more_instances() {
    for (instances, faults, ticks) in [(2, 1, 6), (2, 2, 5), (3, 0, 5), (3, 1, 3)] {
        for clocks in [[0, 0, 0], [0, 3_600, 1], [3_600, 0, 1]] {
            for audiences in [["a", "a", "a"], ["a", "b", "a"]] {
                for signs_out in [false, true] {
                    let (clocks, audiences) = (&clocks[..instances], &audiences[..instances]);
                    let setting = setting(clocks, audiences, faults, signs_out, ticks);
                    let (worlds, ends) = explore(&setting);
                    println!("{setting:?}: {worlds} worlds, {ends} ends");
                }
            }
        }
    }
}
