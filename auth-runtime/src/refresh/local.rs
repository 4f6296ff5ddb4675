//! Entries in memory: one exchange of a refresh token in a process.
//!
//! An entry is that of a whole list of tokens, each of which took the place of the one before it. It is found by any of
//! them. Requests wait for an exchange at the entry's lock.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::entry::{Asking, Entry, Finding};
use super::exchange::unavailable;
use super::outcome::{Exchanged, Outcome, Purpose};
use super::sync::{Arc, AtomicU64, AtomicUsize, Mutex, MutexGuard, Ordering, spawn};
use crate::oidc::ProviderError;
use crate::time::Clock;

/// The knowledge of refresh tokens within a process. An exchange has a number.
pub(super) type LocalEntry = Entry<u64>;

/// The entries of a process, found by the hash of a token: no map of this process is a list of refresh tokens, and two
/// users, whose tokens differ, never meet.
pub(super) struct LocalEntries {
    state: Mutex<State>,
    /// The time for which an entry is kept after its last use.
    keep: Duration,
    /// About how many bytes of memory all entries take together.
    bytes: Arc<AtomicUsize>,
}

struct State {
    links: HashMap<[u8; 32], Arc<Link>>,
    next_sweep: Instant,
}

/// An entry that several requests may wait for. The request that holds its lock sends the token.
pub(super) struct Link {
    pub(super) entry: Arc<tokio::sync::Mutex<LocalEntry>>,
    known: Mutex<Known>,
    /// The number of exchanges that ended.
    exchanges: AtomicU64,
    /// The bytes of all entries.
    total: Arc<AtomicUsize>,
}

/// A request for a token of this process.
pub(super) struct LocalRequest<'a> {
    pub(super) refresh_token: &'a SecretString,
    pub(super) purpose: Purpose,
    /// The request wants no token that was there before it.
    pub(super) fresh: bool,
    /// The time for which an outcome is given to requests that come after it.
    pub(super) grace: Duration,
    pub(super) clock: &'a Clock,
}

/// The part of an entry that can be asked for while a request holds it.
struct Known {
    /// The token to send next.
    newest: SecretString,
    used: Instant,
    /// The provider takes none of the tokens any more.
    is_refused: bool,
    /// Its user has signed out.
    is_forgotten: bool,
    /// The memory that its outcomes take.
    outcomes: usize,
}

impl Known {
    fn bytes(&self) -> usize {
        self.newest.expose_secret().len().saturating_add(self.outcomes)
    }
}

impl Link {
    fn new(refresh_token: SecretString, now: Instant, total: Arc<AtomicUsize>) -> Self {
        let known =
            Known { newest: refresh_token, used: now, is_refused: false, is_forgotten: false, outcomes: 0 };
        total.fetch_add(known.bytes(), Ordering::Relaxed);
        Self { entry: Arc::default(), known: Mutex::new(known), exchanges: AtomicU64::new(0), total }
    }

    /// Returns how many exchanges ended. A request that came with this number waited for each later one.
    fn exchanges(&self) -> u64 {
        self.exchanges.load(Ordering::Acquire)
    }

    /// Returns the number of an exchange that ends now. The caller holds the entry.
    fn count_exchange(&self) -> u64 {
        self.exchanges.fetch_add(1, Ordering::AcqRel).saturating_add(1)
    }

    /// Notes what can be asked about the entry without its lock.
    fn settle(&self, entry: &LocalEntry) {
        self.change(|known| {
            known.outcomes = entry.bytes();
            known.is_refused |= entry.is_refused();
        });
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        let mut known = self.known();
        let before = known.bytes();
        change(&mut known);
        self.total.fetch_add(known.bytes(), Ordering::Relaxed);
        self.total.fetch_sub(before, Ordering::Relaxed);
    }

    pub(super) fn newest(&self) -> SecretString {
        self.known().newest.clone()
    }

    /// Nothing here can panic while the lock is held, so what is poisoned is whole.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let bytes = self.known().bytes();
        self.total.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl LocalEntries {
    pub(super) fn new(keep: Duration) -> Self {
        let state = State { links: HashMap::new(), next_sweep: Instant::now() };
        Self { state: Mutex::new(state), keep, bytes: Arc::default() }
    }

    /// Returns the outcome of the one exchange that all requests with the same purpose wait for.
    ///
    /// `may_send` says what speaks against an exchange now. `send` runs in a task of its own, with the entry's link: the
    /// request that began it may be dropped, and the next one finds its outcome.
    pub(super) async fn exchange<F: Future<Output = Outcome> + Send + 'static>(
        &self,
        request: LocalRequest<'_>,
        may_send: impl FnOnce() -> Result<(), ProviderError>,
        send: impl FnOnce(Arc<Link>) -> F,
    ) -> Exchanged {
        let LocalRequest { refresh_token, purpose, fresh, grace, clock } = request;
        let link = self.find_or_begin(refresh_token, Instant::now());
        let (came, came_at) = (link.exchanges(), clock.now());
        let mut entry = Arc::clone(&link.entry).lock_owned().await;
        let found = entry.find(&Asking {
            purpose: &purpose,
            fresh,
            waited_for: &|exchange| *exchange > came,
            grace,
            came_at,
            now: clock.now(),
        });
        let outcome = match (found, may_send()) {
            (Finding::Outcome(outcome), _) => outcome,
            (_, Err(error)) => Err(error),
            (Finding::Next(_) | Finding::Nothing, Ok(())) => {
                let (sending, of_task, clock) = (send(Arc::clone(&link)), Arc::clone(&link), clock.clone());
                let exchange = spawn(async move {
                    let outcome = sending.await;
                    entry.note(&purpose, of_task.count_exchange(), &outcome, clock.now());
                    of_task.settle(&entry);
                    outcome
                });
                // The task neither panics nor is it aborted, unless the runtime is shutting down.
                exchange.await.unwrap_or(Err(unavailable()))
            }
        };
        let known = link.known();
        Exchanged { outcome, refresh_token: known.newest.clone(), is_over: known.is_forgotten }
    }

