//! Interleaved rounds: in each one everybody has a turn, so that a disturbed moment disturbs all.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// What takes part: a name, and what is done once.
pub struct Contestant<'c> {
    name: String,
    once: Box<dyn FnMut() + 'c>,
}

impl<'c> Contestant<'c> {
    /// `once` is repeated; what it gives is dropped within the time.
    pub fn new<T>(name: impl Into<String>, mut once: impl FnMut() -> T + 'c) -> Self {
        Self { name: name.into(), once: Box::new(move || drop(black_box(once()))) }
    }
}

/// The median time of each contestant, in the order given.
pub struct Medians(Vec<(String, f64)>);

impl Medians {
    /// The nanoseconds that one repetition took.
    pub fn nanoseconds(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.unwrap_or_else(|| panic!("nobody called {name} took part")).1
    }
}

/// Lets the contestants take turns, `rounds` times. A turn is as many repetitions as take about `TURN`.
pub fn run(rounds: usize, mut contestants: Vec<Contestant<'_>>) -> Medians {
    let repetitions: Vec<u32> = contestants.iter_mut().map(calibrate).collect();
    let mut times = vec![Vec::with_capacity(rounds); contestants.len()];
    for _ in 0..rounds {
        for ((contestant, repetitions), times) in contestants.iter_mut().zip(&repetitions).zip(&mut times) {
            times.push(turn(contestant, *repetitions).as_secs_f64() * 1e9 / f64::from(*repetitions));
        }
    }
    Medians(
        contestants
            .into_iter()
            .map(|contestant| contestant.name)
            .zip(times.into_iter().map(median))
            .collect(),
    )
}

fn calibrate(contestant: &mut Contestant<'_>) -> u32 {
    let mut repetitions = 1;
    loop {
        let time = turn(contestant, repetitions);
        if time >= TURN || repetitions >= 1 << 24 {
            return repetitions;
        }
        repetitions *= 2;
    }
}

fn turn(contestant: &mut Contestant<'_>, repetitions: u32) -> Duration {
    let started = Instant::now();
    for _ in 0..repetitions {
        (contestant.once)();
    }
    started.elapsed()
}

/// The middle one; zero for none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Long beside a timer's resolution, short beside what disturbs a machine.
const TURN: Duration = Duration::from_millis(1);
