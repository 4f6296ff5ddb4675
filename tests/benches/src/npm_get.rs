//! What reading a session costs here, beside the npm package's `get` of the same cookies.

use std::hint::black_box;
use std::time::Instant;

use auth_runtime::codec::{RequestCookies, Timestamp};

use crate::figure::Figure;
use crate::one_core;
use crate::peers::Get;
use crate::rounds::median;
use crate::session::{self, Sample};

/// Lets the two take turns on one core.
///
/// # Panics
///
/// What is measured does not work.
pub fn run(rounds: usize) {
    let sample = Sample::of(CHARS);
    let (codec, headers, now) = (session::codec(), sample.headers(), Timestamp::now());
    let read = || codec.read(&RequestCookies::of_request(&headers, codec.cookie_name()), now);
    assert!(read().is_ok());
    one_core::stay();
    let mut peer = Get::start(&sample.header);
    let mut turns = || (turn(OURS, || drop(black_box(read()))), peer.nanoseconds(THEIRS));
    // Not counted: the other side warms up, and so do we.
    turns();
    let (ours, theirs) = (0..rounds).map(|_| turns()).unzip();
    Figure::times_faster("npm-get/authenticate", "ns", median(ours), median(theirs), rounds).print();
}

/// The nanoseconds that each of the repetitions took.
fn turn(repetitions: u32, mut once: impl FnMut()) -> f64 {
    let started = Instant::now();
    for _ in 0..repetitions {
        once();
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(repetitions)
}

/// The length of the sealed value: a session with one access token.
const CHARS: usize = 1_200;
/// The repetitions in a turn, so that either side's takes some milliseconds.
const OURS: u32 = 2_000;
const THEIRS: u32 = 100;
