//! What is counted under valgrind: one request's work with a session, for every size; the refusal of every kind of garbage,
//! beside the least that it takes; and whole requests through a router. `src/instructions.rs` compares the counts.
//!
//! All input is made before counting starts. It is sealed with a random IV and at the present time, which
//! moves no count: the ciphers don't branch on data, and no number in the JSON changes its length.

use std::hint::black_box;

use auth_benches::least::Least;
use auth_benches::session::{self, Sample};
use auth_benches::{app, garbage as kinds};
use auth_runtime::Session;
use auth_runtime::codec::{RequestCookies, SeenNames, SessionCodec, SessionDocument, Timestamp};
use axum::Router;
use axum::body::Body;
use gungraun::{library_benchmark, library_benchmark_group, main};
use http::header::COOKIE;
use http::{HeaderMap, Request, StatusCode};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

struct Case {
    codec: SessionCodec,
    now: Timestamp,
    headers: HeaderMap,
    garbage: HeaderMap,
    document: SessionDocument,
    seen: SeenNames,
}

impl Case {
    /// It lives as long as the process, so that dropping it is not counted.
    fn of(chars: usize) -> &'static Self {
        let sample = Sample::of(chars);
        let case = Self {
            codec: session::codec(),
            now: Timestamp::now(),
            headers: sample.headers(),
            garbage: session::headers(&sample.garbage()),
            document: SessionDocument::parse(sample.json.as_str()).expect("a session"),
            seen: SeenNames::default(),
        };
        // Whatever is done once per process, such as asking what the processor can do, is done here.
        assert!(case.read(&case.headers).is_some() && case.read(&case.garbage).is_none());
        Box::leak(Box::new(case))
    }

    fn read(&self, headers: &HeaderMap) -> Option<Session> {
        let cookies = RequestCookies::of_request(headers, self.codec.cookie_name());
        self.codec.read(&cookies, self.now).ok()
    }
}

// What a function makes it also drops: wiping is a part of the cost.

#[library_benchmark(setup = Case::of)]
#[bench::of_1kb(1_000)]
#[bench::of_3kb(3_000)]
#[bench::of_9kb(9_000)]
#[bench::of_36kb(36_000)]
fn authenticate(case: &'static Case) {
    drop(black_box(case.read(&case.headers)));
}

#[library_benchmark(setup = Case::of)]
#[bench::of_1kb(1_000)]
#[bench::of_3kb(3_000)]
#[bench::of_9kb(9_000)]
#[bench::of_36kb(36_000)]
fn user(case: &'static Case) {
    let session = case.read(&case.headers);
    black_box(session.map(|session| session.user().sub().len()));
}

#[library_benchmark(setup = Case::of)]
#[bench::of_1kb(1_000)]
#[bench::of_3kb(3_000)]
#[bench::of_9kb(9_000)]
#[bench::of_36kb(36_000)]
fn reject(case: &'static Case) {
    drop(black_box(case.read(&case.garbage)));
}

#[library_benchmark(setup = Case::of)]
#[bench::of_1kb(1_000)]
#[bench::of_3kb(3_000)]
#[bench::of_9kb(9_000)]
#[bench::of_36kb(36_000)]
fn seal(case: &'static Case) {
    let _ = black_box(case.codec.write(&case.document, &[], &case.seen, case.now));
}

/// One kind of garbage.
struct Garbage {
    codec: SessionCodec,
    now: Timestamp,
    headers: HeaderMap,
    least: Least,
}

impl Garbage {
    fn of(kind: &str) -> &'static Self {
        let headers = session::headers(&kinds::cookies(kind));
        let least = Least::of(&headers);
        let garbage = Self { codec: session::codec(), now: Timestamp::now(), headers, least };
        assert!(garbage.read().is_none());
        garbage.least.run(&garbage.headers);
        Box::leak(Box::new(garbage))
    }

    fn read(&self) -> Option<Session> {
        let cookies = RequestCookies::of_request(&self.headers, self.codec.cookie_name());
        self.codec.read(&cookies, self.now).ok()
    }
}

#[library_benchmark(setup = Garbage::of)]
#[bench::algorithm("algorithm")]
#[bench::chunks("chunks")]
#[bench::connections("connections")]
#[bench::duplicates("duplicates")]
#[bench::few("few")]
#[bench::flags("flags")]
#[bench::header("header")]
#[bench::illegal("illegal")]
#[bench::members("members")]
#[bench::others("others")]
#[bench::percent("percent")]
#[bench::percents("percents")]
#[bench::separators("separators")]
#[bench::short("short")]
#[bench::tag("tag")]
#[bench::twins("twins")]
fn garbage(garbage: &'static Garbage) {
    drop(black_box(garbage.read()));
}

// The same bytes, and the least that refusing them takes.
#[library_benchmark(setup = Garbage::of)]
#[bench::algorithm("algorithm")]
#[bench::chunks("chunks")]
#[bench::connections("connections")]
#[bench::duplicates("duplicates")]
#[bench::few("few")]
#[bench::flags("flags")]
#[bench::header("header")]
#[bench::illegal("illegal")]
#[bench::members("members")]
#[bench::others("others")]
#[bench::percent("percent")]
#[bench::percents("percents")]
#[bench::separators("separators")]
#[bench::short("short")]
#[bench::tag("tag")]
#[bench::twins("twins")]
fn floor(garbage: &'static Garbage) {
    black_box(garbage.least.run(&garbage.headers));
}

/// A router, and a request for it.
struct Served {
    runtime: Runtime,
    router: Router,
    request: Request<Body>,
}

impl Served {
    fn of(path: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (router, sample) = (app::router(), Sample::of(1_200));
        let request =
            || Request::get(path).header(COOKIE, &sample.header).body(Body::empty()).expect("a request");
        let served = Self { request: request(), runtime, router };
        // What is made once is made now.
        let first = Self { request: request(), runtime: served.runtime, router: served.router };
        let (runtime, router) = first.answer();
        Self { request: served.request, runtime, router }
    }

    fn answer(self) -> (Runtime, Router) {
        let response = self.runtime.block_on(self.router.clone().oneshot(self.request)).expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        (self.runtime, self.router)
    }
}

// From the router to the answer. What it is given back is not dropped here.
#[library_benchmark(setup = Served::of)]
#[bench::plain(app::PLAIN)]
#[bench::nothing(app::NOTHING)]
#[bench::user(app::USER)]
fn request(served: Served) -> (Runtime, Router) {
    black_box(served.answer())
}

// The group is named for the cipher, so that each has a folder of its own for what callgrind writes.
#[cfg(not(feature = "aws-lc-rs"))]
library_benchmark_group!(
    name = aes_gcm,
    benchmarks = [authenticate, user, reject, seal, garbage, floor, request]
);
#[cfg(not(feature = "aws-lc-rs"))]
main!(library_benchmark_groups = aes_gcm);

#[cfg(feature = "aws-lc-rs")]
library_benchmark_group!(
    name = aws_lc_rs,
    benchmarks = [authenticate, user, reject, seal, garbage, floor, request]
);
#[cfg(feature = "aws-lc-rs")]
main!(library_benchmark_groups = aws_lc_rs);
