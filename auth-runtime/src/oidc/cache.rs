//! One value from the network: loaded by one caller at a time, kept when a later load fails.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// While a stale value is served, the provider is asked again this often at most.
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

/// Ages are monotonic: they have nothing to do with the clock that decides about tokens.
#[derive(Debug)]
pub(crate) struct Cached<T, E> {
    ttl: Duration,
    state: Mutex<State<T, E>>,
    loading: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State<T, E> {
    value: Option<(Arc<T>, Instant)>,
    failure: Option<(E, Instant)>,
    renewed: Option<Instant>,
}

impl<T, E: Clone> Cached<T, E> {
    pub(crate) fn new(ttl: Duration) -> Self {
        let state = State { value: None, failure: None, renewed: None };
        Self { ttl, state: Mutex::new(state), loading: tokio::sync::Mutex::new(()) }
    }

    /// The value, loaded if there is none or it is stale. Only who finds nothing at all waits for another's load.
    pub(crate) async fn get(&self, load: impl Future<Output = Result<T, E>>) -> Result<Arc<T>, E> {
        let arrived = Instant::now();
        let stale = {
            let state = self.state();
            match &state.value {
                Some((value, at)) if is_fresh(*at, arrived, self.ttl) => return Ok(Arc::clone(value)),
                Some((value, _)) if state.failed_recently(arrived) => return Ok(Arc::clone(value)),
                Some((value, _)) => Some(Arc::clone(value)),
                None => None,
            }
        };
        match stale {
            None => {
                let _turn = self.loading.lock().await;
                self.load_unless_done_since(arrived, load).await
            }
            Some(value) => {
                let Ok(_turn) = self.loading.try_lock() else { return Ok(value) };
                self.load_unless_done_since(arrived, load).await.or(Ok(value))
            }
        }
    }

    /// The value that is at hand, fresh or stale.
    pub(crate) fn known(&self) -> Option<Arc<T>> {
        self.state().value.as_ref().map(|(value, _)| Arc::clone(value))
    }

    /// A value that is newer than this call, however fresh the present one; `None` within `cool_down` of the last renewal.
    pub(crate) async fn renew(
        &self,
        cool_down: Duration,
        load: impl Future<Output = Result<T, E>>,
    ) -> Option<Result<Arc<T>, E>> {
        let arrived = Instant::now();
        let _turn = self.loading.lock().await;
        {
            let mut state = self.state();
            if !state.loaded_since(arrived) {
                if state.renewed.is_some_and(|at| is_fresh(at, arrived, cool_down)) {
                    return None;
                }
                state.renewed = Some(arrived);
            }
        }
        Some(self.load_unless_done_since(arrived, load).await)
    }

    /// Only with `loading` held.
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
            // Those who waited for a load that failed share its error, instead of queueing for a time-out each.
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

    /// Nothing here can panic while the lock is held, so a poisoned state is a whole one.
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
        let (cache, loads) = (Cached::new(TTL), AtomicU32::new(0));
        let (a, b, c) =
            tokio::join!(cache.get(count(&loads)), cache.get(count(&loads)), cache.get(count(&loads)));
        assert_eq!([*a.unwrap(), *b.unwrap(), *c.unwrap()], [0, 0, 0]);
        assert_eq!(loads.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_waited_for_a_failed_load_share_its_error_and_the_next_caller_tries_again() {
        let (cache, loads) = (Cached::new(TTL), AtomicU32::new(0));
        let (a, b) = tokio::join!(cache.get(fail(&loads)), cache.get(fail(&loads)));
        assert_eq!([a.unwrap_err(), b.unwrap_err()], ["down", "down"]);
        assert_eq!(loads.load(Ordering::SeqCst), 1);
        tokio::time::advance(Duration::from_millis(1)).await;
        cache.get(count(&loads)).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_is_loaded_again_when_its_time_is_over() {
        let (cache, loads) = (Cached::new(TTL), AtomicU32::new(0));
        cache.get(count(&loads)).await.unwrap();
        tokio::time::advance(TTL.checked_sub(Duration::from_millis(1)).unwrap()).await;
        assert_eq!(*cache.get(count(&loads)).await.unwrap(), 0);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(*cache.get(count(&loads)).await.unwrap(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn jwk_02_the_last_good_value_outlives_a_failing_provider_which_is_not_hammered() {
        let (cache, loads) = (Cached::new(TTL), AtomicU32::new(0));
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
        let (cache, loads) = (Cached::new(TTL), AtomicU32::new(0));
        cache.get(count(&loads)).await.unwrap();
        tokio::time::advance(TTL).await;
        let (a, b) = tokio::join!(cache.get(count(&loads)), cache.get(count(&loads)));
        assert_eq!([*a.unwrap(), *b.unwrap()], [1, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn jwk_04_renewals_are_limited_by_the_cool_down() {
        let (cache, loads) = (Cached::new(TTL), AtomicU32::new(0));
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

    #[tokio::test(start_paused = true)]
    async fn simultaneous_renewals_share_one_load() {
        let (cache, loads) = (Cached::new(TTL), AtomicU32::new(0));
        let cool_down = Duration::from_secs(30);
        let (a, b) =
            tokio::join!(cache.renew(cool_down, count(&loads)), cache.renew(cool_down, count(&loads)));
        assert_eq!(*a.unwrap().unwrap(), 0);
        assert_eq!(*b.unwrap().unwrap(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_at_hand_can_be_had_while_a_newer_one_is_not() {
        let (cache, loads) = (Cached::new(TTL), AtomicU32::new(0));
        assert!(cache.known().is_none());
        cache.get(count(&loads)).await.unwrap();
        tokio::time::advance(TTL).await;
        let waiting = tokio::time::timeout(Duration::from_millis(1), cache.get(std::future::pending())).await;
        assert!(waiting.is_err());
        assert_eq!(*cache.known().unwrap(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_who_leaves_does_not_block_the_next() {
        let (cache, loads) = (Cached::new(TTL), AtomicU32::new(0));
        let left = tokio::time::timeout(Duration::from_millis(1), cache.get(count(&loads))).await;
        assert!(left.is_err());
        assert_eq!(*cache.get(count(&loads)).await.unwrap(), 0);
    }
}
