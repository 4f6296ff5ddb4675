//! The pause of the token endpoint: after a `Retry-After` it is not asked again for a while (RFC 9110 section 10.2.3).
//!
//! Only refreshes and exchanges of tokens wait. A sign-in and a sign-out are tried all the same, since their users are
//! waiting; the metadata and the keys are loaded once for all requests and then kept.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::oauth_answer::{ErrorCode, Failure};
use super::transport::{Answer, RetryAfter};

/// The longest pause, in seconds, whatever the endpoint says: a mistake of the provider must not keep users out.
const LONGEST: u64 = 60;

/// The last `Retry-After` of the endpoint, until its pause is over.
#[derive(Debug, Default)]
pub(super) struct Pause(Mutex<Option<Said>>);

/// A `Retry-After`, and when it came. The pause is over when either clock says so: a clock that is set back must
/// not make it longer.
#[derive(Clone, Debug)]
struct Said {
    code: Option<ErrorCode>,
    /// The time to wait, in seconds.
    wait: u64,
    /// The time of the answer, in unix seconds.
    at: i64,
    /// The time of the answer on the monotonic clock.
    at_instant: Instant,
}

impl Pause {
    /// Begins a pause, if the answer asks for one; `now` is in unix seconds.
    pub(super) fn heed(&self, answer: &Answer, now: i64) {
        // Most answers ask for no pause, so they are not parsed here.
        if answer.status.is_success() || answer.retry_after.is_none() {
            return;
        }
        if let Failure::Unavailable { retry_after: Some(retry_after), code } = Failure::of(answer) {
            let (wait, at_instant) = (retry_after.seconds(now), Instant::now());
            let said = Said { code, wait, at: now, at_instant };
            // A date that is over asks for no pause.
            *self.lock() = Some(said).filter(|said| said.wait > 0);
        }
    }

    /// Fails during a pause as the endpoint did, with the time that is left of it; `now` is in unix seconds.
    pub(super) fn check(&self, now: i64) -> Result<(), Failure> {
        self.check_at(now, Instant::now())
    }

    fn check_at(&self, now: i64, instant: Instant) -> Result<(), Failure> {
        let mut state = self.lock();
        let Some(said) = state.as_ref() else { return Ok(()) };
        let elapsed = instant.saturating_duration_since(said.at_instant);
        let by_date = u64::try_from(now.saturating_sub(said.at)).unwrap_or(0);
        let is_over =
            elapsed >= Duration::from_secs(said.wait.min(LONGEST)) || by_date >= said.wait.min(LONGEST);
        if is_over {
            *state = None;
            return Ok(());
        }
        let left = said.wait.saturating_sub(by_date.max(elapsed.as_secs()));
        let retry_after = Some(RetryAfter::After(left));
        Err(Failure::Unavailable { retry_after, code: said.code.clone() })
    }

    /// Locks the state. Nothing here can panic while the lock is held, so a poisoned state is a whole one.
    fn lock(&self) -> MutexGuard<'_, Option<Said>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    const NOW: i64 = 1_790_000_000;

    fn answer(status: u16, retry_after: Option<RetryAfter>) -> Answer {
        let body = br#"{"error":"slow_down"}"#.to_vec();
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, media_type: "application/json".to_owned(), retry_after, body }
    }

    fn left(pause: &Pause, seconds: i64, elapsed: Duration, began: Instant) -> Option<u64> {
        match pause.check_at(NOW + seconds, began + elapsed).err()? {
            Failure::Unavailable { retry_after: Some(RetryAfter::After(left)), code: Some(code) } => {
                assert_eq!(code.as_str(), "slow_down");
                Some(left)
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn tok_04_a_pause_lasts_as_long_as_was_said_and_a_minute_at_most() {
        for (said, until) in [
            (RetryAfter::After(7), 7),
            (RetryAfter::After(60), 60),
            (RetryAfter::After(86_400), 60),
            (RetryAfter::After(u64::MAX), 60),
            (RetryAfter::At(NOW + 7), 7),
            (RetryAfter::At(i64::MAX), 60),
        ] {
            for status in [429, 503, 500, 408] {
                let (pause, began) = (Pause::default(), Instant::now());
                pause.heed(&answer(status, Some(said)), NOW);
                let last = Duration::from_millis(until * 1_000 - 1);
                assert_eq!(left(&pause, 0, Duration::ZERO, began), Some(said.seconds(NOW)), "{said:?}");
                assert!(left(&pause, 0, last, began).is_some(), "{said:?}");
                assert!(left(&pause, i64::try_from(until).unwrap() - 1, Duration::ZERO, began).is_some());
                // A clock that is set back does not make it longer.
                assert_eq!(left(&pause, -1_000, Duration::from_secs(until), began), None, "{said:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn tok_04_what_is_left_of_a_pause_is_said_and_either_clock_ends_it() {
        let (pause, began) = (Pause::default(), Instant::now());
        pause.heed(&answer(429, Some(RetryAfter::After(50))), NOW);
        assert_eq!(left(&pause, 0, Duration::from_millis(9_900), began), Some(41));
        assert_eq!(left(&pause, 20, Duration::ZERO, began), Some(30));
        assert_eq!(left(&pause, 50, Duration::ZERO, began), None);
        assert_eq!(left(&pause, 0, Duration::ZERO, began), None, "it does not begin anew");
    }

    #[tokio::test(start_paused = true)]
    async fn what_asks_for_no_pause_begins_none() {
        let pause = Pause::default();
        for (status, retry_after) in [
            (200, Some(RetryAfter::After(60))),
            (400, Some(RetryAfter::After(60))),
            (503, None),
            (503, Some(RetryAfter::After(0))),
            (429, Some(RetryAfter::At(NOW - 1))),
        ] {
            pause.heed(&answer(status, retry_after), NOW);
            assert_eq!(pause.check(NOW), Ok(()), "{status} {retry_after:?}");
        }
    }
}
