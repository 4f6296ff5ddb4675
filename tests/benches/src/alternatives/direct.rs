//! From a request's headers to a verified user, without a server around.

use auth_runtime::codec::{RequestCookies, Timestamp};
use http::HeaderMap;

use super::{input, jsonwebtoken, private_cookie_jar};
use crate::figure::Figure;
use crate::rounds::{self, Contestant};
use crate::session::{self, Sample};

/// One way to authenticate a request.
pub(super) struct Direct {
    pub(super) name: &'static str,
    pub(super) valid: HeaderMap,
    pub(super) tampered: HeaderMap,
    pub(super) authenticate: Authenticate,
}

/// Gives the length of the user's `sub`, so that it has to be read.
pub(super) type Authenticate = Box<dyn Fn(&HeaderMap) -> Option<usize>>;

/// Measures ours beside each of the others.
pub(super) fn run(sample: &Sample, rounds: usize) {
    let ours = ours(sample);
    let others =
        [private_cookie_jar::direct(sample), jsonwebtoken::rs256(sample), jsonwebtoken::es256(sample)];
    let everybody = || std::iter::once(&ours).chain(&others);
    everybody().for_each(|direct| direct.check(&input::sub(sample)));
    let contestants = everybody()
        .map(|direct| Contestant::new(direct.name, || (direct.authenticate)(&direct.valid)))
        .collect();
    let medians = rounds::run(rounds, contestants);
    for other in &others {
        let name = format!("authenticate/alternative[{}]", other.name);
        let (ours, theirs) = (medians.nanoseconds(ours.name), medians.nanoseconds(other.name));
        Figure::of(name, "ns", ours, theirs, rounds).print();
    }
}

impl Direct {
    fn check(&self, sub: &str) {
        assert_eq!((self.authenticate)(&self.valid), Some(sub.len()), "{} refuses what is valid", self.name);
        assert_eq!((self.authenticate)(&self.tampered), None, "{} accepts what is not", self.name);
    }
}

/// The others all end with a `sub`, so ours does too.
fn ours(sample: &Sample) -> Direct {
    let (codec, now) = (session::codec(), Timestamp::now());
    Direct {
        name: "ours",
        valid: sample.headers(),
        tampered: session::headers(&sample.garbage()),
        authenticate: Box::new(move |headers| {
            let session = codec.read(&RequestCookies::of_request(headers, codec.cookie_name()), now).ok()?;
            Some(session.user().sub().len())
        }),
    }
}