    /// Returns the entry of the token; a new one if it is not known.
    fn find_or_begin(&self, refresh_token: &SecretString, now: Instant) -> Arc<Link> {
        let mut state = self.state();
        let hash = hash(refresh_token);
        if let Some(link) = state.links.get(&hash) {
            link.known().used = now;
            return Arc::clone(link);
        }
        state.make_room(now, self.keep, &self.bytes);
        let link = Arc::new(Link::new(refresh_token.clone(), now, Arc::clone(&self.bytes)));
        state.links.insert(hash, Arc::clone(&link));
        link
    }

    /// Returns the entry of the token, if it is known.
    pub(super) fn find(&self, refresh_token: &SecretString) -> Option<Arc<Link>> {
        self.state().links.get(&hash(refresh_token)).cloned()
    }

    /// Makes this token the one to send, by which the entry is found too. Returns `false` if the entry was forgotten meanwhile,
    /// because the user signed out: then it stays forgotten.
    pub(super) fn renew(&self, link: &Arc<Link>, newest: &SecretString, now: Instant) -> bool {
        let mut state = self.state();
        if link.known().is_forgotten {
            return false;
        }
        link.change(|known| {
            known.used = now;
            known.newest = newest.clone();
        });
        state.make_room(now, self.keep, &self.bytes);
        match state.links.get(&hash(newest)).map(Arc::clone) {
            Some(other) if Arc::ptr_eq(&other, link) => {}
            // A request came with a token that another instance got for this list before this one heard of it. From now on
            // the two are one.
            Some(other) => {
                let ours = state.links.values_mut().filter(|found| Arc::ptr_eq(found, link));
                ours.for_each(|found| *found = Arc::clone(&other));
            }
            None => {
                state.links.insert(hash(newest), Arc::clone(link));
            }
        }
        true
    }

    /// Forgets the entry of the token, whichever of its tokens it is, and returns the newest. That the provider takes none of
    /// them is not forgotten: a request may still come with one of them.
    pub(super) fn forget(&self, refresh_token: &SecretString) -> Option<SecretString> {
        let mut state = self.state();
        let link = state.links.get(&hash(refresh_token)).cloned()?;
        let (newest, is_refused) = {
            let known = link.known();
            (known.newest.clone(), known.is_refused)
        };
        if !is_refused {
            link.known().is_forgotten = true;
            state.links.retain(|_, other| !Arc::ptr_eq(other, &link));
        }
        Some(newest)
    }

    /// Nothing here can panic while the lock is held, so a poisoned map is a whole one.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Now and then, or when there are too many or they are too large: removes entries that were not used for long, and then,
    /// if need be, what those yielded that were not used for longest, and at last these entries themselves. An entry goes
    /// with all its tokens, and one that a request holds stays: else two would send the same token.
    fn make_room(&mut self, now: Instant, keep: Duration, bytes: &AtomicUsize) {
        let is_large = || bytes.load(Ordering::Relaxed) > MAX_BYTES;
        if now < self.next_sweep && self.links.len() < MAX_TOKENS && !is_large() {
            return;
        }
        self.next_sweep = now.checked_add(keep).unwrap_or(now);
        self.links
            .retain(|_, link| now.saturating_duration_since(link.known().used) <= keep || !is_idle(link));
        if is_large() {
            self.forget_outcomes(bytes);
        }
        if self.links.len() >= MAX_TOKENS || is_large() {
            let uses = self.uses();
            let oldest = uses.get(uses.len() / 4).copied().unwrap_or(now);
            self.links.retain(|_, link| link.known().used > oldest || !is_idle(link));
        }
    }

    /// Forgets what the entries yielded that were not used for longest, until there is room for a while. Which token is the
    /// newest stays known: a request with a spent one is led to that.
    fn forget_outcomes(&self, bytes: &AtomicUsize) {
        let mut links: Vec<_> = self.links.values().map(|link| (link.known().used, link)).collect();
        links.sort_unstable_by_key(|(used, _)| *used);
        for (_, link) in links {
            if bytes.load(Ordering::Relaxed) <= MAX_BYTES / 4 * 3 {
                return;
            }
            if let Ok(mut entry) = link.entry.try_lock() {
                entry.forget_yields();
                link.settle(&entry);
            }
        }
    }

    /// Returns when the entries were used, the longest ago first.
    fn uses(&self) -> Vec<Instant> {
        let mut uses: Vec<Instant> = self.links.values().map(|link| link.known().used).collect();
        uses.sort_unstable();
        uses
    }
}

/// Returns whether no request waits for its outcome or sends its token.
fn is_idle(link: &Link) -> bool {
    link.entry.try_lock().is_ok()
}

fn hash(refresh_token: &SecretString) -> [u8; 32] {
    Sha256::digest(refresh_token.expose_secret()).into()
}

/// The number of tokens that are known. An entry has a token or two, and what they yielded takes a few kilobytes for each audience.
const MAX_TOKENS: usize = 16_384;

/// The bytes that refresh tokens and outcomes take together: those of ten thousand users with two ordinary tokens each.
const MAX_BYTES: usize = 64 * 1_024 * 1_024;

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
