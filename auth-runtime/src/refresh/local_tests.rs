//! Entries in memory, and requests that wait at them.

use super::*;
use crate::refresh::outcome::{Purpose, Renewed};
use crate::refresh::refresher::Wanted;
use crate::time::Timestamp;

const KEEP: Duration = Duration::from_secs(30);

fn token(text: &str) -> SecretString {
    text.into()
}

#[test]
fn an_entry_is_found_by_each_of_its_tokens_until_it_is_forgotten() {
    let (entries, now) = (LocalEntries::new(KEEP), Instant::now());
    let link = entries.find_or_begin(&token("first"), now);
    assert!(entries.renew(&link, &token("second"), now));
    for known in ["first", "second"] {
        assert!(Arc::ptr_eq(&link, &entries.find_or_begin(&token(known), now)), "{known}");
    }
    assert!(!Arc::ptr_eq(&link, &entries.find_or_begin(&token("other"), now)));

    assert_eq!(entries.forget(&token("first")).unwrap().expose_secret(), "second");
    assert!(!Arc::ptr_eq(&link, &entries.find_or_begin(&token("first"), now)));
}

/// Requests for one user's tokens, at a provider that answers as often as it may.
struct Scene {
    entries: LocalEntries,
    clock: Clock,
    exchanges: AtomicUsize,
    answers: tokio::sync::Semaphore,
}

impl Scene {
    fn new(clock: Clock) -> Arc<Self> {
        let (exchanges, answers) = (AtomicUsize::new(0), tokio::sync::Semaphore::new(0));
        Arc::new(Self { entries: LocalEntries::new(KEEP), clock, exchanges, answers })
    }

    /// Asks in a task of its own. The answer is whether there was a token.
    fn ask(
        self: &Arc<Self>,
        audience: &str,
        fresh: bool,
        grace: Duration,
    ) -> impl Future<Output = bool> + use<> {
        let (scene, audience) = (Arc::clone(self), Some(audience.to_owned()));
        let asking = spawn(async move {
            let request = LocalRequest {
                refresh_token: &token("first"),
                purpose: Purpose::of(&Wanted { audience, ..Wanted::default() }),
                fresh,
                grace,
                clock: &scene.clock,
            };
            let provider = Arc::clone(&scene);
            let send = |_| async move {
                provider.exchanges.fetch_add(1, Ordering::Relaxed);
                provider.answers.acquire().await.unwrap().forget();
                let renewed =
                    Renewed { access_token: "at".into(), expires_at: None, scope: None, id_token: None };
                Ok(Arc::new(renewed))
            };
            scene.entries.exchange(request, || Ok(()), send).await.outcome.is_ok()
        });
        async move { asking.await.unwrap() }
    }

