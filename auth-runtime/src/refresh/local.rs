//! Entries in memory: one exchange of a refresh token in a process.
//!
//! An entry belongs to a list of tokens, each of which took the place of the token before it. Each of these tokens
//! leads to the entry. Requests wait for an exchange at the entry's lock.

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

/// The entry of a list of tokens within a process. Exchanges are numbered.
pub(super) type LocalEntry = Entry<u64>;

/// The entries of a process, found by the hash of a token, so that the map is no list of refresh tokens. The tokens of
/// two users differ, so they never share an entry.
pub(super) struct LocalEntries {
    state: Mutex<State>,
    /// The time for which an entry is kept after its last use.
    keep: Duration,
    /// About how many bytes of memory all entries take together.
    bytes: Arc<AtomicUsize>,
}

struct State {
    /// The entries by the SHA-256 of each of their tokens.
    links: HashMap<[u8; 32], Arc<Link>>,
    /// The time at which old entries are removed next.
    next_sweep: Instant,
}

/// An entry that several requests may wait for. The request that holds the entry's lock sends the token.
pub(super) struct Link {
    pub(super) entry: Arc<tokio::sync::Mutex<LocalEntry>>,
    known: Mutex<Known>,
    /// Number of exchanges that ended.
    exchanges: AtomicU64,
    /// The bytes that all entries of the process take together.
    total: Arc<AtomicUsize>,
}

/// A request of this process for a token.
pub(super) struct LocalRequest<'a> {
    pub(super) refresh_token: &'a SecretString,
    pub(super) purpose: Purpose,
    /// True if the request wants no token that was there before it.
    pub(super) fresh: bool,
    /// The time for which an outcome is given to requests that come after it.
    pub(super) grace: Duration,
    pub(super) clock: &'a Clock,
}

/// The part of an entry that can be read while a request holds the entry's lock.
struct Known {
    /// The token to send next.
    newest: SecretString,
    /// The time of the last use.
    used: Instant,
    /// True if the provider takes none of the tokens any more.
    is_refused: bool,
    /// True if the user has signed out.
    is_forgotten: bool,
    /// The memory that the outcomes take, in bytes.
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

    /// Returns how many exchanges have ended. A request that came at this number has waited for each later exchange.
    fn exchanges(&self) -> u64 {
        self.exchanges.load(Ordering::Acquire)
    }

    /// Counts an exchange that ends now, and returns its number. The caller holds the entry's lock.
    fn count_exchange(&self) -> u64 {
        self.exchanges.fetch_add(1, Ordering::AcqRel).saturating_add(1)
    }

    /// Copies from the entry what can be read without its lock.
    fn settle(&self, entry: &LocalEntry) {
        self.change(|known| {
            known.outcomes = entry.bytes();
            known.is_refused |= entry.is_refused();
        });
    }

    /// Changes what is known, and counts its bytes anew.
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

    /// Locks what is known. Nothing here can panic while the lock is held, so a poisoned value is whole.
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
    /// `may_send` fails if no exchange may begin now. `send` runs in a task of its own, with the entry's link: if the
    /// request that began it is dropped, the next request still finds its outcome.
    pub(super) async fn exchange<F: Future<Output = Outcome> + Send + 'static>(
        &self,
        request: LocalRequest<'_>,
        may_send: impl FnOnce() -> Result<(), ProviderError>,
        send: impl FnOnce(Arc<Link>) -> F,
    ) -> Exchanged {
        let LocalRequest { refresh_token, purpose, fresh, grace, clock } = request;
        let link = self.find_or_begin(refresh_token, Instant::now());
        // Read before the lock is awaited: this request has waited for each exchange that ends meanwhile.
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
            // No outcome is known, and no exchange may begin now.
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

    /// Returns the entry of the token, or a new entry if the token is not known.
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

    /// Makes `newest` the token to send, which leads to the entry from now on. Returns `false` if the entry was
    /// forgotten meanwhile because the user signed out: then it stays forgotten.
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
            // A request came with `newest`, which another instance had got, before this process heard of it, so
            // `newest` has an entry already. From now on the two entries are one.
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

    /// Forgets the entry to which the token leads, and returns the newest token. An entry whose tokens the provider
    /// refuses is kept: a request may still come with one of them.
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

    /// Locks the map. Nothing here can panic while the lock is held, so a poisoned map is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes room once in the time `keep`, and when there are too many tokens or too many bytes:
    ///
    /// - Entries go that were not used for `keep`.
    /// - If the bytes are still too many, the outcomes of the entries go that were not used for longest.
    /// - If tokens or bytes are still too many, the quarter of the entries goes that was not used for longest.
    ///
    /// An entry goes with all its tokens. An entry that a request holds stays: without it two requests would send the
    /// same token.
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

    /// Forgets the outcomes of the entries that were not used for longest, until a quarter of the room is free. The
    /// newest token stays known: a request with a spent token is led to it.
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

    /// Returns the times of the last uses, the oldest first.
    fn uses(&self) -> Vec<Instant> {
        let mut uses: Vec<Instant> = self.links.values().map(|link| link.known().used).collect();
        uses.sort_unstable();
        uses
    }
}

/// Returns whether no request holds the entry: none sends its token or waits for its outcome.
fn is_idle(link: &Link) -> bool {
    link.entry.try_lock().is_ok()
}

fn hash(refresh_token: &SecretString) -> [u8; 32] {
    Sha256::digest(refresh_token.expose_secret()).into()
}

/// The number of tokens that are known. An entry has a token or two, and their outcomes take a few kilobytes for each
/// audience.
const MAX_TOKENS: usize = 16_384;

/// The bytes that refresh tokens and outcomes take together: those of ten thousand users with two ordinary tokens each.
const MAX_BYTES: usize = 64 * 1_024 * 1_024;

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
