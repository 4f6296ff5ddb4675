//! One request, one thread: what reading a session costs, beside the floor; and the other direction.

use auth_runtime::codec::{RequestCookies, SeenNames, SessionDocument, Timestamp};
use http::HeaderMap;

use crate::figure::Figure;
use crate::floor::{self, Floor};
use crate::rounds::{self, Contestant};
use crate::session::{self, SIZES, Sample};

/// The cipher that this build measures.
pub const CIPHER: &str = if cfg!(feature = "aws-lc-rs") { "aws-lc-rs" } else { "aes-gcm" };

/// Measures every size.
pub fn run(rounds: usize) {
    let (mut per_char, mut worst) = (Vec::new(), Option::<Figure>::None);
    for (size, chars) in SIZES {
        let OneSize { authenticate, reject } = one_size(size, chars, rounds);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        per_char.push((size, authenticate / chars as f64));
        if worst.as_ref().is_none_or(|worst| reject.ratio > worst.ratio) {
            worst = Some(reject);
        }
    }
    let of = |size| per_char.iter().find(|(other, _)| *other == size).expect("it was measured").1;
    Figure::of(named("authenticate/growth"), "ns per character", of("36kB"), of("3kB"), rounds).print();
    let worst = worst.expect("there are sizes");
    Figure { name: named("reject/authenticate"), ..worst }.print();
}

/// The default cipher needs no mention.
fn named(name: &str) -> String {
    if cfg!(feature = "aws-lc-rs") { format!("{name}[{CIPHER}]") } else { name.to_owned() }
}

struct OneSize {
    authenticate: f64,
    reject: Figure,
}

fn one_size(size: &str, chars: usize, rounds: usize) -> OneSize {
    let codec = session::codec();
    let now = Timestamp::now();
    let sample = Sample::of(chars);
    let headers = sample.headers();
    let garbage = session::headers(&sample.garbage());
    let floor = Floor::new(&floor::key(session::SECRET), &sample.sealed);
    let document = SessionDocument::parse(sample.json.as_str()).expect("a session");
    let seen = SeenNames::default();
    let read =
        |headers: &HeaderMap| codec.read(&RequestCookies::of_request(headers, codec.cookie_name()), now);
    assert!(read(&headers).is_ok() && read(&garbage).is_err());
    let medians = rounds::run(
        rounds,
        vec![
            Contestant::new("authenticate", || read(&headers)),
            Contestant::new("floor", || floor.run()),
            Contestant::new("user", || read(&headers).map(|session| session.user().sub().len())),
            Contestant::new("reject", || read(&garbage)),
            Contestant::new("seal", || codec.write(&document, &[], &seen, now)),
            Contestant::new("floor of seal", || floor.seal(&sample.json)),
        ],
    );
    let figure = |name: &str, ours, other| {
        let (ours, other) = (medians.nanoseconds(ours), medians.nanoseconds(other));
        let figure = Figure::of(format!("{name}[{CIPHER},{size}]"), "ns", ours, other, rounds);
        figure.print();
        figure
    };
    figure("authenticate/floor", "authenticate", "floor");
    figure("user/floor", "user", "floor");
    figure("seal/floor", "seal", "floor of seal");
    let reject = figure("reject/authenticate", "reject", "authenticate");
    OneSize { authenticate: medians.nanoseconds("authenticate"), reject }
}

/// Reads one session over and over, for a profiler.
pub fn profile(chars: usize, repetitions: u64) {
    let (codec, headers, now) = (session::codec(), Sample::of(chars).headers(), Timestamp::now());
    for _ in 0..repetitions {
        let session = codec.read(&RequestCookies::of_request(&headers, codec.cookie_name()), now);
        std::hint::black_box(session).expect("a session");
    }
}