    fn exchanges(&self) -> usize {
        self.exchanges.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn race_05_requests_that_wait_for_one_exchange_get_its_outcome_also_when_they_want_a_fresh_token() {
    let scene = Scene::new(Clock::default());
    let ask = |fresh| scene.ask("A", fresh, Duration::ZERO);
    let waiting: Vec<_> = [true, true, false, true, false].into_iter().map(ask).collect();
    // All of them have come, and one has sent.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    scene.answers.add_permits(10);
    for request in waiting {
        assert!(request.await);
    }
    assert_eq!(scene.exchanges(), 1);
    // One that comes later wants another.
    assert!(ask(true).await);
    assert_eq!(scene.exchanges(), 2);
}

#[cfg(feature = "testing")]
#[tokio::test]
async fn race_07_what_a_request_waits_for_another_purpose_does_not_count_against_the_grace_time() {
    use std::sync::atomic::AtomicI64;

    let time = Arc::new(AtomicI64::new(1_790_000_000));
    let scene = Scene::new(Clock::Settable(Arc::clone(&time)));
    let ask = |audience| scene.ask(audience, false, KEEP);
    scene.answers.add_permits(1);
    assert!(ask("A").await);
    let other = ask("B");
    tokio::task::yield_now().await;
    let within_grace = ask("A");
    tokio::task::yield_now().await;
    time.fetch_add(i64::try_from(KEEP.as_secs()).unwrap(), Ordering::SeqCst);
    scene.answers.add_permits(10);
    assert!(other.await && within_grace.await);
    assert_eq!(scene.exchanges(), 2, "one for each audience");
    // A request that comes only now sends.
    assert!(ask("A").await);
    assert_eq!(scene.exchanges(), 3);
}

#[test]
fn an_entry_that_was_forgotten_meanwhile_stays_forgotten() {
    let (entries, now) = (LocalEntries::new(KEEP), Instant::now());
    let link = entries.find_or_begin(&token("first"), now);
    entries.forget(&token("first"));
    assert!(!entries.renew(&link, &token("second"), now));
    assert!(entries.state().links.is_empty());
}

#[test]
fn two_entries_that_turn_out_to_be_one_become_one_and_neither_counts_as_forgotten() {
    let (entries, now) = (LocalEntries::new(KEEP), Instant::now());
    // Another instance exchanged the first token for the second, and requests came here with each of them.
    let of_first = entries.find_or_begin(&token("first"), now);
    let of_second = entries.find_or_begin(&token("second"), now);
    assert!(entries.renew(&of_first, &token("second"), now));
    assert!(entries.renew(&of_second, &token("third"), now), "its token would be revoked");
    for known in ["first", "second", "third"] {
        assert!(Arc::ptr_eq(&of_second, &entries.find_or_begin(&token(known), now)), "{known}");
    }
    entries.forget(&token("first"));
    assert!(entries.find(&token("third")).is_none());
    assert!(!entries.renew(&of_second, &token("fourth"), now));
}

#[test]
fn that_a_token_is_refused_is_not_forgotten() {
    let (entries, now) = (LocalEntries::new(KEEP), Instant::now());
    let link = entries.find_or_begin(&token("first"), now);
    link.change(|known| known.is_refused = true);
    entries.forget(&token("first"));
    assert!(Arc::ptr_eq(&link, &entries.find_or_begin(&token("first"), now)));
}

#[test]
fn dos_04_there_are_never_too_many() {
    let (entries, now) = (LocalEntries::new(KEEP), Instant::now());
    for number in 0..MAX_TOKENS {
        let link = entries.find_or_begin(&token(&number.to_string()), now);
        entries.renew(&link, &token(&format!("next {number}")), now);
        assert!(entries.state().links.len() <= MAX_TOKENS);
    }
}

#[test]
fn dos_04_what_all_entries_yielded_has_a_bound_in_bytes_and_spent_tokens_still_lead_to_their_successors() {
    let (entries, now) = (LocalEntries::new(KEEP), Instant::now());
    let total = || entries.bytes.load(Ordering::Relaxed);
    let large = Arc::new(Renewed {
        access_token: "t".repeat(100_000).into(),
        expires_at: None,
        scope: None,
        id_token: None,
    });
    for number in 0..2_000_u64 {
        let now = now + Duration::from_micros(number);
        let link = entries.find_or_begin(&token(&format!("old {number}")), now);
        let mut entry = link.entry.try_lock().unwrap();
        let purpose = Purpose::of(&Wanted::default());
        entry.note(&purpose, number, &Ok(Arc::clone(&large)), Timestamp::from_unix(1_790_000_000));
        link.settle(&entry);
        assert!(entries.renew(&link, &token(&format!("new {number}")), now));
        assert!(total() <= MAX_BYTES + 200_000, "{}", total());
    }
    assert!(total() > MAX_BYTES / 2, "the newest are still there");
    for number in 0..2_000 {
        let link = entries.find(&token(&format!("old {number}"))).unwrap();
        assert_eq!(link.newest().expose_secret(), format!("new {number}"));
    }
    drop(large);
    entries.state().links.clear();
    assert_eq!(total(), 0, "what is gone counts no more");
}

#[test]
fn dos_04_refresh_tokens_of_any_length_have_a_bound_in_bytes_too() {
    let (entries, now) = (LocalEntries::new(KEEP), Instant::now());
    for number in 0..1_000_u64 {
        let long = format!("{number} {}", "t".repeat(110_000));
        entries.find_or_begin(&token(&long), now + Duration::from_micros(number));
        let total = entries.bytes.load(Ordering::Relaxed);
        assert!(total <= MAX_BYTES + 200_000, "{total}");
    }
}

#[test]
fn unused_entries_go_as_a_whole_and_those_in_use_stay() {
    let (entries, now) = (LocalEntries::new(KEEP), Instant::now());
    let held = entries.find_or_begin(&token("held"), now);
    let guard = held.entry.try_lock().unwrap();
    let used = entries.find_or_begin(&token("first"), now);
    entries.renew(&used, &token("second"), now);
    entries.find_or_begin(&token("unused"), now);

    // Requests keep coming with the old one of the two.
    let (later, much_later) = (now + KEEP / 2, now + KEEP + Duration::from_secs(1));
    entries.find_or_begin(&token("first"), later);
    entries.find_or_begin(&token("new"), much_later);
    assert!(entries.find(&token("unused")).is_none());
    for known in ["first", "second"] {
        assert!(Arc::ptr_eq(&used, &entries.find(&token(known)).unwrap()), "{known}");
    }
    assert!(Arc::ptr_eq(&held, &entries.find(&token("held")).unwrap()));
    drop(guard);
}
