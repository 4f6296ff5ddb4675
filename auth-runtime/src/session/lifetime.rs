//! The lifetime of a session: arithmetic on given times, without a clock.

use std::time::Duration;

use super::reason::Reason;
use crate::time::Timestamp;

/// The lifetime that a service gives to the sessions that it owns.
///
/// ```
/// use std::time::Duration;
/// use auth_runtime::codec::{Lifetime, Timestamp};
///
/// let lifetime = Lifetime::default();
/// let signed_in = Timestamp::from_unix(1_790_000_000);
/// assert_eq!(lifetime.remaining(signed_in, signed_in), Duration::from_secs(86_400));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// True if each use extends the session.
    rolling: bool,
    /// The longest time from the sign-in to the session's end, in seconds.
    absolute: u64,
    /// The time from the last use to the session's end, in seconds. Counts only if the session is rolling.
    inactivity: u64,
}

impl Default for Lifetime {
    /// Returns the default of nextjs-auth0: rolling, 1 day of inactivity, 3 days in all.
    fn default() -> Self {
        Self { rolling: true, absolute: DEFAULT_ABSOLUTE.as_secs(), inactivity: DEFAULT_INACTIVITY.as_secs() }
    }
}

impl Lifetime {
    /// Returns the lifetime of a session that each use extends by `inactivity`, up to `absolute` after sign-in. Both
    /// count in whole seconds.
    ///
    /// ```
    /// use std::time::Duration;
    /// use auth_runtime::codec::{Lifetime, Timestamp};
    ///
    /// let lifetime = Lifetime::rolling(Duration::from_secs(3_600), Duration::from_secs(86_400));
    /// let signed_in = Timestamp::from_unix(1_790_000_000);
    /// let late = signed_in.saturating_add(86_000);
    /// assert_eq!(lifetime.remaining(signed_in, signed_in), Duration::from_secs(3_600));
    /// assert_eq!(lifetime.remaining(signed_in, late), Duration::from_secs(400));
    /// ```
    pub const fn rolling(inactivity: Duration, absolute: Duration) -> Self {
        Self { rolling: true, absolute: absolute.as_secs(), inactivity: inactivity.as_secs() }
    }

    /// Returns the lifetime of a session that ends `absolute` after sign-in, used or not. It counts in whole seconds.
    ///
    /// ```
    /// use std::time::Duration;
    /// use auth_runtime::codec::{Lifetime, Timestamp};
    ///
    /// let lifetime = Lifetime::fixed(Duration::from_secs(3_600));
    /// let signed_in = Timestamp::from_unix(1_790_000_000);
    /// let later = signed_in.saturating_add(600);
    /// assert_eq!(lifetime.remaining(signed_in, later), Duration::from_secs(3_000));
    /// ```
    pub const fn fixed(absolute: Duration) -> Self {
        Self { rolling: false, absolute: absolute.as_secs(), inactivity: absolute.as_secs() }
    }

    /// Returns the longest time from the sign-in to the session's end.
    pub(crate) const fn absolute(&self) -> Duration {
        Duration::from_secs(self.absolute)
    }

    /// Returns whether no session could ever be used.
    pub(crate) const fn is_over_at_once(&self) -> bool {
        self.absolute == 0 || self.inactivity == 0
    }

    /// Returns the time that a session has left when it is written at `now`.
    ///
    /// A fixed session ends at `created_at` + absolute, however often it is written.
    pub const fn remaining(&self, created_at: Timestamp, now: Timestamp) -> Duration {
        let end = created_at.saturating_add(self.absolute);
        let left = end.seconds_since(now);
        Duration::from_secs(if self.rolling && left > self.inactivity { self.inactivity } else { left })
    }

    /// Returns whether a session that would now last until `renewed` is worth rewriting over one that lasts until
    /// `current`: the gain must be a tenth of the inactivity limit, or every request would cost a cookie.
    pub(crate) const fn is_worth_rolling(&self, current: Timestamp, renewed: Timestamp) -> bool {
        self.rolling && renewed.seconds_since(current) >= self.inactivity.div_ceil(10) && self.inactivity > 0
    }

    /// Refuses a session that has lived too long, whatever its `exp` says.
    pub(crate) fn check_age(&self, created_at: Timestamp, now: Timestamp) -> Result<(), Reason> {
        if now >= created_at.saturating_add(self.absolute) { Err(Reason::TooOld) } else { Ok(()) }
    }

    /// Refuses a rolling session whose last use is too long ago.
    pub(crate) fn check_idle(&self, last_used: Timestamp, now: Timestamp) -> Result<(), Reason> {
        if self.rolling && now >= last_used.saturating_add(self.inactivity) {
            Err(Reason::IdleTooLong)
        } else {
            Ok(())
        }
    }
}

/// Refuses an `exp` that has passed by more than [`CLOCK_TOLERANCE`]. `exp` is in unix seconds and may have a fraction
/// (RFC 7519 §2).
pub(crate) fn check_exp(exp: f64, now: Timestamp) -> Result<(), Reason> {
    if Timestamp::from_json_number(exp).is_none() {
        return Err(Reason::WrongShape);
    }
    if exp > seconds(now.saturating_sub(CLOCK_TOLERANCE)) { Ok(()) } else { Err(Reason::Expired) }
}

/// Refuses an `nbf` that lies ahead by more than [`CLOCK_TOLERANCE`].
pub(crate) fn check_nbf(nbf: f64, now: Timestamp) -> Result<(), Reason> {
    if nbf <= seconds(now.saturating_add(CLOCK_TOLERANCE)) { Ok(()) } else { Err(Reason::NotYetValid) }
}

