//! A cached value from the network: loaded by one request at a time, kept when a later load fails.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The time after a failed load in which a stale or outdated value is not loaded again.
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

/// The longest time after its load for which a value is served, when no other can be loaded. Longer than most
/// outages. But a provider withdraws a stolen key, and an attacker who keeps this service from loading the new keys
/// must not gain more.
const LONGEST_USE: Duration = Duration::from_secs(24 * 3_600);

/// The error of a load that failed.
pub(crate) trait LoadError: Clone + fmt::Display {
    /// Returns the error that the last value is too old, and that no other could be loaded.
    fn outdated() -> Self;
}

/// The age of a value, by its use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    Fresh,
    /// Served until another value is loaded.
    Stale,
    /// Served no more.
    Outdated,
}

/// A value from the network and its age. Ages come from the monotonic clock, not from the clock that
/// decides about tokens.
#[derive(Debug)]
pub(crate) struct Cached<T, E> {
    /// The time for which a value is fresh.
    /// The kind of the kept value and its provider, for the log.
    source: String,
    ttl: Duration,
    state: Mutex<State<T, E>>,
    /// Held by the request that loads (single-flight).
    loading: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State<T, E> {
    /// The last value, and when it was loaded.
    value: Option<(Arc<T>, Instant)>,
    /// The error of the last load, if that failed, and when it failed.
    failure: Option<(E, Instant)>,
    /// When the last renewal began.
    renewed: Option<Instant>,
}

impl<T, E: LoadError> Cached<T, E> {
    pub(crate) fn new(ttl: Duration, source: impl Into<String>) -> Self {
        let state = State { value: None, failure: None, renewed: None };
        Self { source: source.into(), ttl, state: Mutex::new(state), loading: tokio::sync::Mutex::new(()) }
    }

    /// Returns the value, and loads it if there is none or it is not fresh. A request waits for the load of another
    /// request only where no value may be served.
    pub(crate) async fn get(&self, load: impl Future<Output = Result<T, E>>) -> Result<Arc<T>, E> {
        let arrived = Instant::now();
        let known = {
            let state = self.state();
            let known = state.value.as_ref().map(|(value, at)| (self.age(*at, arrived), Arc::clone(value)));
            match known {
                Some((Age::Fresh, value)) => return Ok(value),
                // After a failure the provider is left alone for a while, so the outcome is decided without a load.
                Some((Age::Stale, value)) if state.failed_recently(arrived) => return Ok(value),
                Some((Age::Outdated, _)) if state.failed_recently(arrived) => return Err(E::outdated()),
                known => known,
            }
        };
        match known {
            None => {
                let _turn = self.loading.lock().await;
                self.load_unless_done_since(arrived, load).await
            }
            Some((Age::Outdated, _)) => {
                let _turn = self.loading.lock().await;
                self.load_unless_done_since(arrived, load).await.map_err(|error| {
                    tracing::error!(
                        %error,
                        source = self.source,
                        "the provider's metadata or keys are a day old and could not be loaded again, so they are used no more: check that the host of AUTH0_DOMAIN (`domain`) can be reached from here within `http_timeout`"
                    );
                    E::outdated()
                })
            }
            Some((_, value)) => {
                // Another request is loading already: a stale value is served meanwhile.
                let Ok(_turn) = self.loading.try_lock() else { return Ok(value) };
                Ok(self.load_unless_done_since(arrived, load).await.unwrap_or_else(|error| {
                    tracing::warn!(
                        %error,
                        source = self.source,
                        "the provider's metadata or keys could not be loaded again, so the known ones are used, for a day at most: check that the host of AUTH0_DOMAIN (`domain`) can be reached from here within `http_timeout`"
                    );
                    value
                }))
            }
        }
    }

    /// Returns the value that is at hand, fresh or stale, without a load.
    pub(crate) fn known(&self) -> Option<Arc<T>> {
        let now = Instant::now();
        let state = self.state();
        let known = state.value.as_ref().filter(|(_, at)| self.age(*at, now) != Age::Outdated);
        known.map(|(value, _)| Arc::clone(value))
    }

    fn age(&self, loaded: Instant, now: Instant) -> Age {
        if is_fresh(loaded, now, self.ttl) {
            Age::Fresh
        } else if is_fresh(loaded, now, LONGEST_USE) {
            Age::Stale
        } else {
            Age::Outdated
        }
    }

