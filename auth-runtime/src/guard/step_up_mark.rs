//! The mark in a page's address which says that the browser was sent to the sign-in for a stronger authentication.
//!
//! A provider may sign the user in again and still not fulfil what was asked. Without the mark the guard would then
//! send the browser to the sign-in for ever. The mark is in the query of the address that the sign-in leads back to, so
//! it works whichever service signs the user in, and no cookie is written for a request that was refused.
//!
//! The mark is not authenticated. A link with a forged mark makes the guard answer 401 where it would have sent the
//! browser to the sign-in, and does nothing else.

use std::borrow::Cow;
use std::time::Duration;

use http::Uri;

use crate::time::Timestamp;

/// Returns whether the browser comes back from a sign-in that was to be stronger: the address has the mark, and either
/// the mark is from a moment ago or the session is.
///
/// The first condition ends a circle of redirects that needs no user, whatever the clock says of the session. The
/// second one recognizes a user who needed longer for the sign-in. A user who opens the address again later, after the
/// authentication has become too old, is sent to the sign-in again.
///
/// `max_age` is the demand on the age of the authentication, if there is one. A moment is no longer than that, or a page
/// whose authentication has become too old would be taken for one that it never was enough for.
pub(super) fn was_asked_in_vain(
    uri: &Uri,
    max_age: Option<Duration>,
    session_began: Timestamp,
    now: Timestamp,
) -> bool {
    let moment = max_age.map_or(MOMENT, |max_age| max_age.as_secs().clamp(SHORTEST_MOMENT, MOMENT));
    let Some(asked_ago) = seconds_since_mark(uri, now) else { return false };
    let is_of_this_sign_in = asked_ago <= LONGEST_SIGN_IN;
    is_of_this_sign_in && (asked_ago <= moment || now.seconds_since(session_began) <= moment)
}

/// Returns whether the address has a mark from a moment ago.
pub(super) fn was_asked_just_now(uri: &Uri, now: Timestamp) -> bool {
    seconds_since_mark(uri, now).is_some_and(|asked_ago| asked_ago <= MOMENT)
}

/// Returns how many seconds ago the browser was sent to the sign-in, as the mark says. A mark that is slightly in the
/// future, by the clock of another service, is of now.
fn seconds_since_mark(uri: &Uri, now: Timestamp) -> Option<u64> {
    let asked_at = uri.query().and_then(asked_at)?;
    // A mark that is further in the future was not made here.
    (asked_at <= now.saturating_add(MOMENT)).then(|| now.seconds_since(asked_at))
}

/// Returns the address with a mark of this time, in place of an earlier one.
pub(super) fn with_mark(address: &str, asked_at: Timestamp) -> String {
    let unmarked = without_mark(address);
    let (unmarked, fragment) = split_fragment(&unmarked);
    let separator = if unmarked.contains('?') { '&' } else { '?' };
    format!("{unmarked}{separator}{NAME}={}{fragment}", asked_at.as_unix())
}

/// Returns the address with the mark that `remembered` has; `None` if there is none to add, because `remembered` has no
/// mark or the address has one.
#[cfg(feature = "oidc")]
pub(crate) fn with_mark_of(remembered: &str, address: &str) -> Option<String> {
    let asked_at = |address| asked_at(split_fragment(address).0.split_once('?')?.1);
    let of_remembered = asked_at(remembered)?;
    asked_at(address).is_none().then(|| with_mark(address, of_remembered))
}

/// Returns the address without a mark. Every other parameter keeps its bytes.
pub(crate) fn without_mark(address: &str) -> Cow<'_, str> {
    let (unfragmented, fragment) = split_fragment(address);
    match unfragmented.split_once('?') {
        Some((path, query)) if query.split('&').any(is_mark) => {
            let rest: Vec<_> = query.split('&').filter(|pair| !is_mark(pair)).collect();
            let separator = if rest.is_empty() { "" } else { "?" };
            Cow::Owned(format!("{path}{separator}{}{fragment}", rest.join("&")))
        }
        _ => Cow::Borrowed(address),
    }
}

/// Splits an address before the `#` of its fragment.
fn split_fragment(address: &str) -> (&str, &str) {
    address.split_at(address.find('#').unwrap_or(address.len()))
}

