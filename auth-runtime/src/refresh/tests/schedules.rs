//! The entries of a process under a hundred thousand schedules: several requests with tokens of one user, a provider at
//! which each token is good once, and a sign-out. `shuttle` decides at each lock, each atomic and each wait who goes on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use shuttle::future::{self, yield_now};
use shuttle::sync::Mutex;
use tokio::time::Instant;

use crate::oidc::TokenError;
use crate::refresh::local::{Link, LocalEntries, LocalRequest};
use crate::refresh::outcome::{Exchanged, Outcome, Purpose, Renewed};
use crate::refresh::refresher::Wanted;
use crate::time::Clock;

/// A provider that rotates strictly.
#[derive(Default)]
struct Provider {
    good: u32,
    sent: BTreeSet<String>,
    /// A token came twice.
    is_reused: bool,
    /// The tokens that were revoked after a sign-out.
    revoked: BTreeSet<String>,
}

struct World {
    entries: LocalEntries,
    provider: Mutex<Provider>,
}

impl World {
    fn new() -> Arc<Self> {
        let entries = LocalEntries::new(Duration::from_secs(3_600));
        Arc::new(Self { entries, provider: Mutex::default() })
    }

    /// Sends the newest token of an entry, as the refresher does.
    async fn send(self: Arc<Self>, link: Arc<Link>, audience: &str) -> Outcome {
        let token = link.newest().expose_secret().to_owned();
        yield_now().await;
        let next = {
            let mut provider = self.provider.lock().unwrap();
            provider.is_reused |= !provider.sent.insert(token.clone());
            if token != name(provider.good) {
                return Err(TokenError::InvalidGrant.into());
            }
            provider.good += 1;
            name(provider.good)
        };
        yield_now().await;
        if !self.entries.renew(&link, &SecretString::from(next.as_str()), Instant::now()) {
            self.provider.lock().unwrap().revoked.insert(next);
        }
        let access_token = format!("{token} for {audience}").into();
        Ok(Arc::new(Renewed { access_token, expires_at: None, scope: None, id_token: None }))
    }

    async fn ask(self: Arc<Self>, token: &'static str, audience: &'static str, fresh: bool) -> Exchanged {
        let wanted = Wanted { audience: Some(audience.to_owned()), ..Wanted::default() };
        let refresh_token = SecretString::from(token);
        let request = LocalRequest {
            refresh_token: &refresh_token,
            purpose: Purpose::of(&wanted),
            fresh,
            grace: Duration::from_secs(30),
            clock: &Clock::default(),
        };
        let world = Arc::clone(&self);
        self.entries.exchange(request, || Ok(()), |link| world.send(link, audience)).await
    }
}

fn name(number: u32) -> String {
    format!("t{number}")
}

fn requests_of_one_user() {
    let world = World::new();
    let asks = [("t0", "a", false), ("t0", "a", true), ("t0", "b", false), ("t0", "a", false)];
    let tasks: Vec<_> = asks
        .into_iter()
        .map(|(token, audience, fresh)| {
            (audience, future::spawn(Arc::clone(&world).ask(token, audience, fresh)))
        })
        .collect();
    future::block_on(async {
        for (audience, task) in tasks {
            let exchanged = task.await.expect("a request ends");
            let renewed = exchanged.outcome.expect("each request gets a token");
            let token = renewed.access_token.expose_secret();
            assert!(token.ends_with(&format!(" for {audience}")), "a token for {audience} is {token}");
        }
    });
    let provider = world.provider.lock().unwrap();
    assert!(!provider.is_reused, "a token was sent twice: {:?}", provider.sent);
    // The two purposes need one exchange each, and the fresh request at most one more.
    assert!((2..=3).contains(&provider.good), "{} exchanges", provider.good);
}

fn requests_of_a_user_who_signs_out() {
    let world = World::new();
    let tasks = ["a", "b"].map(|audience| future::spawn(Arc::clone(&world).ask("t0", audience, false)));
    let of_sign_out = Arc::clone(&world);
    let sign_out = future::spawn(async move {
        yield_now().await;
        of_sign_out.entries.forget(&SecretString::from("t0"))
    });
    future::block_on(async {
        for task in tasks {
            task.await.expect("a request ends");
        }
        let forgotten = sign_out.await.expect("the sign-out ends");
        let provider = world.provider.lock().unwrap();
        assert!(!provider.is_reused || forgotten.is_some(), "a token was sent twice: {:?}", provider.sent);
        // What is good at the provider in the end is known to the sign-out, was revoked, or belongs to an entry that began
        // after it.
        let good = name(provider.good);
        let is_known = forgotten.is_some_and(|newest| newest.expose_secret() == good);
        let is_of_an_entry = world.entries.find(&SecretString::from(good.as_str())).is_some();
        assert!(is_known || is_of_an_entry || provider.revoked.contains(&good), "{good} is left");
    });
}

#[test]
fn race_05_no_schedule_of_requests_sends_a_token_twice() {
    shuttle::check_random(requests_of_one_user, SCHEDULES);
    shuttle::check_pct(requests_of_one_user, SCHEDULES / 10, 3);
}

#[test]
fn race_05_no_schedule_leaves_a_token_after_a_sign_out() {
    shuttle::check_random(requests_of_a_user_who_signs_out, SCHEDULES / 2);
}

const SCHEDULES: usize = 100_000;