/// Refuses a creation time that lies ahead by more than [`CLOCK_TOLERANCE`]: such a session would outlive its absolute
/// limit.
pub(crate) fn check_created(created_at: Timestamp, now: Timestamp) -> Result<(), Reason> {
    if created_at > now.saturating_add(CLOCK_TOLERANCE) { Err(Reason::WrongShape) } else { Ok(()) }
}

/// Refuses a session that is closer than [`CEILING_LEEWAY`] to the provider's limit (`sessionExpiresAt`).
pub(crate) fn check_ceiling(ceiling: f64, now: Timestamp) -> Result<(), Reason> {
    // A limit in milliseconds, read as seconds, would never be reached.
    if ceiling.is_nan() || ceiling >= MILLISECONDS_BEGIN {
        return Err(Reason::WrongShape);
    }
    if seconds(now) >= ceiling - CEILING_LEEWAY { Err(Reason::CeilingReached) } else { Ok(()) }
}

#[expect(clippy::cast_precision_loss, reason = "clocks show times far below 2^53 seconds")]
fn seconds(time: Timestamp) -> f64 {
    time.as_unix() as f64
}

/// The time from the sign-in to the session's end, unless configured.
pub const DEFAULT_ABSOLUTE: Duration = Duration::from_secs(3 * 86_400);

/// The time from the last use to the session's end, unless configured.
pub const DEFAULT_INACTIVITY: Duration = Duration::from_secs(86_400);

/// The tolerated difference between the clocks of writer and reader, in seconds: part of the wire format.
pub(crate) const CLOCK_TOLERANCE: u64 = 15;

/// The time before the provider's limit at which a session ends, in seconds: part of the wire format.
const CEILING_LEEWAY: f64 = 30.0;

/// The number from which on a time is taken for milliseconds instead of seconds.
const MILLISECONDS_BEGIN: f64 = 10_000_000_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;
    const NOW: Timestamp = Timestamp::from_unix(1_790_000_000);

    #[test]
    fn a_rolling_session_is_capped_by_its_absolute_limit() {
        let lifetime = Lifetime::default();
        assert_eq!(lifetime.remaining(NOW, NOW).as_secs(), DAY);
        assert_eq!(lifetime.remaining(NOW.saturating_sub(3 * DAY - 600), NOW).as_secs(), 600);
        assert_eq!(lifetime.remaining(NOW.saturating_sub(9 * DAY), NOW).as_secs(), 0);
    }

    #[test]
    fn a_fixed_session_ends_with_its_absolute_limit_whatever_is_written() {
        let lifetime = Lifetime::fixed(Duration::from_secs(3 * DAY));
        assert_eq!(lifetime.remaining(NOW.saturating_sub(2 * DAY), NOW).as_secs(), DAY);
    }

    #[test]
    fn s_jwe_6_rolling_is_worth_a_tenth_of_the_inactivity_limit() {
        let lifetime = Lifetime::default();
        assert!(!lifetime.is_worth_rolling(NOW, NOW.saturating_add(8_639)));
        assert!(lifetime.is_worth_rolling(NOW, NOW.saturating_add(8_640)));
        assert!(!lifetime.is_worth_rolling(NOW, NOW.saturating_sub(1)));
        assert!(!Lifetime::fixed(DEFAULT_ABSOLUTE).is_worth_rolling(NOW, NOW.saturating_add(DAY)));
    }

    #[test]
    fn pay_06_and_ses_10_exp_has_fifteen_seconds_of_tolerance() {
        let now = 1_790_000_000.0;
        assert_eq!(check_exp(now - 14.0, NOW), Ok(()));
        assert_eq!(check_exp(now - 15.0, NOW), Err(Reason::Expired));
        assert_eq!(check_exp(now - 16.0, NOW), Err(Reason::Expired));
        assert_eq!(check_exp(now - 14.5, NOW), Ok(()));
    }

    #[test]
    fn pay_05_an_exp_beyond_all_limits_is_none() {
        for exp in [1e308, 9_007_199_254_740_993.0, 9.3e18, 1.9e19, f64::NAN, f64::INFINITY] {
            assert_eq!(check_exp(exp, NOW), Err(Reason::WrongShape), "{exp}");
        }
    }

    #[test]
    fn pay_07_nbf_has_the_same_tolerance() {
        assert_eq!(check_nbf(1_790_000_015.0, NOW), Ok(()));
        assert_eq!(check_nbf(1_790_000_016.0, NOW), Err(Reason::NotYetValid));
        assert_eq!(check_nbf(f64::NAN, NOW), Err(Reason::NotYetValid));
    }

    #[test]
    fn pay_28_the_ceiling_is_reached_thirty_seconds_early() {
        assert_eq!(check_ceiling(1_790_000_031.0, NOW), Ok(()));
        assert_eq!(check_ceiling(1_790_000_030.0, NOW), Err(Reason::CeilingReached));
        assert_eq!(check_ceiling(0.0, NOW), Err(Reason::CeilingReached));
        assert_eq!(check_ceiling(1_790_000_000_000.0, NOW), Err(Reason::WrongShape));
        assert_eq!(check_ceiling(f64::NAN, NOW), Err(Reason::WrongShape));
    }

    #[test]
    fn pay_10_a_session_ends_at_its_absolute_limit() {
        let lifetime = Lifetime::default();
        assert_eq!(lifetime.check_age(NOW.saturating_sub(3 * DAY - 1), NOW), Ok(()));
        assert_eq!(lifetime.check_age(NOW.saturating_sub(3 * DAY), NOW), Err(Reason::TooOld));
    }
}
