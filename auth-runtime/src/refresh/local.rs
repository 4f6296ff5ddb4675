//! The chains of this process, found by any refresh token that belongs to one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::chain::Chain;

/// Found by the hash of a token: no map of this process is a list of refresh tokens, and two users, whose tokens
/// differ, never meet.
pub(super) struct Chains {
    state: Mutex<State>,
    /// How long a chain is kept after its last use.
    keep: Duration,
    /// The memory that all chains take together, about.
    bytes: Arc<AtomicUsize>,
}

struct State {
    links: HashMap<[u8; 32], Arc<Link>>,
    next_sweep: Instant,
}

/// A chain that several requests may wait for. Who holds its lock sends.
pub(super) struct Link {
    pub(super) chain: Arc<tokio::sync::Mutex<Chain>>,
    known: Mutex<Known>,
    /// Of all chains.
    total: Arc<AtomicUsize>,
}

/// What can be asked about a chain while somebody holds it.
struct Known {
    /// The token to send next.
    newest: SecretString,
    used: Instant,
    /// No token of it is worth sending any more.
    is_over: bool,
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
            Known { newest: refresh_token, used: now, is_over: false, is_forgotten: false, outcomes: 0 };
        total.fetch_add(known.bytes(), Ordering::Relaxed);
        Self { chain: Arc::default(), known: Mutex::new(known), total }
    }

    /// Notes how much memory the chain's outcomes take.
    pub(super) fn weigh(&self, chain: &Chain) {
        self.change(|known| known.outcomes = chain.bytes());
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

    pub(super) fn end(&self) {
        self.known().is_over = true;
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

impl Chains {
    pub(super) fn new(keep: Duration) -> Self {
        let state = State { links: HashMap::new(), next_sweep: Instant::now() };
        Self { state: Mutex::new(state), keep, bytes: Arc::default() }
    }

    /// The chain of the token; a new one if it is not known.
    pub(super) fn find_or_begin(&self, refresh_token: &SecretString, now: Instant) -> Arc<Link> {
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

    /// The chain of the token, if it is known.
    pub(super) fn find(&self, refresh_token: &SecretString) -> Option<Arc<Link>> {
        self.state().links.get(&hash(refresh_token)).cloned()
    }

    /// From now on this token is the one to send, and the chain is found by it too. `false` if the chain was forgotten
    /// meanwhile, because the user signed out: then it stays forgotten.
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
            // Somebody came with a token that another instance got for this chain before this one heard of it. From now
            // on the two are one.
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

    /// Forgets the chain of the token, whichever of its tokens it is, and gives the newest. That a chain is over is not
    /// forgotten: somebody may still come with one of its tokens.
    pub(super) fn forget(&self, refresh_token: &SecretString) -> Option<SecretString> {
        let mut state = self.state();
        let link = state.links.get(&hash(refresh_token)).cloned()?;
        let (newest, is_over) = {
            let known = link.known();
            (known.newest.clone(), known.is_over)
        };
        if !is_over {
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
    /// Now and then, or when there are too many or they are too large: removes chains that were not used for long, and
    /// then, if need be, what those yielded that were not used for longest, and at last these chains themselves. A
    /// chain goes with all its tokens, and one that somebody holds stays: else two would send the same token.
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

    /// Forgets what the chains yielded that were not used for longest, until there is room for a while. Which token is
    /// the newest stays known: whoever comes with a spent one is led to that.
    fn forget_outcomes(&self, bytes: &AtomicUsize) {
        let mut links: Vec<_> = self.links.values().map(|link| (link.known().used, link)).collect();
        links.sort_unstable_by_key(|(used, _)| *used);
        for (_, link) in links {
            if bytes.load(Ordering::Relaxed) <= MAX_BYTES / 4 * 3 {
                return;
            }
            if let Ok(mut chain) = link.chain.try_lock() {
                chain.forget_outcomes();
                link.weigh(&chain);
            }
        }
    }

    /// When the chains were used, the longest ago first.
    fn uses(&self) -> Vec<Instant> {
        let mut uses: Vec<Instant> = self.links.values().map(|link| link.known().used).collect();
        uses.sort_unstable();
        uses
    }
}

/// Whether nobody waits for its outcome or sends its token.
fn is_idle(link: &Link) -> bool {
    link.chain.try_lock().is_ok()
}

fn hash(refresh_token: &SecretString) -> [u8; 32] {
    Sha256::digest(refresh_token.expose_secret()).into()
}

/// Chains have a token or two, and what they yielded takes a few kilobytes for each audience.
const MAX_TOKENS: usize = 16_384;

/// Refresh tokens and outcomes together: those of ten thousand users with two ordinary tokens each.
const MAX_BYTES: usize = 64 * 1_024 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refresh::chain::{Purpose, Renewed};
    use crate::refresh::refresher::Wanted;

    const KEEP: Duration = Duration::from_secs(30);

    fn token(text: &str) -> SecretString {
        text.into()
    }

    #[test]
    fn a_chain_is_found_by_each_of_its_tokens_until_it_is_forgotten() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        let link = chains.find_or_begin(&token("first"), now);
        assert!(chains.renew(&link, &token("second"), now));
        for known in ["first", "second"] {
            assert!(Arc::ptr_eq(&link, &chains.find_or_begin(&token(known), now)), "{known}");
        }
        assert!(!Arc::ptr_eq(&link, &chains.find_or_begin(&token("other"), now)));

        assert_eq!(chains.forget(&token("first")).unwrap().expose_secret(), "second");
        assert!(!Arc::ptr_eq(&link, &chains.find_or_begin(&token("first"), now)));
    }

    #[test]
    fn a_chain_that_was_forgotten_meanwhile_stays_forgotten() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        let link = chains.find_or_begin(&token("first"), now);
        chains.forget(&token("first"));
        assert!(!chains.renew(&link, &token("second"), now));
        assert!(chains.state().links.is_empty());
    }

    #[test]
    fn two_chains_that_turn_out_to_be_one_become_one_and_neither_counts_as_forgotten() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        // Another instance exchanged the first token for the second, and somebody came here with each of them.
        let of_first = chains.find_or_begin(&token("first"), now);
        let of_second = chains.find_or_begin(&token("second"), now);
        assert!(chains.renew(&of_first, &token("second"), now));
        assert!(chains.renew(&of_second, &token("third"), now), "its token would be revoked");
        for known in ["first", "second", "third"] {
            assert!(Arc::ptr_eq(&of_second, &chains.find_or_begin(&token(known), now)), "{known}");
        }
        chains.forget(&token("first"));
        assert!(chains.find(&token("third")).is_none());
        assert!(!chains.renew(&of_second, &token("fourth"), now));
    }

    #[test]
    fn that_a_chain_is_over_is_not_forgotten() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        let link = chains.find_or_begin(&token("first"), now);
        link.end();
        chains.forget(&token("first"));
        assert!(Arc::ptr_eq(&link, &chains.find_or_begin(&token("first"), now)));
    }

    #[test]
    fn dos_04_there_are_never_too_many() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        for number in 0..MAX_TOKENS {
            let link = chains.find_or_begin(&token(&number.to_string()), now);
            chains.renew(&link, &token(&format!("next {number}")), now);
            assert!(chains.state().links.len() <= MAX_TOKENS);
        }
    }

    #[test]
    fn dos_04_what_all_chains_yielded_has_a_bound_in_bytes_and_spent_tokens_still_lead_to_their_successors() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        let total = || chains.bytes.load(Ordering::Relaxed);
        let large = Arc::new(Renewed {
            access_token: "t".repeat(100_000).into(),
            expires_at: None,
            scope: None,
            id_token: None,
        });
        for number in 0..2_000_u64 {
            let now = now + Duration::from_micros(number);
            let link = chains.find_or_begin(&token(&format!("old {number}")), now);
            let mut chain = link.chain.try_lock().unwrap();
            chain.settle(Purpose::of(&Wanted::default()), &Ok(Arc::clone(&large)), now);
            link.weigh(&chain);
            assert!(chains.renew(&link, &token(&format!("new {number}")), now));
            assert!(total() <= MAX_BYTES + 200_000, "{}", total());
        }
        assert!(total() > MAX_BYTES / 2, "the newest are still there");
        for number in 0..2_000 {
            let link = chains.find(&token(&format!("old {number}"))).unwrap();
            assert_eq!(link.newest().expose_secret(), format!("new {number}"));
        }
        drop(large);
        chains.state().links.clear();
        assert_eq!(total(), 0, "what is gone counts no more");
    }

    #[test]
    fn dos_04_refresh_tokens_of_any_length_have_a_bound_in_bytes_too() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        for number in 0..1_000_u64 {
            let long = format!("{number} {}", "t".repeat(110_000));
            chains.find_or_begin(&token(&long), now + Duration::from_micros(number));
            let total = chains.bytes.load(Ordering::Relaxed);
            assert!(total <= MAX_BYTES + 200_000, "{total}");
        }
    }

    #[test]
    fn unused_chains_go_as_a_whole_and_those_in_use_stay() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        let held = chains.find_or_begin(&token("held"), now);
        let guard = held.chain.try_lock().unwrap();
        let used = chains.find_or_begin(&token("first"), now);
        chains.renew(&used, &token("second"), now);
        chains.find_or_begin(&token("unused"), now);

        // Somebody keeps coming with the old one of the two.
        let (later, much_later) = (now + KEEP / 2, now + KEEP + Duration::from_secs(1));
        chains.find_or_begin(&token("first"), later);
        chains.find_or_begin(&token("new"), much_later);
        assert!(chains.find(&token("unused")).is_none());
        for known in ["first", "second"] {
            assert!(Arc::ptr_eq(&used, &chains.find(&token(known)).unwrap()), "{known}");
        }
        assert!(Arc::ptr_eq(&held, &chains.find(&token("held")).unwrap()));
        drop(guard);
    }
}