/// Reads the time of the mark in a query.
fn asked_at(query: &str) -> Option<Timestamp> {
    let (_, seconds) = query.split('&').rfind(|pair| is_mark(pair))?.split_once('=')?;
    // `parse` alone would accept a sign.
    let is_number = seconds.bytes().all(|byte| byte.is_ascii_digit());
    seconds.parse().ok().filter(|_| is_number).map(Timestamp::from_unix)
}

fn is_mark(pair: &str) -> bool {
    pair.strip_prefix(NAME).is_some_and(|rest| rest.starts_with('='))
}

/// The name of the query's parameter. Its value is the time at which the browser was sent to the sign-in, in seconds
/// since 1970.
const NAME: &str = "step_up_asked_at";

/// Seconds from the begin of a session to the request of the page that the callback leads to. They allow for a slow
/// network, and for clocks of two services that differ.
const MOMENT: u64 = 60;

/// Seconds that a moment has at least, however young the authentication has to be: the callback's redirect has to be
/// followed in them, or the circle of redirects would not end.
const SHORTEST_MOMENT: u64 = 10;

/// Seconds after which a mark says nothing any more: as long as a user may take to sign in.
const LONGEST_SIGN_IN: u64 = 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000;

    #[test]
    fn grd_08_a_mark_counts_at_once_or_right_after_the_sign_in_and_not_for_ever() {
        let is_in_vain = |asked_ago: i64, began_ago: i64| {
            let uri = format!("/?a=b&{NAME}={}", NOW - asked_ago).parse().unwrap();
            was_asked_in_vain(&uri, None, Timestamp::from_unix(NOW - began_ago), Timestamp::from_unix(NOW))
        };
        for (asked_ago, began_ago) in [(0, 9_999), (60, 9_999), (-60, 9_999), (61, 60), (3_600, 0), (61, -30)]
        {
            assert!(is_in_vain(asked_ago, began_ago), "{asked_ago} {began_ago}");
        }
        for (asked_ago, began_ago) in [(61, 61), (61, 9_999), (3_601, 0), (-61, 0), (NOW, 0), (-NOW, 0)] {
            assert!(!is_in_vain(asked_ago, began_ago), "{asked_ago} {began_ago}");
        }
    }

    #[test]
    fn grd_08_what_is_no_mark_says_nothing() {
        let now = Timestamp::from_unix(NOW);
        for query in [
            String::new(),
            NAME.to_owned(),
            format!("{NAME}="),
            format!("{NAME}=+{NOW}"),
            format!("{NAME}=-{NOW}"),
            format!("{NAME}={NOW}0000000000"),
            format!("{NAME}s={NOW}"),
            format!("x{NAME}={NOW}"),
            format!("STEP_UP_ASKED_AT={NOW}"),
            format!("a={NAME}={NOW}"),
            format!("{NAME}={NOW}&{NAME}=1"),
        ] {
            let uri = format!("/?{query}").parse().unwrap();
            assert!(!was_asked_in_vain(&uri, None, now, now), "{query}");
        }
        assert!(!was_asked_in_vain(&format!("/{NAME}={NOW}").parse().unwrap(), None, now, now));
    }

    #[test]
    fn an_address_has_one_mark_and_keeps_the_rest() {
        for (address, marked, unmarked) in [
            ("/", "/?step_up_asked_at=5", "/"),
            ("/a?", "/a?&step_up_asked_at=5", "/a?"),
            ("/a?b=%2F+&&c", "/a?b=%2F+&&c&step_up_asked_at=5", "/a?b=%2F+&&c"),
            ("/a?step_up_asked_at=1", "/a?step_up_asked_at=5", "/a"),
            ("/a?step_up_asked_at=1&b&step_up_asked_at=x", "/a?b&step_up_asked_at=5", "/a?b"),
            ("/a#b?c", "/a?step_up_asked_at=5#b?c", "/a#b?c"),
            (
                "/a?step_up_asked_at=1#b&step_up_asked_at=2",
                "/a?step_up_asked_at=5#b&step_up_asked_at=2",
                "/a#b&step_up_asked_at=2",
            ),
            ("/a?b#", "/a?b&step_up_asked_at=5#", "/a?b#"),
        ] {
            assert_eq!(with_mark(address, Timestamp::from_unix(5)), marked);
            assert_eq!(without_mark(address), unmarked);
            assert_eq!(without_mark(marked), unmarked);
        }
    }
}
