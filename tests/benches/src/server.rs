//! A server on one core under load from the other: what protection costs, and what Node's servers do beside it.

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

use crate::app::{self, ME, NOTHING, PLAIN};
use crate::figure::Figure;
use crate::micro::CIPHER;
use crate::peers::{self, Running};
use crate::process::start_ours;
use crate::rounds::median;
use crate::session::Sample;
use crate::wrk::{self, Load};

/// Serves the application until the process ends, and says on which port.
pub fn serve() {
    serve_router(async { app::router() });
}

/// Serves what `router` makes on the server's runtime, as [`serve`] does.
pub(crate) fn serve_router(router: impl Future<Output = Router>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let router = router.await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        println!("listening {}", listener.local_addr().expect("it is bound").port());
        axum::serve(listener, router).await.expect("it serves until it is ended");
    });
}

/// One handler without protection, and the same one with it; then with cookies that nobody sealed.
pub fn protection(rounds: usize, seconds: u64) {
    let sample = Sample::of(1_200);
    let garbage = sample.garbage();
    let server = start_ours();
    server.check(&sample.header);
    let mut runs: [Vec<Measured>; 3] = Default::default();
    for _ in 0..rounds {
        for (runs, (path, cookies, is_refused)) in runs.iter_mut().zip([
            (PLAIN, &sample.header, false),
            (NOTHING, &sample.header, false),
            (NOTHING, &garbage, true),
        ]) {
            runs.push(Measured::of(&server, path, cookies, is_refused, seconds));
        }
    }
    let [plain, protected, garbage] = &runs;
    let figure = |name: &str, unit, of: fn(&Measured) -> f64, ours: &[Measured], other: &[Measured]| {
        let middle = |runs: &[Measured]| median(runs.iter().map(of).collect());
        Figure::of(format!("{name}[{CIPHER}]"), unit, middle(ours), middle(other), rounds).print();
    };
    figure("protected/unprotected", "requests/s", |run| run.load.per_second(), protected, plain);
    figure("garbage/protected", "requests/s", |run| run.load.per_second(), garbage, protected);
    figure("server/p50", "us", |run| micros(run.load.p50), protected, plain);
    figure("server/p99", "us", |run| micros(run.load.p99), protected, plain);
    figure("server/p99.9", "us", |run| micros(run.load.p999), protected, plain);
    figure("server/cpu-per-request", "us", |run| run.cpu_per_request, protected, plain);
    figure("server/busy", "share of the core", |run| run.busy, protected, plain);
}

/// The same small answer, from Node.
pub fn beside_node(rounds: usize, seconds: u64) {
    let sample = Sample::of(1_200);
    let ours = start_ours();
    let others = [
        ("server/node-http-get", peers::start_http()),
        ("server/next-route", peers::start_next(&peers::next_app())),
    ];
    let per_second =
        |server: &Running| Measured::of(server, ME, &sample.header, false, seconds).load.per_second();
    for (name, other) in &others {
        other.check(&sample.header);
        per_second(other); // Node is slower at first.
        let runs = (0..rounds).map(|_| (per_second(&ours), per_second(other)));
        let (our_runs, other_runs): (Vec<_>, Vec<_>) = runs.unzip();
        Figure::of(*name, "requests/s", median(our_runs), median(other_runs), rounds).print();
    }
}

/// How much memory the server has after 10,000 requests, and after `requests`; of a handler without protection too, for what
/// the server itself takes.
pub fn memory(requests: u64) {
    growth("memory/growth", ME, requests);
    growth("memory/growth[unprotected]", PLAIN, requests.min(1_000_000));
}

fn growth(name: &str, path: &str, requests: u64) {
    let sample = Sample::of(1_200);
    let server = start_ours();
    // Everything that is made once is made by the first requests.
    let mut done = wrk::run_slowly(&server, path, &sample.header).requests;
    let first = server.resident_kilobytes();
    eprintln!("{name}: {done} requests, {first} kB");
    while done < requests {
        done += Measured::of(&server, path, &sample.header, false, 5).load.requests;
        eprintln!("{name}: {done} requests, {} kB", server.resident_kilobytes());
    }
    let last = server.resident_kilobytes();
    Figure::of(name, "kB", last, first, usize::try_from(done).unwrap_or(usize::MAX)).print();
}

/// A run of load, and what it cost the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) load: Load,
    /// In microseconds, of the server's process.
    pub(crate) cpu_per_request: f64,
    /// Which share of the time the server's process was running.
    pub(crate) busy: f64,
}

impl Measured {
    fn of(server: &Running, path: &str, cookies: &str, is_refused: bool, seconds: u64) -> Self {
        let run = Self::during(server, || wrk::run(server, path, cookies, seconds));
        let Load { requests, refused, .. } = run.load;
        assert_eq!(refused, if is_refused { requests } else { 0 }, "{path}: {run:?}");
        run
    }

    pub(crate) fn during(server: &Running, load: impl FnOnce() -> Load) -> Self {
        let before = server.cpu_time();
        let load = load();
        let cpu = server.cpu_time().saturating_sub(before).as_secs_f64() * 1e6;
        let time = Duration::from_micros(load.microseconds).as_secs_f64() * 1e6;
        Self { load, cpu_per_request: cpu / micros(load.requests), busy: cpu / time }
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub(crate) fn micros(count: u64) -> f64 {
    count as f64
}
