//! Every fault at every endpoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_tests::front::Behaviour;
use auth_tests::{Answer, Browser, ORIGIN};
use http::Method;

use crate::judge::{Traffic, answer_problems, inside_problems};
use crate::refresh::at_refresh;
use crate::report::{Cell, Report, word};
use crate::table::{Fault, LONG, Outcome, SHORT, faults};
use crate::upstream::{Endpoint, Upstream};
use crate::world::{ADA, GRACE, World, begin, fresh_app, sign_in, who, world};

/// An endpoint on an occasion.
#[derive(Clone, Copy)]
pub(crate) enum Lane {
    DiscoveryAtLogin,
    DiscoveryAtCallback,
    DiscoveryAtLogout,
    Jwks,
    Code,
    Refresh,
    DiscoveryAtRefresh,
    KeysAtRefresh,
    Revocation,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tok_02_03_04_06_08_jwk_02_and_s_bcp_13_every_fault_at_every_endpoint() {
    check(Lane::ALL, faults, 100).await;
}

/// Tries what `make` makes in each of `lanes`, prints the table, and fails if a rule is broken in it.
#[expect(clippy::print_stdout, reason = "the table is for whoever asks for it with --nocapture")]
pub(crate) async fn check(lanes: &[Lane], make: Make, at_least: usize) {
    let mut report = Report::default();
    let running: Vec<_> = lanes.iter().map(|lane| run(*lane, make)).collect();
    for (lane, workers) in lanes.iter().zip(running) {
        let mut cells = Vec::new();
        for worker in workers {
            cells.extend(worker.await.unwrap());
        }
        report.column(lane.name(), cells);
    }
    let (faults, endpoints) = report.size();
    println!("{}", report.table());
    println!("{}", report.counts());
    let count = |what: &str| report.wrong().iter().filter(|wrong| wrong.contains(what)).count();
    println!(
        "{faults} faults x {endpoints} endpoints, {} lost sessions, {} false sign-ins",
        count(LOST),
        count(FALSE)
    );
    assert!(report.wrong().is_empty(), "{}", report.wrong().join("\n"));
    assert!(faults >= at_least, "only {faults} faults");
}

/// The faults of an endpoint, once its ports are known.
type Make = fn(&Upstream, Endpoint) -> Vec<Fault>;

/// Several workers take the faults in turn, each with a provider of its own.
fn run(lane: Lane, make: Make) -> Vec<tokio::task::JoinHandle<Vec<Cell>>> {
    let next = Arc::new(AtomicUsize::new(0));
    let worker = |next: Arc<AtomicUsize>| async move {
        let world = world().await;
        let faults = make(&world.provider, lane.endpoint());
        let mut cells = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::SeqCst);
            let Some(fault) = faults.get(number) else { return cells };
            let expected = lane.expected(fault);
            let problems = match tokio::time::timeout(GUARD, lane.try_fault(&world, fault)).await {
                Ok(problems) => problems,
                Err(_) => vec!["there was no answer".to_owned()],
            };
            world.provider.heal().await;
            let outcome = if problems.is_empty() { word(expected) } else { "WRONG" };
            cells.push(Cell { number, name: fault.name.clone(), ids: fault.rows, outcome, problems });
        }
    };
    (0..WORKERS).map(|_| tokio::spawn(worker(Arc::clone(&next)))).collect()
}

impl Lane {
    const ALL: &[Self] = &[
        Self::DiscoveryAtLogin,
        Self::DiscoveryAtCallback,
        Self::DiscoveryAtRefresh,
        Self::DiscoveryAtLogout,
        Self::Jwks,
        Self::KeysAtRefresh,
        Self::Code,
        Self::Refresh,
        Self::Revocation,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::DiscoveryAtLogin => "discovery (login)",
            Self::DiscoveryAtCallback => "discovery (callback)",
            Self::DiscoveryAtLogout => "discovery (logout)",
            Self::Jwks => "keys (callback)",
            Self::Code => "token (code)",
            Self::Refresh => "token (refresh)",
            Self::Revocation => "revocation (logout)",
            Self::DiscoveryAtRefresh => "discovery (refresh)",
            Self::KeysAtRefresh => "keys (refresh)",
        }
    }

    fn endpoint(self) -> Endpoint {
        match self {
            Self::DiscoveryAtLogin
            | Self::DiscoveryAtCallback
            | Self::DiscoveryAtLogout
            | Self::DiscoveryAtRefresh => Endpoint::Discovery,
            Self::Jwks | Self::KeysAtRefresh => Endpoint::Jwks,
            Self::Code | Self::Refresh => Endpoint::Token,
            Self::Revocation => Endpoint::Revocation,
        }
    }

    fn expected(self, fault: &Fault) -> Outcome {
        match self {
            Self::DiscoveryAtLogin
            | Self::DiscoveryAtCallback
            | Self::DiscoveryAtLogout
            | Self::DiscoveryAtRefresh
            | Self::Jwks => fault.document,
            Self::Code | Self::Refresh => fault.token,
            // The ID token is not kept then; the access token is given all the same. And a sign-out is one, whatever
            // the provider makes of it.
            Self::KeysAtRefresh | Self::Revocation => Outcome::Fine,
        }
    }

    async fn try_fault(self, world: &World, fault: &Fault) -> Vec<String> {
        match self {
            Self::DiscoveryAtLogin => at_login(world, fault).await,
            Self::DiscoveryAtLogout => at_logout(world, fault).await,
            Self::Revocation => at_revocation(world, fault).await,
            Self::DiscoveryAtCallback | Self::Jwks | Self::Code => at_callback(self, world, fault).await,
            Self::DiscoveryAtRefresh | Self::Refresh | Self::KeysAtRefresh => {
                at_refresh(world, fault, self.endpoint(), self.expected(fault)).await
            }
        }
    }
}

