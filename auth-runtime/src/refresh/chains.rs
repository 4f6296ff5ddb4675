//! The chains of this process, found by any refresh token that belongs to one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::chain::Chain;

/// A chain that several requests may wait for. Who holds it sends.
pub(super) type SharedChain = Arc<tokio::sync::Mutex<Chain>>;

/// Found by the hash of a token: no map of this process is a list of refresh tokens, and two users, whose tokens
/// differ, never meet.
pub(super) struct Chains {
    entries: Mutex<HashMap<[u8; 32], Entry>>,
    /// How long a chain is kept after its last use.
    keep: Duration,
}

struct Entry {
    chain: SharedChain,
    used: Instant,
}

impl Chains {
    pub(super) fn new(keep: Duration) -> Self {
        Self { entries: Mutex::default(), keep }
    }

    /// The chain of the token; a new one if it is not known.
    pub(super) fn find_or_begin(&self, refresh_token: &SecretString, now: Instant) -> SharedChain {
        let mut entries = self.entries();
        let hash = hash(refresh_token);
        if let Some(entry) = entries.get_mut(&hash) {
            entry.used = now;
            return Arc::clone(&entry.chain);
        }
        make_room(&mut entries, now, self.keep);
        let chain = Arc::new(tokio::sync::Mutex::new(Chain::new(refresh_token.clone())));
        entries.insert(hash, Entry { chain: Arc::clone(&chain), used: now });
        chain
    }

    /// The chain of the token, if it is known.
    pub(super) fn find(&self, refresh_token: &SecretString) -> Option<SharedChain> {
        self.entries().get(&hash(refresh_token)).map(|entry| Arc::clone(&entry.chain))
    }

    /// The chain is found by its newest token too, and all its entries count as used now.
    pub(super) fn renew(&self, chain: &SharedChain, newest: &SecretString, now: Instant) {
        let mut entries = self.entries();
        let mut is_known = false;
        for entry in entries.values_mut().filter(|entry| Arc::ptr_eq(&entry.chain, chain)) {
            entry.used = now;
            is_known = true;
        }
        // One that was forgotten meanwhile, because the user signed out, stays forgotten.
        if is_known {
            entries.insert(hash(newest), Entry { chain: Arc::clone(chain), used: now });
        }
    }

    /// Forgets the chain of the token, whichever of the chain's tokens it is.
    pub(super) fn forget(&self, refresh_token: &SecretString) {
        let mut entries = self.entries();
        if let Some(Entry { chain, .. }) = entries.remove(&hash(refresh_token)) {
            entries.retain(|_, entry| !Arc::ptr_eq(&entry.chain, &chain));
        }
    }

    /// Nothing here can panic while the lock is held, so a poisoned map is a whole one.
    fn entries(&self) -> MutexGuard<'_, HashMap<[u8; 32], Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Once in a while, or when there are too many: removes chains that were not used for long, and then, if need be, those
/// that were not used for longest. A chain that somebody holds stays, or two would send its token.
fn make_room(entries: &mut HashMap<[u8; 32], Entry>, now: Instant, keep: Duration) {
    // Doubling, so that the cost of a sweep is spread over the insertions before it.
    if entries.len() < MIN_SWEEP || !(entries.len().is_power_of_two() || entries.len() >= MAX_CHAINS) {
        return;
    }
    let is_idle = |entry: &Entry| entry.chain.try_lock().is_ok();
    entries.retain(|_, entry| now.saturating_duration_since(entry.used) <= keep || !is_idle(entry));
    if entries.len() >= MAX_CHAINS {
        let mut idle: Vec<_> = entries
            .iter()
            .filter(|(_, entry)| is_idle(entry))
            .map(|(hash, entry)| (entry.used, *hash))
            .collect();
        idle.sort_unstable();
        for (_, hash) in idle.into_iter().take(MAX_CHAINS / 4) {
            entries.remove(&hash);
        }
    }
}

fn hash(refresh_token: &SecretString) -> [u8; 32] {
    Sha256::digest(refresh_token.expose_secret()).into()
}

/// A sweep of fewer entries is not worth it.
const MIN_SWEEP: usize = 64;

/// Tokens take a few kilobytes, so this bounds the memory to some tens of megabytes.
const MAX_CHAINS: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: Duration = Duration::from_secs(30);

    fn token(text: &str) -> SecretString {
        text.into()
    }

    #[test]
    fn a_chain_is_found_by_each_of_its_tokens_until_it_is_forgotten() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        let chain = chains.find_or_begin(&token("first"), now);
        chains.renew(&chain, &token("second"), now);
        for known in ["first", "second"] {
            assert!(Arc::ptr_eq(&chain, &chains.find_or_begin(&token(known), now)), "{known}");
        }
        assert!(!Arc::ptr_eq(&chain, &chains.find_or_begin(&token("other"), now)));

        chains.forget(&token("second"));
        assert!(!Arc::ptr_eq(&chain, &chains.find_or_begin(&token("first"), now)));
    }

    #[test]
    fn a_chain_that_was_forgotten_meanwhile_stays_forgotten() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        let chain = chains.find_or_begin(&token("first"), now);
        chains.forget(&token("first"));
        chains.renew(&chain, &token("second"), now);
        assert!(chains.entries().is_empty());
    }

    #[test]
    fn dos_04_there_are_never_too_many() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        for number in 0..3 * MAX_CHAINS {
            chains.find_or_begin(&token(&number.to_string()), now);
            assert!(chains.entries().len() <= MAX_CHAINS);
        }
    }

    #[test]
    fn unused_chains_go_and_those_in_use_stay() {
        let (chains, now) = (Chains::new(KEEP), Instant::now());
        let held = chains.find_or_begin(&token("held"), now);
        let guard = held.try_lock().unwrap();
        for number in 0..MIN_SWEEP {
            chains.find_or_begin(&token(&number.to_string()), now);
        }
        let later = now + KEEP + Duration::from_secs(1);
        for number in 0..2 * MIN_SWEEP {
            chains.find_or_begin(&token(&format!("later {number}")), later);
        }
        assert!(chains.entries().len() <= 2 * MIN_SWEEP + 1);
        drop(guard);
        assert!(Arc::ptr_eq(&held, &chains.find_or_begin(&token("held"), later)));
    }
}
