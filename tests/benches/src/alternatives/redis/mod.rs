//! Sessions in Redis, beside tower-sessions with its store for it: the same sessions on the same Redis, and servers under load
//! in turns. Each reads a session per request and writes none, which is seen to.
//!
//! The server has one core to itself; `wrk` and Redis share the other one.

mod ours;
mod server;
mod side;
mod theirs;

use std::fs;
use std::path::PathBuf;

use self::server::Redis;
use self::side::Side;
use super::input;
use crate::app::ME;
use crate::figure::Figure;
use crate::peers::Running;
use crate::process::start_serving;
use crate::rounds::median;
use crate::server::{Measured, micros, serve_router};
use crate::session::Sample;
use crate::wrk;

/// Measures both with many connections, and with one, where all that counts is how long one request takes.
///
/// # Panics
///
/// Redis is not installed, or one of the servers does not do what is measured.
pub fn run(rounds: usize, seconds: u64) {
    let redis = Redis::start();
    let contestants = contestants(&redis);
    let mut runs = CONNECTIONS.map(|_| Side::ALL.map(|_| Vec::with_capacity(rounds)));
    for round in 0..rounds {
        for (connections, runs) in CONNECTIONS.into_iter().zip(&mut runs) {
            // Somebody else comes first in each round.
            for place in (0..contestants.len()).map(|place| (place + round) % contestants.len()) {
                runs[place].push(contestants[place].measure(&redis, connections, seconds));
            }
        }
    }
    for (connections, runs) in CONNECTIONS.into_iter().zip(&runs) {
        print(connections, runs);
    }
}

/// Serves one side's application until the process ends: its name, and the port of Redis.
///
/// # Panics
///
/// It is something else.
pub fn serve(arguments: &[String]) {
    let side = arguments.first().and_then(|name| Side::named(name)).expect("the name of a side");
    let port = arguments.get(1).and_then(|port| port.parse().ok()).expect("the port of Redis");
    serve_router(side.router(port));
}

/// A server, and where its users' cookies are.
struct Contestant {
    server: Running,
    cookies: PathBuf,
}

/// A run, and what it cost Redis.
#[derive(Clone, Copy)]
struct Run {
    of_server: Measured,
    /// In microseconds.
    redis_per_request: f64,
}

/// Everybody's users are signed in.
fn contestants(redis: &Redis) -> [Contestant; 3] {
    let sample = Sample::of(CHARS);
    let users: Vec<_> = (0..USERS).map(|number| User::of(&sample, number)).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    Side::ALL.map(|side| {
        let cookies = runtime.block_on(side.sign_in(redis.port(), &sample, &users));
        let file = redis.folder().join(side.name());
        fs::write(&file, cookies.join("\n")).expect("the folder is ours");
        let server = start_serving(&["serve-redis", side.name(), &redis.port().to_string()]);
        server.check(&cookies[0]);
        let contestant = Contestant { server, cookies: file };
        // Everything that is made once is made now.
        contestant.measure(redis, CONNECTIONS[0], 1);
        contestant
    })
}

/// Somebody with a session.
struct User {
    sub: String,
    /// Their session's JSON.
    session: String,
}

impl User {
    /// The sample's session, of somebody else.
    fn of(sample: &Sample, number: usize) -> Self {
        let other = |text: &str| format!("{}{number:04}", &text[..text.len() - 4]);
        let members = input::members(&sample.json);
        let (sub, sid) =
            (input::sub(sample), members["internal"]["sid"].as_str().expect("a session has one"));
        let session = sample.json.replace(&sub, &other(&sub)).replace(sid, &other(sid));
        Self { sub: other(&sub), session }
    }
}

impl Contestant {
    fn measure(&self, redis: &Redis, connections: u32, seconds: u64) -> Run {
        let (counts, cpu) = (redis.counts(), redis.cpu_time());
        let load = || wrk::run_in_turns(&self.server, ME, &self.cookies, connections, seconds);
        let of_server = Measured::during(&self.server, load);
        let (counts, cpu) = (redis.counts().since(&counts), redis.cpu_time().saturating_sub(cpu));
        let load = of_server.load;
        assert_eq!(load.refused, 0, "{load:?}");
        assert!(counts.found >= load.requests, "{load:?}: not each asks Redis");
        assert_eq!(counts.written, 0, "something is written");
        Run { of_server, redis_per_request: cpu.as_secs_f64() * 1e6 / micros(load.requests) }
    }
}

/// Ours come first. The others are one application with more connections to Redis or fewer: the faster one counts.
fn print(connections: u32, runs: &[Vec<Run>; 3]) {
    let [ours, others @ ..] = runs;
    let middle = |runs: &Vec<Run>| median(runs.iter().map(per_second).collect());
    for (side, runs) in Side::ALL.iter().zip(runs) {
        eprintln!("redis[{connections}]: {}: {:.0} requests/s", side.name(), middle(runs));
    }
    let faster = others.iter().max_by(|one, other| middle(one).total_cmp(&middle(other)));
    let theirs = faster.expect("there are others");
    let figure = |name: &str, unit, of: fn(&Run) -> f64| {
        let pairs: Vec<_> = ours.iter().zip(theirs).map(|(ours, theirs)| (of(ours), of(theirs))).collect();
        Figure::of_pairs(format!("redis/{name}[{connections}]"), unit, &pairs).print();
    };
    figure("tower-sessions", "requests/s", per_second);
    figure("p50", "us", |run| micros(run.of_server.load.p50));
    figure("p99", "us", |run| micros(run.of_server.load.p99));
    figure("cpu-per-request", "us", |run| run.of_server.cpu_per_request);
    figure("busy", "share of the core", |run| run.of_server.busy);
    figure("cpu-of-redis", "us per request", |run| run.redis_per_request);
}

fn per_second(run: &Run) -> f64 {
    run.of_server.load.per_second()
}

/// The length of the session cookie's value that the same session would have.
const CHARS: usize = 3_000;

/// Enough that nobody's session lies ready from the request before.
const USERS: usize = 1_000;

const CONNECTIONS: [u32; 2] = [32, 1];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_differ_in_who_they_are_and_in_nothing_else() {
        let sample = Sample::of(CHARS);
        let [one, other] = [7, 977].map(|number| User::of(&sample, number));
        assert!(one.sub.ends_with("0007") && other.sub.ends_with("0977"));
        assert_eq!(one.session.matches("0007\"").count(), 2);
        assert_eq!(one.session.replace("0007\"", "0977\""), other.session);
        assert_eq!(one.session.len(), sample.json.len());
    }
}