    /// Loads a value that is newer than this call, however fresh the present one is. `None` within `cool_down`
    /// of the last renewal.
    pub(crate) async fn renew(
        &self,
        cool_down: Duration,
        load: impl Future<Output = Result<T, E>>,
    ) -> Option<Result<Arc<T>, E>> {
        let arrived = Instant::now();
        let _turn = self.loading.lock().await;
        {
            let mut state = self.state();
            // A load that ended while this call waited is shared below, and is no renewal of its own.
            if !state.loaded_since(arrived) {
                if state.renewed.is_some_and(|at| is_fresh(at, arrived, cool_down)) {
                    return None;
                }
                state.renewed = Some(arrived);
            }
        }
        Some(self.load_unless_done_since(arrived, load).await)
    }

    /// Loads the value, unless another request did since `arrived`. Called only with `loading` held.
    async fn load_unless_done_since(
        &self,
        arrived: Instant,
        load: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        {
            let state = self.state();
            if let Some((value, at)) = &state.value
                && *at >= arrived
            {
                return Ok(Arc::clone(value));
            }
            // Requests that waited for a load that failed share its error, instead of waiting for a time-out each.
            if let Some((error, at)) = &state.failure
                && *at >= arrived
            {
                return Err(error.clone());
            }
        }
        let loaded = load.await;
        let mut state = self.state();
        match loaded {
            Ok(value) => {
                let value = Arc::new(value);
                state.value = Some((Arc::clone(&value), Instant::now()));
                state.failure = None;
                Ok(value)
            }
            Err(error) => {
                state.failure = Some((error.clone(), Instant::now()));
                Err(error)
            }
        }
    }

    /// Locks the state. Nothing here can panic while the lock is held, so a poisoned state is a whole one.
    fn state(&self) -> MutexGuard<'_, State<T, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, E> State<T, E> {
    fn failed_recently(&self, now: Instant) -> bool {
        self.failure.as_ref().is_some_and(|(_, at)| is_fresh(*at, now, RETRY_INTERVAL))
    }

    fn loaded_since(&self, moment: Instant) -> bool {
        self.value.as_ref().is_some_and(|(_, at)| *at >= moment)
            || self.failure.as_ref().is_some_and(|(_, at)| *at >= moment)
    }
}

fn is_fresh(since: Instant, now: Instant, ttl: Duration) -> bool {
    now.saturating_duration_since(since) < ttl
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const TTL: Duration = Duration::from_secs(600);

    impl LoadError for &'static str {
        fn outdated() -> Self {
            "outdated"
        }
    }

