//! Points in time as the wire format counts them, and the one place that reads the clock.

use std::fmt;

/// A point in time, in whole seconds since 1970-01-01T00:00:00Z.
///
/// The writer of a cookie chooses the times in it, so every operation here saturates instead of overflowing.
///
/// ```
/// use auth_runtime::codec::Timestamp;
///
/// let created = Timestamp::from_unix(1_790_000_000);
/// assert_eq!(created.saturating_add(60).as_unix(), 1_790_000_060);
/// assert_eq!(created.seconds_since(created.saturating_sub(60)), 60);
/// assert_eq!(Timestamp::from_unix(i64::MAX).saturating_add(1), Timestamp::from_unix(i64::MAX));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last second of the year 9999. No login session has a later time.
    pub const MAX_SENSIBLE: Self = Self(253_402_300_799);

    /// Returns the operating system's time, for tools. A service passes the time of its own clock to the codec.
    ///
    /// ```
    /// use auth_runtime::codec::Timestamp;
    ///
    /// assert!(Timestamp::now() > Timestamp::from_unix(1_700_000_000));
    /// ```
    pub fn now() -> Self {
        system_now()
    }

    /// Returns the point in time that is `seconds` after 1970-01-01T00:00:00Z.
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z.
    pub const fn as_unix(self) -> i64 {
        self.0
    }

    /// Returns the time that is `seconds` later.
    #[must_use]
    pub const fn saturating_add(self, seconds: u64) -> Self {
        Self(self.0.saturating_add_unsigned(seconds))
    }

    /// Returns the time that is `seconds` earlier.
    #[must_use]
    pub const fn saturating_sub(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub_unsigned(seconds))
    }

    /// Returns the seconds from `earlier` to this time; 0 when `earlier` is not earlier.
    pub const fn seconds_since(self, earlier: Self) -> u64 {
        if self.0 <= earlier.0 { 0 } else { self.0.abs_diff(earlier.0) }
    }

    /// Returns the whole second in which a JSON number of seconds lies, or `None` when the number is no time: negative,
    /// not finite, or greater than [`MAX_SENSIBLE`](Self::MAX_SENSIBLE).
    pub(crate) fn from_json_number(seconds: f64) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "the year 9999 is far below 2^53")]
        let latest = Self::MAX_SENSIBLE.0 as f64;
        if !(0.0..=latest).contains(&seconds) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "between 0 and the year 9999; the floor is meant"
        )]
        Some(Self(seconds.floor() as i64))
    }
}

impl fmt::Display for Timestamp {
    /// Writes the date as HTTP does (RFC 9110 §5.6.7). A time before 1970 or after the year 9999 is written as the bare
    /// number of seconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match u64::try_from(self.0) {
            Ok(seconds) if *self <= Self::MAX_SENSIBLE => {
                let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
                f.write_str(&httpdate::fmt_http_date(time))
            }
            _ => write!(f, "{}", self.0),
        }
    }
}

/// The source of the current time.
#[derive(Clone, Debug, Default)]
pub(crate) enum Clock {
    /// The operating system's clock.
    #[default]
    System,
    /// A clock that a test sets, in unix seconds.
    #[cfg(feature = "testing")]
    Settable(std::sync::Arc<std::sync::atomic::AtomicI64>),
    /// The time since this moment by tokio's clock, which a test can pause.
    #[cfg(test)]
    Tokio(tokio::time::Instant),
}

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::System => system_now(),
            #[cfg(feature = "testing")]
            Self::Settable(seconds) => Timestamp(seconds.load(std::sync::atomic::Ordering::SeqCst)),
            #[cfg(test)]
            Self::Tokio(began) => at(1_790_000_000).saturating_add(began.elapsed().as_secs()),
        }
    }
}

/// Returns the operating system's time. A clock before 1970 counts as 1970: every session is refused then, because its
/// `createdAt` lies in the future.
pub(crate) fn system_now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the place that the rule points to")]
    let now = std::time::SystemTime::now();
    let seconds = now.duration_since(std::time::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// The point in time that is this many seconds after 1970-01-01T00:00:00Z.
#[cfg(test)]
pub(crate) const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_numbers_that_are_no_time_are_none() {
        for seconds in [-1.0, f64::NAN, f64::INFINITY, 1e308, 253_402_300_800.0, 9_007_199_254_740_993.0] {
            assert_eq!(Timestamp::from_json_number(seconds), None, "{seconds}");
        }
        assert_eq!(Timestamp::from_json_number(100.5), Some(Timestamp(100)));
    }

    #[test]
    fn seconds_since_never_wraps() {
        assert_eq!(Timestamp(5).seconds_since(Timestamp(9)), 0);
        assert_eq!(Timestamp(i64::MAX).seconds_since(Timestamp(i64::MIN)), u64::MAX);
    }
}
