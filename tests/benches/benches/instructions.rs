//! What is counted under valgrind: one request's work with a session, for every size. `src/instructions.rs`
//! compares the counts.
//!
//! All input is made before counting starts. It is sealed with a random IV and at the present time, which
//! moves no count: the ciphers don't branch on data, and no number in the JSON changes its length.

use std::hint::black_box;

use auth_benches::session::{self, Sample};
use auth_runtime::Session;
use auth_runtime::codec::{RequestCookies, SeenNames, SessionCodec, SessionDocument, Timestamp};
use gungraun::{library_benchmark, library_benchmark_group, main};
use http::HeaderMap;

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

// The group is named for the cipher, so that each has a folder of its own for what callgrind writes.
#[cfg(not(feature = "aws-lc-rs"))]
library_benchmark_group!(name = aes_gcm, benchmarks = [authenticate, user, reject, seal]);
#[cfg(not(feature = "aws-lc-rs"))]
main!(library_benchmark_groups = aes_gcm);

#[cfg(feature = "aws-lc-rs")]
library_benchmark_group!(name = aws_lc_rs, benchmarks = [authenticate, user, reject, seal]);
#[cfg(feature = "aws-lc-rs")]
main!(library_benchmark_groups = aws_lc_rs);
