//! The log lines about refused requests, limited in number, since a client may send a million of them.
//!
//! Each kind of line has a limit of its own. Lines that any client can cause never use up the limit of this service's
//! errors. No error uses up the limit of another: errors are told apart by what failed and how.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use http::HeaderValue;

use super::kind::RejectionKind;
use crate::policy::PolicyError;
use crate::session::Reason;
use crate::shared::StoreError;
use crate::time::Timestamp;

/// Logs why a request has no session. The line never holds a part of the cookie.
///
/// A request without a session is ordinary, so it is a debug event. A cookie that was made for this service and does
/// not work is worth a look, so it is a warning, at most [`LINES_PER_SECOND`] of them.
pub(crate) fn log_refusal(reason: Reason, now: Timestamp) {
    match reason {
        Reason::NoCookie
        | Reason::Expired
        | Reason::TooOld
        | Reason::IdleTooLong
        | Reason::CeilingReached => {
            tracing::debug!(target: TARGET, reason = reason.code(), "no session");
        }
        _ => match COOKIES.permit(now) {
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

/// Logs that a signed-in user lacks something or has to sign in again. That is ordinary, so it is a debug event.
pub(crate) fn log_rejection(kind: RejectionKind) {
    tracing::debug!(target: TARGET, code = kind.code(), "request refused");
}

/// Logs that a signed-in browser sent a request which another site may have made it send. It is an attack, or an origin
/// that the configuration lacks, so it is a warning, at most [`LINES_PER_SECOND`] of them. Any client can write the two
/// headers, so only their beginning is shown, escaped.
pub(crate) fn log_cross_site(
    reason: &'static str,
    advice: &'static str,
    headers: [Option<&HeaderValue>; 2],
    now: Timestamp,
) {
    if let Permit::Granted { suppressed } = CROSS_SITE.permit(now) {
        let [sec_fetch_site, origin] = headers.map(|value| value.map(beginning));
        tracing::warn!(
            target: TARGET,
            reason,
            sec_fetch_site,
            origin,
            suppressed,
            "cross-site request refused: {advice}"
        );
    }
}

/// Logs why a policy could not decide: an error, at most [`LINES_PER_SECOND`] of them for each policy. The cause is the application's
/// own, for its operator. It may quote text of a client, so only its beginning is shown, escaped, on one line.
pub(crate) fn log_policy_error(error: &PolicyError, now: Timestamp) {
    let policy = error.policy();
    if let Permit::Granted { suppressed } = ERRORS.permit("policy", policy.unwrap_or_default(), now) {
        let error = on_one_line(error);
        tracing::error!(target: TARGET, policy, error, suppressed, "a policy could not decide");
    }
}

/// Logs that a request has another identity after the policies than before them: an error, at most
/// [`LINES_PER_SECOND`] of them for each list of policies, since every request to the handler may cause one.
pub(crate) fn log_changed_identity(policies: &[&str], now: Timestamp) {
    let policies = policies.join(", ");
    if let Permit::Granted { suppressed } = ERRORS.permit("identity", &policies, now) {
        tracing::error!(
            target: TARGET,
            policies,
            suppressed,
            "the request has another identity than the one that its policies judged: an extractor of a policy has changed \
             the header `Cookie` or the request's extensions"
        );
    }
}

/// Logs that a handler asks for a value which no policy loaded for it: an error, at most [`LINES_PER_SECOND`] of them for
/// each type, since every request to the handler causes one.
pub(crate) fn log_missing_value(ty: &'static str, now: Timestamp) {
    if let Permit::Granted { suppressed } = ERRORS.permit("permitted", ty, now) {
        tracing::error!(
            target: TARGET,
            ty,
            suppressed,
            "a handler takes a value that a policy loaded, and there is none: another parameter has taken it, or code in \
             front of this parameter has removed the request's extensions"
        );
    }
}

/// Logs that the session store failed: an error, at most [`LINES_PER_SECOND`] of them for each store and operation.
pub(crate) fn log_store_error(error: &StoreError, now: Timestamp) {
    let (store, operation) = error.place();
    if let Permit::Granted { suppressed } = ERRORS.permit(store, operation, now) {
        let error = on_one_line(error);
        tracing::error!(target: TARGET, error, suppressed, "the session store failed: check the server that `session_store` or `revocation` names");
    }
}

/// Logs that a handler takes `Session` without a guard: an error, at most [`LINES_PER_SECOND`] of them for each
/// handler, since every request to it causes one. `route` is the path as it was given to the router.
pub(crate) fn log_unguarded_session(route: Option<&str>, now: Timestamp) {
    if let Permit::Granted { suppressed } = ERRORS.permit("unguarded", route.unwrap_or_default(), now) {
        tracing::error!(
            target: TARGET,
            route,
            suppressed,
            "a handler takes `Session` without #[with_api_auth_required]: put the attribute above the handler"
        );
    }
}

/// Logs that a handler may not send an access token to an origin: an error, at most [`LINES_PER_SECOND`] of them for
/// each advice. The origin may be a client's choice, so only its beginning is shown. Path and query may hold secrets, so
/// they are never shown.
pub(crate) fn log_token_not_sent(origin: Option<&str>, advice: &'static str, now: Timestamp) {
    if let Permit::Granted { suppressed } = ERRORS.permit("fetch", advice, now) {
        let origin = origin.map(|origin| origin.get(..MAX_SHOWN_BYTES).unwrap_or(origin));
        tracing::error!(
            target: TARGET,
            origin,
            suppressed,
            "`session.fetch` may not send an access token to this origin: {advice}"
        );
    }
}

/// Logs why an endpoint of the sign-in failed, at most [`LINES_PER_SECOND`] times, since any client can call it.
/// Failures of this service or of the provider (`is_ours`) are errors, limited by code; failures that a client caused
/// are warnings with one limit for all. `provider_error` is the code that the provider gave, if it can be one.
pub(crate) fn log_sign_in_failure(
    failure: &dyn std::error::Error,
    code: &'static str,
    provider_error: Option<&str>,
    is_ours: bool,
    now: Timestamp,
) {
    let permit = if is_ours { ERRORS.permit("sign-in", code, now) } else { SIGN_INS.permit(now) };
    let Permit::Granted { suppressed } = permit else { return };
    if is_ours {
        tracing::error!(target: TARGET, %failure, code, provider_error, suppressed, "sign-in failed");
    } else {
        tracing::warn!(target: TARGET, %failure, code, provider_error, suppressed, "sign-in failed");
    }
}

/// Logs that a client sent a logout token that is not one of the provider's, at most [`LINES_PER_SECOND`] times.
pub(crate) fn log_refused_logout_token(code: &'static str, now: Timestamp) {
    if let Permit::Granted { suppressed } = LOGOUT_TOKENS.permit(now) {
        tracing::warn!(target: TARGET, code, suppressed, "logout token refused");
    }
}

/// Logs why a logout token could not be checked: an error, at most [`LINES_PER_SECOND`] of them, since any client can
/// send what looks like one.
pub(crate) fn log_unchecked_logout_token(code: &'static str, now: Timestamp) {
    if let Permit::Granted { suppressed } = ERRORS.permit("logout token", code, now) {
        tracing::error!(target: TARGET, code, suppressed, "a logout token could not be checked: check that the host of AUTH0_DOMAIN (`domain`) can be reached from here");
    }
}

/// Writes the beginning of the error and its causes on one line, escaped.
fn on_one_line(error: &impl fmt::Display) -> String {
    let mut line = OneLine(String::new());
    // An error here means that the line is full.
    if write!(line, "{error}").is_err() {
        line.0.push_str("...");
    }
    line.0
}

/// A text of bounded length. Characters are escaped that end a line, or that change the order in which a terminal or an
/// editor shows the line (the directional formatting characters of UAX #9 §2).
struct OneLine(String);

impl fmt::Write for OneLine {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.0.len() >= MAX_ERROR_BYTES {
                return Err(fmt::Error);
            }
            let is_escaped = c.is_control()
                || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if is_escaped {
                self.0.extend(c.escape_default());
            } else {
                self.0.push(c);
            }
        }
        Ok(())
    }
}

/// Returns the beginning of a header's value, escaped, on one line.
fn beginning(value: &HeaderValue) -> String {
    let bytes = value.as_bytes();
    match bytes.split_at_checked(MAX_SHOWN_BYTES) {
        Some((shown, [_, ..])) => format!("{}...", shown.escape_ascii()),
        _ => bytes.escape_ascii().to_string(),
    }
}

/// A counter of the lines of the current second.
struct Limiter {
    second: AtomicI64,
    lines: AtomicU64,
    /// Number of lines that were not logged since the last one that was.
    suppressed: AtomicU64,
}

/// The answer to a request for a line, with the number of lines that were suppressed before.
enum Permit {
    Denied,
    Granted { suppressed: u64 },
}

impl Limiter {
    const fn new() -> Self {
        Self { second: AtomicI64::new(i64::MIN), lines: AtomicU64::new(0), suppressed: AtomicU64::new(0) }
    }

    /// Returns whether another line may be logged. Two threads that enter a new second together may both reset the
    /// count; a few lines more do no harm.
    fn permit(&self, now: Timestamp) -> Permit {
        if self.second.swap(now.as_unix(), Ordering::Relaxed) != now.as_unix() {
            self.lines.store(0, Ordering::Relaxed);
        }
        if self.lines.fetch_add(1, Ordering::Relaxed) < LINES_PER_SECOND {
            Permit::Granted { suppressed: self.suppressed.swap(0, Ordering::Relaxed) }
        } else {
            self.suppressed.fetch_add(1, Ordering::Relaxed);
            Permit::Denied
        }
    }
}

/// The limiters, one for each kind of error.
struct Kinds(Mutex<Option<HashMap<String, Limiter>>>);

impl Kinds {
    const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Returns whether another line may be logged that `what` failed at `detail`. Both are words of this program or of
    /// the application, never of a request.
    fn permit(&self, what: &str, detail: &str, now: Timestamp) -> Permit {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kinds = kinds.get_or_insert_with(HashMap::new);
        let mut kind = format!("{what}\0{detail}");
        // The map is full: all further kinds share the limiter with the empty name.
        if kinds.len() >= MAX_KINDS && !kinds.contains_key(&kind) {
            kind.clear();
        }
        kinds.entry(kind).or_insert_with(Limiter::new).permit(now)
    }
}

static COOKIES: Limiter = Limiter::new();
static CROSS_SITE: Limiter = Limiter::new();
static ERRORS: Kinds = Kinds::new();
static LOGOUT_TOKENS: Limiter = Limiter::new();
static SIGN_INS: Limiter = Limiter::new();

/// Number of lines of one kind that are logged in one second.
const LINES_PER_SECOND: u64 = 10;

/// Number of kinds with a limiter of their own. It is more than there are stores, operations and codes together; if
/// there are more routes without a guard, the rest share one limiter.
const MAX_KINDS: usize = 512;

/// The length of an error's text, in bytes, from which on nothing more of it is shown. An application's error may quote a
/// query or an answer of any size.
const MAX_ERROR_BYTES: usize = 1_024;

/// The length of the longest origin, in bytes: `https://`, a host name of 253 characters (RFC 1035 §2.3.4) and a port.
const MAX_SHOWN_BYTES: usize = 267;

const TARGET: &str = "auth_runtime::refusal";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dos_03_a_flood_of_bad_cookies_is_ten_lines_a_second() {
        let limiter = Limiter::new();
        let now = Timestamp::from_unix(5);
        let granted =
            |at| (0..1_000_000).filter(|_| matches!(limiter.permit(at), Permit::Granted { .. })).count();
        assert_eq!(granted(now), 10);
        let Permit::Granted { suppressed } = limiter.permit(now.saturating_add(1)) else {
            panic!("a new second")
        };
        assert_eq!(suppressed, 999_990);
    }

    #[test]
    fn dos_03_no_flood_takes_the_line_of_an_error_of_another_kind() {
        let (kinds, now) = (Kinds::new(), Timestamp::from_unix(5));
        let is_granted =
            |what: &str, detail: &str| matches!(kinds.permit(what, detail, now), Permit::Granted { .. });
        for n in 0..10_000 {
            assert_eq!(is_granted("sign-in", "discovery"), n < 10);
        }
        for (what, detail) in [("sign-in", "session_store_unavailable"), ("redis", "get"), ("redis", "touch")]
        {
            assert!(is_granted(what, detail), "{what} {detail}");
        }
        // However many there are, they take a bounded place, and each new one has some line.
        for n in 0..10_000 {
            is_granted("unguarded", &format!("/{n}"));
        }
        assert_eq!(kinds.0.lock().unwrap().as_ref().unwrap().len(), MAX_KINDS + 1);
        assert!(is_granted("redis", "get"));
    }

    #[test]
    fn a_header_is_shown_in_part_and_on_its_line() {
        let shown = |bytes: &[u8]| beginning(&HeaderValue::from_bytes(bytes).unwrap());
        assert_eq!(shown(b"https://evil.example"), "https://evil.example");
        assert_eq!(shown(b"a\t\xc3\xa4\""), "a\\t\\xc3\\xa4\\\"");
        assert_eq!(shown(&[b'a'; 267]).len(), 267);
        assert_eq!(shown(&[b'a'; 268]).len(), 270);
        assert_eq!(shown(&[b'\t'; 1_000]).len(), 2 * 267 + 3);
    }

    #[test]
    fn an_errors_text_stays_on_its_line() {
        let error = PolicyError::from("no\r\nERROR auth_runtime: forged\u{1b}[2J\u{85}\"ü\"");
        assert_eq!(on_one_line(&error), "no\\r\\nERROR auth_runtime: forged\\u{1b}[2J\\u{85}\"ü\"");
    }

    #[test]
    fn no_character_of_an_errors_text_reorders_its_line() {
        for code in [0x61c, 0x200e, 0x200f].into_iter().chain(0x2028..=0x202e).chain(0x2066..=0x2069) {
            let c = char::from_u32(code).unwrap();
            assert_eq!(on_one_line(&format!("a{c}b")), format!("a\\u{{{code:x}}}b"));
        }
        let shown = "a\u{200d}\u{2027}\u{202f}\u{2065}\u{206a}ש";
        assert_eq!(on_one_line(&shown), shown);
    }

    #[test]
    fn an_errors_text_is_shown_up_to_a_length() {
        let shown = |text: String| on_one_line(&PolicyError::from(text));
        assert_eq!(shown("a".repeat(1_024)), "a".repeat(1_024));
        assert_eq!(shown("a".repeat(1_025)), format!("{}...", "a".repeat(1_024)));
        // The last character is whole, also where it is longer.
        assert_eq!(shown("ü".repeat(1 << 20)), format!("{}...", "ü".repeat(512)));
        assert_eq!(
            shown(format!("{}{}", "a".repeat(1_023), "\0".repeat(9))),
            format!("{}\\u{{0}}...", "a".repeat(1_023))
        );
    }
}
