//! The world of one session: its browser, the instances of the service, the store that they may share, and the provider.
//!
//! Requests whose access token is still good change nothing, so they are left out. Pages come as a Poisson process,
//! which has no memory, so what follows an expiry is a process of its own.
//!
//! The provider accepts every refresh token, and counts what a strict one would refuse. So it is no question how a
//! session goes on after a refusal, and each expiry counts by itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::random::Random;
use super::{HOP, REFRESH, Report, STORE, Setting};
use crate::crypto::{Entropy, KeyRing, Secret};
use crate::oidc::TokenError;
use crate::refresh::lease::Right;
use crate::refresh::local::{Link, LocalEntries, LocalRequest};
use crate::refresh::outcome::{Exchanged, Outcome, Purpose, Renewed};
use crate::refresh::refresher::{KEPT, Wanted};
use crate::refresh::shared::SharedEntries;
use crate::shared::{KeyValueStore, SealedValues, SharedValues, StoreFuture};
use crate::time::{Clock, Timestamp};

pub(super) struct World {
    setting: Setting,
    clock: Clock,
    instances: Vec<Instance>,
    moment: Mutex<Moment>,
}

struct Instance {
    local: LocalEntries,
    shared: Option<SharedEntries>,
}

/// The state of the session at one time.
struct Moment {
    cookie: Cookie,
    /// The refresh tokens, each under its number.
    issued: Vec<Issued>,
    report: Report,
    /// True if the provider noticed a second use at the present expiry.
    is_reused: bool,
    is_beyond_leeway: bool,
}

/// The session as the browser has it.
#[derive(Clone)]
struct Cookie {
    refresh_token: SecretString,
    /// The end of the access token.
    ends: Timestamp,
}

/// A refresh token as the provider knows it.
#[derive(Default)]
struct Issued {
    parent: Option<usize>,
    spent: Option<Instant>,
    is_successor_spent: bool,
}

impl World {
    pub(super) fn new(setting: Setting) -> Arc<Self> {
        let clock = Clock::Tokio(Instant::now());
        let store = setting.lease.then(|| Arc::new(Store::default()));
        let instance = |_| Instance {
            local: LocalEntries::new(KEPT),
            shared: store.as_ref().map(|store| shared(Arc::clone(store), &clock)),
        };
        let moment = Moment {
            cookie: Cookie { refresh_token: "0".into(), ends: clock.now().saturating_add(TOKEN_LIFETIME) },
            issued: vec![Issued::default()],
            report: Report::default(),
            is_reused: false,
            is_beyond_leeway: false,
        };
        let instances = (0..setting.instances).map(instance).collect();
        Arc::new(Self { setting, instances, clock, moment: Mutex::new(moment) })
    }

    /// Simulates a session, and adds what happened to the report.
    pub(super) async fn run(self: Arc<Self>, session: u32, report: &mut Report) {
        for expiry in 0..self.setting.expiries {
            // Of its own, so that other settings meet the same pages and the same choices of instances.
            let mut random = Random::of([self.setting.seed, session.into(), expiry.into()]);
            let left = self.moment().cookie.ends.seconds_since(self.clock.now());
            sleep(Duration::from_secs(left)).await;
            self.pages(&mut random).await;
            let mut moment = self.moment();
            report.reused += u32::from(std::mem::take(&mut moment.is_reused));
            report.reused_beyond_leeway += u32::from(std::mem::take(&mut moment.is_beyond_leeway));
        }
        let mut moment = self.moment();
        report.token_requests += moment.report.token_requests;
        report.waits.append(&mut moment.report.waits);
    }

    /// Opens pages until the browser has a new access token and every request has its answer. All requests of a page
    /// carry the cookie that the browser has then.
    async fn pages(self: &Arc<Self>, random: &mut Random) {
        let mut requests = JoinSet::new();
        loop {
            sleep(random.exponential(self.setting.load.page_every)).await;
            let cookie = self.moment().cookie.clone();
            if cookie.ends > self.clock.now() {
                break;
            }
            let is_lost = random.below(1_000) < self.setting.load.lost;
            for _ in 0..self.setting.load.requests {
                let instance = random.index(self.setting.instances);
                requests.spawn(Arc::clone(self).request(instance, cookie.refresh_token.clone(), is_lost));
            }
        }
        requests.join_all().await;
    }

