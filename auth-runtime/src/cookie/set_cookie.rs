//! `Set-Cookie` lines, with the attributes in the order of the wire.

use std::fmt::{self, Write as _};

use cookie::Cookie;
use http::HeaderValue;

use super::attributes::CookieAttributes;
use crate::time::Timestamp;

/// A `Set-Cookie` line. `Debug` shows the cookie's name only.
///
/// ```
/// use auth_runtime::codec::{KeyRing, RequestCookies, Secret, SessionCodec};
///
/// # let secret = auth_runtime::__private::random_secret();
/// let codec = SessionCodec::builder(KeyRing::new([Secret::new(secret)])?).build();
/// let cookies = RequestCookies::scan([b"__session=A".as_slice()], codec.cookie_name());
/// let lines = codec.clear(&cookies.seen_names());
/// assert_eq!((lines[0].name(), lines[0].value()), ("__session", ""));
/// assert_eq!(lines[0].as_str(), "__session=; Path=/; Max-Age=0; HttpOnly; SameSite=lax");
/// # Ok::<(), auth_runtime::codec::KeyRingError>(())
/// ```
#[derive(Clone)]
pub struct SetCookie {
    cookie: Cookie<'static>,
    line: String,
}

impl SetCookie {
    /// Makes a cookie that the browser keeps for `max_age` seconds, or until it closes when `max_age` is `None`.
    pub(crate) fn keep(
        name: String,
        value: String,
        attributes: &CookieAttributes,
        max_age: Option<u64>,
        now: Timestamp,
    ) -> Self {
        let mut lifetime = String::new();
        if let Some(max_age) = max_age {
            let max_age = max_age.min(MAX_AGE_LIMIT);
            // A cookie without time left ends at once by `Max-Age=0`, and needs no date.
            if max_age > 0 {
                // HTTP's format of dates (RFC 9110 §5.6.7) ends with the year 9999.
                let expires =
                    now.max(Timestamp::from_unix(0)).saturating_add(max_age).min(Timestamp::MAX_SENSIBLE);
                // Writing to a string cannot fail.
                let _ = write!(lifetime, "; Expires={expires}");
            }
            let _ = write!(lifetime, "; Max-Age={max_age}");
        }
        Self::new(Cookie::new(name, value), attributes, &lifetime)
    }

    /// Makes the removal of a cookie. It repeats the attributes, because browsers would keep the cookie otherwise.
    pub(crate) fn remove(name: String, attributes: &CookieAttributes) -> Self {
        Self::new(Cookie::new(name, ""), attributes, "; Max-Age=0")
    }

    fn new(cookie: Cookie<'static>, attributes: &CookieAttributes, lifetime: &str) -> Self {
        let mut line = cookie.stripped().to_string();
        attributes.write(&mut line, lifetime);
        Self { cookie, line }
    }

    /// Returns the cookie's name.
    pub fn name(&self) -> &str {
        self.cookie.name()
    }

    /// Returns the cookie's value, which is empty for a removal.
    pub fn value(&self) -> &str {
        self.cookie.value()
    }

    /// Returns the whole line, as it stands after `Set-Cookie: `.
    pub fn as_str(&self) -> &str {
        &self.line
    }

    /// Returns the line as a header value, marked sensitive.
    pub(crate) fn to_header_value(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&self.line).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// The longest time that browsers keep a cookie: 400 days, in seconds (RFC 6265bis §5.5).
const MAX_AGE_LIMIT: u64 = 400 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attributes_stand_in_the_order_of_the_wire() {
        let attributes = CookieAttributes::default()
            .with_domain("example.com")
            .and_then(|attributes| attributes.with_path("/app"))
            .unwrap()
            .with_secure(true)
            .with_same_site(cookie::SameSite::Strict);
        let now = Timestamp::from_unix(1_790_000_000);
        let kept = SetCookie::keep("__session".into(), "v".into(), &attributes, Some(86_400), now);
        assert_eq!(
            kept.as_str(),
            "__session=v; Path=/app; Expires=Tue, 22 Sep 2026 14:13:20 GMT; Max-Age=86400; Domain=example.com; Secure; HttpOnly; SameSite=strict"
        );
        let removed = SetCookie::remove("__session".into(), &attributes);
        assert_eq!(
            removed.as_str(),
            "__session=; Path=/app; Max-Age=0; Domain=example.com; Secure; HttpOnly; SameSite=strict"
        );
    }

    #[test]
    fn s_ck_3_no_cookie_is_kept_for_more_than_400_days() {
        let now = Timestamp::from_unix(1_790_000_000);
        let kept = SetCookie::keep("n".into(), "v".into(), &CookieAttributes::default(), Some(u64::MAX), now);
        assert!(kept.as_str().contains("; Max-Age=34560000;"), "{}", kept.as_str());
    }

    #[test]
    fn pay_05_no_time_makes_a_line_that_is_none() {
        let expires = |now| {
            let now = Timestamp::from_unix(now);
            let kept = SetCookie::keep("n".into(), "v".into(), &CookieAttributes::default(), Some(60), now);
            kept.as_str().split("; ").find_map(|part| part.strip_prefix("Expires=")).unwrap().to_owned()
        };
        let last = "Fri, 31 Dec 9999 23:59:59 GMT";
        assert_eq!(expires(253_402_300_738), "Fri, 31 Dec 9999 23:59:58 GMT");
        for now in [253_402_300_739, 253_402_300_740, 253_402_300_800, i64::MAX - 1, i64::MAX] {
            assert_eq!(expires(now), last, "{now}");
        }
        for now in [i64::MIN, -1, 0] {
            assert_eq!(expires(now), "Thu, 01 Jan 1970 00:01:00 GMT", "{now}");
        }
    }

    #[test]
    fn a_session_that_is_over_is_written_without_an_expiry_date() {
        let now = Timestamp::from_unix(1_790_000_000);
        let over = SetCookie::keep("n".into(), "v".into(), &CookieAttributes::default(), Some(0), now);
        assert_eq!(over.as_str(), "n=v; Path=/; Max-Age=0; HttpOnly; SameSite=lax");
    }
}
