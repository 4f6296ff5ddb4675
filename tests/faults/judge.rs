//! The rules that hold whatever is faulty.

use auth_tests::Answer;
use http::StatusCode;
use http::header::{CACHE_CONTROL, SET_COOKIE};

use crate::raw::MARKER;
use crate::table::Outcome;
use crate::upstream::{CLIENT_SECRET, Endpoint, Upstream};

/// What has arrived where, at one moment.
pub(crate) struct Traffic {
    requests: [usize; 5],
    flooded: [usize; 5],
    astray: usize,
}

impl Traffic {
    pub(crate) fn of(upstream: &Upstream) -> Self {
        let requests = Endpoint::ALL.map(|endpoint| upstream.front(endpoint).requests());
        let flooded = Endpoint::ALL.map(|endpoint| upstream.front(endpoint).flooded());
        Self { requests, flooded, astray: upstream.front(Endpoint::Elsewhere).connections() }
    }

    /// How many requests have arrived since.
    pub(crate) fn requests(&self, upstream: &Upstream, endpoint: Endpoint) -> usize {
        upstream.front(endpoint).requests() - self.requests[endpoint as usize]
    }

    /// What must not have been sent since.
    pub(crate) fn problems(&self, upstream: &Upstream, problems: &mut Vec<String>) {
        for (endpoint, most) in
            [(Endpoint::Discovery, 1), (Endpoint::Jwks, 2), (Endpoint::Token, 1), (Endpoint::Revocation, 1)]
        {
            let requests = self.requests(upstream, endpoint);
            if requests > most {
                problems.push(format!("{requests} requests to {}", endpoint.name()));
            }
        }
        if upstream.front(Endpoint::Elsewhere).connections() > self.astray {
            problems.push("went elsewhere".to_owned());
        }
        for endpoint in Endpoint::ALL {
            let flooded = upstream.front(endpoint).flooded() - self.flooded[endpoint as usize];
            if flooded > MAX_FLOOD {
                problems.push(format!("{flooded} bytes taken from {}", endpoint.name()));
            }
        }
    }
}

/// What a client may see of a request that came to `expected`.
pub(crate) fn answer_problems(answer: &Answer, expected: Outcome, problems: &mut Vec<String>) {
    status_problem(answer, expected, problems);
    if expected != Outcome::Fine && answer.set_cookies().any(|line| line.starts_with("__session")) {
        problems.push("the session's cookie was touched".to_owned());
    }
    inside_problems(answer, problems);
}

/// The status, where it is a redirect when all is well.
pub(crate) fn status_problem(answer: &Answer, expected: Outcome, problems: &mut Vec<String>) {
    let status = match expected {
        Outcome::Fine => StatusCode::SEE_OTHER,
        Outcome::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Outcome::Nonsense => StatusCode::BAD_GATEWAY,
        Outcome::Refused => StatusCode::BAD_REQUEST,
        Outcome::TooLarge => StatusCode::INTERNAL_SERVER_ERROR,
    };
    if answer.status != status {
        problems.push(format!("{} instead of {status}: {:.120}", answer.status, answer.body));
    }
}

/// What no answer may show or lack.
pub(crate) fn inside_problems(answer: &Answer, problems: &mut Vec<String>) {
    let cache = answer.headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !cache.contains("no-store") {
        problems.push(format!("cacheable: {cache:?}"));
    }
    if answer.body.len() > 16_384 {
        problems.push(format!("a body of {} bytes", answer.body.len()));
    }
    let mut others = answer.headers.clone();
    others.remove(SET_COOKIE);
    let (all, others) = (format!("{:?}", answer.headers), format!("{others:?}"));
    for inside in [MARKER, CLIENT_SECRET, "hyper", "reqwest", "serde", "panic", "127.0.0.1", "169.254"] {
        // A sealed cookie is random text, in which any short word can occur.
        let headers = if inside.len() > 10 { &all } else { &others };
        if answer.body.contains(inside) || (inside != "127.0.0.1" && headers.contains(inside)) {
            problems.push(format!("the client is shown `{inside}`"));
        }
    }
}

/// As much as fits into the buffers of two sockets on a large machine, and far less than is on offer.
const MAX_FLOOD: usize = 24 * 1024 * 1024;