    async fn request(self: Arc<Self>, instance: usize, refresh_token: SecretString, is_lost: bool) {
        sleep(HOP).await;
        let arrived = Instant::now();
        let request = LocalRequest {
            refresh_token: &refresh_token,
            purpose: Purpose::of(&Wanted::default()),
            fresh: false,
            grace: GRACE,
            clock: &self.clock,
        };
        let world = Arc::clone(&self);
        let send = |link| async move { world.exchange(instance, &link).await };
        let exchanged = self.instances[instance].local.exchange(request, || Ok(()), send).await;
        self.moment().report.waits.push(arrived.elapsed());
        let ends = exchanged.outcome.expect("each request gets a token").expires_at.unwrap();
        if !is_lost {
            sleep(HOP).await;
            self.moment().cookie = Cookie { refresh_token: exchanged.refresh_token, ends };
        }
    }

    /// Exchanges the newest token of the entry, as the refresher does.
    async fn exchange(&self, instance: usize, link: &Arc<Link>) -> Outcome {
        let Instance { local, shared } = &self.instances[instance];
        let send = |token, right| self.send(token, right);
        let exchanged = match shared {
            Some(shared) => {
                let purpose = Purpose::of(&Wanted::default());
                shared.exchange(link.newest(), purpose, false, |token, right| send(token, Some(right))).await
            }
            None => send(link.newest(), None).await,
        };
        local.renew(link, &exchanged.refresh_token, Instant::now());
        exchanged.outcome
    }

    /// Sends a token to the provider.
    async fn send(&self, token: SecretString, right: Option<Right>) -> Exchanged {
        if right.is_some_and(|right| !right.is_good()) {
            return Exchanged::new(Err(TokenError::Withheld.into()), token);
        }
        sleep(REFRESH / 2).await;
        let next = self.moment().issue(token.expose_secret().parse().unwrap());
        sleep(REFRESH / 2).await;
        let renewed = Renewed {
            access_token: next.clone().into(),
            expires_at: Some(self.clock.now().saturating_add(TOKEN_LIFETIME)),
            scope: None,
            id_token: None,
        };
        Exchanged::new(Ok(Arc::new(renewed)), next.into())
    }

    fn moment(&self) -> MutexGuard<'_, Moment> {
        self.moment.lock().unwrap()
    }
}

impl Moment {
    /// The provider takes a token, and gives the next one.
    fn issue(&mut self, token: usize) -> String {
        self.report.token_requests += 1;
        let issued = &mut self.issued[token];
        if let Some(spent) = issued.spent {
            self.is_reused = true;
            self.is_beyond_leeway |= spent.elapsed() > LEEWAY || issued.is_successor_spent;
        } else {
            issued.spent = Some(Instant::now());
            if let Some(parent) = issued.parent {
                self.issued[parent].is_successor_spent = true;
            }
        }
        self.issued.push(Issued { parent: Some(token), ..Issued::default() });
        (self.issued.len() - 1).to_string()
    }
}

fn shared(store: Arc<Store>, clock: &Clock) -> SharedEntries {
    let keys = KeyRing::danger_accept_weak_secrets([Secret::new("secret")]).unwrap().for_stores();
    let values = SharedValues::new(store, Duration::from_secs(2));
    SharedEntries {
        values: SealedValues::new(values, keys, Entropy::SYSTEM).with_clock(clock.clone()),
        clock: clock.clone(),
        grace: GRACE,
        patience: Duration::from_secs(20),
        keep: KEPT,
    }
}

/// The store that instances share: values and their ends.
#[derive(Debug, Default)]
struct Store(Mutex<HashMap<String, (String, Instant)>>);

impl Store {
    fn value(&self, key: &str) -> Option<String> {
        let values = self.0.lock().unwrap();
        values.get(key).filter(|(_, end)| *end > Instant::now()).map(|(text, _)| text.clone())
    }
}

impl KeyValueStore for Store {
    fn name(&self) -> &'static str {
        "simulated"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        Box::pin(async move {
            sleep(STORE / 2).await;
            let found = keys.iter().map(|key| self.value(key)).collect();
            sleep(STORE / 2).await;
            Ok(found)
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            sleep(STORE / 2).await;
            let is_so = self.value(key).as_deref() == expected;
            if is_so {
                let mut values = self.0.lock().unwrap();
                values.remove(key);
                values.extend(value.map(|text| (key.to_owned(), (text.to_owned(), Instant::now() + ttl))));
            }
            sleep(STORE / 2).await;
            Ok(is_so)
        })
    }
}

/// The lifetime of an access token, in seconds.
const TOKEN_LIFETIME: u64 = 3_600;
/// The time for which an outcome is given to requests that come after it: the service's default.
const GRACE: Duration = Duration::from_secs(30);
/// The time for which a lenient provider takes a refresh token again.
const LEEWAY: Duration = Duration::from_secs(10);
