//! One line for a refused request, and not one per request when somebody sends a million of them.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::session::Reason;
use crate::time::Timestamp;

/// Logs why a request has no session. No part of the cookie is ever in it.
///
/// That nobody is signed in is ordinary, so it is a debug event; a cookie that was made for us and does not
/// work is worth a look, so it is a warning, at most [`WARNINGS_PER_SECOND`] of them.
pub(crate) fn log_refusal(reason: Reason, now: Timestamp) {
    match reason {
        Reason::NoCookie
        | Reason::Expired
        | Reason::TooOld
        | Reason::IdleTooLong
        | Reason::CeilingReached => {
            tracing::debug!(target: TARGET, reason = reason.code(), "no session");
        }
        _ => match LIMITER.permit(now) {
            Permit::Granted { suppressed: 0 } => {
                tracing::warn!(target: TARGET, reason = reason.code(), "session cookie refused");
            }
            Permit::Granted { suppressed } => {
                tracing::warn!(target: TARGET, reason = reason.code(), suppressed, "session cookie refused");
            }
            Permit::Denied => {}
        },
    }
}

/// Counts the lines of the current second.
struct Limiter {
    second: AtomicI64,
    lines: AtomicU64,
    suppressed: AtomicU64,
}

enum Permit {
    Denied,
    Granted { suppressed: u64 },
}

impl Limiter {
    /// Two threads that enter a new second together may both reset the count: a few lines more do no harm.
    fn permit(&self, now: Timestamp) -> Permit {
        if self.second.swap(now.as_unix(), Ordering::Relaxed) != now.as_unix() {
            self.lines.store(0, Ordering::Relaxed);
        }
        if self.lines.fetch_add(1, Ordering::Relaxed) < WARNINGS_PER_SECOND {
            Permit::Granted { suppressed: self.suppressed.swap(0, Ordering::Relaxed) }
        } else {
            self.suppressed.fetch_add(1, Ordering::Relaxed);
            Permit::Denied
        }
    }
}

static LIMITER: Limiter =
    Limiter { second: AtomicI64::new(i64::MIN), lines: AtomicU64::new(0), suppressed: AtomicU64::new(0) };

const WARNINGS_PER_SECOND: u64 = 10;

const TARGET: &str = "auth_runtime::refusal";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dos_03_a_flood_of_bad_cookies_is_ten_lines_a_second() {
        let limiter =
            Limiter { second: AtomicI64::new(0), lines: AtomicU64::new(0), suppressed: AtomicU64::new(0) };
        let now = Timestamp::from_unix(5);
        let granted =
            |at| (0..1_000_000).filter(|_| matches!(limiter.permit(at), Permit::Granted { .. })).count();
        assert_eq!(granted(now), 10);
        let Permit::Granted { suppressed } = limiter.permit(now.saturating_add(1)) else {
            panic!("a new second")
        };
        assert_eq!(suppressed, 999_990);
    }
}