    async fn count(loads: &AtomicU32) -> Result<u32, &'static str> {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok(loads.fetch_add(1, Ordering::SeqCst))
    }

    async fn fail(loads: &AtomicU32) -> Result<u32, &'static str> {
        tokio::time::sleep(Duration::from_millis(10)).await;
        loads.fetch_add(1, Ordering::SeqCst);
        Err("down")
    }

    #[tokio::test(start_paused = true)]
    async fn many_callers_share_one_load() {
        let (cache, loads) = (Cached::new(TTL, "numbers"), AtomicU32::new(0));
        let (a, b, c) =
            tokio::join!(cache.get(count(&loads)), cache.get(count(&loads)), cache.get(count(&loads)));
        assert_eq!([*a.unwrap(), *b.unwrap(), *c.unwrap()], [0, 0, 0]);
        assert_eq!(loads.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_waited_for_a_failed_load_share_its_error_and_the_next_caller_tries_again() {
        let (cache, loads) = (Cached::new(TTL, "numbers"), AtomicU32::new(0));
        let (a, b) = tokio::join!(cache.get(fail(&loads)), cache.get(fail(&loads)));
        assert_eq!([a.unwrap_err(), b.unwrap_err()], ["down", "down"]);
        assert_eq!(loads.load(Ordering::SeqCst), 1);
        tokio::time::advance(Duration::from_millis(1)).await;
        cache.get(count(&loads)).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_is_loaded_again_when_its_time_is_over() {
        let (cache, loads) = (Cached::new(TTL, "numbers"), AtomicU32::new(0));
        cache.get(count(&loads)).await.unwrap();
        tokio::time::advance(TTL.checked_sub(Duration::from_millis(1)).unwrap()).await;
        assert_eq!(*cache.get(count(&loads)).await.unwrap(), 0);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(*cache.get(count(&loads)).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn jwk_02_the_last_good_value_outlives_a_failing_provider_which_is_not_hammered() {
        let (cache, loads) = (Cached::new(TTL, "numbers"), AtomicU32::new(0));
        cache.get(count(&loads)).await.unwrap();
        tokio::time::advance(TTL).await;
        for _ in 0..10 {
            assert_eq!(*cache.get(fail(&loads)).await.unwrap(), 0);
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(loads.load(Ordering::SeqCst), 2);
        tokio::time::advance(RETRY_INTERVAL).await;
        assert_eq!(*cache.get(count(&loads)).await.unwrap(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_a_stale_value_does_not_wait_for_anothers_load() {
        let (cache, loads) = (Cached::new(TTL, "numbers"), AtomicU32::new(0));
        cache.get(count(&loads)).await.unwrap();
        tokio::time::advance(TTL).await;
        let (a, b) = tokio::join!(cache.get(count(&loads)), cache.get(count(&loads)));
        assert_eq!([*a.unwrap(), *b.unwrap()], [1, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn jwk_04_renewals_are_limited_by_the_cool_down() {
        let (cache, loads) = (Cached::new(TTL, "numbers"), AtomicU32::new(0));
        let cool_down = Duration::from_secs(30);
        cache.get(count(&loads)).await.unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(*cache.renew(cool_down, count(&loads)).await.unwrap().unwrap(), 1);
        for _ in 0..1000 {
            tokio::time::advance(Duration::from_millis(10)).await;
            assert!(cache.renew(cool_down, count(&loads)).await.is_none());
        }
        tokio::time::advance(cool_down).await;
        assert!(cache.renew(cool_down, fail(&loads)).await.unwrap().is_err());
        assert_eq!(*cache.get(count(&loads)).await.unwrap(), 1, "the last good value stays");
    }

    #[test]
    fn a_value_is_fresh_then_stale_and_then_no_longer_used() {
        let (cache, loaded) = (Cached::<u32, &'static str>::new(TTL, "numbers"), Instant::now());
        let moment = Duration::from_millis(1);
        for (age, expected) in [
            (Duration::ZERO, Age::Fresh),
            (TTL.checked_sub(moment).unwrap(), Age::Fresh),
            (TTL, Age::Stale),
            (LONGEST_USE.checked_sub(moment).unwrap(), Age::Stale),
            (LONGEST_USE, Age::Outdated),
            (LONGEST_USE * 100, Age::Outdated),
        ] {
            assert_eq!(cache.age(loaded, loaded + age), expected, "{age:?}");
        }
        assert_eq!(cache.age(loaded + TTL, loaded), Age::Fresh, "an age is never negative");
    }

    #[tokio::test(start_paused = true)]
    async fn jwk_02_a_value_that_cannot_be_loaded_again_is_served_for_a_day_and_then_no_more() {
        let (cache, loads) = (Cached::new(TTL, "numbers"), AtomicU32::new(0));
        cache.get(count(&loads)).await.unwrap();
        let mut served = Duration::ZERO;
        let began = Instant::now();
        while cache.get(fail(&loads)).await.is_ok() {
            served = began.elapsed();
            tokio::time::advance(Duration::from_secs(60)).await;
        }
        assert!(served <= LONGEST_USE && served + Duration::from_secs(120) > LONGEST_USE, "{served:?}");
        assert!(cache.known().is_none());
        // Nobody makes it ask more often than before.
        let before = loads.load(Ordering::SeqCst);
        for _ in 0..100 {
            assert_eq!(cache.get(fail(&loads)).await.unwrap_err(), "outdated");
        }
        assert_eq!(loads.load(Ordering::SeqCst), before);
        tokio::time::advance(RETRY_INTERVAL).await;
        assert_eq!(cache.get(fail(&loads)).await.unwrap_err(), "outdated");
        tokio::time::advance(RETRY_INTERVAL).await;
        cache.get(count(&loads)).await.unwrap();
        assert!(cache.known().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn simultaneous_renewals_share_one_load() {
        let (cache, loads) = (Cached::new(TTL, "numbers"), AtomicU32::new(0));
        let cool_down = Duration::from_secs(30);
        let (a, b) =
            tokio::join!(cache.renew(cool_down, count(&loads)), cache.renew(cool_down, count(&loads)));
        assert_eq!(*a.unwrap().unwrap(), 0);
        assert_eq!(*b.unwrap().unwrap(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_at_hand_can_be_had_while_a_newer_one_is_not() {
        let (cache, loads) = (Cached::new(TTL, "numbers"), AtomicU32::new(0));
        assert!(cache.known().is_none());
        cache.get(count(&loads)).await.unwrap();
        tokio::time::advance(TTL).await;
        let waiting = tokio::time::timeout(Duration::from_millis(1), cache.get(std::future::pending())).await;
        assert!(waiting.is_err());
        assert_eq!(*cache.known().unwrap(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_who_leaves_does_not_block_the_next() {
        let (cache, loads) = (Cached::new(TTL, "numbers"), AtomicU32::new(0));
        let left = tokio::time::timeout(Duration::from_millis(1), cache.get(count(&loads))).await;
        assert!(left.is_err());
        assert_eq!(*cache.get(count(&loads)).await.unwrap(), 0);
    }
}