/// Grace is signed in, and wants to sign in as Ada.
async fn at_login(world: &World, fault: &Fault) -> Vec<String> {
    let (upstream, mut browser) = (&world.provider, world.browser.clone());
    let app = fresh_app(world, deadline(fault));
    let before = Traffic::of(upstream);
    upstream.set(Endpoint::Discovery, fault.behaviour.clone()).await;
    let answer = browser.get(&app, "/auth/login").await;

    let mut problems = Vec::new();
    before.problems(upstream, &mut problems);
    if fault.document == Outcome::Fine {
        if !answer.header("location").starts_with(upstream.provider.issuer()) {
            problems.push(format!("sent to {}", answer.header("location")));
        }
    } else {
        answer_problems(&answer, fault.document, &mut problems);
        if answer.set_cookies().next().is_some() {
            problems.push("a sign-in has begun".to_owned());
        }
    }
    if who(&app, &browser).await.as_deref() != Some(GRACE) {
        problems.push(LOST.to_owned());
    }
    upstream.heal().await;
    let again = sign_in(upstream, &app, &mut browser, ADA).await;
    check_next_attempt(&again, who(&app, &browser).await.as_deref(), &mut problems);
    problems
}

/// Grace is signed in, and Ada comes back from the provider.
async fn at_callback(lane: Lane, world: &World, fault: &Fault) -> Vec<String> {
    let (upstream, mut browser) = (&world.provider, world.browser.clone());
    let back = begin(world, &mut browser).await;
    let app = fresh_app(world, deadline(fault));
    let before = Traffic::of(upstream);
    upstream.set(lane.endpoint(), fault.behaviour.clone()).await;
    let answer = browser.get(&app, &back).await;

    let (mut problems, expected) = (Vec::new(), lane.expected(fault));
    before.problems(upstream, &mut problems);
    answer_problems(&answer, expected, &mut problems);
    let no_metadata = lane.endpoint() == Endpoint::Discovery && expected != Outcome::Fine;
    if no_metadata && before.requests(upstream, Endpoint::Token) > 0 {
        problems.push("the code was sent without metadata".to_owned());
    }
    match (who(&app, &browser).await.as_deref(), expected) {
        (Some(ADA), Outcome::Fine) => {}
        (Some(GRACE), expected) if expected != Outcome::Fine => {}
        (Some(ADA), _) => problems.push(FALSE.to_owned()),
        (other, _) => problems.push(format!("{LOST}: {other:?}")),
    }
    if expected == Outcome::Fine && answer.header("location") != format!("{ORIGIN}/") {
        problems.push(format!("sent to {}", answer.header("location")));
    }
    upstream.heal().await;
    if !fault.lasts {
        let again = sign_in(upstream, &app, &mut browser, ADA).await;
        check_next_attempt(&again, who(&app, &browser).await.as_deref(), &mut problems);
    }
    problems
}

/// Grace signs out: here she is signed out in any case (SES-07).
async fn at_logout(world: &World, fault: &Fault) -> Vec<String> {
    let (upstream, mut browser) = (&world.provider, world.browser.clone());
    let app = fresh_app(world, deadline(fault));
    let before = Traffic::of(upstream);
    upstream.set(Endpoint::Discovery, fault.behaviour.clone()).await;
    let answer = browser.send(&app, Method::POST, "/auth/logout").await;

    let mut problems = Vec::new();
    before.problems(upstream, &mut problems);
    inside_problems(&answer, &mut problems);
    if !browser.cookies.is_empty() {
        problems.push(format!("still signed in: {} {:.80}", answer.status, answer.body));
    }
    problems
}

/// Grace signs out, and her refresh token is to be revoked (RFC 7009).
async fn at_revocation(world: &World, fault: &Fault) -> Vec<String> {
    let (upstream, mut browser) = (&world.provider, Browser::default());
    sign_in(upstream, &world.app, &mut browser, GRACE).await;
    let app = fresh_app(world, deadline(fault));
    let before = Traffic::of(upstream);
    upstream.set(Endpoint::Revocation, fault.behaviour.clone()).await;
    let answer = browser.send(&app, Method::POST, "/auth/logout").await;

    let mut problems = Vec::new();
    before.problems(upstream, &mut problems);
    inside_problems(&answer, &mut problems);
    let is_read = matches!(fault.behaviour, Behaviour::Instead(_) | Behaviour::After(_));
    if is_read && before.requests(upstream, Endpoint::Revocation) != 1 {
        problems.push("the refresh token was not revoked once".to_owned());
    }
    if !answer.header("location").starts_with(&format!("{}/oidc/logout?", upstream.provider.issuer())) {
        problems.push(format!("{} {}: {:.120}", answer.status, answer.header("location"), answer.body));
    }
    if !browser.cookies.is_empty() {
        problems.push(format!("still signed in: {:?}", browser.cookies.keys()));
    }
    upstream.heal().await;
    let again = sign_in(upstream, &app, &mut browser, ADA).await;
    check_next_attempt(&again, who(&app, &browser).await.as_deref(), &mut problems);
    problems
}

fn check_next_attempt(answer: &Answer, who: Option<&str>, problems: &mut Vec<String>) {
    if who != Some(ADA) {
        problems.push(format!("the next attempt failed: {} {:.120}", answer.status, answer.body));
    }
}

pub(crate) fn deadline(fault: &Fault) -> Duration {
    if fault.hangs { SHORT } else { LONG }
}

/// How many try the faults of one endpoint at a time.
const WORKERS: usize = 4;
/// Against hanging for ever.
const GUARD: Duration = Duration::from_secs(50);
pub(crate) const LOST: &str = "the session is lost";
const FALSE: &str = "a false sign-in";
